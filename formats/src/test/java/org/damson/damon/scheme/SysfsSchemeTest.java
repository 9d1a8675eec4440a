package org.damson.damon.scheme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.damson.damon.scheme.Range.Unit;
import org.damson.model.InvalidInputException;
import org.junit.jupiter.api.Test;

/** Schemes as files of sysfs, read and written. */
final class SysfsSchemeTest extends ParsedSchemes {
    @Test
    void aDumpOfSysfsIsReadInEveryForm() throws Exception {
        List<String> lines =
                java.nio.file.Files.readAllLines(java.nio.file.Path.of("../testdata/tracefs-6.18/sysfs-running.tsv"));
        for (String between : List.of(" ", "=", ":", " = ")) {
            StringBuilder dump = new StringBuilder();
            for (String line : lines) {
                String[] f = line.split("\t", -1);
                if (f[1].equals("f")) {
                    dump.append("/sys/" + f[2] + between + f[3].replaceAll("\\\\n.*", "") + "\n");
                }
            }
            List<Scheme> schemes = SchemeParser.parse(dump.toString());
            assertEquals(2, schemes.size(), between);
            assertEquals(1 << 20, schemes.get(1).quota().sizeBytes());
            assertEquals(300, schemes.get(1).quota().resetMs());
            assertEquals(new Range(1, 1000, Unit.SAMPLES), schemes.get(1).access());
        }
        List<Scheme> two = SchemeParser.parse("kdamonds/0/contexts/0/schemes/0/action pageout\n"
                + "kdamonds/1/contexts/0/schemes/0/action cold\nkdamonds/1/contexts/0/schemes/nr_schemes 1");
        assertEquals(
                List.of(Action.PAGEOUT, Action.COLD),
                two.stream().map(Scheme::action).toList());
        assertThrows(InvalidInputException.class, () -> one("schemes/nr_schemes 2\nschemes/0/action pageout"));
    }

    /** damo's default is {@code max}, which the kernel never reaches; a sysfs file that was not written has 0. */
    @Test
    void theWindowOfAQuotaWithoutResetIntervalIsThatOfWhoIsTold() {
        Quota forEver = new Quota(0, 1 << 30, Range.MAX, 0, 0, 0, List.of(), false);
        assertEquals(
                forEver, one("--damos_action pageout --damos_quota_space 1G").quota());
        assertEquals(forEver, one("pageout quotas/bytes=1G").quota());
        assertEquals(
                forEver,
                one("schemes/0/action pageout\nschemes/0/quotas/bytes 1073741824\n"
                                + "schemes/0/quotas/reset_interval_ms 18446744073709551615")
                        .quota());
        assertEquals(
                0,
                one("schemes/0/action pageout\nschemes/0/quotas/bytes 1073741824")
                        .quota()
                        .resetMs());
    }

    /** Only the second has a filter and a goal: without a count of none for the first they would be the first's. */
    @Test
    void filtersAndGoalsOfSeveralSchemesStayWhereTheyAre() {
        List<Scheme> schemes = SchemeParser.parse("pageout quotas/bytes=1M\n"
                + "stat filters/0/type=anon quotas/goals/0/target_metric=some_mem_psi_us"
                + " quotas/goals/0/target_value=3");
        String damo = SchemeText.damo(schemes, 5_000, 100_000);
        assertTrue(damo.endsWith(" --damos_nr_quota_goals 0 1 --damos_nr_filters 0 1"), damo);
        List<Scheme> back = SchemeParser.parse(damo);
        for (int i = 0; i < 2; i++) {
            assertEquals(schemes.get(i).filters(), back.get(i).filters());
            assertEquals(schemes.get(i).quota().goals(), back.get(i).quota().goals());
        }
    }

    /** Counts come before what they count: the kernel makes the directories then. */
    @Test
    void filesOfSysfsCanBeWrittenInTheirOrder() {
        String text =
                "migrate_hot quotas/bytes=1G quotas/goals/0/target_metric=user_input quotas/goals/0/target_value=3"
                        + " filters/0/type=addr filters/0/addr_start=4096 filters/0/addr_end=8192 filters/0/matching=N"
                        + " dests/0/id=1 dests/0/weight=2 max_nr_snapshots=9";
        Scheme s = one(text);
        List<String> lines =
                SchemeText.sysfs(List.of(s), "c", 5_000, 100_000).lines().toList();
        assertEquals(
                List.of(
                        "c/schemes/nr_schemes 1",
                        "c/schemes/0/action migrate_hot",
                        "c/schemes/0/access_pattern/sz/min 0",
                        "c/schemes/0/access_pattern/sz/max 18446744073709551615",
                        "c/schemes/0/access_pattern/nr_accesses/min 0",
                        "c/schemes/0/access_pattern/nr_accesses/max 4294967295",
                        "c/schemes/0/access_pattern/age/min 0",
                        "c/schemes/0/access_pattern/age/max 4294967295",
                        "c/schemes/0/quotas/ms 0",
                        "c/schemes/0/quotas/bytes 1073741824",
                        "c/schemes/0/quotas/reset_interval_ms 4294967295",
                        "c/schemes/0/quotas/weights/sz_permil 0",
                        "c/schemes/0/quotas/weights/nr_accesses_permil 0",
                        "c/schemes/0/quotas/weights/age_permil 0",
                        "c/schemes/0/quotas/goals/nr_goals 1",
                        "c/schemes/0/quotas/goals/0/target_metric user_input",
                        "c/schemes/0/quotas/goals/0/target_value 3",
                        "c/schemes/0/quotas/goals/0/current_value 0",
                        "c/schemes/0/filters/nr_filters 1",
                        "c/schemes/0/filters/0/type addr",
                        "c/schemes/0/filters/0/matching N",
                        "c/schemes/0/filters/0/allow N",
                        "c/schemes/0/filters/0/addr_start 4096",
                        "c/schemes/0/filters/0/addr_end 8192",
                        "c/schemes/0/dests/nr_dests 1",
                        "c/schemes/0/dests/0/id 1",
                        "c/schemes/0/dests/0/weight 2",
                        "c/schemes/0/stats/max_nr_snapshots 9"),
                lines);
        Scheme back = one(String.join("\n", lines));
        same(s, back);
        assertEquals(s.destinations(), back.destinations());
        assertEquals(9, back.maxSnapshots());
    }

    /** Several files as head and tail print them. */
    @Test
    void readsFilesUnderTheirNames() {
        String text =
                """
                ==> contexts/0/schemes/nr_schemes <==
                1

                ==> contexts/0/schemes/0/action <==
                pageout

                ==> contexts/0/schemes/0/access_pattern/age/min <==
                50
                ==> contexts/0/schemes/0/filters/nr_filters <==
                """;
        List<Scheme> schemes = SchemeParser.parse(text);
        assertEquals(1, schemes.size());
        assertEquals(Action.PAGEOUT, schemes.get(0).action());
        assertEquals(50, schemes.get(0).age().min());
    }

    /** As in damo's documents: it is not the schemes', and it is not passed over in silence. */
    @Test
    void whatASetUpHasBesideSchemesIsNamed() {
        List<Scheme> schemes = SchemeParser.parse("/sys/kernel/mm/damon/admin/kdamonds/0/state on\n"
                + "/sys/kernel/mm/damon/admin/kdamonds/0/pid 321\n"
                + "/sys/kernel/mm/damon/admin/kdamonds/0/refresh_ms 0\n"
                + "/sys/kernel/mm/damon/admin/kdamonds/0/contexts/nr_contexts 2\n"
                + "/sys/kernel/mm/damon/admin/kdamonds/0/contexts/0/avail_operations vaddr\n"
                + "/sys/kernel/mm/damon/admin/kdamonds/0/contexts/0/addr_unit 4096\n"
                + "/sys/kernel/mm/damon/admin/kdamonds/0/contexts/0/monitoring_attrs/intervals/intervals_goal/access_bp 400\n"
                + "/sys/kernel/mm/damon/admin/kdamonds/0/contexts/0/monitoring_attrs/probes/0/filters/0/type anon\n"
                + "/sys/kernel/mm/damon/admin/kdamonds/0/contexts/0/targets/0/pid_target 7\n"
                + "/sys/kernel/mm/damon/admin/kdamonds/0/contexts/0/schemes/nr_schemes 2\n"
                + "/sys/kernel/mm/damon/admin/kdamonds/0/contexts/0/schemes/0/action stat\n"
                + "/sys/kernel/mm/damon/admin/kdamonds/0/contexts/0/schemes/1/action cold\n"
                + "/sys/kernel/mm/damon/admin/kdamonds/0/contexts/1/schemes/0/action pageout\n");
        assertEquals(
                List.of("refresh_ms", "addr_unit", "monitoring_attrs", "targets"),
                schemes.get(0).unused());
        assertEquals(List.of(), schemes.get(1).unused());
        assertEquals(List.of("a context of its own"), schemes.get(2).unused());
    }
}
