/*
 * What attacks on damson-privileged are made of: a tree of plain files in a directory, requests to the helper, and what has to
 * come of them. Each test is its own attacker: the helper starts it again, as nobody when all was started as root.
 */
#ifndef ATTACKER_H
#define ATTACKER_H
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define KDAMONDS "/sys/kernel/mm/damon/admin/kdamonds"
#define TARGET KDAMONDS "/0/contexts/0/targets/0/pid_target"
#define JOURNAL "/run/damson/changes"
#define RINGS "/sys/kernel/tracing/instances"

static char root[200];
static int helper = -1, failures;

static inline const char *at(const char *path) {
    static char full[8][1200];
    static int next;
    char *out = full[next = (next + 1) % 8];
    snprintf(out, sizeof full[0], "%s%s", root, path);
    return out;
}

static inline void put(const char *path, const char *text) {
    FILE *f = fopen(at(path), "w");
    if (!f || fputs(text, f) < 0 || fclose(f)) perror(at(path)), exit(1);
}

static inline char *get(const char *path) {
    static char text[4096];
    FILE *f = fopen(at(path), "r");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f) fclose(f);
    text[n] = 0;
    return text;
}

static inline void directory(const char *path) {
    char *full = strdup(at(path));
    for (char *p = full + strlen(root) + 1; *p; p++)
        if (*p == '/') *p = 0, mkdir(full, 0755), *p = '/';
    mkdir(full, 0755);
    free(full);
}

static char answered[1 << 16];

/* Sends a request and gives its errno. */
static inline int ask(char operation, const char *path, const char *value) {
    char packet[1 << 16];
    uint16_t length = (uint16_t) strlen(at(path));
    size_t n = strlen(value);
    packet[0] = operation;
    memcpy(packet + 1, &length, 2);
    memcpy(packet + 3, at(path), length);
    memcpy(packet + 3 + length, value, n);
    if (send(helper, packet, 3 + length + n, MSG_NOSIGNAL) < 0) return -1;
    ssize_t got = recv(helper, packet, sizeof packet, 0);
    int32_t code = -1;
    if (got >= 4) memcpy(&code, packet, 4);
    answered[0] = 0;
    if (got > 4 && code == 0) snprintf(answered, sizeof answered, "%.*s", (int) strcspn(packet + 4, "\n"), packet + 4);
    return code;
}

static inline void expect(int right, const char *format, ...) {
    va_list args;
    if (right) return;
    failures++;
    va_start(args, format);
    printf("GAINED: ");
    vprintf(format, args);
    putchar('\n');
    va_end(args);
}

static inline void refused(char operation, const char *path, const char *value, const char *why) {
    int code = ask(operation, path, value);
    expect(code > 0, "%c %s '%.60s' (%s): answer %d", operation, path, value, why, code);
}

static inline void granted(char operation, const char *path, const char *value) {
    int code = ask(operation, path, value);
    expect(code == 0, "NOT GRANTED %c %s '%.60s': %s", operation, path, value, strerror(code));
}

static inline char *number(const char *format, long n) {
    static char text[4][160];
    static int next;
    next = (next + 1) % 4;
    snprintf(text[next], sizeof text[0], format, n);
    return text[next];
}

/* A ring named after this process, which may have it. */
static inline char *own_ring(int n) {
    static char name[8][200];
    char stat[4096];
    int fd = open("/proc/self/stat", O_RDONLY);
    ssize_t got = fd < 0 ? 0 : read(fd, stat, sizeof stat - 1);
    close(fd);
    stat[got] = 0;
    char *field = strrchr(stat, ')') + 2;
    for (int i = 0; i < 19; i++) field = strchr(field, ' ') + 1;
    snprintf(name[n % 8], sizeof name[0], RINGS "/damson-%d-%.*s-%d", getpid(), (int) strcspn(field, " "), field, n);
    return name[n % 8];
}

static inline int removed(const char *path, const struct stat *s, int type, struct FTW *f) {
    (void) s, (void) type, (void) f;
    return remove(path);
}

static inline void copy(const char *from, const char *to) {
    char command[1000];
    snprintf(command, sizeof command, "cp '%s' '%s' && chmod 755 '%s'", from, to, to);
    if (system(command)) exit(1);
}

static inline int run(char *const *argv) {
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        const struct passwd *nobody = getpwnam("nobody");
        setenv("SECRET", "1", 1);
        int fd = open(getuid() ? "/etc/hostname" : "/etc/shadow", O_RDONLY);
        if (fd >= 0) dup2(fd, 7);
        if (getuid() == 0 && argv[2][0] != '-' && (!nobody || setgid(nobody->pw_gid) || setuid(nobody->pw_uid))) _exit(99);
        execv(argv[0], argv);
        _exit(98);
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* An empty tree at root, with copies of the attacker and the helper that nobody can execute; their names are attacker and helper. */
static inline void plant(const char *attacker, const char *privileged) {
    strcpy(root, "/tmp/damson-privileged-XXXXXX");
    umask(022);
    if (!mkdtemp(root) || chmod(root, 0755)) perror(root), exit(1);
    copy(attacker, at("/attacker"));
    copy(privileged, at("/helper"));
    directory(KDAMONDS "/0/contexts/0/targets/0");
    directory("/sys/module/damon_stat/parameters");
    directory(RINGS "/damson-1-2-0/per_cpu/cpu0");
    directory("/run/damson");
    directory("/etc");
    directory("/proc/sys/kernel/random");
    put("/proc/sys/kernel/random/boot_id", "boot-1\n");
    put("/etc/passwd", "root\n");
    put("/sys/module/damon_stat/parameters/enabled", "Y\n");
    put(KDAMONDS "/nr_kdamonds", "1\n");
    put(KDAMONDS "/0/state", "off\n");
    put(KDAMONDS "/0/pid", "-1\n");
    put(KDAMONDS "/0/contexts/0/operations", "vaddr\n");
    put(KDAMONDS "/0/contexts/0/targets/nr_targets", "1\n");
    put(TARGET, "0\n");
    put(RINGS "/damson-1-2-0/tracing_on", "1\n");
    put(RINGS "/damson-1-2-0/per_cpu/cpu0/trace_pipe_raw", "secret\n");
}

static inline void give_to_nobody(void) {
    char command[300];
    snprintf(command, sizeof command, "chown -R nobody '%s'", root);
    if (getuid() == 0 && system(command)) exit(1);
}

/* Has the helper start the attacker over the tree; what the tree holds afterwards is left to be looked at. */
static inline void attack_by(const char *how) {
    char *const as_user[] = {strdup(at("/helper")), "--root", root, "--", strdup(at("/attacker")), (char *) how, root, NULL};
    int status = run(as_user);
    expect(status == 0, "the attacker's status is %d", status);
}

static inline int end_of_attacks(void) {
    nftw(root, removed, 16, FTW_DEPTH | FTW_PHYS);
    printf("damson-privileged: %s\n", failures ? "attacked with success" : "all attacks refused");
    return failures != 0;
}

#endif
