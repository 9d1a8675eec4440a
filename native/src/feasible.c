#define _GNU_SOURCE
#include "backing.h"
#include "huge.h"
#include "limits.h"
#include "plan.h"
#include "player.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Says before a plan is played how much of it this machine would do in time. */

#define MEASURE_NS 250000000ull
#define MAX_MEASURED_BYTES (256ull << 20)

/* Memory that several threads touch, each its share of it, all of it in each pass. */
struct measured {
	unsigned char *base;
	uint64_t bytes, pages;
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
	uint64_t first = m->pages * index / m->threads, end = m->pages * (index + 1) / m->threads;

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

/* What a pass over all of it takes, and a flush before each, ns; as many passes as fit into the time, at least two. */
static int measure_passes(struct measured *m, unsigned char *scratch, struct accessgen_feasibility *out)
{
	uint64_t from, flush_ns = 0, passes = 0;
	int err = 0;

	pass(m);
	from = accessgen_now_ns();
	for (; accessgen_now_ns() - from < MEASURE_NS; passes++)
		pass(m);
	out->page_ns = (double)(accessgen_now_ns() - from) / (double)passes / (double)m->pages;
	passes = 0;
	from = accessgen_now_ns();
	for (; !err && accessgen_now_ns() - from < MEASURE_NS; passes++) {
		uint64_t before = accessgen_now_ns();

		err = accessgen_flush_tlb(scratch);
		flush_ns += accessgen_now_ns() - before;
		pass(m);
	}
	out->flushed_page_ns = (double)(accessgen_now_ns() - from - flush_ns) / (double)passes / (double)m->pages;
	out->flush_ns = (double)flush_ns / (double)passes;
	return err;
}

static int measure_shared(struct measured *m, unsigned char *scratch, struct accessgen_feasibility *out)
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
		err = measure_passes(m, scratch, out);
		m->is_over = 1;
		pthread_barrier_wait(&m->begin);
	}
	for (uint32_t i = 1; i < started; i++)
		pthread_join(shares[i].thread, NULL);
	free(shares);
	return err;
}

/* What a touch and a flush take here, over memory of the plan's size. */
static int measure(uint64_t bytes, uint32_t threads, struct accessgen_feasibility *out)
{
	struct measured m = {.threads = threads};
	unsigned char *scratch;
	int err;

	if (bytes > MAX_MEASURED_BYTES)
		bytes = MAX_MEASURED_BYTES;
	m.bytes = (bytes + ACCESSGEN_PAGE) & ~(ACCESSGEN_PAGE - 1);
	m.pages = m.bytes / ACCESSGEN_PAGE;
	err = accessgen_map_guarded(m.bytes, 0, &m.base);
	if (err)
		return err;
	err = accessgen_map_scratch(&scratch);
	if (!err) {
		err = measure_shared(&m, scratch, out);
		accessgen_unmap_scratch(scratch);
	}
	accessgen_unmap_guarded(m.base, m.bytes);
	return err;
}

/* A player that is late begins a slice when it has ended the last, and leaves out one that is over by then. */
static void play_snapshot(const struct plan_line *s, const struct plan_touches *touches, double page_ns, double flush_ns,
			  double *free_ns, struct accessgen_feasibility *out)
{
	for (uint32_t i = 0; i < s->slices; i++) {
		double due = (double)(s->time_ns + plan_slice_ns(s, i)), end = (double)(s->time_ns + plan_slice_ns(s, i + 1));
		uint64_t pages = 0;

		for (uint32_t k = 0; k < touches->n; k++)
			if (plan_is_touched(&touches->all[k], i, s->slices))
				pages += touches->all[k].pages;
		if (!pages)
			continue;
		out->slices++;
		out->intended_pages += pages;
		if (*free_ns < due)
			*free_ns = due;
		if (*free_ns >= end) {
			out->late_slices++;
			continue;
		}
		*free_ns += flush_ns + (double)pages * page_ns;
		if (*free_ns > end)
			out->late_slices++;
		out->pages_in_time += pages;
	}
}

static int play_process(struct plan_reader *r, const struct plan_process *p, double page_ns, double flush_ns,
			struct accessgen_feasibility *out)
{
	struct plan_touches touches = {0};
	struct plan_line line;
	double free_ns = 0;
	int err = fseek(r->in, p->offset, SEEK_SET) ? errno : 0;

	r->number = p->number;
	if (!err)
		err = plan_next(r, &line);
	while (!err && line.what != PLAN_END && line.what != PLAN_PROCESS) {
		struct plan_line s = line;

		if (s.what == PLAN_SNAPSHOT) {
			err = plan_touches(r, &line, &touches);
			if (!err)
				play_snapshot(&s, &touches, page_ns, flush_ns, &free_ns, out);
		} else {
			err = plan_next(r, &line);
		}
	}
	free(touches.all);
	return err;
}

int accessgen_feasible(const char *file, int flush_tlb, uint32_t threads, struct accessgen_feasibility *out, char *error, size_t error_size)
{
	struct plan_reader reader = {.file = file, .error = error, .error_size = error_size};
	struct plan plan;
	uint64_t disk_bytes = 0;
	char why[400];
	double share;
	uint64_t options = (flush_tlb ? PLAYER_FLUSHES : 0) | PLAYER_HELPERS(threads - 1);
	uint32_t busy;
	int err = plan_check_file(file, player_bytes(options), &plan, error, error_size);

	memset(out, 0, sizeof(*out));
	if (!err)
		err = plan_check_machine(&reader, &plan);
	if (err)
		return err;
	out->nr_processes = plan.nr_processes;
	out->threads = threads;
	for (uint32_t i = 0; i < plan.nr_processes && !err; i++) {
		out->most_bytes += plan.processes[i].most_bytes;
		disk_bytes += plan.processes[i].disk_bytes;
		err = limits_check(plan.processes[i].most_mapped_bytes, plan.processes[i].most_private_bytes, why, sizeof(why));
	}
	if (!err)
		err = backing_check(disk_bytes, why, sizeof(why));
	if (!err)
		err = huge_check(&plan, why, sizeof(why));
	if (err)
		return plan_fail(&reader, plan.processes[0].number, err, why);
	out->available_bytes = accessgen_available_bytes();
	out->cpus = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
	if (out->most_bytes > out->available_bytes)
		return 0;
	err = measure(out->most_bytes / plan.nr_processes, threads, out);
	if (err) {
		snprintf(error, error_size, "%s: %s", file, strerror(err));
		return err;
	}
	/* more processes than processors share them */
	busy = plan.nr_processes * (threads < out->cpus ? threads : out->cpus);
	share = busy > out->cpus ? (double)busy / out->cpus : 1;
	reader.in = fopen(file, "re");
	if (!reader.in)
		return plan_fail(&reader, 1, errno, strerror(errno));
	for (uint32_t i = 0; i < plan.nr_processes && !err; i++)
		err = play_process(&reader, &plan.processes[i], share * (flush_tlb ? out->flushed_page_ns : out->page_ns),
				   flush_tlb ? share * out->flush_ns : 0, out);
	fclose(reader.in);
	return err;
}
