/*
 * The player of a plan: see player.h. It is linked with player_touch.c and nothing else (player.ld), without any library, so that it
 * runs from wherever it is copied to; both may call nothing that is not in them and have no static data.
 */
#define _GNU_SOURCE
#include "player_inner.h"

#include <fcntl.h>

/* The compiler may call these wherever it sees fit. */
void *memset(void *to, int value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		((volatile unsigned char *)to)[i] = (unsigned char)value;
	return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		((volatile unsigned char *)to)[i] = ((const unsigned char *)from)[i];
	return to;
}

static void answer(struct player *p, int err)
{
	p->status.err = err;
	p->status.line = p->line;
	write_all(1, &p->status, sizeof(p->status));
}

/* Leaves nothing mapped but the block. How far the address space reaches differs between machines, and only a length within it is taken. */
static void leave_all_else(unsigned char *here, uint64_t options)
{
	uint64_t end_of_block = (uint64_t)here + player_bytes(options);

	call(SYS_munmap, 0, (long)here, 0, 0);
	for (int bits = 57; bits > 30; bits--) {
		uint64_t top = (1ull << bits) - ACCESSGEN_PAGE;

		if (top > end_of_block && !call(SYS_munmap, (long)end_of_block, (long)(top - end_of_block), 0, 0))
			break;
	}
}

/* As accessgen_flush_tlb does it. */
static int flush_all(const struct player *p)
{
#if defined(__x86_64__)
	long scratch = (long)(p->here + PLAYER_STACK_END);

	return !call(SYS_mprotect, scratch, PLAYER_SCRATCH_BYTES, PROT_READ, 0) &&
	       !call(SYS_mprotect, scratch, PLAYER_SCRATCH_BYTES, PROT_READ | PROT_WRITE, 0);
#else
	static const char file[] = "/proc/self/clear_refs";
	long done, fd = call(SYS_openat, AT_FDCWD, (long)file, O_WRONLY | O_CLOEXEC, 0);

	(void)p;
	if (fd < 0)
		return 0;
	done = call(SYS_write, fd, (long)"4", 1, 0);
	call(SYS_close, fd, 0, 0, 0);
	return done == 1;
#endif
}

static uint64_t flush_tlb(struct player *p, uint64_t now)
{
	struct accessgen_plan_report *r = &p->status.report;
	uint64_t after;

	if (!(p->options & PLAYER_FLUSHES))
		return now;
	if (flush_all(p))
		r->tlb_flushes++;
	after = now_ns();
	r->tlb_flush_ns += after - now;
	return after;
}

static void slice(struct player *p, const struct player_command *c)
{
	struct accessgen_plan_report *r = &p->status.report;
	uint64_t due = r->start_ns + c->a, now = now_ns();
	int slept = now < due;

	p->last_ns = now - p->began_ns;
	if (slept) {
		sleep_until(due);
		now = now_ns();
	}
	p->slice_end_ns = due + c->b;
	p->again = 0;
	p->shed = now >= p->slice_end_ns;
	r->slices++;
	r->shed_slices += (uint64_t)p->shed;
	p->status.sum_late_ns += now - due;
	if (now - due > r->max_late_ns)
		r->max_late_ns = now - due;
	/* within a tenth of the slice nobody can tell */
	if (now - due > c->b / 10) {
		r->late_slices++;
		r->late_wakeups += (uint64_t)slept;
	}
	p->began_ns = p->shed ? now : flush_tlb(p, now);
}

static void repeat(struct player *p, const struct player_command *c)
{
	uint64_t due = p->status.report.start_ns + c->a, now = now_ns();

	p->last_ns = now - p->began_ns;
	if (now < due) {
		sleep_until(due);
		now = now_ns();
	}
	p->again = 1;
	p->skip = now + p->last_ns > due + c->b;
	p->began_ns = p->skip ? now : flush_tlb(p, now);
	if (p->skip) /* the next is judged by what a touch takes, not by having been left out */
		p->began_ns -= p->last_ns / 2;
}

static int map(const struct player_command *c)
{
	int protection = c->option & PLAYER_RW ? PROT_READ | PROT_WRITE : PROT_NONE;
	int flags = (c->option & PLAYER_SHARED ? MAP_SHARED : MAP_PRIVATE) | (c->option & PLAYER_FILE ? 0 : MAP_ANONYMOUS);
	int err;

	/* of the pool what is mapped is promised, so that no touch finds it empty; of other memory the driver has looked how much there is */
	flags |= c->option & PLAYER_HUGETLB && c->option & PLAYER_RW ? MAP_HUGETLB | 21 << MAP_HUGE_SHIFT : MAP_NORESERVE;
	err = map_fixed(c->a, c->b, protection, flags, c->option & PLAYER_FILE ? PLAYER_FILE_FD : -1, c->c);
	if (err)
		return err;
	/* of a kernel that has no huge pages the driver knows */
	if (c->option & (PLAYER_HUGE | PLAYER_SMALL))
		call(SYS_madvise, (long)c->a, (long)c->b, c->option & PLAYER_HUGE ? MADV_HUGEPAGE : MADV_NOHUGEPAGE, 0);
	/* resident becomes what is touched, and not what the kernel reads ahead */
	if (c->option & PLAYER_FILE)
		call(SYS_madvise, (long)c->a, (long)c->b, MADV_RANDOM, 0);
	/* neighbours that differ in something stay two mappings */
	if (c->option & PLAYER_APART)
		call(SYS_madvise, (long)c->a, (long)c->b, MADV_DONTDUMP, 0);
	if (c->option & PLAYER_ASIDE)
		call(SYS_madvise, (long)c->a, (long)c->b, MADV_DONTFORK, 0);
	return 0;
}

static void finish(struct player *p, const struct player_command *c)
{
	struct accessgen_plan_report *r = &p->status.report;
	char rest;

	if (now_ns() < r->start_ns + c->a)
		sleep_until(r->start_ns + c->a);
	r->wall_ns = now_ns() - r->start_ns;
	r->beyond = 2 * r->touched_pages < r->intended_pages && 2 * (clock_ns(CLOCK_PROCESS_CPUTIME_ID) - p->cpu_ns) > c->a;
	if (p->options & PLAYER_LOGS)
		flush_log(p);
	answer(p, 0);
	while (call(SYS_read, 0, (long)&rest, 1, 0) > 0)
		;
	end(0);
}

static int obey(struct player *p, const struct player_command *c)
{
	switch (c->what) {
	case PLAYER_MAP:
		return map(c);
	case PLAYER_FILL:
		touch_all(p, c, 1);
		return 0;
	case PLAYER_UNMAP:
		return (int)-call(SYS_munmap, (long)c->a, (long)c->b, 0, 0);
	case PLAYER_READY:
		answer(p, 0);
		return 0;
	case PLAYER_GO:
		p->status.report.start_ns = c->a;
		p->cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
		return 0;
	case PLAYER_WAIT:
		if (now_ns() < p->status.report.start_ns + c->a)
			sleep_until(p->status.report.start_ns + c->a);
		return 0;
	case PLAYER_SLICE:
		slice(p, c);
		return 0;
	case PLAYER_AGAIN:
		repeat(p, c);
		return 0;
	case PLAYER_TOUCH:
		touch(p);
		return 0;
	default:
		finish(p, c);
		return 0;
	}
}

/* The next command; the end of the process if there is none any more. */
static const struct player_command *next(struct player *p)
{
	char *bytes = (char *)p->commands;

	if (++p->at >= p->have / sizeof(*p->commands)) {
		uint32_t rest = p->have % sizeof(*p->commands);

		/* half of a command may have come: to the front */
		for (uint32_t i = 0; i < rest; i++)
			bytes[i] = bytes[p->have - rest + i];
		p->have = rest;
		p->at = 0;
		while (p->have < sizeof(*p->commands)) {
			long n = call(SYS_read, 0, (long)(bytes + p->have), (long)(sizeof(p->commands) - p->have), 0);

			if (n == 0 || (n < 0 && n != -EINTR))
				end(0);
			if (n > 0)
				p->have += (uint32_t)n;
		}
	}
	return &p->commands[p->at];
}

static __attribute__((noreturn, noinline)) void play(unsigned char *here, uint64_t options)
{
	struct player p;
	int err;

	for (uint64_t i = 0; i < sizeof(p); i++)
		((volatile char *)&p)[i] = 0;
	p.here = here;
	p.options = options;
	p.nr_threads = PLAYER_THREADS(options);
	/* not to become one mapping with what the plan has beside it */
	call(SYS_madvise, (long)here, (long)player_bytes(options), MADV_DONTFORK, 0);
	if (options & PLAYER_FLUSHES) /* only pages that are there are changed */
		touch_pages(((uint64_t)here + PLAYER_STACK_END) / ACCESSGEN_PAGE,
			    ((uint64_t)here + PLAYER_STACK_END + PLAYER_SCRATCH_BYTES) / ACCESSGEN_PAGE, ORDER_ALL, ORDER_ALL);
	err = start_helpers(&p);
	while (!err) {
		const struct player_command *c = next(&p);

		p.line = c->line;
		err = obey(&p, c);
	}
	answer(&p, err);
	end(1);
}

/* Instructions are fetched past the cache that they were written to. */
static void code_written(unsigned char *code)
{
#if defined(__aarch64__)
	for (uint64_t i = 0; i < PLAYER_CODE_BYTES; i += 16)
		__asm__ volatile("dc cvau, %0" ::"r"(code + i) : "memory");
	__asm__ volatile("dsb ish" ::: "memory");
	for (uint64_t i = 0; i < PLAYER_CODE_BYTES; i += 16)
		__asm__ volatile("ic ivau, %0" ::"r"(code + i) : "memory");
	__asm__ volatile("dsb ish\n\tisb" ::: "memory");
#else
	(void)code;
#endif
}

/* Moves the block to home. */
static __attribute__((noreturn, noinline)) void move(unsigned char *here, uint64_t home, uint64_t options)
{
	unsigned char *to = (unsigned char *)home;
	struct player_status failed = {
		.err = map_fixed(home, player_bytes(options), PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)};

	if (failed.err) {
		write_all(1, &failed, sizeof(failed));
		end(1);
	}
	for (uint64_t i = 0; i < PLAYER_CODE_BYTES; i++)
		((volatile unsigned char *)to)[i] = here[i];
	call(SYS_mprotect, (long)to, PLAYER_CODE_BYTES, PROT_READ | PROT_EXEC, 0);
	code_written(to);
	player_jump(to, home, options);
}

/* The begin of the block: where player_jump goes. */
__attribute__((section(".entry"), noreturn, used)) void player_enter(unsigned char *here, uint64_t home, uint64_t options)
{
	leave_all_else(here, options);
	if ((uint64_t)here != home)
		move(here, home, options);
	play(here, options);
}
