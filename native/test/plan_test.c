#define _GNU_SOURCE
#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Plans, played by the program itself: a player is a process that it starts. */

#define HEAD "damson-plan 1\nprocess p\n"

static char plan_name[] = "/tmp/accessgen-plan-XXXXXX";

static void write_plan(const char *text)
{
	FILE *f = fopen(plan_name, "w");

	fputs(text, f);
	fclose(f);
}

/* Runs the program on a plan; what it says, also on standard error, is in out. */
static int run(const char *options, const char *text, char *out, size_t size)
{
	char command[512];
	size_t n;
	FILE *f;

	write_plan(text);
	snprintf(command, sizeof(command), "build/accessgen %s %s 2>&1", options, plan_name);
	f = popen(command, "r");
	n = fread(out, 1, size - 1, f);
	out[n] = 0;
	return WEXITSTATUS(pclose(f));
}

static uint64_t value(const char *json, const char *key)
{
	char name[64];
	const char *at;

	snprintf(name, sizeof(name), "\"%s\":", key);
	at = strstr(json, name);
	CHECK(at != NULL);
	return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static void plays_a_plan_and_counts(void)
{
	char out[2048];

	CHECK(run("plan", HEAD "map 0ns 0x200000000000 16K\nfill 0ns 0x200000000000 16K\nsnapshot 0ns 200ms 4 # comment\n"
			       "touch 0x200000000000 8K 4\ntouch 0x200000002000 4K 2\n\n\tsnapshot 201ms 1ms 1\ntouch 0x200000000000 16384 1",
		  out, sizeof(out)) == 0);
	/* 4 times two pages, twice one, once four */
	CHECK(value(out, "intended_pages") == 14 && value(out, "intended_0") == 12 && value(out, "intended_1") == 2);
	CHECK(value(out, "slices") == 5);
	CHECK(value(out, "touched_pages") + 4 * value(out, "shed_slices") >= 14);
	CHECK(value(out, "wall_ns") >= 202000000);
	CHECK(value(out, "tlb_flushes") == 0);
	CHECK(run("plan --flush-tlb", HEAD "map 0s 0x200000000000 4K\nsnapshot 0s 20ms 4\ntouch 0x200000000000 4K 2\n", out,
		  sizeof(out)) == 0);
	CHECK(value(out, "tlb_flushes") + value(out, "shed_slices") == 2);
}

static void logs_what_was_touched(void)
{
	char out[2048], log[] = "/tmp/accessgen-log-XXXXXX", options[64], line[128];
	uint64_t from, to, address, intended, done, rows = 0, sum = 0;
	FILE *f;

	close(mkstemp(log));
	unlink(log);
	snprintf(options, sizeof(options), "plan --log %s", log);
	CHECK(run(options, HEAD "map 0s 0x200000000000 1M\nsnapshot 0s 50ms 5\ntouch 0x200000010000 64K 3\n", out, sizeof(out)) == 0);
	f = fopen(log, "r");
	CHECK(f && fgets(line, sizeof(line), f) && !strcmp(line, "from_ns,to_ns,address,intended_pages,touched_pages\n"));
	while (f && fgets(line, sizeof(line), f)) {
		CHECK(sscanf(line, "%" SCNu64 ",%" SCNu64 ",%" SCNu64 ",%" SCNu64 ",%" SCNu64, &from, &to, &address, &intended, &done) == 5);
		CHECK(from <= to && address == 0x200000010000ull && (intended == 16 || intended == 0));
		rows += intended != 0; /* the others are touches once more */
		sum += intended ? done : 0;
	}
	CHECK(rows == 3 && sum == value(out, "touched_pages"));
	if (f)
		fclose(f);
	unlink(log);
}

/* Bits of the slices, of 10 ms each, in which a touch of 3 of 8 is made; one that a busy machine began late counts where it was due. */
static unsigned slices_of(const char *order)
{
	char out[2048], log[] = "/tmp/accessgen-log-XXXXXX", options[64], plan[256], line[128];
	uint64_t from, to, address, intended, done;
	unsigned slices = 0;
	FILE *f;

	close(mkstemp(log));
	unlink(log);
	snprintf(options, sizeof(options), "plan --log %s", log);
	/* a touch in every slice counts them */
	snprintf(plan, sizeof(plan), HEAD "map 0s 0x200000000000 1M\nsnapshot 0s 80ms 8\ntouch 0x200000000000 4K 8\ntouch 0x200000010000 64K 3%s\n", order);
	CHECK(run(options, plan, out, sizeof(out)) == 0);
	f = fopen(log, "r");
	CHECK(f && fgets(line, sizeof(line), f));
	for (int slice = -1; f && fgets(line, sizeof(line), f);) {
		CHECK(sscanf(line, "%" SCNu64 ",%" SCNu64 ",%" SCNu64 ",%" SCNu64 ",%" SCNu64, &from, &to, &address, &intended, &done) == 5);
		if (intended && address == 0x200000000000ull)
			slice++;
		else if (intended)
			slices |= 1u << slice;
	}
	if (f)
		fclose(f);
	unlink(log);
	return slices;
}

static void touches_first_last_or_evenly(void)
{
	CHECK(slices_of(" first") == 0x07);
	CHECK(slices_of(" last") == 0xe0);
	CHECK(slices_of("") == ((1 << 2) | (1 << 5) | (1 << 7)));
}

static int within_a_percent(uint64_t a, uint64_t b, uint64_t of)
{
	return (a > b ? a - b : b - a) * 100 <= of;
}

/* What a log says of one address: pages that were to be touched, and that were. */
struct sums {
	uint64_t intended, done, rows;
};

static void sum_up(const char *log, struct sums *by_index, int n)
{
	uint64_t address, intended, done;
	char line[128];
	FILE *f = fopen(log, "r");

	memset(by_index, 0, (size_t)n * sizeof(*by_index));
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%*u,%*u,%" SCNu64 ",%" SCNu64 ",%" SCNu64, &address, &intended, &done) == 3 && intended) {
			struct sums *s = &by_index[(address >> 24 & 0xf) % (uint64_t)n];

			s->intended += intended;
			s->done += done;
			s->rows++;
		}
	if (f)
		fclose(f);
	unlink(log);
}

/*
 * The share of slices in which each region was touched is the one that the plan has, within one per cent where nothing was left out,
 * in every way in which the slices may be chosen; what was left out is what the report says, to the page.
 */
static void achieved_ratios_are_the_intended_ones(void)
{
	static const char *const ways[] = {"", "--jitter 3", "--threads 2", "--flush-tlb --jitter 9 --threads 3"};
	static const uint32_t samples[] = {20, 19, 13, 10, 7, 2, 1, 5}, pages[] = {64, 64, 16, 1, 33, 64, 5, 64};

	for (size_t way = 0; way < sizeof(ways) / sizeof(*ways); way++) {
		char out[2048], log[] = "/tmp/accessgen-log-XXXXXX", options[128], plan[4096] = HEAD;
		uint64_t intended = 0, done = 0;
		struct sums sums[8];

		close(mkstemp(log));
		unlink(log);
		snprintf(options, sizeof(options), "plan %s --log %s", ways[way], log);
		for (int i = 0; i < 8; i++)
			sprintf(plan + strlen(plan), "map 0s 0x3000%02x000000 256K\nfill 0s 0x3000%02x000000 256K\n", i, i);
		for (int n = 0; n < 2; n++) {
			sprintf(plan + strlen(plan), "snapshot %dms 200ms 20\n", n * 200);
			for (int i = 0; i < 8; i++)
				sprintf(plan + strlen(plan), "touch 0x3000%02x000000 256K %u%s pages %u\n", i, samples[i],
					i == 7 ? n ? " first" : " last" : "", pages[i]);
		}
		CHECK(run(options, plan, out, sizeof(out)) == 0);
		sum_up(log, sums, 8);
		for (int i = 0; i < 8; i++) {
			CHECK(sums[i].rows == 2 * samples[i] && sums[i].intended == 2ull * samples[i] * pages[i]);
			if (!value(out, "shed_slices"))
				CHECK(within_a_percent(sums[i].done * 20, sums[i].intended * 20, sums[i].intended * 20));
			intended += sums[i].intended;
			done += sums[i].done;
		}
		CHECK(intended == value(out, "intended_pages") && done == value(out, "touched_pages"));
	}
}

/* More than a machine can do: what is left out is counted to the page, and is what no slice had time for. */
static void a_shortfall_is_counted_to_the_page(void)
{
	char out[2048], log[] = "/tmp/accessgen-log-XXXXXX", options[64];
	struct sums sums[2];

	close(mkstemp(log));
	unlink(log);
	snprintf(options, sizeof(options), "plan --log %s", log);
	CHECK(run(options, HEAD "map 0s 0x300000000000 64M\nfill 0s 0x300000000000 64M\nsnapshot 0s 2ms 100\ntouch 0x300000000000 64M 100\n",
		  out, sizeof(out)) == 0);
	sum_up(log, sums, 2);
	CHECK(sums[0].intended == 100 * 16384ull && sums[0].intended == value(out, "intended_pages"));
	CHECK(sums[0].done == value(out, "touched_pages") && sums[0].done < sums[0].intended);
	CHECK(value(out, "shed_slices") == 100 - sums[0].done / 16384);
}

static void refuses_with(int status, const char *text, const char *place_and_rule)
{
	char out[2048];

	CHECK(run("plan", text, out, sizeof(out)) == status);
	if (!strstr(out, place_and_rule))
		printf("said: %s", out);
	CHECK(strstr(out, place_and_rule) != NULL);
	CHECK(strchr(out, '\n') == out + strlen(out) - 1);
}

static void names_line_and_rule(void)
{
	refuses_with(3, "", ":1: is empty");
	refuses_with(3, "region 0 4096\n", ":1: a plan begins with");
	refuses_with(3, "damson-plan 1\n", ": no process");
	refuses_with(3, "damson-plan 1\nmap 0s 0x10000 4K\n", ":2: stands before the first process");
	refuses_with(3, HEAD "jump\n", ":3: a line begins with");
	refuses_with(3, HEAD "map 0s 0x10000 5000\n", ":3: a size is");
	refuses_with(3, HEAD "map 0s 0x10000 0\n", ":3: a size is");
	refuses_with(3, HEAD "map 0s 0x10000 99999999999999999999999\n", ":3: a size is");
	refuses_with(3, HEAD "map 0s 65536 4K\n", ":3: an address is");
	refuses_with(3, HEAD "map 0s 0x10001 4K\n", ":3: an address is");
	refuses_with(3, HEAD "map 0s 0xffffffffff600000 4K\n", ":3: an address is");
	refuses_with(3, HEAD "map 0s 0xfffffffffff000 8K\n", ":3: the end of the range");
	refuses_with(3, HEAD "map 0 0x10000 4K\n", ":3: a time is");
	refuses_with(3, HEAD "map 99999999999s 0x10000 4K\n", ":3: a time is");
	refuses_with(3, HEAD "map 0s 0x10000 4K hard\n", ":3: what follows");
	refuses_with(3, HEAD "map 0s 0x10000 4K\nsnapshot 0s 1ms 1\ntouch 0x10000 4K 1 middle\n", ":5: what follows is first or last of a touch");
	refuses_with(3, HEAD "map 0s 0x10000 8K\nmap 0s 0x11000 4K\n", ":4: there is a mapping already");
	refuses_with(3, HEAD "map 1s 0x10000 8K\nunmap 0s 0x10000 8K\n", ":4: is earlier than");
	refuses_with(3, HEAD "snapshot 0s 0s 5\n", ":3: a snapshot of no duration");
	refuses_with(3, HEAD "snapshot 0s 1ms 0\n", ":3: a snapshot has at least one slice");
	refuses_with(3, HEAD "snapshot 0s 4ns 5\n", ":3: a snapshot has at least one slice");
	refuses_with(3, HEAD "snapshot 0s 1ms 1\ntouch 0x10000 4K 1\n", ":4: touches what is not mapped");
	refuses_with(3, HEAD "map 0s 0x10000 4K none\nsnapshot 0s 1ms 1\ntouch 0x10000 4K 1\n", ":5: touches what is not mapped");
	refuses_with(3, HEAD "map 0s 0x10000 4K\nsnapshot 0s 1ms 1\ntouch 0x10000 8K 1\n", ":5: touches what is not mapped");
	refuses_with(3, HEAD "map 0s 0x10000 4K\nsnapshot 0s 1ms 1\ntouch 0x10000 4K 2\n", ":5: touched in more samples");
	refuses_with(3, HEAD "map 0s 0x10000 12K\nunmap 0s 0x11000 4K\nsnapshot 0s 1ms 1\ntouch 0x10000 12K 1\n", ":6: touches what");
	refuses_with(3, HEAD "map 0s 0x10000 4K\ntouch 0x10000 4K 1\n", ":4: touch without a snapshot");
	refuses_with(3, HEAD "fill 0s 0x10000 4K\n", ":3: fills what is not mapped");
	refuses_with(3, HEAD "map 0s 0x10000 8K\nfill 0s 0x10000 8K pages 0\n", ":4: pages is a whole number, 1 to those of the range");
	refuses_with(3, HEAD "map 0s 0x10000 8K\nfill 0s 0x10000 8K pages 3\n", ":4: pages is a whole number");
	refuses_with(3, HEAD "map 0s 0x10000 8K file\nfill 0s 0x10000 8K pages 1 written 2\n", ":4: written is a whole number, at most");
	refuses_with(3, HEAD "map 0s 0x10000 8K\nfill 0s 0x10000 8K written 1 pages 2\n", ":4: what follows is first or last of a touch");
	refuses_with(3, HEAD "map 0s 0x10000 8K\nfill 0s 0x10000 8K some\n", ":4: what follows is first or last of a touch");
	refuses_with(3, HEAD "map 0s 0x10000 8K\nunmap 0s 0x10000 8K pages 1\n", ":4: unmap TIME ADDRESS SIZE");
	refuses_with(3, HEAD "map 0s 0x10000 8K shared\nfill 0s 0x10000 8K written 1\n", ":4: only mappings of a file are filled by reading");
	refuses_with(3, HEAD "map 0s 0x10000 8K\nfill 0s 0x10000 8K pages 1\nsnapshot 0s 1ms 1\ntouch 0x10000 8K 1 written 0\n",
		     ":6: reads memory without a file that was not filled");
	refuses_with(3, HEAD "map 0s 0x10000 8K file\nmap 0s 0x12000 4K\nsnapshot 0s 1ms 1\ntouch 0x10000 12K 1 written 1\n",
		     ":6: reads memory without a file");
	refuses_with(3, HEAD "map 0s 0x10000 4K file\nunmap 0s 0x10000 4K\nmap 0s 0x10000 4K\nsnapshot 0s 1ms 1\ntouch 0x10000 4K 1 written 0\n",
		     ":7: reads memory without a file");
	{
		char text[2048] = HEAD;

		for (int i = 0; i < 18; i++)
			strcat(text, "map 0s 0x10000000000 60000T file none\nunmap 0s 0x10000000000 60000T\n");
		refuses_with(3, text, ":37: the mappings of files have more than 2^60 bytes together");
	}
	/* what is touched without being filled first takes memory as well */
	refuses_with(4, HEAD "map 0s 0x100000000000 8T\nsnapshot 0s 1s 1\ntouch 0x100000000000 8T 1\n", ": the plan fills 8388608 MiB at a time");
	/* nothing is mapped before the whole is known to be possible: this would fail at its first line else */
	refuses_with(4, HEAD "map 0s 0x100000000000 8T\nfill 0s 0x100000000000 8T\n", ": the plan fills 8388608 MiB at a time, this machine has ");
}

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

static void an_address_that_cannot_be_had_is_told_of_with_its_line(void)
{
	refuses_with(4, HEAD "map 0s 0x10000000000 4K\nmap 0s 0xf0000000000000 4K\n", ":4: a process of this machine has no such address");
}

static void what_no_machine_can_do_is_known_before(void)
{
	char out[2048];

	/* one page a second, and all of 64 MiB in every nanosecond, which is over before the first time is done */
	CHECK(run("feasible", HEAD "map 0s 0x300000000000 4K\nsnapshot 0s 4s 4\ntouch 0x300000000000 4K 3\n", out, sizeof(out)) == 0);
	CHECK(value(out, "slices") == 3 && value(out, "late_slices") == 0);
	CHECK(value(out, "intended_pages") == 3 && value(out, "pages_in_time") == 3);
	CHECK(run("feasible --flush-tlb",
		  HEAD "map 0s 0x300000000000 64M\nfill 0s 0x300000000000 64M\nsnapshot 0s 100ns 100\ntouch 0x300000000000 64M 100\n", out,
		  sizeof(out)) == 0);
	CHECK(value(out, "slices") == 100 && value(out, "late_slices") == 100);
	CHECK(value(out, "intended_pages") == 100 * 16384 && value(out, "pages_in_time") == 16384);
	CHECK(value(out, "flush_ns") > 0 && value(out, "most_bytes") == 64 << 20);
	CHECK(run("feasible", HEAD "map 0s 0x100000000000 8T\nfill 0s 0x100000000000 8T\n", out, sizeof(out)) == 0);
	CHECK(value(out, "most_bytes") > value(out, "available_bytes") && value(out, "page_ns") == 0);
	CHECK(run("feasible", HEAD "jump\n", out, sizeof(out)) == 3);
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

/* What a log says in which order, without times and what was touched once more. */
static void touches_in_order(const char *seed, char *into, size_t size)
{
	char out[2048], log[] = "/tmp/accessgen-log-XXXXXX", options[96], line[128];
	size_t used = 0;
	FILE *f;

	close(mkstemp(log));
	unlink(log);
	snprintf(options, sizeof(options), "plan --log %s %s", log, seed);
	CHECK(run(options, HEAD "map 0s 0x200000000000 1M\nsnapshot 0s 40ms 20\ntouch 0x200000000000 4K 3\ntouch 0x200000001000 4K 10\n"
			       "touch 0x200000002000 4K 20\ntouch 0x200000003000 4K 5 first\n"
			       "snapshot 40ms 40ms 20\ntouch 0x200000000000 4K 3\ntouch 0x200000001000 4K 10\n",
		  out, sizeof(out)) == 0);
	/* as many as without, whatever was drawn */
	CHECK(value(out, "intended_pages") == 3 + 10 + 20 + 5 + 3 + 10);
	f = fopen(log, "r");
	*into = 0;
	while (f && fgets(line, sizeof(line), f)) {
		uint64_t address, intended;

		if (sscanf(line, "%*u,%*u,%" SCNu64 ",%" SCNu64, &address, &intended) == 2 && intended)
			used += (size_t)snprintf(into + used, size - used, "%" PRIx64 " ", address >> 12 & 0xf);
	}
	if (f)
		fclose(f);
	unlink(log);
}

static void what_is_drawn_is_drawn_again_by_the_same_seed(void)
{
	char none[512], one[512], again[512], other[512];

	touches_in_order("", none, sizeof(none));
	touches_in_order("--jitter 1", one, sizeof(one));
	touches_in_order("--jitter 1", again, sizeof(again));
	touches_in_order("--jitter 2", other, sizeof(other));
	CHECK(strlen(none) == 2 * 51 && !strcmp(one, again));
	CHECK(strcmp(none, one) && strcmp(one, other));
}

static void without_room_for_its_files_a_plan_is_refused(void)
{
	char out[2048];

	setenv("TMPDIR", "/nonexistent", 1);
	CHECK(run("plan", HEAD "map 0s 0x10000 4K file shared\nfill 0s 0x10000 4K\n", out, sizeof(out)) == 4);
	CHECK(strstr(out, ":2: /nonexistent: No such file or directory") != NULL);
	/* a file system of the kernel's on which nobody has room */
	setenv("TMPDIR", "/proc", 1);
	CHECK(run("plan", HEAD "map 0s 0x10000 4K file shared\nfill 0s 0x10000 4K\n", out, sizeof(out)) == 4);
	CHECK(strstr(out, ":2: the plan writes 4 KiB to files, /proc has 0 KiB left") != NULL);
	CHECK(run("feasible", HEAD "map 0s 0x10000 4K file shared\nfill 0s 0x10000 4K\n", out, sizeof(out)) == 4);
	CHECK(strstr(out, ":2: the plan writes 4 KiB to files, /proc has 0 KiB left") != NULL);
	unsetenv("TMPDIR");
}

/* Text made of a plan's own words: whatever it says, it ends in a status of the program's. */
static void hostile_plans_end_in_a_line(void)
{
	static const char *const words[] = {"process", "map",	   "fill", "unmap", "snapshot", "touch", "0s",	 "1ns",	 "0x10000", "0x7fffffffe000",
					    "0x11000", "4K",	   "8K",   "1",	    "2",	"none",	 "apart", "huge", "file", "shared", "pages", "written", "\n",	     "\n",
					    "#",       "99999999", "-1",   "1us",   "0xg",	"\t",	 "4M"};
	uint64_t seed = 42;

	for (int round = 0; round < 60; round++) {
		char text[2048] = HEAD "map 0s 0x10000 8K\n", out[4096];
		int status;

		for (int i = 0; i < 40; i++) {
			seed = seed * 6364136223846793005ull + 1442695040888963407ull;
			strcat(text, words[(seed >> 33) % (sizeof(words) / sizeof(*words))]);
			strcat(text, " ");
		}
		status = run("plan", text, out, sizeof(out));
		if (status != 0 && status != 3 && status != 4)
			printf("seed 42, round %d: status %d\n", round, status);
		CHECK(status == 0 || status == 3 || status == 4);
	}
}

int main(void)
{
	close(mkstemp(plan_name));
	plays_a_plan_and_counts();
	logs_what_was_touched();
	touches_first_last_or_evenly();
	achieved_ratios_are_the_intended_ones();
	a_shortfall_is_counted_to_the_page();
	names_line_and_rule();
	a_player_lies_where_the_original_lay();
	the_block_lies_among_what_stays();
	mappings_come_and_go_and_neighbours_stay_apart();
	players_end_with_their_driver();
	an_address_that_cannot_be_had_is_told_of_with_its_line();
	what_no_machine_can_do_is_known_before();
	mappings_are_of_what_the_plan_says();
	who_watches_pages_sees_what_the_plan_touches();
	a_part_of_a_range_lies_evenly_in_it();
	without_room_for_its_files_a_plan_is_refused();
	threads_share_what_is_touched();
	processors_are_those_that_were_asked_for();
	what_is_drawn_is_drawn_again_by_the_same_seed();
	hostile_plans_end_in_a_line();
	unlink(plan_name);
	printf("plans: %d checks, %d failed\n", checks, failures);
	return failures ? 1 : 0;
}
