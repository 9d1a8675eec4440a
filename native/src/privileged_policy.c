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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SMALL_BYTES = 4096,
    MAX_INSTANCES = 4,
    MAX_RING_KB = 64 << 10, /* of one CPU; all together an eighth of the memory */
    MAX_JOURNAL_BYTES = 4 << 20
};

struct policy policy;

static const char kdamonds[] = "/sys/kernel/mm/damon/admin/kdamonds";
static char instances[MAX_INSTANCES][PATH_BYTES];

/* ---- files --------------------------------------------------------------------------------------------------------- */

/* The path in a file of this machine, or of the tests' tree. */
static int below_root(char *out, const char *format, const char *a, const char *b) {
    char rest[PATH_BYTES];
    int n = snprintf(rest, sizeof rest, format, a, b);
    return n >= 0 && n < (int) sizeof rest && snprintf(out, PATH_BYTES, "%s%s", policy.root, rest) < PATH_BYTES;
}

/* A small file without blanks at its end; -1 if it cannot be read. */
static int text_of(const char *path, char *out) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = fd < 0 ? -1 : read(fd, out, SMALL_BYTES - 1);
    if (fd >= 0) close(fd);
    if (n < 0) return -1;
    while (n > 0 && isspace((unsigned char) out[n - 1])) n--;
    out[n] = 0;
    return 0;
}

/* ---- processes ---------------------------------------------------------------------------------------------------- */

/* Whether a process is there and wholly the user's: one that has executed a setuid program is not. */
static int is_his(long pid) {
    char file[64], line[256];
    struct stat s;
    if (pid == 2) return 1; /* kthreadd, which has no memory, stands for processes that have ended */
    if (pid < 1) return 0;
    snprintf(file, sizeof file, "/proc/%ld", pid);
    if (stat(file, &s) != 0) return 0; /* nobody's now, and anybody's later */
    if (policy.any_process || policy.user == 0) return 1;
    if (s.st_uid != policy.user) return 0;
    snprintf(file, sizeof file, "/proc/%ld/status", pid);
    FILE *status = fopen(file, "re");
    int his = 0;
    while (status && fgets(line, sizeof line, status)) {
        unsigned long id[4];
        if (sscanf(line, "Uid: %lu %lu %lu %lu", &id[0], &id[1], &id[2], &id[3]) == 4)
            his = id[0] == policy.user && id[1] == policy.user && id[2] == policy.user && id[3] == policy.user;
    }
    if (status) fclose(status);
    return his;
}

/* Whether all targets of all contexts of a kdamond are the user's. */
static int targets_are_his(const char *kdamond) {
    char path[PATH_BYTES], text[SMALL_BYTES];
    for (int c = 0;; c++) {
        if (snprintf(path, sizeof path, "%s/contexts/%d/operations", kdamond, c) >= (int) sizeof path) return 0;
        if (text_of(path, text) != 0) return c > 0 || errno == ENOENT;
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
    DIR *directory = opendir(all);
    int answer = 0;
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

/* Whether what runs is the thread that we have started. */
static int is_ours(const char *kdamond) {
    char text[SMALL_BYTES];
    return policy.is_started && kdamond_text(kdamond, "pid", text) == 0 && !strcmp(text, started_thread);
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
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return 0;
    FILE *journal = fstat(fd, &s) == 0 && s.st_uid == policy.user ? fdopen(fd, "r") : NULL;
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
    if (runs(path) && !targets_are_his(path)) {
        stop(path);
        fputs("damson-privileged: stopped the kdamond: a target is no longer a process of the user\n", stderr);
    }
}

void let_go(void) {
    if (policy.is_started) each_kdamond(stop);
    policy.is_started = policy.has_set_up = policy.has_lock = 0;
}

void leave(void) {
    let_go();
    for (int i = 0; i < MAX_INSTANCES; i++)
        if (instances[i][0]) rmdir(instances[i]);
}

/* ---- instances ---------------------------------------------------------------------------------------------------- */

static int is_our_instance(const char *path) {
    for (int i = 0; i < MAX_INSTANCES; i++) {
        size_t n = strlen(instances[i]);
        if (n && strncmp(path, instances[i], n) == 0 && (path[n] == '/' || !path[n])) return 1;
    }
    return 0;
}

void made_instance(const char *path) {
    for (int i = 0; i < MAX_INSTANCES; i++)
        if (!instances[i][0]) {
            strcpy(instances[i], path);
            return;
        }
}

void removed_instance(const char *path) {
    for (int i = 0; i < MAX_INSTANCES; i++)
        if (!strcmp(instances[i], path)) instances[i][0] = 0;
}

static int has_room_for_instance(void) {
    for (int i = 0; i < MAX_INSTANCES; i++)
        if (!instances[i][0]) return 1;
    return 0;
}

/* Ours, or that of a recorder that is certainly dead: damson-PID-START-NUMBER. */
int may_remove_instance(const char *path) {
    long pid;
    unsigned long long start, now = 0;
    int number, end = 0;
    char file[64], text[SMALL_BYTES];
    if (is_our_instance(path)) return 0;
    if (sscanf(strrchr(path, '/') + 1, "damson-%9ld-%20llu-%9d%n", &pid, &start, &number, &end) != 3 || (strrchr(path, '/') + 1)[end])
        return EACCES;
    snprintf(file, sizeof file, "/proc/%ld/stat", pid);
    if (text_of(file, text) != 0) return errno == ENOENT || errno == ESRCH ? 0 : EACCES;
    char *after = strrchr(text, ')');
    if (!after || sscanf(after + 1, " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu", &now) != 1)
        return EACCES;
    return now == start ? EACCES : 0;
}

static int ring_fits(long kb) {
    char line[256];
    long memory_kb = 0;
    FILE *meminfo = fopen("/proc/meminfo", "re");
    if (meminfo && fgets(line, sizeof line, meminfo)) sscanf(line, "MemTotal: %ld", &memory_kb);
    if (meminfo) fclose(meminfo);
    return kb >= 1 && kb <= MAX_RING_KB && kb * sysconf(_SC_NPROCESSORS_CONF) <= memory_kb / 8;
}

static int may_write_instance(const char *path, const char *value) {
    const char *name = strrchr(path, '/') + 1;
    if (!is_our_instance(path)) return EACCES;
    if (!strcmp(name, "trace_clock")) return strcmp(value, "mono") ? EINVAL : 0;
    if (!strcmp(name, "buffer_percent")) return decimal(value) >= 0 && decimal(value) <= 100 ? 0 : EINVAL;
    if (!strcmp(name, "buffer_size_kb")) return ring_fits(decimal(value)) ? 0 : EINVAL;
    return strcmp(value, "0") && strcmp(value, "1") ? EINVAL : 0;
}

/* ---- requests ----------------------------------------------------------------------------------------------------- */

int may(char operation, const char *path) {
    if (!is_listed(operation, path)) return EACCES;
    switch (operation) {
    case 'M': return has_room_for_instance() ? 0 : ENOSPC;
    case 'O': return is_our_instance(path) ? 0 : EACCES;
    case 'X': {
        struct stat s;
        if (!policy.has_lock) return EACCES;
        return lstat(path, &s) == 0 && geteuid() == 0 && s.st_uid != policy.user ? EACCES : 0;
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
    if (!strcmp(name, "nr_kdamonds")) return 0;
    size_t start = strlen(policy.root) + sizeof kdamonds;
    size_t end = start + strcspn(path + start, "/");
    memcpy(kdamond, path, end);
    kdamond[end] = 0;
    if (!policy.has_set_up && !is_left_by_him(kdamond)) return EACCES;
    if (!strcmp(name, "pid_target") && !is_his(decimal(value))) return strcmp(value, "0") ? EACCES : 0;
    if (!strcmp(name, "state") && (!strcmp(value, "on") || !strcmp(value, "commit")) && !targets_are_his(kdamond)) return EACCES;
    return 0;
}

void written(const char *path, const char *value) {
    const char *name = strrchr(path, '/') + 1;
    if (!strcmp(name, "nr_kdamonds")) policy.has_set_up = 1;
    if (strcmp(name, "state") != 0) return;
    if (strncmp(value, "on", 2) == 0) {
        char kdamond[PATH_BYTES], thread[SMALL_BYTES] = "";
        snprintf(kdamond, sizeof kdamond, "%.*s", (int) (name - 1 - path), path);
        policy.is_started = kdamond_text(kdamond, "pid", thread) == 0;
        snprintf(started_thread, sizeof started_thread, "%.31s", thread);
    }
    if (strncmp(value, "on", 2) == 0 || strncmp(value, "commit", 6) == 0) watch_targets();
    if (strncmp(value, "off", 3) == 0) policy.is_started = 0;
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
        if (!S_ISREG(s.st_mode) || s.st_uid != (geteuid() == 0 ? policy.user : geteuid())) return EACCES;
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
