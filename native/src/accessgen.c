#define _GNU_SOURCE
#include "accessgen.h"
#include "access.h"
#include "limits.h"
#include "modes.h"
#include "random.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_MS 1000000ull
/* Accesses between two looks at the clock: well under 0.2 ms of work even when every access misses. */
#define VISIT_ACCESSES 1024
/* Random accesses whose misses overlap; divides a visit. */
#define AHEAD 32

uint64_t accessgen_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

void accessgen_sleep_until(uint64_t time_ns)
{
	struct timespec t = {.tv_sec = (time_t)(time_ns / 1000000000ull), .tv_nsec = (long)(time_ns % 1000000000ull)};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

/* ---- memory ---- */

uint64_t accessgen_machine_page(void)
{
	long page = sysconf(_SC_PAGESIZE);

	return page > (long)ACCESSGEN_PAGE ? (uint64_t)page : ACCESSGEN_PAGE;
}

static uint64_t page_up(uint64_t n)
{
	return (n + ACCESSGEN_PAGE - 1) & ~(ACCESSGEN_PAGE - 1);
}

/* What is mapped ends where a page of the machine does. */
static uint64_t mapped_bytes(uint64_t n)
{
	uint64_t page = accessgen_machine_page();

	return (n + page - 1) & ~(page - 1);
}

int accessgen_map_guarded(uint64_t size_bytes, uint64_t address, unsigned char **base)
{
	uint64_t size = mapped_bytes(size_bytes), guard = accessgen_machine_page();
	void *wanted = address ? (void *)(uintptr_t)(address - guard) : NULL;
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (address ? MAP_FIXED_NOREPLACE : 0);
	unsigned char *whole;

	if (address % guard || (address && address < 2 * guard))
		return EINVAL;
	whole = mmap(wanted, size + 2 * guard, PROT_NONE, flags, -1, 0);
	if (whole == MAP_FAILED)
		return errno;
	if (wanted && whole != wanted) { /* kernels before 4.17 take the flag for a hint */
		munmap(whole, size + 2 * guard);
		return EEXIST;
	}
	if (mprotect(whole + guard, size, PROT_READ | PROT_WRITE)) {
		int err = errno;

		munmap(whole, size + 2 * guard);
		return err;
	}
	*base = whole + guard;
	return 0;
}

void accessgen_unmap_guarded(unsigned char *base, uint64_t size_bytes)
{
	if (base)
		munmap(base - accessgen_machine_page(), mapped_bytes(size_bytes) + 2 * accessgen_machine_page());
}

static void write_all(struct accessgen_region *r)
{
	/* every page is written, so that reads meet memory of its own and not the shared zero page */
	for (uint64_t at = 0; at < r->size_bytes; at += ACCESSGEN_PAGE)
		r->base[at] = 1;
}

/* Fills a region from its file; 0, an errno value, or -1 for a file without content. */
static int load(struct accessgen_region *r)
{
	uint64_t done = 0;
	int empty = 1;
	int err = 0;
	int fd = open(r->data_file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	while (!err && done < r->size_bytes) {
		ssize_t n = read(fd, r->base + done, r->size_bytes - done);

		if (n > 0) {
			done += (uint64_t)n;
			empty = 0;
		} else if (n < 0 && errno != EINTR) {
			err = errno;
		} else if (n == 0 && empty) {
			err = -1;
		} else if (n == 0) { /* the file is shorter: again from its start */
			empty = 1;
			if (lseek(fd, 0, SEEK_SET) < 0)
				err = errno;
		}
	}
	close(fd);
	return err;
}

uint64_t accessgen_available_bytes(void)
{
	struct limits_room room;

	limits_room("", &room);
	return room.bytes;
}

/* More pages than x86 flushes one by one (33), so that changing them flushes all entries of the process. */
#define SCRATCH_BYTES (64 * ACCESSGEN_PAGE)

int accessgen_map_scratch(unsigned char **scratch)
{
	int err = accessgen_map_guarded(SCRATCH_BYTES, 0, scratch);

	if (!err) /* only pages that are there are changed */
		accessgen_touch_pages(*scratch, SCRATCH_BYTES);
	return err;
}

int accessgen_flush_tlb(unsigned char *scratch)
{
#if defined(__x86_64__)
	if (mprotect(scratch, SCRATCH_BYTES, PROT_READ) || mprotect(scratch, SCRATCH_BYTES, PROT_READ | PROT_WRITE))
		return errno;
	return 0;
#else
	/* arm64 flushes the pages that change alone, up to 8 GiB of them. With this command the kernel flushes all, also where it
	   keeps no soft-dirty bits to clear, as on arm64. */
	int err = 0, fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);

	(void)scratch;
	if (fd < 0)
		return errno;
	if (write(fd, "4", 1) != 1)
		err = errno;
	close(fd);
	return err;
#endif
}

void accessgen_unmap_scratch(unsigned char *scratch)
{
	accessgen_unmap_guarded(scratch, SCRATCH_BYTES);
}

static int complain(struct accessgen_config *config, const struct accessgen_region *r, int err, const char *reason)
{
	snprintf(config->error, sizeof(config->error), "%.200s:%lu: region %.60s: %.200s", config->file, r->line, r->name, reason);
	return err;
}

static int map_region(struct accessgen_config *config, struct accessgen_region *r)
{
	char reason[256];
	int err = accessgen_map_guarded(r->size_bytes, r->address, &r->base);

	if (err == EEXIST)
		return complain(config, r, err, "its address is taken");
	if (err == EINVAL && r->address % accessgen_machine_page())
		return complain(config, r, err, "its address is within a page of this machine, whose pages are larger than 4096 bytes");
	if (err)
		return complain(config, r, err, strerror(err));
	if (r->pages != ACCESSGEN_ANY_PAGES) /* a wish: kernels without huge pages refuse, and that is as good */
		(void)madvise(r->base, mapped_bytes(r->size_bytes), r->pages == ACCESSGEN_HUGE_PAGES ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	write_all(r);
	err = *r->data_file ? load(r) : 0;
	if (!err)
		modes_prepare(r);
	if (err) {
		snprintf(reason, sizeof(reason), "%.150s: %s", r->data_file, err < 0 ? "has no content" : strerror(err));
		return complain(config, r, err < 0 ? EINVAL : err, reason);
	}
	return 0;
}

int accessgen_map(struct accessgen_config *config)
{
	uint64_t left = accessgen_available_bytes(), all = 0;
	char why[256];
	int err = 0;

	for (uint32_t i = 0; i < config->nr_regions; i++) {
		struct accessgen_region *r = &config->regions[i];

		if (r->size_bytes > left)
			return complain(config, r, ENOMEM, "there is not as much memory left");
		left -= r->size_bytes;
		all += r->size_bytes;
		if (limits_check(all, all, why, sizeof(why)))
			return complain(config, r, ENOMEM, why);
	}
	for (uint32_t i = 0; !err && i < config->nr_regions; i++)
		err = map_region(config, &config->regions[i]);
	return err;
}

void accessgen_free(struct accessgen_config *config)
{
	for (uint32_t i = 0; i < config->nr_regions; i++)
		accessgen_unmap_guarded(config->regions[i].base, config->regions[i].size_bytes);
	for (uint32_t i = 0; i < config->nr_phases; i++)
		free(config->phases[i].patterns);
	free(config->regions);
	free(config->phases);
	memset(config, 0, sizeof(*config));
}

/* ---- touching ---- */

/*
 * A stride of whole pages always meets the same cache set; another line in each page is the same to the page tables and
 * several times faster.
 */
INLINE uint64_t sequential(unsigned char *base, uint64_t size, uint64_t stride, uint64_t offset, enum accessgen_mode mode)
{
	const uint64_t step = stride % ACCESSGEN_PAGE ? 0 : stride / ACCESSGEN_PAGE * 64;
	uint64_t line = offset / ACCESSGEN_PAGE * 64;

	if (!step)
		return access_in_turn(base, size, stride, offset, VISIT_ACCESSES, mode);
	for (int i = 0; i < VISIT_ACCESSES; i++) {
		uint64_t at = offset + (line & (ACCESSGEN_PAGE - 1));

		access_byte(base + (at < size ? at : offset), mode);
		offset += stride;
		line += step;
		if (offset >= size) {
			offset = 0;
			line = 0;
		}
	}
	return offset;
}

/* Where the next accesses go is known before: what is read is asked for together, so that the misses overlap. */
INLINE void random_places(unsigned char *base, uint64_t size, uint64_t *rng, enum accessgen_mode mode)
{
	uint64_t state = *rng;
	unsigned char *at[AHEAD];

	/* what is written is not waited for */
	if (mode == ACCESSGEN_WRITE) {
		for (int i = 0; i < VISIT_ACCESSES; i++)
			access_byte(base + random_below(&state, size), mode);
		*rng = state;
		return;
	}
	for (int i = 0; i < VISIT_ACCESSES; i += AHEAD) {
		for (int k = 0; k < AHEAD; k++) {
			at[k] = base + random_below(&state, size);
			__builtin_prefetch(at[k], mode != ACCESSGEN_READ);
		}
		for (int k = 0; k < AHEAD; k++)
			access_byte(at[k], mode);
	}
	*rng = state;
}

static void visit(struct accessgen_region *r, struct accessgen_pattern *a, uint64_t *rng, uint64_t ns)
{
	unsigned char *base = r->base + a->from_bytes;
	uint64_t size = a->to_bytes - a->from_bytes;
	uint64_t offset = a->next_offset;

	if (a->kind >= ACCESSGEN_STRIDE) {
		modes_visit(base, a, rng, ns, VISIT_ACCESSES);
		return;
	}
	switch (a->mode) {
	case ACCESSGEN_WRITE:
		if (a->kind == ACCESSGEN_AT_RANDOM)
			random_places(base, size, rng, ACCESSGEN_WRITE);
		else
			offset = sequential(base, size, a->stride_bytes, offset, ACCESSGEN_WRITE);
		break;
	case ACCESSGEN_READ:
		if (a->kind == ACCESSGEN_AT_RANDOM)
			random_places(base, size, rng, ACCESSGEN_READ);
		else
			offset = sequential(base, size, a->stride_bytes, offset, ACCESSGEN_READ);
		break;
	default:
		if (a->kind == ACCESSGEN_AT_RANDOM)
			random_places(base, size, rng, ACCESSGEN_READ_WRITE);
		else
			offset = sequential(base, size, a->stride_bytes, offset, ACCESSGEN_READ_WRITE);
	}
	a->next_offset = offset;
}

int accessgen_run_phase(struct accessgen_config *config, struct accessgen_phase *phase, uint64_t deadline_ns, uint64_t *rng,
			uint64_t *touches)
{
	uint64_t now = accessgen_now_ns();

	if (!phase->begin_ns || now < phase->begin_ns)
		phase->begin_ns = now;
	if (!phase->total_weight) {
		accessgen_sleep_until(deadline_ns);
		return 0;
	}
	while ((now = accessgen_now_ns()) < deadline_ns) {
		uint64_t x = random_below(rng, phase->total_weight);
		uint32_t i = 0;

		while (x >= phase->patterns[i].weight)
			x -= phase->patterns[i++].weight;
		visit(&config->regions[phase->patterns[i].region], &phase->patterns[i], rng, now - phase->begin_ns);
		touches[phase->patterns[i].region] += VISIT_ACCESSES;
		phase->patterns[i].accesses += VISIT_ACCESSES;
	}
	return 0;
}

uint64_t accessgen_touch_pages(volatile unsigned char *base, uint64_t size_bytes)
{
	uint64_t pages = page_up(size_bytes) / ACCESSGEN_PAGE;

	for (uint64_t p = 0; p < pages; p++)
		base[p * ACCESSGEN_PAGE + ((p * 64) & (ACCESSGEN_PAGE - 1))] = (unsigned char)p;
	return pages;
}

int accessgen_run(struct accessgen_config *config, uint64_t *time_ns, uint64_t *rng, uint64_t log_ns,
		  accessgen_logger *logger, void *arg)
{
	uint64_t *touches = calloc(config->nr_regions, sizeof(*touches));

	if (!touches)
		return ENOMEM;
	for (uint32_t i = 0; i < config->nr_phases; i++) {
		struct accessgen_phase *phase = &config->phases[i];
		uint64_t from = accessgen_now_ns();

		phase->begin_ns = *time_ns;
		*time_ns += phase->duration_ms * NS_PER_MS;
		do {
			uint64_t until = log_ns && from + log_ns < *time_ns ? from + log_ns : *time_ns;
			uint64_t now;

			memset(touches, 0, config->nr_regions * sizeof(*touches));
			for (uint32_t k = 0; k < phase->nr_patterns; k++)
				phase->patterns[k].accesses = 0;
			accessgen_run_phase(config, phase, until, rng, touches);
			now = accessgen_now_ns();
			logger(arg, config, phase, from, now, touches);
			from = now;
		} while (from < *time_ns);
	}
	free(touches);
	return 0;
}

/* ---- without structures ---- */

struct accessgen {
	struct accessgen_config config;
};

int accessgen_open(const char *file, struct accessgen **handle, char *error, size_t error_size)
{
	struct accessgen *g = calloc(1, sizeof(*g));
	int err;

	*handle = NULL;
	if (!g) {
		snprintf(error, error_size, "%s", strerror(ENOMEM));
		return ENOMEM;
	}
	err = accessgen_parse(file, &g->config);
	if (!err)
		err = accessgen_map(&g->config);
	if (err) {
		snprintf(error, error_size, "%s", g->config.error);
		accessgen_close(g);
		return err;
	}
	*handle = g;
	return 0;
}

uint32_t accessgen_nr_regions(const struct accessgen *handle)
{
	return handle->config.nr_regions;
}

uint64_t accessgen_region_address(const struct accessgen *handle, uint32_t index)
{
	return (uintptr_t)handle->config.regions[index].base;
}

uint64_t accessgen_region_bytes(const struct accessgen *handle, uint32_t index)
{
	return handle->config.regions[index].size_bytes;
}

static void add_up(void *arg, const struct accessgen_config *config, const struct accessgen_phase *phase, uint64_t from_ns,
		   uint64_t to_ns, const uint64_t *touches)
{
	uint64_t *sums = arg;

	(void)phase, (void)from_ns, (void)to_ns;
	for (uint32_t r = 0; r < config->nr_regions; r++)
		sums[r] += touches[r];
}

int accessgen_run_all(struct accessgen *handle, uint64_t seed, uint64_t *touches)
{
	uint64_t time_ns = accessgen_now_ns();

	memset(touches, 0, handle->config.nr_regions * sizeof(*touches));
	return accessgen_run(&handle->config, &time_ns, &seed, 0, add_up, touches);
}

void accessgen_close(struct accessgen *handle)
{
	if (handle)
		accessgen_free(&handle->config);
	free(handle);
}
