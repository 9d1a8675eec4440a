/*
 * The requests to damson-privileged. One is a packet: operation (1 byte), length of the path (2 bytes, the machine's
 * order), path, value. A reply is one packet: errno or 0 (4 bytes), data; with 'O', the descriptor comes with it.
 */
#define _GNU_SOURCE
#include "privileged.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PACKET = 1 << 16 };

static int lock_fd = -1;
static char packet[PACKET];
static char answer[PACKET];

/* ---- operations: each gives errno or 0, and sets *length of the answer's data ------------------------------------- */

static int read_all(const char *path, size_t *length) {
    int fd = open_inside(path, O_RDONLY);
    if (fd < 0) return errno;
    int failed = 0;
    size_t room = PACKET - sizeof(int32_t);
    while (*length <= room) {
        /* one byte more than there is room for, to tell a file that is too large */
        char more;
        ssize_t got = *length < room ? read(fd, answer + sizeof(int32_t) + *length, room - *length) : read(fd, &more, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) failed = errno;
        if (got <= 0) break;
        if (*length == room) failed = EFBIG;
        if (failed) break;
        *length += got;
    }
    close(fd);
    if (failed) *length = 0;
    return failed;
}

static int list(const char *path, size_t *length) {
    int fd = open_inside(path, O_RDONLY | O_DIRECTORY);
    if (fd < 0) return errno;
    DIR *directory = fdopendir(fd);
    int failed = directory ? 0 : errno;
    if (!directory) {
        close(fd);
        return failed;
    }
    for (struct dirent *e; !failed && (e = readdir(directory));) {
        size_t n = strlen(e->d_name);
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) continue;
        if (*length + n + 1 > PACKET - sizeof(int32_t)) {
            failed = EFBIG;
            break;
        }
        memcpy(answer + sizeof(int32_t) + *length, e->d_name, n);
        *length += n;
        answer[sizeof(int32_t) + (*length)++] = '\n';
    }
    closedir(directory);
    return failed;
}

static int take_lock(const char *path) {
    char directory[PATH_BYTES];
    const char *name;
    if (lock_fd >= 0) return EAGAIN;
    strcpy(directory, path);
    *strrchr(directory, '/') = 0;
    if (mkdir(directory, 0700) != 0 && errno != EEXIST) return errno;
    int at = open_parent(path, &name);
    if (at < 0) return errno;
    /* Who else could write there could put other files into the places of the journal and the lock. */
    if (!is_safe_directory(at)) errno = EACCES;
    else lock_fd = openat(at, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int failed = errno;
    close(at);
    if (lock_fd < 0) return failed;
    if (flock(lock_fd, LOCK_EX | LOCK_NB) == 0) return 0;
    failed = errno;
    close(lock_fd);
    lock_fd = -1;
    return failed;
}

/* Makes or removes a directory, or removes a file: 0 or errno. */
static int change_name(const char *path, char operation) {
    const char *name;
    int at = open_parent(path, &name);
    if (at < 0) return errno;
    int done = operation == 'M' ? mkdirat(at, name, 0700) : unlinkat(at, name, operation == 'D' ? AT_REMOVEDIR : 0);
    int failed = done == 0 ? 0 : errno;
    close(at);
    return failed;
}

/* Whether it could be sent. Who asks and does not read is not waited for: what runs would not be watched meanwhile. */
static int reply(int socket, int failed, size_t length, int descriptor) {
    int32_t code = failed;
    memcpy(answer, &code, sizeof code);
    struct iovec data = {answer, sizeof code + (failed ? 0 : length)};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    if (descriptor >= 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &descriptor, sizeof descriptor);
    }
    ssize_t sent;
    do {
        sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    return sent >= 0;
}

static int carry_out_one(char *request, size_t size, size_t *length, int *descriptor) {
    uint16_t path_length = 0;
    char path[PATH_BYTES], operation = request[0];
    if (size >= 3) memcpy(&path_length, request + 1, 2);
    if (size < 3 || path_length >= sizeof path || 3u + path_length > size || memchr(request + 3, 0, path_length)) return EINVAL;
    memcpy(path, request + 3, path_length);
    path[path_length] = 0;
    request[size] = 0;
    const char *value = request + 3 + path_length;
    size_t value_length = size - 3 - path_length;
    if (operation == 'U') {
        let_go();
        if (lock_fd >= 0) close(lock_fd);
        lock_fd = -1;
        return 0;
    }
    int failed = may(operation, path);
    if (failed) return failed;
    switch (operation) {
    case 'R': return read_all(path, length);
    case 'L': return list(path, length);
    case 'W':
        failed = may_write(path, value, value_length);
        if (!failed) failed = put_file(path, O_WRONLY | O_TRUNC, value, value_length);
        if (!failed) written(path, value);
        return failed;
    case 'A':
        failed = may_append(path, value, value_length);
        return failed ? failed : put_file(path, O_WRONLY | O_APPEND | O_CREAT, value, value_length);
    case 'M':
        failed = may_make_instance(path);
        if (!failed) failed = change_name(path, operation);
        if (!failed) made_instance(path);
        return failed;
    case 'D':
        failed = may_remove_instance(path);
        if (!failed) failed = change_name(path, operation);
        if (!failed) removed_instance(path);
        return failed;
    case 'X':
        failed = change_name(path, operation);
        return failed == ENOENT ? 0 : failed;
    case 'K':
        failed = take_lock(path);
        policy.has_lock = lock_fd >= 0;
        return failed;
    case 'O':
        *descriptor = open_inside(path, O_RDONLY | O_NONBLOCK);
        return *descriptor < 0 ? errno : 0;
    default: return EINVAL;
    }
}

int carry_out(char *request, size_t size, size_t *length, int *descriptor) {
    int failed = carry_out_one(request, size, length, descriptor);
    let_rings_go();
    return failed;
}

int serve(int socket) {
    ssize_t got = recv(socket, packet, sizeof packet - 1, MSG_TRUNC);
    if (got < 0) return errno == EINTR;
    if (got == 0) return 0;
    size_t length = 0;
    int descriptor = -1;
    int failed = got > (ssize_t) sizeof packet - 1 ? EINVAL : carry_out(packet, got, &length, &descriptor);
    int is_sent = reply(socket, failed, length, descriptor);
    if (descriptor >= 0) close(descriptor);
    return is_sent;
}
