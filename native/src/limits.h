/* How much memory this process, and those it starts, may have. */
#ifndef LIMITS_H
#define LIMITS_H

#include <stddef.h>
#include <stdint.h>

/* Bytes, and in whose words: "this machine has", "the control group ... has". */
struct limits_room {
	uint64_t bytes;
	char who[200];
};

/*
 * What can be had without swapping and before the kernel ends somebody: of the machine, and of each control group that this process
 * is in (both versions; page cache that can go counts as free).
 * @param root  before /proc and /sys: "" but in tests
 */
void limits_room(const char *root, struct limits_room *out);

/*
 * Whether a process may map so much: ulimit -v and ulimit -d.
 * @return 0, or ENOMEM with why
 */
int limits_check(uint64_t mapped_bytes, uint64_t private_bytes, char *why, size_t why_size);

#endif
