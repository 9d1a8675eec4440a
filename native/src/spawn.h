/* Starting players. */
#ifndef SPAWN_H
#define SPAWN_H

#include "plan.h"

#include <sys/types.h>

/* A player; its command and status pipes are ours alone. */
struct spawned {
	pid_t pid;
	int commands_fd, status_fd;
};

/* Moves a descriptor above those that a player has; -1 with errno if it cannot. */
int spawn_above(int fd);

/* Starts the player of a process, with a file of its own if it maps one; 0 or an errno value, with a text. */
int spawn_player(const struct plan_process *process, int log_fd, uint64_t options, struct spawned *out, char *why, size_t why_size);

#endif
