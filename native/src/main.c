#define _GNU_SOURCE
#include "accessgen.h"
#include "placement.h"

#include <signal.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char USAGE[] = "usage: accessgen run [--seed N] [--repeat N] [--log FILE] [--threads N] [--cpus LIST]\n"
			    "                     [--numa bind|interleave|preferred:NODES] CONFIG\n"
			    "       accessgen check CONFIG|PLAN\n"
			    "       accessgen plan [--gate] [--flush-tlb] [--log FILE] [--threads N] [--jitter SEED] [--cpus LIST]\n"
			    "                      [--numa bind|interleave|preferred:NODES] PLAN\n"
			    "       accessgen feasible [--flush-tlb] [--threads N] [--cpus LIST] [--numa bind|interleave|preferred:NODES] PLAN\n"
			    "       accessgen bench [MIB...]\n"
			    "       accessgen touch-cost [MS]\n";

static int complain(const char *text)
{
	fprintf(stderr, "accessgen: %s\n", text);
	return 3;
}

static int complain_as(int status, const char *text)
{
	complain(text);
	return status;
}

static int complain_of(const char *file, int err)
{
	fprintf(stderr, "accessgen: %s: %s\n", file, strerror(err));
	return err == ENOENT || err == ENOTDIR || err == EEXIST ? 3 : 4;
}

static int usage(void)
{
	fputs(USAGE, stderr);
	return 2;
}

/* A whole number up to max; 0 if it is one. */
static int number(const char *text, uint64_t max, uint64_t *out)
{
	char *rest;

	errno = 0;
	*out = strtoull(text, &rest, 10);
	return *text < '0' || *text > '9' || *rest || errno || *out > max;
}

static int threads(const char *text, uint32_t *out)
{
	uint64_t n;

	if (number(text, ACCESSGEN_MAX_THREADS, &n) || !n)
		return 1;
	*out = (uint32_t)n;
	return 0;
}

static int check(const char *file)
{
	struct accessgen_config config;
	uint64_t bytes = 0, ms = 0;
	uint32_t processes;
	char error[512];

	if (accessgen_is_plan(file)) {
		if (accessgen_check_plan(file, &processes, &bytes, error, sizeof(error)))
			return complain(error);
		printf("%" PRIu32 " processes, at most %" PRIu64 " bytes at a time\n", processes, bytes);
		return 0;
	}
	if (accessgen_parse(file, &config))
		return complain(config.error);
	for (uint32_t i = 0; i < config.nr_regions; i++)
		bytes += config.regions[i].size_bytes;
	for (uint32_t i = 0; i < config.nr_phases; i++)
		ms += config.phases[i].duration_ms;
	printf("%u region%s, %" PRIu64 " bytes; %u phase%s, %" PRIu64 " ms\n", config.nr_regions, config.nr_regions == 1 ? "" : "s",
	       bytes, config.nr_phases, config.nr_phases == 1 ? "" : "s", ms);
	accessgen_free(&config);
	return 0;
}

static FILE *open_log(const char *file)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? NULL : fdopen(fd, "w");
}

/* How finely the log tells when accesses were made. */
#define LOG_NS 2000000ull

/*
 * The log: which part of which region was accessed how often, and how: 0 at a stride in turn, 1 at random, 4 from link to link, 5
 * zipf, 6 in a moving window. The first rows, of no time and no phase, tell where every region is.
 */
static void log_regions(FILE *log, const struct accessgen_config *config)
{
	uint64_t now = accessgen_now_ns();

	fputs("from_ns,to_ns,phase,region,accesses,start,size_bytes,stride_bytes,random\n", log);
	for (uint32_t r = 0; r < config->nr_regions; r++)
		fprintf(log, "%" PRIu64 ",%" PRIu64 ",,%s,0,%" PRIuPTR ",%" PRIu64 ",0,0\n", now, now, config->regions[r].name,
			(uintptr_t)config->regions[r].base, config->regions[r].size_bytes);
}

/* What the run prints per phase and logs per phase and LOG_NS. */
struct teller {
	FILE *log;
	const struct accessgen_phase *phase;
	uint64_t accesses, phase_from_ns, phase_to_ns;
};

static void tell_phase(struct teller *t)
{
	if (t->phase)
		printf("%s: %" PRIu64 " accesses in %" PRIu64 " ms\n", t->phase->name, t->accesses,
		       (t->phase_to_ns - t->phase_from_ns) / 1000000);
	fflush(stdout);
}

static void tell(void *arg, const struct accessgen_config *config, const struct accessgen_phase *phase, uint64_t from_ns,
		 uint64_t to_ns, const uint64_t *touches)
{
	struct teller *t = arg;

	if (phase != t->phase) {
		tell_phase(t);
		t->phase = phase;
		t->accesses = 0;
		t->phase_from_ns = from_ns;
	}
	t->phase_to_ns = to_ns;
	for (uint32_t r = 0; r < config->nr_regions; r++)
		t->accesses += touches[r];
	for (uint32_t i = 0; t->log && i < phase->nr_patterns; i++) {
		const struct accessgen_pattern *a = &phase->patterns[i];
		const struct accessgen_region *r = &config->regions[a->region];

		if (a->accesses)
			fprintf(t->log, "%" PRIu64 ",%" PRIu64 ",%s,%s,%" PRIu64 ",%" PRIuPTR ",%" PRIu64 ",%" PRIu64 ",%d\n", from_ns,
				to_ns, phase->name, r->name, a->accesses, (uintptr_t)r->base + a->from_bytes,
				a->to_bytes - a->from_bytes, a->stride_bytes, a->kind == ACCESSGEN_STRIDE   ? ACCESSGEN_IN_TURN
										      : a->kind == ACCESSGEN_RANDOM ? ACCESSGEN_AT_RANDOM
														    : a->kind);
	}
}

static int run_phases(struct accessgen_config *config, uint64_t *time_ns, uint64_t *rng, FILE *log)
{
	struct teller t = {.log = log};
	int err = accessgen_run(config, time_ns, rng, log ? LOG_NS : 100000000ull, tell, &t);

	if (err)
		return complain(strerror(err));
	tell_phase(&t);
	return 0;
}

/* What all threads accessed in each phase, and how long it took until the last was done with it. */
struct sums {
	uint64_t accesses, from_ns, to_ns;
};

static void add_up(void *arg, const struct accessgen_config *config, const struct accessgen_phase *phase, uint64_t from_ns,
		   uint64_t to_ns, const uint64_t *touches)
{
	struct sums *s = (struct sums *)arg + (phase - config->phases);

	if (!s->from_ns || from_ns < s->from_ns)
		s->from_ns = from_ns;
	if (to_ns > s->to_ns)
		s->to_ns = to_ns;
	for (uint32_t r = 0; r < config->nr_regions; r++)
		s->accesses += touches[r];
}

static int run_threads(struct accessgen_config *config, uint32_t n, uint64_t *time_ns, uint64_t *rng)
{
	struct sums *sums = calloc(config->nr_phases, sizeof(*sums));
	int err = sums ? accessgen_run_threads(config, n, time_ns, rng, 0, add_up, sums) : ENOMEM;

	for (uint32_t i = 0; i < config->nr_phases && !err; i++)
		printf("%s: %" PRIu64 " accesses in %" PRIu64 " ms\n", config->phases[i].name, sums[i].accesses,
		       (sums[i].to_ns - sums[i].from_ns) / 1000000);
	free(sums);
	return err ? complain(strerror(err)) : 0;
}

/* This process runs where it was told to; else a status. */
static int place(const char *cpus, const char *numa)
{
	struct placement p;
	char error[256], note[256];
	int err = placement_read(cpus, numa, &p, error, sizeof(error), note, sizeof(note));

	if (!err && *note)
		fprintf(stderr, "accessgen: note: %s\n", note);
	if (!err)
		err = placement_enter(&p, error, sizeof(error));
	if (err)
		complain(error);
	return err == EINVAL ? 2 : err ? 4 : 0;
}

/* Whether it is the machine that has less than was asked for. */
static int is_lacking(int err)
{
	return err == ENOMEM || err == ENOSPC || err == ENODEV || err == ENOTSUP;
}

static int run(int argc, char **argv)
{
	struct accessgen_config config;
	uint64_t rng = 1, repeat = 1, time_ns;
	const char *cpus = NULL, *numa = NULL, *log_file = NULL;
	uint32_t nr_threads = 1;
	FILE *log = NULL;
	int i, code = 0;

	for (i = 0; i + 1 < argc && !strncmp(argv[i], "--", 2); i += 2) {
		if (!strcmp(argv[i], "--seed"))
			rng = strtoull(argv[i + 1], NULL, 10);
		else if (!strcmp(argv[i], "--repeat"))
			repeat = strtoull(argv[i + 1], NULL, 10);
		else if (!strcmp(argv[i], "--threads") && threads(argv[i + 1], &nr_threads))
			return usage();
		else if (!strcmp(argv[i], "--threads"))
			continue;
		else if (!strcmp(argv[i], "--cpus"))
			cpus = argv[i + 1];
		else if (!strcmp(argv[i], "--numa"))
			numa = argv[i + 1];
		else if (!strcmp(argv[i], "--log"))
			log_file = argv[i + 1];
		else
			return usage();
	}
	if (i != argc - 1)
		return usage();
	if (log_file && nr_threads > 1)
		return complain_as(2, "--log tells what one thread did: omit --threads");
	code = place(cpus, numa);
	if (code)
		return code;
	if (accessgen_parse(argv[i], &config))
		return complain(config.error);
	if ((code = accessgen_map(&config)))
		return complain_as(is_lacking(code) ? 4 : 3, config.error);
	if (log_file && !(log = open_log(log_file)))
		return complain_of(log_file, errno);
	if (log)
		log_regions(log, &config);
	time_ns = accessgen_now_ns();
	while (!code && repeat--)
		code = nr_threads > 1 ? run_threads(&config, nr_threads, &time_ns, &rng) : run_phases(&config, &time_ns, &rng, log);
	if (log && (ferror(log) || fclose(log)))
		code = complain_of(log_file, errno ? errno : EIO);
	accessgen_free(&config);
	return code;
}

static void print_report(const struct accessgen_plan_report *r)
{
	printf("{\"start_ns\":%" PRIu64 ",\"intended_pages\":%" PRIu64 ",\"touched_pages\":%" PRIu64 ",\"again_pages\":%" PRIu64
	       ",\"slices\":%" PRIu64 ",\"late_slices\":%" PRIu64 ",\"late_wakeups\":%" PRIu64 ",\"shed_slices\":%" PRIu64
	       ",\"max_late_ns\":%" PRIu64 ",\"mean_late_ns\":%" PRIu64 ",\"wall_ns\":%" PRIu64 ",\"beyond\":%" PRIu64 ",\"tlb_flushes\":%" PRIu64
	       ",\"tlb_flush_ns\":%" PRIu64,
	       r->start_ns, r->intended_pages, r->touched_pages, r->again_pages, r->slices, r->late_slices, r->late_wakeups,
	       r->shed_slices, r->max_late_ns, r->mean_late_ns, r->wall_ns, r->beyond, r->tlb_flushes,
	       r->tlb_flush_ns);
	for (int i = 0; i < ACCESSGEN_CLASSES; i++)
		printf(",\"intended_%d\":%" PRIu64 ",\"touched_%d\":%" PRIu64, i, r->class_intended[i], i, r->class_touched[i]);
	puts("}");
	fflush(stdout);
}

/* Says which processes play and waits for a line on standard input. */
static int wait_for_start(void *arg, const int *pids, uint32_t nr_processes)
{
	char c = 0;

	(void)arg;
	for (uint32_t i = 0; i < nr_processes; i++)
		printf("process %" PRIu32 " %d\n", i, pids[i]);
	puts("ready");
	fflush(stdout);
	while (c != '\n')
		if (read(STDIN_FILENO, &c, 1) <= 0)
			return ECANCELED;
	return 0;
}

/* Reports, then keeps the memory until standard input ends, so that whoever watches it can finish its look. */
static void report_and_hold(void *arg, const struct accessgen_plan_report *report)
{
	char c;

	(void)arg;
	print_report(report);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
}

/* The line goes to whoever opens the gate, else to standard error. */
static void note_to_gate(void *arg, const char *text)
{
	(void)arg;
	printf("note %s\n", text);
}

static void note(void *arg, const char *text)
{
	(void)arg;
	fprintf(stderr, "accessgen: note: %s\n", text);
}

/* Whether this is an option of how a plan is played; i moves on to its argument. */
static int says_how(int argc, char **argv, int *i, struct accessgen_plan_hooks *hooks)
{
	const char *option = argv[*i], *value = *i + 1 < argc ? argv[*i + 1] : NULL;

	if (!strcmp(option, "--flush-tlb"))
		return hooks->flush_tlb = 1;
	if (!value)
		return 0;
	++*i;
	if (!strcmp(option, "--cpus"))
		hooks->cpus = value;
	else if (!strcmp(option, "--numa"))
		hooks->numa = value;
	else
		return !strcmp(option, "--threads") && !threads(value, &hooks->threads);
	return 1;
}

static int plan(int argc, char **argv)
{
	struct accessgen_plan_hooks hooks = {.note = note};
	struct accessgen_plan_report r;
	uint64_t seed;
	char error[512];
	int i = 0, gated = 0, err;

	for (; i < argc && !strncmp(argv[i], "--", 2); i++) {
		if (!strcmp(argv[i], "--gate"))
			gated = 1;
		else if (i + 1 < argc && !strcmp(argv[i], "--log") && !hooks.log)
			hooks.log = argv[++i];
		else if (i + 1 < argc && !strcmp(argv[i], "--jitter") && !number(argv[i + 1], UINT64_MAX, &seed))
			hooks.jitter = &seed, i++;
		else if (!says_how(argc, argv, &i, &hooks))
			return usage();
	}
	if (i != argc - 1)
		return usage();
	if (gated) {
		hooks.note = note_to_gate;
		hooks.ready = wait_for_start;
		hooks.done = report_and_hold;
	}
	err = accessgen_check_placement(hooks.cpus, hooks.numa, error, sizeof(error));
	if (err == EINVAL)
		return complain_as(2, error);
	if (!err)
		err = accessgen_play(argv[i], &hooks, &r, error, sizeof(error));
	if (err) /* less memory than the plan asks for, or other pages, is the machine's fault */
		return complain_as(is_lacking(err) ? 4 : 3, error);
	if (gated)
		return 0;
	print_report(&r);
	if (!r.beyond)
		return 0;
	fprintf(stderr, "accessgen: %s: %.2f %% of the touches were made: it asks for more than this machine does in its time (accessgen feasible)\n",
		argv[i], 100.0 * (double)r.touched_pages / (double)r.intended_pages);
	return 5;
}

static int feasible(int argc, char **argv)
{
	struct accessgen_plan_hooks hooks = {0};
	struct accessgen_feasibility f;
	char error[512];
	int i = 0, err;

	for (; i < argc && !strncmp(argv[i], "--", 2); i++)
		if (!says_how(argc, argv, &i, &hooks))
			return usage();
	if (i != argc - 1)
		return usage();
	err = accessgen_check_placement(hooks.cpus, hooks.numa, error, sizeof(error));
	if (err == EINVAL)
		return complain_as(2, error);
	if (!err)
		err = accessgen_feasible(argv[i], &hooks, &f, error, sizeof(error));
	if (err)
		return complain_as(is_lacking(err) ? 4 : 3, error);
	printf("{\"processes\":%" PRIu32 ",\"threads\":%" PRIu32 ",\"cpus\":%" PRIu32 ",\"most_bytes\":%" PRIu64 ",\"available_bytes\":%" PRIu64
	       ",\"page_ns\":%.2f,\"flushed_page_ns\":%.2f,\"flush_ns\":%.0f,\"fill_ns\":%.0f,\"late_ns\":%.0f,\"slices\":%" PRIu64
	       ",\"late_slices\":%" PRIu64 ",\"intended_pages\":%" PRIu64 ",\"pages_in_time\":%" PRIu64 "}\n",
	       f.nr_processes, f.threads, f.cpus, f.most_bytes, f.available_bytes, f.page_ns, f.flushed_page_ns, f.flush_ns, f.fill_ns, f.late_ns,
	       f.slices, f.late_slices, f.intended_pages, f.pages_in_time);
	return 0;
}

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

/* Page touches of a replay per millisecond of processor time, so that what else the machine does counts little. */
static int bench(int nr_sizes, char **sizes_mib)
{
	static char *usual[] = {"16", "64", "256", "1024"};

	if (!nr_sizes) {
		nr_sizes = sizeof(usual) / sizeof(*usual);
		sizes_mib = usual;
	}
	for (int i = 0; i < nr_sizes; i++) {
		unsigned char *base;
		char *rest;
		uint64_t mib = strtoull(sizes_mib[i], &rest, 10), pages = 0, from, now;

		if (*rest || mib < 1 || mib > 1 << 20)
			return usage();
		if (accessgen_map_guarded(mib << 20, 0, &base))
			return complain("not enough memory");
		accessgen_touch_pages(base, mib << 20);
		from = cpu_ns();
		do {
			pages += accessgen_touch_pages(base, mib << 20);
			now = cpu_ns();
		} while (now - from < 500000000ull);
		printf("page touch %4" PRIu64 " MiB: %" PRIu64 " pages/ms\n", mib, pages * 1000000 / (now - from));
		accessgen_unmap_guarded(base, mib << 20);
	}
	return 0;
}

static void print_seen(const char *name, const struct accessgen_seen *s)
{
	printf("%s_windows=%" PRIu32 "\n%s_undisturbed=%" PRIu32 "\n%s_least=%.6f\n", name, s->windows, name, s->undisturbed, name,
	       s->least);
}

/* What clearing referenced bits means here, as lines of name=value. */
static int touch_cost(const char *ms_text)
{
	struct accessgen_touch_cost c;
	char *rest;
	uint64_t ms = strtoull(ms_text, &rest, 10);
	int err;

	if (*rest || ms < 1 || ms > 60000)
		return usage();
	err = accessgen_measure_touch_cost(ms * 1000000, &c);
	if (err)
		return complain(strerror(err));
	print_seen("unflushed", &c.unflushed);
	print_seen("flushed", &c.flushed);
	printf("soft_dirty_error=%s\n", c.soft_dirty_error == ENOTSUP ? "the kernel does not keep soft-dirty bits (CONFIG_MEM_SOFT_DIRTY)"
					: c.soft_dirty_error	       ? strerror(c.soft_dirty_error)
								       : "");
	printf("flush_error=%s\npage_ns=%.1f\nflushed_page_ns=%.1f\nhuge_page_ns=%.1f\n",
	       c.flush_error ? strerror(c.flush_error) : "", c.page_ns, c.flushed_page_ns, c.huge_page_ns);
	return 0;
}

int main(int argc, char **argv)
{
	signal(SIGXFSZ, SIG_IGN); /* what is beyond a limit fails, and is told */
	if (argc >= 3 && !strcmp(argv[1], "run"))
		return run(argc - 2, argv + 2);
	if (argc == 3 && !strcmp(argv[1], "check"))
		return check(argv[2]);
	if (argc >= 3 && !strcmp(argv[1], "plan"))
		return plan(argc - 2, argv + 2);
	if (argc >= 3 && !strcmp(argv[1], "feasible"))
		return feasible(argc - 2, argv + 2);
	if (argc == 4 && !strcmp(argv[1], "player"))
		return accessgen_become_player(argv + 2);
	if (argc >= 2 && !strcmp(argv[1], "bench"))
		return bench(argc - 2, argv + 2);
	if ((argc == 2 || argc == 3) && !strcmp(argv[1], "touch-cost"))
		return touch_cost(argc == 3 ? argv[2] : "500");
	return usage();
}
