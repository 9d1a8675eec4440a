/* How a player touches: by how many threads, which pages, and what of it is counted and logged. */
#define _GNU_SOURCE
#include "player_inner.h"

#include <linux/futex.h>
#include <sched.h>

#define LOG_LINE 128 /* six numbers of up to 20 digits */

/* A thread that touches its share of what the process touches. */
struct helper {
	struct player *player;
	uint64_t index;
};

void flush_log(struct player *p)
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
void touch_pages(uint64_t first, uint64_t end, uint64_t bound, uint64_t written_bound)
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
void touch_all(struct player *p, const struct player_command *c, uint32_t n)
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
int start_helpers(struct player *p)
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
void touch(struct player *p)
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

