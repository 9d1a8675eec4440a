/*
 * Workloads that accessgen has none of. "maps": 8 MiB all the time, and four times 16 MiB that come, are touched for two seconds and
 * go, after each of which the 8 MiB have grown by 2 and are touched for a second. "two": two processes, each with 16 MiB of its
 * own, that touch it in turn for two seconds.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MIB (1ul << 20)

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static volatile unsigned char *map(unsigned long bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

static void touch(volatile unsigned char *memory, unsigned long bytes, double until)
{
	while (now() < until)
		for (unsigned long at = 0; at < bytes; at += 4096)
			memory[at] = 1;
}

static int maps(double time)
{
	unsigned long bytes = 8 * MIB;
	volatile unsigned char *own = map(bytes);

	touch(own, bytes, time += 1);
	for (int i = 0; i < 4; i++) {
		volatile unsigned char *come = map(16 * MIB);
		void *grown;

		touch(come, 16 * MIB, time += 2);
		munmap((void *)come, 16 * MIB);
		grown = mremap((void *)own, bytes, bytes + 2 * MIB, MREMAP_MAYMOVE);
		if (grown == MAP_FAILED)
			return 1;
		own = grown;
		bytes += 2 * MIB;
		touch(own, bytes, time += 1);
	}
	return 0;
}

static int two(double time)
{
	int child = fork();
	volatile unsigned char *memory = map(16 * MIB);

	for (int i = 0; i < 6; i++, time += 2) {
		if ((i % 2 == 0) == (child == 0))
			touch(memory, 16 * MIB, time + 2);
		while (now() < time + 2)
			usleep(10000);
	}
	return child ? waitpid(child, NULL, 0) != child : 0;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	return strcmp(argv[1], "two") ? maps(now()) : two(now());
}
