/* The access itself, and many in turn: in every use the mode is a constant, so that no loop has a branch on it. */
#ifndef ACCESS_H
#define ACCESS_H

#include "accessgen.h"

#define INLINE static inline __attribute__((always_inline))

INLINE void access_byte(volatile unsigned char *at, enum accessgen_mode mode)
{
	if (mode == ACCESSGEN_WRITE)
		*at = 1;
	else if (mode == ACCESSGEN_READ)
		(void)*at;
	else
		*at = (unsigned char)(*at + 1);
}

/* In turn, at exactly the stride, from an offset on, and from 0 again behind the end; returns the next offset. */
INLINE uint64_t access_in_turn(unsigned char *base, uint64_t size, uint64_t stride, uint64_t offset, uint64_t accesses, enum accessgen_mode mode)
{
	while (accesses) {
		uint64_t left = (size - offset + stride - 1) / stride, n = left < accesses ? left : accesses;
		volatile unsigned char *at = base + offset;

		for (uint64_t i = 0; i < n; i++, at += stride)
			access_byte(at, mode);
		offset = n == left ? 0 : offset + n * stride;
		accesses -= n;
	}
	return offset;
}

#endif
