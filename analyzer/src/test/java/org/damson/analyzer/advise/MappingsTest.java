package org.damson.analyzer.advise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.memory.CostModel;
import org.damson.analyzer.memory.Outcome;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.openloop.OpenLoop;
import org.damson.analyzer.openloop.OpenLoopResult;
import org.damson.analyzer.openloop.Sweep;
import org.damson.analyzer.render.whatif.CurvesReports;
import org.damson.analyzer.scan.TouchedBytes;
import org.damson.analyzer.workingset.WorkingSet;
import org.damson.analyzer.workingset.WorkingSetOptions;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.SchemeParser;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What-if, curves and advice over regions that are mappings, of which a part was touched. */
final class MappingsTest {
    private static final long MIB = 1 << 20;
    private static final long BASE = 0x7f0000000000L;

    @TempDir
    Path dir;

    /** A Java program: 24 MiB are gone over all the time, 96 MiB were filled once, in one heap mapping of 256 MiB. */
    private static TraceSource javaHot() throws Exception {
        return Traces.open(Path.of("..", "testdata", "java-hot", "hot.damson"));
    }

    @Test
    void curvesOfAJavaProgramKnowItsHotArray() throws Exception {
        try (TraceSource t = javaHot()) {
            double wss = WorkingSet.compute(t, TraceQuery.ALL, WorkingSetOptions.DEFAULTS)
                    .total()
                    .bySize(50);
            assertEquals(24.3 * MIB, wss, 0.1 * MIB);
            Curves c = Curves.of(t, TraceQuery.ALL, 0).get(0);
            assertTrue(c.isPartial());
            // Start-up is in it too: 120 MiB for two seconds.
            assertEquals(36 * MIB, c.workingSet(), 3 * MIB);
            assertTrue(c.workingSetMost() <= 155 * MIB, "resident are 154.4 MiB in the mean");
            assertEquals(30 * MIB, c.dramByHeat(0.99), 3 * MIB);
            // The array that was filled once is in a mapping in use: since when it is idle is not known.
            assertTrue(c.undecidedBytes() > 96 * MIB, "undecided: " + c.undecidedBytes());
            for (Curves.Point p : c.points(32)) {
                assertTrue(p.cold().likely() < 6 * MIB, "surely cold: " + p.cold());
                assertTrue(p.cold().most() <= 155 * MIB, "resident bounds it: " + p.cold());
            }
        }
    }

    @Test
    void nothingSimulatedOverMappingsIsExact() throws Exception {
        List<Scheme> schemes = SchemeParser.parse("pageout access=0..0 age=5s..max");
        try (TraceSource t = javaHot()) {
            OpenLoopResult r =
                    OpenLoop.run(t, TraceQuery.ALL, schemes, OpenLoopOptions.DEFAULTS, OutcomeOptions.DEFAULTS, null);
            assertFalse(r.schemes().get(0).isExact());
            assertTrue(
                    r.notes().stream().anyMatch(n -> n.contains("which part of one was touched")),
                    r.notes().toString());
            Outcome o = r.outcome();
            assertTrue(o.knownBytes() <= 175 * MIB, "seen touched: " + o.knownBytes());
            assertTrue(o.workingSetMeanBytes() < 60 * MIB, "working set: " + o.workingSetMeanBytes());
            assertTrue(
                    o.savedBytes().likely() < 6 * MIB && o.savedBytes().most() <= 155 * MIB,
                    o.savedBytes().toString());
            for (String question : List.of("migrate_hot access=25%..max target_nid=0")) {
                IllegalArgumentException e = assertThrows(
                        IllegalArgumentException.class,
                        () -> OpenLoop.run(
                                t,
                                TraceQuery.ALL,
                                SchemeParser.parse(question),
                                OpenLoopOptions.DEFAULTS,
                                new OutcomeOptions(CostModel.ZRAM, 0, 64 * MIB),
                                null));
                assertTrue(e.getMessage().contains("which part of a mapping is hot"), e.getMessage());
            }
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Sweep.run(t, TraceQuery.ALL, new long[] {0}, new int[] {0}, new long[] {0}));
        }
    }

    @Test
    void nothingIsAdvisedThatMappingsCannotTell() throws Exception {
        try (TraceSource t = javaHot()) {
            List<Advice> all = Advisor.advise(t, TraceQuery.ALL, OpenLoopOptions.DEFAULTS, OutcomeOptions.DEFAULTS);
            assertTrue(all.stream().allMatch(a -> a.gain() == null), all.toString());
            Advice counters = all.stream()
                    .filter(a -> a.kind() == Advice.Kind.COUNTERS)
                    .findFirst()
                    .orElseThrow();
            assertTrue(counters.text().contains("memory was not short"), counters.text());
            assertFalse(counters.text().contains("short already"), counters.text());
        }
    }

    /**
     * By hand, 100 s: 32 MiB of which 24 are touched all the time; 128 MiB of which 96 are touched in the first second and none
     * after; a library of 16 MiB, all of it hot; and 64 MiB that were touched at first and that no mapping backs any more.
     */
    private Path built() throws Exception {
        Path path = dir.resolve("built.damson");
        Manifest m = new Manifest();
        m.source = "referenced";
        long[] sizes = {32 * MIB, 128 * MIB, 16 * MIB, 64 * MIB};
        long[] hot = {24 * MIB, 0, 16 * MIB, 0};
        long[] first = {24 * MIB, 96 * MIB, 16 * MIB, 64 * MIB};
        try (TraceSink sink = Traces.create(path, m, WriterOptions.BATCH)) {
            Batch memory = new Batch(Table.MEMORY);
            Snapshot s = new Snapshot();
            for (int n = 0; n < 100; n++) {
                s.clear();
                s.target = 7;
                s.startNs = n * 1_000_000_000L;
                s.endNs = s.startNs + 1_000_000_000L;
                s.sampleUs = 100_000;
                s.aggrUs = 1_000_000;
                s.columns = Snapshot.HAS_AGE | Snapshot.HAS_REFERENCED;
                s.reserve(4);
                for (int a = 0; a < 4; a++) {
                    long touched = n == 0 ? first[a] : hot[a];
                    long start = BASE + a * (1L << 32);
                    int i = s.add(start, start + sizes[a], touched > 0 ? 10 : 0, touched > 0 ? n : n - 1);
                    s.referencedMin[i] = touched;
                    s.referencedMean[i] = touched;
                    s.referencedMax[i] = touched;
                }
                memory.add(s.startNs, 7, "rss", (24 + 96 + 16) * MIB);
                sink.append(s);
            }
            Batch mappings = new Batch(Table.MAPPINGS);
            String[] names = {"", "", "/lib/x.so"};
            for (int a = 0; a < 3; a++) {
                long start = BASE + a * (1L << 32);
                mappings.add(0, 7, start, start + sizes[a], "rw-p", names[a], 0);
            }
            sink.append(mappings);
            sink.append(memory);
        }
        return path;
    }

    @Test
    void advisesWholeMappingsByTheBytesThatWereTouched() throws Exception {
        try (TraceSource t = Traces.open(built())) {
            Curves c = Curves.of(t, TraceQuery.ALL, 0).get(0);
            assertEquals(40 * MIB, c.dramByHeat(1), 2 * MIB);
            List<Advice> all = Advisor.advise(t, TraceQuery.ALL, OpenLoopOptions.DEFAULTS, OutcomeOptions.DEFAULTS);
            List<Advice> out =
                    all.stream().filter(a -> a.kind() == Advice.Kind.PAGEOUT).toList();
            assertEquals(1, out.size(), all.toString());
            assertEquals(96.0 * MIB, out.get(0).gain().done(), "of 128 MiB; and none for what no mapping backs");
            assertEquals(Advice.Confidence.LOW, out.get(0).gain().confidence());
            Advice huge = all.stream()
                    .filter(a -> a.kind() == Advice.Kind.HUGEPAGE)
                    .findFirst()
                    .orElseThrow();
            assertEquals("anonymous", huge.numbers().get("mapping"));
            assertEquals(8L * MIB, huge.numbers().get("bloat_bytes"));
            assertTrue(all.stream().noneMatch(a -> a.text().contains("x.so")), all.toString());
            Advice reclaim = all.stream()
                    .filter(a -> a.kind() == Advice.Kind.RECLAIM)
                    .findFirst()
                    .orElseThrow();
            assertTrue(reclaim.gain().done() > 80 * MIB && reclaim.gain().done() <= 97 * MIB, reclaim.text());
        }
    }

    /** Random processes: mappings that grow, go and come, samples of any share, and resident bytes between touched and mapped. */
    private Path random(long seed) throws Exception {
        Random r = new Random(seed);
        Path path = dir.resolve(seed + ".damson");
        Manifest m = new Manifest();
        m.source = "referenced";
        int areas = 3 + r.nextInt(8);
        long[] size = new long[areas];
        for (int a = 0; a < areas; a++) {
            size[a] = 4096L * (1 + r.nextInt(1 << (4 + r.nextInt(13))));
        }
        double[] resident = r.doubles(areas, 0.02, 1).toArray();
        int[] age = new int[areas];
        try (TraceSink sink = Traces.create(path, m, WriterOptions.BATCH)) {
            Batch mappings = new Batch(Table.MAPPINGS);
            Batch memory = new Batch(Table.MEMORY);
            Snapshot s = new Snapshot();
            for (int n = 0; n < 40; n++) {
                s.clear();
                s.target = 7;
                s.startNs = n * 1_000_000_000L;
                s.endNs = s.startNs + 1_000_000_000L;
                s.sampleUs = 100_000;
                s.aggrUs = 1_000_000;
                s.columns = Snapshot.HAS_AGE | Snapshot.HAS_REFERENCED;
                s.reserve(areas);
                long rss = 0;
                for (int a = 0; a < areas; a++) {
                    long start = BASE + a * (1L << 32);
                    if (r.nextInt(12) == 0) {
                        size[a] += 4096L * r.nextInt(512);
                    }
                    long in = (long) (size[a] * resident[a]) & -4096;
                    rss += in;
                    boolean idle = in == 0 || r.nextInt(4) == 0;
                    age[a] = idle ? age[a] + 1 : 0;
                    int i = s.add(start, start + size[a], idle ? 0 : 1 + r.nextInt(10), age[a]);
                    s.referencedMax[i] = idle ? 0 : (long) (in * r.nextDouble());
                    s.referencedMean[i] = (long) (s.referencedMax[i] * r.nextDouble());
                    s.referencedMin[i] = 0;
                    if (n == 0) {
                        mappings.add(
                                1, 7, start, start + size[a] + 4096L * 4096, "rw-p", a % 2 == 0 ? "" : "/lib/x.so", 0);
                    }
                }
                memory.add(s.startNs, 7, "rss", rss);
                sink.append(s);
            }
            sink.append(mappings);
            sink.append(memory);
        }
        return path;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void noFigureExceedsWhatIsResident(long seed) throws Exception {
        try (TraceSource t = Traces.open(random(seed))) {
            long[] mostRss = {0};
            t.forEachRow(
                    Table.MEMORY, (b, i) -> mostRss[0] = Math.max(mostRss[0], b.get(Table.MEMORY.indexOf("value"), i)));
            double rss = mostRss[0];
            Snapshot s = new Snapshot();
            try (TraceSource.SnapshotCursor cursor = t.snapshots(TraceQuery.ALL)) {
                while (cursor.next(s)) {
                    for (int i = 0; i < s.regions; i++) {
                        assertTrue(TouchedBytes.perSample(s, i) <= TouchedBytes.least(s, i));
                        assertTrue(TouchedBytes.least(s, i) <= TouchedBytes.most(s, i));
                        assertTrue(TouchedBytes.most(s, i) <= s.end[i] - s.start[i]);
                    }
                }
            }
            double wss = WorkingSet.compute(t, TraceQuery.ALL, WorkingSetOptions.DEFAULTS)
                    .total()
                    .bySize(100);
            assertTrue(wss <= rss, "wss " + wss + " of " + rss);
            Curves c = Curves.of(t, TraceQuery.ALL, 0).get(0);
            atMost(
                    CurvesReports.json(c, List.of(c)),
                    Set.of("back_bytes_per_s", "back_bytes_per_s_max", "back_bytes_per_s_min"),
                    rss);
            for (String scheme :
                    List.of("pageout access=0..0 age=3s..max", "pageout access=0..max", "mlock access=1..max")) {
                OpenLoopResult r = OpenLoop.run(
                        t,
                        TraceQuery.ALL,
                        SchemeParser.parse(scheme),
                        OpenLoopOptions.DEFAULTS,
                        OutcomeOptions.DEFAULTS,
                        null);
                Outcome o = r.outcome();
                assertFalse(r.schemes().get(0).isExact(), scheme);
                for (double v : new double[] {
                    o.knownBytes(),
                    o.workingSetMeanBytes(),
                    o.savedBytes().most(),
                    o.dramSavedBytes().most(),
                    o.residentMeanBytes()
                }) {
                    assertTrue(v <= rss, scheme + ": " + v + " of " + rss);
                }
                assertTrue(o.savedBytes().least() <= o.savedBytes().likely()
                        && o.savedBytes().likely() <= o.savedBytes().most());
            }
            for (Advice a : Advisor.advise(t, TraceQuery.ALL, OpenLoopOptions.DEFAULTS, OutcomeOptions.DEFAULTS)) {
                assertNotNull(a.numbers());
                atMost(
                        a.numbers(),
                        Set.of("bytes", "bloat_bytes", "refaulted_bytes_per_s", "refaulted_bytes_per_s_max"),
                        rss);
                assertFalse(
                        a.kind() == Advice.Kind.HUGEPAGE && a.text().contains(".so"),
                        "no huge pages for files: " + a.text());
            }
        }
    }

    /** Every number whose name ends in bytes, however deep. */
    private static void atMost(Object o, Set<String> rates, double rss) {
        if (o instanceof Map<?, ?> m) {
            m.forEach((k, v) -> {
                String name = k.toString();
                if (v instanceof Number n && name.contains("bytes") && !rates.contains(name)) {
                    assertTrue(n.doubleValue() <= rss, name + ": " + n + " of " + rss);
                }
                atMost(v, rates, rss);
            });
        } else if (o instanceof List<?> l) {
            l.forEach(v -> atMost(v, rates, rss));
        }
    }
}
