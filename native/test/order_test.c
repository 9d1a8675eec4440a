#include "../src/filled.h"
#include "check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The order of pages and what it makes resident, against sets of pages that are counted one by one. */

#define PAGES 700

static uint64_t state = 42;

static uint64_t below(uint64_t n)
{
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return (state >> 33) % n;
}

static void a_bound_has_as_many_pages_as_were_asked_for(void)
{
	for (int round = 0; round < 2000; round++) {
		uint64_t first = below(2) ? below(5000) : (1ull << 44) - 5000 + below(4000), end = first + 1 + below(900);
		uint64_t wanted = below(end - first + 3), bound = order_bound(first, end, wanted), n = 0, step = order_step(bound);

		for (uint64_t page = first; page < end; page++) {
			n += order_reversed(page) < bound;
			CHECK(order_reversed(page) >= bound || page % step == 0);
		}
		CHECK(n == (wanted < end - first ? wanted : end - first));
		CHECK(order_count(first, end, bound) == n);
	}
}

/* Of any range and any number, the greatest gap between pages is at most four times the mean. */
static void pages_lie_evenly(void)
{
	for (int round = 0; round < 500; round++) {
		uint64_t first = below(100000), pages = 64 + below(4000), n = 8 + below(pages - 8);
		uint64_t bound = order_bound(first, first + pages, n), last = first, greatest = 0;

		for (uint64_t page = first; page <= first + pages; page++)
			if (page == first + pages || order_reversed(page) < bound) {
				greatest = page - last > greatest ? page - last : greatest;
				last = page;
			}
		CHECK(greatest <= 4 * (pages / n + 1));
	}
}

static void what_is_resident_is_counted_exactly(void)
{
	static unsigned char there[PAGES];
	struct filled f = {0};

	for (int round = 0; round < 3000; round++) {
		uint64_t first = below(PAGES), end = first + 1 + below(PAGES - first), bound = order_bound(first, end, below(end - first + 1));
		uint64_t n = 0, all = 0;

		if (below(4)) {
			int has = 1;

			for (uint64_t page = first; page < end; page++)
				has &= order_reversed(page) >= bound || there[page];
			CHECK(filled_has(&f, first, end, bound) == has);
			CHECK(filled_add(&f, first, end, bound) == 0);
			for (uint64_t page = first; page < end; page++)
				there[page] |= order_reversed(page) < bound;
		} else {
			CHECK(filled_remove(&f, first, end) == 0);
			memset(there + first, 0, end - first);
		}
		for (uint64_t page = 0; page < PAGES; page++) {
			all += there[page];
			n += page >= first && page < end && there[page];
		}
		CHECK(f.pages == all && filled_count(&f, first, end) == n && filled_count(&f, 0, PAGES) == all);
		for (uint32_t i = 1; i < f.n; i++)
			CHECK(f.pieces[i - 1].end <= f.pieces[i].first);
	}
	free(f.pieces);
}

int main(void)
{
	a_bound_has_as_many_pages_as_were_asked_for();
	pages_lie_evenly();
	what_is_resident_is_counted_exactly();
	printf("order: %d checks, %d failed\n", checks, failures);
	return failures ? 1 : 0;
}
