#define _GNU_SOURCE
#include "accessgen.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PLAN_REGIONS 65536u

struct region {
	unsigned char *base;
	uint64_t size_bytes;
};

struct player {
	struct region *regions;
	uint32_t nr_regions;
	uint64_t start_ns;
	uint64_t slice_end_ns;
	uint64_t sum_late_ns;
	int in_slice;
	int shed;
	struct accessgen_plan_report *report;
};

static int add_region(struct player *p, uint64_t index, uint64_t size_bytes)
{
	struct region *more;
	int err;

	if (p->in_slice || index != p->nr_regions || index >= MAX_PLAN_REGIONS || !size_bytes)
		return EINVAL;
	more = realloc(p->regions, (p->nr_regions + 1) * sizeof(*more));
	if (!more)
		return ENOMEM;
	p->regions = more;
	err = accessgen_map_guarded(size_bytes, &more[index].base);
	if (err)
		return err;
	more[index].size_bytes = size_bytes;
	p->nr_regions++;
	return 0;
}

static void begin_slice(struct player *p, uint64_t offset_ns, uint64_t duration_ns)
{
	uint64_t now = accessgen_now_ns();
	uint64_t due;

	if (!p->in_slice) {
		p->in_slice = 1;
		p->start_ns = now;
	}
	due = p->start_ns + offset_ns;
	p->slice_end_ns = due + duration_ns;
	p->report->slices++;
	p->shed = now >= p->slice_end_ns;
	if (now <= due) {
		accessgen_sleep_until(due);
		return;
	}
	p->sum_late_ns += now - due;
	if (now - due > p->report->max_late_ns)
		p->report->max_late_ns = now - due;
	/* within a tenth of the slice nobody can tell */
	if (now - due > duration_ns / 10)
		p->report->late_slices++;
}

static int touch(struct player *p, uint64_t index, uint64_t offset, uint64_t bytes)
{
	struct region *r;
	uint64_t pages = (bytes + 4095) / 4096;

	if (!p->in_slice || index >= p->nr_regions)
		return EINVAL;
	r = &p->regions[index];
	if (offset % 4096 || offset > r->size_bytes || bytes > r->size_bytes - offset)
		return EINVAL;
	p->report->intended_pages += pages;
	if (!p->shed)
		p->report->touched_pages += accessgen_touch_pages(r->base + offset, bytes);
	return 0;
}

static int line(struct player *p, const char *text)
{
	uint64_t a, b, c;

	if (sscanf(text, "touch %" SCNu64 " %" SCNu64 " %" SCNu64, &a, &b, &c) == 3)
		return touch(p, a, b, c);
	if (sscanf(text, "slice %" SCNu64 " %" SCNu64, &a, &b) == 2) {
		begin_slice(p, a, b);
		return 0;
	}
	if (sscanf(text, "region %" SCNu64 " %" SCNu64, &a, &b) == 2)
		return add_region(p, a, b);
	return *text == '#' || *text == '\n' ? 0 : EINVAL;
}

int accessgen_play(const char *file, struct accessgen_plan_report *report, char *error, size_t error_size)
{
	struct player p = {.report = report};
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
	while (!err && fgets(text, sizeof(text), in)) {
		number++;
		err = line(&p, text);
		if (err)
			snprintf(error, error_size, "%s:%lu: %s", file, number,
				 err == EINVAL ? "not a region, slice or touch inside its region" : strerror(err));
	}
	fclose(in);
	if (p.in_slice && !err) {
		if (accessgen_now_ns() < p.slice_end_ns)
			accessgen_sleep_until(p.slice_end_ns);
		report->wall_ns = accessgen_now_ns() - p.start_ns;
		report->mean_late_ns = report->slices ? p.sum_late_ns / report->slices : 0;
	}
	for (uint32_t i = 0; i < p.nr_regions; i++)
		accessgen_unmap_guarded(p.regions[i].base, p.regions[i].size_bytes);
	free(p.regions);
	return err;
}
