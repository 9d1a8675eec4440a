/*
 * Holds the privilege that recording kernel DAMON takes, so that the recorder need not: started as root, it runs the
 * recorder as another user and does for it, over a socket, what is on a fixed list of files, nothing else. Rings are
 * opened here and handed over as descriptors. See usage() and docs/DAMON.md.
 *
 * A request is one packet: operation (1 byte), length of the path (2 bytes, the machine's order), path, value. A reply is
 * one packet: errno or 0 (4 bytes), data; with 'O', the descriptor comes with it.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PACKET = 1 << 16, PATH_BYTES = 1024 };

static char root[PATH_BYTES]; /* before every path; empty but in tests */
static char tracefs[PATH_BYTES];
static uid_t user;
static int any_process;
static int lock_fd = -1;
static char packet[PACKET];
static char answer[PACKET];

static void usage(void) {
    fputs("usage: damson-privileged --user NAME [--any-process] -- damson record --source damon ...\n"
          "  runs the command as NAME and does for it what needs root: DAMON's sysfs files, a private tracefs instance,\n"
          "  the journal in /run/damson; nothing else\n"
          "  --any-process  NAME may also monitor processes of others, and physical memory\n"
          "  --root DIR     take all files from below DIR and do not change the user (tests)\n",
        stderr);
    exit(2);
}

static void die(const char *what) {
    fprintf(stderr, "damson-privileged: %s: %s\n", what, strerror(errno));
    exit(4);
}

/* ---- which files ------------------------------------------------------------------------------------------------- */

enum where { HERE, TRACEFS };
struct rule {
    const char *operations;
    enum where where;
    int subtree; /* the pattern is a directory, all below it is meant */
    const char *pattern;
};
/* R read, L list, W write, M make and D remove a directory, O open, K lock, A append, X remove a file */
static const struct rule rules[] = {
    {"RL", HERE, 1, "/sys/kernel/mm/damon"},
    {"W", HERE, 1, "/sys/kernel/mm/damon/admin/kdamonds"},
    {"RL", HERE, 1, "/sys/module/damon_stat/parameters"},
    {"RL", HERE, 1, "/sys/module/damon_reclaim/parameters"},
    {"RL", HERE, 1, "/sys/module/damon_lru_sort/parameters"},
    {"W", HERE, 0, "/sys/module/damon_stat/parameters/enabled"},
    {"RL", HERE, 1, "/sys/devices/system/node"},
    {"RL", HERE, 1, "/sys/devices/system/memory"},
    {"R", HERE, 0, "/proc/iomem"},
    {"R", HERE, 0, "/proc/sys/kernel/random/boot_id"},
    {"RL", HERE, 1, "/run/damson"},
    {"K", HERE, 0, "/run/damson/lock"},
    {"AX", HERE, 0, "/run/damson/changes"},
    {"L", TRACEFS, 0, ""},
    {"L", TRACEFS, 0, "/events"},
    {"R", TRACEFS, 0, "/events/header_page"},
    {"R", TRACEFS, 0, "/events/ftrace/raw_data/format"},
    {"RL", TRACEFS, 1, "/events/damon"},
    {"L", TRACEFS, 0, "/instances"},
    {"MDL", TRACEFS, 0, "/instances/damson-*"},
    {"RL", TRACEFS, 0, "/instances/damson-*/per_cpu"},
    {"R", TRACEFS, 0, "/instances/damson-*/per_cpu/cpu*/stats"},
    {"O", TRACEFS, 0, "/instances/damson-*/per_cpu/cpu*/trace_pipe_raw"},
    {"R", TRACEFS, 0, "/instances/damson-*/buffer_total_size_kb"},
    {"W", TRACEFS, 0, "/instances/damson-*/trace_clock"},
    {"W", TRACEFS, 0, "/instances/damson-*/buffer_size_kb"},
    {"W", TRACEFS, 0, "/instances/damson-*/buffer_percent"},
    {"W", TRACEFS, 0, "/instances/damson-*/tracing_on"},
    {"W", TRACEFS, 0, "/instances/damson-*/events/damon/enable"},
};

/* Absolute, of plain characters, without empty, "." or ".." parts. */
static int is_plain(const char *path) {
    if (path[0] != '/') return 0;
    for (const char *p = path; *p; p++) {
        if (*p == '/' && (p[1] == '/' || p[1] == '.' || p[1] == 0)) return 0;
        if (!strchr("/._-", *p) && !(*p >= '0' && *p <= '9') && !(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z')) return 0;
    }
    return 1;
}

static int is_allowed(char operation, const char *path) {
    size_t skip = strlen(root);
    if (!is_plain(path) || strncmp(path, root, skip) != 0 || path[skip] != '/') return 0;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct rule *r = &rules[i];
        if (!strchr(r->operations, operation)) continue;
        const char *rest = path + skip;
        if (r->where == TRACEFS) {
            size_t length = strlen(tracefs);
            if (!length || strncmp(path, tracefs, length) != 0 || (path[length] && path[length] != '/')) continue;
            rest = path + length;
        }
        size_t length = strlen(r->pattern);
        if (r->subtree ? strncmp(rest, r->pattern, length) == 0 && (rest[length] == '/' || !rest[length])
                       : fnmatch(r->pattern, rest, FNM_PATHNAME | FNM_PERIOD) == 0)
            return 1;
    }
    return 0;
}

/* The values that would show the user what is not his. */
static int is_his(const char *path, const char *value) {
    const char *name = strrchr(path, '/') + 1;
    if (any_process || user == 0) return 1;
    if (strcmp(name, "operations") == 0) return strncmp(value, "paddr", 5) != 0;
    if (strcmp(name, "pid_target") != 0) return 1;
    char *end, file[64];
    long pid = strtol(value, &end, 10);
    if (*end || end == value || pid < 1) return 0;
    if (pid == 2) return 1; /* kthreadd, which has no memory, stands for processes that have ended */
    struct stat s;
    snprintf(file, sizeof file, "/proc/%ld", pid);
    if (stat(file, &s) != 0) return 1; /* nobody's: the kernel refuses it */
    return s.st_uid == user;
}

/* tracefs as it is mounted, the usual place first; below the root in tests */
static void find_tracefs(void) {
    if (root[0]) {
        if ((size_t) snprintf(tracefs, sizeof tracefs, "%s/sys/kernel/tracing", root) >= sizeof tracefs) usage();
        return;
    }
    FILE *mounts = fopen("/proc/self/mountinfo", "re");
    char line[4096], at[PATH_BYTES];
    while (mounts && fgets(line, sizeof line, mounts)) {
        char *dash = strstr(line, " - tracefs ");
        if (dash && sscanf(line, "%*s %*s %*s %*s %1023s", at) == 1 && is_plain(at)
            && (!tracefs[0] || strcmp(at, "/sys/kernel/tracing") == 0))
            strcpy(tracefs, at);
    }
    if (mounts) fclose(mounts);
}

/* ---- operations: each gives errno or 0, and sets *length of the answer's data ------------------------------------- */

static int read_all(const char *path, size_t *length) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return errno;
    int failed = 0;
    size_t room = PACKET - sizeof(int32_t);
    while (*length <= room) {
        /* one byte more than there is room for, to tell a file that is too large */
        char more;
        ssize_t got = *length < room ? read(fd, answer + sizeof(int32_t) + *length, room - *length) : read(fd, &more, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) failed = errno;
        if (got <= 0) break;
        if (*length == room) failed = EFBIG;
        if (failed) break;
        *length += got;
    }
    close(fd);
    if (failed) *length = 0;
    return failed;
}

static int list(const char *path, size_t *length) {
    DIR *directory = opendir(path);
    if (!directory) return errno;
    int failed = 0;
    for (struct dirent *e; !failed && (e = readdir(directory));) {
        size_t n = strlen(e->d_name);
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) continue;
        if (*length + n + 1 > PACKET - sizeof(int32_t)) {
            failed = EFBIG;
            break;
        }
        memcpy(answer + sizeof(int32_t) + *length, e->d_name, n);
        *length += n;
        answer[sizeof(int32_t) + (*length)++] = '\n';
    }
    closedir(directory);
    return failed;
}

static int put(const char *path, int flags, const char *value, size_t length) {
    int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return errno;
    ssize_t done;
    do {
        done = write(fd, value, length);
    } while (done < 0 && errno == EINTR);
    int failed = done < 0 ? errno : (size_t) done != length ? EIO : 0;
    close(fd);
    return failed;
}

static int take_lock(const char *path) {
    char directory[PATH_BYTES];
    if (lock_fd >= 0) return EAGAIN;
    strcpy(directory, path);
    *strrchr(directory, '/') = 0;
    if (mkdir(directory, 0700) != 0 && errno != EEXIST) return errno;
    lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock_fd < 0) return errno;
    if (flock(lock_fd, LOCK_EX | LOCK_NB) == 0) return 0;
    int failed = errno;
    close(lock_fd);
    lock_fd = -1;
    return failed;
}

static void reply(int socket, int failed, size_t length, int descriptor) {
    int32_t code = failed;
    memcpy(answer, &code, sizeof code);
    struct iovec data = {answer, sizeof code + (failed ? 0 : length)};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    if (descriptor >= 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &descriptor, sizeof descriptor);
    }
    while (sendmsg(socket, &message, MSG_NOSIGNAL) < 0 && errno == EINTR) continue;
}

/* Answers one request; 0 when the other side has gone. */
static int serve(int socket) {
    ssize_t got = recv(socket, packet, sizeof packet - 1, MSG_TRUNC);
    if (got < 0) return errno == EINTR;
    if (got == 0) return 0;
    uint16_t path_length = 0;
    char path[PATH_BYTES], operation = packet[0];
    size_t length = 0;
    if (got >= 3) memcpy(&path_length, packet + 1, 2);
    if (got < 3 || got > (ssize_t) sizeof packet - 1 || path_length >= sizeof path || 3 + path_length > got
        || memchr(packet + 3, 0, path_length)) {
        reply(socket, EINVAL, 0, -1);
        return 1;
    }
    memcpy(path, packet + 3, path_length);
    path[path_length] = 0;
    packet[got] = 0;
    char *value = packet + 3 + path_length;
    size_t value_length = got - 3 - path_length;
    int failed = 0, descriptor = -1;
    if (operation == 'U') {
        if (lock_fd >= 0) close(lock_fd);
        lock_fd = -1;
    } else if (!is_allowed(operation, path) || (operation == 'W' && !is_his(path, value))) {
        failed = EACCES;
    } else {
        switch (operation) {
        case 'R': failed = read_all(path, &length); break;
        case 'L': failed = list(path, &length); break;
        case 'W': failed = put(path, O_WRONLY | O_TRUNC, value, value_length); break;
        case 'A': failed = put(path, O_WRONLY | O_APPEND | O_CREAT, value, value_length); break;
        case 'M': failed = mkdir(path, 0700) ? errno : 0; break;
        case 'D': failed = rmdir(path) ? errno : 0; break;
        case 'X': failed = unlink(path) && errno != ENOENT ? errno : 0; break;
        case 'K': failed = take_lock(path); break;
        case 'O':
            descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
            failed = descriptor < 0 ? errno : 0;
            break;
        default: failed = EINVAL;
        }
    }
    reply(socket, failed, length, descriptor);
    if (descriptor >= 0) close(descriptor);
    return 1;
}

/* ---- the two processes ---------------------------------------------------------------------------------------------- */

static pid_t child;

static void forward(int signal) {
    kill(child, signal);
}

static void become(const struct passwd *who) {
    if (initgroups(who->pw_name, who->pw_gid) || setgid(who->pw_gid) || setuid(who->pw_uid)) die("cannot change the user");
    if (setuid(0) == 0) die("the privilege came back");
    setenv("HOME", who->pw_dir, 1);
    setenv("USER", who->pw_name, 1);
    setenv("LOGNAME", who->pw_name, 1);
}

int main(int argc, char **argv) {
    const char *name = NULL;
    int i = 1;
    for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (!strcmp(argv[i], "--user") && i + 1 < argc) name = argv[++i];
        else if (!strcmp(argv[i], "--any-process")) any_process = 1;
        else if (!strcmp(argv[i], "--root") && i + 1 < argc && strlen(argv[i + 1]) < sizeof root / 2) strcpy(root, argv[++i]);
        else usage();
    }
    if (i + 1 >= argc || !name == !root[0]) usage();
    if (root[0] && !is_plain(root)) usage();
    struct passwd *who = NULL;
    user = getuid();
    if (name) {
        who = getpwnam(name);
        if (!who || who->pw_uid == 0) {
            fprintf(stderr, "damson-privileged: --user %s: %s\n", name, who ? "that is root" : "no such user");
            return 2;
        }
        user = who->pw_uid;
        if (geteuid() != 0) {
            fputs("damson-privileged: has to be started as root, as in: sudo damson-privileged ...\n", stderr);
            return 4;
        }
    }
    find_tracefs();
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) die("socketpair");
    struct sigaction act = {.sa_handler = forward};
    sigset_t held, before;
    sigemptyset(&held);
    sigaddset(&held, SIGTERM);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGHUP);
    sigaddset(&held, SIGUSR1);
    sigprocmask(SIG_BLOCK, &held, &before);
    child = fork();
    if (child < 0) die("fork");
    if (child == 0) {
        sigprocmask(SIG_SETMASK, &before, NULL);
        close(pair[0]);
        if (who) become(who);
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) die("no_new_privs");
        char number[16];
        snprintf(number, sizeof number, "%d", pair[1]);
        setenv("DAMSON_PRIVILEGED", number, 1);
        if (fcntl(pair[1], F_SETFD, 0)) die("fcntl");
        execvp(argv[i + 1], argv + i + 1);
        die(argv[i + 1]);
    }
    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGHUP, &act, NULL);
    sigaction(SIGUSR1, &act, NULL);
    /* A terminal sends its interrupt to both. */
    signal(SIGINT, SIG_IGN);
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(pair[1]);
    while (serve(pair[0])) continue;
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
