#define _GNU_SOURCE
#include "accessgen.h"
#include "modes.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Reads configurations; see accessgen.h for the format. */

struct parser {
	FILE *in;
	const char *file;
	unsigned long line;
	struct accessgen_config *config;
	uint32_t *names; /* hash table of regions by name: index + 1, 0 is empty; a power of two, at most half full */
	uint32_t room;
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
		if (!p->line++ && !strncmp(buffer, "\xef\xbb\xbf", 3))
			memmove(buffer, buffer + 3, strlen(buffer + 3) + 1); /* a mark that some editors write */
		if (!strchr(buffer, '\n') && !feof(p->in))
			return -fail(p, "line is longer than %d bytes", size - 2);
		comment = strchr(buffer, '#');
		while (comment && comment > buffer && comment[-1] != ' ' && comment[-1] != '\t')
			comment = strchr(comment + 1, '#');
		if (comment)
			*comment = 0;
		*text = trim(buffer);
		/* messages repeat what stands there, and a terminal would obey it */
		for (const char *c = *text; *c; c++)
			if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f)
				return -fail(p, "a control character stands in it");
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
	if (errno == ERANGE && *text != '-' && *text != '+')
		return fail(p, "%s must be at most %llu but is '%.60s'", what, (unsigned long long)max, text);
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

/* Where the name is in the table of names, or where it would go. */
static uint32_t *slot(const struct parser *p, const char *name)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (const char *c = name; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	for (;; hash++) {
		uint32_t *s = &p->names[hash & (p->room - 1)];

		if (!*s || !strcmp(p->config->regions[*s - 1].name, name))
			return s;
	}
}

static int find_region(const struct parser *p, const char *name)
{
	return p->room ? (int)*slot(p, name) - 1 : -1;
}

/* Enters the region added last, in a table of twice the size if it would be more than half full. */
static int note_name(struct parser *p)
{
	uint32_t n = p->config->nr_regions;

	if (2 * n <= p->room) {
		*slot(p, p->config->regions[n - 1].name) = n;
		return 0;
	}
	free(p->names);
	p->room = p->room ? 2 * p->room : 64;
	p->names = calloc(p->room, sizeof(*p->names));
	if (!p->names) {
		p->room = 0;
		return ENOMEM;
	}
	for (uint32_t i = 0; i < n; i++)
		*slot(p, p->config->regions[i].name) = i + 1;
	return 0;
}

/* A page-aligned address, hexadecimal with 0x or decimal. */
static int address(struct parser *p, const char *text, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 0);
	if (end == text || *text == '-' || *text == '+' || *end || errno)
		return fail(p, "an address must be a number but is '%.60s'", text);
	if (*out % ACCESSGEN_PAGE || *out < 2 * ACCESSGEN_PAGE || *out >> 47)
		return fail(p, "an address must be a multiple of %llu below 0x800000000000 but is '%.60s'", ACCESSGEN_PAGE, text);
	return 0;
}

static int parse_region(struct parser *p, char *text)
{
	struct accessgen_config *c = p->config;
	struct accessgen_region r = {.line = p->line};
	char *f[5];
	int n = split(text, f, 5);
	int err;

	if (n < 2 || n > 5)
		return fail(p, "a region is NAME, SIZE[, FILE][, at ADDRESS][, huge|small] but has %d fields", n);
	if (!*f[0] || strlen(f[0]) >= sizeof(r.name))
		return fail(p, "a region's name has 1 to %zu bytes", sizeof(r.name) - 1);
	if (find_region(p, f[0]) >= 0)
		return fail(p, "region '%.60s' is there twice", f[0]);
	err = number(p, "a region's size", f[1], 1, 1ull << 46, &r.size_bytes);
	if (err)
		return err;
	if (!r.size_bytes)
		return fail(p, "a region's size must not be 0");
	if (c->nr_regions == ACCESSGEN_MAX_REGIONS)
		return fail(p, "more than %d regions", ACCESSGEN_MAX_REGIONS);
	strcpy(r.name, f[0]);
	if (n > 2 && (!strcmp(f[n - 1], "huge") || !strcmp(f[n - 1], "small")))
		r.pages = *f[--n] == 'h' ? ACCESSGEN_HUGE_PAGES : ACCESSGEN_SMALL_PAGES;
	if (n > 2 && !strncmp(f[n - 1], "at ", 3)) {
		err = address(p, trim(f[--n] + 3), &r.address);
		if (err)
			return err;
	}
	if (n >= 4)
		return fail(p, "what follows a region's file must be at ADDRESS, then huge or small, but is '%.60s'", f[3]);
	/* masim takes the first word only */
	if (n == 3)
		f[2][strcspn(f[2], " \t")] = 0;
	if (n == 3 && *f[2] && strcmp(f[2], "none")) {
		if (strlen(f[2]) >= sizeof(r.data_file))
			return fail(p, "the name of the data file is too long");
		strcpy(r.data_file, f[2]);
	}
	err = grow((void **)&c->regions, c->nr_regions, sizeof(r));
	if (err)
		return err;
	c->regions[c->nr_regions++] = r;
	return note_name(p);
}

/* FROM..TO within the region, whole pages. */
static int part(struct parser *p, char *text, struct accessgen_pattern *a)
{
	char *dots = strstr(text, "..");
	uint64_t size = a->to_bytes;
	int err;

	if (!dots)
		return fail(p, "a part of a region is FROM..TO but is '%.60s'", text);
	*dots = 0;
	err = number(p, "the start of a part", trim(text), 1, size, &a->from_bytes);
	if (!err)
		err = number(p, "the end of a part", trim(dots + 2), 1, size, &a->to_bytes);
	if (!err && (a->from_bytes >= a->to_bytes || a->from_bytes % ACCESSGEN_PAGE))
		err = fail(p, "a part begins at a multiple of %llu and ends behind that", ACCESSGEN_PAGE);
	return err;
}

/* SIZE:SPEED/s */
static int window(struct parser *p, char *text, struct accessgen_pattern *a)
{
	char *speed = strchr(text, ':'), *per;
	int err;

	if (!speed || !(per = strchr(speed, '/')) || strcmp(per, "/s"))
		return fail(p, "a window is window:SIZE:SPEED/s but is 'window:%.60s'", text);
	*speed++ = *per = 0;
	err = number(p, "the size of a window", text, 1, 1ull << 46, &a->window_bytes);
	return err ? err : number(p, "the speed of a window", speed, 1, 1ull << 46, &a->window_bytes_per_s);
}

static int exponent(struct parser *p, const char *text, double *out)
{
	char *end;

	*out = strtod(text, &end);
	/* also what is no number is not in the range */
	if (end == text || *end || *text == ' ' || !(*out >= 1e-6) || !(*out <= 10))
		return fail(p, "the exponent of zipf is a number from 0.000001 to 10 but is '%.60s'", text);
	return 0;
}

/* masim's 0 or 1, or a word. */
static int kind(struct parser *p, char *text, struct accessgen_pattern *a)
{
	uint64_t v;
	int err;

	if (!strncmp(text, "zipf:", 5)) {
		a->kind = ACCESSGEN_ZIPF;
		return exponent(p, text + 5, &a->exponent);
	}
	if (!strncmp(text, "window:", 7)) {
		a->kind = ACCESSGEN_WINDOW;
		return window(p, text + 7, a);
	}
	if (*text >= 'a' && *text <= 'z') {
		a->kind = !strcmp(text, "stride")   ? ACCESSGEN_STRIDE
			  : !strcmp(text, "random") ? ACCESSGEN_RANDOM
			  : !strcmp(text, "chase")  ? ACCESSGEN_CHASE
						    : ACCESSGEN_IN_TURN;
		return a->kind ? 0 : fail(p, "RANDOM is 0, 1, stride, random, chase, zipf:EXPONENT or window:SIZE:SPEED/s but is '%.60s'", text);
	}
	err = number(p, "RANDOM", text, 0, UINT32_MAX, &v);
	a->kind = v ? ACCESSGEN_AT_RANDOM : ACCESSGEN_IN_TURN;
	return err;
}

/* What the words of a pattern ask of its elements, when its part of the region is known. */
static int elements(struct parser *p, struct accessgen_pattern *a)
{
	struct accessgen_region *r = &p->config->regions[a->region];
	uint64_t size = a->to_bytes - a->from_bytes, link = a->mode == ACCESSGEN_READ ? sizeof(void *) : 2 * sizeof(void *);

	if (a->kind < ACCESSGEN_STRIDE)
		return 0;
	if (!a->stride_bytes || a->stride_bytes > size)
		return fail(p, "STRIDE is the size of an element, at least 1 and at most the %llu bytes of the part", (unsigned long long)size);
	if (a->kind == ACCESSGEN_ZIPF)
		modes_prepare_zipf(a);
	if (a->kind == ACCESSGEN_WINDOW && (a->window_bytes < a->stride_bytes || a->window_bytes > size / a->stride_bytes * a->stride_bytes))
		return fail(p, "a window has at least one element and at most the part of the region");
	if (a->kind != ACCESSGEN_CHASE)
		return 0;
	if (a->stride_bytes % sizeof(void *) || a->stride_bytes < link)
		return fail(p, "STRIDE of a chase is a multiple of %zu, at least %zu where it writes", sizeof(void *), 2 * sizeof(void *));
	if (r->chase_stride_bytes && (r->chase_stride_bytes != a->stride_bytes || r->chase_from_bytes != a->from_bytes ||
				      r->chase_to_bytes != a->to_bytes))
		return fail(p, "region '%.60s' is chased already, with another part or STRIDE", r->name);
	r->chase_stride_bytes = a->stride_bytes;
	r->chase_from_bytes = a->from_bytes;
	r->chase_to_bytes = a->to_bytes;
	return 0;
}

/* Links stay what they are. */
static int check_chases(struct parser *p)
{
	for (uint32_t i = 0; i < p->config->nr_phases; i++)
		for (uint32_t k = 0; k < p->config->phases[i].nr_patterns; k++) {
			const struct accessgen_pattern *a = &p->config->phases[i].patterns[k];
			const struct accessgen_region *r = &p->config->regions[a->region];

			if (r->chase_stride_bytes && a->kind != ACCESSGEN_CHASE && a->mode != ACCESSGEN_READ &&
			    a->from_bytes < r->chase_to_bytes && r->chase_from_bytes < a->to_bytes) {
				p->line = a->line;
				return fail(p, "writes to what another pattern chases in region '%.60s'", r->name);
			}
		}
	return 0;
}

static int parse_pattern(struct parser *p, struct accessgen_phase *phase, char *text)
{
	struct accessgen_pattern a = {.line = p->line};
	uint64_t v;
	char *f[6];
	int n = split(text, f, 6);
	int region, err;

	if (n < 4 || n > 6)
		return fail(p, "a pattern is REGION, RANDOM, STRIDE, WEIGHT[, ro|wo|rw[, FROM..TO]] but has %d fields", n);
	region = find_region(p, f[0]);
	if (region < 0)
		return fail(p, "no region '%.60s'", f[0]);
	a.region = (uint32_t)region;
	err = kind(p, f[1], &a);
	if (err)
		return err;
	err = number(p, "STRIDE", f[2], 1, 1ull << 46, &a.stride_bytes);
	if (err)
		return err;
	if (a.kind == ACCESSGEN_IN_TURN && !a.stride_bytes)
		return fail(p, "STRIDE of a sequential pattern must not be 0");
	err = number(p, "WEIGHT", f[3], 0, UINT32_MAX, &v);
	if (err)
		return err;
	a.weight = (uint32_t)v;
	if (n >= 5 && !strncmp(f[4], "ro", 2))
		a.mode = ACCESSGEN_READ;
	else if (n >= 5 && !strncmp(f[4], "rw", 2))
		a.mode = ACCESSGEN_READ_WRITE;
	else if (n >= 5 && strncmp(f[4], "wo", 2))
		return fail(p, "the mode must be ro, wo or rw but is '%.60s'", f[4]);
	a.to_bytes = p->config->regions[region].size_bytes;
	if ((n == 6 && (err = part(p, f[5], &a))) || (err = elements(p, &a)))
		return err;
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
	return check_chases(p);
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
	free(p.names);
	return err;
}
