#define _GNU_SOURCE
#include "backing.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

const char *backing_directory(void)
{
	const char *said = getenv("TMPDIR");

	return said && *said ? said : access("/var/tmp", F_OK) ? "/tmp" : "/var/tmp";
}

static int tell(int err, char *why, size_t why_size)
{
	snprintf(why, why_size, "%s: %s", backing_directory(), strerror(err));
	return ENOSPC;
}

int backing_check(uint64_t bytes, char *why, size_t why_size)
{
	struct statvfs fs;
	uint64_t left;

	if (!bytes)
		return 0;
	if (statvfs(backing_directory(), &fs))
		return tell(errno, why, why_size);
	if (__builtin_mul_overflow((uint64_t)fs.f_bavail, (uint64_t)fs.f_frsize, &left) || bytes <= left)
		return 0;
	snprintf(why, why_size, "the plan writes %" PRIu64 " KiB to files, %s has %" PRIu64 " KiB left", bytes >> 10, backing_directory(),
		 left >> 10);
	return ENOSPC;
}

/* For file systems that have no files without a name. */
static int open_and_unlink(void)
{
	char name[4096];
	int fd;

	if ((size_t)snprintf(name, sizeof(name), "%s/accessgen-XXXXXX", backing_directory()) >= sizeof(name)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0)
		unlink(name);
	return fd;
}

int backing_open(uint64_t bytes, int *fd, char *why, size_t why_size)
{
	*fd = open(backing_directory(), O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
	if (*fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL))
		*fd = open_and_unlink();
	if (*fd < 0)
		return tell(errno, why, why_size);
	if (ftruncate(*fd, (off_t)bytes)) {
		snprintf(why, why_size, "%s: a file of %" PRIu64 " KiB to map: %s", backing_directory(), bytes >> 10, strerror(errno));
		close(*fd);
		return ENOSPC;
	}
	return 0;
}
