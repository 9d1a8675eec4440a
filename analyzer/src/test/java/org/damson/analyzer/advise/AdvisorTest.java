package org.damson.analyzer.advise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.damson.analyzer.advise.Advice.Kind;
import org.damson.analyzer.closedloop.Kdamond;
import org.damson.analyzer.closedloop.PlannedAccesses;
import org.damson.analyzer.damos.KernelVersion;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
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

    private int traces;

    private List<Advice> advise(String plan, double speed, int repeat) throws Exception {
        return advise(plan, speed, repeat, new Manifest(), sink -> {});
    }

    private interface More {
        void write(TraceSink sink) throws IOException;
    }

    private List<Advice> advise(String plan, double speed, int repeat, Manifest m, More more) throws Exception {
        Kdamond k = new Kdamond(
                new Kdamond.Options(ATTRS, KernelVersion.V6_18, 0, 1, null, List.of(), OutcomeOptions.DEFAULTS, 11),
                () -> PlannedAccesses.of(plan, speed, repeat));
        m.attrs = ATTRS;
        Path path = dir.resolve("t" + traces++ + ".damson");
        Snapshot s = new Snapshot();
        try (TraceSink sink = Traces.create(path, m, WriterOptions.BATCH)) {
            while (k.next(s)) {
                sink.append(s);
            }
            more.write(sink);
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
        for (Kind k : List.of(Kind.WORTH, Kind.RECLAIM, Kind.TIER, Kind.HUGEPAGE, Kind.PAGEOUT)) {
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
    void theCodeThatTouchesARangeIsNamed() throws Exception {
        String plan = "hot, 192M\n\nrun\n20000\nhot, 0, 4096, 1\n";
        Advice without = one(advise(plan, 100e6, 1), Kind.HUGEPAGE);
        assertFalse(without.numbers().containsKey("samples"), without.text());
        long start = Long.decode((String) without.numbers().get("start"));
        for (int pids = 1; pids <= 2; pids++) {
            int second = 6 + pids;
            Advice a = one(advise(plan, 100e6, 1, new Manifest(), sink -> touches(sink, start, second)), Kind.HUGEPAGE);
            if (pids == 2) {
                assertFalse(a.numbers().containsKey("samples"), "whose memory it is is not known: " + a.text());
                continue;
            }
            assertEquals(3L, a.numbers().get("samples"));
            assertEquals("init_table+0x10 in program", a.numbers().get("first_place"));
            assertEquals("look_up+0x20 in program", a.numbers().get("most_place"));
            assertEquals(2L, a.numbers().get("most_place_samples"));
            assertTrue(
                    a.text()
                            .endsWith("Of 3 samples there the first is at init_table+0x10 in program, and 2 are at"
                                    + " look_up+0x20 in program."),
                    a.text());
        }
    }

    /** Samples with addresses in a range, the last of them of a second process. */
    private static void touches(TraceSink sink, long start, int second) throws IOException {
        Batch frames = new Batch(Table.FRAMES);
        frames.add(1, "asm_exc_page_fault", "[kernel.kallsyms]", "", 4);
        frames.add(2, "init_table", "/opt/program", "", 0x10);
        frames.add(3, "look_up", "/opt/program", "", 0x20);
        frames.add(4, "main", "/opt/program", "", 0x30);
        sink.append(frames);
        Batch stacks = new Batch(Table.STACKS);
        long[][] all = {{1, 2, 4}, {3, 4}, {1, 3}};
        for (int s = 0; s < all.length; s++) {
            for (int d = 0; d < all[s].length; d++) {
                stacks.add(s, d, all[s][d]);
            }
        }
        sink.append(stacks);
        Batch samples = new Batch(Table.SAMPLES);
        samples.add(3_000_000L, 7, 7, 0, "page-faults", start + 4096, 1, 1);
        samples.add(1_000_000L, 7, 7, 0, "page-faults", start, 1, 0);
        samples.add(4_000_000L, second, 7, 0, "page-faults", start + 8192, 1, 2);
        samples.add(4_000_000L, 7, 7, 0, "page-faults", start - 4096, 1, 0);
        samples.add(5_000_000L, 7, 7, 0, "cycles", 0, 1, 0);
        sink.append(samples);
    }

    /** A child has its parent's addresses; samples are of virtual ones. */
    @Test
    void theCodeIsThatOfTheTargetsProcess() throws Exception {
        String plan = "hot, 192M\n\nrun\n20000\nhot, 0, 4096, 1\n";
        long start = Long.decode(
                (String) one(advise(plan, 100e6, 1), Kind.HUGEPAGE).numbers().get("start"));
        Manifest known = new Manifest();
        ManifestKey.PIDS_RECORDED.put(known, List.of(7L));
        Advice a = one(advise(plan, 100e6, 1, known, sink -> touches(sink, start, 8)), Kind.HUGEPAGE);
        assertEquals(2L, a.numbers().get("samples"));
        assertEquals("init_table+0x10 in program", a.numbers().get("first_place"));
        Manifest physical = new Manifest();
        ManifestKey.OPS.put(physical, "paddr");
        assertTrue(advise(plan, 100e6, 1, physical, sink -> touches(sink, start, 7)).stream()
                .noneMatch(b -> b.numbers().containsKey("samples")));
    }

    /** A process may be advised on its own addresses only: not by those of the machine's memory. */
    @Test
    void nothingIsAdvisedOnRangesOfPhysicalMemory() throws Exception {
        for (String plan : List.of(
                "hot, 192M\n\nrun\n20000\nhot, 0, 4096, 1\n",
                "big, 128M\nhot, 4M\n\nload\n3000\nbig, 0, 4096, 1\n\nserve\n67000\nhot, 0, 4096, 1\n")) {
            assertTrue(
                    kinds(advise(plan, 50e6, 1)).stream().anyMatch(k -> k == Kind.HUGEPAGE || k == Kind.PAGEOUT), plan);
            Manifest physical = new Manifest();
            ManifestKey.OPS.put(physical, "paddr");
            List<Advice> all = advise(plan, 50e6, 1, physical, sink -> {});
            assertTrue(kinds(all).stream().noneMatch(k -> k == Kind.HUGEPAGE || k == Kind.PAGEOUT), text(all));
        }
    }

    /** DAMON numbers its targets: the mappings of one are those of the process that the recording lists in its place. */
    @Test
    void aRangeIsBackedByTheMappingsOfItsOwnProcess() throws Exception {
        String plan = "hot, 192M\n\nrun\n20000\nhot, 0, 4096, 1\n";
        long start = Long.decode(
                (String) one(advise(plan, 100e6, 1), Kind.HUGEPAGE).numbers().get("start"));
        for (int file : new int[] {8, 7}) {
            Manifest two = new Manifest();
            ManifestKey.PIDS_RECORDED.put(two, List.of(7L, 8L));
            List<Advice> all = advise(plan, 100e6, 1, two, sink -> {
                Batch mappings = new Batch(Table.MAPPINGS);
                for (int pid : new int[] {7, 8}) {
                    mappings.add(
                            0,
                            pid,
                            start - (1 << 20),
                            start + (256 << 20),
                            "rw-p",
                            pid == file ? "/usr/lib/x.so" : "",
                            0);
                }
                for (int pid : new int[] {7, 8}) { // both end at one time
                    mappings.add(
                            30_000_000_000L,
                            pid,
                            start - (1 << 20),
                            start + (256 << 20),
                            "rw-p",
                            pid == file ? "/usr/lib/x.so" : "",
                            1);
                }
                sink.append(mappings);
            });
            assertEquals(file == 8, kinds(all).contains(Kind.HUGEPAGE), text(all));
            if (file == 8) {
                assertEquals("anonymous", one(all, Kind.HUGEPAGE).numbers().get("mapping"));
            }
        }
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
    void tiersAreAdvisedOnlyWhereMigrationFindsMoreThanNone() throws Exception {
        // 256 MiB are touched first and fill the fast tier; then each page of them each two seconds or so, and 32 MiB
        // always.
        String run = "run\n88000\nhot, 0, 4096, 99\nwarm, 1, 4096, 1\n";
        List<Advice> all = advise("warm, 256M\nhot, 32M\n\nload\n2000\nwarm, 0, 4096, 1\n\n" + run, 3.3e6, 1);
        assertTrue(kinds(all).containsAll(Set.of(Kind.WORTH, Kind.TIER)), text(all));
        assertFalse(kinds(all).contains(Kind.RECLAIM), text(all));
        Advice.Gain gain = one(all, Kind.TIER).gain();
        assertTrue(gain.done() > 0.6 && gain.done() > gain.nothing() + 0.05, text(all));
        // What is hot is in the fast tier from the beginning: migration moves it out and in for nothing.
        all = advise("hot, 32M\nwarm, 256M\n\n" + run, 3.3e6, 1);
        assertFalse(kinds(all).contains(Kind.TIER), text(all));
    }

    /** Memory that is left, by what maps it: what the kernel never pages out is no gain. */
    @Test
    void whatCannotGoOutIsNotAdvisedToBePagedOut() throws Exception {
        String plan = "big, 128M\nhot, 4M\n\nload\n3000\nbig, 0, 4096, 1\n\nserve\n67000\nhot, 0, 4096, 1\n";
        long start = Long.decode(
                (String) one(advise(plan, 50e6, 1), Kind.PAGEOUT).numbers().get("start"));
        for (String name :
                List.of("", "/dev/shm/x", "/anon_hugepage (deleted)", "/dev/hugepages/pool", "/dev/dri/card0")) {
            boolean goesOut = name.isEmpty() || name.equals("/dev/shm/x");
            List<Advice> all = advise(plan, 50e6, 1, new Manifest(), sink -> {
                Batch mappings = new Batch(Table.MAPPINGS);
                mappings.add(0, 7, start - (1L << 30), start - (1 << 20), "rw-p", "", 0);
                mappings.add(0, 7, start - (1 << 20), start + (129 << 20), "rw-s", name, 0);
                mappings.add(0, 7, start + (129 << 20), start + (1L << 30), "rw-p", "", 0);
                sink.append(mappings);
            });
            assertEquals(goesOut, kinds(all).contains(Kind.PAGEOUT), name + "\n" + text(all));
            assertEquals(goesOut, kinds(all).contains(Kind.RECLAIM), name + "\n" + text(all));
        }
    }

    private static void readings(TraceSink sink, long locked, long swapFree) throws IOException {
        Batch memory = new Batch(Table.MEMORY);
        for (int i = 0; i < 70; i++) {
            long now = i * 1_000_000_000L;
            memory.add(now, 7, "locked", locked);
            memory.add(now, 7, "rss", 140L << 20);
            memory.add(now, 0, "swap_total", 1L << 30);
            memory.add(now, 0, "swap_free", swapFree);
        }
        sink.append(memory);
    }

    @Test
    void lockedMemoryIsNotAdvisedToBePagedOutAndSwapThatIsFullIsSaid() throws Exception {
        String plan = "big, 128M\nhot, 4M\n\nload\n3000\nbig, 0, 4096, 1\n\nserve\n67000\nhot, 0, 4096, 1\n";
        List<Advice> all = advise(plan, 50e6, 1, new Manifest(), sink -> readings(sink, 0, 1L << 30));
        assertTrue(kinds(all).containsAll(Set.of(Kind.RECLAIM, Kind.PAGEOUT)), text(all));
        assertFalse(one(all, Kind.RECLAIM).gain().why().contains("swap"), text(all));
        all = advise(plan, 50e6, 1, new Manifest(), sink -> readings(sink, 136L << 20, 1L << 30));
        assertTrue(kinds(all).contains(Kind.NOTHING), text(all));
        assertFalse(kinds(all).contains(Kind.RECLAIM) || kinds(all).contains(Kind.PAGEOUT), text(all));
        for (long free : new long[] {0, 1 << 20}) {
            all = advise(plan, 50e6, 1, new Manifest(), sink -> readings(sink, 0, free));
            for (Kind kind : List.of(Kind.RECLAIM, Kind.PAGEOUT)) {
                Advice.Gain gain = one(all, kind).gain();
                assertTrue(gain.why().contains("memory that has no file stays"), gain.toString());
                assertTrue(gain.confidence() != Advice.Confidence.HIGH, gain.toString());
            }
        }
    }
}
