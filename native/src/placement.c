#define _GNU_SOURCE
#include "placement.h"

#include <errno.h>
#include <linux/mempolicy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NODES_WITH_MEMORY "/sys/devices/system/node/has_memory"

/* Numbers and ranges of them, with commas; 0 if it is such a list of at least one. */
static int read_list(const char *text, cpu_set_t *set)
{
	CPU_ZERO(set);
	for (;;) {
		unsigned long from, to;
		char *end;

		if (*text < '0' || *text > '9')
			return EINVAL;
		from = to = strtoul(text, &end, 10);
		if (*end == '-') {
			if (end[1] < '0' || end[1] > '9')
				return EINVAL;
			to = strtoul(end + 1, &end, 10);
		}
		if (from > to || to >= PLACEMENT_MAX)
			return EINVAL;
		for (unsigned long i = from; i <= to; i++)
			CPU_SET(i, set);
		if (!*end || *end == '\n')
			return 0;
		if (*end != ',')
			return EINVAL;
		text = end + 1;
	}
}

/* The first of a set that is not in the other; -1 if all are. */
static int first_without(const cpu_set_t *set, const cpu_set_t *there)
{
	for (int i = 0; i < PLACEMENT_MAX; i++)
		if (CPU_ISSET(i, set) && !CPU_ISSET(i, there))
			return i;
	return -1;
}

static int policy_of(const char *word, size_t length)
{
	static const struct {
		const char *word;
		int policy;
	} all[] = {{"bind", MPOL_BIND}, {"interleave", MPOL_INTERLEAVE}, {"preferred", MPOL_PREFERRED}};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (strlen(all[i].word) == length && !strncmp(all[i].word, word, length))
			return all[i].policy;
	return -1;
}

static int read_nodes(const char *numa, struct placement *p, char *why, size_t why_size, char *note, size_t note_size)
{
	const char *colon = strchr(numa, ':');
	char line[1024] = "";
	cpu_set_t there;
	FILE *in;
	int lacking;

	p->policy = colon ? policy_of(numa, (size_t)(colon - numa)) : -1;
	if (p->policy < 0 || read_list(colon + 1, &p->nodes) || (p->policy == MPOL_PREFERRED && CPU_COUNT(&p->nodes) != 1)) {
		snprintf(why, why_size, "--numa is bind, interleave or preferred, a colon and nodes such as 0-1 (one if preferred), but is '%.60s'", numa);
		return EINVAL;
	}
	in = fopen(NODES_WITH_MEMORY, "re");
	if (!in || !fgets(line, sizeof(line), in) || read_list(line, &there)) {
		snprintf(why, why_size, "--numa: this kernel tells of no memory nodes (" NODES_WITH_MEMORY ")");
		if (in)
			fclose(in);
		return ENODEV;
	}
	fclose(in);
	line[strcspn(line, "\n")] = 0;
	lacking = first_without(&p->nodes, &there);
	if (lacking >= 0) {
		snprintf(why, why_size, "--numa: there is no memory node %d; this machine has %.60s", lacking, line);
		return ENODEV;
	}
	if (CPU_COUNT(&there) == 1)
		snprintf(note, note_size, "--numa changes nothing: this machine has one memory node, %.60s", line);
	p->has_nodes = 1;
	return 0;
}

int placement_read(const char *cpus, const char *numa, struct placement *p, char *why, size_t why_size, char *note, size_t note_size)
{
	memset(p, 0, sizeof(*p));
	*note = 0;
	if (cpus && read_list(cpus, &p->cpus)) {
		snprintf(why, why_size, "--cpus is a list of processors such as 0-3,6 but is '%.60s'", cpus);
		return EINVAL;
	}
	p->has_cpus = cpus != NULL;
	return numa ? read_nodes(numa, p, why, why_size, note, note_size) : 0;
}

int placement_enter(struct placement *p, char *why, size_t why_size)
{
	cpu_set_t got;
	int lacking;

	if (sched_getaffinity(0, sizeof(p->before), &p->before))
		return errno;
	if (p->has_cpus) {
		CPU_ZERO(&got);
		/* of a set of which this thread may not use all the kernel takes the rest */
		if (!sched_setaffinity(0, sizeof(p->cpus), &p->cpus))
			(void)sched_getaffinity(0, sizeof(got), &got);
		lacking = first_without(&p->cpus, &got);
		if (lacking >= 0) {
			placement_leave(p);
			snprintf(why, why_size, "--cpus: there is no processor %d, or it may not be used", lacking);
			return ENODEV;
		}
	}
	if (p->has_nodes && syscall(SYS_set_mempolicy, p->policy, &p->nodes, (unsigned long)PLACEMENT_MAX)) {
		snprintf(why, why_size, "--numa: %s", strerror(errno));
		placement_leave(p);
		return ENODEV;
	}
	return 0;
}

void placement_leave(const struct placement *p)
{
	if (p->has_cpus)
		(void)sched_setaffinity(0, sizeof(p->before), &p->before);
	if (p->has_nodes)
		(void)syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0ul);
}
