/* Counts checks and tells of those that fail; the test goes on and ends with its counts. */
#include <stdio.h>

static int checks, failures;

#define CHECK(condition)                                                                                                      \
	do {                                                                                                                  \
		checks++;                                                                                                     \
		if (!(condition)) {                                                                                           \
			failures++;                                                                                           \
			printf("%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);                                      \
		}                                                                                                             \
	} while (0)
