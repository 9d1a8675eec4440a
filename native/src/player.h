/*
 * What the driver of a plan (play.c, feed.c) and its players (player.c, player_touch.c) have in common.
 *
 * A player is a process that has nothing in its memory but what the plan maps and the block described here. The driver starts
 * it from its own executable; it copies the block, whose code depends on no library and on no address, to where the plan has
 * room for it, goes on there, and unmaps everything else. From then on it does what commands on its standard input say.
 */
#ifndef PLAYER_H
#define PLAYER_H

#include "accessgen.h"

/* The block: code, then stack and buffers, then the pages whose protection is changed to flush the TLB, then the helpers' stacks. */
#define PLAYER_CODE_BYTES 8192ull
#define PLAYER_RAM_BYTES 40960ull
#define PLAYER_SCRATCH_BYTES (64 * ACCESSGEN_PAGE) /* x86 flushes up to 33 pages one by one, more at once */
#define PLAYER_STACK_END (PLAYER_CODE_BYTES + PLAYER_RAM_BYTES)

#define PLAYER_FLUSHES 1ull /* has the scratch pages and flushes its TLB before it touches */
#define PLAYER_LOGS 2ull    /* writes a line per touch to PLAYER_LOG_FD */
#define PLAYER_HELPER_BYTES 4096ull
#define PLAYER_THREADS(options) (1 + ((options) >> 8 & 0xff)) /* that touch */
#define PLAYER_HELPERS(n) ((uint64_t)(n) << 8)
#define PLAYER_LOG_FD 3
#define PLAYER_FILE_FD 4 /* what its mappings of a file map */

static inline uint64_t player_bytes(uint64_t options)
{
	return PLAYER_STACK_END + (options & PLAYER_FLUSHES ? PLAYER_SCRATCH_BYTES : 0) +
	       (PLAYER_THREADS(options) - 1) * PLAYER_HELPER_BYTES;
}

enum player_what {
	PLAYER_MAP,   /* a: address, b: bytes, option: enum player_map, c: offset in the file */
	PLAYER_FILL,  /* a, b, c, d: as of a touch */
	PLAYER_UNMAP, /* a: address, b: bytes */
	PLAYER_READY, /* answer with a status */
	PLAYER_GO,    /* a: CLOCK_MONOTONIC time that is the plan's time 0, ns */
	PLAYER_WAIT,  /* a: sleep until this time of the plan, ns */
	PLAYER_SLICE, /* a: begin, b: length, ns of the plan */
	PLAYER_AGAIN, /* the same; touches that are left out when there is no time for them */
	PLAYER_TOUCH, /* a: address, b: pages, c: bound of those that are touched, d: and written (order.h), option: class */
	PLAYER_END    /* a: end of the plan, ns; answer with a status and wait until standard input ends */
};

enum player_map {
	PLAYER_RW = 1,
	PLAYER_HUGE = 2,
	PLAYER_SMALL = 4,
	PLAYER_APART = 8,
	PLAYER_FILE = 16,
	PLAYER_SHARED = 32,
	PLAYER_HUGETLB = 64,
	PLAYER_ASIDE = 128
};

struct player_command {
	uint32_t what;
	uint32_t option;
	uint64_t a, b, c, d;
	uint64_t line; /* of the plan */
};

struct player_status {
	int32_t err; /* 0: ready or done */
	uint32_t reserved;
	uint64_t line; /* of the command that failed */
	uint64_t sum_late_ns;
	struct accessgen_plan_report report;
};

/* Goes on at the begin of the block at here, on its stack. */
static inline __attribute__((noreturn)) void player_jump(unsigned char *here, uint64_t home, uint64_t options)
{
	unsigned char *stack = here + PLAYER_STACK_END;
#if defined(__x86_64__)
	__asm__ volatile("mov %0, %%rsp\n\tpush $0\n\tjmp *%1"
			 :
			 : "r"(stack), "r"(here), "D"(here), "S"(home), "d"(options)
			 : "memory");
#elif defined(__aarch64__)
	register unsigned char *x0 __asm__("x0") = here;
	register uint64_t x1 __asm__("x1") = home;
	register uint64_t x2 __asm__("x2") = options;

	__asm__ volatile("mov sp, %0\n\tbr %1"
			 :
			 : "r"(stack), "r"(here), "r"(x0), "r"(x1), "r"(x2)
			 : "memory");
#else
#error "players are written for x86-64 and arm64"
#endif
	__builtin_unreachable();
}

#endif
