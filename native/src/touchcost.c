#define _GNU_SOURCE
#include "accessgen.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define HUGE_BYTES (2ull << 20)
/* Within the reach of the TLB of most processors, so that what one of them holds back is seen to be held back. */
#define SMALL_BYTES (4ull << 20)
#define LARGE_BYTES (16ull << 20)
/* Windows of each kind, at least and at most. */
#define MIN_WINDOWS 4
#define MAX_WINDOWS 16
/* Medians are of this many passes at most. */
#define MAX_PASSES 16

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static long switches(void)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	return use.ru_nvcsw + use.ru_nivcsw;
}

/* Bytes of [base, base + ...) that a line of smaps counts, or -1. */
static int64_t smaps_bytes(const unsigned char *base, const char *field)
{
	FILE *in = fopen("/proc/self/smaps", "re");
	char line[512];
	int64_t found = -1;
	int inside = 0;

	while (in && found < 0 && fgets(line, sizeof(line), in)) {
		unsigned long from, to;
		long long kib;

		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			inside = from == (uintptr_t)base;
		else if (inside && !strncmp(line, field, strlen(field)) && sscanf(line + strlen(field), " %lld", &kib) == 1)
			found = kib * 1024;
	}
	if (in)
		fclose(in);
	return found;
}

static int command(const char *text)
{
	int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return errno;
	if (write(fd, text, 1) != 1)
		err = errno;
	close(fd);
	return err;
}

static int clear(int flushed)
{
	int err = command("1");

	return err || !flushed ? err : command("4");
}

/* Touches all after a clear and sees how much of it the kernel takes for referenced. */
static int window(unsigned char *base, int flushed, struct accessgen_seen *seen)
{
	int64_t bytes;
	long before;
	double share;
	int err;

	for (int i = 0; i < 2; i++)
		accessgen_touch_pages(base, SMALL_BYTES);
	err = clear(flushed);
	if (err)
		return err;
	before = switches();
	for (int i = 0; i < 2; i++)
		accessgen_touch_pages(base, SMALL_BYTES);
	/* Who was away from the processor may have lost its entries: such a window proves nothing when it sees all. */
	if (switches() == before)
		seen->undisturbed++;
	bytes = smaps_bytes(base, "Referenced:");
	if (bytes < 0)
		return ENODATA;
	share = (double)bytes / SMALL_BYTES;
	if (!seen->windows++ || share < seen->least)
		seen->least = share;
	return 0;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, int n)
{
	qsort(values, (size_t)n, sizeof(*values), compare);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* Processor time a pass takes after a clear more than one without, per 4 KiB page. */
static int cost(unsigned char *base, uint64_t size, int flushed, uint64_t deadline_ns, double *page_ns)
{
	double extra[MAX_PASSES];
	int n = 0;

	do {
		uint64_t from, cleared, warm;
		int err = clear(flushed);

		if (err)
			return err;
		from = cpu_ns();
		accessgen_touch_pages(base, size);
		cleared = cpu_ns();
		accessgen_touch_pages(base, size);
		warm = cpu_ns();
		extra[n++] = ((double)(cleared - from) - (double)(warm - cleared)) / (double)(size / ACCESSGEN_PAGE);
	} while (n < MAX_PASSES && (n < 3 || accessgen_now_ns() < deadline_ns));
	*page_ns = median(extra, n);
	if (*page_ns < 0)
		*page_ns = 0;
	return 0;
}

static int windows(unsigned char *base, struct accessgen_touch_cost *out, uint64_t from_ns, uint64_t ns)
{
	int err = 0;

	for (int i = 0; !err && i < MAX_WINDOWS && (i < MIN_WINDOWS || accessgen_now_ns() < from_ns + ns); i++) {
		err = window(base, 0, &out->unflushed);
		if (!err && !out->flush_error)
			out->flush_error = window(base, 1, &out->flushed);
	}
	return err;
}

/* One mapping of its own, so that smaps counts it apart; its size and place fit huge pages. */
static unsigned char *map(unsigned char **whole, uint64_t size, int advice)
{
	unsigned char *base = mmap(NULL, size + 2 * HUGE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED)
		return NULL;
	*whole = base;
	base += HUGE_BYTES - (uintptr_t)base % HUGE_BYTES;
	if (mprotect(base, size, PROT_READ | PROT_WRITE)) {
		munmap(*whole, size + 2 * HUGE_BYTES);
		return NULL;
	}
	madvise(base, size, advice);
	accessgen_touch_pages(base, size);
	return base;
}

int accessgen_measure_touch_cost(uint64_t ns, struct accessgen_touch_cost *out)
{
	uint64_t from = accessgen_now_ns();
	unsigned char *whole, *base = map(&whole, SMALL_BYTES, MADV_NOHUGEPAGE);
	int err;

	memset(out, 0, sizeof(*out));
	out->huge_page_ns = -1;
	if (!base)
		return ENOMEM;
	err = windows(base, out, from, ns * 2 / 5);
	munmap(whole, SMALL_BYTES + 2 * HUGE_BYTES);
	if (err)
		return err;
	base = map(&whole, LARGE_BYTES, MADV_NOHUGEPAGE);
	if (!base)
		return ENOMEM;
	err = cost(base, LARGE_BYTES, 0, from + ns * 3 / 5, &out->page_ns);
	if (!err && !out->flush_error)
		out->flush_error = cost(base, LARGE_BYTES, 1, from + ns * 4 / 5, &out->flushed_page_ns);
	munmap(whole, LARGE_BYTES + 2 * HUGE_BYTES);
	if (err)
		return err;
	base = map(&whole, LARGE_BYTES, MADV_HUGEPAGE);
	if (base && smaps_bytes(base, "AnonHugePages:") == (int64_t)LARGE_BYTES)
		err = cost(base, LARGE_BYTES, !out->flush_error, from + ns, &out->huge_page_ns);
	if (base)
		munmap(whole, LARGE_BYTES + 2 * HUGE_BYTES);
	return err;
}
