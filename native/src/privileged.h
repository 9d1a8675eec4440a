/* What damson-privileged does for its user: privileged.c has the protocol, privileged_policy.c the rules. */
#ifndef DAMSON_PRIVILEGED_H
#define DAMSON_PRIVILEGED_H

#include <stddef.h>
#include <sys/types.h>

enum { PATH_BYTES = 1024 };

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

int is_plain(const char *path);
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

#endif
