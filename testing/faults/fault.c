/*
 * A disk that fails, for one process and its children: cc -shared -fPIC -o fault.so fault.c -ldl; LD_PRELOAD=fault.so.
 * Calls that change something in FAULT_DIR (create, write, sync, rename, make a directory) are counted in the file
 * FAULT_COUNTER; those from FAULT_FROM to FAULT_TO go wrong as FAULT_KIND says: "nospace" and "io" fail all kinds of calls, "sync" and
 * "rename" those alone, with EIO; "short" writes one byte; "kill" ends the process instead, for which removing counts too.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name)) dlsym(RTLD_NEXT, #name))
enum call { OTHER, WRITE, SYNC, RENAME };

static const char *dir, *kind;
static long from, to, *counter;

__attribute__((constructor)) static void begin(void) {
    dir = getenv("FAULT_DIR");
    kind = getenv("FAULT_KIND");
    const char *first = getenv("FAULT_FROM"), *last = getenv("FAULT_TO"), *file = getenv("FAULT_COUNTER");
    from = first ? atol(first) : LONG_MAX;
    to = last ? atol(last) : LONG_MAX;
    int fd = file ? REAL(open)(file, O_RDWR | O_CLOEXEC) : -1;
    void *at = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *counter, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd >= 0) close(fd);
    counter = at == MAP_FAILED ? NULL : at;
}

static int is_below(const char *path) {
    return dir && counter && kind && path && !strncmp(path, dir, strlen(dir));
}

static int is_name_below(int at, const char *path) {
    char full[PATH_MAX * 2], link[64], base[PATH_MAX];
    if (!path || path[0] == '/') return is_below(path);
    snprintf(link, sizeof link, at == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", at);
    ssize_t n = readlink(link, base, sizeof base - 1);
    base[n > 0 ? n : 0] = 0;
    snprintf(full, sizeof full, "%s/%s", base, path);
    return is_below(full);
}

static int is_file_below(int fd) {
    char link[64], path[PATH_MAX];
    if (!dir) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    path[n > 0 ? n : 0] = 0;
    return is_below(path);
}

/* Counts a call; whether it is to go wrong. */
static int is_now(enum call call) {
    long n = __atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST);
    if (n < from || n > to) return 0;
    if (!strcmp(kind, "kill")) raise(SIGKILL);
    if (!strcmp(kind, "sync")) return call == SYNC;
    if (!strcmp(kind, "rename")) return call == RENAME;
    return strcmp(kind, "short") || call == WRITE;
}

static int fails(enum call call) {
    if (!is_now(call) || !strcmp(kind, "short")) return 0;
    errno = !strcmp(kind, "nospace") ? ENOSPC : EIO;
    return 1;
}

/* How many bytes may be written; -1 and errno if none. */
static ssize_t allowed(int fd, size_t n) {
    if (!is_file_below(fd) || !is_now(WRITE)) return (ssize_t) n;
    if (!strcmp(kind, "short")) return n > 0;
    errno = !strcmp(kind, "nospace") ? ENOSPC : EIO;
    return -1;
}

#define OPEN(name)                                                                                \
    int name(const char *path, int flags, ...) {                                                  \
        va_list more;                                                                             \
        va_start(more, flags);                                                                    \
        mode_t mode = va_arg(more, mode_t);                                                       \
        va_end(more);                                                                             \
        if (flags & O_CREAT && is_name_below(AT_FDCWD, path) && fails(OTHER)) return -1;          \
        return REAL(name)(path, flags, mode);                                                     \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                              \
    int name(int at, const char *path, int flags, ...) {                                          \
        va_list more;                                                                             \
        va_start(more, flags);                                                                    \
        mode_t mode = va_arg(more, mode_t);                                                       \
        va_end(more);                                                                             \
        if (flags & O_CREAT && is_name_below(at, path) && fails(OTHER)) return -1;                \
        return REAL(name)(at, path, flags, mode);                                                 \
    }
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int fd, const void *bytes, size_t n) {
    ssize_t some = allowed(fd, n);
    return some < 0 ? some : REAL(write)(fd, bytes, (size_t) some);
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) {
    ssize_t some = allowed(fd, n);
    return some < 0 ? some : REAL(pwrite)(fd, bytes, (size_t) some, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at) {
    ssize_t some = allowed(fd, n);
    return some < 0 ? some : REAL(pwrite64)(fd, bytes, (size_t) some, at);
}

ssize_t writev(int fd, const struct iovec *pieces, int n) {
    ssize_t some = allowed(fd, 2);
    if (some < 0) return some;
    return some == 1 ? REAL(write)(fd, pieces[0].iov_base, pieces[0].iov_len > 0) : REAL(writev)(fd, pieces, n);
}

ssize_t sendfile64(int out, int in, off64_t *at, size_t n);
ssize_t sendfile64(int out, int in, off64_t *at, size_t n) {
    ssize_t some = allowed(out, n);
    return some < 0 ? some : REAL(sendfile64)(out, in, at, (size_t) some);
}

ssize_t copy_file_range(int in, off64_t *from_at, int out, off64_t *to_at, size_t n, unsigned flags) {
    ssize_t some = allowed(out, n);
    return some < 0 ? some : REAL(copy_file_range)(in, from_at, out, to_at, (size_t) some, flags);
}

int fsync(int fd) {
    return is_file_below(fd) && fails(SYNC) ? -1 : REAL(fsync)(fd);
}

int fdatasync(int fd) {
    return is_file_below(fd) && fails(SYNC) ? -1 : REAL(fdatasync)(fd);
}

int rename(const char *old, const char *new) {
    return is_name_below(AT_FDCWD, new) && fails(RENAME) ? -1 : REAL(rename)(old, new);
}

int renameat(int old_at, const char *old, int new_at, const char *new) {
    return is_name_below(new_at, new) && fails(RENAME) ? -1 : REAL(renameat)(old_at, old, new_at, new);
}

int mkdir(const char *path, mode_t mode) {
    return is_name_below(AT_FDCWD, path) && fails(OTHER) ? -1 : REAL(mkdir)(path, mode);
}

/* Removing does not fail, but a process may be killed before it. */
static void removes(int at, const char *path) {
    if (is_name_below(at, path) && !strcmp(kind, "kill")) is_now(OTHER);
}

int unlink(const char *path) {
    removes(AT_FDCWD, path);
    return REAL(unlink)(path);
}

int unlinkat(int at, const char *path, int flags) {
    removes(at, path);
    return REAL(unlinkat)(at, path, flags);
}

int rmdir(const char *path) {
    removes(AT_FDCWD, path);
    return REAL(rmdir)(path);
}
