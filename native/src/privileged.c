/*
 * Holds the privilege that recording kernel DAMON takes, so that the recorder need not: started as root, it runs the
 * recorder as another user and does for it, over a socket, what is on a fixed list of files, nothing else. Rings are
 * opened here and handed over as descriptors. See usage() and docs/DAMON.md.
 */
#define _GNU_SOURCE
#include "privileged.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WATCH_MS = 500 };

static void usage(void) {
    fputs("usage: damson-privileged --user NAME [--any-process] -- damson record --source damon ...\n"
          "  runs the command as NAME and does for it what needs root: DAMON's sysfs files, a private tracefs instance,\n"
          "  the journal in /run/damson; nothing else\n"
          "  --any-process  NAME may also monitor processes of others, and physical memory\n"
          "  --root DIR     take all files from below DIR and do not change the user (tests; refused as root)\n",
        stderr);
    exit(2);
}

static void die(const char *what) {
    fprintf(stderr, "damson-privileged: %s: %s\n", what, strerror(errno));
    exit(4);
}

/* tracefs as it is mounted, the usual place first; below the root in tests */
static void find_tracefs(void) {
    if (policy.root[0]) {
        if ((size_t) snprintf(policy.tracefs, sizeof policy.tracefs, "%s/sys/kernel/tracing", policy.root) >= sizeof policy.tracefs) usage();
        return;
    }
    FILE *mounts = fopen("/proc/self/mountinfo", "re");
    char line[4096], at[PATH_BYTES];
    while (mounts && fgets(line, sizeof line, mounts)) {
        char *dash = strstr(line, " - tracefs ");
        if (dash && sscanf(line, "%*s %*s %*s %*s %1023s", at) == 1 && is_plain(at)
            && (!policy.tracefs[0] || strcmp(at, "/sys/kernel/tracing") == 0))
            strcpy(policy.tracefs, at);
    }
    if (mounts) fclose(mounts);
}

/* ---- the two processes ---------------------------------------------------------------------------------------------- */

static pid_t child;

/* A terminal's interrupt reaches us alone, as the command is in a session of its own: there it goes to all. */
static void forward(int signal) {
    if (signal != SIGINT || kill(-child, signal) != 0) kill(child, signal);
}

/* Without CAP_SYS_RESOURCE, as in some containers, a hard limit stays; then nothing is begun. */
static void lift_limit(int which, rlim_t value) {
    struct rlimit most = {value, value};
    if (setrlimit(which, &most)) die("the limits of who started it (ulimit -H) are to be lifted");
}

/*
 * We watch what runs, and stop it at the end. So nothing may end us, stop us or have us wait that the user can do from his terminal,
 * or has left on the way here: what programs inherit.
 */
static void stand_firm(void) {
    static const int unheard[] = {SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU, SIGXFSZ, SIGUSR2, SIGIO};
    for (size_t i = 0; i < sizeof unheard / sizeof *unheard; i++) signal(unheard[i], SIG_IGN);
    prctl(PR_SET_TIMERSLACK, 50000UL);
    if (geteuid() != 0) return;
    lift_limit(RLIMIT_CPU, RLIM_INFINITY);
    lift_limit(RLIMIT_FSIZE, RLIM_INFINITY);
    lift_limit(RLIMIT_AS, RLIM_INFINITY);
    lift_limit(RLIMIT_DATA, RLIM_INFINITY);
    lift_limit(RLIMIT_STACK, RLIM_INFINITY);
    lift_limit(RLIMIT_NOFILE, 1024);
    lift_limit(RLIMIT_CORE, 0);
    /* Where these are refused, as in a container, whoever set it up decides. */
    cpu_set_t all;
    memset(&all, 0xff, sizeof all);
    sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0});
    setpriority(PRIO_PROCESS, 0, 0);
    sched_setaffinity(0, sizeof all, &all);
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    if (write(fd, "-1000", 5) != 5) errno = 0;
    close(fd);
}

/* What the command has nothing to do with: the terminal's input queue, and keys in the session keyring of who started us. */
static void leave_session(void) {
    if (setsid() < 0) die("setsid");
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS && errno != EPERM && errno != EACCES) die("keyctl");
}

/* What the command gets of the environment, which is that of the administrator: nothing that could hold a secret. */
static const char *const kept[] = {"PATH", "TERM", "COLUMNS", "TZ", "LANG", "NO_COLOR", "JAVA_HOME", "DAMSON_JAVA_OPTS",
                                   "NOTIFY_SOCKET", "WATCHDOG_USEC", NULL};

static void clean_environment(const struct passwd *who, int socket) {
    char *values[sizeof kept / sizeof *kept] = {NULL}, *locale[32] = {NULL};
    int locales = 0;
    for (int i = 0; kept[i]; i++)
        if (getenv(kept[i])) values[i] = strdup(getenv(kept[i]));
    for (char **e = environ; *e && locales < 32; e++)
        if (!strncmp(*e, "LC_", 3)) locale[locales++] = strdup(*e);
    if (clearenv()) die("clearenv");
    for (int i = 0; kept[i]; i++)
        if (values[i] && setenv(kept[i], values[i], 1)) die("setenv");
    for (int i = 0; i < locales; i++)
        if (locale[i] && putenv(locale[i])) die("putenv");
    if (who && (setenv("HOME", who->pw_dir, 1) || setenv("USER", who->pw_name, 1) || setenv("LOGNAME", who->pw_name, 1))) die("setenv");
    char number[16];
    snprintf(number, sizeof number, "%d", socket);
    if (setenv("DAMSON_PRIVILEGED", number, 1)) die("setenv");
}

static void close_from(int first) {
    if (syscall(SYS_close_range, first, ~0U, 0) == 0) return;
    long most = sysconf(_SC_OPEN_MAX);
    for (int fd = first; fd < (most > 0 && most < 1 << 20 ? most : 1 << 20); fd++) close(fd);
}

/* Whoever started us may have left none of the first three, or others that are not the command's. */
static void only_standard_descriptors(void) {
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd) _exit(4);
    close_from(3);
}

static void become(const struct passwd *who) {
    if (initgroups(who->pw_name, who->pw_gid) || setgid(who->pw_gid) || setuid(who->pw_uid)) die("cannot change the user");
    if (setuid(0) == 0) die("the privilege came back");
}

int main(int argc, char **argv) {
    const char *name = NULL;
    int i = 1;
    only_standard_descriptors();
    signal(SIGCHLD, SIG_DFL); /* else the command's status is lost */
    for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (!strcmp(argv[i], "--user") && i + 1 < argc) name = argv[++i];
        else if (!strcmp(argv[i], "--any-process")) policy.any_process = 1;
        else if (!strcmp(argv[i], "--root") && i + 1 < argc && strlen(argv[i + 1]) < sizeof policy.root / 2)
            strcpy(policy.root, argv[++i]);
        else usage();
    }
    if (i + 1 >= argc || !name == !policy.root[0]) usage();
    if (policy.root[0] && !is_plain(policy.root)) usage();
    if (policy.root[0] && (geteuid() == 0 || getuid() == 0)) {
        fputs("damson-privileged: --root is for tests and keeps the user: not as root\n", stderr);
        return 2;
    }
    struct passwd *who = NULL;
    policy.user = getuid();
    if (name) {
        who = getpwnam(name);
        if (!who || who->pw_uid == 0) {
            fprintf(stderr, "damson-privileged: --user %s: %s\n", name, who ? "that is root" : "no such user");
            return 2;
        }
        policy.user = who->pw_uid;
        /* With the setuid bit anybody would choose the user, and could end us. */
        if (geteuid() != 0 || getuid() != 0) {
            fputs("damson-privileged: has to be started as root, as in: sudo damson-privileged ...\n", stderr);
            return 4;
        }
    }
    find_tracefs();
    int pair[2];
    int firm[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) die("socketpair");
    if (pipe2(firm, O_CLOEXEC)) die("pipe2");
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
        char begin;
        sigprocmask(SIG_SETMASK, &before, NULL);
        close(firm[1]);
        if (read(firm[0], &begin, 1) != 1) _exit(4); /* who watches it is not there, and has said why */
        leave_session();
        if (who) become(who);
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) die("no_new_privs");
        if (dup2(pair[1], 3) != 3) die("dup2");
        close_from(4);
        clean_environment(who, 3);
        if (fcntl(3, F_SETFD, 0)) die("fcntl");
        execvp(argv[i + 1], argv + i + 1);
        die(argv[i + 1]);
    }
    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGHUP, &act, NULL);
    sigaction(SIGUSR1, &act, NULL);
    sigaction(SIGINT, &act, NULL);
    stand_firm();
    /* What was sent and held back before we were executed comes now: what ends us ends us before anything begins. */
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (write(firm[1], "", 1) != 1) die("pipe");
    close(firm[0]);
    close(firm[1]);
    close(pair[1]);
    struct pollfd requests = {.fd = pair[0], .events = POLLIN};
    struct timespec now;
    long long watched_ms = 0;
    for (int going = 1; going;) {
        int ready = poll(&requests, 1, WATCH_MS);
        if (ready > 0) going = serve(pair[0]);
        clock_gettime(CLOCK_MONOTONIC, &now);
        long long ms = now.tv_sec * 1000LL + now.tv_nsec / 1000000;
        if (ms - watched_ms >= WATCH_MS) {
            watched_ms = ms;
            watch_targets();
        }
    }
    leave();
    close(pair[0]);
    siginfo_t ended;
    while (waitid(P_PID, child, &ended, WEXITED | WNOWAIT) < 0 && errno == EINTR) continue;
    /* Its id may be another's from here on. */
    sigprocmask(SIG_BLOCK, &held, NULL);
    int status;
    if (waitpid(child, &status, 0) < 0) die("waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
