/* Huge pages that a plan asks for: what of them can be had, and what was. */
#ifndef HUGE_H
#define HUGE_H

#include "plan.h"

#include <stddef.h>
#include <sys/types.h>

/*
 * Whether a plan's huge pages can be had here, before anything is mapped; what only the kernel knows once it is asked, of transparent
 * ones, huge_had finds. 0, or ENODEV with what is lacking and what could be had instead.
 */
int huge_check(const struct plan *plan, char *why, size_t why_size);

/* Bytes that a process has in transparent huge pages where it asked for them; 0 or an errno value. */
int huge_had(pid_t pid, uint64_t *bytes);

#endif
