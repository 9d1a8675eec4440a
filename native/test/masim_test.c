#define _GNU_SOURCE
#include "accessgen.h"
#include "check.h"
#include "text.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

/* Configurations that masim reads, and odd ones that it misreads, hangs or ends on: each is the pattern that it says, or is refused by name. */

/* What a configuration has, or why it is refused. */
struct odd {
	const char *text;
	uint32_t regions, phases, patterns; /* of the last phase */
	uint64_t last_bytes;		    /* of the last region */
	const char *refused;
};

#define TAIL "\n\np\n1\na,0,4096,1\n"

static const struct odd odds[] = {
	/* masim takes units for nothing, so that 100M is 100 bytes */
	{"a, 100M" TAIL, 1, 1, 1, 100 << 20, NULL},
	{"a, 2g" TAIL, 1, 1, 1, 2ull << 30, NULL},
	{"a, 64 KiB" TAIL, 1, 1, 1, 64 << 10, NULL},
	{"a, 0x1000" TAIL, 0, 0, 0, 0, ":1: a region's size must be a number with K, M, G or T but is '0x1000'"},
	{"a, 1e6" TAIL, 0, 0, 0, 0, ":1: a region's size must be a number with K, M, G or T but is '1e6'"},
	{"a, -4096" TAIL, 0, 0, 0, 0, ":1: a region's size must be a number but is '-4096'"},
	{"a, 18446744073709551616" TAIL, 0, 0, 0, 0, ":1: a region's size must be at most"},
	{"a," TAIL, 0, 0, 0, 0, ":1: a region's size must be a number"},
	{", 4096" TAIL, 0, 0, 0, 0, ":1: a region's name has 1 to"},
	{"a" TAIL, 0, 0, 0, 0, ":1: a region is NAME, SIZE"},
	/* masim ends on each of these blank lines and comments */
	{"\n\na, 4096\n\n\n\np\n1\na,0,4096,1\n\n\n", 1, 1, 1, 4096, NULL},
	{"# x\n\na, 4096 # y\n  # z\n\n\t# w\np\n1\n# v\na,0,4096,1", 1, 1, 1, 4096, NULL},
	{"a, 4096 , none\nb,8192,none\n\np\n1\n a , 0 , 4096 , 1 , wo\nb,1,64,2,ro\nb,0,8,3,rw\n", 2, 1, 3, 8192, NULL},
	/* it leaves out a last line without an end */
	{"a, 4096\nb, 4096\n\np\n1\na,0,4096,1\nb,0,4096,1", 2, 1, 2, 4096, NULL},
	{"a, 4096\r\n\r\np\r\n1\r\na,0,4096,1\r\n", 1, 1, 1, 4096, NULL},
	{"a b c, 4096\n\nthe phase, of 7\n1\na b c,0,4096,1\n", 1, 1, 1, 4096, NULL},
	{"a, 4096\n\np\n0\na,0,4096,1\n\nq\n4294967295\na,0,1,4294967295\na,4294967295,1,0\n", 1, 2, 2, 4096, NULL},
	{"a, 4096\n\np\n4294967296\na,0,1,1\n", 0, 0, 0, 0, ":4: a phase's time in ms must be at most 4294967295"},
	{"a, 4096\n\np\n1\na,0,1,4294967296\n", 0, 0, 0, 0, ":5: WEIGHT must be at most 4294967295"},
	{"a, 4096\n\np\n1\na,-1,1,1\n", 0, 0, 0, 0, ":5: RANDOM must be a number but is '-1'"},
	{"a, 4096\n\np\n1\na,0,0x40,1\n", 0, 0, 0, 0, ":5: STRIDE must be a number with K, M, G or T but is '0x40'"},
	{"a, 4096\n\np\n1\nA,0,1,1\n", 0, 0, 0, 0, ":5: no region 'A'"},
	{"a, 4096\n\n1000\na,0,4096,1\n", 0, 0, 0, 0, ":4: a phase's time in ms must be a number but is 'a,0,4096,1'"},
	{"a, 4096\n\np\n\n1\na,0,4096,1\n", 0, 0, 0, 0, ":4: the phase ends before its time"},
	{"a, 4096\n\np\n1.5\na,0,4096,1\n", 0, 0, 0, 0, ":4: a phase's time in ms must be a number but is '1.5'"},
	{"a, 4096\n\np\n1\na,0,4096,1,w\n", 0, 0, 0, 0, ":5: the mode must be ro, wo or rw but is 'w'"},
	{"a, 4096\n\np\n1\na,0,4096,1,RW\n", 0, 0, 0, 0, ":5: the mode must be ro, wo or rw but is 'RW'"},
	/* it waits and waits with nothing to do */
	{"a, 4096\n\np\n1\n", 1, 1, 0, 4096, NULL},
	{"a, 4096\n\np\n1\na,0,4096,0\n", 1, 1, 1, 4096, NULL},
};

static void what_masim_misreads_is_read_or_refused(void)
{
	for (size_t i = 0; i < sizeof(odds) / sizeof(*odds); i++) {
		const struct odd *o = &odds[i];
		struct accessgen_config c;
		int err = accessgen_parse(written(o->text), &c);

		CHECK(!err == !o->refused);
		if (!err)
			CHECK(c.nr_regions == o->regions && c.nr_phases == o->phases && c.phases[c.nr_phases - 1].nr_patterns == o->patterns &&
			      c.regions[c.nr_regions - 1].size_bytes == o->last_bytes);
		else if (o->refused)
			CHECK(strstr(c.error, o->refused) != NULL);
		if (!err != !o->refused || (err && !strstr(c.error, o->refused)))
			printf("   of '%s': %s\n", o->text, c.error);
		accessgen_free(&c);
	}
}

/* masim copies it over what lies behind. */
static void a_long_name_is_refused(void)
{
	char text[4000];
	struct accessgen_config c;

	memset(text, 'n', 300);
	strcpy(text + 300, ", 4096" TAIL);
	CHECK(accessgen_parse(written(text), &c) == EINVAL && strstr(c.error, ":1: a region's name has 1 to 127 bytes") != NULL);
	accessgen_free(&c);
}

static long faults(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_minflt;
}

static long sleeps(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_nvcsw;
}

static long resident_kib(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	CHECK(f && fscanf(f, "%*d %ld", &pages) == 1);
	fclose(f);
	return pages * (long)(accessgen_machine_page() >> 10);
}

static void add_up(void *arg, const struct accessgen_config *config, const struct accessgen_phase *phase, uint64_t from_ns, uint64_t to_ns,
		   const uint64_t *touches)
{
	uint64_t *sums = arg;

	CHECK(from_ns <= to_ns && phase < config->phases + config->nr_phases);
	for (uint32_t i = 0; i < config->nr_regions; i++)
		sums[i] += touches[i];
}

static void run_it(struct accessgen_config *c, const char *text, uint64_t *sums)
{
	uint64_t rng = 1, time_ns;

	CHECK(accessgen_parse(written(text), c) == 0 && accessgen_map(c) == 0);
	time_ns = accessgen_now_ns();
	CHECK(accessgen_run(c, &time_ns, &rng, 0, add_up, sums) == 0);
}

/* masim reads one page of zeroes for all that nobody wrote, and its first phase pays for the faults. */
static void what_is_only_read_is_resident_before_the_first_phase(void)
{
	struct accessgen_config c;
	uint64_t sums[1] = {0}, rng = 1, time_ns;
	long before = resident_kib(), faulted;

	CHECK(accessgen_parse(written("a,16M\n\np\n20\na,0,4096,1,ro\n"), &c) == 0 && accessgen_map(&c) == 0);
	CHECK(resident_kib() - before >= 15 << 10);
	faulted = faults();
	time_ns = accessgen_now_ns();
	CHECK(accessgen_run(&c, &time_ns, &rng, 0, add_up, sums) == 0);
	CHECK(faults() - faulted < 256); /* of 4096 pages */
	accessgen_free(&c);
}

/* masim divides by the time that a phase of 0 ms took, and keeps a processor busy where there is nothing to access. */
static void phases_without_time_or_weight_do_nothing(void)
{
	struct accessgen_config c;
	uint64_t sums[1] = {0};
	long slept = sleeps();

	run_it(&c, "a,64K\n\nfirst\n0\na,0,4096,1\n\nrest\n5\na,0,4096,0\n\nlast\n5\n", sums);
	CHECK(sums[0] == 0 && sleeps() - slept >= 2);
	accessgen_free(&c);
}

/* As in masim a stride beyond the end comes back to the first byte, and no access leaves the region, in every mode. */
static void what_is_strided_stays_in_its_region(void)
{
	static const char *const modes[] = {"wo", "rw", "ro"};

	for (int m = 0; m < 3; m++)
		for (uint64_t stride = 1; stride <= 3 * 4096; stride = stride < 3000 ? 3 * stride + 1 : stride + 4096 - stride % 4096) {
			struct accessgen_config c;
			uint64_t sums[1] = {0}, beyond = 0, missed = 0;
			char text[128];

			snprintf(text, sizeof(text), "a,5000\n\np\n2\na,0,%llu,1,%s\n", (unsigned long long)stride, modes[m]);
			CHECK(accessgen_parse(written(text), &c) == 0 && accessgen_map(&c) == 0);
			memset(c.regions[0].base, 0, 8192);
			for (uint64_t visits = 0, rng = 1; visits < 3; visits++)
				accessgen_run_phase(&c, &c.phases[0], accessgen_now_ns() + 300000, &rng, sums);
			for (uint64_t at = 5000; at < 8192; at++)
				beyond += c.regions[0].base[at] != 0;
			/* pages of the region that have a multiple of the stride */
			for (uint64_t page = 0; page < 2; page++) {
				uint64_t at = (page * 4096 + stride - 1) / stride * stride, touched = 0;

				for (uint64_t i = page * 4096; i < (page + 1) * 4096 && i < 5000; i++)
					touched += c.regions[0].base[i] != 0;
				missed += (at < 5000 && at / 4096 == page) != (touched > 0);
			}
			/* what is read leaves nothing, and what is counted up is 0 again in the end */
			CHECK(!beyond && (m || sums[0] * stride < 10000 || !missed));
			accessgen_free(&c);
		}
}

/* masim draws which pattern a visit is of from numbers that it never seeds; weights are shares of accesses. */
static void weights_are_shares_of_accesses(void)
{
	struct accessgen_config c;
	uint64_t sums[3] = {0}, all;

	run_it(&c, "a,64K\nb,64K\nc,64K\n\np\n100\na,0,64,6\nb,1,64,3,ro\nc,0,64,1,rw\n", sums);
	all = sums[0] + sums[1] + sums[2];
	/* a visit has 1024: some hundreds of them, unless the machine stood still */
	if (all > 1024 * 1000) {
		CHECK(sums[0] * 10 > all * 5 && sums[0] * 10 < all * 7);
		CHECK(sums[1] * 10 > all * 2 && sums[1] * 10 < all * 4);
	}
	accessgen_free(&c);
}

int main(void)
{
	what_masim_misreads_is_read_or_refused();
	a_long_name_is_refused();
	what_is_only_read_is_resident_before_the_first_phase();
	phases_without_time_or_weight_do_nothing();
	what_is_strided_stays_in_its_region();
	weights_are_shares_of_accesses();
	unlink(written(""));
	printf("configurations of masim: %d checks, %d failed\n", checks, failures);
	return failures ? 1 : 0;
}
