#define _GNU_SOURCE
#include "accessgen.h"
#include "check.h"
#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

/* Configurations: what is read and refused, what is mapped, and the program that runs them. */

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
	CHECK(c.phases[0].nr_patterns == 2 && c.phases[0].patterns[0].kind == ACCESSGEN_AT_RANDOM && c.phases[0].patterns[0].mode == ACCESSGEN_READ);
	CHECK(c.phases[0].patterns[1].stride_bytes == 4096 && c.phases[1].total_weight == 0 && c.phases[1].duration_ms == 5);
	accessgen_free(&c);
}

static void names_line_and_rule(void)
{
	refuses("", "no region");
	refuses("a,1M\n", "no whole phase");
	refuses("a,\x1b[31m1M\n\np\n1\na,0,1,1\n", ":1: a control character stands in it");
	refuses("a,1M\n\np\x7f\n1\na,0,1,1\n", ":3: a control character stands in it");
	refuses("a,1X\n\np\n1\na,0,1,1\n", ":1: a region's size");
	refuses("a,0\n\np\n1\na,0,1,1\n", ":1: a region's size must not be 0");
	refuses("a,99999999999T\n\np\n1\na,0,1,1\n", ":1: a region's size must be at most");
	refuses("a,99999999999999999999999\n\np\n1\na,0,1,1\n", ":1: a region's size must be at most");
	refuses("a,1M\na,1M\n\np\n1\na,0,1,1\n", ":2: region 'a' is there twice");
	refuses("a,1M\n\np\n1\nb,0,1,1\n", ":5: no region 'b'");
	refuses("a,1M\n\np\nsoon\na,0,1,1\n", ":4: a phase's time");
	refuses("a,1M\n\np\n1\na,0,0,1\n", ":5: STRIDE");
	refuses("a,1M\n\np\n1\na,0,1,1,xx\n", ":5: the mode");
	refuses("a,1M\n\np\n1\na,0\n", ":5: a pattern is");
	refuses("a,1M,none,x\n\np\n1\na,0,1,1\n", ":1: what follows a region's file");
	refuses("a,1M\n\np\n1\na,0,1,1,wo,4K\n", ":5: a part of a region is FROM..TO");
	refuses("a,1M\n\np\n1\na,0,1,1,wo,4K..2M\n", ":5: the end of a part must be at most 1048576");
	refuses("a,1M\n\np\n1\na,0,1,1,wo,1K..8K\n", ":5: a part begins at a multiple of 4096");
	refuses("a,1M\n\np\n1\na,0,1,1,wo,8K..8K\n", ":5: a part begins at a multiple of 4096");
	refuses("a,1M\n\np\n1\na,walk,8,1\n", ":5: RANDOM is 0, 1, stride, random, chase, zipf:EXPONENT or window:SIZE:SPEED/s but is 'walk'");
	refuses("a,1M\n\np\n1\na,zipf,8,1\n", ":5: RANDOM is 0, 1,");
	refuses("a,1M\n\np\n1\na,zipf:,8,1\n", ":5: the exponent of zipf is a number");
	refuses("a,1M\n\np\n1\na,zipf:nan,8,1\n", ":5: the exponent of zipf is a number");
	refuses("a,1M\n\np\n1\na,zipf:0,8,1\n", ":5: the exponent of zipf is a number");
	refuses("a,1M\n\np\n1\na,zipf:1e9,8,1\n", ":5: the exponent of zipf is a number");
	refuses("a,1M\n\np\n1\na,stride,0,1\n", ":5: STRIDE is the size of an element");
	refuses("a,1M\n\np\n1\na,random,2M,1\n", ":5: STRIDE is the size of an element, at least 1 and at most the 1048576 bytes");
	refuses("a,1M\n\np\n1\na,zipf:1,8K,1,wo,4K..8K\n", ":5: STRIDE is the size of an element, at least 1 and at most the 4096 bytes");
	refuses("a,1M\n\np\n1\na,window:4K,64,1\n", ":5: a window is window:SIZE:SPEED/s");
	refuses("a,1M\n\np\n1\na,window:4K:1M,64,1\n", ":5: a window is window:SIZE:SPEED/s");
	refuses("a,1M\n\np\n1\na,window:x:1M/s,64,1\n", ":5: the size of a window must be a number");
	refuses("a,1M\n\np\n1\na,window:2M:1M/s,64,1\n", ":5: a window has at least one element and at most the part");
	refuses("a,1M\n\np\n1\na,window:32:1M/s,64,1\n", ":5: a window has at least one element and at most the part");
	refuses("a,1M\n\np\n1\na,chase,12,1,ro\n", ":5: STRIDE of a chase is a multiple of 8");
	refuses("a,1M\n\np\n1\na,chase,8,1\n", ":5: STRIDE of a chase is a multiple of 8, at least 16 where it writes");
	refuses("a,1M\n\np\n1\na,chase,8,1,ro\na,chase,64,1,ro\n", ":6: region 'a' is chased already");
	refuses("a,1M\n\np\n1\na,1,8,1,wo\n\nq\n1\na,chase,64,1,ro\n", ":5: writes to what another pattern chases in region 'a'");
	refuses("a,1M\n\np\n1\na,chase,64,1,ro,0..64K\na,1,8,1,rw,60K..80K\n", ":6: writes to what another pattern chases");
	refuses("a,1M,at 17\n\np\n1\na,0,1,1\n", ":1: an address must be a multiple");
	refuses("a,1M,at home\n\np\n1\na,0,1,1\n", ":1: an address must be a number");
}

static void a_hash_inside_a_name_is_no_comment(void)
{
	struct accessgen_config c;

	CHECK(accessgen_parse(written("a#1,1M,/data/x#y # tail\n#\n\t# indented\n\np # one\n1\na#1,0,1,1\n"), &c) == 0);
	CHECK(c.nr_regions == 1 && !strcmp(c.regions[0].name, "a#1") && !strcmp(c.regions[0].data_file, "/data/x#y"));
	CHECK(c.nr_phases == 1 && !strcmp(c.phases[0].name, "p"));
	accessgen_free(&c);
}

static void what_windows_and_editors_leave_is_forgiven(void)
{
	struct accessgen_config c;

	CHECK(accessgen_parse(written("\r\n\r\na, 4096, none\r\n\r\n\r\np\r\n1\r\na, 0, 64, 1, ro\r\n\r\n"), &c) == 0);
	CHECK(c.nr_regions == 1 && !*c.regions[0].data_file && c.phases[0].patterns[0].mode == ACCESSGEN_READ);
	accessgen_free(&c);
	CHECK(accessgen_parse(written("\xef\xbb\xbf# a mark, then a comment, with a comma\na, 4096\n\np\n1\na, 0, 64, 1\n"), &c) == 0);
	CHECK(c.nr_regions == 1 && !strcmp(c.regions[0].name, "a"));
	accessgen_free(&c);
}

static void a_directory_is_no_configuration(void)
{
	struct accessgen_config c;

	CHECK(accessgen_parse("/tmp", &c) != 0);
	CHECK(strstr(c.error, "/tmp") && strstr(c.error, "cannot be read"));
	accessgen_free(&c);
	CHECK(accessgen_parse("/nonexistent.cfg", &c) == ENOENT && strstr(c.error, "/nonexistent.cfg"));
	accessgen_free(&c);
}

static void refuses_to_map(const char *text, int err, const char *place_and_rule)
{
	struct accessgen_config c;

	CHECK(accessgen_parse(written(text), &c) == 0);
	CHECK(accessgen_map(&c) == err);
	CHECK(strstr(c.error, place_and_rule) != NULL);
	if (!strstr(c.error, place_and_rule))
		printf("   got: %s\n", c.error);
	accessgen_free(&c);
}

static void names_line_and_rule_of_what_cannot_be_mapped(void)
{
	refuses_to_map("b,1M\na,1M,/nonexistent\n\np\n1\na,0,1,1\n", ENOENT, ":2: region a: /nonexistent: No such file");
	refuses_to_map("a,1M,/dev/null\n\np\n1\na,0,1,1\n", EINVAL, ":1: region a: /dev/null: has no content");
	refuses_to_map("a,1M,/tmp\n\np\n1\na,0,1,1\n", EISDIR, ":1: region a: /tmp: Is a directory");
	refuses_to_map("a,1M\nb,60T\n\np\n1\na,0,1,1\n", ENOMEM, ":2: region b: there is not as much memory left");
}

static uint64_t resident(struct accessgen_region *r)
{
	static unsigned char map[1 << 16];
	uint64_t page = accessgen_machine_page(), pages = (r->size_bytes + page - 1) / page, n = 0;

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
					    to - from == ((c.regions[i].size_bytes + accessgen_machine_page() - 1) & -accessgen_machine_page());
	}
	fclose(maps);
	CHECK(found[0] == 1 && found[1] == 1 && found[2] == 1);
	CHECK(resident(&c.regions[0]) == (1 << 20) / accessgen_machine_page());
	accessgen_free(&c);
}

static void a_flush_shows_all_that_is_touched_and_costs_are_sane(void)
{
	struct accessgen_touch_cost c;
	int err = accessgen_measure_touch_cost(20000000, &c);

	CHECK(err == 0);
	CHECK(c.unflushed.windows >= 4 && c.unflushed.least >= 0 && c.unflushed.least <= 1);
	CHECK(c.unflushed.undisturbed <= c.unflushed.windows);
	CHECK(c.page_ns >= 0 && c.flushed_page_ns >= 0);
	if (!c.flush_error)
		CHECK(c.flushed.windows >= 4 && c.flushed.least > 0.9 && c.flushed.least <= 1);
}

/* Bits that were cleared are set by the next touch after the process flushed its own TLB. */
static void a_flush_of_its_own_lets_a_second_touch_set_the_bit(void)
{
	unsigned char *base, *scratch;
	uint64_t size = 4 << 20;
	FILE *clear, *smaps;
	char line[512];
	unsigned long from, to;
	long long kib = -1, found = -1;
	int inside = 0;

	CHECK(accessgen_map_guarded(size, 0, &base) == 0);
	CHECK(accessgen_map_scratch(&scratch) == 0);
	for (int i = 0; i < 3; i++)
		accessgen_touch_pages(base, size);
	clear = fopen("/proc/self/clear_refs", "w");
	CHECK(clear && fputs("1", clear) >= 0 && fclose(clear) == 0);
	CHECK(accessgen_flush_tlb(scratch) == 0);
	accessgen_touch_pages(base, size);
	smaps = fopen("/proc/self/smaps", "r");
	while (smaps && fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			inside = from == (unsigned long)base;
		else if (inside && sscanf(line, "Referenced: %lld", &kib) == 1)
			found = kib;
	}
	if (smaps)
		fclose(smaps);
	CHECK(found == 4096);
	accessgen_unmap_scratch(scratch);
	accessgen_unmap_guarded(base, size);
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

static void loads_devices(void)
{
	struct accessgen_config c;

	CHECK(accessgen_parse(written("a,8192,/dev/zero\n\np\n0\na,0,1,1\n"), &c) == 0 && accessgen_map(&c) == 0);
	CHECK(!c.regions[0].base[0] && !c.regions[0].base[8191]);
	accessgen_free(&c);
}

static void a_handle_does_it_without_structures(void)
{
	struct accessgen *g;
	char error[256];
	uint64_t touches[2] = {99, 99};

	CHECK(accessgen_open(written("a,1M\nb,8192,at 0x200000000000\n\np\n0\na,0,4096,1\n"), &g, error, sizeof(error)) == 0);
	CHECK(accessgen_nr_regions(g) == 2);
	CHECK(accessgen_region_address(g, 1) == 0x200000000000ull && accessgen_region_bytes(g, 1) == 8192);
	CHECK(*(unsigned char *)(uintptr_t)accessgen_region_address(g, 0) == 1);
	CHECK(accessgen_run_all(g, 1, touches) == 0 && touches[0] == 0 && touches[1] == 0);
	accessgen_close(g);
	CHECK(accessgen_open("/nonexistent.cfg", &g, error, sizeof(error)) == ENOENT && !g && strstr(error, "/nonexistent.cfg"));
}

static void the_program_logs_what_it_touched_and_when(void)
{
	char log[] = "/tmp/accessgen-log-XXXXXX", command[512], line[256];
	uint64_t last = 0, sum = 0, printed = 0, base[2] = {0};
	int rows = 0;
	FILE *f;

	close(mkstemp(log));
	unlink(log);
	snprintf(command, sizeof(command), "build/accessgen run --log %s %s", log,
		 written("a,1M\nb,1M,small\n\none\n300\na,0,4096,1,wo,256K..768K\n\nnothing\n0\na,0,1,1\n\nidle\n1\na,0,1,0\n\ntwo\n20\nb,1,0,1,ro\n"));
	f = popen(command, "r");
	while (fgets(line, sizeof(line), f)) {
		uint64_t n = 0;

		CHECK(sscanf(line, "%*[^:]: %" SCNu64 " accesses in", &n) == 1);
		printed += n;
	}
	CHECK(pclose(f) == 0);
	f = fopen(log, "r");
	CHECK(f && fgets(line, sizeof(line), f) && !strcmp(line, "from_ns,to_ns,phase,region,accesses,start,size_bytes,stride_bytes,random\n"));
	for (int r = 0; r < 2; r++) {
		uint64_t size;

		CHECK(fgets(line, sizeof(line), f) && sscanf(line, "%*u,%*u,,%*c,0,%" SCNu64 ",%" SCNu64 ",0,0", &base[r], &size) == 2);
		CHECK(size == 1 << 20);
	}
	while (fgets(line, sizeof(line), f)) {
		uint64_t from, to, n, start, size, stride;
		char phase[32], region[32];
		int random;

		CHECK(sscanf(line, "%" SCNu64 ",%" SCNu64 ",%31[^,],%31[^,],%" SCNu64 ",%" SCNu64 ",%" SCNu64 ",%" SCNu64 ",%d", &from,
			     &to, phase, region, &n, &start, &size, &stride, &random) == 9);
		if (*region == 'a')
			CHECK(start == base[0] + (256 << 10) && size == 512 << 10 && stride == 4096 && !random);
		else
			CHECK(start == base[1] && size == 1 << 20 && stride == 0 && random);
		CHECK(from >= last && from < to && n > 0);
		CHECK(strcmp(phase, "one") ? !strcmp(phase, "two") && !strcmp(region, "b") : !strcmp(region, "a"));
		last = to;
		sum += n;
		rows++;
	}
	/* a machine that stops for long leaves out what it slept over */
	CHECK(rows >= 1 && sum == printed);
	fclose(f);
	unlink(log);
}

/* The status of the program with these options, and whether it says so in one line. */
static int status_with(const char *options, const char *said)
{
	char command[512], out[1024];
	size_t n;
	FILE *f;
	int status;

	snprintf(command, sizeof(command), "build/accessgen run %s %s 2>&1", options, written("a,1M\n\np\n1\na,chase,64,1,rw\n"));
	f = popen(command, "r");
	n = fread(out, 1, sizeof(out) - 1, f);
	out[n] = 0;
	status = pclose(f) >> 8;
	CHECK(strstr(out, said) != NULL);
	return status;
}

static void options_that_cannot_be_had_are_told_of(void)
{
	CHECK(status_with("--threads 3 --cpus 0", "p: ") == 0);
	CHECK(status_with("--threads 0", "usage: ") == 2);
	CHECK(status_with("--threads 65", "usage: ") == 2);
	CHECK(status_with("--cpus 0:1", "accessgen: --cpus is a list") == 2);
	CHECK(status_with("--cpus 1023", "accessgen: --cpus: there is no processor 1023") == 4);
	CHECK(status_with("--numa bind:x", "accessgen: --numa is bind, ") == 2);
	CHECK(status_with("--threads 2 --log /tmp/accessgen-no-such-log", "accessgen: --log tells what one thread did") == 2);
	/* and leave nothing */
	CHECK(status_with("--cpus 1023 --log /tmp/accessgen-no-such-log", "accessgen: --cpus") == 4);
	CHECK(access("/tmp/accessgen-no-such-log", F_OK) != 0);
	CHECK(status_with("--log /proc/nothing", "accessgen: /proc/nothing: ") == 3);
}

static void puts_a_region_where_it_was_asked_to(void)
{
	struct accessgen_config c;

	CHECK(accessgen_parse(written("a,1M,at 0x200000000000\nb,1M,none, at 0x300000000000\n\np\n0\na,0,1,1\n"), &c) == 0);
	CHECK(accessgen_map(&c) == 0);
	CHECK((uintptr_t)c.regions[0].base == 0x200000000000ull && (uintptr_t)c.regions[1].base == 0x300000000000ull);
	accessgen_free(&c);
	CHECK(accessgen_parse(written("a,1M,at 0x200000000000\nb,1M,at 0x200000010000\n\np\n0\na,0,1,1\n"), &c) == 0);
	CHECK(accessgen_map(&c) == EEXIST && strstr(c.error, "region b") != NULL);
	accessgen_free(&c);
}

int main(void)
{
	parses_forgivingly();
	names_line_and_rule();
	a_hash_inside_a_name_is_no_comment();
	what_windows_and_editors_leave_is_forgiven();
	a_directory_is_no_configuration();
	names_line_and_rule_of_what_cannot_be_mapped();
	every_region_is_one_mapping();
	a_flush_shows_all_that_is_touched_and_costs_are_sane();
	a_flush_of_its_own_lets_a_second_touch_set_the_bit();
	loads_a_file_shorter_than_the_region();
	loads_devices();
	a_handle_does_it_without_structures();
	the_program_logs_what_it_touched_and_when();
	puts_a_region_where_it_was_asked_to();
	options_that_cannot_be_had_are_told_of();
	unlink(written(""));
	printf("accessgen: %d checks, %d failed\n", checks, failures);
	return failures ? 1 : 0;
}
