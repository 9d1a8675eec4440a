#define _GNU_SOURCE
#include "limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#define PATH_BYTES 4096

/* The number behind a word that begins a line of a file, or that a file begins with ("" for the word); 0 if it has none. */
static int number_in(const char *file, const char *word, uint64_t *value)
{
	FILE *in = fopen(file, "re");
	char line[256];
	size_t n = strlen(word);
	int found = 0;

	while (in && !found && fgets(line, sizeof(line), in))
		found = !strncmp(line, word, n) && sscanf(line + n, "%" SCNu64, value) == 1;
	if (in)
		fclose(in);
	return found;
}

/* The files of one version of control groups. */
struct version {
	const char *mount, *most, *used, *inactive, *active;
};

static const struct version versions[] = {
	{"/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file ", "total_active_file "},
	{"/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file ", "active_file "},
};

/* What one control group leaves; it may have no limit, or not be there. */
static void room_of_group(const char *root, const struct version *v, const char *group, struct limits_room *out)
{
	char file[2 * PATH_BYTES];
	uint64_t most, used, inactive = 0, active = 0, left;

	snprintf(file, sizeof(file), "%s%s%s/%s", root, v->mount, group, v->most);
	if (!number_in(file, "", &most))
		return;
	snprintf(file, sizeof(file), "%s%s%s/%s", root, v->mount, group, v->used);
	if (!number_in(file, "", &used))
		return;
	snprintf(file, sizeof(file), "%s%s%s/memory.stat", root, v->mount, group);
	number_in(file, v->inactive, &inactive);
	number_in(file, v->active, &active);
	/* As of MemAvailable: not all of the page cache in use can go without making everything slow. */
	used -= used < inactive + active / 2 ? used : inactive + active / 2;
	left = most > used ? most - used : 0;
	if (left < out->bytes) {
		out->bytes = left;
		snprintf(out->who, sizeof(out->who), "the control group %.150s has", *group ? group : "/");
	}
}

/* A group and all that it is in, up to the one that is mounted. */
static void room_of_groups(const char *root, const struct version *v, char *group, struct limits_room *out)
{
	while (*group) {
		char *last = strrchr(group, '/');

		room_of_group(root, v, strcmp(group, "/") ? group : "", out);
		if (!last)
			return;
		*last = 0;
	}
	room_of_group(root, v, "", out);
}

/* Whether a list of names, with commas between, has this one. */
static int has_name(const char *list, const char *end, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = list; p < end; p += strcspn(p, ",:") + 1)
		if (!strncmp(p, name, n) && (p[n] == ',' || p[n] == ':'))
			return 1;
	return 0;
}

void limits_room(const char *root, struct limits_room *out)
{
	char file[PATH_BYTES], line[PATH_BYTES];
	uint64_t kib;
	FILE *groups;

	*out = (struct limits_room){.bytes = UINT64_MAX, .who = "this machine has"};
	snprintf(file, sizeof(file), "%.3000s/proc/meminfo", root);
	if (number_in(file, "MemAvailable:", &kib))
		out->bytes = kib << 10;
	snprintf(file, sizeof(file), "%.3000s/proc/self/cgroup", root);
	groups = fopen(file, "re");
	while (groups && fgets(line, sizeof(line), groups)) {
		/* NUMBER:CONTROLLERS:GROUP */
		char *names = strchr(line, ':'), *group = names ? strchr(names + 1, ':') : NULL;

		if (!group)
			continue;
		names++;
		group++;
		group[strcspn(group, "\n")] = 0;
		if (has_name(names, group, "memory"))
			room_of_groups(root, &versions[0], group, out);
		else if (!strncmp(line, "0::", 3))
			room_of_groups(root, &versions[1], group, out);
	}
	if (groups)
		fclose(groups);
}

static int exceeds(int which, const char *option, uint64_t bytes, const char *what, char *why, size_t why_size)
{
	struct rlimit limit;

	if (getrlimit(which, &limit) || limit.rlim_cur == RLIM_INFINITY || bytes <= limit.rlim_cur)
		return 0;
	snprintf(why, why_size, "maps %" PRIu64 " MiB%s at a time, but a process may have %" PRIu64 " MiB (ulimit %s)", bytes >> 20, what,
		 (uint64_t)limit.rlim_cur >> 20, option);
	return ENOMEM;
}

int limits_check(uint64_t mapped_bytes, uint64_t private_bytes, char *why, size_t why_size)
{
	int err = exceeds(RLIMIT_AS, "-v", mapped_bytes, "", why, why_size);

	return err ? err : exceeds(RLIMIT_DATA, "-d", private_bytes, " of its own", why, why_size);
}
