/*
 * Mutates the packets that a recorder sends to damson-privileged, and has its own code carry them out over a tree of plain
 * files, as nobody when started as root. After each input the tree may hold only what the user may bring about. An input is
 * packets that end with a form feed: an operation, a path, '|' and a value. '@' at the begin of a path is the tree, '$' in a
 * value a process of the user, '%' in a path the same with its start, as rings are named. The length of a path that begins with '+' or '-' is claimed one greater or less. See fuzz.h.
 */
#define _GNU_SOURCE
#include "fuzz.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>

/* Nothing here takes time or is told: a kdamond of files is at once what it was told to be. */
static void no_sleep(unsigned us)
{
	(void)us;
}
static int no_words(const char *text)
{
	return (int)strlen(text);
}
#define usleep(us) no_sleep(us)
#define fputs(text, to) no_words(text)
#include "../src/privileged_files.c"
#include "../src/privileged_forms.c"
#include "../src/privileged_rings.c"
#include "../src/privileged_objects.c"
#include "../src/privileged_policy.c"
#include "../src/privileged_protocol.c"
#undef fputs
#undef usleep

#define KDAMONDS "/sys/kernel/mm/damon/admin/kdamonds"
#define KDAMOND KDAMONDS "/0"
#define CONTEXT KDAMOND "/contexts/0"
#define TARGETS CONTEXT "/targets"
#define MODULE "/sys/module/damon_stat/parameters"
#define RINGS "/sys/kernel/tracing/instances"
#define FOREIGN RINGS "/damson-1-2-0"
#define SECRET "what the user must not see"

struct file {
	const char *path;
	const char *text;
};

static const struct file tree[] = {
	{"/proc/sys/kernel/random/boot_id", "boot-1\n"},
	{"/proc/iomem", "00000000-00000fff : Reserved\n"},
	{"/etc/passwd", SECRET "\n"},
	{"/sys/module/damon_stat/secret", SECRET "\n"},
	{MODULE "/enabled", "Y\n"},
	{KDAMONDS "/nr_kdamonds", "1\n"},
	{KDAMOND "/state", "off\n"},
	{KDAMOND "/pid", "-1\n"},
	{KDAMOND "/contexts/nr_contexts", "1\n"},
	{CONTEXT "/operations", "vaddr\n"},
	{TARGETS "/nr_targets", "1\n"},
	{TARGETS "/0/pid_target", "0\n"},
	{CONTEXT "/schemes/nr_schemes", "0\n"},
	{"/sys/kernel/tracing/events/header_page", "page\n"},
	{"/sys/kernel/tracing/trace_pipe", SECRET "\n"},
	{FOREIGN "/tracing_on", "1\n"},
	{FOREIGN "/per_cpu/cpu0/trace_pipe_raw", SECRET "\n"},
};
#define NR_FILES (sizeof(tree) / sizeof(*tree))

static const char *const of_protocol[] = {
	"\f", "|", "@", "$", "+", "-", "\n", "\t", "\\", "K@/run/damson/lock|\f", "U@/|\f", "A@/run/damson/changes|", "X@/run/damson/changes|\f",
	"W@" KDAMONDS "/nr_kdamonds|1\f", "W@" KDAMONDS "|1\f", "W@" KDAMOND "/state|", "W@" TARGETS "/0/pid_target|", "W@" MODULE "/enabled|",
	"M@" RINGS "/damson-", "M@" RINGS "/damson-%-0|\f", "D@" FOREIGN "|\f", "O@" FOREIGN "/per_cpu/cpu0/trace_pipe_raw|\f", "R@/etc/passwd|\f", "L@" KDAMONDS "|\f",
	"boot\tboot-1\t$\n", "suspend\tdamon_stat\t\n", "was\tkernel/mm/damon/admin/kdamonds/", "set\tkernel/mm/damon/admin/kdamonds/",
	"runs\tkernel/mm/damon/admin/kdamonds/0\t", "none\n", "on", "off", "commit", "vaddr", "paddr", "0", "1", "2", "010", "0x1", "4096", "65537",
	"9223372036854775807", "99999999999999999999", "..", "/", "mono", "Y", "N", "/state", "/pid_target", "/tracing_on", "/buffer_size_kb",
};

static char at_root[64], his_pid[24], his_name[64];
static uid_t user;

static const char *at(const char *path)
{
	static char full[PATH_BYTES];

	snprintf(full, sizeof(full), "%s%s", at_root, path);
	return full;
}

static void put(const struct file *f)
{
	int fd = open(at(f->path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, f->text, strlen(f->text)) != (ssize_t)strlen(f->text)) {
		perror(at(f->path));
		exit(2);
	}
	close(fd);
}

static size_t get(const char *path, char *text, size_t room)
{
	FILE *f = fopen(at(path), "re");
	size_t n = f ? fread(text, 1, room - 1, f) : 0;

	if (f)
		fclose(f);
	text[n] = 0;
	return n;
}

static void make_directories(const char *path)
{
	char full[PATH_BYTES];

	snprintf(full, sizeof(full), "%s%s", at_root, path);
	for (char *p = full + strlen(at_root) + 1; *p; p++)
		if (*p == '/') {
			*p = 0;
			mkdir(full, 0755);
			*p = '/';
		}
}

static int removed(const char *path, const struct stat *s, int kind, struct FTW *level)
{
	(void)s, (void)kind, (void)level;
	return remove(path), 0;
}

/* Instances but the foreign one; removes them if they are to go. */
static int count_instances(int remove_them)
{
	char base[PATH_BYTES], path[PATH_BYTES + 300];
	DIR *d;
	int n = 0;

	snprintf(base, sizeof(base), "%s", at(RINGS));
	d = opendir(base);
	for (struct dirent *e; d && (e = readdir(d));) {
		if (e->d_name[0] == '.' || !strcmp(e->d_name, "damson-1-2-0"))
			continue;
		n++;
		snprintf(path, sizeof(path), "%s/%s", base, e->d_name);
		if (remove_them)
			rmdir(path);
	}
	if (d)
		closedir(d);
	return n;
}

/* As after the helper's start, over a tree that nobody has touched. */
static void begin(void)
{
	if (lock_fd >= 0)
		close(lock_fd);
	lock_fd = -1;
	memset(instances, 0, sizeof(instances));
	memset(counted, 0, sizeof(counted));
	memset(started_thread, 0, sizeof(started_thread));
	memset(&policy, 0, sizeof(policy));
	policy.user = user;
	strcpy(policy.root, at_root);
	snprintf(policy.tracefs, sizeof(policy.tracefs), "%s/sys/kernel/tracing", at_root);
	count_instances(1);
	unlink(at("/run/damson/changes"));
	for (size_t i = 0; i < NR_FILES; i++)
		put(&tree[i]);
}

static void gained(const char *what, const char *with)
{
	fprintf(stderr, "ERROR: gained: %s: '%.200s'\n", what, with);
	abort();
}

static int is_canonical(const char *number)
{
	return isdigit((unsigned char)*number) && strspn(number, "0123456789") == strlen(number) && !(number[0] == '0' && number[1]);
}

/* One packet out of its text; whether it was granted. */
static int send_packet(const char *text, size_t size)
{
	const char *bar = memchr(text, '|', size);
	const char *end = text + size;
	const char *path = text + (size > 0);
	int claimed = 0, descriptor = -1, failed;
	size_t n = 3, length = 0;
	uint16_t path_length;

	if (path < end && (*path == '+' || *path == '-'))
		claimed = *path++ == '+' ? 1 : -1;
	if (!bar || bar < path)
		bar = end;
	packet[0] = size ? text[0] : 0;
	if (path < bar && *path == '@') {
		memcpy(packet + n, at_root, strlen(at_root));
		n += strlen(at_root);
		path++;
	}
	for (; path < bar; path++)
		if (*path == '%' && n < PATH_BYTES) {
			memcpy(packet + n, his_name, strlen(his_name));
			n += strlen(his_name);
		} else {
			packet[n++] = *path;
		}
	path_length = (uint16_t)(n - 3 + (size_t)claimed);
	memcpy(packet + 1, &path_length, 2);
	for (const char *v = bar + 1; v < end; v++)
		if (*v == '$') {
			memcpy(packet + n, his_pid, strlen(his_pid));
			n += strlen(his_pid);
		} else {
			packet[n++] = *v;
		}
	memset(answer, 0, 256);
	failed = carry_out(packet, n, &length, &descriptor);
	if (length > PACKET - sizeof(int32_t))
		gained("an answer of more than a packet", text);
	if (!failed && (packet[0] == 'R' || packet[0] == 'L') && memmem(answer + 4, length, SECRET, strlen(SECRET)))
		gained("the content of a file that is not on the list", text);
	if (descriptor >= 0) {
		close(descriptor);
		if (failed || packet[0] != 'O')
			gained("a descriptor", text);
	}
	return !failed;
}

static void check(const char *with)
{
	static char text[MAX_JOURNAL_BYTES + PACKET];
	struct stat s;

	get("/etc/passwd", text, sizeof(text));
	if (strcmp(text, SECRET "\n"))
		gained("another file was written", with);
	get(FOREIGN "/tracing_on", text, sizeof(text));
	if (strcmp(text, "1\n"))
		gained("another recorder's ring was stopped", with);
	get(MODULE "/enabled", text, sizeof(text));
	text[strcspn(text, "\n")] = 0;
	if (strcmp(text, "Y") && strcmp(text, "N"))
		gained("a module's parameter", text);
	get(CONTEXT "/operations", text, sizeof(text));
	text[strcspn(text, "\n")] = 0;
	if (strcmp(text, "vaddr") && strcmp(text, "fvaddr"))
		gained("operations", text);
	get(TARGETS "/0/pid_target", text, sizeof(text));
	text[strcspn(text, "\n")] = 0;
	if (!is_canonical(text))
		gained("a target that kernel and helper read differently", text);
	snprintf(text + 64, sizeof(text) - 64, "/proc/%.40s", text);
	if (strcmp(text, "0") && strcmp(text, "2") && (stat(text + 64, &s) || s.st_uid != user))
		gained("another user's process as a target", text);
	if (count_instances(0) > MAX_INSTANCES)
		gained("more instances than there may be", with);
	if (stat(at("/run/damson/changes"), &s) == 0 && s.st_size > MAX_JOURNAL_BYTES)
		gained("a journal without bound", with);
	if (get("/run/damson/changes", text, sizeof(text)) && text[strlen(text) - 1] != '\n')
		gained("a journal with half a line", with);
	for (char *line = text; *line; line = strchr(line, '\n') + 1)
		if (strncmp(line, "boot\t", 5) && strncmp(line, "was\t", 4) && strncmp(line, "set\t", 4) && strncmp(line, "runs\t", 5) &&
		    strncmp(line, "suspend\t", 8))
			gained("a line of the journal that root would not understand", line);
}

static int accepts(const struct input *in)
{
	int granted = 0;

	begin();
	for (size_t from = 0; from < in->size;) {
		const char *end = memchr(in->data + from, '\f', in->size - from);
		size_t size = end ? (size_t)(end - in->data) - from : in->size - from;

		granted += send_packet(in->data + from, size);
		from += size + 1;
	}
	check(in->data);
	leave();
	if (policy.is_started || policy.has_lock)
		gained("what was started goes on", in->data);
	return granted > 2;
}

/* A process that is wholly the user's, to be a target. */
static pid_t start_target(uid_t user)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (getuid() == 0 && (setgroups(0, NULL) || setresgid(user, user, user) || setresuid(user, user, user)))
			_exit(2);
		prctl(PR_SET_DUMPABLE, 1);
		/* after the user has changed, which forgets it */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return pid;
}

int main(int argc, char **argv)
{
	const struct passwd *nobody = getpwnam("nobody");
	int is_root = getuid() == 0;
	pid_t target;

	strcpy(at_root, access("/dev/shm", W_OK) ? "/tmp/damson-fuzz-XXXXXX" : "/dev/shm/damson-fuzz-XXXXXX");
	if ((is_root && !nobody) || !fuzz_open(argc, argv) || !mkdtemp(at_root))
		return 2;
	user = is_root ? nobody->pw_uid : getuid();
	target = start_target(user);
	snprintf(his_pid, sizeof(his_pid), "%d", target);
	snprintf(his_name, sizeof(his_name), "%d-%llu", target, start_of(target));
	umask(022);
	/* For the time of the loop only: what it covered is written at the end. */
	if (is_root && (chown(at_root, user, user) || setgroups(0, NULL) || setresgid(user, user, 0) || setresuid(user, user, 0)))
		return 2;
	for (size_t i = 0; i < NR_FILES; i++)
		make_directories(tree[i].path);
	make_directories("/run/damson/");
	fuzz_run(of_protocol, sizeof(of_protocol) / sizeof(*of_protocol), accepts);
	if (is_root && (setresuid(0, 0, 0) || setresgid(0, 0, 0)))
		return 2;
	kill(target, SIGKILL);
	fuzz_close();
	nftw(at_root, removed, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}
