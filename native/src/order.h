/*
 * The order in which pages of a range are chosen when only some of them are touched: by their page numbers with the bits
 * reversed. The first n of any range lie evenly in it, whatever n is, and are all among the first n + 1; where a range begins and
 * ends changes nothing about the order of the pages in it. So memory that is touched now less and now more has only as many pages
 * resident as are ever touched at once.
 */
#ifndef ORDER_H
#define ORDER_H

#include <stdint.h>

#define ORDER_ALL UINT64_MAX /* a bound that no page reaches: page numbers have less than 52 bits */
#define ORDER_LEAST_BIT 12   /* of a rank that can be set */

static inline uint64_t order_reversed(uint64_t x)
{
	x = (x >> 1 & 0x5555555555555555ull) | (x & 0x5555555555555555ull) << 1;
	x = (x >> 2 & 0x3333333333333333ull) | (x & 0x3333333333333333ull) << 2;
	x = (x >> 4 & 0x0f0f0f0f0f0f0f0full) | (x & 0x0f0f0f0f0f0f0f0full) << 4;
	return __builtin_bswap64(x);
}

/* Pages of [first, end) whose rank lies in [from, from + 2^bit): those whose lowest bits are from's, reversed. */
static inline uint64_t order_in_class(uint64_t first, uint64_t end, uint64_t from, int bit)
{
	uint64_t step = 1ull << (64 - bit), at = first + ((order_reversed(from) - first) & (step - 1));

	return at < end ? ((end - 1 - at) >> (64 - bit)) + 1 : 0;
}

/* How many pages of [first, end) have a rank below the bound. */
static inline uint64_t order_count(uint64_t first, uint64_t end, uint64_t bound)
{
	uint64_t n = 0;

	if (bound == ORDER_ALL)
		return end - first;
	for (int bit = 63; bit >= ORDER_LEAST_BIT; bit--)
		if (bound >> bit & 1)
			n += order_in_class(first, end, bound >> bit << bit ^ 1ull << bit, bit);
	return n;
}

/* The bound below which exactly so many pages of [first, end) lie; of all, or more, the bound of all. */
static inline uint64_t order_bound(uint64_t first, uint64_t end, uint64_t wanted)
{
	uint64_t bound = 0;

	if (!wanted || wanted >= end - first)
		return wanted ? ORDER_ALL : 0;
	for (int bit = 63; bit >= ORDER_LEAST_BIT; bit--) {
		uint64_t n = order_in_class(first, end, bound, bit);

		if (n <= wanted) {
			wanted -= n;
			bound |= 1ull << bit;
		}
	}
	return bound;
}

/* Pages of a rank below the bound lie so far apart at least, and at multiples of that: a power of two. */
static inline uint64_t order_step(uint64_t bound)
{
	return bound > 1 ? 1ull << __builtin_clzll(bound - 1) : 1;
}

#endif
