/*
 * Mutates configurations and replay plans and reads them as both: config_fuzz SECONDS FOUND_DIRECTORY SEED...
 * Built with the address and undefined-behaviour sanitizers, which end the process on a finding; the input is then in
 * FOUND_DIRECTORY/last. SEED_NUMBER in the environment repeats a run.
 */
#define _GNU_SOURCE
#include "accessgen.h"
#include "../src/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define MAX_INPUT 8192
#define MAX_CORPUS 256

struct input {
	size_t size;
	char data[MAX_INPUT];
};

static struct input corpus[MAX_CORPUS];
static size_t nr_corpus;
static uint64_t state;

static uint64_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static size_t below(size_t n)
{
	return n ? (size_t)(next_random() % n) : 0;
}

/* Words of the format and numbers at its limits. */
static const char *const words[] = {",",    "\n",   "\n\n", "#",     "at ",     "0x",     "at 0x200000000000", "none", "ro",
				    "wo",   "rw",   "K",    "KiB",   "T",       "B",      "0",                 "1",    "-1",
				    "4096", "1000", " ",    "\t",    "\r\n",    "\xff",   "4294967295",        "4294967296",
				    "70368744177664", "18446744073709551615", "18446744073709551616", "140737488351232",
				    "process ", "map ", "fill ", "unmap ", "snapshot ", "touch ", "0s", "5ms", "0x10000", "0x7fffffffe000",
				    "0xffffffffffffff", "4K", "64K", "none", "apart", "huge", "file ", "shared", "pages ", "written ", "first", "last", "stride", "random", "chase", "zipf:", "zipf:0.99", "window:4K:", "1M/s", "8"};

static void insert(struct input *in, size_t at, const char *text, size_t size)
{
	if (in->size + size > MAX_INPUT)
		return;
	memmove(in->data + at + size, in->data + at, in->size - at);
	memcpy(in->data + at, text, size);
	in->size += size;
}

static void mutate(struct input *in)
{
	for (size_t n = 1 + below(6); n > 0; n--) {
		size_t at = below(in->size + 1);
		size_t length;

		switch (below(6)) {
		case 0: /* flip a bit */
			if (at < in->size)
				in->data[at] ^= (char)(1 << below(8));
			break;
		case 1: /* cut a piece out */
			length = below(in->size - at + 1);
			memmove(in->data + at, in->data + at + length, in->size - at - length);
			in->size -= length;
			break;
		case 2: { /* repeat a piece */
			char piece[512];

			length = below(in->size - at + 1);
			length = length > sizeof(piece) ? sizeof(piece) : length;
			memcpy(piece, in->data + at, length);
			for (size_t k = 1 + below(16); k > 0; k--)
				insert(in, at, piece, length);
			break;
		}
		case 3: { /* a piece of another input */
			const struct input *other = &corpus[below(nr_corpus)];
			size_t from = below(other->size);

			insert(in, at, other->data + from, below(other->size - from + 1));
			break;
		}
		case 4: { /* a word of the format */
			const char *word = words[below(sizeof(words) / sizeof(*words))];

			insert(in, at, word, strlen(word));
			break;
		}
		default: /* any byte */
			if (at < in->size)
				in->data[at] = (char)next_random();
		}
	}
}

static void add(const char *file)
{
	FILE *f = fopen(file, "re");

	if (!f || nr_corpus == MAX_CORPUS) {
		fprintf(stderr, "cannot read %s\n", file);
		exit(2);
	}
	corpus[nr_corpus].size = fread(corpus[nr_corpus].data, 1, MAX_INPUT, f);
	nr_corpus++;
	fclose(f);
}

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

int main(int argc, char **argv)
{
	unsigned long long tried = 0, accepted = 0;
	const char *seed = getenv("SEED_NUMBER");
	struct input *in;
	char last[4096];
	char name[64];
	uint64_t until;
	FILE *keep;
	int fd;

	if (argc < 4) {
		fprintf(stderr, "config_fuzz SECONDS FOUND_DIRECTORY SEED...\n");
		return 2;
	}
	state = seed ? strtoull(seed, NULL, 10) : accessgen_now_ns();
	state |= 1;
	printf("SEED_NUMBER=%llu\n", (unsigned long long)state);
	fflush(stdout);
	for (int i = 3; i < argc; i++)
		add(argv[i]);
	/* the input lies in a file at all times, so that it is there when a sanitizer ends the process */
	snprintf(last, sizeof(last), "%s/last", argv[2]);
	keep = fopen(last, "we+");
	if (!keep || ftruncate(fileno(keep), sizeof(*in)))
		return 2;
	in = mmap(NULL, sizeof(*in), PROT_READ | PROT_WRITE, MAP_SHARED, fileno(keep), 0);
	fd = memfd_create("config", MFD_CLOEXEC);
	if (in == MAP_FAILED || fd < 0)
		return 2;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	until = accessgen_now_ns() + strtoull(argv[1], NULL, 10) * 1000000000ull;
	while ((tried & 255) || accessgen_now_ns() < until) {
		struct accessgen_config config;
		size_t chosen = below(nr_corpus);
		int err;

		/* the first round tries every seed as it is */
		*in = corpus[tried < nr_corpus ? tried : chosen];
		if (tried >= nr_corpus)
			mutate(in);
		if (ftruncate(fd, 0) || pwrite(fd, in->data, in->size, 0) != (ssize_t)in->size)
			return 2;
		err = accessgen_parse(name, &config);
		if (err)
			refuse_unless_a_line(config.error, err);
		if (!err && (!config.nr_regions || !config.nr_phases)) {
			fprintf(stderr, "ERROR: accepted without regions or phases\n");
			abort();
		}
		/* what is accepted is worth mutating further */
		if (((!err) | check_plan(name)) && ++accepted % 64 == 0)
			corpus[nr_corpus < MAX_CORPUS ? nr_corpus++ : MAX_CORPUS / 2 + below(MAX_CORPUS / 2)] = *in;
		accessgen_free(&config);
		tried++;
	}
	unlink(last);
	printf("number_of_executed_units: %llu\naccepted: %llu\n", tried, accepted);
	return 0;
}
