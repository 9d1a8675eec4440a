/*
 * The player of a plan: see player.h. This file is linked by itself, without any library (player.ld), so that it runs from
 * wherever it is copied to; it may call nothing that is not in it and has no static data.
 */
#define _GNU_SOURCE
#include "order.h"
#include "player.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#define COMMANDS 256
#define LOG_BYTES 4096
#define LOG_LINE 128 /* six numbers of up to 20 digits */

/* A thread that touches its share of what the process touches. */
struct helper {
	struct player *player;
	uint64_t index;
};

struct player {
	unsigned char *here;
	uint64_t nr_threads;		    /* the one that reads commands is the first */
	const struct player_command *batch; /* touches that all threads share */
	uint32_t nr_batch;
	uint32_t round, running; /* futexes: batches so far, helpers that are not yet done with this one */
	uint64_t options;
	uint64_t slice_end_ns;
	uint64_t began_ns;  /* when the last slice or repetition began to touch */
	uint64_t last_ns;   /* how long its touches took */
	uint64_t line;
	int shed, again, skip;
	struct player_status status;
	uint32_t at, have, log_used;
	struct player_command commands[COMMANDS];
	char log[LOG_BYTES];
};

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

static inline __attribute__((always_inline)) long call6(long n, long a, long b, long c, long d, long e, long f)
{
#if defined(__x86_64__)
	long ret;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
#else
	register long x8 __asm__("x8") = n;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return x0;
#endif
}

static long call(long n, long a, long b, long c, long d)
{
	return call6(n, a, b, c, d, 0, 0);
}

/* 0, or an errno value. */
static int map_fixed(uint64_t address, uint64_t bytes, int protection, int flags, int fd, uint64_t offset)
{
	long at = call6(SYS_mmap, (long)address, (long)bytes, protection, flags | MAP_NORESERVE | MAP_FIXED_NOREPLACE, fd, (long)offset);

	if (at < 0 && at > -4096)
		return (int)-at;
	if ((uint64_t)at != address) { /* kernels before 4.17 take the flag for a hint */
		call(SYS_munmap, at, (long)bytes, 0, 0);
		return EEXIST;
	}
	return 0;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	call(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&t, 0, 0);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static void sleep_until(uint64_t time_ns)
{
	struct timespec t = {.tv_sec = (time_t)(time_ns / 1000000000ull), .tv_nsec = (long)(time_ns % 1000000000ull)};

	while (call(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, (long)&t, 0) == -EINTR)
		;
}

static void write_all(int fd, const void *from, uint64_t bytes)
{
	const char *p = from;

	while (bytes) {
		long n = call(SYS_write, fd, (long)p, (long)bytes, 0);

		if (n <= 0 && n != -EINTR)
			return; /* who asked has gone, and standard input ends next */
		if (n > 0) {
			p += n;
			bytes -= (uint64_t)n;
		}
	}
}

static __attribute__((noreturn)) void end(int code)
{
	for (;;)
		call(SYS_exit_group, code, 0, 0, 0);
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

/* ---- touching ---- */

static void flush_log(struct player *p)
{
	write_all(PLAYER_LOG_FD, p->log, p->log_used);
	p->log_used = 0;
}

static void log_number(struct player *p, uint64_t v, char after)
{
	char digits[20];
	int n = 0;

	do {
		digits[n++] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	while (n)
		p->log[p->log_used++] = digits[--n];
	p->log[p->log_used++] = after;
}

static void log_touch(struct player *p, const struct player_command *c, uint64_t pages, uint64_t from, uint64_t to, uint64_t done)
{
	uint64_t zero = p->status.report.start_ns;

	if (p->log_used + LOG_LINE > LOG_BYTES)
		flush_log(p);
	log_number(p, from - zero, ',');
	log_number(p, to - zero, ',');
	log_number(p, c->a, ',');
	log_number(p, p->again ? 0 : pages, ',');
	log_number(p, done, '\n');
}

/* Another cache line in each page: the same line of all pages would fall into one set of the cache. */
static inline volatile unsigned char *line_of(uint64_t page, uint64_t i)
{
	return (volatile unsigned char *)(page * ACCESSGEN_PAGE + ((i * 64) & (ACCESSGEN_PAGE - 1)));
}

/* Touches the pages of [first, end) of a rank below the bound, and writes those below the other one. */
static void touch_pages(uint64_t first, uint64_t end, uint64_t bound, uint64_t written_bound)
{
	uint64_t n = 0, step = order_step(bound);

	if (bound == ORDER_ALL && written_bound == ORDER_ALL)
		for (uint64_t page = first; page < end; page++)
			*line_of(page, page) = (unsigned char)page;
	else if (bound == ORDER_ALL && !written_bound)
		for (uint64_t page = first; page < end; page++)
			(void)*line_of(page, page);
	else
		for (uint64_t page = (first + step - 1) & -step; page < end; page += step) {
			uint64_t rank = order_reversed(page);

			if (rank >= bound)
				continue;
			if (rank < written_bound)
				*line_of(page, n++) = (unsigned char)page;
			else
				(void)*line_of(page, n++);
		}
}

/* One thread's share of each range. */
static void touch_share(const struct player *p, uint64_t index)
{
	for (uint32_t i = 0; i < p->nr_batch; i++) {
		const struct player_command *c = &p->batch[i];
		uint64_t first = c->a / ACCESSGEN_PAGE;

		touch_pages(first + c->b * index / p->nr_threads, first + c->b * (index + 1) / p->nr_threads, c->c, c->d);
	}
}

static void futex(uint32_t *word, int what, uint32_t value)
{
	call(SYS_futex, (long)word, what | FUTEX_PRIVATE_FLAG, value, 0);
}

/* Touches ranges, all threads together. */
static void touch_all(struct player *p, const struct player_command *c, uint32_t n)
{
	uint32_t running;

	p->batch = c;
	p->nr_batch = n;
	if (p->nr_threads > 1) {
		__atomic_store_n(&p->running, (uint32_t)p->nr_threads - 1, __ATOMIC_RELAXED);
		__atomic_add_fetch(&p->round, 1, __ATOMIC_RELEASE);
		futex(&p->round, FUTEX_WAKE, INT32_MAX);
	}
	touch_share(p, 0);
	while ((running = __atomic_load_n(&p->running, __ATOMIC_ACQUIRE)))
		futex(&p->running, FUTEX_WAIT, running);
}

/* What a helper does for ever; it ends with the process. */
static __attribute__((noreturn, used)) void help(struct helper *h)
{
	struct player *p = h->player;

	for (uint32_t seen = 0;; seen++) {
		while (__atomic_load_n(&p->round, __ATOMIC_ACQUIRE) == seen)
			futex(&p->round, FUTEX_WAIT, seen);
		touch_share(p, h->index);
		if (!__atomic_sub_fetch(&p->running, 1, __ATOMIC_ACQ_REL))
			futex(&p->running, FUTEX_WAKE, 1);
	}
}

/* A thread of this process that begins in help, on its own page of the block; 0 or an errno value. */
static int start_helper(struct helper *h, unsigned char *stack_end)
{
	long flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
	long ret;

#if defined(__x86_64__)
	register long r10 __asm__("r10") = 0;
	register long r8 __asm__("r8") = 0;
	register struct helper *r12 __asm__("r12") = h;
	register void (*r13)(struct helper *) __asm__("r13") = help;

	__asm__ volatile("syscall\n\ttest %%rax, %%rax\n\tjnz 1f\n\txor %%ebp, %%ebp\n\tmov %%r12, %%rdi\n\tcall *%%r13\n1:"
			 : "=a"(ret)
			 : "a"((long)SYS_clone), "D"(flags), "S"(stack_end), "d"(0l), "r"(r10), "r"(r8), "r"(r12), "r"(r13)
			 : "rcx", "r11", "memory");
#else
	register long x8 __asm__("x8") = SYS_clone;
	register long x0 __asm__("x0") = flags;
	register unsigned char *x1 __asm__("x1") = stack_end;
	register long x2 __asm__("x2") = 0;
	register long x3 __asm__("x3") = 0;
	register long x4 __asm__("x4") = 0;
	register struct helper *x9 __asm__("x9") = h;
	register void (*x10)(struct helper *) __asm__("x10") = help;

	__asm__ volatile("svc #0\n\tcbnz x0, 1f\n\tmov x29, xzr\n\tmov x0, x9\n\tblr x10\n1:"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x9), "r"(x10)
			 : "memory");
	ret = x0;
#endif
	return ret < 0 ? (int)-ret : 0;
}

/* Each has its stack at the end of the block, and what it knows at the stack's other end. */
static int start_helpers(struct player *p)
{
	unsigned char *stacks = p->here + player_bytes(p->options) - (p->nr_threads - 1) * PLAYER_HELPER_BYTES;
	int err = 0;

	for (uint64_t i = 1; i < p->nr_threads && !err; i++, stacks += PLAYER_HELPER_BYTES) {
		struct helper *h = (struct helper *)stacks;

		h->player = p;
		h->index = i;
		err = start_helper(h, stacks + PLAYER_HELPER_BYTES);
	}
	return err;
}

/* Counts and logs a touch that was made from one time to another, or was not. */
static void note_touch(struct player *p, const struct player_command *c, int is_made, uint64_t from, uint64_t to)
{
	struct accessgen_plan_report *r = &p->status.report;
	uint64_t pages = order_count(c->a / ACCESSGEN_PAGE, c->a / ACCESSGEN_PAGE + c->b, c->c), done = is_made ? pages : 0;

	if (p->again) {
		r->again_pages += done;
	} else {
		r->intended_pages += pages;
		r->touched_pages += done;
		r->class_intended[c->option] += pages;
		r->class_touched[c->option] += done;
	}
	if (from && (done || !p->again))
		log_touch(p, c, pages, from, to, done);
}

/* All touches that have come one behind the other; those of one thread are logged each with its own time. */
static void touch(struct player *p)
{
	const struct player_command *c = &p->commands[p->at];
	uint32_t n = 1, have = p->have / sizeof(*c);
	int is_made = p->again ? !p->skip : !p->shed, logs = (p->options & PLAYER_LOGS) != 0;
	uint64_t from = logs ? now_ns() : 0, to;

	while (p->at + n < have && c[n].what == PLAYER_TOUCH && (p->nr_threads > 1 || !logs))
		n++;
	if (is_made)
		touch_all(p, c, n);
	to = logs ? now_ns() : 0;
	for (uint32_t i = 0; i < n; i++)
		note_touch(p, &c[i], is_made, from, to);
	p->at += n - 1;
}

/* All entries of the TLB go when so many pages change their protection. */
static uint64_t flush_tlb(struct player *p, uint64_t now)
{
	struct accessgen_plan_report *r = &p->status.report;
	long scratch = (long)(p->here + PLAYER_STACK_END);
	uint64_t after;

	if (!(p->options & PLAYER_FLUSHES))
		return now;
	if (!call(SYS_mprotect, scratch, PLAYER_SCRATCH_BYTES, PROT_READ, 0) &&
	    !call(SYS_mprotect, scratch, PLAYER_SCRATCH_BYTES, PROT_READ | PROT_WRITE, 0))
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

/* ---- commands ---- */

static int map(const struct player_command *c)
{
	int protection = c->option & PLAYER_RW ? PROT_READ | PROT_WRITE : PROT_NONE;
	int flags = (c->option & PLAYER_SHARED ? MAP_SHARED : MAP_PRIVATE) | (c->option & PLAYER_FILE ? 0 : MAP_ANONYMOUS);
	int err = map_fixed(c->a, c->b, protection, flags, c->option & PLAYER_FILE ? PLAYER_FILE_FD : -1, c->c);

	if (err)
		return err;
	/* wishes: a kernel without huge pages refuses, and that is as good */
	if (c->option & (PLAYER_HUGE | PLAYER_SMALL))
		call(SYS_madvise, (long)c->a, (long)c->b, c->option & PLAYER_HUGE ? MADV_HUGEPAGE : MADV_NOHUGEPAGE, 0);
	/* resident becomes what is touched, and not what the kernel reads ahead */
	if (c->option & PLAYER_FILE)
		call(SYS_madvise, (long)c->a, (long)c->b, MADV_RANDOM, 0);
	/* neighbours that differ in something stay two mappings */
	if (c->option & PLAYER_APART)
		call(SYS_madvise, (long)c->a, (long)c->b, MADV_DONTDUMP, 0);
	return 0;
}

static void finish(struct player *p, const struct player_command *c)
{
	struct accessgen_plan_report *r = &p->status.report;
	char rest;

	if (now_ns() < r->start_ns + c->a)
		sleep_until(r->start_ns + c->a);
	r->wall_ns = now_ns() - r->start_ns;
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
		.err = map_fixed(home, player_bytes(options), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)};

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
