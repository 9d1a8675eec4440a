/*
 * busy MIB PASSES: writes to every page of so much memory so often, and prints how long that took, and how much
 * processor time, in nanoseconds. PASSES 0: for ever, and every 50 ms the passes so far, the time and the processor time.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

static uint64_t now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

int main(int argc, char **argv)
{
	uint64_t size, passes, from, cpu_from, told = 0;
	volatile unsigned char *memory;

	if (argc != 3)
		return 2;
	size = strtoull(argv[1], NULL, 10) << 20;
	passes = strtoull(argv[2], NULL, 10);
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return 1;
	madvise((void *)memory, size, MADV_NOHUGEPAGE);
	for (uint64_t at = 0; at < size; at += 4096)
		memory[at] = 1;
	from = now_ns(CLOCK_MONOTONIC);
	cpu_from = now_ns(CLOCK_PROCESS_CPUTIME_ID);
	for (uint64_t p = 1; !passes || p <= passes; p++) {
		for (uint64_t at = 0; at < size; at += 4096)
			memory[at + (at >> 6 & 4095)]++;
		if (passes || now_ns(CLOCK_MONOTONIC) - told < 50000000)
			continue;
		told = now_ns(CLOCK_MONOTONIC);
		if (printf("%llu %llu %llu\n", (unsigned long long)p, (unsigned long long)told,
			   (unsigned long long)now_ns(CLOCK_PROCESS_CPUTIME_ID)) < 0 || fflush(stdout))
			return 1;
	}
	printf("%llu %llu\n", (unsigned long long)(now_ns(CLOCK_MONOTONIC) - from),
	       (unsigned long long)(now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_from));
	return 0;
}
