#define _GNU_SOURCE
#include "plan.h"
#include "player.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Reads replay plans; see accessgen.h for the format. */

#define MAX_TIME_NS (1ull << 60)
#define FIELDS 10

int plan_fail(struct plan_reader *r, unsigned long number, int err, const char *why)
{
	snprintf(r->error, r->error_size, "%s:%lu: %s", r->file, number, why);
	return err;
}

/* Digits, then one of the units, which have their factors; 0 on success. */
static int scaled(const char *text, const char *const *units, const uint64_t *factors, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;
	const char *s = text;

	while (*s >= '0' && *s <= '9') {
		if (v > (UINT64_MAX - 9) / 10)
			return EINVAL;
		v = v * 10 + (uint64_t)(*s++ - '0');
	}
	if (s == text)
		return EINVAL;
	for (int i = 0; units[i]; i++)
		if (!strcmp(s, units[i])) {
			if (v > max / factors[i])
				return EINVAL;
			*out = v * factors[i];
			return 0;
		}
	return EINVAL;
}

static int time_of(struct plan_reader *r, const char *text, uint64_t *out)
{
	static const char *const units[] = {"ns", "us", "ms", "s", NULL};
	static const uint64_t factors[] = {1, 1000, 1000000, 1000000000};

	return scaled(text, units, factors, MAX_TIME_NS, out) ? plan_bad(r, "a time is a whole number of ns, us, ms or s") : 0;
}

static int pages_of(struct plan_reader *r, const char *text, uint64_t *out)
{
	static const char *const units[] = {"", "K", "M", "G", "T", NULL};
	static const uint64_t factors[] = {1, 1ull << 10, 1ull << 20, 1ull << 30, 1ull << 40};

	if (scaled(text, units, factors, PLAN_MAX_ADDRESS, out) || !*out || *out % ACCESSGEN_PAGE)
		return plan_bad(r, "a size is a whole number of pages of 4096 bytes, with K, M, G or T");
	return 0;
}

static int range(struct plan_reader *r, char *const *f, struct plan_line *line)
{
	char *end;
	int err;

	errno = 0;
	line->address = strtoull(f[0], &end, 16);
	if (errno || *end || strncmp(f[0], "0x", 2) || line->address % ACCESSGEN_PAGE || line->address >= PLAN_MAX_ADDRESS)
		return plan_bad(r, "an address is a multiple of 4096 below 2^56, hexadecimal with 0x");
	err = pages_of(r, f[1], &line->size_bytes);
	if (!err && line->size_bytes > PLAN_MAX_ADDRESS - line->address)
		err = plan_bad(r, "the end of the range is beyond 2^56");
	return err;
}

static int count(struct plan_reader *r, const char *text, uint32_t max, const char *why, uint32_t *out)
{
	static const char *const units[] = {"", NULL};
	static const uint64_t factors[] = {1};
	uint64_t v;

	if (scaled(text, units, factors, max, &v))
		return plan_bad(r, why);
	*out = (uint32_t)v;
	return 0;
}

static int map_options(struct plan_reader *r, char *const *f, int n, struct plan_line *line)
{
	line->option = PLAYER_RW;
	for (int i = 0; i < n; i++) {
		if (!strcmp(f[i], "none"))
			line->option &= ~(uint32_t)PLAYER_RW;
		else if (!strcmp(f[i], "huge"))
			line->option |= PLAYER_HUGE;
		else if (!strcmp(f[i], "hugetlb"))
			line->option |= PLAYER_HUGETLB;
		else if (!strcmp(f[i], "small"))
			line->option |= PLAYER_SMALL;
		else if (!strcmp(f[i], "apart"))
			line->option |= PLAYER_APART;
		else if (!strcmp(f[i], "aside"))
			line->option |= PLAYER_ASIDE;
		else if (!strcmp(f[i], "file"))
			line->option |= PLAYER_FILE;
		else if (!strcmp(f[i], "shared"))
			line->option |= PLAYER_SHARED;
		else
			return plan_bad(r, "what follows a mapping's size is none, huge, hugetlb, small, apart, aside, file or shared");
	}
	return 0;
}

/* [pages N] [written N], the former first. */
static int page_counts(struct plan_reader *r, char *const *f, int n, struct plan_line *line)
{
	static const char *const units[] = {"", NULL};
	static const uint64_t factors[] = {1};
	uint64_t all = line->size_bytes / ACCESSGEN_PAGE;
	int at = 0;

	line->pages = all;
	if (n >= 2 && !strcmp(f[0], "pages")) {
		if (scaled(f[1], units, factors, all, &line->pages) || !line->pages)
			return plan_bad(r, "pages is a whole number, 1 to those of the range");
		at = 2;
	}
	line->written = line->pages;
	if (n >= at + 2 && !strcmp(f[at], "written")) {
		if (scaled(f[at + 1], units, factors, line->pages, &line->written))
			return plan_bad(r, "written is a whole number, at most the pages that are touched");
		at += 2;
	}
	return at == n ? 0 : plan_bad(r, "what follows is first or last of a touch, then pages N, then written N");
}

static int fields_of_line(struct plan_reader *r, char *const *f, int n, struct plan_line *line)
{
	int is_said, err;

	if (!strcmp(f[0], "process")) {
		line->what = PLAN_PROCESS;
		return n == 2 ? 0 : plan_bad(r, "process NAME");
	}
	if (!strcmp(f[0], "touch")) {
		line->what = PLAN_TOUCH;
		if (n < 4)
			return plan_bad(r, "touch ADDRESS SIZE SAMPLES [first|last] [pages N] [written N]");
		is_said = n > 4 && (!strcmp(f[4], "first") || !strcmp(f[4], "last"));
		line->option = !is_said ? PLAN_EVENLY : *f[4] == 'f' ? PLAN_FIRST : PLAN_LAST;
		err = range(r, f + 1, line);
		if (!err)
			err = count(r, f[3], PLAN_MAX_SLICES, "SAMPLES is a whole number, at most 100000", &line->samples);
		return err ? err : page_counts(r, f + 4 + is_said, n - 4 - is_said, line);
	}
	if (!strcmp(f[0], "snapshot")) {
		line->what = PLAN_SNAPSHOT;
		if (n != 4)
			return plan_bad(r, "snapshot TIME DURATION SLICES");
		err = time_of(r, f[1], &line->time_ns);
		if (!err)
			err = time_of(r, f[2], &line->duration_ns);
		if (!err && !line->duration_ns)
			err = plan_bad(r, "a snapshot of no duration has no time to touch in");
		if (!err)
			err = count(r, f[3], PLAN_MAX_SLICES, "SLICES is a whole number, 1 to 100000", &line->slices);
		if (!err && (!line->slices || line->duration_ns < line->slices))
			err = plan_bad(r, "a snapshot has at least one slice, of at least 1 ns");
		return err;
	}
	line->what = !strcmp(f[0], "map") ? PLAN_MAP : !strcmp(f[0], "fill") ? PLAN_FILL : PLAN_UNMAP;
	if (line->what == PLAN_UNMAP && strcmp(f[0], "unmap"))
		return plan_bad(r, "a line begins with process, map, fill, unmap, snapshot or touch");
	if (line->what == PLAN_UNMAP ? n != 4 : n < 4)
		return plan_bad(r, line->what == PLAN_MAP	? "map TIME ADDRESS SIZE [none] [huge|hugetlb|small] [apart|aside] [file] [shared]"
			      : line->what == PLAN_FILL ? "fill TIME ADDRESS SIZE [pages N] [written N]"
							: "unmap TIME ADDRESS SIZE");
	err = time_of(r, f[1], &line->time_ns);
	if (!err)
		err = range(r, f + 2, line);
	if (err || line->what == PLAN_UNMAP)
		return err;
	return line->what == PLAN_MAP ? map_options(r, f + 4, n - 4, line) : page_counts(r, f + 4, n - 4, line);
}

int plan_next(struct plan_reader *r, struct plan_line *line)
{
	char text[512], *f[FIELDS + 1], *save;
	int n;

	do {
		memset(line, 0, sizeof(*line));
		if (!fgets(text, sizeof(text), r->in))
			return ferror(r->in) ? plan_bad(r, "cannot be read") : 0;
		line->number = ++r->number;
		if (!strchr(text, '\n') && !feof(r->in))
			return plan_bad(r, strlen(text) < sizeof(text) - 1 ? "a control character stands in it" : "line is longer than 510 bytes");
		if (strchr(text, '#'))
			*strchr(text, '#') = 0;
		n = 0;
		for (char *word = strtok_r(text, " \t\r\n", &save); word; word = strtok_r(NULL, " \t\r\n", &save)) {
			if (n == FIELDS)
				return plan_bad(r, "more fields than any line has");
			f[n++] = word;
		}
	} while (!n);
	return fields_of_line(r, f, n, line);
}

int plan_touches(struct plan_reader *r, struct plan_line *line, struct plan_touches *touches)
{
	int err;

	touches->n = 0;
	while (!(err = plan_next(r, line)) && line->what == PLAN_TOUCH) {
		if (touches->n == touches->room) {
			uint32_t more = touches->room ? 2 * touches->room : 256;
			struct plan_touch *bigger = touches->n < PLAN_MAX_TOUCHES ? realloc(touches->all, more * sizeof(*bigger)) : NULL;

			if (!bigger)
				return plan_fail(r, line->number, ENOMEM, "more touches in a snapshot than there is room for");
			touches->all = bigger;
			touches->room = more;
		}
		touches->all[touches->n++] = (struct plan_touch){
			.address = line->address,
			.range_pages = line->size_bytes / ACCESSGEN_PAGE,
			.pages = line->pages,
			.bound = plan_bound(line, line->pages),
			.written_bound = plan_bound(line, line->written),
			.samples = line->samples,
			.order = line->option,
		};
	}
	return err;
}
