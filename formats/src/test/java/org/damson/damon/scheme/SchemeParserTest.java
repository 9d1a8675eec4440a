package org.damson.damon.scheme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.damson.damon.scheme.Range.Unit;
import org.damson.model.InvalidInputException;
import org.junit.jupiter.api.Test;

final class SchemeParserTest extends ParsedSchemes {
    private static final Scheme PRCL = Scheme.of(Action.PAGEOUT)
            .withSize(new Range(4096, Range.MAX, Unit.BYTES))
            .withAccess(new Range(0, 0, Unit.SAMPLES))
            .withAge(new Range(5_000_000, Range.MAX, Unit.MICROSECONDS));

    @Test
    void theSameSchemeInEveryForm() {
        for (String text : List.of(
                "prcl",
                "pageout size=4K..max access=0..0 age=5s..max",
                "pageout size=4096.. access=0..0% age=5000ms..",
                "--damos_action pageout --damos_sz_region 4K max --damos_access_rate 0 0 --damos_age 5s max",
                "--damos_action pageout --damos_sz_region 4096 max --damos_access_rate 0% 0% --damos_age 5000000 max",
                "# a comment\n4K max 0 0 5s max pageout",
                "4K max min min 5s max pageout",
                "[{\"action\":\"pageout\",\"access_pattern\":{\"sz_bytes\":{\"min\":\"4 KiB\",\"max\":\"max\"},"
                        + "\"nr_accesses_unit\":\"percent\",\"nr_accesses\":{\"min\":\"min\",\"max\":\"min\"},"
                        + "\"age\":{\"min\":\"5 s\",\"max\":\"max\"}}}]",
                "{\"kdamonds\":[{\"contexts\":[{\"schemes\":[{\"action\":\"pageout\",\"access_pattern\":{"
                        + "\"sz_bytes\":{\"min\":4096,\"max\":\"16.000 EiB\"},\"nr_accesses\":{\"min\":\"0 %\","
                        + "\"max\":\"0 %\"},\"age\":{\"min\":\"50 aggr_intervals\",\"max\":\"max\"}}}]}]}]}",
                "schemes/0/action=pageout\nschemes/0/access_pattern/sz/min=4096\n"
                        + "schemes/0/access_pattern/sz/max=18446744073709551615\n"
                        + "schemes/0/access_pattern/nr_accesses/max=0\nschemes/0/access_pattern/age/min=50\n"
                        + "schemes/0/access_pattern/age/max=4294967295",
                "4K na 0 0 5s pageout")) {
            if (text.contains("EiB")) {
                assertThrows(InvalidInputException.class, () -> one(text));
                same(PRCL, one(text.replace("16.000 EiB", "max")));
            } else {
                same(PRCL, one(text));
            }
        }
    }

    /** damo of 2022 named units beside numbers, and ends before what they end. */
    @Test
    void unitsMayStandBesideTheirNumbers() {
        String json =
                "[{\"name\":\"0\",\"action\":\"pageout\",\"access_pattern\":{\"min_sz_bytes\":\"4K\",\"max_sz_bytes\":\"max\","
                        + "\"nr_accesses_unit\":\"UNIT\",\"min_nr_accesses\":3,\"nr_accesses\":{\"max\":\"max\"},"
                        + "\"age_unit\":\"aggr_intervals\",\"min_age\":50,\"max_age\":\"max\"},"
                        + "\"filters\":[{\"name\":\"0\",\"filter_type\":\"anon\",\"matching\":true}]}]";
        String rest = "age=50aggr..max filters/0/type=anon";
        same(one("pageout size=4K..max access=3..max " + rest), one(json.replace("UNIT", "sample_intervals")));
        same(one("pageout size=4K..max access=3..max " + rest), one(json.replace("UNIT", "samples")));
        same(one("pageout size=4K..max access=3%..max " + rest), one(json.replace("UNIT", "percent")));
        same(
                one("pageout size=4K..max access=3%..max " + rest.replace("50aggr", "50us")),
                one(json.replace("UNIT", "percent").replace("\"aggr_intervals\"", "\"usec\"")));
        assertThrows(InvalidInputException.class, () -> one(json.replace("UNIT", "furlongs")));
    }

    /** As {@code cat schemes} printed it in debugfs, and damo wrote it there, of every generation. */
    @Test
    void linesOfNumbersAreTheKernels() {
        String max = "18446744073709551615";
        same(one("hugepage size=0..max access=1..20 age=0aggr..42949aggr"), one("0\t" + max + "\t1\t20\t0\t42949\t3"));
        Scheme quota =
                one("pageout size=4K..max access=0..0 age=50aggr..max quotas/bytes=500M quotas/reset_interval_ms=1000");
        String pattern = "4096 " + max + " 0 0 50 4294967295 2 ";
        same(quota, one(pattern + "524288000 1000"));
        same(quota, one(pattern + "524288000 1000 0 0 0"));
        same(quota, one(pattern + "524288000 1000 0 0 0 0 0 0 0 0"));
        same(quota, one(pattern + "0 524288000 1000 0 0 0 0 0 0 0 0"));
        same(quota, one(pattern + "0 524288000 1000 0 0 0 0 0 0 0 0 5 20480 5 20480 1"));
        Scheme marks = one(pattern + "0 524288000 1000 0 3 7 1 5000000 500 300 100");
        assertEquals(true, marks.watermarks().freeMemRate());
        assertEquals(300, marks.watermarks().mid());
        assertThrows(
                InvalidInputException.class,
                () -> one(pattern.replace(" 2 ", " 9 ").strip()));
        assertThrows(InvalidInputException.class, () -> one("4K max 0 0 5s max pageout" + " 0".repeat(16)));
    }

    @Test
    void aCommandLineIsReadAsAShellReadsIt() {
        for (String text : List.of(
                "sudo damo start --damos_action pageout \\\n   --damos_sz_region 4K max \\\r\n --damos_access_rate 0 0 \\\n--damos_age 5s max",
                "$ damo start --damos_action=pageout --damos_sz_region 4K max --damos_access_rate 0 0 --damos_age 5\\s max",
                "pageout size=4K..max \\\n access=0..0 age=5s..max")) {
            same(PRCL, one(text));
        }
        assertEquals(
                "/a b's\"",
                one("--damos_action stat --damos_filter reject memcg \"/a b's\\\"\"")
                        .filters()
                        .get(0)
                        .memcgPath());
        // The short form is not a shell's: names of systemd's groups have backslashes.
        assertEquals(
                "/a\\x2db",
                one("stat filters/0/type=memcg filters/0/memcg_path=/a\\x2db")
                        .filters()
                        .get(0)
                        .memcgPath());
    }

    @Test
    void whatAWholeCommandSaysOfTheMonitoringIsNamedAsUnused() {
        Scheme s = one("sudo ./damo start --ops vaddr --monitoring_intervals 5ms 100ms 1s --damos_action pageout"
                + " --damos_sz_region 4K max --damos_access_rate 0 0 --damos_age 5s max 4711");
        same(PRCL, s);
        assertEquals(List.of("--ops", "--monitoring_intervals", "the target '4711'"), s.unused());
        // Options alone end in no target.
        assertThrows(InvalidInputException.class, () -> one("--damos_action pageout --damos_age 5s max 4711"));
    }

    @Test
    void pathsOfAnyCharactersComeBackFromEveryText() {
        for (String path : List.of("/a b", "/it's", "/say \"x\"", "/'\"", "/a\\x2db", "/$HOME", "/d\u00e4")) {
            Filter memcg = new Filter(Filter.Type.MEMCG, true, false, 0, Range.MAX, path);
            Scheme s = Scheme.of(Action.STAT).withFilters(List.of(memcg));
            assertEquals(List.of(memcg), one(SchemeText.shortForm(s)).filters(), path);
            assertEquals(
                    path,
                    one(SchemeText.damo(List.of(s), 5_000, 100_000))
                            .filters()
                            .get(0)
                            .memcgPath());
        }
    }

    @Test
    void whatIsNotZeroNeverBecomesZero() {
        // A quota of 0 ms is none at all, and an age of 0 matches everything.
        for (String text : List.of(
                "pageout quotas/ms=500us",
                "pageout quotas/ms=1 quotas/reset_interval_ms=0.5ms",
                "pageout apply_interval_us=900ns",
                "pageout age=100ns..max",
                "--damos_action pageout --damos_quota_time 500us")) {
            InvalidInputException e = assertThrows(InvalidInputException.class, () -> one(text), text);
            assertTrue(e.getMessage().contains("is below the minimum of 1 "), e.getMessage());
        }
        assertEquals(1, one("pageout quotas/ms=1500us").quota().timeMs());
    }

    @Test
    void theRuleLineOfTheFirstPostingIsRead() {
        Scheme s = one("na 500M 15 20 100ms mlock");
        assertEquals(Action.MLOCK, s.action());
        assertEquals(new Range(0, 500L << 20, Unit.BYTES), s.size());
        assertEquals(new Range(15, 20, Unit.SAMPLES), s.access());
        assertEquals(new Range(1, Range.KERNEL_MAX, Unit.AGGREGATIONS), s.age().inKernelUnits(5_000, 100_000));
        assertEquals(Action.HUGEPAGE, one("na na 15 na 100ms madv_hugepage").action());
    }

    @Test
    void damosOptionsOfSeveralSchemesKeepTheirOrder() {
        List<Scheme> s = SchemeParser.parse("--damos_action lru_prio --damos_access_rate 20% max"
                + " --damos_quotas 20ms 0 1s 0 3 7 --damos_wmarks free_mem_rate 5s 20% 15% 5%"
                + " --damos_action lru_deprio --damos_access_rate 0 0 --damos_quotas 10 1G 2s");
        assertEquals(2, s.size());
        assertEquals(new Quota(20, 0, 1000, 0, 3, 7, List.of(), false), s.get(0).quota());
        assertEquals(new Watermarks(true, 5_000_000, 200, 150, 50), s.get(0).watermarks());
        assertEquals(
                new Quota(10, 1L << 30, 2000, 0, 0, 0, List.of(), false),
                s.get(1).quota());
        assertFalse(s.get(1).watermarks().freeMemRate());
    }

    @Test
    void filtersAndGoalsOfBothDamoFormsAreRead() {
        Filter rejectAnon = new Filter(Filter.Type.ANON, true, false, 0, Range.MAX, "");
        assertEquals(
                List.of(rejectAnon),
                one("--damos_action pageout --damos_filter reject anon").filters());
        assertEquals(
                List.of(rejectAnon),
                one("--damos_action pageout --damos_filter anon matching").filters());
        assertEquals(
                List.of(new Filter(Filter.Type.ADDR, false, true, 4096, 8192, ""), rejectAnon),
                one("--damos_action pageout --damos_filter allow none addr 4096 8192 reject anon")
                        .filters());
        Quota q = one("--damos_action pageout --damos_quotas 0 0 1s --damos_quota_goal some_mem_psi_us 10ms")
                .quota();
        assertEquals(List.of(new Quota.Goal(Quota.Metric.SOME_MEM_PSI_US, 10_000, 0)), q.goals());
    }

    @Test
    void wrongWordsNameTheKnownOnes() {
        UnknownWordException e =
                assertThrows(UnknownWordException.class, () -> SchemeParser.parse("pageot size=4K..max"));
        assertEquals("pageot", e.word());
        assertTrue(e.known().contains("pageout"));
        e = assertThrows(UnknownWordException.class, () -> SchemeParser.parse("prlc"));
        assertTrue(e.known().contains("prcl"));
        e = assertThrows(
                UnknownWordException.class,
                () -> SchemeParser.parse("--damos_action pageout --damos_filter reject annon"));
        assertTrue(e.known().contains("anon"));
        assertThrows(UnknownWordException.class, () -> SchemeParser.parse("--damos_acton pageout"));
        assertThrows(UnknownWordException.class, () -> SchemeParser.parse("pageout sise=4K..max"));
        assertThrows(UnknownWordException.class, () -> SchemeParser.parse("pageout quotas/bites=4K"));
    }

    @Test
    void contradictionsOverflowsAndMissingUnitsAreErrors() {
        for (String[] c : new String[][] {
            {"pageout size=8K..4K", "contradictory"},
            {"pageout age=5..10", "unit"},
            {"4K max 0 0 5 max pageout", "unit"},
            {"pageout age=5s..2s", "contradictory"},
            {"pageout age=20aggr..5s", "same unit"},
            {"pageout size=99999999P..max", "too large"},
            {"pageout access=150%..max", "100 %"},
            {"pageout access=5", "range"},
            {"--damos_action pageout --damos_sz_region 4K", "2 values"},
            {"--damos_action pageout --damos_age 1s max --damos_age 2s max", "more --damos_age"},
            {"--damos_sz_region 4K max", "--damos_action is missing"},
            {"size=4K..max", "needs an action"},
            {"pageout watermarks/metric=free_mem_rate watermarks/high=10 watermarks/mid=20", "watermarks"},
            {"[1]", "objects"},
            {"{\"x\":1}", "neither"},
            {"[{\"action\":", "not JSON"},
            {"", "no scheme"},
            {"pageout \"size=4K", "quote"},
            {"--damos_action pageout --damos_quotas 1 1 1s --damos_quota_goal user_input 0 5", "target above 0"}
        }) {
            IllegalArgumentException e =
                    assertThrows(InvalidInputException.class, () -> SchemeParser.parse(c[0]), c[0]);
            assertTrue(e.getMessage().contains(c[1]), c[0] + ": " + e.getMessage());
            assertFalse(e.getMessage().contains("\n"));
        }
    }

    @Test
    void everyPresetParsesAndItsTextGivesItBack() {
        for (String name : SchemeParser.presets()) {
            List<Scheme> schemes = SchemeParser.parse(name);
            for (Scheme s : schemes) {
                same(s, one(SchemeText.shortForm(s)));
            }
            List<Scheme> back = SchemeParser.parse(SchemeText.damo(schemes));
            List<Scheme> sysfs = SchemeParser.parse(SchemeText.sysfs(schemes, "contexts/0", 5_000, 100_000));
            for (int i = 0; i < schemes.size(); i++) {
                same(schemes.get(i), back.get(i));
                same(schemes.get(i), sysfs.get(i));
            }
        }
    }

    @Test
    void theTableTakesPercentAndMoreWords() {
        assertEquals(
                Range.Unit.ACCESS_BP,
                one("min max 75 max 100ms max willneed").access().unit());
        assertEquals(
                new Range(15, Range.KERNEL_MAX, Unit.SAMPLES),
                one("min max 75 max 100ms max willneed").access().inKernelUnits(5_000, 100_000));
        assertEquals(
                new Range(2, 4, Unit.SAMPLES),
                one("min max 10 20 200ms 1h cold").access().inKernelUnits(5_000, 100_000));
        assertEquals(
                new Quota(0, 300L << 20, 1000, 0, 0, 0, List.of(), false),
                one("4K max min min 5s max pageout 300M 1s").quota());
        assertEquals(
                new Quota(0, 300L << 20, 1000, 1, 2, 3, List.of(), false),
                one("4K max min min 5s max pageout 300M 1s 1 2 3").quota());
        Scheme s = one("4K max min min 5s max pageout 300M 1s 1 2 3 free_mem_rate 5s 500 400 200");
        assertEquals(new Watermarks(true, 5_000_000, 500, 400, 200), s.watermarks());
        s = one("4K max 0 0 5s max pageout 10ms 300M 1s 0 3 7 free_mem_rate 5s 500 400 200");
        assertEquals(new Quota(10, 300L << 20, 1000, 0, 3, 7, List.of(), false), s.quota());
        assertEquals(new Watermarks(true, 5_000_000, 500, 400, 200), s.watermarks());
        assertFalse(one("4K max 0 0 5s max pageout 0s 0B max 0 3 7 none 0s 0 0 0")
                .watermarks()
                .freeMemRate());
    }

    @Test
    void placesOfGoalsAndMigrationsAreKept() {
        Quota q = one("--damos_action pageout --damos_quota_goal node_mem_free_bp 0.5% 1")
                .quota();
        assertEquals(List.of(new Quota.Goal(Quota.Metric.NODE_MEM_FREE_BP, 50, 0, 1, "")), q.goals());
        q = one("--damos_action pageout --damos_quota_goal node_memcg_used_bp 69.7% 0 workloads/b")
                .quota();
        assertEquals(List.of(new Quota.Goal(Quota.Metric.NODE_MEMCG_USED_BP, 6970, 0, 0, "workloads/b")), q.goals());
        assertThrows(
                InvalidInputException.class,
                () -> one("--damos_action pageout --damos_quota_goal some_mem_psi_us 10ms 3"));
        assertEquals(
                List.of(new Scheme.Destination(0, 1), new Scheme.Destination(1, 3)),
                one("--damos_action migrate_hot 0 1 1 3").destinations());
        assertEquals(2, one("--damos_action migrate_cold 2").targetNode());
        assertThrows(InvalidInputException.class, () -> one("--damos_action migrate_hot 0 1 1"));
    }

    /** Whatever a text holds, what is wrong with it is told as the user's, and nothing else is. */
    @Test
    void mutatedTextsAreReadOrRefused() {
        Random random = new Random(7);
        List<String> seeds = List.of(
                "pageout size=4K..max access=0..5% age=5s..max quotas/bytes=1G filters/0/type=addr"
                        + " filters/0/addr_start=4096 filters/0/addr_end=8192 watermarks/high=50%",
                "--damos_action migrate_hot 0 1 1 3 --damos_access_rate 5% 50% --damos_age 1s 2s"
                        + " --damos_quotas 10 1G 1s 0 3 7 --damos_filter reject memcg /a --damos_wmarks none 5s 50% 40% 20%",
                "- action: stat\n  access_pattern:\n    sz_bytes: {min: 4K, max: max}\n  quotas: {ms: 1, sz_bytes: 18446744073709551615}\n",
                "schemes/0/action pageout\nschemes/0/access_pattern/age/min 99999999999999999999\nschemes/nr_schemes 1");
        String words = "{}[]\":,.-+%e0919999999999999999 \n\\u0000minmaxKms/;=e-99999999";
        int read = 0;
        for (int i = 0; i < 8_000; i++) {
            StringBuilder text = new StringBuilder(seeds.get(i % seeds.size()));
            for (int n = random.nextInt(3) + 1; n > 0; n--) {
                int at = random.nextInt(text.length());
                int end = Math.min(text.length(), at + random.nextInt(5));
                int from = random.nextInt(words.length() - 20);
                text.replace(at, end, words.substring(from, from + random.nextInt(20)));
            }
            try {
                SchemeParser.parse(text.toString());
                read++;
            } catch (InvalidInputException e) {
                assertEquals(1, e.getMessage().lines().count(), e.getMessage());
            }
        }
        assertTrue(read > 100, read + " were read");
    }

    /** Reckoned with, such numbers took hundreds of megabytes. */
    @Test
    void numbersOfAbsurdLengthAreRefusedAtOnce() {
        for (String number : List.of("1e-900000000", "1e900000000", "0." + "0".repeat(100) + "1", "1".repeat(100))) {
            assertThrows(InvalidInputException.class, () -> one("pageout access=" + number + "%..max"), number);
        }
    }

    @Test
    void whatTuneSaysToInstallIsReadBack() {
        Random random = new Random(11);
        for (int i = 0; i < 500; i++) {
            int least = random.nextInt(20);
            int age = random.nextInt(100);
            String text = "migrate_hot size=4K..max access=" + least + ".." + (least + random.nextInt(21 - least))
                    + " age=" + age + "aggr.." + (random.nextBoolean() ? "max" : age + 7 + "aggr")
                    + (random.nextBoolean() ? " dests/0/id=0 dests/0/weight=2 dests/1/id=1 dests/1/weight=3" : "")
                    + " quotas/goals/0/target_metric=node_memcg_free_bp quotas/goals/0/target_value=300"
                    + " quotas/goals/0/nid=1 quotas/goals/0/path=/jobs/a quotas/reset_interval_ms=700 quotas/bytes="
                    + random.nextInt(9) + "M"
                    + (random.nextBoolean() ? " quotas/goal_tuner=temporal" : "");
            Scheme s = one(text);
            String damo = "damo start " + SchemeText.damo(List.of(s), 5_000, 100_000);
            assertFalse(damo.contains("samples") || damo.contains("aggr"), damo);
            same(s, one(damo));
            assertEquals(s.destinations(), one(damo).destinations());
            StringBuilder sysfs = new StringBuilder();
            SchemeText.sysfs(List.of(s), "/sys/kernel/mm/damon/admin/kdamonds/0/contexts/0", 5_000, 100_000)
                    .lines()
                    .forEach(l -> sysfs.append("    ").append(l).append('\n'));
            same(s, one(sysfs.toString()));
        }
        assertThrows(InvalidInputException.class, () -> SchemeText.damo(List.of(one("stat access=3..5"))));
    }

    @Test
    void percentagesAreCutAsDamoCutsThem() {
        Scheme s = one("hugepage access=5%..33%");
        assertEquals(new Range(1, 6, Unit.SAMPLES), s.access().inKernelUnits(5_000, 100_000));
        assertEquals(
                new Range(50, Range.KERNEL_MAX, Unit.AGGREGATIONS),
                one("pageout age=5.09s..max").age().inKernelUnits(5_000, 100_000));
    }

    @Test
    void mutatedTextIsReadOrRefusedInOneLine() {
        List<String> seeds = List.of(
                "pageout size=4K..max access=0..0 age=5s..max quotas/ms=10",
                "--damos_action pageout --damos_sz_region 4K max --damos_filter allow addr 1 2",
                "[{\"action\":\"pageout\",\"access_pattern\":{\"age\":{\"min\":\"5 s\",\"max\":\"max\"}}}]",
                "4K max 0 0 5s max pageout",
                "schemes/0/action pageout\nschemes/0/filters/0/type anon");
        Random random = new Random(5);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder b = new StringBuilder(seeds.get(random.nextInt(seeds.size())));
            for (int k = random.nextInt(4); k >= 0; k--) {
                int at = random.nextInt(b.length());
                switch (random.nextInt(3)) {
                    case 0 -> b.deleteCharAt(at);
                    case 1 -> b.insert(at, (char) (32 + random.nextInt(95)));
                    default -> b.setCharAt(at, (char) (32 + random.nextInt(95)));
                }
                if (b.isEmpty()) {
                    b.append('x');
                }
            }
            try {
                SchemeParser.parse(b.toString());
            } catch (IllegalArgumentException e) {
                assertFalse(e.getMessage().contains("\n"), b.toString());
            }
        }
    }

    @Test
    void damosYamlIsReadLikeItsJson() {
        String yaml =
                """
                kdamonds:
                - contexts:
                  - schemes:
                    - action: pageout
                      access_pattern:
                        sz_bytes: {min: 4.000 KiB, max: max}
                        nr_accesses: {min: 0 %, max: 0 %}
                        age: {min: 5 s, max: max}
                """;
        String json =
                """
                [{"action": "pageout", "access_pattern": {"sz_bytes": {"min": "4.000 KiB", "max": "max"},
                "nr_accesses": {"min": "0 %", "max": "0 %"}, "age": {"min": "5 s", "max": "max"}}}]
                """;
        assertEquals(SchemeParser.parse(json), SchemeParser.parse(yaml));
        assertThrows(InvalidInputException.class, () -> SchemeParser.parse("action: [pageout"));
        assertThrows(UnknownWordException.class, () -> SchemeParser.parse("action: pagout"));
        assertThrows(InvalidInputException.class, () -> SchemeParser.parse("--- !!java.util.Date x"));
    }

    @Test
    void whatAFilterDoesNotHaveIsRefused() {
        for (String odd : List.of(
                "{\"action\":\"stat\",\"filters\":[{\"type\":\"addr\",\"address_range\":{\"begin\":1}}]}",
                "{\"action\":\"stat\",\"filters\":[{\"type\":\"hugepage_size\",\"hugepage_size\":[1,2,3]}]}")) {
            assertThrows(UnknownWordException.class, () -> one(odd), odd);
        }
    }
}
