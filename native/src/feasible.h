/* What a plan's touches cost on this machine (cost.c), and how the plan goes at that cost (forecast.c). */
#ifndef FEASIBLE_H
#define FEASIBLE_H

#include "plan.h"

#define FEASIBLE_TRIALS 256

/* In what rhythm a process touches: the means over all touches. */
struct feasible_rhythm {
	double pages;	  /* at once */
	double period_ns; /* from one time to the next */
};

/* One time in that rhythm: by how much it was woken late, and what a page took, ns. */
struct feasible_trial {
	double late_ns, page_ns;
};

/* In ns; of all threads of a process together, with what else the machine does meanwhile. */
struct feasible_costs {
	double page_ns;		/* of the touch of a page that was touched before */
	double flushed_page_ns; /* the same after a flush of the TLB */
	double flush_ns;	/* of a flush */
	double fill_ns;		/* of the first touch of a page, more than of another */
	double unmap_ns;	/* of a page that is unmapped */
	double late_ns;		/* by which a sleeper wakes late */
	struct feasible_trial trials[FEASIBLE_TRIALS]; /* with flushes if the plan is played with them */
	uint32_t nr_trials;
};

/* Measures for about a second what a process of so many threads pays that touches in this rhythm. 0 or an errno value. */
int feasible_measure(const struct feasible_rhythm *rhythm, int flushes, uint32_t threads, struct feasible_costs *out);

struct feasible_forecast {
	uint64_t slices, late_slices;		/* with touches; not over in time */
	uint64_t intended_pages, pages_in_time; /* of slices that begin in time */
	struct feasible_rhythm rhythm;
};

/*
 * Goes through a plan as its players would at these costs, in each step at those of the next trial, several sharing the processors: a step that is late begins when the one
 * before has ended, and a slice that is over by then is left out. The plan was checked.
 */
int feasible_forecast(const char *file, const struct plan *plan, const struct feasible_costs *costs, int flushes, uint32_t threads,
		      uint32_t cpus, struct feasible_forecast *out, char *error, size_t error_size);

#endif
