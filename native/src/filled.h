/* Which pages of a process were touched, as far as the order of order.h tells: what is resident, exactly. */
#ifndef FILLED_H
#define FILLED_H

#include "order.h"

#define FILLED_MAX_PIECES 262144

/* Pages of [first, end) of a rank below the bound. */
struct filled_piece {
	uint64_t first, end, bound;
};

struct filled {
	struct filled_piece *pieces; /* by address */
	uint32_t n, room;
	uint64_t pages; /* in all */
};

/* The pages of a rank below the bound have been touched; 0, ENOMEM, or E2BIG for more than FILLED_MAX_PIECES. */
int filled_add(struct filled *f, uint64_t first, uint64_t end, uint64_t bound);

/* None of the range is resident any more; errors as above. */
int filled_remove(struct filled *f, uint64_t first, uint64_t end);

/* Whether the pages of a rank below the bound were all touched. */
int filled_has(const struct filled *f, uint64_t first, uint64_t end, uint64_t bound);

/* Pages of the range that were touched. */
uint64_t filled_count(const struct filled *f, uint64_t first, uint64_t end);

#endif
