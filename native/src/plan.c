#define _GNU_SOURCE
#include "accessgen.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MAX_PLAN_REGIONS 65536u

struct player {
	struct accessgen_plan_region *regions;
	uint32_t nr_regions;
	uint64_t slice_end_ns;
	uint64_t sum_late_ns;
	int in_slice;
	int shed;
	unsigned char *scratch; /* NULL: the TLB is not flushed */
	const struct accessgen_plan_hooks *hooks;
	struct accessgen_plan_report *report;
};

/* More pages than x86 flushes one by one (33), so that changing them flushes all entries of the process. */
#define SCRATCH_BYTES (64 * ACCESSGEN_PAGE)

int accessgen_map_scratch(unsigned char **scratch)
{
	int err = accessgen_map_guarded(SCRATCH_BYTES, 0, scratch);

	if (!err) /* only pages that are there are changed */
		accessgen_touch_pages(*scratch, SCRATCH_BYTES);
	return err;
}

int accessgen_flush_tlb(unsigned char *scratch)
{
	if (mprotect(scratch, SCRATCH_BYTES, PROT_READ) || mprotect(scratch, SCRATCH_BYTES, PROT_READ | PROT_WRITE))
		return errno;
	return 0;
}

void accessgen_unmap_scratch(unsigned char *scratch)
{
	accessgen_unmap_guarded(scratch, SCRATCH_BYTES);
}

static int add_region(struct player *p, uint64_t index, uint64_t size_bytes, uint64_t address)
{
	struct accessgen_plan_region *more;
	int err;

	if (p->in_slice || index != p->nr_regions || index >= MAX_PLAN_REGIONS || !size_bytes)
		return EINVAL;
	more = realloc(p->regions, (p->nr_regions + 1) * sizeof(*more));
	if (!more)
		return ENOMEM;
	p->regions = more;
	err = accessgen_map_guarded(size_bytes, address, &more[index].base);
	/* an address is a wish: what has it already, or what may not be had, does not end a replay */
	if (err && address)
		err = accessgen_map_guarded(size_bytes, 0, &more[index].base);
	if (err)
		return err;
	more[index].size_bytes = size_bytes;
	p->nr_regions++;
	/* now, so that no slice pays for page faults */
	accessgen_touch_pages(more[index].base, size_bytes);
	return 0;
}

static void begin_slice(struct player *p, uint64_t offset_ns, uint64_t duration_ns)
{
	struct accessgen_plan_report *r = p->report;
	uint64_t due = r->start_ns + offset_ns;
	uint64_t now = accessgen_now_ns();
	int slept = now < due;

	if (slept) {
		accessgen_sleep_until(due);
		now = accessgen_now_ns();
	}
	if (p->scratch) {
		uint64_t from = now;

		if (!accessgen_flush_tlb(p->scratch))
			r->tlb_flushes++;
		now = accessgen_now_ns();
		r->tlb_flush_ns += now - from;
	}
	p->slice_end_ns = due + duration_ns;
	p->shed = now >= p->slice_end_ns;
	r->slices++;
	r->shed_slices += (uint64_t)p->shed;
	p->sum_late_ns += now - due;
	if (now - due > r->max_late_ns)
		r->max_late_ns = now - due;
	/* within a tenth of the slice nobody can tell */
	if (now - due > duration_ns / 10) {
		r->late_slices++;
		r->late_wakeups += (uint64_t)slept;
	}
}

static int start(struct player *p)
{
	int err = 0;

	if (p->hooks && p->hooks->ready)
		err = p->hooks->ready(p->hooks->arg, p->regions, p->nr_regions);
	p->in_slice = 1;
	p->report->start_ns = accessgen_now_ns();
	return err;
}

static int touch(struct player *p, uint64_t index, uint64_t offset, uint64_t bytes, uint64_t class)
{
	struct accessgen_plan_region *r;
	uint64_t pages = (bytes + 4095) / 4096;
	uint64_t done = 0, from;

	if (!p->in_slice || index >= p->nr_regions || class >= ACCESSGEN_CLASSES)
		return EINVAL;
	r = &p->regions[index];
	if (offset % 4096 || offset > r->size_bytes || bytes > r->size_bytes - offset)
		return EINVAL;
	from = p->hooks && p->hooks->log ? accessgen_now_ns() : 0;
	if (!p->shed)
		done = accessgen_touch_pages(r->base + offset, bytes);
	p->report->intended_pages += pages;
	p->report->touched_pages += done;
	p->report->class_intended[class] += pages;
	p->report->class_touched[class] += done;
	if (from)
		fprintf(p->hooks->log, "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n",
			from - p->report->start_ns, accessgen_now_ns() - p->report->start_ns, index, offset, pages, done);
	return 0;
}

/* Reads up to max numbers parted by single blanks up to the end of the line; -1 if there is anything else. */
static int numbers(const char *s, uint64_t *out, int max)
{
	int n = 0;

	while (*s == ' ' && n < max) {
		uint64_t v = 0;
		const char *from = ++s;

		while (*s >= '0' && *s <= '9' && s - from < 20)
			v = v * 10 + (uint64_t)(*s++ - '0');
		if (s == from)
			return -1;
		out[n++] = v;
	}
	return *s == '\n' || *s == 0 ? n : -1;
}

static int line(struct player *p, const char *text)
{
	uint64_t v[4] = {0};
	int n, err;

	if (!strncmp(text, "touch", 5)) {
		n = numbers(text + 5, v, 4);
		return n == 3 || n == 4 ? touch(p, v[0], v[1], v[2], v[3]) : EINVAL;
	}
	if (!strncmp(text, "slice", 5)) {
		if (numbers(text + 5, v, 2) != 2)
			return EINVAL;
		err = p->in_slice ? 0 : start(p);
		if (!err)
			begin_slice(p, v[0], v[1]);
		return err;
	}
	if (!strncmp(text, "region", 6)) {
		n = numbers(text + 6, v, 3);
		return n == 2 || n == 3 ? add_region(p, v[0], v[1], v[2]) : EINVAL;
	}
	return *text == '#' || *text == '\n' ? 0 : EINVAL;
}

static const char *reason(int err)
{
	if (err == EINVAL)
		return "not a region, slice or touch inside its region";
	return err == ECANCELED ? "the gate was closed" : strerror(err);
}

int accessgen_play(const char *file, const struct accessgen_plan_hooks *hooks, struct accessgen_plan_report *report,
		   char *error, size_t error_size)
{
	struct player p = {.report = report, .hooks = hooks};
	char text[256];
	unsigned long number = 0;
	int err = 0;
	FILE *in = fopen(file, "re");

	memset(report, 0, sizeof(*report));
	if (!in) {
		err = errno;
		snprintf(error, error_size, "%s: %s", file, strerror(err));
		return err;
	}
	if (hooks && hooks->flush_tlb) {
		err = accessgen_map_scratch(&p.scratch);
		if (err)
			snprintf(error, error_size, "%s: %s", file, strerror(err));
	}
	while (!err && fgets(text, sizeof(text), in)) {
		number++;
		err = line(&p, text);
		if (err)
			snprintf(error, error_size, "%s:%lu: %s", file, number, reason(err));
	}
	fclose(in);
	if (p.in_slice && !err) {
		if (accessgen_now_ns() < p.slice_end_ns)
			accessgen_sleep_until(p.slice_end_ns);
		report->wall_ns = accessgen_now_ns() - report->start_ns;
		report->mean_late_ns = report->slices ? p.sum_late_ns / report->slices : 0;
	}
	if (!err && hooks && hooks->done)
		hooks->done(hooks->arg, report);
	for (uint32_t i = 0; i < p.nr_regions; i++)
		accessgen_unmap_guarded(p.regions[i].base, p.regions[i].size_bytes);
	if (p.scratch)
		accessgen_unmap_scratch(p.scratch);
	free(p.regions);
	return err;
}
