/*
 * Wakes every 2 ms, on one CPU. DAMON clears accessed bits without flushing the TLB; a software-emulated TLB forgets
 * only when another process is switched to, so without this process a guest under emulation sees hot memory as idle.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(argc > 1 ? atoi(argv[1]) : 0, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		return 1;
	for (;;)
		usleep(2000);
}
