#define _GNU_SOURCE
#include "filled.h"
#include "plan.h"
#include "player.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Checks replay plans before anything of them is played. */

#define HEAD "damson-plan 1"
#define MAX_FILE_BYTES (1ull << 60)
#define MOST_PER_NS 4.0 /* touches of a thread: stores of a processor of 5 GHz, none of which misses a cache, are fewer */
#define MAX_GAP (1ull << 30) /* that has mappings of one time on both sides */

struct live {
	uint64_t start, end;
	uint32_t option; /* enum player_map */
};

struct checker {
	struct live *live; /* by address */
	uint32_t nr_live, room;
	struct filled filled;
	uint64_t *ever; /* start and end of all that is ever mapped, in the order of lines */
	uint32_t nr_ever, room_ever;
	uint64_t time_ns;
	uint64_t file_bytes, disk_pages;
	uint64_t mapped_bytes, private_bytes, hugetlb_bytes; /* mapped at the moment */
	struct plan_process *process;
	uint32_t slices; /* of the snapshot; 0 where there is none */
	double pages, most_pages; /* that are to be touched in it, and that one thread could touch */
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

static int is_huge(uint32_t option)
{
	return option & PLAYER_RW && option & (PLAYER_HUGE | PLAYER_HUGETLB);
}

static int is_hugetlb(uint32_t option)
{
	return option & PLAYER_RW && option & PLAYER_HUGETLB;
}

static uint64_t huge_down(uint64_t address)
{
	return address & -PLAN_HUGE_BYTES;
}

static uint64_t huge_up(uint64_t address)
{
	return huge_down(address + PLAN_HUGE_BYTES - 1);
}

/* Which page sizes go with what. */
static int check_page_size(struct plan_reader *r, struct checker *c, const struct plan_line *l)
{
	uint32_t sizes = l->option & (PLAYER_HUGE | PLAYER_HUGETLB | PLAYER_SMALL);

	if (sizes & (sizes - 1))
		return plan_bad(r, "huge, hugetlb and small exclude one another");
	if (!is_huge(l->option))
		return 0;
	if (l->option & PLAYER_FILE)
		return plan_bad(r, "a mapping of a file has pages of 4 KiB, neither huge nor hugetlb");
	if (is_hugetlb(l->option) && (l->address | l->size_bytes) % PLAN_HUGE_BYTES)
		return plan_bad(r, "a mapping of huge pages of the pool (hugetlb) has an address and a size that are multiples of 2 MiB");
	if (huge_up(l->address) + PLAN_HUGE_BYTES > l->address + l->size_bytes)
		return plan_bad(r, "a mapping of huge pages has at least one of 2 MiB, at a multiple of that");
	if (is_hugetlb(l->option)) {
		c->hugetlb_bytes += l->size_bytes;
		if (c->hugetlb_bytes > c->process->hugetlb_bytes)
			c->process->hugetlb_bytes = c->hugetlb_bytes;
	} else if (l->option & PLAYER_SHARED) {
		c->process->asks_huge_shared = 1;
	} else {
		c->process->asks_huge = 1;
	}
	return 0;
}

/* What is mapped: more of it, or less by the complement. */
static void count_mapped(struct checker *c, uint32_t option, uint64_t bytes)
{
	c->mapped_bytes += bytes;
	if (option & PLAYER_RW && !(option & PLAYER_SHARED))
		c->private_bytes += bytes;
	if (c->mapped_bytes > c->process->most_mapped_bytes)
		c->process->most_mapped_bytes = c->mapped_bytes;
	if (c->private_bytes > c->process->most_private_bytes)
		c->process->most_private_bytes = c->private_bytes;
}

static int check_map(struct plan_reader *r, struct checker *c, const struct plan_line *l)
{
	uint64_t end = l->address + l->size_bytes;
	uint32_t at = find(c, l->address);
	int err;

	if (at < c->nr_live && c->live[at].start < end)
		return plan_bad(r, "there is a mapping already");
	if (c->nr_live == PLAN_MAX_MAPPINGS)
		return plan_bad(r, "more than 60000 mappings at a time");
	err = check_page_size(r, c, l);
	if (err)
		return err;
	err = insert(c, at, (struct live){.start = l->address, .end = end, .option = l->option});
	count_mapped(c, l->option, l->size_bytes);
	if (!err)
		err = grow((void **)&c->ever, c->nr_ever + 1, &c->room_ever, sizeof(*c->ever));
	if (err)
		return plan_fail(r, r->number, err, strerror(err));
	c->ever[c->nr_ever++] = l->address;
	c->ever[c->nr_ever++] = end;
	if (l->option & PLAYER_FILE) {
		if (l->size_bytes > MAX_FILE_BYTES - c->file_bytes)
			return plan_bad(r, "the mappings of files have more than 2^60 bytes together");
		c->file_bytes += l->size_bytes;
	}
	return 0;
}

/* Whether all of the range is mapped with these options, and whether all that is may be read before it is written: no page of zeroes stands for it. */
static int is_mapped(const struct checker *c, uint64_t start, uint64_t end, uint32_t option, int *has_pages)
{
	*has_pages = 1;
	for (uint32_t i = find(c, start); i < c->nr_live && c->live[i].start <= start && (c->live[i].option & option) == option; i++) {
		*has_pages = *has_pages && (c->live[i].option & PLAYER_FILE || is_hugetlb(c->live[i].option));
		start = c->live[i].end;
		if (start >= end)
			return 1;
	}
	return 0;
}

/* Forgets what was touched of memory that is unmapped; what is in a file stays there. */
static int empty(struct checker *c, uint64_t start, uint64_t end)
{
	for (uint32_t i = find(c, start); i < c->nr_live && c->live[i].start < end; i++) {
		const struct live *m = &c->live[i];

		if ((m->option & PLAYER_FILE) && (m->option & PLAYER_SHARED))
			c->disk_pages += filled_count(&c->filled, (m->start > start ? m->start : start) / ACCESSGEN_PAGE,
						      (m->end < end ? m->end : end) / ACCESSGEN_PAGE);
	}
	return filled_remove(&c->filled, start / ACCESSGEN_PAGE, end / ACCESSGEN_PAGE);
}

static int lacks_room(struct plan_reader *r, unsigned long number, int err)
{
	return plan_fail(r, number, err == E2BIG ? EINVAL : err,
			 err == E2BIG ? "more than 262144 pieces of memory are touched in different measure" : strerror(err));
}

/* Takes the range out. */
static int check_unmap(struct plan_reader *r, struct checker *c, const struct plan_line *l)
{
	uint64_t end = l->address + l->size_bytes;
	uint32_t i = find(c, l->address);
	int has_pages, err;

	if (!is_mapped(c, l->address, end, 0, &has_pages))
		return plan_bad(r, "unmaps what is not mapped");
	for (uint32_t k = i; k < c->nr_live && c->live[k].start < end; k++) {
		uint64_t from = c->live[k].start > l->address ? c->live[k].start : l->address;
		uint64_t to = c->live[k].end < end ? c->live[k].end : end;

		count_mapped(c, c->live[k].option, from - to);
		if (!is_hugetlb(c->live[k].option))
			continue;
		if ((from | to) % PLAN_HUGE_BYTES)
			return plan_bad(r, "unmaps a part of a huge page of the pool");
		c->hugetlb_bytes -= to - from;
	}
	err = empty(c, l->address, end);
	while (!err && i < c->nr_live && c->live[i].start < end) {
		struct live left = c->live[i], right = c->live[i];

		memmove(c->live + i, c->live + i + 1, (--c->nr_live - i) * sizeof(left));
		left.end = l->address;
		right.start = end;
		if (left.start < left.end)
			err = insert(c, i++, left);
		if (!err && right.start < right.end)
			err = insert(c, i++, right);
	}
	return err ? lacks_room(r, r->number, err) : 0;
}

/*
 * What is resident when the pages of a rank below the bound have been touched: huge pages are so as a whole. Those of the pool are
 * there already and count with it.
 */
static int fill(struct checker *c, const struct plan_line *l, uint64_t bound)
{
	uint64_t end = l->address + l->size_bytes;
	int err = 0;

	for (uint32_t i = find(c, l->address); !err && i < c->nr_live && c->live[i].start < end; i++) {
		const struct live *m = &c->live[i];
		uint64_t from = m->start > l->address ? m->start : l->address, to = m->end < end ? m->end : end;

		if (is_hugetlb(m->option))
			continue;
		if (is_huge(m->option)) {
			uint64_t first = huge_up(m->start), last = huge_down(m->end); /* of whole huge pages */
			uint64_t huge_from = huge_down(from) > first ? huge_down(from) : first, huge_to = huge_up(to) < last ? huge_up(to) : last;

			if (huge_from < huge_to) {
				uint64_t page = huge_from / ACCESSGEN_PAGE, end_page = huge_to / ACCESSGEN_PAGE;
				/* the first in the order are those at which huge pages begin */
				uint64_t touched = order_count(from / ACCESSGEN_PAGE, to / ACCESSGEN_PAGE, bound), all = (huge_to - huge_from) / PLAN_HUGE_BYTES;

				if (l->what == PLAN_FILL && !l->time_ns && !filled_count(&c->filled, page, end_page))
					c->process->huge_bytes += (touched < all ? touched : all) * PLAN_HUGE_BYTES;
				err = filled_add(&c->filled, page, end_page, ORDER_ALL);
			}
		}
		if (!err)
			err = filled_add(&c->filled, from / ACCESSGEN_PAGE, to / ACCESSGEN_PAGE, bound);
	}
	return err;
}

/* What is touched or filled is resident, and what is read has been written. */
static int check_pages(struct plan_reader *r, struct checker *c, const struct plan_line *l)
{
	uint64_t first = plan_first(l), end = plan_end(l), bound = plan_bound(l, l->pages);
	int has_pages, err;

	if (!is_mapped(c, l->address, l->address + l->size_bytes, PLAYER_RW, &has_pages))
		return plan_bad(r, l->what == PLAN_TOUCH ? "touches what is not mapped" : "fills what is not mapped");
	if (l->what == PLAN_TOUCH && !l->samples)
		return 0;
	if (l->written < l->pages && !has_pages) {
		if (l->what == PLAN_FILL)
			return plan_bad(r, "only mappings of a file, or of huge pages of the pool, are filled by reading");
		if (!filled_has(&c->filled, first, end, bound))
			return plan_bad(r, "reads memory without a file that was not filled");
	}
	err = fill(c, l, bound);
	return err ? lacks_room(r, r->number, err) : 0;
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

static void end_snapshot(struct checker *c)
{
	c->process->intended_pages += c->pages;
	c->process->possible_pages += c->pages < c->most_pages ? c->pages : c->most_pages;
	c->pages = 0;
}

static int check_line(struct plan_reader *r, struct checker *c, const struct plan_line *l)
{
	if (l->what == PLAN_TOUCH) {
		if (!c->slices)
			return plan_bad(r, "touch without a snapshot");
		if (l->samples > c->slices)
			return plan_bad(r, "touched in more samples than the snapshot has slices");
		c->pages += (double)l->pages * l->samples;
		return check_pages(r, c, l);
	}
	end_snapshot(c);
	c->most_pages = (double)l->duration_ns * MOST_PER_NS;
	if (l->time_ns < c->time_ns)
		return plan_bad(r, "is earlier than what stands before it");
	c->time_ns = l->time_ns + l->duration_ns;
	c->slices = l->slices;
	if (l->what == PLAN_MAP)
		return check_map(r, c, l);
	if (l->what == PLAN_UNMAP)
		return check_unmap(r, c, l);
	return l->what == PLAN_FILL ? check_pages(r, c, l) : 0;
}

static int end_process(struct checker *c, struct plan_process *p, uint64_t block_bytes)
{
	int err = empty(c, 0, PLAN_MAX_ADDRESS);

	if (c->process == p)
		end_snapshot(c);
	p->file_bytes = c->file_bytes;
	p->disk_bytes = c->disk_pages * ACCESSGEN_PAGE;
	p->home = find_home(c, block_bytes);
	c->nr_live = c->nr_ever = 0;
	c->time_ns = c->file_bytes = c->disk_pages = c->mapped_bytes = c->private_bytes = c->hugetlb_bytes = 0;
	c->slices = 0;
	return err;
}

static int begin_process(struct plan_reader *r, struct plan *plan)
{
	if (plan->nr_processes == PLAN_MAX_PROCESSES)
		return plan_bad(r, "more than 64 processes");
	plan->processes[plan->nr_processes].offset = ftell(r->in);
	plan->processes[plan->nr_processes++].number = r->number;
	return 0;
}

static int read_head(struct plan_reader *r)
{
	char text[512];
	size_t n;

	r->number = 1;
	if (!fgets(text, sizeof(text), r->in))
		return ferror(r->in) ? plan_bad(r, "cannot be read") : plan_bad(r, "is empty");
	/* as of any line, blanks and a comment may follow */
	n = strcspn(text, "#\r\n");
	while (n && strchr(" \t", text[n - 1]))
		n--;
	text[n] = 0;
	return strcmp(text, HEAD) ? plan_bad(r, "a plan begins with the line '" HEAD "'") : 0;
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
			if (now && (err = end_process(&c, now, block_bytes)))
				err = lacks_room(r, now->number, err);
			if (l.what == PLAN_END)
				break;
			if (!err)
				err = begin_process(r, plan);
		} else if (!now) {
			err = plan_bad(r, "stands before the first process");
		} else {
			c.process = now;
			err = check_line(r, &c, &l);
			if (c.filled.pages * ACCESSGEN_PAGE > now->most_bytes)
				now->most_bytes = c.filled.pages * ACCESSGEN_PAGE;
		}
	}
	if (!err && !plan->nr_processes)
		err = plan_bad(r, "no process");
	free(c.live);
	free(c.filled.pieces);
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

int plan_check_machine(struct plan_reader *r, const struct plan *plan)
{
	uint64_t page = accessgen_machine_page();
	char why[128];

	if (page == ACCESSGEN_PAGE)
		return 0;
	snprintf(why, sizeof(why), "plans are of pages of 4096 bytes, this machine has pages of %llu", (unsigned long long)page);
	return plan_fail(r, plan->processes[0].number, ENOTSUP, why);
}
