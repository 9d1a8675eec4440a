#define _GNU_SOURCE
#include "huge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POOL "/sys/kernel/mm/hugepages/hugepages-2048kB/"
#define TRANSPARENT "/sys/kernel/mm/transparent_hugepage/"

/* A number in a file; 0 where there is none. */
static uint64_t number_in(const char *file)
{
	char text[32] = "";
	FILE *in = fopen(file, "re");

	if (in) {
		if (!fgets(text, sizeof(text), in))
			*text = 0;
		fclose(in);
	}
	return strtoull(text, NULL, 10);
}

/* Bytes of the pool that nobody has or has been promised. */
static uint64_t pool_left(void)
{
	uint64_t have = number_in(POOL "free_hugepages") + number_in(POOL "nr_overcommit_hugepages");
	uint64_t taken = number_in(POOL "resv_hugepages") + number_in(POOL "surplus_hugepages");

	return have > taken ? (have - taken) * PLAN_HUGE_BYTES : 0;
}

/* The choice in brackets of a file that lists them, "not there" if there is no such file. */
static const char *chosen_in(const char *file, char text[128])
{
	FILE *in = fopen(file, "re");
	char *from = NULL;

	if (in) {
		if (fgets(text, 128, in))
			from = strchr(text, '[');
		fclose(in);
	}
	if (!from)
		return "not there";
	from[strcspn(from, "]")] = 0;
	return from + 1;
}

static int is_given(const char *chosen)
{
	return strcmp(chosen, "not there") && strcmp(chosen, "never") && strcmp(chosen, "deny");
}

int huge_check(const struct plan *plan, char *why, size_t why_size)
{
	uint64_t wanted = 0, left;
	int is_private = 0, is_shared = 0;
	char text[128];
	const char *chosen;

	for (uint32_t i = 0; i < plan->nr_processes; i++) {
		wanted += plan->processes[i].hugetlb_bytes;
		is_private = is_private || plan->processes[i].asks_huge;
		is_shared = is_shared || plan->processes[i].asks_huge_shared;
	}
	left = wanted ? pool_left() : 0;
	if (wanted > left) {
		snprintf(why, why_size,
			 "the plan maps %" PRIu64 " MiB in huge pages of the pool (hugetlb), of which this machine has %" PRIu64
			 " MiB left; it could have transparent ones (huge) or pages of 4 KiB (small)",
			 wanted >> 20, left >> 20);
		return ENODEV;
	}
	chosen = chosen_in(TRANSPARENT "enabled", text);
	if (is_private && !is_given(chosen)) {
		snprintf(why, why_size, "the plan asks for transparent huge pages (huge), which this machine does not give (" TRANSPARENT
					"enabled: %.20s); it could have pages of 4 KiB (small)",
			 chosen);
		return ENODEV;
	}
	chosen = chosen_in(TRANSPARENT "shmem_enabled", text);
	if (is_shared && !is_given(chosen)) {
		snprintf(why, why_size, "the plan asks for transparent huge pages of shared memory (huge shared), which this machine does not give ("
					TRANSPARENT "shmem_enabled: %.20s); it could have pages of 4 KiB (small)",
			 chosen);
		return ENODEV;
	}
	return 0;
}

int huge_had(pid_t pid, uint64_t *bytes)
{
	char name[64], line[512];
	uint64_t kib, of_mapping = 0;
	FILE *in;

	snprintf(name, sizeof(name), "/proc/%d/smaps", pid);
	in = fopen(name, "re");
	if (!in)
		return errno;
	*bytes = 0;
	while (fgets(line, sizeof(line), in)) {
		if (sscanf(line, "AnonHugePages: %" SCNu64, &kib) == 1 || sscanf(line, "ShmemPmdMapped: %" SCNu64, &kib) == 1)
			of_mapping += kib << 10;
		if (strncmp(line, "VmFlags:", 8))
			continue;
		if (strstr(line, " hg"))
			*bytes += of_mapping;
		of_mapping = 0;
	}
	fclose(in);
	return 0;
}
