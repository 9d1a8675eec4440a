#define _GNU_SOURCE
#include "plan.h"
#include "player.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Reads and checks replay plans; see accessgen.h for the format. */

#define HEAD "damson-plan 1"
#define MAX_TIME_NS (1ull << 60)
#define MAX_ADDRESS (1ull << 56)
#define FIELDS 8
#define MAX_GAP (1ull << 30) /* that has mappings of one time on both sides */

int plan_fail(struct plan_reader *r, unsigned long number, int err, const char *why)
{
	snprintf(r->error, r->error_size, "%s:%lu: %s", r->file, number, why);
	return err;
}

static int bad(struct plan_reader *r, const char *why)
{
	return plan_fail(r, r->number, EINVAL, why);
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

	return scaled(text, units, factors, MAX_TIME_NS, out) ? bad(r, "a time is a whole number of ns, us, ms or s") : 0;
}

static int pages_of(struct plan_reader *r, const char *text, uint64_t *out)
{
	static const char *const units[] = {"", "K", "M", "G", "T", NULL};
	static const uint64_t factors[] = {1, 1ull << 10, 1ull << 20, 1ull << 30, 1ull << 40};

	if (scaled(text, units, factors, MAX_ADDRESS, out) || !*out || *out % ACCESSGEN_PAGE)
		return bad(r, "a size is a whole number of pages of 4096 bytes, with K, M, G or T");
	return 0;
}

static int range(struct plan_reader *r, char *const *f, struct plan_line *line)
{
	char *end;
	int err;

	errno = 0;
	line->address = strtoull(f[0], &end, 16);
	if (errno || *end || strncmp(f[0], "0x", 2) || line->address % ACCESSGEN_PAGE || line->address >= MAX_ADDRESS)
		return bad(r, "an address is a multiple of 4096 below 2^56, hexadecimal with 0x");
	err = pages_of(r, f[1], &line->size_bytes);
	if (!err && line->size_bytes > MAX_ADDRESS - line->address)
		err = bad(r, "the end of the range is beyond 2^56");
	return err;
}

static int count(struct plan_reader *r, const char *text, uint32_t max, const char *why, uint32_t *out)
{
	static const char *const units[] = {"", NULL};
	static const uint64_t factors[] = {1};
	uint64_t v;

	if (scaled(text, units, factors, max, &v))
		return bad(r, why);
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
		else if (!strcmp(f[i], "small"))
			line->option |= PLAYER_SMALL;
		else if (!strcmp(f[i], "apart"))
			line->option |= PLAYER_APART;
		else
			return bad(r, "what follows a mapping's size is none, huge, small or apart");
	}
	return 0;
}

static int fields_of_line(struct plan_reader *r, char *const *f, int n, struct plan_line *line)
{
	int err;

	if (!strcmp(f[0], "process")) {
		line->what = PLAN_PROCESS;
		return n == 2 ? 0 : bad(r, "process NAME");
	}
	if (!strcmp(f[0], "touch")) {
		line->what = PLAN_TOUCH;
		line->option = n < 5 ? PLAN_EVENLY : !strcmp(f[4], "first") ? PLAN_FIRST : PLAN_LAST;
		if (n < 4 || n > 5 || (n == 5 && strcmp(f[4], "first") && strcmp(f[4], "last")))
			return bad(r, "touch ADDRESS SIZE SAMPLES [first|last]");
		err = range(r, f + 1, line);
		return err ? err : count(r, f[3], PLAN_MAX_SLICES, "SAMPLES is a whole number, at most 100000", &line->samples);
	}
	if (!strcmp(f[0], "snapshot")) {
		line->what = PLAN_SNAPSHOT;
		if (n != 4)
			return bad(r, "snapshot TIME DURATION SLICES");
		err = time_of(r, f[1], &line->time_ns);
		if (!err)
			err = time_of(r, f[2], &line->duration_ns);
		if (!err && !line->duration_ns)
			err = bad(r, "a snapshot of no duration has no time to touch in");
		if (!err)
			err = count(r, f[3], PLAN_MAX_SLICES, "SLICES is a whole number, 1 to 100000", &line->slices);
		if (!err && (!line->slices || line->duration_ns < line->slices))
			err = bad(r, "a snapshot has at least one slice, of at least 1 ns");
		return err;
	}
	line->what = !strcmp(f[0], "map") ? PLAN_MAP : !strcmp(f[0], "fill") ? PLAN_FILL : PLAN_UNMAP;
	if (line->what == PLAN_UNMAP && strcmp(f[0], "unmap"))
		return bad(r, "a line begins with process, map, fill, unmap, snapshot or touch");
	if (line->what == PLAN_MAP ? n < 4 : n != 4)
		return bad(r, line->what == PLAN_MAP ? "map TIME ADDRESS SIZE [none] [huge|small] [apart]" : "fill or unmap TIME ADDRESS SIZE");
	err = time_of(r, f[1], &line->time_ns);
	if (!err)
		err = range(r, f + 2, line);
	return err || line->what != PLAN_MAP ? err : map_options(r, f + 4, n - 4, line);
}

int plan_next(struct plan_reader *r, struct plan_line *line)
{
	char text[512], *f[FIELDS + 1], *save;
	int n;

	do {
		memset(line, 0, sizeof(*line));
		if (!fgets(text, sizeof(text), r->in))
			return ferror(r->in) ? bad(r, "cannot be read") : 0;
		line->number = ++r->number;
		if (!strchr(text, '\n') && !feof(r->in))
			return bad(r, "line is longer than 510 bytes");
		if (strchr(text, '#'))
			*strchr(text, '#') = 0;
		n = 0;
		for (char *word = strtok_r(text, " \t\r\n", &save); word; word = strtok_r(NULL, " \t\r\n", &save)) {
			if (n == FIELDS)
				return bad(r, "more fields than any line has");
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
		touches->all[touches->n++] =
			(struct plan_touch){line->address, line->size_bytes / ACCESSGEN_PAGE, line->samples, line->option};
	}
	return err;
}

/* ---- checking ---- */

struct live {
	uint64_t start, end, filled;
	int rw;
};

struct checker {
	struct live *live; /* by address */
	uint32_t nr_live, room;
	uint64_t *ever; /* start and end of all that is ever mapped, in the order of lines */
	uint32_t nr_ever, room_ever;
	uint64_t bytes, time_ns;
	uint32_t slices; /* of the snapshot; 0 where there is none */
};

static int grow(void **array, uint32_t used, uint32_t *room, size_t element)
{
	void *bigger;

	if (used < *room)
		return 0;
	bigger = realloc(*array, (*room ? *room * 2 : 64) * element);
	if (!bigger)
		return ENOMEM;
	*array = bigger;
	*room = *room ? *room * 2 : 64;
	return 0;
}

/* Index of the first mapping that ends behind the address. */
static uint32_t find(const struct checker *c, uint64_t address)
{
	uint32_t low = 0, high = c->nr_live;

	while (low < high) {
		uint32_t mid = (low + high) / 2;

		if (c->live[mid].end <= address)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int insert(struct checker *c, uint32_t at, struct live l)
{
	int err = grow((void **)&c->live, c->nr_live, &c->room, sizeof(l));

	if (err)
		return err;
	memmove(c->live + at + 1, c->live + at, (c->nr_live - at) * sizeof(l));
	c->live[at] = l;
	c->nr_live++;
	return 0;
}

static int check_map(struct plan_reader *r, struct checker *c, const struct plan_line *l)
{
	uint64_t end = l->address + l->size_bytes;
	uint32_t at = find(c, l->address);
	int err;

	if (at < c->nr_live && c->live[at].start < end)
		return bad(r, "there is a mapping already");
	if (c->nr_live == PLAN_MAX_MAPPINGS)
		return bad(r, "more than 60000 mappings at a time");
	err = insert(c, at, (struct live){.start = l->address, .end = end, .rw = l->option & PLAYER_RW});
	if (!err)
		err = grow((void **)&c->ever, c->nr_ever + 1, &c->room_ever, sizeof(*c->ever));
	if (err)
		return plan_fail(r, r->number, err, strerror(err));
	c->ever[c->nr_ever++] = l->address;
	c->ever[c->nr_ever++] = end;
	return 0;
}

/* Whether all of the range is mapped for touching. */
static int is_mapped(const struct checker *c, uint64_t start, uint64_t end)
{
	for (uint32_t i = find(c, start); i < c->nr_live && c->live[i].start <= start && c->live[i].rw; i++) {
		start = c->live[i].end;
		if (start >= end)
			return 1;
	}
	return 0;
}

static void check_fill(struct checker *c, const struct plan_line *l)
{
	uint64_t end = l->address + l->size_bytes;

	for (uint32_t i = find(c, l->address); i < c->nr_live && c->live[i].start < end; i++) {
		struct live *m = &c->live[i];
		uint64_t from = m->start > l->address ? m->start : l->address, to = m->end < end ? m->end : end;
		uint64_t room = m->end - m->start - m->filled, more = to - from < room ? to - from : room;

		m->filled += more;
		c->bytes += more;
	}
}

/* Takes the range out; of a mapping that is cut as much is left filled as there is room for. */
static int check_unmap(struct plan_reader *r, struct checker *c, const struct plan_line *l)
{
	uint64_t end = l->address + l->size_bytes;
	uint32_t i = find(c, l->address);

	while (i < c->nr_live && c->live[i].start < end) {
		struct live m = c->live[i], left = m, right = m;
		int err = 0;

		c->bytes -= m.filled;
		memmove(c->live + i, c->live + i + 1, (--c->nr_live - i) * sizeof(m));
		left.end = l->address;
		right.start = end;
		for (int k = 0; k < 2 && !err; k++) {
			struct live part = k ? right : left;

			if (part.start >= part.end)
				continue;
			if (part.filled > part.end - part.start)
				part.filled = part.end - part.start;
			c->bytes += part.filled;
			err = insert(c, i++, part);
		}
		if (err)
			return plan_fail(r, r->number, err, strerror(err));
	}
	return 0;
}

static int ascending(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return x[0] < y[0] ? -1 : x[0] > y[0];
}

/* Joins what overlaps or touches; returns how many are left. */
static uint32_t join(uint64_t *ranges, uint32_t n)
{
	uint32_t used = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (used && ranges[2 * i] <= ranges[2 * used - 1]) {
			if (ranges[2 * i + 1] > ranges[2 * used - 1])
				ranges[2 * used - 1] = ranges[2 * i + 1];
		} else {
			ranges[2 * used] = ranges[2 * i];
			ranges[2 * used + 1] = ranges[2 * i + 1];
			used++;
		}
	}
	return used;
}

/*
 * Where the block changes least of what DAMON sees, which is three ranges of addresses around the two greatest gaps: in the
 * smallest gap, else behind the range that is longest, else before it.
 */
static uint64_t find_home(struct checker *c, uint64_t block_bytes)
{
	uint32_t n, first = 0, second = 0, longest = 0, from = 0;
	uint64_t best = 0, start = 0, end = 0, tightest = MAX_GAP;

	if (!c->nr_ever)
		return 1ull << 32;
	qsort(c->ever, c->nr_ever / 2, 2 * sizeof(*c->ever), ascending);
	n = join(c->ever, c->nr_ever / 2);
	/* gap i lies before range i; 0 is none */
	for (uint32_t i = 1; i < n; i++) {
		uint64_t gap = c->ever[2 * i] - c->ever[2 * i - 1];

		if (!first || gap > c->ever[2 * first] - c->ever[2 * first - 1]) {
			second = first;
			first = i;
		} else if (!second || gap > c->ever[2 * second] - c->ever[2 * second - 1]) {
			second = i;
		}
	}
	/* the tightest: what is around a small gap is there together, and not only now and then */
	for (uint32_t i = 1; i < n; i++) {
		uint64_t gap = c->ever[2 * i] - c->ever[2 * i - 1];

		if (i != first && i != second && gap >= block_bytes && gap < tightest) {
			tightest = gap;
			start = c->ever[2 * i - 1];
		}
	}
	if (start)
		return start;
	for (uint32_t i = 1; i <= n; i++) {
		if (i < n && i != first && i != second)
			continue;
		if (c->ever[2 * i - 1] - c->ever[2 * from] > best) {
			best = c->ever[2 * i - 1] - c->ever[2 * from];
			longest = i;
			start = c->ever[2 * from];
			end = c->ever[2 * i - 1];
		}
		from = i;
	}
	/* the last pages below 2^47 are no program's on x86-64 */
	if (longest < n ? c->ever[2 * longest] - end >= block_bytes : end + block_bytes + ACCESSGEN_PAGE <= 1ull << 47)
		return end;
	return start > block_bytes ? start - block_bytes : 1ull << 32;
}

static int check_line(struct plan_reader *r, struct checker *c, const struct plan_line *l)
{
	if (l->what == PLAN_TOUCH) {
		if (!c->slices)
			return bad(r, "touch without a snapshot");
		if (l->samples > c->slices)
			return bad(r, "touched in more samples than the snapshot has slices");
		return is_mapped(c, l->address, l->address + l->size_bytes) ? 0 : bad(r, "touches what is not mapped");
	}
	if (l->time_ns < c->time_ns)
		return bad(r, "is earlier than what stands before it");
	c->time_ns = l->time_ns + l->duration_ns;
	c->slices = l->slices;
	if (l->what == PLAN_MAP)
		return check_map(r, c, l);
	if (l->what == PLAN_UNMAP)
		return check_unmap(r, c, l);
	if (l->what == PLAN_FILL) {
		if (!is_mapped(c, l->address, l->address + l->size_bytes))
			return bad(r, "fills what is not mapped");
		check_fill(c, l);
	}
	return 0;
}

static int begin_process(struct plan_reader *r, struct plan *plan)
{
	if (plan->nr_processes == PLAN_MAX_PROCESSES)
		return bad(r, "more than 64 processes");
	plan->processes[plan->nr_processes].offset = ftell(r->in);
	plan->processes[plan->nr_processes++].number = r->number;
	return 0;
}

static int read_head(struct plan_reader *r)
{
	char text[64];

	r->number = 1;
	if (!fgets(text, sizeof(text), r->in))
		return ferror(r->in) ? bad(r, "cannot be read") : bad(r, "is empty");
	text[strcspn(text, "\r\n")] = 0;
	return strcmp(text, HEAD) ? bad(r, "a plan begins with the line '" HEAD "'") : 0;
}

int plan_check(struct plan_reader *r, uint64_t block_bytes, struct plan *plan)
{
	struct checker c = {0};
	struct plan_line l;
	int err;

	memset(plan, 0, sizeof(*plan));
	err = read_head(r);
	while (!err && !(err = plan_next(r, &l))) {
		struct plan_process *now = plan->nr_processes ? &plan->processes[plan->nr_processes - 1] : NULL;

		if (l.what == PLAN_PROCESS || l.what == PLAN_END) {
			if (now)
				now->home = find_home(&c, block_bytes);
			c.nr_live = c.nr_ever = 0;
			c.bytes = c.time_ns = 0;
			c.slices = 0;
			if (l.what == PLAN_END)
				break;
			err = begin_process(r, plan);
		} else if (!now) {
			err = bad(r, "stands before the first process");
		} else {
			err = check_line(r, &c, &l);
			if (c.bytes > now->most_bytes)
				now->most_bytes = c.bytes;
		}
	}
	if (!err && !plan->nr_processes)
		err = bad(r, "no process");
	free(c.live);
	free(c.ever);
	return err;
}

int plan_check_file(const char *file, uint64_t block_bytes, struct plan *plan, char *error, size_t error_size)
{
	struct plan_reader reader = {.in = fopen(file, "re"), .file = file, .error = error, .error_size = error_size};
	int err;

	if (!reader.in) {
		err = errno;
		snprintf(error, error_size, "%s: %s", file, strerror(err));
		return err;
	}
	err = plan_check(&reader, block_bytes, plan);
	fclose(reader.in);
	return err;
}
