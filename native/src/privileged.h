/*
 * What damson-privileged does for its user: privileged_protocol.c has the requests, privileged_forms.c which files and values
 * may be in them, privileged_policy.c whose they must be.
 */
#ifndef DAMSON_PRIVILEGED_H
#define DAMSON_PRIVILEGED_H

#include <stddef.h>
#include <sys/types.h>

enum { PATH_BYTES = 1024, MAX_VALUE_BYTES = 4000 };

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
int may_remove_instance(const char *path);

/* After a successful write or new instance. */
void written(const char *path, const char *value);
void made_instance(const char *path);
void removed_instance(const char *path);

/* Stops what runs if a target is not the user's any more. */
void watch_targets(void);
/* The lock is given up: stops what we have started. */
void let_go(void);
/* The same, and removes our instances: the recorder has gone. */
void leave(void);

int put_file(const char *path, int flags, const char *value, size_t length);

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
