#define _GNU_SOURCE
#include "plan.h"
#include "player.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Says before a plan is played how much of it this machine would do in time. */

#define MEASURE_NS 250000000ull
#define MAX_MEASURED_BYTES (256ull << 20)

/* What a touch and a flush take here, over memory of the plan's size, ns; as many passes as fit into the time, at least two. */
static int measure(uint64_t bytes, struct accessgen_feasibility *out)
{
	unsigned char *base, *scratch;
	uint64_t pages, from, flush_ns = 0, flushed_pages = 0, flushes = 0;
	int err;

	if (bytes > MAX_MEASURED_BYTES)
		bytes = MAX_MEASURED_BYTES;
	bytes = (bytes + ACCESSGEN_PAGE) & ~(ACCESSGEN_PAGE - 1);
	err = accessgen_map_guarded(bytes, 0, &base);
	if (err)
		return err;
	err = accessgen_map_scratch(&scratch);
	if (err) {
		accessgen_unmap_guarded(base, bytes);
		return err;
	}
	accessgen_touch_pages(base, bytes);
	pages = 0;
	from = accessgen_now_ns();
	while (accessgen_now_ns() - from < MEASURE_NS)
		pages += accessgen_touch_pages(base, bytes);
	out->page_ns = (double)(accessgen_now_ns() - from) / (double)pages;
	from = accessgen_now_ns();
	while (accessgen_now_ns() - from < MEASURE_NS) {
		uint64_t before = accessgen_now_ns();

		err = err ? err : accessgen_flush_tlb(scratch);
		flush_ns += accessgen_now_ns() - before;
		flushes++;
		flushed_pages += accessgen_touch_pages(base, bytes);
	}
	out->flushed_page_ns = (double)(accessgen_now_ns() - from - flush_ns) / (double)flushed_pages;
	out->flush_ns = (double)flush_ns / (double)flushes;
	accessgen_unmap_scratch(scratch);
	accessgen_unmap_guarded(base, bytes);
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

int accessgen_feasible(const char *file, int flush_tlb, struct accessgen_feasibility *out, char *error, size_t error_size)
{
	struct plan_reader reader = {.file = file, .error = error, .error_size = error_size};
	struct plan plan;
	double share;
	int err = plan_check_file(file, player_bytes(flush_tlb ? PLAYER_FLUSHES : 0), &plan, error, error_size);

	memset(out, 0, sizeof(*out));
	if (err)
		return err;
	out->nr_processes = plan.nr_processes;
	for (uint32_t i = 0; i < plan.nr_processes; i++)
		out->most_bytes += plan.processes[i].most_bytes;
	out->available_bytes = accessgen_available_bytes();
	out->cpus = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
	if (out->most_bytes > out->available_bytes)
		return 0;
	err = measure(out->most_bytes / plan.nr_processes, out);
	if (err) {
		snprintf(error, error_size, "%s: %s", file, strerror(err));
		return err;
	}
	/* more processes than processors share them */
	share = plan.nr_processes > out->cpus ? (double)plan.nr_processes / out->cpus : 1;
	reader.in = fopen(file, "re");
	if (!reader.in)
		return plan_fail(&reader, 1, errno, strerror(errno));
	for (uint32_t i = 0; i < plan.nr_processes && !err; i++)
		err = play_process(&reader, &plan.processes[i], share * (flush_tlb ? out->flushed_page_ns : out->page_ns),
				   flush_tlb ? share * out->flush_ns : 0, out);
	fclose(reader.in);
	return err;
}
