#define _GNU_SOURCE
#include "plans.h"

#include <time.h>

/* The processes that play: where they lie, what they have mapped and resident, by how many threads and on which processors. */

/* A plan that waits at its gate. */
struct gated {
	pid_t pid;
	int in, out;
	int players[4];
	int nr_players;
};

static void open_gate(struct gated *g)
{
	CHECK(write(g->in, "\n", 1) == 1);
}

static void start_with(struct gated *g, const char *option, const char *argument, const char *text)
{
	int in[2], out[2];
	FILE *f;
	char line[256];

	write_plan(text);
	CHECK(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
	g->nr_players = 0;
	g->pid = fork();
	if (!g->pid) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		if (option && argument)
			execl("build/accessgen", "accessgen", "plan", option, argument, "--gate", plan_name, NULL);
		if (option)
			execl("build/accessgen", "accessgen", "plan", option, "--gate", plan_name, NULL);
		execl("build/accessgen", "accessgen", "plan", "--gate", plan_name, NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	g->in = in[1];
	g->out = out[0];
	f = fdopen(dup(g->out), "r");
	setvbuf(f, NULL, _IONBF, 0);
	while (fgets(line, sizeof(line), f) && strcmp(line, "ready\n"))
		if (g->nr_players < 4 && sscanf(line, "process %*d %d", &g->players[g->nr_players]) == 1)
			g->nr_players++;
	CHECK(!strcmp(line, "ready\n"));
	fclose(f);
}

static void start(struct gated *g, const char *text)
{
	start_with(g, NULL, NULL, text);
}

static void finish(struct gated *g)
{
	int status;

	close(g->in);
	CHECK(waitpid(g->pid, &status, 0) == g->pid);
	close(g->out);
	for (int i = 0; i < g->nr_players; i++)
		CHECK(access("/proc", F_OK) == 0 && kill(g->players[i], 0) != 0);
}

struct range {
	uint64_t start, end;
	char permissions[8];
};

/* The mappings of a process in order, without what is the kernel's (vsyscall). */
static int maps(int pid, struct range *into, int max)
{
	char name[64], line[512];
	int n = 0;
	FILE *f;

	snprintf(name, sizeof(name), "/proc/%d/maps", pid);
	f = fopen(name, "r");
	while (f && n < max && fgets(line, sizeof(line), f))
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &into[n].start, &into[n].end, into[n].permissions) == 3 &&
		    into[n].end < 1ull << 56)
			n++;
	if (f)
		fclose(f);
	return n;
}

/* What DAMON would monitor: three ranges around the two greatest gaps. */
static void spans(const struct range *m, int n, struct range out[3])
{
	int first = 0, second = 0;

	for (int i = 1; i < n; i++) {
		uint64_t gap = m[i].start - m[i - 1].end;

		if (!first || gap > m[first].start - m[first - 1].end) {
			second = first;
			first = i;
		} else if (!second || gap > m[second].start - m[second - 1].end) {
			second = i;
		}
	}
	if (first > second) {
		int swap = first;

		first = second;
		second = swap;
	}
	out[0] = (struct range){m[0].start, m[first - 1].end, ""};
	out[1] = (struct range){m[first].start, m[second - 1].end, ""};
	out[2] = (struct range){m[second].start, m[n - 1].end, ""};
}

/* The mappings of this very process, as a plan: whatever it has, the player has, at the same addresses, and little more. */
static void a_player_lies_where_the_original_lay(void)
{
	static struct range mine[512], theirs[600];
	struct range wanted[3], got[3];
	int n = maps(getpid(), mine, 512), m;
	char *plan = malloc(1 << 17), *at = plan;
	struct gated g;

	at += sprintf(at, HEAD);
	for (int i = 0; i < n; i++)
		at += sprintf(at, "map 0s 0x%" PRIx64 " %" PRIu64 "%s%s\n", mine[i].start, mine[i].end - mine[i].start,
			      mine[i].permissions[1] == 'w' ? "" : " none", i % 2 ? " apart" : "");
	sprintf(at, "snapshot 0s 1ms 1\n");
	start(&g, plan);
	CHECK(g.nr_players == 1);
	m = maps(g.players[0], theirs, 600);
	/* the block is two mappings */
	CHECK(m == n + 2);
	spans(mine, n, wanted);
	spans(theirs, m, got);
	for (int i = 0; i < 3; i++) {
		uint64_t size = wanted[i].end - wanted[i].start;

		CHECK(within_a_percent(wanted[i].end - wanted[i].start, got[i].end - got[i].start, size > 8 << 20 ? size : 8 << 20));
		CHECK(within_a_percent(wanted[i].start, got[i].start, size > 8 << 20 ? size : 8 << 20));
	}
	for (int i = 0, k = 0; i < n; i++) {
		while (k < m && theirs[k].start < mine[i].start)
			k++;
		CHECK(k < m && theirs[k].start == mine[i].start && theirs[k].end == mine[i].end);
	}
	open_gate(&g);
	finish(&g);
	free(plan);
}

/* A piece that is there for a moment, far from all else, must not draw the block to it. */
static void the_block_lies_among_what_stays(void)
{
	struct range m[16];
	struct gated g;
	int n;

	start(&g, HEAD "map 0s 0x550000000000 64K\nmap 0s 0x551000000000 64K\nmap 0s 0x551000200000 64K\nmap 0s 0x7f0000000000 32M\n"
		       "map 0s 0x7ffd00000000 128K\nunmap 0s 0x550000000000 64K\nsnapshot 0s 1ms 1\n");
	n = maps(g.players[0], m, 16);
	CHECK(n == 6 && m[0].start == 0x551000000000ull && m[1].start == 0x551000010000ull);
	open_gate(&g);
	finish(&g);
}

static int has(int pid, uint64_t start, uint64_t end)
{
	static struct range m[64];

	for (int n = maps(pid, m, 64), i = 0; i < n; i++)
		if (m[i].start == start && m[i].end == end)
			return 1;
	return 0;
}

static void mappings_come_and_go_and_neighbours_stay_apart(void)
{
	struct gated g;
	char report[2048];
	ssize_t n;

	start(&g, "damson-plan 1\nprocess a\nmap 0s 0x300000000000 1M\nmap 0s 0x300000100000 1M apart\nmap 0s 0x310000000000 64K\n"
		  "snapshot 0s 5ms 1\ntouch 0x3000000ff000 8K 1\nunmap 5ms 0x310000000000 32K\nmap 5ms 0x300000200000 1M apart\n"
		  "map 5ms 0x300000300000 1M aside\nmap 5ms 0x300000400000 1M\n"
		  "fill 5ms 0x300000200000 4K\n"
		  "process b\nmap 10ms 0x300000000000 8K\nsnapshot 10ms 5ms 2\ntouch 0x300000000000 8K 2\n");
	CHECK(g.nr_players == 2 && g.players[0] != g.players[1]);
	CHECK(has(g.players[0], 0x300000000000ull, 0x300000100000ull) && has(g.players[0], 0x300000100000ull, 0x300000200000ull));
	CHECK(has(g.players[0], 0x310000000000ull, 0x310000010000ull));
	CHECK(!has(g.players[1], 0x300000000000ull, 0x300000002000ull));
	open_gate(&g);
	n = read(g.out, report, sizeof(report) - 1);
	CHECK(n > 0);
	report[n > 0 ? n : 0] = 0;
	CHECK(value(report, "intended_pages") == 6);
	/* the memory is held until standard input ends; what grew is one mapping */
	CHECK(has(g.players[0], 0x300000000000ull, 0x300000100000ull) && has(g.players[0], 0x300000100000ull, 0x300000300000ull));
	CHECK(has(g.players[0], 0x300000300000ull, 0x300000400000ull) && has(g.players[0], 0x300000400000ull, 0x300000500000ull));
	CHECK(has(g.players[0], 0x310000008000ull, 0x310000010000ull) && !has(g.players[0], 0x310000000000ull, 0x310000010000ull));
	CHECK(has(g.players[1], 0x300000000000ull, 0x300000002000ull));
	finish(&g);
}

static void players_end_with_their_driver(void)
{
	struct gated g;
	struct timespec t = {.tv_nsec = 10000000};

	start(&g, HEAD "map 0s 0x300000000000 1M\nsnapshot 0s 60s 10\ntouch 0x300000000000 1M 10\n");
	open_gate(&g);
	kill(g.pid, SIGKILL);
	CHECK(waitpid(g.pid, NULL, 0) == g.pid);
	for (int i = 0; i < 500 && !kill(g.players[0], 0); i++)
		nanosleep(&t, NULL);
	CHECK(kill(g.players[0], 0) != 0);
	close(g.in);
	close(g.out);
}

/* Bits of the pages of a range as /proc/PID/pagemap has them: how many are present, and how many of these are of a file or shared. */
static void resident(int pid, uint64_t start, uint64_t bytes, uint64_t *present, uint64_t *of_file)
{
	char name[64];
	uint64_t entry;
	int fd;

	snprintf(name, sizeof(name), "/proc/%d/pagemap", pid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	*present = *of_file = 0;
	for (uint64_t page = start / 4096; page < (start + bytes) / 4096; page++) {
		CHECK(pread(fd, &entry, sizeof(entry), (off_t)(page * sizeof(entry))) == sizeof(entry));
		*present += entry >> 63;
		*of_file += entry >> 63 & entry >> 61 & 1;
	}
	close(fd);
}

static void check_resident(int pid, uint64_t start, uint64_t bytes, uint64_t present, uint64_t of_file)
{
	uint64_t got, got_of_file;

	resident(pid, start, bytes, &got, &got_of_file);
	if (got != present || got_of_file != of_file)
		printf("0x%" PRIx64 ": %" PRIu64 " pages, %" PRIu64 " of a file; not %" PRIu64 " and %" PRIu64 "\n", start, got, got_of_file,
		       present, of_file);
	CHECK(got == present && got_of_file == of_file);
}

/* The line of /proc/PID/maps of the mapping that begins at an address. */
static void line_of(int pid, uint64_t start, char *line, int size)
{
	char name[64], begin[32];
	FILE *f;

	snprintf(name, sizeof(name), "/proc/%d/maps", pid);
	snprintf(begin, sizeof(begin), "%" PRIx64 "-", start);
	f = fopen(name, "r");
	while (f && fgets(line, size, f))
		if (!strncmp(line, begin, strlen(begin)))
			break;
	if (f)
		fclose(f);
}

/* Memory of a file, shared memory and memory of its own, filled and touched by reading and writing: what is resident, and of what. */
static void mappings_are_of_what_the_plan_says(void)
{
	struct gated g;
	char line[512], report[2048];
	ssize_t n;

	start(&g, HEAD "map 0s 0x300000000000 1M file\nmap 0s 0x310000000000 1M file shared\nmap 0s 0x320000000000 1M shared\n"
		       "map 0s 0x330000000000 1M\n"
		       "fill 0s 0x300000000000 1M pages 64 written 16\nfill 0s 0x310000000000 512K written 0\n"
		       "fill 0s 0x320000000000 1M pages 10\nfill 0s 0x330000000000 1M pages 3\n"
		       "snapshot 0s 10ms 2\ntouch 0x300000000000 1M 1 pages 80 written 32\ntouch 0x310000000000 1M 2 pages 5\n"
		       "touch 0x320000000000 1M 2 pages 10 written 0\ntouch 0x330000000000 1M 1 pages 7\n");
	line_of(g.players[0], 0x300000000000, line, sizeof(line));
	CHECK(strstr(line, "rw-p 00000000 ") && strstr(line, "(deleted)"));
	line_of(g.players[0], 0x310000000000, line, sizeof(line));
	CHECK(strstr(line, "rw-s 00100000 ") && strstr(line, "(deleted)"));
	line_of(g.players[0], 0x320000000000, line, sizeof(line));
	CHECK(strstr(line, "rw-s 00000000 ") && strstr(line, "/dev/zero (deleted)"));
	line_of(g.players[0], 0x330000000000, line, sizeof(line));
	CHECK(strstr(line, "rw-p 00000000 00:00 0 ") != NULL);
	/* what is written of a private mapping is a page of the process's own */
	check_resident(g.players[0], 0x300000000000, 1 << 20, 64, 48);
	check_resident(g.players[0], 0x310000000000, 1 << 20, 128, 128);
	check_resident(g.players[0], 0x320000000000, 1 << 20, 10, 10);
	check_resident(g.players[0], 0x330000000000, 1 << 20, 3, 0);
	open_gate(&g);
	n = read(g.out, report, sizeof(report) - 1);
	report[n > 0 ? n : 0] = 0;
	CHECK(value(report, "intended_pages") == 80 + 2 * 5 + 2 * 10 + 7);
	if (value(report, "shed_slices") == 0) {
		check_resident(g.players[0], 0x300000000000, 1 << 20, 80, 48);
		check_resident(g.players[0], 0x320000000000, 1 << 20, 10, 10);
		check_resident(g.players[0], 0x330000000000, 1 << 20, 7, 0);
	}
	finish(&g);
}

/* What smaps counts as referenced of the mapping that begins at an address, KiB. */
static long referenced_kib(int pid, uint64_t start)
{
	char name[64], line[512];
	uint64_t from, to;
	long kib = -1, found = -1;
	int inside = 0;
	FILE *f;

	snprintf(name, sizeof(name), "/proc/%d/smaps", pid);
	f = fopen(name, "r");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " ", &from, &to) == 2)
			inside = from == start;
		else if (inside && sscanf(line, "Referenced: %ld", &kib) == 1)
			found = kib;
	}
	if (f)
		fclose(f);
	return found;
}

/* Whatever a mapping is of, and whether it is read or written: the pages that the plan touches have their accessed bits set, and no others. */
static void who_watches_pages_sees_what_the_plan_touches(void)
{
	struct gated g;
	char report[2048], name[64];
	uint64_t shed;
	ssize_t n;
	int fd;

	start_with(&g, "--flush-tlb", NULL,
		   HEAD "map 0s 0x300000000000 1M file\nmap 0s 0x310000000000 1M file shared\nmap 0s 0x320000000000 1M shared\n"
			"map 0s 0x330000000000 1M\nfill 0s 0x300000000000 1M written 100\nfill 0s 0x310000000000 1M written 0\n"
			"fill 0s 0x320000000000 1M\nfill 0s 0x330000000000 1M\n"
			"snapshot 0s 60ms 3\ntouch 0x300000000000 1M 3 pages 80 written 32\ntouch 0x310000000000 1M 3 pages 5 written 0\n"
			"touch 0x320000000000 1M 3 pages 10 written 0\ntouch 0x330000000000 1M 3 pages 7 written 3\n");
	snprintf(name, sizeof(name), "/proc/%d/clear_refs", g.players[0]);
	fd = open(name, O_WRONLY | O_CLOEXEC);
	CHECK(write(fd, "1", 1) == 1);
	close(fd);
	open_gate(&g);
	n = read(g.out, report, sizeof(report) - 1);
	report[n > 0 ? n : 0] = 0;
	shed = value(report, "shed_slices");
	CHECK(shed == 3 || referenced_kib(g.players[0], 0x300000000000) == 80 * 4);
	CHECK(shed == 3 || referenced_kib(g.players[0], 0x310000000000) == 5 * 4);
	CHECK(shed == 3 || referenced_kib(g.players[0], 0x320000000000) == 10 * 4);
	CHECK(shed == 3 || referenced_kib(g.players[0], 0x330000000000) == 7 * 4);
	finish(&g);
}

/* Every eighth page of a range, a power of two, is all that is touched when an eighth of it is. */
static void a_part_of_a_range_lies_evenly_in_it(void)
{
	struct gated g;

	start(&g, HEAD "map 0s 0x330000000000 1M\nfill 0s 0x330000000000 1M pages 32\nsnapshot 0s 1ms 1\n");
	for (int i = 0; i < 32; i++)
		check_resident(g.players[0], 0x330000000000 + i * 32768ull, 4096, 1, 0);
	check_resident(g.players[0], 0x330000000000, 1 << 20, 32, 0);
	open_gate(&g);
	finish(&g);
}

/* Huge pages are had as they were asked for, or refused with what could be had. */
static void huge_pages_are_had_or_refused(void)
{
	static const char plan[] = HEAD "map 0s 0x330000000000 8M huge\nmap 0s 0x330000800000 8M small apart\n"
					"fill 0s 0x330000000000 8M pages 1\nfill 0s 0x330000800000 8M pages 3\n"
					"snapshot 0s 1ms 1\ntouch 0x330000000000 8M 1 pages 4\n";
	char out[2048];
	int status = run("plan", plan, out, sizeof(out));
	struct gated g;

	CHECK(status == 0 || (status == 4 && strstr(out, "transparent huge pages") && strstr(out, "it could have pages of 4 KiB (small)")));
	if (!status) {
		CHECK(value(out, "intended_pages") == 4);
		start(&g, plan);
		/* one touch is enough for a huge page */
		check_resident(g.players[0], 0x330000000000, 2 << 20, 512, 0);
		check_resident(g.players[0], 0x330000800000, 8 << 20, 3, 0);
		open_gate(&g);
		finish(&g);
	}
	status = run("plan", HEAD "map 0s 0x330000000000 4M hugetlb\nsnapshot 0s 1ms 1\ntouch 0x330000000000 4M 1 pages 2 written 0\n", out, sizeof(out));
	CHECK(status == 0 || (status == 4 && strstr(out, ":2: the plan maps 4 MiB in huge pages of the pool (hugetlb), of which this machine has ")));
}

/* What a line of /proc/PID/status says. */
static void status_of(int pid, const char *key, char *value, int size)
{
	char name[64], line[512];
	FILE *f;

	snprintf(name, sizeof(name), "/proc/%d/status", pid);
	f = fopen(name, "r");
	*value = 0;
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			snprintf(value, (size_t)size, "%s", line + strlen(key) + strspn(line + strlen(key), ": \t"));
	value[strcspn(value, "\n")] = 0;
	if (f)
		fclose(f);
}

/* Several threads touch what one would have, each page once, and count it once. */
static void threads_share_what_is_touched(void)
{
	struct gated g;
	char report[2048], threads[32];
	ssize_t n;

	start_with(&g, "--threads", "5",
		   HEAD "map 0s 0x330000000000 1M\nmap 0s 0x340000000000 64K file shared\nfill 0s 0x330000000000 1M pages 3\n"
			"snapshot 0s 60ms 3\ntouch 0x330000000000 1M 2 pages 77\ntouch 0x340000000000 64K 3 written 0\n"
			"touch 0x330000000000 8K 3\n");
	status_of(g.players[0], "Threads", threads, sizeof(threads));
	CHECK(!strcmp(threads, "5"));
	check_resident(g.players[0], 0x330000000000, 1 << 20, 3, 0);
	open_gate(&g);
	n = read(g.out, report, sizeof(report) - 1);
	report[n > 0 ? n : 0] = 0;
	CHECK(value(report, "intended_pages") == 2 * 77 + 3 * 16 + 3 * 2 && value(report, "slices") == 3);
	if (value(report, "shed_slices") == 0) {
		CHECK(value(report, "touched_pages") == value(report, "intended_pages"));
		check_resident(g.players[0], 0x330000000000 + 8192, (1 << 20) - 8192, 76, 0);
		check_resident(g.players[0], 0x340000000000, 64 << 10, 16, 16);
	}
	finish(&g);
}

static void processors_are_those_that_were_asked_for(void)
{
	struct gated g;
	char mine[256], last[16], got[256], out[2048], options[64];

	status_of(getpid(), "Cpus_allowed_list", mine, sizeof(mine));
	snprintf(last, sizeof(last), "%lu", strtoul(strrchr(mine, '-') ? strrchr(mine, '-') + 1 : mine, NULL, 10));
	start_with(&g, "--cpus", last, HEAD "map 0s 0x330000000000 64K\nsnapshot 0s 1ms 1\ntouch 0x330000000000 64K 1\n");
	status_of(g.players[0], "Cpus_allowed_list", got, sizeof(got));
	CHECK(!strcmp(got, last));
	status_of(g.pid, "Cpus_allowed_list", got, sizeof(got));
	CHECK(!strcmp(got, mine));
	open_gate(&g);
	finish(&g);
	for (int i = 0; i < 3; i++) {
		static const char *const bad[] = {"--cpus 0-", "--cpus 3-1", "--cpus a"};

		CHECK(run(strcat(strcpy(options, "plan "), bad[i]), HEAD "snapshot 0s 1ms 1\n", out, sizeof(out)) == 2);
		CHECK(strstr(out, "accessgen: --cpus is a list of processors such as 0-3,6 but is '") != NULL);
	}
	CHECK(run("plan --cpus 1023", HEAD "snapshot 0s 1ms 1\n", out, sizeof(out)) == 4);
	CHECK(strstr(out, "accessgen: --cpus: there is no processor 1023, or it may not be used\n") != NULL);
	CHECK(run("plan --numa here:0", HEAD "snapshot 0s 1ms 1\n", out, sizeof(out)) == 2);
	CHECK(strstr(out, "accessgen: --numa is bind, interleave or preferred, a colon and nodes") != NULL);
	CHECK(run("plan --numa bind:1000", HEAD "snapshot 0s 1ms 1\n", out, sizeof(out)) == 4);
	CHECK(strstr(out, "accessgen: --numa: ") != NULL);
	CHECK(run("plan --threads 65", HEAD "snapshot 0s 1ms 1\n", out, sizeof(out)) == 2);
	CHECK(run("plan --threads 0", HEAD "snapshot 0s 1ms 1\n", out, sizeof(out)) == 2);
	CHECK(run("plan --jitter -1", HEAD "snapshot 0s 1ms 1\n", out, sizeof(out)) == 2);
}

int main(void)
{
	close(mkstemp(plan_name));
	a_player_lies_where_the_original_lay();
	the_block_lies_among_what_stays();
	mappings_come_and_go_and_neighbours_stay_apart();
	players_end_with_their_driver();
	mappings_are_of_what_the_plan_says();
	who_watches_pages_sees_what_the_plan_touches();
	a_part_of_a_range_lies_evenly_in_it();
	huge_pages_are_had_or_refused();
	threads_share_what_is_touched();
	processors_are_those_that_were_asked_for();
	unlink(plan_name);
	printf("players: %d checks, %d failed\n", checks, failures);
	return failures ? 1 : 0;
}
