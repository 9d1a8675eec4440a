#define _GNU_SOURCE
#include "../src/limits.h"
#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a process may have of memory, over a tree of files in the place of /proc and /sys. */

static char root[64];

static void put(const char *path, const char *text)
{
	char full[512];
	FILE *f;

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (char *p = full + strlen(root) + 1; *p; p++)
		if (*p == '/') {
			*p = 0;
			mkdir(full, 0755);
			*p = '/';
		}
	f = fopen(full, "w");
	fputs(text, f);
	fclose(f);
}

static uint64_t room(const char *who)
{
	struct limits_room r;

	limits_room(root, &r);
	if (strcmp(r.who, who)) {
		failures++;
		printf("'%s' instead of '%s'\n", r.who, who);
	}
	return r.bytes;
}

#define GROUP "/sys/fs/cgroup/user/shop/"
#define OLD "/sys/fs/cgroup/memory/docker/7/"

int main(void)
{
	char why[256], remove[128];
	struct rlimit before, small = {1 << 28, RLIM_INFINITY};

	strcpy(root, "/tmp/damson-limits-XXXXXX");
	if (!mkdtemp(root))
		return 2;
	CHECK(room("this machine has") == UINT64_MAX);
	put("/proc/meminfo", "MemTotal:       2000000 kB\nMemFree:  5 kB\nMemAvailable:   1000000 kB\n");
	CHECK(room("this machine has") == 1000000ull << 10);
	put("/proc/self/cgroup", "0::/user/shop\n");
	CHECK(room("this machine has") == 1000000ull << 10);

	/* version 2: max is none; a group's page cache is free but for half of what is in use */
	put(GROUP "memory.max", "max\n");
	put(GROUP "memory.current", "50000000\n");
	put(GROUP "memory.stat", "anon 1\nfile 9\ninactive_file 20000000\nactive_file 10000000\n");
	CHECK(room("this machine has") == 1000000ull << 10);
	put(GROUP "memory.max", "100000000\n");
	CHECK(room("the control group /user/shop has") == 75000000);
	put(GROUP "memory.current", "200000000\n");
	CHECK(room("the control group /user/shop has") == 0);
	put(GROUP "memory.current", "1000\n");
	CHECK(room("the control group /user/shop has") == 100000000);
	/* the narrowest of all that it is in */
	put("/sys/fs/cgroup/user/memory.max", "70000000\n");
	put("/sys/fs/cgroup/user/memory.current", "10000000\n");
	CHECK(room("the control group /user has") == 60000000);
	/* as a container sees its own */
	put("/proc/self/cgroup", "0::/\n");
	put("/sys/fs/cgroup/memory.max", "5000000\n");
	put("/sys/fs/cgroup/memory.current", "1000000\n");
	CHECK(room("the control group / has") == 4000000);

	/* version 1, with another controller of nearly that name, and several in one group */
	put("/proc/self/cgroup", "5:memoryx:/other\n4:cpu,memory:/docker/7\n0::/elsewhere\n");
	put("/sys/fs/cgroup/memory.max", "max\n");
	put(OLD "memory.limit_in_bytes", "30000000\n");
	put(OLD "memory.usage_in_bytes", "10000000\n");
	put(OLD "memory.stat", "inactive_file 1\ntotal_inactive_file 4000000\ntotal_active_file 2000000\n");
	CHECK(room("the control group /docker/7 has") == 25000000);
	put(OLD "memory.limit_in_bytes", "9223372036854771712\n");
	CHECK(room("this machine has") == 1000000ull << 10);

	getrlimit(RLIMIT_AS, &before);
	small.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_AS, &small);
	CHECK(limits_check(1ull << 28, 0, why, sizeof(why)) == 0);
	CHECK(limits_check(1ull << 29, 0, why, sizeof(why)) == ENOMEM);
	CHECK(!strcmp(why, "maps 512 MiB at a time, but a process may have 256 MiB (ulimit -v)"));
	setrlimit(RLIMIT_AS, &before);
	snprintf(remove, sizeof(remove), "rm -r %s", root);
	if (system(remove))
		return 2;
	printf("%d checks, %d failures\n", checks, failures);
	return failures != 0;
}
