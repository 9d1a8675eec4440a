#define _GNU_SOURCE
#include "backing.h"
#include "feed.h"
#include "huge.h"
#include "limits.h"
#include "placement.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Plays a plan: starts its players, has them fed, collects what they did. */

/* The players begin together, when the last has had time to hear of it. */
#define LEAD_NS 2000000ull

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
	sum->beyond += r->beyond;
	if (r->wall_ns > sum->wall_ns)
		sum->wall_ns = r->wall_ns;
	for (int i = 0; i < ACCESSGEN_CLASSES; i++) {
		sum->class_intended[i] += r->class_intended[i];
		sum->class_touched[i] += r->class_touched[i];
	}
}

/* Whether what was filled before the start is in huge pages where they were asked for. */
static int check_huge(struct feeder *feeders, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct feeder *f = &feeders[i];
		uint64_t had = 0, wanted = f->process->huge_bytes;
		char why[256];

		if (!wanted || (!(f->err = huge_had(f->player.pid, &had)) && had >= wanted))
			continue;
		snprintf(why, sizeof(why),
			 "%" PRIu64 " MiB are to be in transparent huge pages before the start, for %" PRIu64
			 " MiB this machine had some; it could have pages of 4 KiB (small)",
			 wanted >> 20, had >> 20);
		return f->err = plan_fail(&f->reader, f->process->number, ENODEV, why);
	}
	return 0;
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
	return err ? err : check_huge(feeders, plan->nr_processes);
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

/* Other pages are none that a plan has, and more memory than there is would have the kernel end some process or other. */
static int check_machine(struct plan_reader *r, const struct plan *plan)
{
	struct limits_room room;
	uint64_t needed = 0, disk = 0;
	char why[400];
	int err = plan_check_machine(r, plan);

	for (uint32_t i = 0; i < plan->nr_processes && !err; i++) {
		const struct plan_process *p = &plan->processes[i];

		needed += p->most_bytes;
		disk += p->disk_bytes;
		err = limits_check(p->most_mapped_bytes, p->most_private_bytes, why, sizeof(why));
		if (err)
			plan_fail(r, p->number, err, why);
	}
	if (err)
		return err;
	limits_room("", &room);
	if (needed > room.bytes) {
		snprintf(why, sizeof(why), "the plan fills %" PRIu64 " MiB at a time, %s %" PRIu64 " MiB left", needed >> 20, room.who,
			 room.bytes >> 20);
		return plan_fail(r, plan->processes[0].number, ENOMEM, why);
	}
	err = backing_check(disk, why, sizeof(why));
	if (!err)
		err = huge_check(plan, why, sizeof(why));
	return err ? plan_fail(r, plan->processes[0].number, err, why) : 0;
}

/* What no machine has time for is not tried: it would be shed nearly all. */
static int check_rate(struct plan_reader *r, const struct plan *plan, uint32_t threads)
{
	double intended = 0, possible = 0;
	char why[256];

	for (uint32_t i = 0; i < plan->nr_processes; i++) {
		const struct plan_process *p = &plan->processes[i];

		intended += p->intended_pages;
		possible += p->possible_pages * threads < p->intended_pages ? p->possible_pages * threads : p->intended_pages;
	}
	if (possible * 2 >= intended)
		return 0;
	snprintf(why, sizeof(why), "the plan asks for %.0f page touches, of which no machine has time for more than %.0f; what this one has "
				   "time for, accessgen feasible says (replay --feasible)",
		 intended, possible);
	return plan_fail(r, plan->processes[0].number, ENODEV, why);
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
		err = check_machine(&reader, &plan);
	if (!err)
		err = check_rate(&reader, &plan, hooks && hooks->threads ? hooks->threads : 1);
	if (!err && hooks && hooks->log && (log_fd = open_log(hooks->log, error, error_size)) < 0)
		err = errno == ENOENT || errno == ENOTDIR || errno == EEXIST ? EIO : ENOSPC;
	if (!err)
		err = play(&plan, file, hooks, log_fd, &placement, report, error, error_size);
	if (log_fd >= 0)
		close(log_fd);
	return err;
}
