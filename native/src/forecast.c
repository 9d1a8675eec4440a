#include "feasible.h"
#include "feed.h"
#include "filled.h"

#include <errno.h>
#include <float.h>
#include <stdlib.h>
#include <string.h>

/* How a plan goes: see feasible.h. All times are ns of the plan. */

#define DONE_NS 1e-3 /* so little is left by rounding alone */

/* What a process does in one go. */
struct step {
	enum { CHANGE, SLICE, AGAIN } what;
	double due_ns, end_ns; /* when it is to begin, and from when on it is not begun any more */
	double cost_ns;
	uint64_t pages; /* that it touches */
};

/* A process of the plan. */
struct actor {
	struct plan_reader reader;
	struct plan_line line; /* the next */
	struct plan_line snapshot;
	struct plan_touches touches;
	uint64_t *fresh; /* of each touch: pages that no touch before it made resident */
	uint32_t fresh_room;
	struct filled filled;
	int in_snapshot, has_begun, is_over;
	uint32_t slice, again; /* of the snapshot, the next ones */
	struct step now;
	double begin_ns; /* of the step */
	double left_ns;	 /* of its cost */
	double last_ns;	 /* what the last touches took */
	double last_due_ns; /* when they were due */
};

struct forecast {
	const struct feasible_costs *costs;
	double flush_ns;
	double power; /* processes that the processors can serve at once */
	uint32_t trials;
	double pages, squares, periods; /* of all touches: how many, and sums over them of pages at once and of time since the last */
	struct feasible_forecast *out;
};

/* Takes pages as touched; those that were not so before. */
static int add_pages(struct actor *a, uint64_t first, uint64_t end, uint64_t bound, uint64_t *fresh)
{
	uint64_t before = a->filled.pages;
	int err = filled_add(&a->filled, first, end, bound);

	*fresh = a->filled.pages - before;
	return err;
}

static int begin_snapshot(struct actor *a)
{
	int err;

	a->snapshot = a->line;
	a->in_snapshot = a->has_begun = 1;
	a->slice = a->again = 0;
	err = plan_touches(&a->reader, &a->line, &a->touches);
	if (!err && a->fresh_room < a->touches.room) {
		free(a->fresh);
		a->fresh_room = a->touches.room;
		a->fresh = malloc(a->fresh_room * sizeof(*a->fresh));
		err = a->fresh ? 0 : ENOMEM;
	}
	for (uint32_t k = 0; k < a->touches.n && !err; k++) {
		const struct plan_touch *t = &a->touches.all[k];
		uint64_t first = t->address / ACCESSGEN_PAGE;

		a->fresh[k] = 0;
		if (t->samples)
			err = add_pages(a, first, first + t->range_pages, t->bound, &a->fresh[k]);
	}
	return err;
}

/* The next slice or repetition of its snapshot in which anything is touched; whether there is one. */
static int next_slice(struct forecast *f, struct actor *a)
{
	const struct plan_line *s = &a->snapshot;

	for (; a->slice < s->slices; a->again = 0, a->slice++) {
		double from = (double)(s->time_ns + plan_slice_ns(s, a->slice));
		double length = (double)(s->time_ns + plan_slice_ns(s, a->slice + 1)) - from;
		uint32_t times = feed_times((uint64_t)length);

		if (a->again == times)
			continue;
		a->now = (struct step){.what = a->again ? AGAIN : SLICE,
				       .due_ns = from + length / times * a->again,
				       .end_ns = a->again ? from + length / times * (a->again + 1) : from + length};
		for (uint32_t k = 0; k < a->touches.n; k++) {
			const struct plan_touch *t = &a->touches.all[k];

			if (!plan_is_touched(t, a->slice, s->slices) || (a->again && !plan_goes_on(t, a->slice, s->slices)))
				continue;
			a->now.pages += t->pages;
			a->now.cost_ns += a->again ? 0 : (double)a->fresh[k] * f->costs->fill_ns;
		}
		if (!a->now.pages) /* nor will there be any once more */
			continue;
		a->now.cost_ns += f->flush_ns;
		a->again++;
		return 1;
	}
	return 0;
}

/* What a line that is no snapshot costs; what is there before the start costs nothing. */
static int next_change(struct forecast *f, struct actor *a, int *any)
{
	struct plan_line *l = &a->line;
	uint64_t pages = 0;
	double cost_ns = 0;
	int err = 0;

	if (l->what == PLAN_FILL) {
		err = add_pages(a, plan_first(l), plan_end(l), plan_bound(l, l->pages), &pages);
		cost_ns = (double)pages * (f->costs->fill_ns + f->costs->page_ns);
	} else if (l->what == PLAN_UNMAP) {
		pages = filled_count(&a->filled, plan_first(l), plan_end(l));
		err = filled_remove(&a->filled, plan_first(l), plan_end(l));
		cost_ns = (double)pages * f->costs->unmap_ns;
	}
	a->has_begun = a->has_begun || l->time_ns;
	*any = a->has_begun && cost_ns > 0;
	a->now = (struct step){.what = CHANGE, .due_ns = (double)l->time_ns, .end_ns = DBL_MAX, .cost_ns = cost_ns};
	return err ? err : plan_next(&a->reader, l);
}

/* What the process does next; it may be over instead. */
static int next_step(struct forecast *f, struct actor *a)
{
	int err = 0, any = 0;

	while (!err && !any && !a->is_over) {
		if (a->in_snapshot)
			a->in_snapshot = any = next_slice(f, a);
		else if (a->line.what == PLAN_SNAPSHOT)
			err = begin_snapshot(a);
		else if (a->line.what == PLAN_END || a->line.what == PLAN_PROCESS)
			a->is_over = 1;
		else
			err = next_change(f, a, &any);
	}
	return err;
}

/* What the next touches meet. */
static struct feasible_trial next_trial(struct forecast *f)
{
	return f->costs->nr_trials ? f->costs->trials[f->trials++ % f->costs->nr_trials] : (struct feasible_trial){0};
}

static void note_rhythm(struct forecast *f, struct actor *a)
{
	double pages = (double)a->now.pages, period = a->now.due_ns - a->last_due_ns;

	f->pages += pages;
	f->squares += pages * pages;
	f->periods += pages * (period > 0 ? period : a->now.end_ns - a->now.due_ns);
	a->last_due_ns = a->now.due_ns;
}

/* What a slice touched is not touched first by another. */
static void leave_stale(struct actor *a)
{
	for (uint32_t k = 0; k < a->touches.n; k++)
		if (plan_is_touched(&a->touches.all[k], a->slice, a->snapshot.slices))
			a->fresh[k] = 0;
}

/* What is touched once more is left out if there seems to be no time for it, and a slice if its own is over. */
static int is_left_out(const struct actor *a, double at)
{
	return a->now.what == AGAIN ? at + a->last_ns > a->now.end_ns : at >= a->now.end_ns;
}

/* The process is free from a time on: what it begins next, and when. */
static int take_next(struct forecast *f, struct actor *a, double free_ns)
{
	int err = 0, is_out = 1;

	while (is_out && !(err = next_step(f, a)) && !a->is_over) {
		struct feasible_trial trial = next_trial(f);
		struct step *s = &a->now;

		if (free_ns < s->due_ns)
			free_ns = s->due_ns + trial.late_ns;
		s->cost_ns += (double)s->pages * trial.page_ns;
		is_out = is_left_out(a, free_ns);
		if (s->what == SLICE) {
			f->out->slices++;
			f->out->intended_pages += s->pages;
			f->out->late_slices += (uint64_t)is_out;
			f->out->pages_in_time += is_out ? 0 : s->pages;
			if (!is_out)
				leave_stale(a);
		}
		if (s->what != CHANGE)
			note_rhythm(f, a);
		if (is_out && s->what == AGAIN)
			a->last_ns /= 2;
	}
	a->begin_ns = free_ns;
	a->left_ns = a->now.cost_ns;
	return err;
}

static int end_step(struct forecast *f, struct actor *a, double now)
{
	if (a->now.what == SLICE)
		f->out->late_slices += now > a->now.end_ns;
	if (a->now.what != CHANGE)
		a->last_ns = now - a->begin_ns;
	return take_next(f, a, now);
}

/* Moves the time to when something begins or ends; DBL_MAX when all are over. */
static double next_time(const struct forecast *f, const struct actor *actors, uint32_t n, double now, double *speed)
{
	double next = DBL_MAX;
	uint32_t running = 0;

	for (uint32_t i = 0; i < n; i++)
		running += !actors[i].is_over && actors[i].begin_ns <= now;
	*speed = running > f->power ? f->power / running : 1;
	for (uint32_t i = 0; i < n; i++) {
		const struct actor *a = &actors[i];
		double at = a->is_over ? DBL_MAX : a->begin_ns > now ? a->begin_ns : now + a->left_ns / *speed;

		next = at < next ? at : next;
	}
	return next;
}

static int run(struct forecast *f, struct actor *actors, uint32_t n)
{
	double now = 0, next, speed;
	int err = 0;

	for (uint32_t i = 0; i < n && !err; i++)
		err = take_next(f, &actors[i], -DBL_MIN);
	while (!err && (next = next_time(f, actors, n, now, &speed)) < DBL_MAX) {
		for (uint32_t i = 0; i < n && !err; i++) {
			struct actor *a = &actors[i];

			if (a->is_over || a->begin_ns > now)
				continue;
			a->left_ns -= (next - now) * speed;
			if (a->left_ns <= DONE_NS)
				err = end_step(f, a, next);
		}
		now = next;
	}
	return err;
}

int feasible_forecast(const char *file, const struct plan *plan, const struct feasible_costs *costs, int flushes, uint32_t threads,
		      uint32_t cpus, struct feasible_forecast *out, char *error, size_t error_size)
{
	struct forecast f = {.costs = costs,
			     .flush_ns = flushes ? costs->flush_ns : 0,
			     .power = threads < cpus ? (double)cpus / threads : 1,
			     .out = out};
	struct actor *actors = calloc(plan->nr_processes, sizeof(*actors));
	int err = actors ? 0 : ENOMEM;

	memset(out, 0, sizeof(*out));
	for (uint32_t i = 0; i < plan->nr_processes && !err; i++) {
		struct plan_reader *r = &actors[i].reader;

		*r = (struct plan_reader){.in = fopen(file, "re"), .file = file, .number = plan->processes[i].number,
					  .error = error, .error_size = error_size};
		err = !r->in || fseek(r->in, plan->processes[i].offset, SEEK_SET) ? plan_fail(r, r->number, errno, strerror(errno)) : 0;
		if (!err)
			err = plan_next(r, &actors[i].line);
	}
	if (!err)
		err = run(&f, actors, plan->nr_processes);
	if (f.pages > 0)
		out->rhythm = (struct feasible_rhythm){.pages = f.squares / f.pages, .period_ns = f.periods / f.pages};
	for (uint32_t i = 0; actors && i < plan->nr_processes; i++) {
		if (actors[i].reader.in)
			fclose(actors[i].reader.in);
		free(actors[i].touches.all);
		free(actors[i].fresh);
		free(actors[i].filled.pieces);
	}
	free(actors);
	return err;
}
