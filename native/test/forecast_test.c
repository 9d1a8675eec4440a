#define _GNU_SOURCE
#include "../src/feasible.h"
#include "check.h"
#include "text.h"

#include <string.h>

/* How a plan goes at costs that are given: a touch takes 1 us, the first one of a page 11 us, letting it go 2 us. */

#define HEAD "damson-plan 1\nprocess p\n"

static struct feasible_forecast forecast(const char *text, double late_ns, uint32_t threads, uint32_t cpus)
{
	struct feasible_costs costs = {.page_ns = 1e3, .fill_ns = 10e3, .unmap_ns = 2e3, .nr_trials = 1, .trials = {{late_ns, 1e3}}};
	const char *file = written(text);
	struct feasible_forecast f;
	struct plan plan;
	char error[512] = "";

	CHECK(plan_check_file(file, 49152, &plan, error, sizeof(error)) == 0);
	CHECK(feasible_forecast(file, &plan, &costs, 0, threads, cpus, &f, error, sizeof(error)) == 0);
	if (*error)
		printf("   got: %s\n", error);
	return f;
}

static void slices_that_are_over_are_left_out(void)
{
	struct feasible_forecast f = forecast(HEAD "map 0s 0x10000000 4000K\nfill 0s 0x10000000 4000K\nsnapshot 0s 100ms 20\ntouch 0x10000000 4000K 20\n", 0, 1, 1);

	CHECK(f.slices == 20 && f.late_slices == 0 && f.intended_pages == 20000 && f.pages_in_time == 20000);
	/* what goes on is touched twice in a slice of 5 ms */
	CHECK(f.rhythm.pages == 1000 && f.rhythm.period_ns > 2.4e6 && f.rhythm.period_ns < 2.7e6);
	/* every second one is over when the one before has been done, late */
	f = forecast(HEAD "map 0s 0x10000000 4000K\nfill 0s 0x10000000 4000K\nsnapshot 0s 10ms 20\ntouch 0x10000000 4000K 20\n", 0, 1, 1);
	CHECK(f.slices == 20 && f.late_slices == 20 && f.pages_in_time == 10000);
	/* who is woken 6 ms late finds a slice of 5 ms over */
	f = forecast(HEAD "map 0s 0x10000000 4K\nfill 0s 0x10000000 4K\nsnapshot 0s 100ms 20\ntouch 0x10000000 4K 10\n", 6e6, 1, 1);
	CHECK(f.slices == 10 && f.late_slices == 10 && f.intended_pages == 10 && f.pages_in_time == 0);
}

static void memory_that_comes_and_goes_takes_time(void)
{
	/* 1024 pages are filled in 11.3 ms: two slices of 5 ms are over by then */
	struct feasible_forecast f = forecast(HEAD "map 0s 0x10000000 4K\nfill 0s 0x10000000 4K\nsnapshot 0s 10ms 2\ntouch 0x10000000 4K 2\n"
						   "map 10ms 0x20000000 4M\nfill 10ms 0x20000000 4M\nsnapshot 10ms 20ms 4\ntouch 0x10000000 4K 4\n",
					      0, 1, 1);

	CHECK(f.slices == 6 && f.late_slices == 2 && f.pages_in_time == 4);
	/* 4096 are let go in 8.2 ms, and 1024 that are there of as many in 2 ms */
	f = forecast(HEAD "map 0s 0x10000000 4K\nfill 0s 0x10000000 4K\nmap 0s 0x20000000 16M\nfill 0s 0x20000000 16M\n"
			  "unmap 10ms 0x20000000 16M\nsnapshot 10ms 20ms 4\ntouch 0x10000000 4K 4\n",
		     0, 1, 1);
	CHECK(f.slices == 4 && f.late_slices == 1 && f.pages_in_time == 3);
	f = forecast(HEAD "map 0s 0x10000000 4K\nfill 0s 0x10000000 4K\nmap 0s 0x20000000 16M\nfill 0s 0x20000000 16M pages 1024\n"
			  "unmap 10ms 0x20000000 16M\nsnapshot 10ms 20ms 4\ntouch 0x10000000 4K 4\n",
		     0, 1, 1);
	CHECK(f.slices == 4 && f.late_slices == 0 && f.pages_in_time == 4);
	/* what was not filled is when it is first touched, once */
	f = forecast(HEAD "map 0s 0x10000000 4000K\nsnapshot 0s 20ms 4\ntouch 0x10000000 4000K 4\n", 0, 1, 1);
	CHECK(f.slices == 4 && f.late_slices == 2 && f.pages_in_time == 3000);
}

/* So many processes that touch so many KiB in each of 20 slices of 5 ms. */
static void processes(char *plan, int n, int kib)
{
	for (int i = 0; i < n; i++)
		sprintf(plan + strlen(plan), "process p\nmap 0s 0x10000000 %dK\nfill 0s 0x10000000 %dK\nsnapshot 0s 100ms 20\ntouch 0x10000000 %dK 20\n", kib,
			kib, kib);
}

static void processes_share_processors(void)
{
	char plan[1 << 14] = "damson-plan 1\n";
	struct feasible_forecast f;

	/* one is busy for 3 ms of 5, and 60 are for 1 us */
	processes(plan, 1, 12000);
	processes(plan, 60, 4);
	f = forecast(plan, 0, 1, 2);
	CHECK(f.intended_pages == 20 * 3060 && f.pages_in_time == f.intended_pages && f.late_slices == 0);
	/* four are busy for 4 ms of 5, where two processors have time for two and a half */
	strcpy(plan, "damson-plan 1\n");
	processes(plan, 4, 16000);
	f = forecast(plan, 0, 1, 2);
	CHECK(f.pages_in_time > f.intended_pages * 60 / 100 && f.pages_in_time < f.intended_pages * 70 / 100);
	f = forecast(plan, 0, 1, 4);
	CHECK(f.pages_in_time == f.intended_pages && f.late_slices == 0);
	/* each of them with two threads, whose cost is what both take together */
	f = forecast(plan, 0, 2, 4);
	CHECK(f.pages_in_time > f.intended_pages * 60 / 100 && f.pages_in_time < f.intended_pages * 70 / 100);
}

int main(void)
{
	slices_that_are_over_are_left_out();
	memory_that_comes_and_goes_takes_time();
	processes_share_processors();
	unlink(written(""));
	printf("forecasts: %d checks, %d failed\n", checks, failures);
	return failures ? 1 : 0;
}
