/*
 * System calls for code that is linked without any library (player.ld) and runs from wherever it is copied to; for no other code.
 */
#ifndef BARE_H
#define BARE_H

#include "accessgen.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

static inline __attribute__((always_inline)) long call6(long n, long a, long b, long c, long d, long e, long f)
{
#if defined(__x86_64__)
	long ret;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
#else
	register long x8 __asm__("x8") = n;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return x0;
#endif
}

static inline long call(long n, long a, long b, long c, long d)
{
	return call6(n, a, b, c, d, 0, 0);
}

/* 0, or an errno value. */
static inline int map_fixed(uint64_t address, uint64_t bytes, int protection, int flags, int fd, uint64_t offset)
{
	long at = call6(SYS_mmap, (long)address, (long)bytes, protection, flags | MAP_FIXED_NOREPLACE, fd, (long)offset);

	if (at < 0 && at > -4096)
		return (int)-at;
	if ((uint64_t)at != address) { /* kernels before 4.17 take the flag for a hint */
		call(SYS_munmap, at, (long)bytes, 0, 0);
		return EEXIST;
	}
	return 0;
}

static inline uint64_t clock_ns(long clock)
{
	struct timespec t;

	call(SYS_clock_gettime, clock, (long)&t, 0, 0);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static inline uint64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static inline void sleep_until(uint64_t time_ns)
{
	struct timespec t = {.tv_sec = (time_t)(time_ns / 1000000000ull), .tv_nsec = (long)(time_ns % 1000000000ull)};

	while (call(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, (long)&t, 0) == -EINTR)
		;
}

static inline void write_all(int fd, const void *from, uint64_t bytes)
{
	const char *p = from;

	while (bytes) {
		long n = call(SYS_write, fd, (long)p, (long)bytes, 0);

		if (n <= 0 && n != -EINTR)
			return; /* who asked has gone, and standard input ends next */
		if (n > 0) {
			p += n;
			bytes -= (uint64_t)n;
		}
	}
}

static inline __attribute__((noreturn)) void end(int code)
{
	for (;;)
		call(SYS_exit_group, code, 0, 0, 0);
}

#endif
