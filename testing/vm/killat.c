/*
 * Runs a command and kills it with SIGKILL right after its N-th change below one of some paths: write, create, truncate,
 * rename, unlink, mkdir, rmdir. Sees every system call, whichever way the program makes it. A change is counted when it
 * has returned.
 *
 *   killat N PATH[:PATH...] COMMAND [ARGUMENTS]     N=0: only counts, and prints the number as the last line on stderr
 *
 * Exit: 137 killed (what the step was is printed), else the command's own.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static const int watched[] = {
	SYS_write, SYS_pwrite64, SYS_writev, SYS_openat, SYS_open, SYS_creat, SYS_truncate, SYS_ftruncate, SYS_rename,
	SYS_renameat, SYS_renameat2, SYS_unlink, SYS_unlinkat, SYS_mkdir, SYS_mkdirat, SYS_rmdir,
};
enum { WATCHED = sizeof(watched) / sizeof(watched[0]) };
static char *prefixes;

static void trace_me(void)
{
	struct sock_filter f[WATCHED + 3];
	struct sock_fprog prog = { WATCHED + 3, f };
	int i;

	f[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (i = 0; i < WATCHED; i++)
		f[1 + i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, watched[i], WATCHED - i, 0);
	f[1 + WATCHED] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	f[2 + WATCHED] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	raise(SIGSTOP);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog)) {
		perror("killat: seccomp");
		_exit(126);
	}
}

static void text_of(pid_t pid, unsigned long address, char *text, size_t size)
{
	struct iovec here = { text, size - 1 }, there = { (void *)address, size - 1 };
	ssize_t n;

	/* The end of a page may be the end of what can be read. */
	if (there.iov_len > 4096 - (address & 4095))
		here.iov_len = there.iov_len = 4096 - (address & 4095);
	n = process_vm_readv(pid, &here, 1, &there, 1, 0);
	text[n < 0 ? 0 : n] = 0;
	if (n == (ssize_t)here.iov_len && memchr(text, 0, n) == NULL && (size_t)n < size - 1) {
		here.iov_base = text + n;
		there.iov_base = (void *)(address + n);
		here.iov_len = there.iov_len = size - 1 - n;
		if (there.iov_len > 4096)
			here.iov_len = there.iov_len = 4096;
		ssize_t more = process_vm_readv(pid, &here, 1, &there, 1, 0);
		text[more < 0 ? n : n + more] = 0;
	}
}

static void fd_path(pid_t pid, int fd, char *path)
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/fd/%d", pid, fd);
	n = readlink(link, path, PATH_MAX - 1);
	path[n < 0 ? 0 : n] = 0;
}

/* Whether the system call is a change that counts; what it is, in text. */
static int counts(pid_t pid, const struct user_regs_struct *r, char *text)
{
	char path[PATH_MAX] = "", copy[512], *p;
	const char *what = "write";

	switch (r->orig_rax) {
	case SYS_write: case SYS_pwrite64: case SYS_writev: fd_path(pid, r->rdi, path); break;
	case SYS_ftruncate: what = "truncate"; fd_path(pid, r->rdi, path); break;
	case SYS_open: if (!(r->rsi & O_CREAT)) return 0; what = "create"; text_of(pid, r->rdi, path, sizeof(path)); break;
	case SYS_openat: if (!(r->rdx & O_CREAT)) return 0; what = "create"; text_of(pid, r->rsi, path, sizeof(path)); break;
	case SYS_creat: what = "create"; text_of(pid, r->rdi, path, sizeof(path)); break;
	case SYS_truncate: what = "truncate"; text_of(pid, r->rdi, path, sizeof(path)); break;
	case SYS_rename: what = "rename"; text_of(pid, r->rsi, path, sizeof(path)); break;
	case SYS_renameat: case SYS_renameat2: what = "rename"; text_of(pid, r->r10, path, sizeof(path)); break;
	case SYS_unlink: what = "unlink"; text_of(pid, r->rdi, path, sizeof(path)); break;
	case SYS_unlinkat: what = "unlink"; text_of(pid, r->rsi, path, sizeof(path)); break;
	case SYS_mkdir: what = "mkdir"; text_of(pid, r->rdi, path, sizeof(path)); break;
	case SYS_mkdirat: what = "mkdir"; text_of(pid, r->rsi, path, sizeof(path)); break;
	case SYS_rmdir: what = "rmdir"; text_of(pid, r->rdi, path, sizeof(path)); break;
	default: return 0;
	}
	snprintf(copy, sizeof(copy), "%s", prefixes);
	for (p = strtok(copy, ":"); p; p = strtok(NULL, ":"))
		if (!strncmp(path, p, strlen(p))) {
			snprintf(text, PATH_MAX + 16, "%s %s", what, path);
			return 1;
		}
	return 0;
}

int main(int argc, char **argv)
{
	char text[PATH_MAX + 16];
	long wanted, steps = 0;
	int status;
	pid_t child, pid, dying = 0;

	if (argc < 4)
		return 2;
	wanted = atol(argv[1]);
	prefixes = argv[2];
	child = fork();
	if (child == 0) {
		trace_me();
		execvp(argv[3], argv + 3);
		_exit(127);
	}
	waitpid(child, &status, 0);
	ptrace(PTRACE_SETOPTIONS, child, 0,
	       PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACESYSGOOD);
	ptrace(PTRACE_CONT, child, 0, 0);
	while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		struct user_regs_struct r;
		int signal = 0;

		if (pid <= 0)
			continue;
		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			if (pid != child)
				continue;
			if (dying)
				return 137;
			fprintf(stderr, "%ld\n", steps);
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		}
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
			if (!dying && !ptrace(PTRACE_GETREGS, pid, 0, &r) && counts(pid, &r, text) && ++steps == wanted) {
				dying = pid;
				ptrace(PTRACE_SYSCALL, pid, 0, 0); /* to its return */
				continue;
			}
		} else if (WSTOPSIG(status) == (SIGTRAP | 0x80) && pid == dying) {
			fprintf(stderr, "killat: step %ld, %s\n", steps, text);
			kill(child, SIGKILL);
			continue;
		} else if (status >> 16 == 0 && WSTOPSIG(status) != SIGSTOP && WSTOPSIG(status) != SIGTRAP) {
			signal = WSTOPSIG(status);
		}
		ptrace(PTRACE_CONT, pid, 0, signal);
	}
	return 1;
}
