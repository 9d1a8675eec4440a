/*
 * Mutates configurations and replay plans and reads them as both. See fuzz.h.
 */
#define _GNU_SOURCE
#include "accessgen.h"
#include "../src/plan.h"
#include "fuzz.h"

/* Words of the format and numbers at its limits. */
static const char *const of_format[] = {",",    "\n",   "\n\n", "#",     "at ",     "0x",     "at 0x200000000000", "none", "ro",
				    "wo",   "rw",   "K",    "KiB",   "T",       "B",      "0",                 "1",    "-1",
				    "4096", "1000", " ",    "\t",    "\r\n",    "\xff",   "4294967295",        "4294967296",
				    "70368744177664", "18446744073709551615", "18446744073709551616", "140737488351232",
				    "process ", "map ", "fill ", "unmap ", "snapshot ", "touch ", "0s", "5ms", "0x10000", "0x7fffffffe000",
				    "0xffffffffffffff", "4K", "64K", "none", "apart", "huge", "hugetlb", "2M", "file ", "shared", "pages ", "written ", "first", "last", "stride", "random", "chase", "zipf:", "zipf:0.99", "window:4K:", "1M/s", "8"};

static int file = -1;
static char name[64];

static void refuse_unless_a_line(const char *error, int err)
{
	if (*error && !strchr(error, '\n'))
		return;
	fprintf(stderr, "ERROR: not one line: '%s' (error %d)\n", error, err);
	abort();
}

/* Reads an input as a plan; whether it is one. */
static int check_plan(const char *name)
{
	char error[512] = "";
	struct plan_reader reader = {.in = fopen(name, "re"), .file = name, .error = error, .error_size = sizeof(error)};
	struct plan plan;
	int err;

	if (!reader.in)
		exit(2);
	err = plan_check(&reader, 49152, &plan);
	fclose(reader.in);
	if (err)
		refuse_unless_a_line(error, err);
	for (uint32_t i = 0; i < plan.nr_processes && !err; i++)
		if (plan.processes[i].home % ACCESSGEN_PAGE || !plan.processes[i].home) {
			fprintf(stderr, "ERROR: accepted without a place for the player\n");
			abort();
		}
	return !err;
}

/* Reads an input as both. */
static int accepts(const struct input *in)
{
	struct accessgen_config config;
	int err;

	if (ftruncate(file, 0) || pwrite(file, in->data, in->size, 0) != (ssize_t)in->size)
		exit(2);
	err = accessgen_parse(name, &config);
	if (err)
		refuse_unless_a_line(config.error, err);
	if (!err && (!config.nr_regions || !config.nr_phases)) {
		fprintf(stderr, "ERROR: accepted without regions or phases\n");
		abort();
	}
	err = (!err) | check_plan(name);
	accessgen_free(&config);
	return err;
}

int main(int argc, char **argv)
{
	file = memfd_create("config", MFD_CLOEXEC);
	if (file < 0 || !fuzz_open(argc, argv))
		return 2;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", file);
	fuzz_run(of_format, sizeof(of_format) / sizeof(*of_format), accepts);
	fuzz_close();
	return 0;
}
