/*
 * What damson-privileged does for its user: privileged_protocol.c has the requests, privileged_forms.c which files and values
 * may be in them, privileged_policy.c whose they must be, privileged_rings.c the same of rings, privileged_objects.c how many the kernel
 * makes, privileged_files.c how files are opened.
 */
#ifndef DAMSON_PRIVILEGED_H
#define DAMSON_PRIVILEGED_H

#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

enum { PATH_BYTES = 1024, SMALL_BYTES = 4096, MAX_VALUE_BYTES = 4000 };

struct policy {
    char root[PATH_BYTES];    /* before every path; empty but in tests */
    char tracefs[PATH_BYTES]; /* where it is mounted; empty: nowhere */
    uid_t user;
    int any_process;
    int has_lock;
    int has_set_up; /* the kdamonds that there are were made by us */
    int is_started; /* and we have started them */
};

extern struct policy policy;

/* Absolute, of plain characters, without empty, "." or ".." parts. */
int is_plain(const char *path);
/* Whether this may be done with a file of this name. */
int is_listed(char operation, const char *path);
/* Whether a value has a form that may stand in a file of this name. */
int is_value(const char *path, const char *value);
/* A decimal number as the kernel and we both read it; -1 if it is none. */
long decimal(const char *text);

/* Each gives 0, or the errno that the request is refused with. */
int may(char operation, const char *path);
int may_write(const char *path, const char *value, size_t length);
int may_append(const char *path, const char *text, size_t length);
int may_make_instance(const char *path);
int may_remove_instance(const char *path);
int may_write_instance(const char *path, const char *value);
int is_our_instance(const char *path);

/* Whether the kernel may make what a count asks for, beside what there is. */
int may_make_objects(const char *path, const char *value);
void made_objects(const char *path, const char *value);

/* After a successful write or new instance. */
void written(const char *path, const char *value);
void made_instance(const char *path);
void removed_instance(const char *path);
/* After every request: other helpers may look at the rings again. */
void let_rings_go(void);
/* Our instances tell nothing any more, whoever holds descriptors on them, and are removed. */
void leave_instances(void);

/* Stops what runs if a target is not the user's any more. */
void watch_targets(void);
/* The lock is given up: stops what we have started. */
void let_go(void);
/* The same, and removes our instances: the recorder has gone. */
void leave(void);

/* The directory that a path's last part, given in name, is in; no link is followed. -1 and errno if there is none. */
int open_parent(const char *path, const char **name);
/* A file, found the same way. */
int open_inside(const char *path, int flags);
/* A small file without blanks at its end, in SMALL_BYTES; -1 if it cannot be read. */
int text_of(const char *path, char *out);
/* 0 or errno. With O_CREAT the file has to be the user's, or becomes so. */
int put_file(const char *path, int flags, const char *value, size_t length);
/* Whether a journal is the user's: of root, so that nobody else can open it, with the user's number for its group. */
int is_his_journal(const struct stat *s);
/* A directory that is ours and nobody else's to change. */
int is_safe_directory(int fd);
/* Start time of a process in clock ticks since boot; 0 if it is not there, or is not known. */
unsigned long long start_of(long pid);
/* Whether a process is the user's, in all that it may do. */
int is_his(long pid);

/* Answers one request of the socket; 0 when the other side has gone. */
int serve(int socket);
/*
 * Carries a request out.
 * @param request of size bytes, with room for one more
 * @param length bytes of the answer's data
 * @param descriptor to be handed over and closed; -1: none
 * @return 0 or the errno that it is refused with
 */
int carry_out(char *request, size_t size, size_t *length, int *descriptor);

#endif
