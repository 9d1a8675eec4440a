/*
 * Files for damson-privileged. No part of a path is followed if it is a link, as sysfs is full of them: a processor's
 * directory leads to that of its driver and on to the module's, whose files only root may read.
 */
#define _GNU_SOURCE
#include "privileged.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int open_parent(const char *path, const char **name) {
    char part[NAME_MAX + 1];
    int at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    *name = path + 1;
    for (const char *end; at >= 0 && (end = strchr(*name, '/')); *name = end + 1) {
        size_t n = (size_t) (end - *name);
        int next = -1;
        if (n < sizeof part) {
            memcpy(part, *name, n);
            part[n] = 0;
            next = openat(at, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        } else errno = ENAMETOOLONG;
        int failed = errno;
        close(at);
        errno = failed;
        at = next;
    }
    return at;
}

int open_inside(const char *path, int flags) {
    const char *name;
    int at = open_parent(path, &name);
    if (at < 0) return -1;
    int fd = openat(at, name, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
    int failed = errno;
    close(at);
    errno = failed;
    return fd;
}

int text_of(const char *path, char *out) {
    int fd = open_inside(path, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, out, SMALL_BYTES - 1);
    int failed = errno;
    if (fd >= 0) close(fd);
    errno = failed;
    if (n < 0) return -1;
    while (n > 0 && isspace((unsigned char) out[n - 1])) n--;
    out[n] = 0;
    return 0;
}

int is_his_journal(const struct stat *s) {
    if (!S_ISREG(s->st_mode) || s->st_nlink != 1) return 0;
    return geteuid() ? s->st_uid == geteuid() : s->st_uid == 0 && s->st_gid == policy.user;
}

/* A file of ours says whose it is, so that another user's helper does not take it for his; he cannot open it himself. */
static int is_ours_to_fill(int fd) {
    struct stat s;
    if (fstat(fd, &s) != 0) return 0;
    if (is_his_journal(&s)) return 1;
    return geteuid() == 0 && S_ISREG(s.st_mode) && s.st_nlink == 1 && s.st_uid == 0 && s.st_size == 0 && fchmod(fd, 0600) == 0
        && fchown(fd, 0, (gid_t) policy.user) == 0;
}

int put_file(const char *path, int flags, const char *value, size_t length) {
    int fd = open_inside(path, flags);
    if (fd < 0) return errno;
    if (flags & O_CREAT && !is_ours_to_fill(fd)) {
        close(fd);
        return EACCES;
    }
    ssize_t done;
    off_t before = flags & O_APPEND ? lseek(fd, 0, SEEK_END) : -1;
    do {
        done = write(fd, value, length);
    } while (done < 0 && errno == EINTR);
    int failed = done < 0 ? errno : (size_t) done != length ? EIO : 0;
    /* Half a line, and the next would be one with it. */
    if (failed && before >= 0 && ftruncate(fd, before)) failed = EIO;
    close(fd);
    return failed;
}

int is_safe_directory(int fd) {
    struct stat s;
    return fstat(fd, &s) == 0 && S_ISDIR(s.st_mode) && s.st_uid == geteuid() && !(s.st_mode & (S_IWGRP | S_IWOTH));
}
