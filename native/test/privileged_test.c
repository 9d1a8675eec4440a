/*
 * Attacks on damson-privileged by the user it works for, over a tree of plain files in a directory: as nobody when started as
 * root. The program is its own attacker: the helper starts it again with --attack. Prints each attack that gained something.
 */
#include "attacker.h"

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
    directory(own_ring(7));
    refused('D', own_ring(7), "", "the ring of a recorder that lives");
    for (int i = 0; i < 4; i++) granted('M', own_ring(i), "");
    refused('M', own_ring(6), "", "too many");
    char file[300], tracing_on[300];
    snprintf(file, sizeof file, "%s/buffer_size_kb", own_ring(0));
    snprintf(tracing_on, sizeof tracing_on, "%s/tracing_on", own_ring(0));
    put(file, "1\n");
    refused('W', file, "99999999", "the machine's memory");
    refused('W', file, "-1", "negative");
    granted('W', file, "64");

    /* The journal's size. */
    char lines[60000] = "";
    while (strlen(lines) < sizeof lines - 100) strcat(lines, "set\tkernel/mm/damon/admin/kdamonds/nr_kdamonds\t1\n");
    int code = 0, times = 0;
    while (code == 0 && times++ < 200) code = ask('A', JOURNAL, lines);
    expect(code == EFBIG, "a journal of %d times 60 kB: %d", times, code);

    /* Packets of no form at all. */
    srandom(1);
    const char *const paths[] = {KDAMONDS "/0/state", TARGET, JOURNAL, "/etc/passwd", tracing_on};
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

int main(int argc, char **argv) {
    if (argc > 2 && !strcmp(argv[1], "--attack")) {
        strcpy(root, argv[2]);
        return attack();
    }
    if (argc > 3 && !strcmp(argv[1], "--attack-kernel")) return attack_kernel(atol(argv[2]), atol(argv[3]));
    if (argc < 2) return 2;
    plant(argv[0], argv[1]);
    give_to_nobody();
    if (getuid() == 0) {
        char *as_root[] = {strdup(at("/helper")), "--root", root, "--", "/bin/true", NULL};
        pid_t pid = fork();
        if (pid == 0) {
            if (!freopen("/dev/null", "w", stderr)) _exit(97);
            execv(as_root[0], as_root);
            _exit(98);
        }
        int status;
        waitpid(pid, &status, 0);
        expect(WIFEXITED(status) && WEXITSTATUS(status) == 2, "--root as root: %d", status);
    }
    attack_by("--attack");
    return end_of_attacks();
}
