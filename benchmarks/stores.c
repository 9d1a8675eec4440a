/*
 * What a bare loop makes of memory, without clock, count or pattern: the limit that a generator can come near to.
 * usage: stores page-wo|page-ro|line-ro|line-wo|random-ro|random-wo SIZE_BYTES; prints accesses per ms of processor time.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static volatile unsigned char sink;

/* One pass; the number of accesses. */
static uint64_t pass(const char *kind, volatile unsigned char *base, uint64_t size, uint64_t *rng)
{
	uint64_t n = 0, x = *rng;

	if (!strcmp(kind, "page-wo")) {
		for (; n < size / 4096; n++)
			base[n * 4096 + ((n * 64) & 4095)] = 1;
	} else if (!strcmp(kind, "page-ro")) {
		for (; n < size / 4096; n++)
			(void)base[n * 4096 + ((n * 64) & 4095)];
	} else if (!strcmp(kind, "line-ro")) {
		for (; n < size / 64; n++)
			(void)base[n * 64];
	} else if (!strcmp(kind, "line-wo")) {
		for (; n < size / 64; n++)
			base[n * 64] = 1;
	} else {
		int writes = !strcmp(kind, "random-wo");

		for (; n < 1 << 20; n++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			if (writes)
				base[(uint64_t)(((unsigned __int128)x * size) >> 64)] = 1;
			else
				(void)base[(uint64_t)(((unsigned __int128)x * size) >> 64)];
		}
	}
	*rng = x;
	return n;
}

int main(int argc, char **argv)
{
	uint64_t size = argc == 3 ? strtoull(argv[2], NULL, 10) : 0, n = 0, from, now, rng = 88172645463325252ull;
	unsigned char *base;

	if (!size)
		return 2;
	base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (base == MAP_FAILED)
		return 1;
	memset(base, 1, size);
	from = cpu_ns();
	do {
		n += pass(argv[1], base, size, &rng);
		now = cpu_ns();
	} while (now - from < 500000000);
	sink = *base;
	printf("%.0f\n", (double)n * 1e6 / (double)(now - from));
	return 0;
}
