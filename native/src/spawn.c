#define _GNU_SOURCE
#include "spawn.h"
#include "backing.h"
#include "player.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Starts the processes that play: the same program again, which becomes a player. */

/* The descriptors that a player has. */
struct descriptors {
	int commands, status, log, file; /* the last two: -1 for none */
};

/* Gives a descriptor its number; all of them lie above those numbers. */
static int place(int fd, int number)
{
	return fd < 0 || dup2(fd, number) >= 0;
}

static void child(const struct plan_process *process, const struct descriptors *d, uint64_t options)
{
	/* the C library has the kernel write into memory that a player unmaps, unless told not to (restartable sequences) */
	char *environment[] = {"GLIBC_TUNABLES=glibc.pthread.rseq=0", NULL};
	char home[32], flags[32], *argv[] = {"accessgen", "player", home, flags, NULL};

	snprintf(home, sizeof(home), "%" PRIu64, process->home);
	snprintf(flags, sizeof(flags), "%" PRIu64, options);
	if (!place(d->commands, 0) || !place(d->status, 1) || !place(d->log, PLAYER_LOG_FD) || !place(d->file, PLAYER_FILE_FD))
		_exit(127);
	execve("/proc/self/exe", argv, environment);
	_exit(127);
}

int spawn_above(int fd)
{
	int moved = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, PLAYER_FILE_FD + 1);

	if (fd >= 0)
		close(fd);
	return moved;
}

static int open_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC))
		return errno;
	ends[0] = spawn_above(ends[0]);
	ends[1] = spawn_above(ends[1]);
	return ends[0] < 0 || ends[1] < 0 ? EMFILE : 0;
}

static void close_pipe(const int ends[2])
{
	for (int i = 0; i < 2; i++)
		if (ends[i] >= 0)
			close(ends[i]);
}

int spawn_player(const struct plan_process *process, int log_fd, uint64_t options, struct spawned *out, char *why, size_t why_size)
{
	int commands[2] = {-1, -1}, status[2] = {-1, -1}, file = -1, err = 0;

	*why = 0;
	if (process->file_bytes) {
		err = backing_open(process->file_bytes, &file, why, why_size);
		file = err ? -1 : spawn_above(file);
		if (!err && file < 0)
			err = EMFILE;
	}
	if (!err)
		err = open_pipe(commands);
	if (!err)
		err = open_pipe(status);
	if (!err) {
		struct descriptors d = {commands[0], status[1], log_fd, file};

		(void)fcntl(commands[1], F_SETPIPE_SZ, 1 << 20); /* a wish: more ahead, fewer waits */
		out->pid = fork();
		if (!out->pid)
			child(process, &d, options);
		out->commands_fd = commands[1];
		out->status_fd = status[0];
		close(commands[0]);
		close(status[1]);
		err = out->pid < 0 ? errno : 0;
	} else {
		close_pipe(commands);
		close_pipe(status);
	}
	if (file >= 0)
		close(file);
	if (err && !*why)
		snprintf(why, why_size, "%s", strerror(err));
	return err;
}

extern const unsigned char accessgen_player_code[], accessgen_player_code_end[];

/* Whether the kernel writes into memory of this thread by itself: it cannot be told twice where. */
static int is_restartable(void)
{
#ifdef SYS_rseq
	static _Alignas(32) char area[32];

	if (syscall(SYS_rseq, area, sizeof(area), 0, 0x53053053u))
		return errno != ENOSYS;
	syscall(SYS_rseq, area, sizeof(area), 1, 0x53053053u);
#endif
	return 0;
}

int accessgen_become_player(char **argv)
{
	uint64_t home = strtoull(argv[0], NULL, 10), options = strtoull(argv[1], NULL, 10), bytes = player_bytes(options);
	unsigned char *first, *block;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (is_restartable() || accessgen_player_code_end - accessgen_player_code > (long)PLAYER_CODE_BYTES)
		return 3;
	first = block = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (block == MAP_FAILED)
		return 3;
	/* where it is now must not be in the way of where it goes */
	if ((uintptr_t)block < home + bytes && home < (uintptr_t)block + bytes)
		block = mmap(NULL, bytes + PLAYER_CODE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (block == MAP_FAILED || (block != first && (uintptr_t)block < home + bytes && home < (uintptr_t)block + bytes))
		return 3;
	memcpy(block, accessgen_player_code, (size_t)(accessgen_player_code_end - accessgen_player_code));
	if (mprotect(block, PLAYER_CODE_BYTES, PROT_READ | PROT_EXEC))
		return 3;
	__builtin___clear_cache((char *)block, (char *)block + PLAYER_CODE_BYTES);
	player_jump(block, home, options);
}
