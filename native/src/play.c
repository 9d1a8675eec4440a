#define _GNU_SOURCE
#include "backing.h"
#include "placement.h"
#include "plan.h"
#include "player.h"
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Drives the players of a plan: starts them, tells each what its part of the plan says, collects what they did. */

/* Slices up to this length are touched once more where memory stays busy, so that a watcher's window of that length meets a touch wherever it begins. */
#define SHORT_NS 8000000ull
#define SHORT_STEPS 2
#define LONG_STEPS 4
#define STEP_NS 25000000ull /* longest time between two touches of busy memory in a longer slice */
#define JITTER_SHARE 4 /* a slice begins up to so much of it late, where that is drawn */
#define OUT_COMMANDS 512
/* The players begin together, when the last has had time to hear of it. */
#define LEAD_NS 2000000ull

struct player_settings;

struct feeder {
	struct plan_reader reader;
	const struct plan_process *process;
	struct plan_line line; /* the next one that was not yet obeyed */
	struct spawned player;
	const struct player_settings *settings;
	pthread_t thread;
	uint64_t start_ns, end_ns;
	uint64_t file_offset; /* in its file: where the next mapping of it begins */
	struct player_command joined; /* a touch that the next may be joined with; PLAYER_END: none */
	struct player_command out[OUT_COMMANDS];
	uint32_t nr_out;
	struct plan_touches touches;
	struct player_status status;
	char error[512];
	int err;
};

/* What all players of a plan have in common. */
struct player_settings {
	uint64_t options; /* player.h */
	int log_fd;
	int has_jitter;
	uint64_t seed;
};

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
	return f->nr_out == OUT_COMMANDS ? send(f) : 0;
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
	uint32_t steps = SHORT_STEPS;
	int err = 0, any = 0;

	if (length_ns > SHORT_NS)
		steps = length_ns / STEP_NS < LONG_STEPS ? LONG_STEPS : (uint32_t)(length_ns / STEP_NS) + 1;
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
static int feed_start(struct feeder *f)
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

static void *feed(void *arg)
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

/* ---- the whole ---- */

static void add(struct accessgen_plan_report *sum, uint64_t *late_ns, const struct player_status *s)
{
	const struct accessgen_plan_report *r = &s->report;

	sum->intended_pages += r->intended_pages;
	sum->touched_pages += r->touched_pages;
	sum->again_pages += r->again_pages;
	sum->slices += r->slices;
	sum->late_slices += r->late_slices;
	sum->late_wakeups += r->late_wakeups;
	sum->shed_slices += r->shed_slices;
	sum->tlb_flushes += r->tlb_flushes;
	sum->tlb_flush_ns += r->tlb_flush_ns;
	*late_ns += s->sum_late_ns;
	if (r->max_late_ns > sum->max_late_ns)
		sum->max_late_ns = r->max_late_ns;
	if (r->wall_ns > sum->wall_ns)
		sum->wall_ns = r->wall_ns;
	for (int i = 0; i < ACCESSGEN_CLASSES; i++) {
		sum->class_intended[i] += r->class_intended[i];
		sum->class_touched[i] += r->class_touched[i];
	}
}

static int start_players(struct feeder *feeders, const struct plan *plan, const char *file, const struct player_settings *settings)
{
	int err = 0;

	for (uint32_t i = 0; i < plan->nr_processes && !err; i++) {
		struct feeder *f = &feeders[i];
		char why[256];

		f->process = &plan->processes[i];
		f->settings = settings;
		f->joined.what = PLAYER_END;
		f->reader = (struct plan_reader){.in = fopen(file, "re"), .file = file, .error = f->error, .error_size = sizeof(f->error)};
		if (!f->reader.in)
			f->err = plan_fail(&f->reader, 1, errno, strerror(errno));
		else if ((err = spawn_player(f->process, settings->log_fd, settings->options, &f->player, why, sizeof(why))))
			f->err = plan_fail(&f->reader, f->process->number, err, why);
		err = f->err;
	}
	for (uint32_t i = 0; i < plan->nr_processes && !err; i++)
		err = feeders[i].err = feed_start(&feeders[i]);
	return err;
}

static int run_players(struct feeder *feeders, uint32_t n)
{
	uint64_t start_ns = accessgen_now_ns() + LEAD_NS;
	uint32_t started = 0;
	int err = 0;

	for (uint32_t i = 0; i < n && !err; i++) {
		feeders[i].start_ns = start_ns;
		err = pthread_create(&feeders[i].thread, NULL, feed, &feeders[i]);
		started += !err;
	}
	for (uint32_t i = 0; i < started; i++)
		pthread_join(feeders[i].thread, NULL);
	return err;
}

/* Lets the processes and their memory go. */
static void end_players(struct feeder *feeders, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct feeder *f = &feeders[i];

		if (f->player.commands_fd > 0)
			close(f->player.commands_fd);
		if (f->player.status_fd > 0)
			close(f->player.status_fd);
		if (f->player.pid > 0) {
			if (f->err)
				kill(f->player.pid, SIGKILL);
			while (waitpid(f->player.pid, NULL, 0) < 0 && errno == EINTR)
				;
		}
		if (f->reader.in)
			fclose(f->reader.in);
		free(f->touches.all);
	}
}

/* More than there is would have the kernel end some process or other. */
static int check_memory(struct plan_reader *r, const struct plan *plan)
{
	uint64_t needed = 0, disk = 0, available = accessgen_available_bytes();
	char why[256];
	int err;

	for (uint32_t i = 0; i < plan->nr_processes; i++) {
		needed += plan->processes[i].most_bytes;
		disk += plan->processes[i].disk_bytes;
	}
	if (needed > available) {
		snprintf(why, sizeof(why), "the plan fills %" PRIu64 " MiB at a time, this machine has %" PRIu64 " MiB left", needed >> 20,
			 available >> 20);
		return plan_fail(r, plan->processes[0].number, ENOMEM, why);
	}
	err = backing_check(disk, why, sizeof(why));
	return err ? plan_fail(r, plan->processes[0].number, err, why) : 0;
}

static int open_log(const char *file, char *error, size_t error_size)
{
	static const char head[] = "from_ns,to_ns,address,intended_pages,touched_pages\n";
	int fd = spawn_above(open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_APPEND, 0600));

	if (fd < 0 || write(fd, head, sizeof(head) - 1) != (ssize_t)sizeof(head) - 1) {
		snprintf(error, error_size, "%s: %s", file, strerror(errno));
		return -1;
	}
	return fd;
}

static uint64_t options_of(const struct accessgen_plan_hooks *hooks)
{
	uint32_t threads = hooks && hooks->threads ? hooks->threads : 1;

	return (hooks && hooks->flush_tlb ? PLAYER_FLUSHES : 0) | PLAYER_HELPERS(threads - 1);
}

static int play(const struct plan *plan, const char *file, const struct accessgen_plan_hooks *hooks, int log_fd,
		struct placement *placement, struct accessgen_plan_report *report, char *error, size_t error_size)
{
	struct player_settings settings = {.options = options_of(hooks) | (log_fd >= 0 ? PLAYER_LOGS : 0), .log_fd = log_fd};

	struct feeder *feeders = calloc(plan->nr_processes, sizeof(*feeders));
	int pids[PLAN_MAX_PROCESSES], err;
	uint64_t late_ns = 0;

	if (!feeders)
		return ENOMEM;
	if (hooks && hooks->jitter) {
		settings.has_jitter = 1;
		settings.seed = *hooks->jitter;
	}
	err = placement_enter(placement, error, error_size);
	if (err) {
		free(feeders);
		return err;
	}
	err = start_players(feeders, plan, file, &settings);
	placement_leave(placement); /* who feeds the players takes none of their processors */
	for (uint32_t i = 0; i < plan->nr_processes; i++)
		pids[i] = feeders[i].player.pid;
	if (!err && hooks && hooks->ready && (err = hooks->ready(hooks->arg, pids, plan->nr_processes)))
		snprintf(error, error_size, "%s: %s", file, err == ECANCELED ? "the gate was closed" : strerror(err));
	if (!err && (err = run_players(feeders, plan->nr_processes)))
		snprintf(error, error_size, "%s: %s", file, strerror(err));
	for (uint32_t i = 0; i < plan->nr_processes; i++) {
		struct feeder *f = &feeders[i];

		if (f->err) {
			err = f->err;
			snprintf(error, error_size, "%s", f->error);
		}
		add(report, &late_ns, &f->status);
	}
	report->start_ns = feeders[0].start_ns;
	report->mean_late_ns = report->slices ? late_ns / report->slices : 0;
	if (!err && hooks && hooks->done)
		hooks->done(hooks->arg, report);
	if (err) /* those that wait for commands have none to come */
		for (uint32_t i = 0; i < plan->nr_processes; i++)
			feeders[i].err = err;
	end_players(feeders, plan->nr_processes);
	free(feeders);
	return err;
}

int accessgen_is_plan(const char *file)
{
	static const char head[] = "damson-plan ";
	char text[sizeof(head)] = "";
	FILE *in = fopen(file, "re");
	int is = in && fread(text, 1, sizeof(head) - 1, in) == sizeof(head) - 1 && !strcmp(text, head);

	if (in)
		fclose(in);
	return is;
}

int accessgen_check_placement(const char *cpus, const char *numa, char *error, size_t error_size)
{
	struct placement placement;
	char note[256];

	return placement_read(cpus, numa, &placement, error, error_size, note, sizeof(note));
}

int accessgen_check_plan(const char *file, uint32_t *nr_processes, uint64_t *most_bytes, char *error, size_t error_size)
{
	struct plan plan;
	int err = plan_check_file(file, player_bytes(0), &plan, error, error_size);

	*nr_processes = plan.nr_processes;
	*most_bytes = 0;
	for (uint32_t i = 0; i < plan.nr_processes && !err; i++)
		*most_bytes += plan.processes[i].most_bytes;
	return err;
}

int accessgen_play(const char *file, const struct accessgen_plan_hooks *hooks, struct accessgen_plan_report *report,
		   char *error, size_t error_size)
{
	struct placement placement;
	char note[256];
	struct plan_reader reader = {.file = file, .error = error, .error_size = error_size};
	struct plan plan;
	int err, log_fd = -1;

	memset(report, 0, sizeof(*report));
	signal(SIGPIPE, SIG_IGN); /* a player that has ended is told of by its status */
	err = placement_read(hooks ? hooks->cpus : NULL, hooks ? hooks->numa : NULL, &placement, error, error_size, note, sizeof(note));
	if (!err && *note && hooks->note)
		hooks->note(hooks->arg, note);
	if (!err)
		err = plan_check_file(file, player_bytes(options_of(hooks)), &plan, error, error_size);
	if (!err)
		err = check_memory(&reader, &plan);
	if (!err && hooks && hooks->log && (log_fd = open_log(hooks->log, error, error_size)) < 0)
		err = EIO;
	if (!err)
		err = play(&plan, file, hooks, log_fd, &placement, report, error, error_size);
	if (log_fd >= 0)
		close(log_fd);
	return err;
}
