package org.damson.recorder.damon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.damson.damon.scheme.Action;
import org.damson.damon.scheme.Filter;
import org.damson.damon.scheme.Quota;
import org.damson.damon.scheme.Range;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.Watermarks;
import org.damson.damon.setup.DamonSetup;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.recorder.kernel.DamonUnavailableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a set-up is written, as each kernel has it, and what is refused. */
final class OwnKdamondSettingsTest extends KdamondSetUp {
    @Test
    void aSettingThatThisKernelDoesNotHaveIsNamedAndNothingIsLeftBehind() throws Exception {
        damon = fake("6.12", false);
        Map<String, String> before = damon.tree();
        DamonSetup tuned = DamonSetup.DEFAULT.withGoal(new DamonSetup.IntervalsGoal(400, 3, 5000, 10_000_000));
        DamonUnavailableException e = assertThrows(DamonUnavailableException.class, () -> setUp(tuned, false, 1000L));
        assertTrue(e.getMessage().contains("intervals_goal"), e.getMessage());
        assertEquals(before, damon.tree());
    }

    @Test
    void physicalMemoryHasOneTargetWithItsRanges() throws Exception {
        Files.createDirectories(damon.root.resolve("proc"));
        Files.writeString(
                damon.root.resolve("proc/iomem"),
                "00000000-00000fff : Reserved\n00001000-0009fbff : System RAM\n  00002000-00003000 : Kernel code\n"
                        + "00100000-3fffffff : System RAM\n100000000-17fffffff : System RAM\n");
        Path node = Files.createDirectories(damon.sys.resolve("devices/system/node/node1"));
        Files.createDirectories(node.resolve("memory32"));
        Files.createDirectories(node.resolve("memory33"));
        Files.createDirectories(damon.sys.resolve("devices/system/memory"));
        Files.writeString(damon.sys.resolve("devices/system/memory/block_size_bytes"), "8000000\n");
        Path proc = damon.root.resolve("proc");
        List<DamonSetup.AddressRange> all = SystemRam.ranges(damon, proc, damon.sys, -1);
        assertEquals(
                List.of(
                        new DamonSetup.AddressRange(0x1000, 0x9fc00),
                        new DamonSetup.AddressRange(0x100000, 0x40000000),
                        new DamonSetup.AddressRange(0x100000000L, 0x180000000L)),
                all);
        assertEquals(
                List.of(new DamonSetup.AddressRange(0x100000000L, 0x110000000L)),
                SystemRam.ranges(damon, proc, damon.sys, 1));
        assertThrows(IOException.class, () -> SystemRam.ranges(damon, proc, damon.sys, 2));
    }

    @Test
    void everySettingOfASchemeIsAFileThatTheKernelHas() throws Exception {
        Scheme scheme = Scheme.of(Action.PAGEOUT)
                .withSize(new Range(4096, Range.MAX, Range.Unit.BYTES))
                .withAccess(new Range(0, 0, Range.Unit.SAMPLES))
                .withAge(new Range(50, Range.MAX, Range.Unit.AGGREGATIONS))
                .withApplyUs(200_000)
                .withQuota(new Quota(10, 128 << 20, 1000, 0, 3, 7, List.of(), false))
                .withWatermarks(new Watermarks(true, 5_000_000, 500, 400, 200));
        OwnKdamond own = setUp(DamonSetup.DEFAULT.withSchemes(List.of(scheme)), false, 1000L);
        String dir = "contexts/0/schemes/0/";
        assertEquals("pageout", value(dir + "action"));
        assertEquals("18446744073709551615", value(dir + "access_pattern/sz/max"));
        assertEquals("50", value(dir + "access_pattern/age/min"));
        assertEquals("4294967295", value(dir + "access_pattern/age/max"));
        assertEquals("134217728", value(dir + "quotas/bytes"));
        assertEquals("7", value(dir + "quotas/weights/age_permil"));
        assertEquals("free_mem_rate", value(dir + "watermarks/metric"));
        assertEquals("200000", value(dir + "apply_interval_us"));
        own.close();
        assertEquals("0\n", Files.readString(damon.kdamonds.resolve("nr_kdamonds")));
    }

    private static DamonSetup newerSetup() {
        Quota.Goal goal = new Quota.Goal(Quota.Metric.NODE_MEM_USED_BP, 9_900, 0, 1, "");
        Scheme migrate = Scheme.of(Action.MIGRATE_HOT)
                .withAccess(new Range(1, 20, Range.Unit.SAMPLES))
                .withAge(new Range(0, 1000, Range.Unit.AGGREGATIONS))
                .withQuota(new Quota(0, 1 << 20, 1000, 0, 0, 0, List.of(goal), true))
                .withDestinations(List.of(new Scheme.Destination(0, 3), new Scheme.Destination(1, 1)))
                .withMaxSnapshots(12);
        DamonSetup.ProbeFilter anon = new DamonSetup.ProbeFilter("anon", true, true, "");
        DamonSetup.ProbeFilter memcg = new DamonSetup.ProbeFilter("memcg", false, false, "/a/b");
        return DamonSetup.DEFAULT
                .withSchemes(List.of(migrate))
                .withProbes(List.of(new DamonSetup.Probe(List.of(anon, memcg))));
    }

    /** {@code damo} writes the greatest number for it; the kernel takes that for one window that never ends. */
    @Test
    void aQuotaWithoutAResetIntervalIsOneWindowForEver() throws Exception {
        Scheme scheme =
                Scheme.of(Action.PAGEOUT).withQuota(new Quota(0, 1 << 30, Range.MAX, 0, 0, 0, List.of(), false));
        DamonSetup setup = DamonSetup.DEFAULT.withSchemes(List.of(scheme, Scheme.of(Action.STAT)));
        OwnKdamond own = setUp(setup, false, 1000L);
        assertEquals("4294967295", value("contexts/0/schemes/0/quotas/reset_interval_ms"));
        assertEquals("0", value("contexts/0/schemes/1/quotas/reset_interval_ms"), "no quota, no window");
        own.close();
    }

    @Test
    void boundsInTimeAndPercentFollowTheIntervalsThatAreSetUp() throws Exception {
        Scheme scheme = Scheme.of(Action.PAGEOUT)
                .withAccess(new Range(500, 5_000, Range.Unit.ACCESS_BP))
                .withAge(new Range(2_000_000, Range.MAX, Range.Unit.MICROSECONDS));
        DamonSetup setup = DamonSetup.DEFAULT
                .withSchemes(List.of(scheme))
                .withAttrs(new MonitoringAttrs(
                        5_000, 200_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.GIVEN));
        OwnKdamond own = setUp(setup, false, 1000L);
        String dir = "contexts/0/schemes/0/access_pattern/";
        assertEquals("10", value(dir + "age/min"));
        assertEquals("2", value(dir + "nr_accesses/min"));
        assertEquals("20", value(dir + "nr_accesses/max"));
        own.close();
    }

    @Test
    void settingsOfNewerKernelsAreWrittenWhereTheyAre() throws Exception {
        damon.isNewer();
        OwnKdamond own = setUp(newerSetup(), false, 1000L);
        String dir = "contexts/0/schemes/0/";
        assertEquals("12", value(dir + "stats/max_nr_snapshots"));
        assertEquals("temporal", value(dir + "quotas/goal_tuner"));
        assertEquals("1", value(dir + "quotas/goals/0/nid"));
        assertEquals("0", value(dir + "dests/0/id"));
        assertEquals("3", value(dir + "dests/0/weight"));
        assertEquals("1", value(dir + "dests/1/id"));
        String probe = "contexts/0/monitoring_attrs/probes/0/filters/";
        assertEquals("anon", value(probe + "0/type"));
        assertEquals("Y", value(probe + "0/allow"));
        assertEquals("memcg", value(probe + "1/type"));
        assertEquals("N", value(probe + "1/matching"));
        assertEquals("/a/b", value(probe + "1/path"));
        Manifest manifest = new Manifest();
        own.describe(manifest.recording);
        assertTrue(
                ManifestKey.DAMON_NOTES.list(manifest).toString().contains("physical memory"),
                manifest.recording::toString);
        own.close();
        assertEquals("0\n", Files.readString(damon.kdamonds.resolve("nr_kdamonds")));
    }

    @Test
    void settingsThatTheKernelDoesNotHaveAreRefusedByNameAndUndone() {
        DamonSetup none = DamonSetup.DEFAULT;
        DamonSetup newer = newerSetup();
        refused(none.withProbes(newer.probes()), "monitoring_attrs/probes/nr_probes");
        Scheme s = newer.schemes()
                .get(0)
                .withQuota(Quota.NONE)
                .withDestinations(List.of())
                .withMaxSnapshots(0);
        Quota tuned = new Quota(0, 0, 0, 0, 0, 0, List.of(), true);
        refused(none.withSchemes(List.of(s.withQuota(tuned))), "schemes/N/quotas/goal_tuner");
        refused(none.withSchemes(List.of(s.withMaxSnapshots(5))), "schemes/N/stats/max_nr_snapshots");
    }

    private static DamonSetup filtered(Filter... filters) {
        return DamonSetup.DEFAULT.withSchemes(List.of(Scheme.of(Action.STAT).withFilters(List.of(filters))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"6.12", "6.18"})
    void filtersThatRejectAreSetUpOnEveryKernel(String kernel) throws Exception {
        damon = fake(kernel, false);
        Map<String, String> before = damon.tree();
        Filter anon = new Filter(Filter.Type.ANON, false, false, 0, 0, "");
        Filter range = new Filter(Filter.Type.ADDR, true, false, 4096, 8192, "");
        OwnKdamond own = setUp(filtered(anon, range), false, 1000L);
        String dir = "contexts/0/schemes/0/filters/";
        assertEquals("2", value(dir + "nr_filters"));
        assertEquals("anon", value(dir + "0/type"));
        assertEquals("N", value(dir + "0/matching"));
        assertEquals("Y", value(dir + "1/matching"));
        assertEquals("8192", value(dir + "1/addr_end"));
        boolean hasAllow = Files.exists(damon.kdamonds.resolve("0").resolve(dir + "0/allow"));
        assertEquals(kernel.equals("6.18"), hasAllow);
        assertEquals(hasAllow ? "N" : "none", hasAllow ? value(dir + "0/allow") : "none");
        own.close();
        assertEquals(before, damon.tree());
    }

    @Test
    void filtersThatAllowAreRefusedWhereFiltersOnlyReject() throws Exception {
        Filter anon = new Filter(Filter.Type.ANON, true, true, 0, 0, "");
        OwnKdamond own = setUp(filtered(anon), false, 1000L);
        assertEquals("Y", value("contexts/0/schemes/0/filters/0/allow"));
        own.close();
        damon = fake("6.12", false);
        refused(filtered(anon), "schemes/N/filters/N/allow: its filters only reject what they match");
    }

    private void refused(DamonSetup setup, String file) {
        DamonUnavailableException e = assertThrows(DamonUnavailableException.class, () -> setUp(setup, false, 1000L));
        assertEquals("this kernel's DAMON has no setting " + file, e.getMessage());
        assertEquals("0", damon.text(damon.kdamonds.resolve("nr_kdamonds")));
    }
}
