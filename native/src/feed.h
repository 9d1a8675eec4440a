/* Feeding a player: one thread of the driver reads one process of the plan and tells its player what to do. */
#ifndef FEED_H
#define FEED_H

#include "plan.h"
#include "player.h"
#include "spawn.h"

#include <pthread.h>

#define FEED_COMMANDS 512

#define FEED_SHORT_NS 8000000ull
#define FEED_STEP_NS 25000000ull

/*
 * How often memory that stays busy is touched in a slice of that length: in a short one, of up to 8 ms, twice, so that a watcher's
 * window of that length meets a touch wherever it begins; in a longer one every 25 ms at least.
 */
static inline uint32_t feed_times(uint64_t slice_ns)
{
	return slice_ns <= FEED_SHORT_NS ? 2 : slice_ns < 4 * FEED_STEP_NS ? 4 : (uint32_t)(slice_ns / FEED_STEP_NS) + 1;
}

/* What all players of a plan have in common. */
struct player_settings {
	uint64_t options; /* player.h */
	int log_fd;
	int has_jitter;
	uint64_t seed;
};

struct feeder {
	struct plan_reader reader;
	const struct plan_process *process;
	struct plan_line line; /* the next one that was not yet obeyed */
	struct spawned player;
	const struct player_settings *settings;
	pthread_t thread;
	uint64_t start_ns, end_ns;
	uint64_t file_offset; /* in its file: where the next mapping of it begins */
	struct player_command joined; /* a touch that the next may be joined with; PLAYER_END: none */
	struct player_command out[FEED_COMMANDS];
	uint32_t nr_out;
	struct plan_touches touches;
	struct player_status status;
	char error[512];
	int err;
};

/* Tells it all that is there before the start, and hears that it is; 0, or an errno value with error set. */
int feed_start(struct feeder *f);

/* Tells it the rest, from start_ns on, and hears what it did; a thread's, arg is the feeder, whose err it sets. */
void *feed(void *arg);

#endif
