/*
 * Attacks on damson-privileged at its edges: what it inherits, what terminals and timers send it, links in the tree, processes
 * that only look like the user's, second kdamonds, many rings, what is left when it ends. See attacker.h.
 */
#include "attacker.h"

#include <linux/keyctl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define NODE "/sys/devices/system/node/node0"
#define CONTEXT KDAMONDS "/0/contexts/0"
#define INTERVALS CONTEXT "/monitoring_attrs/intervals"
#define REGIONS CONTEXT "/monitoring_attrs/nr_regions"

/* A process of this user; one that forbids to look into it is what a setgid program or one with capabilities is. */
static pid_t sleeper(int is_open) {
    int told[2];
    char ready;
    if (pipe(told)) exit(1);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        prctl(PR_SET_DUMPABLE, is_open);
        if (write(told[1], "", 1) != 1) _exit(1);
        for (;;) pause();
    }
    if (read(told[0], &ready, 1) != 1) exit(1);
    close(told[0]);
    close(told[1]);
    return pid;
}

static void attack_directories(void) {
    if (chmod(at("/run/damson"), 0777)) exit(1);
    refused('K', "/run/damson/lock", "", "a directory where everybody puts journals");
    if (chmod(at("/run/damson"), 0755)) exit(1);
    granted('K', "/run/damson/lock", "");
    if (link(at("/etc/passwd"), at(JOURNAL))) exit(1);
    refused('A', JOURNAL, "suspend\tdamon_stat\t\n", "another name of another file");
    granted('X', JOURNAL, "");
    expect(!strcmp(get("/etc/passwd"), "root\n"), "a line in another file");
    granted('R', NODE "/meminfo", "");
    refused('R', NODE "/cpu0/passwd", "", "through a link");
    refused('L', NODE "/cpu0", "", "through a link");
}

static void attack_targets(void) {
    pid_t open = sleeper(1), closed = sleeper(0);
    granted('W', KDAMONDS "/nr_kdamonds", "2");
    refused('W', KDAMONDS "/0/contexts/0/other/passwd", "1", "through a link");
    expect(!strcmp(get("/etc/passwd"), "root\n"), "a file behind a link was written");
    granted('W', TARGET, number("%ld", open));
    refused('W', TARGET, number("%ld", closed), "a process that has more than the user");
    put(TARGET, number("%ld", closed));
    refused('W', KDAMONDS "/0/state", "on", "the same at the start");
    /* One that has ended and waits to be reaped is no reason to end the others. */
    kill(closed, SIGKILL);
    siginfo_t dead;
    waitid(P_PID, closed, &dead, WEXITED | WNOWAIT);
    granted('W', TARGET, number("%ld", closed));
    waitpid(closed, NULL, 0);
    granted('W', TARGET, number("%ld", open));
    put(KDAMONDS "/1/contexts/0/targets/0/pid_target", number("%ld", open));
    refused('W', KDAMONDS "/1/state", "on", "a second kdamond, which nobody watches");
    refused('W', KDAMONDS "/1/state", "off", "a second kdamond instead of the first");
    granted('W', INTERVALS "/sample_us", "10000000");
    refused('W', INTERVALS "/sample_us", "10000001", "a kdamond that cannot be stopped for as long");
    refused('W', INTERVALS "/aggr_us", "18446744073709551615", "the same");

    /* What a killed recorder left may be stopped, not used. */
    put(KDAMONDS "/0/pid", "77\n");
    granted('A', JOURNAL, "boot\tboot-1\t7\n");
    granted('W', KDAMONDS "/0/state", "on");
    granted('A', JOURNAL, "runs\tkernel/mm/damon/admin/kdamonds/0\t77 5\n");
    granted('U', "", "");
    granted('K', "/run/damson/lock", "");
    put(KDAMONDS "/0/state", "on\n");
    granted('W', TARGET, number("%ld", open));
    refused('W', KDAMONDS "/0/state", "commit", "a kdamond that this helper does not watch");
    granted('W', KDAMONDS "/0/state", "off");
    kill(open, SIGKILL);
}

/* Each count is allowed, and all of them together would be gigabytes of the kernel's memory. */
static void attack_memory(void) {
    int code = 0, n = 0;
    granted('W', KDAMONDS "/nr_kdamonds", "1");
    granted('W', REGIONS "/max", "100000");
    refused('W', REGIONS "/max", "100001", "regions without bound");
    refused('W', REGIONS "/min", "18446744073709551615", "regions without bound");
    granted('W', CONTEXT "/targets/nr_targets", "1000");
    for (; n < 10 && !code; n++) code = ask('W', number(CONTEXT "/targets/%ld/regions/nr_regions", n), "10000");
    expect(code == ENOSPC && n == 7, "%d targets of 10,000 regions: %d", n, code);
    granted('W', CONTEXT "/targets/0/regions/nr_regions", "0");
    granted('W', CONTEXT "/targets/6/regions/nr_regions", "10000");
    refused('W', CONTEXT "/targets/0/regions/nr_regions", "10000", "one more");
    granted('W', CONTEXT "/targets/nr_targets", "1");
    granted('W', CONTEXT "/targets/0/regions/nr_regions", "10000");
    granted('W', CONTEXT "/schemes/nr_schemes", "1");
    granted('W', KDAMONDS "/0/state", "update_schemes_tried_regions");
    granted('W', CONTEXT "/schemes/nr_schemes", "2");
    refused('W', KDAMONDS "/0/state", "update_schemes_tried_regions", "a directory for each of 200,000 regions");
    refused('W', KDAMONDS "/0/state", "on off", "two words");
    put(KDAMONDS "/0/state", "off\n");
    granted('W', KDAMONDS "/nr_kdamonds", "1");
}

/* Asks and does not read the answers, until there is no room for one: what runs would not be watched meanwhile. The last attack. */
static void attack_by_silence(void) {
    char packet[300];
    uint16_t length = (uint16_t) strlen(at(KDAMONDS));
    packet[0] = 'L';
    memcpy(packet + 1, &length, 2);
    memcpy(packet + 3, at(KDAMONDS), length);
    put(KDAMONDS "/0/pid", "77\n");
    granted('W', TARGET, number("%ld", getpid()));
    granted('W', KDAMONDS "/0/state", "on");
    for (int i = 0; i < 3000 && !strcmp(get(KDAMONDS "/0/state"), "on"); i++) {
        if (send(helper, packet, 3u + length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN) break;
        if (i > 2000) usleep(2000);
    }
    for (int i = 0; i < 300 && strcmp(get(KDAMONDS "/0/state"), "off"); i++) usleep(10000);
    expect(!strcmp(get(KDAMONDS "/0/state"), "off"), "a helper that waits for the reader of its answers watches nothing");
}

static void attack_rings(void) {
    char file[300];
    refused('M', RINGS "/damson-1-1-0", "", "the name of one that never ends");
    refused('M', number(RINGS "/damson-%ld-1-0", getpid()), "", "another start");
    granted('M', own_ring(0), "");
    snprintf(file, sizeof file, "%s/buffer_size_kb", own_ring(0));
    put(file, "1\n");
    granted('W', file, "64");
    put(RINGS "/damson-1-2-0/buffer_total_size_kb", "999999999999\n");
    refused('W', file, "64", "the machine's memory, with other helpers'");
    put(RINGS "/damson-1-2-0/buffer_total_size_kb", "7 (expanded: 999999999999)\n");
    refused('W', file, "64", "the same once the first event comes");
    put(RINGS "/damson-1-2-0/buffer_total_size_kb", "7 (expanded: 1408)\n");
    granted('W', file, "64");
    for (int i = 1; i < 16; i++) directory(number(RINGS "/damson-1-2-%ld", i));
    refused('M', own_ring(1), "", "more rings than all helpers may have");
    for (int i = 1; i < 16; i++) rmdir(at(number(RINGS "/damson-1-2-%ld", i)));
    granted('M', own_ring(1), "");
    granted('D', own_ring(1), "");
    /* One that is in use when all ends, as its files are in it. */
    snprintf(file, sizeof file, "%s/events/damon", own_ring(0));
    directory(file);
    strcat(file, "/enable");
    put(file, "1\n");
    snprintf(file, sizeof file, "%s/tracing_on", own_ring(0));
    put(file, "1\n");
    put("/etc/ring", own_ring(0));
}

static int attack(void) {
    static const int signals[] = {SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU, SIGXFSZ, SIGUSR2, SIGIO};
    helper = atoi(getenv("DAMSON_PRIVILEGED"));
    attack_directories();
    attack_targets();
    attack_memory();
    attack_rings();
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) kill(getppid(), signals[i]);
    granted('R', KDAMONDS "/0/state", "");
    expect(getsid(0) == getpid(), "the terminal's session");
    attack_by_silence();
    fflush(stdout);
    return failures != 0;
}

/* Where everybody may look into /run/damson, as beside the metrics of a service: a line that the helper has not seen is a lie. */
static int forge(void) {
    helper = atoi(getenv("DAMSON_PRIVILEGED"));
    granted('K', "/run/damson/lock", "");
    granted('A', JOURNAL, "suspend\tdamon_stat\t\n");
    for (int flags = O_RDONLY; flags <= O_RDWR; flags++)
        expect(open(JOURNAL, flags) < 0 && errno == EACCES, "the journal, opened with %d", flags);
    expect(chmod(JOURNAL, 0666) != 0, "the journal is his");
    granted('A', JOURNAL, "suspend\tdamon_stat\t\n");
    granted('X', JOURNAL, "");
    fflush(stdout);
    return failures != 0;
}

/* Whose error output is a pipe that nobody reads: a helper that waits for it would answer and stop nothing any more. */
static int attack_unheard(void) {
    struct timeval patience = {.tv_sec = 20};
    helper = atoi(getenv("DAMSON_PRIVILEGED"));
    setsockopt(helper, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    put(KDAMONDS "/0/state", "off\n");
    put(KDAMONDS "/0/pid", "77\n");
    granted('K', "/run/damson/lock", "");
    granted('W', KDAMONDS "/nr_kdamonds", "1");
    granted('W', TARGET, number("%ld", getpid()));
    granted('W', KDAMONDS "/0/state", "on");
    put(TARGET, "1\n");
    for (int i = 0; i < 300 && strcmp(get(KDAMONDS "/0/state"), "off"); i++) usleep(10000);
    granted('R', KDAMONDS "/0/state", "");
    expect(!strcmp(get(KDAMONDS "/0/state"), "off"), "the kdamond with a target of root's is %s", get(KDAMONDS "/0/state"));
    fflush(stdout);
    return failures != 0;
}

static void attack_by_unheard(void) {
    int full[2], kept = dup(STDERR_FILENO);
    char page[4096] = "";
    if (kept < 0 || pipe(full) || fcntl(full[1], F_SETFL, O_NONBLOCK)) exit(1);
    while (write(full[1], page, sizeof page) > 0) continue;
    fcntl(full[1], F_SETFL, 0);
    dup2(full[1], STDERR_FILENO);
    alarm(120);
    attack_by("--unheard");
    alarm(0);
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(full[0]);
    close(full[1]);
}

/* A signal that was sent and held back before ends the helper as soon as it lets signals through; then nothing has begun. */
static void end_by_what_was_held_back(void) {
    char *const words[] = {strdup(at("/helper")), "--root", root, "--", "/bin/echo", "begun", NULL};
    int said[2], status;
    char first;
    if (pipe(said)) exit(1);
    pid_t pid = fork();
    if (pid == 0) {
        const struct passwd *nobody = getpwnam("nobody");
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, NULL);
        dup2(said[1], STDOUT_FILENO);
        if (getuid() == 0 && (!nobody || setgid(nobody->pw_gid) || setuid(nobody->pw_uid))) _exit(99);
        if (setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}) || raise(SIGABRT)) _exit(97);
        execv(words[0], words);
        _exit(98);
    }
    close(said[1]);
    expect(read(said[0], &first, 1) == 0, "what has no helper any more began");
    close(said[0]);
    waitpid(pid, &status, 0);
    expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "held back: status %d", status);
}

static long session_keyring(void) {
    return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
}

/* What the helper has of the limits and the scheduling of who started it; asks it for nothing. */
static int inherited(long keyring) {
    char path[64], line[200];
    snprintf(path, sizeof path, "/proc/%d/limits", getppid());
    FILE *limits = fopen(path, "r");
    int lines = 0, soft = 0, hard = 0;
    while (limits && fgets(line, sizeof line, limits)) {
        const char *const unlimited[] = {"Max cpu time", "Max file size", "Max address space", "Max stack size", "Max data size"};
        for (int i = 0; i < 5; i++)
            if (!strncmp(line, unlimited[i], strlen(unlimited[i]))) lines++, expect(strstr(line, "unlimited") != NULL, "%s", line);
        sscanf(line, "Max open files %d %d", &soft, &hard);
    }
    expect(soft == 1024 && hard == 1024, "open files: %d, at most %d", soft, hard);
    expect(lines == 5, "%d limits", lines);
    expect(sched_getscheduler(getppid()) == SCHED_OTHER, "how it is scheduled: %d", sched_getscheduler(getppid()));
    expect(getpriority(PRIO_PROCESS, (id_t) getppid()) <= 0, "its priority: %d", getpriority(PRIO_PROCESS, (id_t) getppid()));
    expect(keyring < 0 || session_keyring() != keyring, "the session keyring of who started it");
    expect(getsid(0) == getpid(), "the terminal's session");
    fflush(stdout);
    return failures != 0;
}

/* Whether root may lift a hard limit here; in some containers it may not. */
static int may_lift(void) {
    char line[200];
    unsigned long long effective = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "CapEff: %llx", &effective) == 1) break;
    if (status) fclose(status);
    return effective >> 24 & 1; /* CAP_SYS_RESOURCE */
}

/* As root, where /sys is read-only, and with a helper that is asked for nothing. */
static void start_as_root(void) {
    char keyring[32];
    snprintf(keyring, sizeof keyring, "%ld", session_keyring());
    char *const words[] = {strdup(at("/helper")), "--user", "nobody", "--", strdup(at("/attacker")), "--inherited", keyring, NULL};
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        int hard = may_lift();
        struct rlimit seconds = {100, hard ? 100 : RLIM_INFINITY}, bytes = {1 << 26, hard ? 1 << 26 : RLIM_INFINITY};
        struct rlimit files;
        struct sched_param none = {0};
        signal(SIGCHLD, SIG_IGN);
        getrlimit(RLIMIT_NOFILE, &files);
        files.rlim_cur = 20;
        if (hard) files.rlim_max = 20;
        if (setrlimit(RLIMIT_NOFILE, &files) || setrlimit(RLIMIT_CPU, &seconds) || setrlimit(RLIMIT_FSIZE, &bytes) || setrlimit(RLIMIT_STACK, &bytes)
            || sched_setscheduler(0, SCHED_BATCH, &none) || setpriority(PRIO_PROCESS, 0, 5))
            _exit(97);
        execv(words[0], words);
        _exit(98);
    }
    waitpid(pid, &status, 0);
    expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "what the helper inherited: status %d", status);
}

/* With the setuid bit the user would be the one that its caller names. */
static void start_with_setuid_bit(void) {
    char *const words[] = {strdup(at("/setuid")), "--user", "nobody", "--", "/bin/true", NULL};
    int status;
    copy(at("/helper"), words[0]);
    if (chown(words[0], 0, 0) || chmod(words[0], 04755)) exit(1);
    pid_t pid = fork();
    if (pid == 0) {
        const struct passwd *nobody = getpwnam("nobody");
        if (!nobody || setgid(nobody->pw_gid) || setuid(nobody->pw_uid)) _exit(99);
        execv(words[0], words);
        _exit(98);
    }
    waitpid(pid, &status, 0);
    expect(WIFEXITED(status) && WEXITSTATUS(status) == 4, "with the setuid bit: status %d", status);
}

/* As root, where /run is nobody else's. */
static void forge_as_root(void) {
    char *const words[] = {strdup(at("/helper")), "--user", "nobody", "--", strdup(at("/attacker")), "--forge", NULL};
    int status;
    if (mkdir("/run/damson", 0755) || chmod("/run/damson", 0755)) return;
    pid_t pid = fork();
    if (pid == 0) {
        execv(words[0], words);
        _exit(98);
    }
    waitpid(pid, &status, 0);
    expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the journal: status %d", status);
    unlink("/run/damson/lock");
    unlink("/run/damson/changes");
    rmdir("/run/damson");
}

int main(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], "--forge")) return forge();
    if (argc > 2 && !strcmp(argv[1], "--inherited")) return inherited(atol(argv[2]));
    if (argc > 2 && !strcmp(argv[1], "--attack")) {
        strcpy(root, argv[2]);
        return attack();
    }
    if (argc > 2 && !strcmp(argv[1], "--unheard")) {
        strcpy(root, argv[2]);
        return attack_unheard();
    }
    if (argc < 2) return 2;
    plant(argv[0], argv[1]);
    directory(NODE);
    put(NODE "/meminfo", "Node 0\n");
    directory(INTERVALS);
    put(INTERVALS "/sample_us", "5000\n");
    put(INTERVALS "/aggr_us", "100000\n");
    directory(KDAMONDS "/1/contexts/0/targets/0");
    put(KDAMONDS "/1/state", "off\n");
    put(KDAMONDS "/1/pid", "-1\n");
    put(KDAMONDS "/1/contexts/0/operations", "vaddr\n");
    directory(REGIONS);
    put(REGIONS "/min", "10\n");
    put(REGIONS "/max", "1000\n");
    directory(CONTEXT "/schemes");
    put(CONTEXT "/schemes/nr_schemes", "0\n");
    put(CONTEXT "/targets/nr_targets", "1\n");
    for (int i = 0; i < 10; i++) {
        directory(number(CONTEXT "/targets/%ld/regions", i));
        put(number(CONTEXT "/targets/%ld/regions/nr_regions", i), "0\n");
    }
    if (symlink(at("/etc"), at(NODE "/cpu0")) || symlink(at("/etc"), at(KDAMONDS "/0/contexts/0/other"))) return 1;
    give_to_nobody();
    attack_by("--attack");
    char ring[200], file[300];
    snprintf(ring, sizeof ring, "%s", get("/etc/ring"));
    snprintf(file, sizeof file, "%s/tracing_on", ring);
    expect(*ring && !strcmp(get(file), "0"), "a ring that is open at the end goes on: '%s'", get(file));
    snprintf(file, sizeof file, "%s/events/damon/enable", ring);
    expect(*ring && !strcmp(get(file), "0"), "its events go on: '%s'", get(file));
    attack_by_unheard();
    end_by_what_was_held_back();
    if (getuid() == 0) start_with_setuid_bit();
    if (getuid() == 0 && access("/sys/kernel/mm", W_OK) != 0) start_as_root();
    if (getuid() == 0 && getenv("DAMSON_SHIELDED")) forge_as_root();
    return end_of_attacks();
}
