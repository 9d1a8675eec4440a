/* Reading a replay plan; the format is described in accessgen.h. */
#ifndef PLAN_H
#define PLAN_H

#include "accessgen.h"
#include "order.h"

#include <errno.h>
#include <stdio.h>

#define PLAN_MAX_PROCESSES 64
#define PLAN_MAX_MAPPINGS 60000 /* of one process at a time; the kernel lets one have 65530 */
#define PLAN_MAX_TOUCHES 1000000 /* of one snapshot */
#define PLAN_MAX_SLICES 100000
#define PLAN_MAX_ADDRESS (1ull << 56)
#define PLAN_HUGE_BYTES (2ull << 20) /* of a huge page */

enum plan_what { PLAN_END, PLAN_PROCESS, PLAN_MAP, PLAN_FILL, PLAN_UNMAP, PLAN_SNAPSHOT, PLAN_TOUCH };

/* Which slices of its snapshot a touch is made in. */
enum plan_order { PLAN_EVENLY, PLAN_FIRST, PLAN_LAST };

struct plan_line {
	enum plan_what what;
	uint64_t time_ns, duration_ns;
	uint64_t address, size_bytes;
	uint32_t slices;
	uint32_t samples;
	uint32_t option; /* enum player_map, or of a touch enum plan_order */
	uint64_t pages, written; /* of fill and touch: how many are touched, and of them written */
	unsigned long number;
};

struct plan_reader {
	FILE *in;
	const char *file;
	unsigned long number;
	char *error;
	size_t error_size;
};

/* What is checked of a process before anything is mapped. */
struct plan_process {
	long offset; /* of its first line behind "process" in the file */
	unsigned long number;
	uint64_t most_bytes; /* touched at a time, at most */
	uint64_t most_mapped_bytes, most_private_bytes; /* mapped at a time, at most; the latter without what is shared */
	uint64_t file_bytes; /* size of its file; 0: it has none */
	uint64_t disk_bytes; /* that are written to it */
	uint64_t hugetlb_bytes; /* mapped of huge pages of the pool at a time, at most */
	uint64_t huge_bytes; /* that are filled before the start, of transparent huge pages that are asked for */
	int asks_huge, asks_huge_shared; /* for transparent huge pages at some time */
	uint64_t home;	     /* where its player's block goes */
	double intended_pages; /* touches that are asked for */
	double possible_pages; /* those of them that one thread of the fastest machine has time for */
};

struct plan {
	struct plan_process processes[PLAN_MAX_PROCESSES];
	uint32_t nr_processes;
};

/* The next line; 0, EINVAL with error set, or what reading gave. */
int plan_next(struct plan_reader *r, struct plan_line *line);

/* Says where and why; returns err. */
int plan_fail(struct plan_reader *r, unsigned long number, int err, const char *why);

/* Says what the line that was read last does wrong; returns EINVAL. */
static inline int plan_bad(struct plan_reader *r, const char *why)
{
	return plan_fail(r, r->number, EINVAL, why);
}

struct plan_touch {
	uint64_t address, range_pages;
	uint64_t pages;			/* of them touched */
	uint64_t bound, written_bound;	/* order.h */
	uint32_t samples;
	enum plan_order order;
};

/* The range of a line in pages, and the bounds in it. */
static inline uint64_t plan_first(const struct plan_line *l)
{
	return l->address / ACCESSGEN_PAGE;
}

static inline uint64_t plan_end(const struct plan_line *l)
{
	return (l->address + l->size_bytes) / ACCESSGEN_PAGE;
}

static inline uint64_t plan_bound(const struct plan_line *l, uint64_t pages)
{
	return order_bound(plan_first(l), plan_end(l), pages);
}

/* The touches of one snapshot; room is kept from one to the next. */
struct plan_touches {
	struct plan_touch *all;
	uint32_t n, room;
};

/* Reads the touches behind a snapshot's line; line becomes the one behind them. */
int plan_touches(struct plan_reader *r, struct plan_line *line, struct plan_touches *touches);

/* Whether it is made in this slice: exactly in as many as it says, and these as evenly spread as can be unless it says which. */
static inline int plan_is_touched(const struct plan_touch *t, uint32_t slice, uint32_t slices)
{
	if (t->order == PLAN_FIRST)
		return slice < t->samples;
	if (t->order == PLAN_LAST)
		return slice >= slices - t->samples;
	return (uint64_t)(slice + 1) * t->samples / slices > (uint64_t)slice * t->samples / slices;
}

/* Whether it goes on in the slice after this one, as far as this snapshot tells. */
static inline int plan_goes_on(const struct plan_touch *t, uint32_t slice, uint32_t slices)
{
	return slice + 1 < slices ? plan_is_touched(t, slice + 1, slices) : t->order == PLAN_LAST || t->samples == slices;
}

/* When slice i of a snapshot begins, ns from the snapshot's begin; i may be the number of slices. */
static inline uint64_t plan_slice_ns(const struct plan_line *s, uint32_t i)
{
	return s->duration_ns / s->slices * i + s->duration_ns % s->slices * i / s->slices;
}

/*
 * Reads a whole plan and refuses what cannot be played: memory that is touched but not mapped, times that run backwards.
 * @param block_bytes  size of the players' blocks, for which homes are found
 */
int plan_check(struct plan_reader *r, uint64_t block_bytes, struct plan *plan);

/* Whether this machine has pages as plans have; ENOTSUP, and says so, if not. */
int plan_check_machine(struct plan_reader *r, const struct plan *plan);

/* The same as plan_check of a file by its name. */
int plan_check_file(const char *file, uint64_t block_bytes, struct plan *plan, char *error, size_t error_size);

#endif
