#define _GNU_SOURCE
#include "feed.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Tells a player, command by command, what its part of the plan says. */

#define JITTER_SHARE 4 /* a slice begins up to so much of it late, where that is drawn */

static int send(struct feeder *f)
{
	const char *p = (const char *)f->out;
	size_t left = f->nr_out * sizeof(*f->out);

	f->nr_out = 0;
	while (left) {
		ssize_t n = write(f->player.commands_fd, p, left);

		if (n < 0 && errno != EINTR)
			return errno;
		if (n > 0) {
			p += n;
			left -= (size_t)n;
		}
	}
	return 0;
}

static int tell_command(struct feeder *f, struct player_command c)
{
	f->out[f->nr_out++] = c;
	return f->nr_out == FEED_COMMANDS ? send(f) : 0;
}

static int tell(struct feeder *f, enum player_what what, uint64_t a, uint64_t b, uint64_t line)
{
	return tell_command(f, (struct player_command){.what = what, .a = a, .b = b, .line = line});
}

static int tell_joined(struct feeder *f)
{
	int err = f->joined.what == PLAYER_TOUCH ? tell_command(f, f->joined) : 0;

	f->joined.what = PLAYER_END;
	return err;
}

/* Ranges that touch, are of one class and are touched whole go as one, so that many small ones cost no more; a log has each. */
static int tell_touch(struct feeder *f, const struct plan_touch *t, uint32_t class, uint64_t line)
{
	struct player_command *j = &f->joined;
	int err;

	if (j->what == PLAYER_TOUCH && f->settings->log_fd < 0 && j->option == class && j->a + j->b * ACCESSGEN_PAGE == t->address &&
	    j->c == ORDER_ALL && t->bound == ORDER_ALL && j->d == t->written_bound && (j->d == ORDER_ALL || !j->d)) {
		j->b += t->range_pages;
		return 0;
	}
	err = tell_joined(f);
	*j = (struct player_command){.what = PLAYER_TOUCH,
				     .option = class,
				     .a = t->address,
				     .b = t->range_pages,
				     .c = t->bound,
				     .d = t->written_bound,
				     .line = line};
	return err;
}

/* What the player says next; an error of its own names the line of the plan. */
static int hear(struct feeder *f)
{
	char *to = (char *)&f->status;
	size_t have = 0;

	while (have < sizeof(f->status)) {
		ssize_t n = read(f->player.status_fd, to + have, sizeof(f->status) - have);

		if (n == 0 || (n < 0 && errno != EINTR))
			return plan_fail(&f->reader, f->process->number, EPIPE, "the process that plays it has ended");
		if (n > 0)
			have += (size_t)n;
	}
	if (f->status.err)
		return plan_fail(&f->reader, f->status.line ? f->status.line : f->process->number, f->status.err,
				 f->status.err == EEXIST   ? "the address is taken"
				 : f->status.err == ENOMEM ? "a process of this machine has no such address, or there is no memory for it"
							   : strerror(f->status.err));
	return 0;
}

/* Sends; what the player cannot hear it has said itself. */
static int heard(struct feeder *f, int err)
{
	if (err == EPIPE)
		err = hear(f);
	return err;
}

static uint32_t class_of(uint32_t samples, uint32_t slices)
{
	return samples == slices ? 0 : 2ull * samples >= slices ? 1 : 10ull * samples >= slices ? 2 : 3;
}

/* A number that the seed, the line of a snapshot and one thing in it give, the same in every run. */
static uint64_t drawn(const struct feeder *f, const struct plan_line *s, uint64_t what, uint64_t below)
{
	uint64_t z = f->settings->seed + s->number * 0x9e3779b97f4a7c15ull + what * 0xd1342543de82ef95ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return (uint64_t)(((unsigned __int128)(z ^ (z >> 31)) * below) >> 64);
}

/* Whether a touch is due in a slice: with jitter those it is evenly spread over are moved on together, and round. */
static int is_due(const struct feeder *f, const struct plan_line *s, uint32_t k, uint32_t i)
{
	const struct plan_touch *t = &f->touches.all[k];
	uint32_t shift = f->settings->has_jitter && t->order == PLAN_EVENLY ? (uint32_t)drawn(f, s, k, s->slices) : 0;

	return plan_is_touched(t, (uint32_t)(((uint64_t)i + shift) % s->slices), s->slices);
}

/* Whether it goes on in the slice behind that one. */
static int goes_on(const struct feeder *f, const struct plan_line *s, uint32_t k, uint32_t i)
{
	return i + 1 < s->slices ? is_due(f, s, k, i + 1) : plan_goes_on(&f->touches.all[k], i, s->slices);
}

/* One slice of a snapshot: all that is due in it, then again and again what is due in the next as well. */
static int tell_slice(struct feeder *f, const struct plan_line *s, uint32_t i, uint64_t from_ns, uint64_t length_ns)
{
	uint64_t delay_ns = f->settings->has_jitter ? drawn(f, s, ~(uint64_t)i, length_ns / JITTER_SHARE + 1) : 0;
	uint32_t steps = feed_times(length_ns);
	int err = 0, any = 0;

	for (uint32_t step = 0; step < steps && !err && (any || !step); step++) {
		uint64_t step_ns = length_ns / steps;

		any = 0;
		for (uint32_t k = 0; k < f->touches.n && !err; k++) {
			const struct plan_touch *t = &f->touches.all[k];

			if (!is_due(f, s, k, i) || (step && !goes_on(f, s, k, i)))
				continue;
			if (!any && step)
				err = tell(f, PLAYER_AGAIN, from_ns + step * step_ns, step_ns, s->number);
			else if (!any)
				err = tell(f, PLAYER_SLICE, from_ns + delay_ns, length_ns - delay_ns, s->number);
			any = 1;
			if (!err)
				err = tell_touch(f, t, class_of(t->samples, s->slices), s->number);
		}
		if (!err)
			err = tell_joined(f);
	}
	return err;
}

/* A snapshot with the touches that follow it. */
static int tell_snapshot(struct feeder *f)
{
	struct plan_line s = f->line;
	int err;

	f->end_ns = s.time_ns + s.duration_ns;
	err = plan_touches(&f->reader, &f->line, &f->touches);
	for (uint32_t i = 0; i < s.slices && !err; i++) {
		uint64_t from = plan_slice_ns(&s, i);

		err = tell_slice(f, &s, i, s.time_ns + from, plan_slice_ns(&s, i + 1) - from);
	}
	return err;
}

static int tell_mapping(struct feeder *f, const struct plan_line *l)
{
	struct player_command c = {.what = PLAYER_UNMAP, .a = l->address, .b = l->size_bytes, .line = l->number};

	if (l->what == PLAN_MAP) {
		c.what = PLAYER_MAP;
		c.option = l->option;
		if (l->option & PLAYER_FILE) {
			c.c = f->file_offset;
			f->file_offset += l->size_bytes;
		}
	} else if (l->what == PLAN_FILL) {
		c.what = PLAYER_FILL;
		c.b /= ACCESSGEN_PAGE;
		c.c = plan_bound(l, l->pages);
		c.d = plan_bound(l, l->written);
	}
	return tell_command(f, c);
}

/* One line, and for a snapshot its touches; reads the one after it. */
static int tell_line(struct feeder *f, int waits)
{
	struct plan_line l = f->line;
	int err = 0;

	if (l.what == PLAN_SNAPSHOT)
		return tell_snapshot(f);
	if (waits)
		err = tell(f, PLAYER_WAIT, l.time_ns, 0, l.number);
	if (!err)
		err = tell_mapping(f, &l);
	if (l.time_ns > f->end_ns)
		f->end_ns = l.time_ns;
	return err ? err : plan_next(&f->reader, &f->line);
}

static int is_over(const struct feeder *f)
{
	return f->line.what == PLAN_END || f->line.what == PLAN_PROCESS;
}

/* All that is there before the start. */
int feed_start(struct feeder *f)
{
	int err;

	if (fseek(f->reader.in, f->process->offset, SEEK_SET))
		return plan_fail(&f->reader, f->process->number, errno, strerror(errno));
	f->reader.number = f->process->number;
	err = plan_next(&f->reader, &f->line);
	while (!err && !is_over(f) && f->line.what != PLAN_SNAPSHOT && !f->line.time_ns)
		err = tell_line(f, 0);
	if (!err)
		err = tell(f, PLAYER_READY, 0, 0, f->process->number);
	if (!err)
		err = send(f);
	err = heard(f, err);
	return err ? err : hear(f);
}

void *feed(void *arg)
{
	struct feeder *f = arg;
	int err = tell(f, PLAYER_GO, f->start_ns, 0, f->process->number);

	while (!err && !is_over(f))
		err = tell_line(f, 1);
	if (!err)
		err = tell(f, PLAYER_END, f->end_ns, 0, f->process->number);
	if (!err)
		err = send(f);
	err = heard(f, err);
	f->err = err ? err : hear(f);
	return NULL;
}

