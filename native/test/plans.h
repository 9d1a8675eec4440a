/* Running the program on plans: what it says, and its players while they wait at the gate. */
#include "check.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define HEAD "damson-plan 1\nprocess p\n"

static char plan_name[] = "/tmp/accessgen-plan-XXXXXX";

static inline void write_plan(const char *text)
{
	FILE *f = fopen(plan_name, "w");

	fputs(text, f);
	fclose(f);
}

/* Runs the program on a plan; what it says, also on standard error, is in out. */
static inline int run(const char *options, const char *text, char *out, size_t size)
{
	char command[512];
	size_t n;
	FILE *f;

	write_plan(text);
	snprintf(command, sizeof(command), "build/accessgen %s %s 2>&1", options, plan_name);
	f = popen(command, "r");
	n = fread(out, 1, size - 1, f);
	out[n] = 0;
	return WEXITSTATUS(pclose(f));
}

static inline uint64_t value(const char *json, const char *key)
{
	char name[64];
	const char *at;

	snprintf(name, sizeof(name), "\"%s\":", key);
	at = strstr(json, name);
	CHECK(at != NULL);
	return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static inline int within_a_percent(uint64_t a, uint64_t b, uint64_t of)
{
	return (a > b ? a - b : b - a) * 100 <= of;
}

static inline void refuses_with(int status, const char *text, const char *place_and_rule)
{
	char out[2048];

	CHECK(run("plan", text, out, sizeof(out)) == status);
	if (!strstr(out, place_and_rule))
		printf("said: %s", out);
	CHECK(strstr(out, place_and_rule) != NULL);
	CHECK(strchr(out, '\n') == out + strlen(out) - 1);
}

