#define _GNU_SOURCE
#include "feasible.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* What touches cost here: see feasible.h. */

#define MEASURE_NS 250000000ull
#define FILL_NS 400000000ull	/* for first touches, about */
#define MIN_PAGES 2048		/* by which they are measured, at least */
#define MAX_PAGES (1ull << 18)
#define MAX_PERIOD_NS 20e6	/* a slower rhythm is tried faster, and with fewer pages as much */

/* Memory that several threads touch, each its share of a pass. */
struct measured {
	unsigned char *base;
	uint64_t first, pages; /* of a pass */
	uint64_t filled;
	uint32_t threads;
	pthread_mutex_t starting;
	pthread_barrier_t begin, end;
	int failed, is_over; /* seen behind the mutex, and behind the barrier */
};

struct share {
	struct measured *of;
	uint32_t index;
	pthread_t thread;
};

static void touch_share(const struct measured *m, uint32_t index)
{
	uint64_t first = m->first + m->pages * index / m->threads, end = m->first + m->pages * (index + 1) / m->threads;

	accessgen_touch_pages(m->base + first * ACCESSGEN_PAGE, (end - first) * ACCESSGEN_PAGE);
}

static void *help(void *arg)
{
	struct share *s = arg;

	/* there are no barriers before all have started, or never if one has not */
	pthread_mutex_lock(&s->of->starting);
	pthread_mutex_unlock(&s->of->starting);
	while (!s->of->failed) {
		pthread_barrier_wait(&s->of->begin);
		if (s->of->is_over)
			return NULL;
		touch_share(s->of, s->index);
		pthread_barrier_wait(&s->of->end);
	}
	return NULL;
}

static void pass(struct measured *m)
{
	pthread_barrier_wait(&m->begin);
	touch_share(m, 0);
	pthread_barrier_wait(&m->end);
}

/* Touches all pages for the first time, or as many as there is time for; how many these are. */
static uint64_t fill(struct measured *m, uint64_t pages, double *first_ns)
{
	uint64_t from = accessgen_now_ns();

	for (m->first = 0; m->first < pages && (!m->first || accessgen_now_ns() - from < FILL_NS); m->first += m->pages) {
		m->pages = pages - m->first < MIN_PAGES ? pages - m->first : MIN_PAGES;
		pass(m);
	}
	*first_ns = (double)(accessgen_now_ns() - from) / (double)m->first;
	return m->first;
}

/* Touches as a player does that sleeps until its next slice, if that has not begun: one part of the memory after the other. */
static int try_rhythm(struct measured *m, uint64_t all, double period_ns, unsigned char *scratch, struct feasible_costs *out)
{
	uint64_t from = accessgen_now_ns(), due = from, pages = m->pages, flush_ns = 0, touch_ns = 0;
	double late_ns = 0;
	uint32_t n = 0, slept = 0;
	int err = 0;

	for (; n < FEASIBLE_TRIALS && !err && (n < 2 || accessgen_now_ns() - from < MEASURE_NS); n++) {
		uint64_t now = accessgen_now_ns(), began;
		struct feasible_trial *t = &out->trials[n];

		due += (uint64_t)period_ns;
		*t = (struct feasible_trial){0};
		if (now < due) {
			accessgen_sleep_until(due);
			now = accessgen_now_ns();
			t->late_ns = (double)(now - due);
			late_ns += t->late_ns;
			slept++;
		} else {
			due = now;
		}
		if (scratch)
			err = accessgen_flush_tlb(scratch);
		began = accessgen_now_ns();
		flush_ns += began - now;
		m->first = m->first + 2 * pages <= all ? m->first + pages : 0;
		pass(m);
		now = accessgen_now_ns();
		touch_ns += now - began;
		t->page_ns = (double)(now - began) / (double)pages;
	}
	out->nr_trials = n;
	out->late_ns = slept ? late_ns / slept : 0;
	*(scratch ? &out->flushed_page_ns : &out->page_ns) = (double)touch_ns / (double)n / (double)pages;
	if (scratch)
		out->flush_ns = (double)flush_ns / (double)n;
	return err;
}

/* The trials that are kept come last. */
static int measure_both(struct measured *m, const struct feasible_rhythm *rhythm, int flushes, unsigned char *scratch, struct feasible_costs *out)
{
	uint64_t wanted = rhythm->pages < 1 ? 1 : rhythm->pages < MAX_PAGES ? (uint64_t)rhythm->pages : MAX_PAGES, all;
	double part = rhythm->period_ns > MAX_PERIOD_NS ? MAX_PERIOD_NS / rhythm->period_ns : 1, first_ns;
	int err;

	m->filled = all = fill(m, wanted > MIN_PAGES ? wanted : MIN_PAGES, &first_ns);
	all = all < wanted ? all : wanted;
	m->pages = (uint64_t)((double)all * part);
	m->pages += !m->pages;
	m->first = 0;
	/* what there was no time to fill is touched all the same, in as much less time */
	part *= (double)all / (double)wanted;
	err = try_rhythm(m, all, rhythm->period_ns * part, flushes ? NULL : scratch, out);
	if (!err)
		err = try_rhythm(m, all, rhythm->period_ns * part, flushes ? scratch : NULL, out);
	out->fill_ns = first_ns > out->page_ns ? first_ns - out->page_ns : 0;
	return err;
}

static int measure_shared(struct measured *m, const struct feasible_rhythm *rhythm, int flushes, unsigned char *scratch, struct feasible_costs *out)
{
	struct share *shares = calloc(m->threads, sizeof(*shares));
	uint32_t started = 1;
	int err = 0;

	if (!shares)
		return ENOMEM;
	pthread_mutex_init(&m->starting, NULL);
	pthread_mutex_lock(&m->starting);
	for (; started < m->threads && !err; started += !err) {
		shares[started] = (struct share){.of = m, .index = started};
		err = pthread_create(&shares[started].thread, NULL, help, &shares[started]);
	}
	pthread_barrier_init(&m->begin, NULL, started);
	pthread_barrier_init(&m->end, NULL, started);
	m->failed = err != 0;
	pthread_mutex_unlock(&m->starting);
	if (!err) {
		err = measure_both(m, rhythm, flushes, scratch, out);
		m->is_over = 1;
		pthread_barrier_wait(&m->begin);
	}
	for (uint32_t i = 1; i < started; i++)
		pthread_join(shares[i].thread, NULL);
	free(shares);
	return err;
}

int feasible_measure(const struct feasible_rhythm *rhythm, int flushes, uint32_t threads, struct feasible_costs *out)
{
	struct measured m = {.threads = threads};
	unsigned char *scratch;
	uint64_t from;
	int err = accessgen_map_guarded(MAX_PAGES * ACCESSGEN_PAGE, 0, &m.base);

	if (err)
		return err;
	err = accessgen_map_scratch(&scratch);
	if (!err) {
		err = measure_shared(&m, rhythm, flushes, scratch, out);
		accessgen_unmap_scratch(scratch);
	}
	from = accessgen_now_ns();
	accessgen_unmap_guarded(m.base, MAX_PAGES * ACCESSGEN_PAGE);
	out->unmap_ns = m.filled ? (double)(accessgen_now_ns() - from) / (double)m.filled : 0;
	return err;
}
