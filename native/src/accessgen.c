#define _GNU_SOURCE
#include "accessgen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096ull
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

static uint64_t splitmix(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* Uniform in [0, n) without a division. */
static uint64_t below(uint64_t *state, uint64_t n)
{
	return (uint64_t)(((unsigned __int128)splitmix(state) * n) >> 64);
}

/* ---- configuration ---- */

struct parser {
	FILE *in;
	const char *file;
	unsigned long line;
	struct accessgen_config *config;
};

static int fail(struct parser *p, const char *format, ...)
{
	va_list args;
	int n = snprintf(p->config->error, sizeof(p->config->error), "%.200s:%lu: ", p->file, p->line);

	va_start(args, format);
	vsnprintf(p->config->error + n, sizeof(p->config->error) - (size_t)n, format, args);
	va_end(args);
	return EINVAL;
}

static char *trim(char *s)
{
	char *end;

	while (*s == ' ' || *s == '\t')
		s++;
	end = s + strlen(s);
	while (end > s && strchr(" \t\r\n", end[-1]))
		*--end = 0;
	return s;
}

/* The next line without comment and blanks around it; *text is empty for a blank line. 1 at the end of the file. */
static int next_line(struct parser *p, char *buffer, int size, char **text)
{
	char *comment;

	do {
		if (!fgets(buffer, size, p->in))
			return 1;
		p->line++;
		if (!strchr(buffer, '\n') && !feof(p->in))
			return -fail(p, "line is longer than %d bytes", size - 2);
		comment = strchr(buffer, '#');
		while (comment && comment > buffer && comment[-1] != ' ' && comment[-1] != '\t')
			comment = strchr(comment + 1, '#');
		if (comment)
			*comment = 0;
		*text = trim(buffer);
		/* a line that is only a comment is no blank line */
	} while (comment && !**text);
	return 0;
}

static int number(struct parser *p, const char *what, const char *text, int with_unit, uint64_t max, uint64_t *out)
{
	char *end;
	unsigned long long v;
	unsigned shift = 0;

	errno = 0;
	v = strtoull(text, &end, 10);
	if (end == text || *text == '-' || *text == '+' || errno)
		return fail(p, "%s must be a number but is '%.60s'", what, text);
	while (*end == ' ')
		end++;
	if (with_unit && *end) {
		const char *units = "KMGT";
		const char *u = strchr(units, *end & ~0x20);

		if (u) {
			shift = 10u * (unsigned)(u - units + 1);
			end++;
		}
		if ((*end & ~0x20) == 'I' && shift)
			end++;
		if ((*end & ~0x20) == 'B')
			end++;
	}
	if (*end)
		return fail(p, "%s must be a number%s but is '%.60s'", what, with_unit ? " with K, M, G or T" : "", text);
	if (v > (max >> shift))
		return fail(p, "%s must be at most %llu but is '%.60s'", what, (unsigned long long)max, text);
	*out = (uint64_t)v << shift;
	return 0;
}

/* Splits at commas; returns the number of fields. */
static int split(char *text, char **fields, int max)
{
	int n = 0;
	char *comma;

	do {
		comma = strchr(text, ',');
		if (comma)
			*comma = 0;
		if (n < max)
			fields[n] = trim(text);
		n++;
		text = comma + 1;
	} while (comma);
	return n;
}

static int grow(void **array, uint32_t used, size_t element)
{
	void *bigger;

	if (used & (used - 1)) /* room doubles at every power of two */
		return 0;
	bigger = realloc(*array, (used ? (size_t)used * 2 : 1) * element);
	if (!bigger)
		return ENOMEM;
	*array = bigger;
	return 0;
}

static int find_region(const struct accessgen_config *c, const char *name)
{
	for (uint32_t i = 0; i < c->nr_regions; i++)
		if (!strcmp(c->regions[i].name, name))
			return (int)i;
	return -1;
}

/* A page-aligned address, hexadecimal with 0x or decimal. */
static int address(struct parser *p, const char *text, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 0);
	if (end == text || *text == '-' || *text == '+' || *end || errno)
		return fail(p, "an address must be a number but is '%.60s'", text);
	if (*out % PAGE || *out < 2 * PAGE || *out >> 47)
		return fail(p, "an address must be a multiple of %llu below 0x800000000000 but is '%.60s'", PAGE, text);
	return 0;
}

static int parse_region(struct parser *p, char *text)
{
	struct accessgen_config *c = p->config;
	struct accessgen_region r = {.line = p->line};
	char *f[4];
	int n = split(text, f, 4);
	int err;

	if (n < 2 || n > 4)
		return fail(p, "a region is NAME, SIZE[, FILE][, at ADDRESS] but has %d fields", n);
	if (!*f[0] || strlen(f[0]) >= sizeof(r.name))
		return fail(p, "a region's name has 1 to %zu bytes", sizeof(r.name) - 1);
	if (find_region(c, f[0]) >= 0)
		return fail(p, "region '%.60s' is there twice", f[0]);
	err = number(p, "a region's size", f[1], 1, 1ull << 46, &r.size_bytes);
	if (err)
		return err;
	if (!r.size_bytes)
		return fail(p, "a region's size must not be 0");
	if (c->nr_regions == ACCESSGEN_MAX_REGIONS)
		return fail(p, "more than %d regions", ACCESSGEN_MAX_REGIONS);
	strcpy(r.name, f[0]);
	if (n > 2 && !strncmp(f[n - 1], "at ", 3)) {
		err = address(p, trim(f[--n] + 3), &r.address);
		if (err)
			return err;
	}
	if (n == 4)
		return fail(p, "a region's fourth field must be at ADDRESS but is '%.60s'", f[3]);
	/* masim takes the first word only */
	if (n == 3)
		f[2][strcspn(f[2], " \t")] = 0;
	if (n == 3 && *f[2] && strcmp(f[2], "none")) {
		if (strlen(f[2]) >= sizeof(r.data_file))
			return fail(p, "the name of the data file is too long");
		strcpy(r.data_file, f[2]);
	}
	err = grow((void **)&c->regions, c->nr_regions, sizeof(r));
	if (!err)
		c->regions[c->nr_regions++] = r;
	return err;
}

static int parse_pattern(struct parser *p, struct accessgen_phase *phase, char *text)
{
	struct accessgen_pattern a = {0};
	uint64_t v;
	char *f[5];
	int n = split(text, f, 5);
	int region, err;

	if (n < 4 || n > 5)
		return fail(p, "a pattern is REGION, RANDOM, STRIDE, WEIGHT[, ro|wo|rw] but has %d fields", n);
	region = find_region(p->config, f[0]);
	if (region < 0)
		return fail(p, "no region '%.60s'", f[0]);
	a.region = (uint32_t)region;
	err = number(p, "RANDOM", f[1], 0, UINT32_MAX, &v);
	if (err)
		return err;
	a.random = v != 0;
	err = number(p, "STRIDE", f[2], 1, 1ull << 46, &a.stride_bytes);
	if (err)
		return err;
	if (!a.random && !a.stride_bytes)
		return fail(p, "STRIDE of a sequential pattern must not be 0");
	err = number(p, "WEIGHT", f[3], 0, UINT32_MAX, &v);
	if (err)
		return err;
	a.weight = (uint32_t)v;
	if (n == 5 && !strncmp(f[4], "ro", 2))
		a.mode = ACCESSGEN_READ;
	else if (n == 5 && !strncmp(f[4], "rw", 2))
		a.mode = ACCESSGEN_READ_WRITE;
	else if (n == 5 && strncmp(f[4], "wo", 2))
		return fail(p, "the mode must be ro, wo or rw but is '%.60s'", f[4]);
	err = grow((void **)&phase->patterns, phase->nr_patterns, sizeof(a));
	if (err)
		return err;
	phase->patterns[phase->nr_patterns++] = a;
	phase->total_weight += a.weight;
	return 0;
}

static int parse_phase_line(struct parser *p, char *text, int line_of_phase)
{
	struct accessgen_config *c = p->config;
	struct accessgen_phase *phase;
	int err;

	if (line_of_phase == 0) {
		if (c->nr_phases == ACCESSGEN_MAX_PHASES)
			return fail(p, "more than %d phases", ACCESSGEN_MAX_PHASES);
		err = grow((void **)&c->phases, c->nr_phases, sizeof(*c->phases));
		if (err)
			return err;
		phase = &c->phases[c->nr_phases++];
		memset(phase, 0, sizeof(*phase));
		snprintf(phase->name, sizeof(phase->name), "%.100s", text);
		return 0;
	}
	phase = &c->phases[c->nr_phases - 1];
	if (line_of_phase == 1)
		return number(p, "a phase's time in ms", text, 0, UINT32_MAX, &phase->duration_ms);
	return parse_pattern(p, phase, text);
}

static int parse_lines(struct parser *p)
{
	char buffer[4096];
	char *text = buffer;
	int in_regions = 1;
	int line_of_phase = 0;
	int got, err;

	while ((got = next_line(p, buffer, sizeof(buffer), &text)) == 0) {
		if (!*text) {
			if (in_regions && p->config->nr_regions)
				in_regions = 0;
			if (!in_regions && line_of_phase == 1)
				return fail(p, "the phase ends before its time");
			line_of_phase = 0;
			continue;
		}
		err = in_regions ? parse_region(p, text) : parse_phase_line(p, text, line_of_phase++);
		if (err)
			return err;
	}
	if (got < 0)
		return EINVAL;
	if (ferror(p->in))
		return fail(p, "cannot be read");
	if (!p->config->nr_regions)
		return fail(p, "no region");
	if (!p->config->nr_phases || line_of_phase == 1)
		return fail(p, "no whole phase; a blank line parts regions and phases");
	return 0;
}

int accessgen_parse(const char *file, struct accessgen_config *config)
{
	struct parser p = {.file = file, .config = config};
	int err;

	memset(config, 0, sizeof(*config));
	snprintf(config->file, sizeof(config->file), "%.200s", file);
	p.in = fopen(file, "re");
	if (!p.in) {
		err = errno;
		snprintf(config->error, sizeof(config->error), "%.300s: %s", file, strerror(err));
		return err;
	}
	err = parse_lines(&p);
	fclose(p.in);
	return err;
}

/* ---- memory ---- */

static uint64_t page_up(uint64_t n)
{
	return (n + PAGE - 1) & ~(PAGE - 1);
}

int accessgen_map_guarded(uint64_t size_bytes, uint64_t address, unsigned char **base)
{
	uint64_t size = page_up(size_bytes);
	void *wanted = address ? (void *)(uintptr_t)(address - PAGE) : NULL;
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (address ? MAP_FIXED_NOREPLACE : 0);
	unsigned char *whole;

	if (address % PAGE || (address && address < 2 * PAGE))
		return EINVAL;
	whole = mmap(wanted, size + 2 * PAGE, PROT_NONE, flags, -1, 0);
	if (whole == MAP_FAILED)
		return errno;
	if (wanted && whole != wanted) { /* kernels before 4.17 take the flag for a hint */
		munmap(whole, size + 2 * PAGE);
		return EEXIST;
	}
	if (mprotect(whole + PAGE, size, PROT_READ | PROT_WRITE)) {
		int err = errno;

		munmap(whole, size + 2 * PAGE);
		return err;
	}
	*base = whole + PAGE;
	return 0;
}

void accessgen_unmap_guarded(unsigned char *base, uint64_t size_bytes)
{
	if (base)
		munmap(base - PAGE, page_up(size_bytes) + 2 * PAGE);
}

static void write_all(struct accessgen_region *r)
{
	/* every page is written, so that reads meet memory of its own and not the shared zero page */
	for (uint64_t at = 0; at < r->size_bytes; at += PAGE)
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

/* Memory that can be had without swapping; no limit if the kernel does not say. */
static uint64_t available(void)
{
	FILE *in = fopen("/proc/meminfo", "re");
	char line[256];
	unsigned long long kib = UINT64_MAX >> 10;

	while (in && fgets(line, sizeof(line), in))
		if (sscanf(line, "MemAvailable: %llu kB", &kib) == 1)
			break;
	if (in)
		fclose(in);
	return (uint64_t)kib << 10;
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
	if (err)
		return complain(config, r, err, strerror(err));
	write_all(r);
	err = *r->data_file ? load(r) : 0;
	if (err) {
		snprintf(reason, sizeof(reason), "%.150s: %s", r->data_file, err < 0 ? "has no content" : strerror(err));
		return complain(config, r, err < 0 ? EINVAL : err, reason);
	}
	return 0;
}

int accessgen_map(struct accessgen_config *config)
{
	uint64_t left = available();
	int err = 0;

	for (uint32_t i = 0; i < config->nr_regions; i++) {
		struct accessgen_region *r = &config->regions[i];

		if (r->size_bytes > left)
			return complain(config, r, ENOMEM, "there is not as much memory left");
		left -= r->size_bytes;
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

static inline void access_byte(volatile unsigned char *at, enum accessgen_mode mode)
{
	if (mode == ACCESSGEN_WRITE)
		*at = 1;
	else if (mode == ACCESSGEN_READ)
		(void)*at;
	else
		*at = (unsigned char)(*at + 1);
}

#define INLINE static inline __attribute__((always_inline))

/*
 * A stride of whole pages always meets the same cache set; another line in each page is the same to the page tables and
 * several times faster. The mode is a constant in every use, so that the loop has no branch on it.
 */
INLINE uint64_t sequential(unsigned char *base, uint64_t size, uint64_t stride, uint64_t offset, enum accessgen_mode mode)
{
	const uint64_t step = stride % PAGE ? 0 : stride / PAGE * 64;
	uint64_t line = step ? offset / PAGE * 64 : 0;

	for (int i = 0; i < VISIT_ACCESSES; i++) {
		uint64_t at = offset + (line & (PAGE - 1));

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

/* Where the next accesses go is known before: asked for together, their misses overlap. */
INLINE void random_places(unsigned char *base, uint64_t size, uint64_t *rng, enum accessgen_mode mode)
{
	uint64_t state = *rng;
	unsigned char *at[AHEAD];

	for (int i = 0; i < VISIT_ACCESSES; i += AHEAD) {
		for (int k = 0; k < AHEAD; k++) {
			at[k] = base + below(&state, size);
			__builtin_prefetch(at[k], mode != ACCESSGEN_READ);
		}
		for (int k = 0; k < AHEAD; k++)
			access_byte(at[k], mode);
	}
	*rng = state;
}

static void visit(struct accessgen_region *r, struct accessgen_pattern *a, uint64_t *rng)
{
	uint64_t offset = a->next_offset;

	switch (a->mode) {
	case ACCESSGEN_WRITE:
		if (a->random)
			random_places(r->base, r->size_bytes, rng, ACCESSGEN_WRITE);
		else
			offset = sequential(r->base, r->size_bytes, a->stride_bytes, offset, ACCESSGEN_WRITE);
		break;
	case ACCESSGEN_READ:
		if (a->random)
			random_places(r->base, r->size_bytes, rng, ACCESSGEN_READ);
		else
			offset = sequential(r->base, r->size_bytes, a->stride_bytes, offset, ACCESSGEN_READ);
		break;
	default:
		if (a->random)
			random_places(r->base, r->size_bytes, rng, ACCESSGEN_READ_WRITE);
		else
			offset = sequential(r->base, r->size_bytes, a->stride_bytes, offset, ACCESSGEN_READ_WRITE);
	}
	a->next_offset = offset;
}

int accessgen_run_phase(struct accessgen_config *config, struct accessgen_phase *phase, uint64_t deadline_ns, uint64_t *rng,
			uint64_t *touches)
{
	if (!phase->total_weight) {
		accessgen_sleep_until(deadline_ns);
		return 0;
	}
	while (accessgen_now_ns() < deadline_ns) {
		uint64_t x = below(rng, phase->total_weight);
		uint32_t i = 0;

		while (x >= phase->patterns[i].weight)
			x -= phase->patterns[i++].weight;
		visit(&config->regions[phase->patterns[i].region], &phase->patterns[i], rng);
		touches[phase->patterns[i].region] += VISIT_ACCESSES;
	}
	return 0;
}

uint64_t accessgen_touch_pages(volatile unsigned char *base, uint64_t size_bytes)
{
	uint64_t pages = page_up(size_bytes) / PAGE;

	for (uint64_t p = 0; p < pages; p++)
		base[p * PAGE + ((p * 64) & (PAGE - 1))] = (unsigned char)p;
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

		*time_ns += phase->duration_ms * NS_PER_MS;
		do {
			uint64_t until = log_ns && from + log_ns < *time_ns ? from + log_ns : *time_ns;
			uint64_t now;

			memset(touches, 0, config->nr_regions * sizeof(*touches));
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
