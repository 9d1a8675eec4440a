#define _GNU_SOURCE
#include "plans.h"

#include <sys/resource.h>

/* Plans, played by the program itself: what is read and refused, what is touched when, what is told of it. */

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
	CHECK(run("plan", "damson-plan 1 \t# of a text editor\r\nprocess p\r\nmap 0s 0x200000000000 4K\r\n", out, sizeof(out)) == 0);
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
	int status;

	close(mkstemp(log));
	unlink(log);
	snprintf(options, sizeof(options), "plan --log %s", log);
	status = run(options, HEAD "map 0s 0x300000000000 64M\nfill 0s 0x300000000000 64M\nsnapshot 0s 2ms 100\ntouch 0x300000000000 64M 100\n",
		     out, sizeof(out));
	CHECK(status == (value(out, "beyond") ? 5 : 0)); /* who did not get the processor cannot say */
	sum_up(log, sums, 2);
	CHECK(sums[0].intended == 100 * 16384ull && sums[0].intended == value(out, "intended_pages"));
	CHECK(sums[0].done == value(out, "touched_pages") && sums[0].done < sums[0].intended);
	CHECK(value(out, "shed_slices") == 100 - sums[0].done / 16384);
	/* page faults alone take longer than all of it */
	CHECK(run("plan", HEAD "map 0s 0x300000000000 64M\nfill 1ns 0x300000000000 64M\nsnapshot 1ns 50us 20\ntouch 0x300000000000 64M 20\n",
		  out, sizeof(out)) == 5);
	CHECK(strstr(out, ": 0.00 % of the touches were made: it asks for more than this machine does in its time") != NULL);
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
	refuses_with(3, HEAD "map 0s 0x400000 4M huge small\n", ":3: huge, hugetlb and small exclude one another");
	refuses_with(3, HEAD "map 0s 0x400000 4M hugetlb huge\n", ":3: huge, hugetlb and small exclude one another");
	refuses_with(3, HEAD "map 0s 0x400000 4M file huge\n", ":3: a mapping of a file has pages of 4 KiB");
	refuses_with(3, HEAD "map 0s 0x401000 4M hugetlb\n", ":3: a mapping of huge pages of the pool (hugetlb) has an address and a size");
	refuses_with(3, HEAD "map 0s 0x400000 3M hugetlb\n", ":3: a mapping of huge pages of the pool (hugetlb) has an address and a size");
	refuses_with(3, HEAD "map 0s 0x401000 3M huge\n", ":3: a mapping of huge pages has at least one of 2 MiB");
	refuses_with(3, HEAD "map 0s 0x400000 4M hugetlb\nunmap 0s 0x400000 1M\n", ":4: unmaps a part of a huge page of the pool");
	refuses_with(3, HEAD "map 0s 0x10000 4K\nsnapshot 0s 1ms 1\ntouch 0x10000 4K 1 middle\n", ":5: what follows is first or last of a touch");
	refuses_with(3, HEAD "map 0s 0x10000 8K\nmap 0s 0x11000 4K\n", ":4: there is a mapping already");
	refuses_with(3, HEAD "unmap 0s 0x10000 8K\n", ":3: unmaps what is not mapped");
	refuses_with(3, HEAD "map 0s 0x10000 8K\nunmap 0s 0xf000 8K\n", ":4: unmaps what is not mapped");
	refuses_with(3, HEAD "map 0s 0x10000 8K none\nunmap 0s 0x11000 8K\n", ":4: unmaps what is not mapped");
	refuses_with(3, HEAD "map 0s 0x10000 4K\nmap 0s 0x12000 4K\nunmap 0s 0x10000 12K\n", ":5: unmaps what is not mapped");
	refuses_with(3, HEAD "map 0s 0x10000 8K\nunmap 0s 0x10000 8K\nunmap 1s 0x10000 8K\n", ":5: unmaps what is not mapped");
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
	refuses_with(3, HEAD "map 0s 0x10000 8K shared\nfill 0s 0x10000 8K written 1\n", ":4: only mappings of a file, or of huge pages of the pool, are filled by reading");
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
	/* a rate that no machine reaches; less than half of it might be reached by some */
	refuses_with(4, HEAD "map 0s 0x300000000000 1M\nsnapshot 0s 100ns 10\ntouch 0x300000000000 1M 10\nsnapshot 1us 1ns 1\ntouch 0x300000000000 1M 1\n",
		     ":2: the plan asks for 2816 page touches, of which no machine has time for more than 404; what this one");
	/* a huge page is there as a whole, whatever is touched of it */
	refuses_with(4, HEAD "map 0s 0x100000000000 8T huge\nfill 0s 0x100000000000 8T pages 4194304\n", ": the plan fills 8388608 MiB at a time");
	refuses_with(4, HEAD "map 0s 0x100000000000 8T hugetlb\n", ":2: the plan maps 8388608 MiB in huge pages of the pool (hugetlb), of which this machine has ");
	/* nothing is mapped before the whole is known to be possible: this would fail at its first line else */
	refuses_with(4, HEAD "map 0s 0x100000000000 8T\nfill 0s 0x100000000000 8T\n", ": the plan fills 8388608 MiB at a time, this machine has ");
}

static void limits_of_a_process_are_known_before(void)
{
	static const char wide[] = HEAD "map 0s 0x200000000000 1M\nsnapshot 0s 1ms 1\nmap 1ms 0x300000000000 1G\n";
	struct rlimit before, small;
	char out[2048];

	getrlimit(RLIMIT_AS, &before);
	small = (struct rlimit){256 << 20, before.rlim_max};
	setrlimit(RLIMIT_AS, &small);
	refuses_with(4, wide, ":2: maps 1025 MiB at a time, but a process may have 256 MiB (ulimit -v)");
	CHECK(run("feasible", wide, out, sizeof(out)) == 4);
	setrlimit(RLIMIT_AS, &before);
	CHECK(run("plan", wide, out, sizeof(out)) == 0);
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
	CHECK(value(out, "intended_pages") == 100 * 16384 && value(out, "pages_in_time") <= 16384);
	CHECK(value(out, "flush_ns") > 0 && value(out, "most_bytes") == 64 << 20);
	/* what comes meanwhile has to be filled first */
	CHECK(run("feasible --cpus 0 --threads 2",
		  HEAD "map 0s 0x300000000000 4K\nfill 0s 0x300000000000 4K\nmap 1ms 0x310000000000 64M\nfill 1ms 0x310000000000 64M\n"
		       "snapshot 1ms 1us 10\ntouch 0x300000000000 4K 10\n",
		  out, sizeof(out)) == 0);
	CHECK(value(out, "slices") == 10 && value(out, "pages_in_time") == 0 && value(out, "cpus") == 1 && value(out, "threads") == 2);
	CHECK(run("feasible --cpus 1-", HEAD "map 0s 0x300000000000 4K\n", out, sizeof(out)) == 2);
	CHECK(run("feasible --cpus 1023", HEAD "map 0s 0x300000000000 4K\n", out, sizeof(out)) == 4);
	CHECK(run("feasible", HEAD "map 0s 0x100000000000 8T\nfill 0s 0x100000000000 8T\n", out, sizeof(out)) == 0);
	CHECK(value(out, "most_bytes") > value(out, "available_bytes") && value(out, "page_ns") == 0);
	CHECK(run("feasible", HEAD "jump\n", out, sizeof(out)) == 3);
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

/* Nothing of a plan fits pages that are larger than its own: no machine maps parts of its pages. */
static void other_pages_are_refused(void)
{
	static const char *const verbs[] = {"plan", "feasible"};
	char out[1024];

	for (int i = 0; i < 2; i++) {
		CHECK(run(verbs[i], HEAD "map 0s 0x200000000000 64K\nsnapshot 0s 1ms 1\ntouch 0x200000000000 64K 1\n", out, sizeof(out)) == 4);
		CHECK(strstr(out, ":2: plans are of pages of 4096 bytes, this machine has pages of ") != NULL);
	}
	CHECK(run("plan", "nonsense\n", out, sizeof(out)) == 3);
}

int main(void)
{
	close(mkstemp(plan_name));
	if (sysconf(_SC_PAGESIZE) != 4096) {
		other_pages_are_refused();
		unlink(plan_name);
		printf("plans on pages of %ld bytes: %d checks, %d failed\n", sysconf(_SC_PAGESIZE), checks, failures);
		return failures ? 1 : 0;
	}
	plays_a_plan_and_counts();
	logs_what_was_touched();
	touches_first_last_or_evenly();
	achieved_ratios_are_the_intended_ones();
	a_shortfall_is_counted_to_the_page();
	names_line_and_rule();
	limits_of_a_process_are_known_before();
	an_address_that_cannot_be_had_is_told_of_with_its_line();
	what_no_machine_can_do_is_known_before();
	without_room_for_its_files_a_plan_is_refused();
	what_is_drawn_is_drawn_again_by_the_same_seed();
	hostile_plans_end_in_a_line();
	unlink(plan_name);
	printf("plans: %d checks, %d failed\n", checks, failures);
	return failures ? 1 : 0;
}
