#define _GNU_SOURCE
#include "accessgen.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int checks, failures;

#define CHECK(condition)                                                                                                      \
	do {                                                                                                                  \
		checks++;                                                                                                     \
		if (!(condition)) {                                                                                           \
			failures++;                                                                                           \
			printf("%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);                                      \
		}                                                                                                             \
	} while (0)

static const char *written(const char *text)
{
	static char name[] = "/tmp/accessgen-test-XXXXXX";
	static int made;
	FILE *f;

	if (!made++)
		close(mkstemp(name));
	f = fopen(name, "w");
	fputs(text, f);
	fclose(f);
	return name;
}

static void refuses(const char *text, const char *place_and_rule)
{
	struct accessgen_config c;

	CHECK(accessgen_parse(written(text), &c) != 0);
	CHECK(strstr(c.error, place_and_rule) != NULL);
	if (!strstr(c.error, place_and_rule))
		printf("   got: %s\n", c.error);
	accessgen_free(&c);
}

static void parses_forgivingly(void)
{
	struct accessgen_config c;

	CHECK(accessgen_parse(written("# head\n\n a , 1M\nb,8192,none # tail\n\n\n p one \n 0\na,1,0,3,ro\nb, 0, 4K, 1\n\n\nq\n5\nb,0,1,0"), &c) == 0);
	CHECK(c.nr_regions == 2 && c.regions[0].size_bytes == 1 << 20 && c.regions[1].size_bytes == 8192);
	CHECK(c.nr_phases == 2 && !strcmp(c.phases[0].name, "p one") && c.phases[0].duration_ms == 0);
	CHECK(c.phases[0].nr_patterns == 2 && c.phases[0].patterns[0].random && c.phases[0].patterns[0].mode == ACCESSGEN_READ);
	CHECK(c.phases[0].patterns[1].stride_bytes == 4096 && c.phases[1].total_weight == 0 && c.phases[1].duration_ms == 5);
	accessgen_free(&c);
}

static void names_line_and_rule(void)
{
	refuses("", "no region");
	refuses("a,1M\n", "no whole phase");
	refuses("a,1X\n\np\n1\na,0,1,1\n", ":1: a region's size");
	refuses("a,0\n\np\n1\na,0,1,1\n", ":1: a region's size must not be 0");
	refuses("a,99999999999T\n\np\n1\na,0,1,1\n", ":1: a region's size must be at most");
	refuses("a,1M\na,1M\n\np\n1\na,0,1,1\n", ":2: region 'a' is there twice");
	refuses("a,1M\n\np\n1\nb,0,1,1\n", ":5: no region 'b'");
	refuses("a,1M\n\np\nsoon\na,0,1,1\n", ":4: a phase's time");
	refuses("a,1M\n\np\n1\na,0,0,1\n", ":5: STRIDE");
	refuses("a,1M\n\np\n1\na,0,1,1,xx\n", ":5: the mode");
	refuses("a,1M\n\np\n1\na,0\n", ":5: a pattern is");
	refuses("a,1M,none,x\n\np\n1\na,0,1,1\n", ":1: a region's fourth field");
	refuses("a,1M,at 17\n\np\n1\na,0,1,1\n", ":1: an address must be a multiple");
	refuses("a,1M,at home\n\np\n1\na,0,1,1\n", ":1: an address must be a number");
}

static uint64_t resident(struct accessgen_region *r)
{
	static unsigned char map[1 << 16];
	uint64_t pages = (r->size_bytes + 4095) / 4096, n = 0;

	mincore(r->base, r->size_bytes, map);
	for (uint64_t i = 0; i < pages; i++)
		n += map[i] & 1;
	return n;
}

static void every_region_is_one_mapping(void)
{
	struct accessgen_config c;
	char line[512];
	int found[3] = {0};
	FILE *maps;

	CHECK(accessgen_parse(written("a,1M\nb,1M\nc,5000\n\np\n1\na,0,1,1\n"), &c) == 0);
	CHECK(accessgen_map(&c) == 0);
	maps = fopen("/proc/self/maps", "r");
	while (fgets(line, sizeof(line), maps)) {
		uint64_t from, to;

		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " rw", &from, &to) == 2)
			for (int i = 0; i < 3; i++)
				found[i] += from == (uint64_t)(uintptr_t)c.regions[i].base &&
					    to - from == ((c.regions[i].size_bytes + 4095) & ~4095ull);
	}
	fclose(maps);
	CHECK(found[0] == 1 && found[1] == 1 && found[2] == 1);
	CHECK(resident(&c.regions[0]) == 256);
	accessgen_free(&c);
}

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

static void loads_a_file_shorter_than_the_region(void)
{
	struct accessgen_config c;
	char config[256], data[] = "/tmp/accessgen-data-XXXXXX";
	int fd = mkstemp(data);

	CHECK(write(fd, "abc", 3) == 3);
	close(fd);
	snprintf(config, sizeof(config), "a,10,%s\n\np\n0\na,0,1,1\n", data);
	CHECK(accessgen_parse(written(config), &c) == 0 && accessgen_map(&c) == 0);
	CHECK(!memcmp(c.regions[0].base, "abcabcabca", 10));
	accessgen_free(&c);
	unlink(data);
}

static void plays_a_plan_and_counts(void)
{
	struct accessgen_plan_report r;
	char error[256];

	CHECK(accessgen_play(written("# head\nregion 0 16384\nslice 0 100000000\ntouch 0 0 16384 2\n"
				     "slice 101000000 1000000\ntouch 0 4096 4097"),
			     NULL, &r, error, sizeof(error)) == 0);
	CHECK(r.slices == 2 && r.intended_pages == 6 && r.touched_pages + 2 * r.shed_slices >= 6);
	CHECK(r.class_intended[2] == 4 && r.class_touched[2] == 4 && r.class_intended[0] == 2);
	CHECK(r.wall_ns >= 102000000);
}

static void refuses_plan(const char *text, const char *place)
{
	struct accessgen_plan_report r;
	char error[256] = "";

	CHECK(accessgen_play(written(text), NULL, &r, error, sizeof(error)) != 0);
	CHECK(strstr(error, place) != NULL);
}

static void names_the_line_of_a_bad_plan(void)
{
	refuses_plan("region 0 4096\nslice 0 1\ntouch 0 4096 4096\n", ":3: ");
	refuses_plan("region 0 4096\nslice 0 1\ntouch 0 0 4096 4\n", ":3: ");
	refuses_plan("region 0 4096\nslice 0 1\ntouch 0 0\n", ":3: ");
	refuses_plan("region 0 4096\nslice 0 1\ntouch 0 -4096 4096\n", ":3: ");
	refuses_plan("region 0 4096\nslice 0 x\n", ":2: ");
	refuses_plan("region 0 4096\ntouch 0 0 4096\n", ":2: ");
	refuses_plan("region 1 4096\n", ":1: ");
	refuses_plan("region 0 4096\nslice 0 1\nregion 1 4096\n", ":3: ");
	refuses_plan("jump 0\n", ":1: ");
}

static int seen_ready, seen_done;
static uint64_t seen_base;

static int note_ready(void *arg, const struct accessgen_plan_region *regions, uint32_t nr_regions)
{
	CHECK(nr_regions == 2 && regions[1].size_bytes == 8192);
	/* written before the first slice, so that no slice pays for faults */
	CHECK(regions[0].base[0] == 0 && regions[1].base[4096 + 64] == 1);
	seen_base = (uint64_t)(uintptr_t)regions[1].base;
	seen_ready++;
	return *(int *)arg;
}

static void note_done(void *arg, const struct accessgen_plan_report *report)
{
	(void)arg;
	CHECK(report->intended_pages == 1);
	seen_done++;
}

static void tells_the_hooks_when_it_starts_and_where(void)
{
	struct accessgen_plan_report r;
	int refuse = 0;
	struct accessgen_plan_hooks hooks = {.ready = note_ready, .done = note_done, .arg = &refuse};
	char error[256];
	const char *plan = "region 0 4096\nregion 1 8192 35184372088832\nslice 0 1000\ntouch 1 4096 4096\n";

	CHECK(accessgen_play(written(plan), &hooks, &r, error, sizeof(error)) == 0);
	CHECK(seen_ready == 1 && seen_done == 1 && seen_base == 35184372088832ull);
	/* the second cannot have the place of the first, the third no place in the kernel's half */
	CHECK(accessgen_play(written("region 0 4096 35184372088832\nregion 1 4096 35184372088832\n"
				     "region 2 4096 18446603336221196288\nslice 0 1000\ntouch 1 0 4096\ntouch 2 0 4096\n"),
			     NULL, &r, error, sizeof(error)) == 0);
	CHECK(r.touched_pages == 2 || r.shed_slices == 1);
	refuse = ECANCELED;
	CHECK(accessgen_play(written(plan), &hooks, &r, error, sizeof(error)) == ECANCELED);
	CHECK(seen_ready == 2 && seen_done == 1);
}

static void puts_a_region_where_it_was_asked_to(void)
{
	struct accessgen_config c;

	CHECK(accessgen_parse(written("a,1M,at 0x200000000000\nb,1M,none, at 0x300000000000\n\np\n0\na,0,1,1\n"), &c) == 0);
	CHECK(accessgen_map(&c) == 0);
	CHECK((uintptr_t)c.regions[0].base == 0x200000000000ull && (uintptr_t)c.regions[1].base == 0x300000000000ull);
	accessgen_free(&c);
	CHECK(accessgen_parse(written("a,1M,at 0x200000000000\nb,1M,at 0x200000001000\n\np\n0\na,0,1,1\n"), &c) == 0);
	CHECK(accessgen_map(&c) == EEXIST && strstr(c.error, "region b") != NULL);
	accessgen_free(&c);
}

int main(void)
{
	parses_forgivingly();
	names_line_and_rule();
	every_region_is_one_mapping();
	random_covers_the_whole_region();
	strided_pages_are_each_touched();
	loads_a_file_shorter_than_the_region();
	plays_a_plan_and_counts();
	names_the_line_of_a_bad_plan();
	tells_the_hooks_when_it_starts_and_where();
	puts_a_region_where_it_was_asked_to();
	unlink(written(""));
	printf("accessgen: %d checks, %d failed\n", checks, failures);
	return failures ? 1 : 0;
}
