#define _GNU_SOURCE
#include "feasible.h"
#include "backing.h"
#include "huge.h"
#include "limits.h"
#include "placement.h"
#include "player.h"

#include <errno.h>
#include <string.h>

/* Says before a plan is played how much of it this machine would do in time. */

/* What the plan needs, beside time; whether there is as much memory as it fills is for the caller to say. */
static int check_needs(struct plan_reader *r, const struct plan *plan, struct accessgen_feasibility *out)
{
	uint64_t disk_bytes = 0;
	char why[400];
	int err = plan_check_machine(r, plan);

	if (err)
		return err;
	for (uint32_t i = 0; i < plan->nr_processes && !err; i++) {
		const struct plan_process *p = &plan->processes[i];

		out->most_bytes += p->most_bytes;
		disk_bytes += p->disk_bytes;
		err = limits_check(p->most_mapped_bytes, p->most_private_bytes, why, sizeof(why));
	}
	if (!err)
		err = backing_check(disk_bytes, why, sizeof(why));
	if (!err)
		err = huge_check(plan, why, sizeof(why));
	return err ? plan_fail(r, plan->processes[0].number, err, why) : 0;
}

/* How it goes, at the cost of touching as much as its slices do. */
static int forecast(const char *file, const struct plan *plan, int flushes, struct accessgen_feasibility *out, char *error, size_t error_size)
{
	struct feasible_costs costs = {0};
	struct feasible_forecast f;
	int err = feasible_forecast(file, plan, &costs, flushes, out->threads, out->cpus, &f, error, error_size);

	if (!err)
		err = feasible_measure(&f.rhythm, flushes, out->threads, &costs);
	if (!err)
		err = feasible_forecast(file, plan, &costs, flushes, out->threads, out->cpus, &f, error, error_size);
	if (err)
		return err;
	out->page_ns = costs.page_ns;
	out->flushed_page_ns = costs.flushed_page_ns;
	out->flush_ns = costs.flush_ns;
	out->fill_ns = costs.fill_ns + costs.page_ns;
	out->late_ns = costs.late_ns;
	out->slices = f.slices;
	out->late_slices = f.late_slices;
	out->intended_pages = f.intended_pages;
	out->pages_in_time = f.pages_in_time;
	return 0;
}

int accessgen_feasible(const char *file, const struct accessgen_plan_hooks *hooks, struct accessgen_feasibility *out, char *error, size_t error_size)
{
	struct plan_reader reader = {.file = file, .error = error, .error_size = error_size};
	struct placement placement;
	struct plan plan;
	cpu_set_t usable;
	char note[256];
	int err = placement_read(hooks->cpus, hooks->numa, &placement, error, error_size, note, sizeof(note));

	memset(out, 0, sizeof(*out));
	out->threads = hooks->threads ? hooks->threads : 1;
	if (!err)
		err = plan_check_file(file, player_bytes((hooks->flush_tlb ? PLAYER_FLUSHES : 0) | PLAYER_HELPERS(out->threads - 1)), &plan, error,
				      error_size);
	if (!err)
		err = check_needs(&reader, &plan, out);
	if (!err)
		err = placement_enter(&placement, error, error_size);
	if (err)
		return err;
	out->nr_processes = plan.nr_processes;
	out->available_bytes = accessgen_available_bytes();
	out->cpus = sched_getaffinity(0, sizeof(usable), &usable) ? 1 : (uint32_t)CPU_COUNT(&usable);
	*error = 0;
	if (out->most_bytes <= out->available_bytes)
		err = forecast(file, &plan, hooks->flush_tlb, out, error, error_size);
	if (err && !*error)
		snprintf(error, error_size, "%s: %s", file, strerror(err));
	placement_leave(&placement);
	return err;
}
