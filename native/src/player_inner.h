/* What the parts of a player (player.h) share: its state, and what player_touch.c does for player.c. */
#ifndef PLAYER_INNER_H
#define PLAYER_INNER_H

#include "bare.h"
#include "order.h"
#include "player.h"

#define COMMANDS 256
#define LOG_BYTES 4096

struct player {
	unsigned char *here;
	uint64_t nr_threads;		    /* the one that reads commands is the first */
	const struct player_command *batch; /* touches that all threads share */
	uint32_t nr_batch;
	uint32_t round, running; /* futexes: batches so far, helpers that are not yet done with this one */
	uint64_t options;
	uint64_t slice_end_ns;
	uint64_t began_ns;  /* when the last slice or repetition began to touch */
	uint64_t last_ns;   /* how long its touches took */
	uint64_t cpu_ns;    /* processor time that it had had when it began */
	uint64_t line;
	int shed, again, skip;
	struct player_status status;
	uint32_t at, have, log_used;
	struct player_command commands[COMMANDS];
	char log[LOG_BYTES];
};

/* Nothing of a player is found by a table of addresses. */
#pragma GCC visibility push(hidden)

/* Touches the pages of [first, end) of a rank below the bound, and writes those below the other one. */
void touch_pages(uint64_t first, uint64_t end, uint64_t bound, uint64_t written_bound);

/* Touches ranges, all threads together. */
void touch_all(struct player *p, const struct player_command *c, uint32_t n);

/* All touches that have come one behind the other, made or left out, counted and logged. */
void touch(struct player *p);

/* Starts the threads that touch besides the one that reads commands; 0 or an errno value. */
int start_helpers(struct player *p);

/* Writes what of the log is not written yet. */
void flush_log(struct player *p);

#pragma GCC visibility pop

#endif
