#include "filled.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Index of the first piece that ends behind the page. */
static uint32_t find(const struct filled *f, uint64_t page)
{
	uint32_t low = 0, high = f->n;

	while (low < high) {
		uint32_t mid = (low + high) / 2;

		if (f->pieces[mid].end <= page)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int insert(struct filled *f, uint32_t at, struct filled_piece piece)
{
	if (f->n == FILLED_MAX_PIECES)
		return E2BIG;
	if (f->n == f->room) {
		uint32_t more = f->room ? 2 * f->room : 64;
		struct filled_piece *bigger = realloc(f->pieces, more * sizeof(*bigger));

		if (!bigger)
			return ENOMEM;
		f->pieces = bigger;
		f->room = more;
	}
	memmove(f->pieces + at + 1, f->pieces + at, (f->n - at) * sizeof(piece));
	f->pieces[at] = piece;
	f->n++;
	return 0;
}

/* No piece reaches over the page afterwards. */
static int split(struct filled *f, uint64_t page)
{
	uint32_t i = find(f, page);
	struct filled_piece right;
	int err;

	if (i == f->n || f->pieces[i].first >= page)
		return 0;
	right = f->pieces[i];
	right.first = page;
	err = insert(f, i + 1, right);
	if (!err)
		f->pieces[i].end = page;
	return err;
}

int filled_has(const struct filled *f, uint64_t first, uint64_t end, uint64_t bound)
{
	for (uint32_t i = find(f, first); first < end; i += i < f->n && f->pieces[i].end <= first) {
		const struct filled_piece *p = i < f->n ? &f->pieces[i] : NULL;
		int is_in = p && p->first <= first;
		uint64_t there = is_in ? p->bound : 0, to = is_in ? p->end : p && p->first < end ? p->first : end;

		to = to < end ? to : end;
		/* different bounds may have the same pages in a range */
		if (there < bound && order_count(first, to, there) < order_count(first, to, bound))
			return 0;
		first = to;
	}
	return 1;
}

/* Joins pieces that touch and have the same bound: from index low to the last that begins at or before the page. */
static void join(struct filled *f, uint32_t low, uint64_t page)
{
	uint32_t used = low, i;

	for (i = low + 1; i < f->n && f->pieces[i].first <= page; i++) {
		struct filled_piece *last = &f->pieces[used];

		if (last->end == f->pieces[i].first && last->bound == f->pieces[i].bound)
			last->end = f->pieces[i].end;
		else
			f->pieces[++used] = f->pieces[i];
	}
	if (i <= used + 1)
		return;
	memmove(f->pieces + used + 1, f->pieces + i, (f->n - i) * sizeof(*f->pieces));
	f->n -= i - used - 1;
}

int filled_add(struct filled *f, uint64_t first, uint64_t end, uint64_t bound)
{
	uint64_t from = first;
	uint32_t i;
	int err;

	if (filled_has(f, first, end, bound))
		return 0;
	err = split(f, first);
	if (!err)
		err = split(f, end);
	for (i = find(f, first); !err && from < end; i++) {
		if (i == f->n || f->pieces[i].first > from) {
			struct filled_piece gap = {from, i < f->n && f->pieces[i].first < end ? f->pieces[i].first : end, bound};

			err = insert(f, i, gap);
			if (!err)
				f->pages += order_count(gap.first, gap.end, bound);
			from = gap.end;
		} else {
			struct filled_piece *p = &f->pieces[i];

			if (p->bound < bound) {
				f->pages += order_count(p->first, p->end, bound) - order_count(p->first, p->end, p->bound);
				p->bound = bound;
			}
			from = p->end;
		}
	}
	i = find(f, first);
	if (!err)
		join(f, i ? i - 1 : 0, end);
	return err;
}

uint64_t filled_count(const struct filled *f, uint64_t first, uint64_t end)
{
	uint64_t n = 0;

	for (uint32_t i = find(f, first); i < f->n && f->pieces[i].first < end; i++) {
		const struct filled_piece *p = &f->pieces[i];

		n += order_count(p->first > first ? p->first : first, p->end < end ? p->end : end, p->bound);
	}
	return n;
}

int filled_remove(struct filled *f, uint64_t first, uint64_t end)
{
	int err = split(f, first);
	uint32_t low, high;

	if (!err)
		err = split(f, end);
	if (err || !f->n)
		return err;
	f->pages -= filled_count(f, first, end);
	low = high = find(f, first);
	while (high < f->n && f->pieces[high].first < end)
		high++;
	memmove(f->pieces + low, f->pieces + high, (f->n - high) * sizeof(*f->pieces));
	f->n -= high - low;
	return 0;
}
