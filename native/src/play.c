#define _GNU_SOURCE
#include "backing.h"
#include "plan.h"
#include "player.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Drives the players of a plan: starts them, tells each what its part of the plan says, collects what they did. */

/* Slices up to this length are touched once more where memory stays busy, so that a watcher's window of that length meets a touch wherever it begins. */
#define SHORT_NS 8000000ull
#define SHORT_STEPS 2
#define LONG_STEPS 4
#define STEP_NS 25000000ull /* longest time between two touches of busy memory in a longer slice */
#define OUT_COMMANDS 512
/* The players begin together, when the last has had time to hear of it. */
#define LEAD_NS 2000000ull

struct feeder {
	struct plan_reader reader;
	const struct plan_process *process;
	struct plan_line line; /* the next one that was not yet obeyed */
	int commands_fd, status_fd;
	pid_t pid;
	pthread_t thread;
	uint64_t start_ns, end_ns;
	uint64_t file_offset; /* in its file: where the next mapping of it begins */
	struct player_command out[OUT_COMMANDS];
	uint32_t nr_out;
	struct plan_touches touches;
	struct player_status status;
	char error[512];
	int err;
};

static int send(struct feeder *f)
{
	const char *p = (const char *)f->out;
	size_t left = f->nr_out * sizeof(*f->out);

	f->nr_out = 0;
	while (left) {
		ssize_t n = write(f->commands_fd, p, left);

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

static int tell_touch(struct feeder *f, const struct plan_touch *t, uint32_t class, uint64_t line)
{
	return tell_command(f, (struct player_command){.what = PLAYER_TOUCH,
						       .option = class,
						       .a = t->address,
						       .b = t->range_pages,
						       .c = t->bound,
						       .d = t->written_bound,
						       .line = line});
}

/* What the player says next; an error of its own names the line of the plan. */
static int hear(struct feeder *f)
{
	char *to = (char *)&f->status;
	size_t have = 0;

	while (have < sizeof(f->status)) {
		ssize_t n = read(f->status_fd, to + have, sizeof(f->status) - have);

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

/* One slice of a snapshot: all that is due in it, then again and again what is due in the next as well. */
static int tell_slice(struct feeder *f, const struct plan_line *s, uint32_t i, uint64_t from_ns, uint64_t length_ns)
{
	uint32_t steps = SHORT_STEPS;
	int err = 0, any = 0;

	if (length_ns > SHORT_NS)
		steps = length_ns / STEP_NS < LONG_STEPS ? LONG_STEPS : (uint32_t)(length_ns / STEP_NS) + 1;
	for (uint32_t step = 0; step < steps && !err && (any || !step); step++) {
		uint64_t step_ns = length_ns / steps;

		any = 0;
		for (uint32_t k = 0; k < f->touches.n && !err; k++) {
			const struct plan_touch *t = &f->touches.all[k];

			if (!plan_is_touched(t, i, s->slices) || (step && !plan_goes_on(t, i, s->slices)))
				continue;
			if (!any && step)
				err = tell(f, PLAYER_AGAIN, from_ns + step * step_ns, step_ns, s->number);
			else if (!any)
				err = tell(f, PLAYER_SLICE, from_ns, length_ns, s->number);
			any = 1;
			if (!err)
				err = tell_touch(f, t, class_of(t->samples, s->slices), s->number);
		}
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

/* ---- processes ---- */

/* The descriptors that a player has. */
struct descriptors {
	int commands, status, log, file; /* the last two: -1 for none */
};

/* Gives a descriptor its number; all of them lie above those numbers. */
static int place(int fd, int number)
{
	return fd < 0 || dup2(fd, number) >= 0;
}

static void child(const struct feeder *f, const struct descriptors *d, uint64_t options)
{
	/* the C library has the kernel write into memory that a player unmaps, unless told not to (restartable sequences) */
	char *environment[] = {"GLIBC_TUNABLES=glibc.pthread.rseq=0", NULL};
	char home[32], flags[32], *argv[] = {"accessgen", "player", home, flags, NULL};

	snprintf(home, sizeof(home), "%" PRIu64, f->process->home);
	snprintf(flags, sizeof(flags), "%" PRIu64, options);
	if (!place(d->commands, 0) || !place(d->status, 1) || !place(d->log, PLAYER_LOG_FD) || !place(d->file, PLAYER_FILE_FD))
		_exit(127);
	execve("/proc/self/exe", argv, environment);
	_exit(127);
}

/* Moves a descriptor above those that a player has; -1 with errno if it cannot. */
static int above(int fd)
{
	int moved = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, PLAYER_FILE_FD + 1);

	if (fd >= 0)
		close(fd);
	return moved;
}

static int open_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC))
		return errno;
	ends[0] = above(ends[0]);
	ends[1] = above(ends[1]);
	return ends[0] < 0 || ends[1] < 0 ? EMFILE : 0;
}

static void close_pipe(const int ends[2])
{
	for (int i = 0; i < 2; i++)
		if (ends[i] >= 0)
			close(ends[i]);
}

/* The process that plays; its command and status pipes are ours alone, and its file only its own. */
static int spawn(struct feeder *f, int log_fd, uint64_t options)
{
	int commands[2] = {-1, -1}, status[2] = {-1, -1}, file = -1, err = 0;
	char why[256] = "";

	if (f->process->file_bytes) {
		err = backing_open(f->process->file_bytes, &file, why, sizeof(why));
		file = err ? -1 : above(file);
		if (!err && file < 0)
			err = EMFILE;
	}
	if (!err)
		err = open_pipe(commands);
	if (!err)
		err = open_pipe(status);
	if (!err) {
		struct descriptors d = {commands[0], status[1], log_fd, file};

		(void)fcntl(commands[1], F_SETPIPE_SZ, 1 << 20); /* a wish: more ahead, fewer waits */
		f->pid = fork();
		if (!f->pid)
			child(f, &d, options);
		f->commands_fd = commands[1];
		f->status_fd = status[0];
		close(commands[0]);
		close(status[1]);
		err = f->pid < 0 ? errno : 0;
	} else {
		close_pipe(commands);
		close_pipe(status);
	}
	if (file >= 0)
		close(file);
	return err ? plan_fail(&f->reader, f->process->number, err, *why ? why : strerror(err)) : 0;
}

extern const unsigned char accessgen_player_code[], accessgen_player_code_end[];

/* Whether the kernel writes into memory of this thread by itself: it cannot be told twice where. */
static int is_restartable(void)
{
#ifdef SYS_rseq
	static _Alignas(32) char area[32];

	if (syscall(SYS_rseq, area, sizeof(area), 0, 0x53053053u))
		return errno != ENOSYS;
	syscall(SYS_rseq, area, sizeof(area), 1, 0x53053053u);
#endif
	return 0;
}

int accessgen_become_player(char **argv)
{
	uint64_t home = strtoull(argv[0], NULL, 10), options = strtoull(argv[1], NULL, 10), bytes = player_bytes(options);
	unsigned char *first, *block;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (is_restartable() || accessgen_player_code_end - accessgen_player_code > (long)PLAYER_CODE_BYTES)
		return 3;
	first = block = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (block == MAP_FAILED)
		return 3;
	/* where it is now must not be in the way of where it goes */
	if ((uintptr_t)block < home + bytes && home < (uintptr_t)block + bytes)
		block = mmap(NULL, bytes + PLAYER_CODE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (block == MAP_FAILED || (block != first && (uintptr_t)block < home + bytes && home < (uintptr_t)block + bytes))
		return 3;
	memcpy(block, accessgen_player_code, (size_t)(accessgen_player_code_end - accessgen_player_code));
	if (mprotect(block, PLAYER_CODE_BYTES, PROT_READ | PROT_EXEC))
		return 3;
	__builtin___clear_cache((char *)block, (char *)block + PLAYER_CODE_BYTES);
	player_jump(block, home, options);
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

static int start_players(struct feeder *feeders, const struct plan *plan, const char *file, int log_fd, uint64_t options)
{
	int err = 0;

	for (uint32_t i = 0; i < plan->nr_processes && !err; i++) {
		struct feeder *f = &feeders[i];

		f->process = &plan->processes[i];
		f->reader = (struct plan_reader){.in = fopen(file, "re"), .file = file, .error = f->error, .error_size = sizeof(f->error)};
		if (!f->reader.in)
			f->err = plan_fail(&f->reader, 1, errno, strerror(errno));
		else
			f->err = spawn(f, log_fd, options);
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

		if (f->commands_fd > 0)
			close(f->commands_fd);
		if (f->status_fd > 0)
			close(f->status_fd);
		if (f->pid > 0) {
			if (f->err)
				kill(f->pid, SIGKILL);
			while (waitpid(f->pid, NULL, 0) < 0 && errno == EINTR)
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
	int fd = above(open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_APPEND, 0600));

	if (fd < 0 || write(fd, head, sizeof(head) - 1) != (ssize_t)sizeof(head) - 1) {
		snprintf(error, error_size, "%s: %s", file, strerror(errno));
		return -1;
	}
	return fd;
}

static int play(const struct plan *plan, const char *file, const struct accessgen_plan_hooks *hooks, int log_fd,
		struct accessgen_plan_report *report, char *error, size_t error_size)
{
	struct feeder *feeders = calloc(plan->nr_processes, sizeof(*feeders));
	int pids[PLAN_MAX_PROCESSES], err;
	uint64_t late_ns = 0;

	if (!feeders)
		return ENOMEM;
	err = start_players(feeders, plan, file, log_fd,
			    (hooks && hooks->flush_tlb ? PLAYER_FLUSHES : 0) | (log_fd >= 0 ? PLAYER_LOGS : 0));
	for (uint32_t i = 0; i < plan->nr_processes; i++)
		pids[i] = feeders[i].pid;
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
	uint64_t block_bytes = player_bytes(hooks && hooks->flush_tlb ? PLAYER_FLUSHES : 0);
	struct plan_reader reader = {.file = file, .error = error, .error_size = error_size};
	struct plan plan;
	int err, log_fd = -1;

	memset(report, 0, sizeof(*report));
	signal(SIGPIPE, SIG_IGN); /* a player that has ended is told of by its status */
	err = plan_check_file(file, block_bytes, &plan, error, error_size);
	if (!err)
		err = check_memory(&reader, &plan);
	if (!err && hooks && hooks->log && (log_fd = open_log(hooks->log, error, error_size)) < 0)
		err = EIO;
	if (!err)
		err = play(&plan, file, hooks, log_fd, report, error, error_size);
	if (log_fd >= 0)
		close(log_fd);
	return err;
}
