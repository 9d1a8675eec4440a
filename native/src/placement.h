/* On which processors and from which memory nodes the processes of a plan run, by lists such as 0-3,6. */
#ifndef PLACEMENT_H
#define PLACEMENT_H

#include <sched.h>
#include <stddef.h>

#define PLACEMENT_MAX CPU_SETSIZE

struct placement {
	int has_cpus, has_nodes;
	int policy; /* of set_mempolicy */
	cpu_set_t cpus;
	cpu_set_t nodes; /* a set of small numbers like the other */
	cpu_set_t before; /* where this thread might run */
};

/*
 * Reads what was asked for, NULL for nothing: a list of processors; bind, interleave or preferred, a colon and a list of nodes.
 * EINVAL for what is no such text, ENODEV for what this machine does not have; why says which. A note is given where it
 * changes nothing, else it is empty.
 */
int placement_read(const char *cpus, const char *numa, struct placement *p, char *why, size_t why_size, char *note, size_t note_size);

/* This thread, and what it starts, runs there; ENODEV, and why, if it may not. */
int placement_enter(struct placement *p, char *why, size_t why_size);

/* This thread runs where it did before, with memory from anywhere. */
void placement_leave(const struct placement *p);

#endif
