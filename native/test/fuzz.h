/*
 * A mutation loop: PROGRAM SECONDS FOUND_DIRECTORY SEED... Built with the address and undefined-behaviour sanitizers, which
 * end the process on a finding; the input is then in FOUND_DIRECTORY/last. SEED_NUMBER in the environment repeats a run.
 */
#ifndef DAMSON_FUZZ_H
#define DAMSON_FUZZ_H

#include <stdint.h>
#include <stdio.h>
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
static const char *const *words;
static size_t nr_words;
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
			const char *word = words[below(nr_words)];

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

static uint64_t fuzz_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static char last[4096];
static struct input *current;
static unsigned long seconds;

/* Reads the arguments and the seeds; 0 if that cannot be done. */
static int fuzz_open(int argc, char **argv)
{
	const char *seed = getenv("SEED_NUMBER");
	FILE *keep;

	if (argc < 4) {
		fprintf(stderr, "usage: %s SECONDS FOUND_DIRECTORY SEED...\n", argv[0]);
		return 0;
	}
	seconds = strtoul(argv[1], NULL, 10);
	state = (seed ? strtoull(seed, NULL, 10) : fuzz_now_ns()) | 1;
	printf("SEED_NUMBER=%llu\n", (unsigned long long)state);
	fflush(stdout);
	for (int i = 3; i < argc; i++)
		add(argv[i]);
	/* the input lies in a file at all times, so that it is there when a sanitizer ends the process */
	snprintf(last, sizeof(last), "%s/last", argv[2]);
	keep = fopen(last, "we+");
	if (!keep || ftruncate(fileno(keep), sizeof(*current)))
		return 0;
	current = mmap(NULL, sizeof(*current), PROT_READ | PROT_WRITE, MAP_SHARED, fileno(keep), 0);
	return current != MAP_FAILED;
}

/*
 * Runs the loop.
 * @param of_format words to be put into inputs
 * @param accepts tries an input and ends the process on a finding; whether the input is worth mutating further
 */
static void fuzz_run(const char *const *of_format, size_t nr_of_format, int (*accepts)(const struct input *in))
{
	unsigned long long tried = 0, accepted = 0;
	uint64_t until = fuzz_now_ns() + seconds * 1000000000ull;
	struct input *in = current;

	words = of_format;
	nr_words = nr_of_format;
	/* the first round tries every seed as it is; of no seconds it is the only one */
	for (size_t nr_seeds = nr_corpus; tried < nr_seeds || (seconds && ((tried & 255) || fuzz_now_ns() < until)); tried++) {
		*in = corpus[tried < nr_seeds ? tried : below(nr_corpus)];
		if (tried >= nr_seeds)
			mutate(in);
		if (accepts(in) && ++accepted % 64 == 0)
			corpus[nr_corpus < MAX_CORPUS ? nr_corpus++ : MAX_CORPUS / 2 + below(MAX_CORPUS / 2)] = *in;
	}
	printf("number_of_executed_units: %llu\naccepted: %llu\n", tried, accepted);
}

/* Nothing was found. */
static void fuzz_close(void)
{
	unlink(last);
}

#endif
