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

/* So many passes, or as many accesses at random; their number. */
static uint64_t run(const char *kind, volatile unsigned char *base, uint64_t size, uint64_t passes, uint64_t *rng)
{
	uint64_t lines = strncmp(kind, "page", 4) ? size / 64 : size / 4096, x = *rng;
	int writes = !strcmp(strchr(kind, '-'), "-wo");

	if (!strncmp(kind, "random", 6)) {
		for (uint64_t i = 0; i < passes * lines; i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			if (writes)
				base[(uint64_t)(((unsigned __int128)x * size) >> 64)] = 1;
			else
				(void)base[(uint64_t)(((unsigned __int128)x * size) >> 64)];
		}
		*rng = x;
	} else if (!strncmp(kind, "page", 4)) {
		for (uint64_t p = 0; p < passes; p++)
			if (writes)
				for (uint64_t i = 0; i < lines; i++)
					base[i * 4096 + ((i * 64) & 4095)] = 1;
			else
				for (uint64_t i = 0; i < lines; i++)
					(void)base[i * 4096 + ((i * 64) & 4095)];
	} else {
		for (uint64_t p = 0; p < passes; p++)
			if (writes)
				for (uint64_t i = 0; i < lines; i++)
					base[i * 64] = 1;
			else
				for (uint64_t i = 0; i < lines; i++)
					(void)base[i * 64];
	}
	return passes * lines;
}

int main(int argc, char **argv)
{
	uint64_t size = argc == 3 ? strtoull(argv[2], NULL, 10) : 0, n = 0, from, now, rng = 88172645463325252ull;
	unsigned char *base;

	if (size < 4096 || !strchr(argv[1], '-'))
		return 2;
	base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (base == MAP_FAILED)
		return 1;
	memset(base, 1, size);
	from = cpu_ns();
	do {
		n += run(argv[1], base, size, size < 64 << 20 ? (64 << 20) / size : 1, &rng);
		now = cpu_ns();
	} while (now - from < 500000000);
	printf("%.0f\n", (double)n * 1e6 / (double)(now - from));
	return 0;
}
