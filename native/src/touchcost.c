#define _GNU_SOURCE
#include "accessgen.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HUGE_BYTES (2ull << 20)
/* Within the reach of the TLB of most processors, so that what one of them holds back is seen to be held back. */
#define SMALL_BYTES (4ull << 20)
/* More than most caches keep page tables of: what a page costs grows with the memory in use up to about here. */
#define LARGE_BYTES (64ull << 20)
/* Windows of each kind, at least and at most. */
#define MIN_WINDOWS 4
#define MAX_WINDOWS 16
/* Of so many passes at most the costliest counts. */
#define MAX_PASSES 16

/* A process that clears the bits of this one, on another processor if there is one, as a recorder does. */
struct clearer {
	pid_t pid;
	int ask, answer;
};

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

static int command(pid_t pid, const char *text)
{
	char file[64];
	int fd, err = 0;

	snprintf(file, sizeof(file), "/proc/%d/clear_refs", (int)pid);
	fd = open(file, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	if (write(fd, text, 1) != 1)
		err = errno;
	close(fd);
	return err;
}

static int clear(pid_t pid, int flushed)
{
	int err = command(pid, "1");

	return err || !flushed ? err : command(pid, "4");
}

/* Clears the parent's bits for every byte that is asked, and answers with the errno value. */
static void serve(pid_t parent, int asked, int answer)
{
	unsigned char flushed, err;

	while (read(asked, &flushed, 1) == 1) {
		err = (unsigned char)clear(parent, flushed);
		if (write(answer, &err, 1) != 1)
			break;
	}
	_exit(0);
}

static void move_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* Where it may, this process stays on one processor from now on and the other is kept to another. */
static int start(struct clearer *c)
{
	int down[2], up[2], mine = -1, other = -1;
	pid_t self = getpid();
	cpu_set_t set;

	if (!sched_getaffinity(0, sizeof(set), &set))
		for (int cpu = 0; cpu < CPU_SETSIZE && other < 0; cpu++)
			if (CPU_ISSET(cpu, &set))
				*(mine < 0 ? &mine : &other) = cpu;
	if (pipe2(down, O_CLOEXEC) || pipe2(up, O_CLOEXEC))
		return errno;
	c->pid = fork();
	if (c->pid < 0)
		return errno;
	if (!c->pid) {
		close(down[1]);
		close(up[0]);
		if (other >= 0)
			move_to(other);
		serve(self, down[0], up[1]);
	}
	close(down[0]);
	close(up[1]);
	if (other >= 0)
		move_to(mine);
	c->ask = down[1];
	c->answer = up[0];
	return 0;
}

static int ask(const struct clearer *c, unsigned char flushed)
{
	unsigned char err;

	return write(c->ask, &flushed, 1) == 1 && read(c->answer, &err, 1) == 1 ? err : EPIPE;
}

static void stop(struct clearer *c)
{
	close(c->ask);
	close(c->answer);
	waitpid(c->pid, NULL, 0);
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
	err = clear(getpid(), flushed);
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

/*
 * Processor time a pass takes after a clear more than one without, per 4 KiB page. The costliest pass counts: other programs
 * make it dearer now and then, and what is promised with it is a bound.
 */
static int cost(const struct clearer *c, unsigned char *base, int flushed, uint64_t deadline_ns, double *page_ns)
{
	*page_ns = 0;
	for (int n = 0; n < MAX_PASSES && (n < 3 || accessgen_now_ns() < deadline_ns); n++) {
		uint64_t from, cleared, warm;
		double extra;
		int err = ask(c, (unsigned char)flushed);

		if (err)
			return err;
		from = cpu_ns();
		accessgen_touch_pages(base, LARGE_BYTES);
		cleared = cpu_ns();
		accessgen_touch_pages(base, LARGE_BYTES);
		warm = cpu_ns();
		extra = ((double)(cleared - from) - (double)(warm - cleared)) / (double)(LARGE_BYTES / ACCESSGEN_PAGE);
		if (extra > *page_ns)
			*page_ns = extra;
	}
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

static int costs(const struct clearer *c, struct accessgen_touch_cost *out, uint64_t from_ns, uint64_t ns)
{
	unsigned char *whole, *base = map(&whole, LARGE_BYTES, MADV_NOHUGEPAGE);
	int err;

	if (!base)
		return ENOMEM;
	err = cost(c, base, 0, from_ns + ns * 3 / 5, &out->page_ns);
	if (!err && !out->flush_error)
		out->flush_error = cost(c, base, 1, from_ns + ns * 4 / 5, &out->flushed_page_ns);
	munmap(whole, LARGE_BYTES + 2 * HUGE_BYTES);
	if (err)
		return err;
	base = map(&whole, LARGE_BYTES, MADV_HUGEPAGE);
	if (!base)
		return 0;
	if (smaps_bytes(base, "AnonHugePages:") == (int64_t)LARGE_BYTES)
		err = cost(c, base, !out->flush_error, from_ns + ns, &out->huge_page_ns);
	munmap(whole, LARGE_BYTES + 2 * HUGE_BYTES);
	return err;
}

/* Whether the page of base was written since the last "4", as the kernel says: 0 or 1, or -1. */
static int is_soft_dirty(const unsigned char *base)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry = 0;
	ssize_t got;

	if (fd < 0)
		return -1;
	got = pread(fd, &entry, sizeof(entry), (off_t)((uintptr_t)base / accessgen_machine_page() * sizeof(entry)));
	close(fd);
	return got == (ssize_t)sizeof(entry) ? (int)(entry >> 55 & 1) : -1;
}

/* Clears the bits, reads a page, writes it: told are writes alone where soft-dirty bits are kept. */
static int soft_dirty(volatile unsigned char *base)
{
	int before, after, err;

	base[0] = 1;
	err = command(getpid(), "4");
	if (err)
		return err;
	(void)base[0];
	before = is_soft_dirty((const unsigned char *)base);
	base[0] = 2;
	after = is_soft_dirty((const unsigned char *)base);
	if (before < 0 || after < 0)
		return errno ? errno : EIO;
	return before == 0 && after == 1 ? 0 : ENOTSUP;
}

int accessgen_measure_touch_cost(uint64_t ns, struct accessgen_touch_cost *out)
{
	uint64_t from = accessgen_now_ns();
	unsigned char *whole, *base;
	struct clearer c = {.pid = -1};
	cpu_set_t set;
	int err;

	memset(out, 0, sizeof(*out));
	out->huge_page_ns = -1;
	base = map(&whole, SMALL_BYTES, MADV_NOHUGEPAGE);
	if (!base)
		return ENOMEM;
	out->soft_dirty_error = soft_dirty(base);
	err = windows(base, out, from, ns * 2 / 5);
	munmap(whole, SMALL_BYTES + 2 * HUGE_BYTES);
	if (err)
		return err;
	CPU_ZERO(&set);
	sched_getaffinity(0, sizeof(set), &set);
	err = start(&c);
	if (err)
		return err;
	err = costs(&c, out, from, ns);
	stop(&c);
	sched_setaffinity(0, sizeof(set), &set);
	return err;
}
