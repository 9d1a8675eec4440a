/*
 * Attacks on damson-privileged by the user it works for, over a tree of plain files in a directory: as nobody when started as
 * root. The program is its own attacker: the helper starts it again with --attack. Prints each attack that gained something.
 */
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

static const char *at(const char *path) {
    static char full[8][1200];
    static int next;
    char *out = full[next = (next + 1) % 8];
    snprintf(out, sizeof full[0], "%s%s", root, path);
    return out;
}

static void put(const char *path, const char *text) {
    FILE *f = fopen(at(path), "w");
    if (!f || fputs(text, f) < 0 || fclose(f)) perror(at(path)), exit(1);
}

static char *get(const char *path) {
    static char text[4096];
    FILE *f = fopen(at(path), "r");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f) fclose(f);
    text[n] = 0;
    return text;
}

static void directory(const char *path) {
    char *full = strdup(at(path));
    for (char *p = full + strlen(root) + 1; *p; p++)
        if (*p == '/') *p = 0, mkdir(full, 0755), *p = '/';
    mkdir(full, 0755);
    free(full);
}

static char answered[1 << 16];

/* Sends a request and gives its errno. */
static int ask(char operation, const char *path, const char *value) {
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

static void expect(int right, const char *format, ...) {
    va_list args;
    if (right) return;
    failures++;
    va_start(args, format);
    printf("GAINED: ");
    vprintf(format, args);
    putchar('\n');
    va_end(args);
}

static void refused(char operation, const char *path, const char *value, const char *why) {
    int code = ask(operation, path, value);
    expect(code > 0, "%c %s '%.60s' (%s): answer %d", operation, path, value, why, code);
}

static void granted(char operation, const char *path, const char *value) {
    int code = ask(operation, path, value);
    expect(code == 0, "NOT GRANTED %c %s '%.60s': %s", operation, path, value, strerror(code));
}

static char *number(const char *format, long n) {
    static char text[4][64];
    static int next;
    next = (next + 1) % 4;
    snprintf(text[next], sizeof text[0], format, n);
    return text[next];
}

static void wait_for_state(const char *state) {
    for (int i = 0; i < 300 && strcmp(get(KDAMONDS "/0/state"), state); i++) usleep(10000);
}

static int attack(void) {
    helper = atoi(getenv("DAMSON_PRIVILEGED"));
    expect(getuid() != 0, "still root");
    expect(fcntl(7, F_GETFD) < 0 && errno == EBADF, "an inherited descriptor");
    expect(!getenv("SECRET"), "the administrator's environment");

    /* Without the lock nothing is changed. */
    put(JOURNAL, "boot\tboot-1\t1\n");
    refused('X', JOURNAL, "", "no lock");
    refused('A', JOURNAL, "suspend\tdamon_stat\t\n", "no lock");
    refused('W', KDAMONDS "/nr_kdamonds", "1", "no lock");
    refused('W', KDAMONDS "/0/state", "off", "no lock");
    refused('W', "/sys/module/damon_stat/parameters/enabled", "N", "no lock");
    granted('K', "/run/damson/lock", "");
    granted('X', JOURNAL, "");

    /* A kdamond that is not his. */
    put(KDAMONDS "/0/state", "on\n");
    put(KDAMONDS "/0/pid", "77\n");
    refused('W', KDAMONDS "/0/state", "off", "another's kdamond");
    refused('W', KDAMONDS "/nr_kdamonds", "0", "another's kdamond");
    refused('W', TARGET, number("%ld", getpid()), "another's kdamond");
    refused('A', JOURNAL, "boot\tboot-1\t0x1\n", "no process");
    refused('A', JOURNAL, "boot\tanother\t7\n", "another boot");
    granted('A', JOURNAL, "boot\tboot-1\t7\n");
    refused('A', JOURNAL, "runs\tkernel/mm/damon/admin/kdamonds/0\t77 5\n", "claims another's kdamond");
    refused('A', JOURNAL, "set\tkernel/mm/damon/admin/kdamonds/0/state\ton\n", "claims another's kdamond");
    put(KDAMONDS "/0/state", "off\n");
    refused('W', KDAMONDS "/0/state", "on", "set up by another");

    /* Lines that root would put back. */
    refused('A', JOURNAL, "was\tkernel/mm/damon/admin/kdamonds/nr_kdamonds\t7\n", "what was not there");
    refused('A', JOURNAL, "was\tkernel/mm/damon/admin/kdamonds/0/state\toff\n", "a state");
    refused('A', JOURNAL, "was\tkernel/mm/damon/admin/kdamonds/../../../../../etc/passwd\troot\n", "dots");
    refused('A', JOURNAL, "was\tmodule/damon_reclaim/parameters/enabled\tN\n", "another module");
    refused('A', JOURNAL, "suspend\tdamon_reclaim\t\n", "another module");
    refused('A', JOURNAL, "suspend\tdamon_stat\t\nwas\tx\ty\n", "a second line");
    refused('A', JOURNAL, "suspend\tdamon_stat\t", "no end");
    granted('A', JOURNAL, "was\tkernel/mm/damon/admin/kdamonds/nr_kdamonds\t1\n");
    refused('A', JOURNAL, "set\tkernel/mm/damon/admin/kdamonds/0/contexts/0/operations\tpaddr\n", "physical memory");
    refused('A', JOURNAL, "set\tkernel/mm/damon/admin/kdamonds/0/contexts/0/targets/0/pid_target\t01\n", "octal");

    /* Targets and values. */
    granted('W', KDAMONDS "/nr_kdamonds", "1");
    refused('A', JOURNAL, "was\tkernel/mm/damon/admin/kdamonds/nr_kdamonds\t1\n", "after his own set-up");
    pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    granted('W', TARGET, number("%ld", child));
    granted('W', TARGET, number("%ld\n", child));
    refused('W', TARGET, number("0%lo", child), "octal");
    refused('W', TARGET, "01", "octal of root's process");
    refused('W', TARGET, "070343", "octal");
    refused('W', TARGET, number("+%ld", child), "a sign");
    refused('W', TARGET, number(" %ld", child), "a blank");
    refused('W', TARGET, number("0x%lx", child), "hexadecimal");
    refused('W', TARGET, number("%ld 1", child), "two");
    refused('W', TARGET, number("%ld\n1", child), "two lines");
    refused('W', TARGET, "1", "root's process");
    refused('W', TARGET, "999999999", "nobody's yet");
    refused('W', TARGET, "-1", "all");
    refused('W', TARGET, "18446744073709551617", "too large");
    refused('W', KDAMONDS "/0/contexts/0/operations", "paddr", "physical memory");
    refused('W', KDAMONDS "/0/contexts/0/operations", "paddr\n", "physical memory");
    refused('W', KDAMONDS "/0/contexts/0/operations", "vaddr paddr", "physical memory");
    refused('W', KDAMONDS "/nr_kdamonds", "65", "bound");
    refused('W', KDAMONDS, "1", "the directory itself");
    refused('W', KDAMONDS "/0/contexts/0/targets/nr_targets", "1001", "bound");
    refused('W', KDAMONDS "/0/state", "sudo", "no such word");

    /* Checked again at the start, and while it runs. */
    granted('W', TARGET, number("%ld", child));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    refused('W', KDAMONDS "/0/state", "on", "its target has ended");
    granted('W', TARGET, number("%ld", getpid()));
    put(TARGET, "1\n");
    refused('W', KDAMONDS "/0/state", "on", "a target became root's");
    refused('W', KDAMONDS "/0/state", "commit", "a target became root's");
    put(TARGET, number("%ld", getpid()));
    granted('W', KDAMONDS "/0/state", "on");
    granted('A', JOURNAL, "runs\tkernel/mm/damon/admin/kdamonds/0\t77 5\n");
    refused('A', JOURNAL, "runs\tkernel/mm/damon/admin/kdamonds/0\t78 5\n", "another thread");
    put(TARGET, "1\n");
    wait_for_state("off");
    expect(!strcmp(get(KDAMONDS "/0/state"), "off"), "a target that became root's while it ran is still watched");
    put(KDAMONDS "/0/pid", "99\n");
    put(KDAMONDS "/0/state", "on\n");
    refused('W', KDAMONDS "/0/state", "off", "a kdamond that another started since");
    put(KDAMONDS "/0/state", "off\n");

    /* What runs does not outlive the lock. */
    put(TARGET, number("%ld", getpid()));
    granted('W', KDAMONDS "/nr_kdamonds", "1");
    granted('W', KDAMONDS "/0/state", "on");
    granted('U', "", "");
    expect(!strcmp(get(KDAMONDS "/0/state"), "off"), "a kdamond without the lock");
    refused('W', KDAMONDS "/0/state", "on", "the lock was given up");
    granted('K', "/run/damson/lock", "");

    /* Rings. */
    refused('M', RINGS "/mine", "", "another name");
    refused('W', RINGS "/damson-1-2-0/tracing_on", "0", "another's ring");
    refused('O', RINGS "/damson-1-2-0/per_cpu/cpu0/trace_pipe_raw", "", "another's ring");
    char stat[4096], name[200];
    FILE *f = fopen("/proc/self/stat", "r");
    size_t n = f ? fread(stat, 1, sizeof stat - 1, f) : 0;
    if (f) fclose(f);
    stat[n] = 0;
    char *field = strrchr(stat, ')') + 2;
    for (int i = 0; i < 19; i++) field = strchr(field, ' ') + 1;
    snprintf(name, sizeof name, RINGS "/damson-%d-%.*s-0", getpid(), (int) strcspn(field, " "), field);
    directory(name);
    refused('D', name, "", "the ring of a recorder that lives");
    for (int i = 0; i < 4; i++) granted('M', number(RINGS "/damson-5-5-%ld", i), "");
    refused('M', RINGS "/damson-5-5-9", "", "too many");
    put(RINGS "/damson-5-5-0/buffer_size_kb", "1\n");
    refused('W', RINGS "/damson-5-5-0/buffer_size_kb", "99999999", "the machine's memory");
    refused('W', RINGS "/damson-5-5-0/buffer_size_kb", "-1", "negative");
    granted('W', RINGS "/damson-5-5-0/buffer_size_kb", "64");

    /* The journal's size. */
    char lines[60000] = "";
    while (strlen(lines) < sizeof lines - 100) strcat(lines, "set\tkernel/mm/damon/admin/kdamonds/nr_kdamonds\t1\n");
    int code = 0, times = 0;
    while (code == 0 && times++ < 200) code = ask('A', JOURNAL, lines);
    expect(code == EFBIG, "a journal of %d times 60 kB: %d", times, code);

    /* Packets of no form at all. */
    srandom(1);
    static const char *const paths[] = {KDAMONDS "/0/state", TARGET, JOURNAL, "/etc/passwd", RINGS "/damson-5-5-0/tracing_on"};
    for (int i = 0; i < 20000; i++) {
        char packet[600], reply[1 << 16];
        size_t length = 1 + (size_t) random() % sizeof packet;
        for (size_t b = 0; b < length; b++) packet[b] = (char) random();
        if (random() % 2) {
            const char *path = at(paths[random() % 5]);
            uint16_t claimed = (uint16_t) (strlen(path) + (random() % 8 ? 0 : random() % 9));
            packet[0] = "RLWMDOKAXU"[random() % 10];
            memcpy(packet + 1, &claimed, 2);
            memcpy(packet + 3, path, strlen(path));
            length = 3 + strlen(path) + (size_t) random() % 20;
        }
        if (send(helper, packet, length, MSG_NOSIGNAL) < 0 || recv(helper, reply, sizeof reply, 0) < 4) {
            expect(0, "the helper is gone after packet %d", i);
            break;
        }
    }
    expect(!strcmp(get("/etc/passwd"), "root\n"), "another file");
    fflush(stdout);
    return failures != 0;
}

/* In a guest, where root is empty: a process of root, and one of the user that will execute a setuid program. */
static int attack_kernel(long foreign, long changing) {
    char boot[100] = "", line[200], before[100];
    helper = atoi(getenv("DAMSON_PRIVILEGED"));
    FILE *f = fopen("/proc/sys/kernel/random/boot_id", "r");
    if (!f || !fgets(boot, sizeof boot, f)) return 1;
    fclose(f);
    boot[strcspn(boot, "\n")] = 0;
    refused('W', KDAMONDS "/nr_kdamonds", "1", "no lock");
    granted('K', "/run/damson/lock", "");
    snprintf(line, sizeof line, "boot\t%s\t%d\n", boot, getpid());
    granted('A', JOURNAL, line);
    if (access("/sys/module/damon_stat", F_OK) == 0) {
        granted('A', JOURNAL, "suspend\tdamon_stat\t\n");
        granted('W', "/sys/module/damon_stat/parameters/enabled", "N");
    }
    granted('A', JOURNAL, "was\tkernel/mm/damon/admin/kdamonds/nr_kdamonds\t0\n");
    granted('A', JOURNAL, "set\tkernel/mm/damon/admin/kdamonds/nr_kdamonds\t1\n");
    granted('W', KDAMONDS "/nr_kdamonds", "1");
    granted('W', KDAMONDS "/0/contexts/nr_contexts", "1");
    granted('W', KDAMONDS "/0/contexts/0/operations", "vaddr");
    granted('W', KDAMONDS "/0/contexts/0/targets/nr_targets", "1");
    granted('R', TARGET, "");
    strcpy(before, answered);
    refused('W', TARGET, number("%ld", foreign), "root's process");
    refused('W', TARGET, number("0%lo", foreign), "root's process in octal");
    refused('W', TARGET, number("0x%lx", foreign), "root's process in hexadecimal");
    refused('W', TARGET, "4194304", "nobody's yet");
    refused('W', KDAMONDS "/0/contexts/0/operations", "paddr", "physical memory");
    granted('R', TARGET, "");
    expect(!strcmp(answered, before), "the target is %s now, was %s", answered, before);
    refused('W', KDAMONDS "/0/state", "on", "no target of his");
    granted('W', TARGET, number("%ld", changing));
    granted('W', KDAMONDS "/0/state", "on");
    for (int i = 0; i < 300; i++) {
        if (ask('R', KDAMONDS "/0/state", "") == 0 && !strcmp(answered, "off")) break;
        usleep(100000);
    }
    expect(!strcmp(answered, "off"), "a setuid program is monitored");
    refused('W', KDAMONDS "/0/state", "on", "a setuid program");
    printf("%s\n", failures ? "attacked with success" : "all attacks refused");
    fflush(stdout);
    return failures != 0;
}

static int removed(const char *path, const struct stat *s, int type, struct FTW *f) {
    (void) s, (void) type, (void) f;
    return remove(path);
}

static void copy(const char *from, const char *to) {
    char command[1000];
    snprintf(command, sizeof command, "cp '%s' '%s' && chmod 755 '%s'", from, to, to);
    if (system(command)) exit(1);
}

static int run(char *const *argv) {
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

int main(int argc, char **argv) {
    if (argc > 2 && !strcmp(argv[1], "--attack")) {
        strcpy(root, argv[2]);
        return attack();
    }
    if (argc > 3 && !strcmp(argv[1], "--attack-kernel")) return attack_kernel(atol(argv[2]), atol(argv[3]));
    if (argc < 2) return 2;
    strcpy(root, "/tmp/damson-privileged-XXXXXX");
    if (!mkdtemp(root) || chmod(root, 0755)) return perror(root), 1;
    char attacker[300], binary[300], command[700];
    snprintf(attacker, sizeof attacker, "%s/attacker", root);
    snprintf(binary, sizeof binary, "%s/helper", root);
    copy(argv[0], attacker);
    copy(argv[1], binary);
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
    if (getuid() == 0) {
        snprintf(command, sizeof command, "chown -R nobody '%s'", root);
        if (system(command)) return 1;
        char *as_root[] = {binary, "--root", "-", "--", "/bin/true", NULL};
        as_root[2] = root;
        pid_t pid = fork();
        if (pid == 0) {
            if (!freopen("/dev/null", "w", stderr)) _exit(97);
            execv(binary, as_root);
            _exit(98);
        }
        int status;
        waitpid(pid, &status, 0);
        expect(WIFEXITED(status) && WEXITSTATUS(status) == 2, "--root as root: %d", status);
    }
    char *const as_user[] = {binary, "--root", root, "--", attacker, "--attack", root, NULL};
    int status = run(as_user);
    expect(status == 0, "the attacker's status is %d", status);
    nftw(root, removed, 16, FTW_DEPTH | FTW_PHYS);
    printf("damson-privileged: %s\n", failures ? "attacked with success" : "all attacks refused");
    return failures != 0;
}
