#define _GNU_SOURCE
#include "accessgen.h"
#include "../src/modes.h"
#include "check.h"
#include "text.h"

#include <math.h>
#include <string.h>

/* Which memory patterns access, and when. */

static void random_covers_the_whole_region(void)
{
	struct accessgen_config c;
	uint64_t rng = 7, touches = 0, untouched = 0;

	CHECK(accessgen_parse(written("a,4M\n\np\n1\na,1,0,1,wo\n"), &c) == 0);
	CHECK(accessgen_map(&c) == 0);
	memset(c.regions[0].base, 0, 4 << 20);
	/* 1024 pages and far more than 1024 * ln(1024) random writes */
	while (touches < 1 << 16)
		accessgen_run_phase(&c, &c.phases[0], accessgen_now_ns() + 1000000, &rng, &touches);
	for (int p = 0; p < 1024; p++)
		untouched += !memchr(c.regions[0].base + p * 4096, 1, 4096);
	CHECK(untouched == 0);
	accessgen_free(&c);
}

static void strided_pages_are_each_touched(void)
{
	struct accessgen_config c;
	uint64_t rng = 7, touches = 0, untouched = 0;

	CHECK(accessgen_parse(written("a,1M\n\np\n1\na,0,4096,1,wo\n"), &c) == 0);
	CHECK(accessgen_map(&c) == 0);
	memset(c.regions[0].base, 0, 1 << 20);
	while (touches < 1024)
		accessgen_run_phase(&c, &c.phases[0], accessgen_now_ns() + 1000000, &rng, &touches);
	for (int p = 0; p < 256; p++)
		untouched += !memchr(c.regions[0].base + p * 4096, 1, 4096);
	CHECK(untouched == 0);
	accessgen_free(&c);
}

/* Runs one phase for so many accesses at least, on memory that is all 0 before; how often each region was accessed. */
static void run_for(struct accessgen_config *c, const char *text, uint64_t accesses, uint64_t *touches)
{
	uint64_t rng = 7;

	CHECK(accessgen_parse(written(text), c) == 0);
	CHECK(accessgen_map(c) == 0);
	if (*c->error)
		printf("   got: %s\n", c->error);
	*touches = 0;
	if (!c->regions[0].chase_stride_bytes)
		memset(c->regions[0].base, 0, c->regions[0].size_bytes);
	while (*touches < accesses)
		accessgen_run_phase(c, &c->phases[0], accessgen_now_ns() + 2000000, &rng, touches);
}

/* Bytes that were accessed are at offsets that are a multiple of the stride, and no other. */
static uint64_t touched_elements(const struct accessgen_region *r, uint64_t stride, uint64_t *others)
{
	uint64_t n = 0;

	*others = 0;
	for (uint64_t at = 0; at < r->size_bytes; at++) {
		n += r->base[at] && at % stride == 0;
		*others += r->base[at] && at % stride != 0;
	}
	return n;
}

static void a_stride_is_exact_and_so_are_elements_at_random(void)
{
	struct accessgen_config c;
	uint64_t touches, others;

	run_for(&c, "a,1M\n\np\n1\na,stride,4096,1,wo\n", 256, &touches);
	CHECK(touched_elements(&c.regions[0], 4096, &others) == 256 && !others);
	accessgen_free(&c);
	/* the last element that is not whole is none at random; in turn its first byte is one */
	run_for(&c, "a,1000\n\np\n1\na,stride,96,1,wo\n", 11, &touches);
	CHECK(touched_elements(&c.regions[0], 96, &others) == 11 && !others);
	accessgen_free(&c);
	run_for(&c, "a,1000\n\np\n1\na,random,96,1,wo\n", 1000, &touches);
	CHECK(touched_elements(&c.regions[0], 96, &others) == 10 && !others);
	accessgen_free(&c);
	run_for(&c, "a,64K\n\np\n1\na,random,192,1,rw,8K..32K\n", 10000, &touches);
	CHECK(touched_elements(&c.regions[0], 64, &others) <= 128 && !others);
	for (uint64_t at = 0; at < 64 << 10; at++)
		CHECK(!c.regions[0].base[at] || (at >= 8192 && at < 32768 && (at - 8192) % 192 == 0));
	accessgen_free(&c);
}

/* All elements are one cycle: whoever follows the links meets each once before the first again, and each access meets the next. */
static void a_chase_meets_every_element_once_in_each_round(void)
{
	struct accessgen_config c;
	uint64_t touches, n = 1 << 16, met = 0, written_to = 0, turns = 0;
	unsigned char *at, *first;

	run_for(&c, "a,8M\n\np\n1\na,chase,64,1,wo,1M..5M\n", 1, &touches);
	first = at = c.regions[0].base + (1 << 20);
	do {
		unsigned char *next = *(unsigned char **)at;

		CHECK(next >= first && next < first + (4 << 20) && (next - first) % 64 == 0);
		turns += next < at;
		at = next;
		met++;
	} while (at != first && met <= n);
	CHECK(met == n);
	/* in random order it goes back about every second time */
	CHECK(turns > n / 2 - n / 50 && turns < n / 2 + n / 50);
	for (uint64_t i = 0; i < n; i++)
		written_to += first[i * 64 + 8] == 1;
	CHECK(written_to == (touches < n ? touches : n));
	accessgen_free(&c);
}

/* Of two million draws every rank of the first twenty, and every twentieth of the elements, has its share within one per cent or four deviations. */
static void zipf_has_its_distribution(double exponent)
{
	enum { N = 1000, DRAWS = 2000000 };
	static uint64_t counts[N];
	struct accessgen_pattern a = {.kind = ACCESSGEN_ZIPF, .stride_bytes = 4096, .to_bytes = N * 4096ull, .exponent = exponent};
	uint64_t rng = 11;
	double sum = 0, share, got;

	memset(counts, 0, sizeof(counts));
	modes_prepare_zipf(&a);
	for (int i = 0; i < DRAWS; i++) {
		uint64_t element = modes_draw_zipf(&a, &rng);

		CHECK(element < N);
		counts[element < N ? element : 0]++;
	}
	for (int i = 1; i <= N; i++)
		sum += pow(i, -exponent);
	for (int i = 0; i < 70; i++) {
		int from = i < 20 ? i : 20 * (i - 20), to = i < 20 ? i + 1 : from + 20;

		share = got = 0;
		for (int k = from; k < to; k++) {
			share += pow(k + 1, -exponent) / sum;
			got += (double)counts[k] / DRAWS;
		}
		if (fabs(got - share) > fmax(share * 0.01, 4 * sqrt(share / DRAWS)))
			printf("   exponent %g, elements %d..%d: %g, not %g\n", exponent, from, to, got, share);
		CHECK(fabs(got - share) <= fmax(share * 0.01, 4 * sqrt(share / DRAWS)));
	}
}

static void zipf_accesses_are_what_is_drawn(void)
{
	struct accessgen_config c;
	uint64_t touches, others;

	/* three elements, of which the last is drawn once in 1 + 4 + 9 = 49 thirty-sixths */
	run_for(&c, "a,12K\n\np\n1\na,zipf:2,4096,1,wo\n", 1000, &touches);
	CHECK(touched_elements(&c.regions[0], 4096, &others) == 3 && !others);
	accessgen_free(&c);
	/* with so great an exponent nothing but the first element is left */
	run_for(&c, "a,12K\n\np\n1\na,zipf:10,4096,1,wo,4K..12K\n", 1, &touches);
	CHECK(c.regions[0].base[4096] == 1 && !c.regions[0].base[0]);
	accessgen_free(&c);
}

/* At any time only the window is accessed, all of it, and it moves as fast as it should and comes round. */
static void a_window_moves(void)
{
	struct accessgen_pattern a = {.kind = ACCESSGEN_WINDOW, .mode = ACCESSGEN_WRITE, .stride_bytes = 64, .to_bytes = 1 << 20,
				      .window_bytes = 64 << 10, .window_bytes_per_s = 256 << 10};
	static unsigned char base[1 << 20];
	uint64_t rng = 1;

	CHECK(modes_window_at(&a, 0) == 0 && modes_window_at(&a, 1000000000) == 256 << 10);
	CHECK(modes_window_at(&a, 500000000) == 128 << 10 && modes_window_at(&a, 4500000000) == 128 << 10);
	CHECK(modes_window_at(&a, 3600ull * 1000000000 + 1000000000) == 256 << 10);
	for (uint64_t ms = 0; ms < 8000; ms += 370) {
		uint64_t from = modes_window_at(&a, ms * 1000000), n = 0;

		memset(base, 0, sizeof(base));
		modes_visit(base, &a, &rng, ms * 1000000, 1024);
		for (uint64_t at = 0; at < sizeof(base); at++) {
			uint64_t behind = (at - from) & (sizeof(base) - 1);

			CHECK(!base[at] || (behind < 64 << 10 && behind % 64 == 0));
			n += base[at];
		}
		CHECK(n == 1024);
	}
}

static void a_phase_whose_time_is_over_touches_nothing(void)
{
	struct accessgen_config c;
	uint64_t rng = 7, touches = 0;

	CHECK(accessgen_parse(written("a,1M\n\np\n1000\na,0,4096,1\n"), &c) == 0 && accessgen_map(&c) == 0);
	accessgen_run_phase(&c, &c.phases[0], accessgen_now_ns() - 1, &rng, &touches);
	CHECK(touches == 0);
	accessgen_free(&c);
}

struct told {
	uint64_t start_ns, touches[4], end_ns[4];
	int calls;
};

static void note_phase(void *arg, const struct accessgen_config *config, const struct accessgen_phase *phase, uint64_t from_ns,
		       uint64_t to_ns, const uint64_t *touches)
{
	struct told *t = arg;
	long i = phase - config->phases;

	CHECK(from_ns <= to_ns);
	t->calls++;
	t->touches[i] += touches[0];
	t->end_ns[i] = to_ns;
	/* the second phase's time passes while this is told */
	if (i == 0)
		accessgen_sleep_until(t->start_ns + 6000000);
}

/* A phase begins its window anew, also when it is run once more. */
static void a_window_begins_with_its_phase(void)
{
	struct accessgen_config c;
	struct told t = {0};
	uint64_t rng = 1, time_ns, touched = 0;

	CHECK(accessgen_parse(written("a,64M\n\none\n10\na,window:64K:1M/s,4096,1,wo\n\ntwo\n5\na,stride,1,0\n"), &c) == 0 &&
	      accessgen_map(&c) == 0);
	for (int round = 0; round < 3; round++) {
		memset(c.regions[0].base, 0, 64 << 20);
		t = (struct told){.start_ns = time_ns = accessgen_now_ns()};
		CHECK(accessgen_run(&c, &time_ns, &rng, 0, note_phase, &t) == 0);
		touched = 0;
		for (uint64_t at = 0; at < 64 << 20; at += 4096)
			touched += c.regions[0].base[at] && at >= (64 << 10) + (1 << 20);
		CHECK(!touched); /* a second would have to pass for that */
	}
	accessgen_free(&c);
}

static void add_accesses(void *arg, const struct accessgen_config *config, const struct accessgen_phase *phase, uint64_t from_ns,
			 uint64_t to_ns, const uint64_t *touches)
{
	uint64_t *sums = arg;

	CHECK(from_ns <= to_ns && config->phases <= phase && phase < config->phases + config->nr_phases);
	sums[phase - config->phases] += touches[0];
	sums[2]++;
}

/* Each thread begins in its own quarter: together they meet all of a stride within a quarter of its accesses. */
static void threads_share_a_pattern(void)
{
	struct accessgen_config c;
	uint64_t rng = 1, time_ns = accessgen_now_ns(), sums[3] = {0}, others;

	CHECK(accessgen_parse(written("a,4M\nb,1M\n\none\n40\na,stride,1024,1,wo\n\ntwo\n1\nb,chase,64,0,ro\n"), &c) == 0);
	CHECK(accessgen_map(&c) == 0);
	memset(c.regions[0].base, 0, 4 << 20);
	CHECK(accessgen_run_threads(&c, 4, &time_ns, &rng, 0, add_accesses, sums) == 0);
	CHECK(sums[2] == 8 && sums[1] == 0 && sums[0] % 1024 == 0);
	/* a machine that stops for all of a phase leaves it out */
	if (sums[0] >= 4 * 1024 * 4)
		CHECK(touched_elements(&c.regions[0], 1024, &others) >= 1024 && !others);
	accessgen_free(&c);
}

static void a_late_phase_shortens_the_next_and_lateness_does_not_add_up(void)
{
	struct accessgen_config c;
	struct told t = {0};
	uint64_t rng = 1, time_ns;

	CHECK(accessgen_parse(written("a,1M\n\none\n2\na,0,4096,1\n\ntwo\n3\na,0,4096,1\n\n"
				      "nothing\n0\na,0,4096,1\n\nfour\n20\na,0,4096,1\n"),
			      &c) == 0 &&
	      accessgen_map(&c) == 0);
	t.start_ns = time_ns = accessgen_now_ns();
	CHECK(accessgen_run(&c, &time_ns, &rng, 0, note_phase, &t) == 0);
	CHECK(t.calls == 4 && time_ns == t.start_ns + 25000000);
	CHECK(t.touches[1] == 0 && t.touches[2] == 0);
	CHECK(t.end_ns[0] >= t.start_ns + 2000000 && t.end_ns[3] >= time_ns);
	accessgen_free(&c);
}

int main(void)
{
	random_covers_the_whole_region();
	strided_pages_are_each_touched();
	a_stride_is_exact_and_so_are_elements_at_random();
	a_chase_meets_every_element_once_in_each_round();
	zipf_has_its_distribution(0.5);
	zipf_has_its_distribution(0.99);
	zipf_has_its_distribution(1);
	zipf_has_its_distribution(1.5);
	zipf_accesses_are_what_is_drawn();
	a_window_moves();
	a_window_begins_with_its_phase();
	threads_share_a_pattern();
	a_phase_whose_time_is_over_touches_nothing();
	a_late_phase_shortens_the_next_and_lateness_does_not_add_up();
	unlink(written(""));
	printf("access patterns: %d checks, %d failed\n", checks, failures);
	return failures ? 1 : 0;
}
