/* The files that processes of a plan map: temporary, without a name, of one process each. */
#ifndef BACKING_H
#define BACKING_H

#include <stddef.h>
#include <stdint.h>

/* Where they are: $TMPDIR, else /var/tmp, else /tmp. */
const char *backing_directory(void);

/* Whether so much can be written there: 0, or ENOSPC with a text that says why not. */
int backing_check(uint64_t bytes, char *why, size_t why_size);

/* Makes one of this size, without content and closed when a program is executed; 0, or ENOSPC with a text. */
int backing_open(uint64_t bytes, int *fd, char *why, size_t why_size);

#endif
