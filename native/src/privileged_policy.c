/*
 * Which requests damson-privileged grants. The user is taken for an attacker: every value is checked for its form
 * (privileged_forms.c), every target for whose process it is, when it is written, when it is started and while it runs;
 * every kdamond, instance and line of the journal for whether it is his own.
 */
#define _GNU_SOURCE
#include "privileged.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_JOURNAL_BYTES = 4 << 20 };

struct policy policy;

static const char kdamonds[] = "/sys/kernel/mm/damon/admin/kdamonds";

/* ---- files --------------------------------------------------------------------------------------------------------- */

/* The path in a file of this machine, or of the tests' tree. */
static int below_root(char *out, const char *format, const char *a, const char *b) {
    char rest[PATH_BYTES];
    int n = snprintf(rest, sizeof rest, format, a, b);
    return n >= 0 && n < (int) sizeof rest && snprintf(out, PATH_BYTES, "%s%s", policy.root, rest) < PATH_BYTES;
}

/* ---- processes ---------------------------------------------------------------------------------------------------- */

unsigned long long start_of(long pid) {
    char file[64], text[SMALL_BYTES];
    unsigned long long start = 0;
    snprintf(file, sizeof file, "/proc/%ld/stat", pid);
    const char *after = text_of(file, text) == 0 ? strrchr(text, ')') : NULL;
    if (!after || sscanf(after + 1, " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu", &start) != 1) return 0;
    return start;
}

/* kthreadd, which has no memory and stands for processes that have ended; in a container 2 may be anybody's process. */
static int is_kthreadd(long pid) {
    char text[SMALL_BYTES];
    unsigned long parent = 1, flags = 0;
    const char *after = pid == 2 && text_of("/proc/2/stat", text) == 0 ? strrchr(text, ')') : NULL;
    enum { PF_KTHREAD = 0x00200000 };
    return after && sscanf(after + 1, " %*c %lu %*s %*s %*s %*s %lu", &parent, &flags) == 2 && parent == 0 && (flags & PF_KTHREAD);
}

/*
 * Whether a process is there and wholly the user's: one that has executed a setuid program is not, nor one whose memory the
 * kernel does not let him look into, because it has a group or capabilities that he has not, was another's before, or does
 * not wish it: all but its directory in /proc is root's then.
 */
int is_his(long pid) {
    char file[64], line[256], state = '?';
    struct stat s;
    if (pid < 1) return 0;
    if (is_kthreadd(pid)) return 1;
    snprintf(file, sizeof file, "/proc/%ld", pid);
    if (stat(file, &s) != 0) return 0; /* nobody's now, and anybody's later */
    if (policy.any_process || policy.user == 0) return 1;
    if (s.st_uid != policy.user) return 0;
    snprintf(file, sizeof file, "/proc/%ld/maps", pid);
    int is_open = stat(file, &s) == 0 && s.st_uid == policy.user;
    snprintf(file, sizeof file, "/proc/%ld/status", pid);
    FILE *status = fopen(file, "re");
    int his = 0;
    while (status && fgets(line, sizeof line, status)) {
        unsigned long id[4];
        sscanf(line, "State: %c", &state);
        if (sscanf(line, "Uid: %lu %lu %lu %lu", &id[0], &id[1], &id[2], &id[3]) == 4)
            his = id[0] == policy.user && id[1] == policy.user && id[2] == policy.user && id[3] == policy.user;
    }
    if (status) fclose(status);
    /* One that waits to be reaped has no memory left. */
    return his && (is_open || state == 'Z' || state == 'X');
}

/* Whether all targets of all contexts of a kdamond are the user's. */
static int targets_are_his(const char *kdamond) {
    char path[PATH_BYTES], text[SMALL_BYTES];
    for (int c = 0;; c++) {
        if (snprintf(path, sizeof path, "%s/contexts/%d/operations", kdamond, c) >= (int) sizeof path) return 0;
        if (text_of(path, text) != 0) return errno == ENOENT;
        if (!strcmp(text, "paddr")) {
            if (!policy.any_process && policy.user != 0) return 0;
            continue;
        }
        for (int t = 0; t <= 1000; t++) {
            if (snprintf(path, sizeof path, "%s/contexts/%d/targets/%d/pid_target", kdamond, c, t) >= (int) sizeof path) return 0;
            if (text_of(path, text) != 0) {
                if (errno == ENOENT) break;
                return 0;
            }
            if (!is_his(decimal(text))) return 0;
        }
    }
}

/* ---- kdamonds ----------------------------------------------------------------------------------------------------- */

/* Calls for every kdamond that there is, until one answer is not 0. */
static int each_kdamond(int (*ask)(const char *kdamond)) {
    char all[PATH_BYTES], one[PATH_BYTES + 300];
    if (!below_root(all, "%s%s", kdamonds, "")) return ENAMETOOLONG;
    int fd = open_inside(all, O_RDONLY | O_DIRECTORY);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    int answer = directory || errno == ENOENT ? 0 : errno;
    for (struct dirent *e; directory && !answer && (e = readdir(directory));) {
        if (!isdigit((unsigned char) e->d_name[0])) continue;
        snprintf(one, sizeof one, "%s/%s", all, e->d_name);
        if (strlen(one) < PATH_BYTES) answer = ask(one);
    }
    if (directory) closedir(directory);
    return answer;
}

/* A file of a kdamond, asked for again while it is refused as busy. */
static int kdamond_text(const char *kdamond, const char *file, char *out) {
    char path[PATH_BYTES];
    if (snprintf(path, sizeof path, "%s/%s", kdamond, file) >= (int) sizeof path) return -1;
    for (int i = 0; i < 50; i++) {
        if (text_of(path, out) == 0) return 0;
        if (errno == ENOENT) return -1;
        usleep(5000);
    }
    errno = EBUSY;
    return -1;
}

/* One whose state cannot be read counts as running. */
static int runs(const char *kdamond) {
    char text[SMALL_BYTES];
    return kdamond_text(kdamond, "state", text) == 0 ? strcmp(text, "on") == 0 : errno != ENOENT;
}

static char started_thread[32];

/* The first, which is the only one that is started: another would have to be watched too. */
static int is_first(const char *kdamond) {
    return !strcmp(strrchr(kdamond, '/') + 1, "0");
}

/* Whether what runs is the thread that we have started. If that could not be read at once, what we find first is it. */
static int is_ours(const char *kdamond) {
    char text[SMALL_BYTES];
    if (!policy.is_started || !is_first(kdamond) || kdamond_text(kdamond, "pid", text) != 0) return 0;
    if (!started_thread[0]) snprintf(started_thread, sizeof started_thread, "%.31s", text);
    return !strcmp(text, started_thread);
}

static int stop(const char *kdamond) {
    char path[PATH_BYTES];
    if (snprintf(path, sizeof path, "%s/state", kdamond) >= (int) sizeof path) return 0;
    /* Asked before every try: once ours has ended, another may start his. */
    for (int i = 0; i < 100 && is_ours(kdamond) && runs(kdamond); i++) {
        put_file(path, O_WRONLY | O_TRUNC, "off", 3);
        usleep(5000);
    }
    return 0;
}

/* Whether the journal is the user's, of this boot, and says that its recorder has started what runs as this thread. */
static int is_left_by_him(const char *kdamond) {
    char path[PATH_BYTES], boot[SMALL_BYTES], thread[SMALL_BYTES], wanted[PATH_BYTES + 80], line[SMALL_BYTES];
    struct stat s;
    if (!below_root(path, "%s%s", "/run/damson/changes", "")) return 0;
    int fd = open_inside(path, O_RDONLY);
    if (fd < 0) return 0;
    FILE *journal = fstat(fd, &s) == 0 && is_his_journal(&s) ? fdopen(fd, "r") : NULL;
    if (!journal) {
        close(fd);
        return 0;
    }
    int of_this_boot = 0, found = 0;
    if (below_root(path, "%s%s", "/proc/sys/kernel/random/boot_id", "") && text_of(path, boot) == 0 && fgets(line, sizeof line, journal))
        of_this_boot = strncmp(line, "boot\t", 5) == 0 && strncmp(line + 5, boot, strlen(boot)) == 0 && line[5 + strlen(boot)] == '\t';
    int known = kdamond_text(kdamond, "pid", thread) == 0;
    const char *relative = kdamond + strlen(policy.root) + strlen("/sys/");
    /* The line is "runs TAB path TAB thread BLANK start", which we have checked when it was appended. */
    snprintf(wanted, sizeof wanted, "runs\t%s\t%.20s ", relative, known ? thread : "?");
    while (of_this_boot && !found && fgets(line, sizeof line, journal)) found = strncmp(line, wanted, strlen(wanted)) == 0;
    fclose(journal);
    return of_this_boot && (found || !runs(kdamond));
}

static int is_others(const char *kdamond) {
    return runs(kdamond) && !is_ours(kdamond) && !is_left_by_him(kdamond);
}

static int is_any_others(void) {
    return each_kdamond(is_others);
}

void watch_targets(void) {
    char path[PATH_BYTES];
    if (!policy.is_started || !below_root(path, "%s/%s", kdamonds, "0")) return;
    if (!runs(path) || targets_are_his(path)) return;
    stop(path);
    /* Not where it would be waited for: a full pipe, a terminal that was halted. */
    struct pollfd told = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (!runs(path) && poll(&told, 1, 0) == 1 && told.revents == POLLOUT)
        fputs("damson-privileged: stopped the kdamond: a target is no longer a process of the user\n", stderr);
}

void let_go(void) {
    if (policy.is_started) each_kdamond(stop);
    policy.is_started = policy.has_set_up = policy.has_lock = 0;
}

void leave(void) {
    let_go();
    leave_instances();
}

/* ---- requests ----------------------------------------------------------------------------------------------------- */

int may(char operation, const char *path) {
    if (!is_listed(operation, path)) return EACCES;
    switch (operation) {
    case 'O': return is_our_instance(path) ? 0 : EACCES;
    case 'X': {
        struct stat s;
        if (!policy.has_lock) return EACCES;
        return lstat(path, &s) == 0 && geteuid() == 0 && !is_his_journal(&s) ? EACCES : 0;
    }
    default: return 0;
    }
}

/* The value without the newline that may end it; 0 if there is anything else that ends it. */
static int plain_value(const char *value, size_t length, char *out) {
    if (length > MAX_VALUE_BYTES || memchr(value, 0, length)) return 0;
    memcpy(out, value, length);
    out[length] = 0;
    if (length && out[length - 1] == '\n') out[length - 1] = 0;
    return 1;
}

int may_write(const char *path, const char *raw, size_t length) {
    char value[MAX_VALUE_BYTES + 1], kdamond[PATH_BYTES];
    const char *rest = path + strlen(policy.root);
    if (!plain_value(raw, length, value)) return EINVAL;
    if (policy.tracefs[0] && strncmp(path, policy.tracefs, strlen(policy.tracefs)) == 0) return may_write_instance(path, value);
    if (!policy.has_lock) return EACCES;
    if (strncmp(rest, "/sys/module/", 12) == 0) return strcmp(value, "Y") && strcmp(value, "N") ? EINVAL : 0;
    if (!is_value(path, value)) return EACCES;
    if (is_any_others()) return EBUSY;
    const char *name = strrchr(path, '/') + 1;
    int failed = may_make_objects(path, value);
    if (failed || !strcmp(name, "nr_kdamonds")) return failed;
    size_t start = strlen(policy.root) + sizeof kdamonds;
    size_t end = start + strcspn(path + start, "/");
    memcpy(kdamond, path, end);
    kdamond[end] = 0;
    if (!policy.has_set_up && (!strncmp(name, "nr_", 3) || !is_left_by_him(kdamond))) return EACCES;
    if (!strcmp(name, "pid_target") && !is_his(decimal(value))) return strcmp(value, "0") ? EACCES : 0;
    if (strcmp(name, "state") != 0) return 0;
    if (!is_first(kdamond)) return EACCES;
    if ((!strcmp(value, "on") || !strcmp(value, "commit")) && !targets_are_his(kdamond)) return EACCES;
    /* What a killed recorder left running is not watched: it may be stopped only. */
    return strcmp(value, "on") && strcmp(value, "off") && runs(kdamond) && !is_ours(kdamond) ? EBUSY : 0;
}

void written(const char *path, const char *value) {
    const char *name = strrchr(path, '/') + 1;
    made_objects(path, value);
    if (!strcmp(name, "nr_kdamonds")) policy.has_set_up = 1;
    if (strcmp(name, "state") != 0) return;
    char kdamond[PATH_BYTES];
    snprintf(kdamond, sizeof kdamond, "%.*s", (int) (name - 1 - path), path);
    if (strncmp(value, "on", 2) == 0) {
        policy.is_started = 1;
        started_thread[0] = 0;
        is_ours(kdamond);
    }
    if (strncmp(value, "on", 2) == 0 || strncmp(value, "commit", 6) == 0) watch_targets();
    if (strncmp(value, "off", 3) == 0 && !runs(kdamond)) policy.is_started = 0;
}

/* A value as it stands in the journal: \t, \n and \\ for those three. */
static int unescape(char *text) {
    char *to = text;
    for (char *from = text; *from; from++) {
        char c = *from;
        if (c == '\\') {
            c = *++from;
            if (!c) return 0;
            c = c == 't' ? '\t' : c == 'n' ? '\n' : c;
        }
        *to++ = c;
    }
    *to = 0;
    return 1;
}

/* One line without its end. What root puts back one day may only be what is there now, or what the user may write. */
static int is_honest(char *line) {
    char path[PATH_BYTES], now[SMALL_BYTES];
    char *file = strchr(line, '\t');
    char *value = file ? strchr(file + 1, '\t') : NULL;
    if (!value || strchr(value + 1, '\t')) return 0;
    *file++ = 0;
    *value++ = 0;
    if (!unescape(file) || !unescape(value) || strlen(value) >= SMALL_BYTES) return 0;
    if (!strcmp(line, "boot"))
        return below_root(path, "%s%s", "/proc/sys/kernel/random/boot_id", "") && text_of(path, now) == 0 && !strcmp(now, file)
            && decimal(value) > 0;
    if (!strcmp(line, "suspend")) return !strcmp(file, "damon_stat") && !*value;
    if (!below_root(path, "/sys/%s%s", file, "") || !is_listed('W', path)
        || strncmp(file, kdamonds + 5, sizeof kdamonds - 6) != 0 || file[sizeof kdamonds - 6] != '/')
        return 0;
    if (!strcmp(line, "was"))
        return !policy.has_set_up && strcmp(strrchr(path, '/') + 1, "state") && text_of(path, now) == 0 && !strcmp(now, value);
    if (!strcmp(line, "set")) return is_value(path, value) && !is_any_others();
    if (!strcmp(line, "runs")) {
        char thread[PATH_BYTES + 8];
        if (!policy.is_started) return 0;
        if (!strcmp(value, "none")) return 1;
        snprintf(thread, sizeof thread, "%s/pid", path);
        return text_of(thread, now) == 0 && strncmp(value, now, strlen(now)) == 0 && value[strlen(now)] == ' '
            && strspn(value + strlen(now) + 1, "0123456789") == strlen(value + strlen(now) + 1);
    }
    return 0;
}

int may_append(const char *path, const char *text, size_t length) {
    struct stat s;
    if (!policy.has_lock) return EACCES;
    if (lstat(path, &s) == 0) {
        if (!S_ISREG(s.st_mode) || (s.st_size && !is_his_journal(&s))) return EACCES;
        if (s.st_size + (off_t) length > MAX_JOURNAL_BYTES) return EFBIG;
    }
    if (!length || text[length - 1] != '\n' || memchr(text, 0, length)) return EINVAL;
    char *lines = strndup(text, length);
    int honest = lines != NULL;
    for (char *line = lines, *end; honest && *line; line = end + 1) {
        end = strchr(line, '\n');
        *end = 0;
        honest = is_honest(line);
    }
    free(lines);
    return honest ? 0 : EACCES;
}
