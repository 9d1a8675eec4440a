package org.damson.analyzer.whatif;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.damson.analyzer.whatif.Advice.Kind;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Built workloads whose right advice is known, seen by the closed loop's DAMON. */
final class AdvisorTest {
    private static final MonitoringAttrs ATTRS =
            new MonitoringAttrs(5_000, 100_000, 1_000_000, 20, 1000, MonitoringAttrs.IntervalsOrigin.GIVEN);

    @TempDir
    Path dir;

    private List<Advice> advise(String plan, double speed, int repeat) throws Exception {
        Kdamond k = new Kdamond(
                new Kdamond.Options(ATTRS, KernelVersion.V6_18, 0, 1, null, List.of(), OutcomeOptions.DEFAULTS, 11),
                () -> PlannedAccesses.of(plan, speed, repeat));
        Manifest m = new Manifest();
        m.attrs = ATTRS;
        Path path = dir.resolve("t.damson");
        Snapshot s = new Snapshot();
        try (TraceSink sink = Traces.create(path, m, WriterOptions.BATCH)) {
            while (k.next(s)) {
                sink.append(s);
            }
        }
        try (TraceSource t = Traces.open(path)) {
            List<Advice> all = Advisor.advise(t, TraceQuery.ALL, OpenLoopOptions.DEFAULTS, OutcomeOptions.DEFAULTS);
            for (Advice a : all) {
                assertTrue(a.text().matches(".*\\d.*"), "every sentence has its number: " + a.text());
                assertFalse(a.numbers().isEmpty(), a.text());
            }
            return all;
        }
    }

    private static Set<Kind> kinds(List<Advice> all) {
        return all.stream().map(Advice::kind).collect(Collectors.toSet());
    }

    private static Advice one(List<Advice> all, Kind kind) {
        return all.stream().filter(a -> a.kind() == kind).findFirst().orElseThrow();
    }

    private static String text(List<Advice> all) {
        return all.stream().map(Advice::text).collect(Collectors.joining("\n"));
    }

    @Test
    void whatIsReadOnceAndLeftIsPagedOut() throws Exception {
        // 256 MiB are read at the beginning, then 16 MiB are used.
        List<Advice> all = advise(
                "big, 256M\nhot, 16M\n\nload\n5000\nbig, 0, 4096, 1\n\nserve\n85000\nhot, 0, 4096, 1\n", 50e6, 1);
        assertTrue(kinds(all).containsAll(Set.of(Kind.WORTH, Kind.RECLAIM, Kind.PAGEOUT)), text(all));
        assertFalse(kinds(all).contains(Kind.NOTHING), text(all));
        double out = ((Number) one(all, Kind.RECLAIM).numbers().get("out_bytes")).doubleValue();
        assertTrue(out > 0.7 * (256 << 20) && out < 1.05 * (272 << 20), "bytes out: " + out);
        double range = ((Number) one(all, Kind.PAGEOUT).numbers().get("bytes")).doubleValue();
        assertEquals(256 << 20, range, 0.1 * (256 << 20));
    }

    @Test
    void aSmallProgramThatUsesAllItHasGainsNothing() throws Exception {
        List<Advice> all = advise("all, 3M\n\nrun\n90000\nall, 0, 4096, 1\n", 50e6, 1);
        assertTrue(kinds(all).contains(Kind.NOTHING), text(all));
        for (Kind k : List.of(Kind.WORTH, Kind.RECLAIM, Kind.TIER, Kind.HUGEPAGE, Kind.MLOCK, Kind.PAGEOUT)) {
            assertFalse(kinds(all).contains(k), k + " in:\n" + text(all));
        }
    }

    @Test
    void memoryThatComesBackEveryTenSecondsIsNotPagedOutBefore() throws Exception {
        List<Advice> all = advise(
                "always, 16M\nagain, 128M\n\nscan\n2000\nagain, 0, 4096, 1\n\nwait\n8000\nalways, 0, 4096, 1\n",
                50e6,
                12);
        for (Advice a : all) {
            if (a.kind() == Kind.RECLAIM) {
                assertTrue((Long) a.numbers().get("min_age_us") >= 7_500_000, a.text());
            }
        }
        assertFalse(
                kinds(all).contains(Kind.RECLAIM)
                        && ((Number) one(all, Kind.RECLAIM).numbers().get("out_bytes")).doubleValue() > 100 << 20,
                text(all));
    }

    @Test
    void aLargeHotRangeGetsHugePages() throws Exception {
        List<Advice> all = advise("hot, 192M\n\nrun\n90000\nhot, 0, 4096, 1\n", 100e6, 1);
        assertTrue(kinds(all).containsAll(Set.of(Kind.WORTH, Kind.HUGEPAGE)), text(all));
        assertFalse(kinds(all).contains(Kind.RECLAIM), text(all));
        assertEquals(
                192 << 20, ((Number) one(all, Kind.HUGEPAGE).numbers().get("bytes")).doubleValue(), 0.1 * (192 << 20));
    }

    @Test
    void aHotPartOfMemoryThatIsAllTouchedNowAndThenGetsTiers() throws Exception {
        // 32 MiB always; 256 MiB of which every page is touched each two seconds or so.
        List<Advice> all = advise("hot, 32M\nwarm, 256M\n\nrun\n90000\nhot, 0, 4096, 99\nwarm, 1, 4096, 1\n", 3.3e6, 1);
        assertTrue(kinds(all).containsAll(Set.of(Kind.WORTH, Kind.TIER)), text(all));
        assertFalse(kinds(all).contains(Kind.RECLAIM), text(all));
        Advice tier = one(all, Kind.TIER);
        assertTrue((Double) tier.numbers().get("fast_hit_share") > 0.6, tier.text());
    }
}
