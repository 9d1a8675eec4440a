package org.damson.analyzer.curves;

import static org.damson.analyzer.whatif.Made.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.damson.analyzer.render.whatif.CurvesReports;
import org.damson.analyzer.whatif.Made;
import org.damson.analyzer.whatif.Recorded;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StoredCurvesTest {
    @TempDir
    Path dir;

    /** Everything that is counted: equal texts are equal histograms. */
    private static String counted(Curves c) {
        StringBuilder b = new StringBuilder();
        Batch rows = StoredCurves.rows(c);
        for (int i = 0; i < rows.rows(); i++) {
            b.append(rows.get(0, i)).append(' ').append(rows.text(1, i));
            for (int k = 2; k < 5; k++) {
                b.append(' ').append(rows.get(k, i));
            }
            b.append('\n');
        }
        return b.toString();
    }

    private static Curves fromRows(TraceSource t) throws IOException {
        return CurvesPass.over(t, TraceQuery.ALL, 0).get(0);
    }

    /** A copy with curves. */
    private Path store(TraceSource from, String name) throws IOException {
        Path to = dir.resolve(name);
        List<String> leftOut = new ArrayList<>();
        try (TraceSink sink =
                new CurvesSink(Traces.create(to, new Manifest(), WriterOptions.BATCH), name, leftOut::add)) {
            Traces.copy(from, TraceQuery.ALL, sink);
        }
        assertEquals(List.of(), leftOut);
        return to;
    }

    @Test
    void storedCurvesAreThoseOfTheRows() throws Exception {
        for (String name : List.of(
                "stairs/tracefs.txt.gz",
                "service/tracefs.txt.gz",
                "physical/tracefs.txt.gz",
                "damos-6.12/schemes/stairs/trace.txt.gz",
                "zigzag-damo/damon.data")) {
            try (TraceSource t = Recorded.open(dir, name)) {
                Path copy = store(t, name.replace('/', '-') + "-stored.damson");
                try (TraceSource s = Traces.open(copy)) {
                    Curves stored = StoredCurves.read(s);
                    assertEquals(counted(fromRows(t)), counted(stored), name);
                    assertEquals(CurvesReports.text(fromRows(t)), CurvesReports.text(stored), name);
                    assertEquals(
                            CurvesReports.json(fromRows(t), List.of()), CurvesReports.json(stored, List.of()), name);
                }
                assertTrue(Traces.verify(copy).findings().isEmpty());
            }
        }
    }

    @Test
    void storedCurvesAreThoseOfTheRowsOnRandomTraces() throws Exception {
        for (int seed = 0; seed < 8; seed++) {
            Path path = dir.resolve("random-" + seed + ".damson");
            try (TraceSink sink =
                    new CurvesSink(Traces.create(path, new Manifest(), WriterOptions.BATCH), "random", s -> {})) {
                random(new Random(seed), sink);
            }
            try (TraceSource t = Traces.open(path)) {
                Curves stored = StoredCurves.read(t);
                assertEquals(counted(fromRows(t)), counted(stored), "seed " + seed);
                Curves sum = Curves.empty();
                List<Curves> slices = CurvesPass.over(t, TraceQuery.ALL, 700_000_000L);
                assertTrue(slices.size() > 3);
                for (int i = slices.size() - 1; i > 0; i--) {
                    sum.add(slices.get(i));
                }
                // In any order: only the intervals' order counts, and here there is one.
                assertEquals(counted(stored), counted(sum.add(slices.get(0))), "seed " + seed);
            }
        }
    }

    private static void random(Random random, TraceSink sink) throws IOException {
        Snapshot s = new Snapshot();
        long now = random.nextInt(1 << 30);
        for (int turn = 0; turn < 60; turn++) {
            long begin = now;
            now += 90_000_000 + random.nextInt(20_000_000);
            for (long target = 0; target < 2; target++) {
                s.clear();
                long at = (1L << 46) * target + 4096L * random.nextInt(100);
                for (int n = 1 + random.nextInt(12); n > 0; n--) {
                    long end = at + 4096L * (1 + random.nextInt(1 << random.nextInt(24)));
                    s.add(
                            at,
                            end,
                            random.nextInt(3) == 0 ? random.nextInt(21) : 0,
                            random.nextInt(1 << random.nextInt(14)));
                    at = end + (random.nextBoolean() ? 0 : 4096L * random.nextInt(1000));
                }
                s.target = target;
                s.startNs = begin;
                s.endNs = now;
                s.sampleUs = 5_000;
                s.aggrUs = 100_000;
                s.columns = Snapshot.HAS_AGE;
                sink.append(s);
            }
        }
    }

    @Test
    void theReportTakesWhatIsStoredForTheWholeTraceOnly() throws Exception {
        Path path = dir.resolve("a.damson");
        try (TraceSource t =
                new Made(dir, "made").turns(5, 20, 0).turns(5, 0, 20).open()) {
            store(t, "a.damson");
        }
        try (TraceSource t = Traces.open(path)) {
            Curves first = Curves.of(t, TraceQuery.ALL.snapshots(0, 5), 0).get(0);
            assertEquals(0.5, first.seconds(), 1e-9);
            assertEquals(10, Curves.of(t, TraceQuery.ALL, 100_000_000L).size());
            assertEquals(1.0, Curves.of(t, TraceQuery.ALL, 0).get(0).seconds(), 1e-9);
        }
        // That it is the stored one: rows that say something else are believed.
        Path told = dir.resolve("told.damson");
        try (TraceSource t = Traces.open(path);
                TraceSink sink = Traces.create(told, new Manifest(), WriterOptions.BATCH)) {
            Traces.copy(t, TraceQuery.ALL, sink);
            Curves c = fromRows(t);
            c.sums(Histogram.COVERED).put(0, 7, 0);
            sink.append(StoredCurves.rows(c));
        }
        try (TraceSource t = Traces.open(told)) {
            assertEquals(8.0, Curves.of(t, TraceQuery.ALL.columns(0), 0).get(0).seconds(), 1e-9);
        }
    }

    @Test
    void partsAndJoinedTracesDoNotInheritCurves() throws Exception {
        try (TraceSource t = new Made(dir, "made").turns(5, 20, 0).open()) {
            Path one = store(t, "one.damson");
            try (TraceSource a = Traces.open(one);
                    TraceSink part = Traces.create(dir.resolve("p.damson"), new Manifest(), WriterOptions.BATCH);
                    TraceSink both = Traces.create(dir.resolve("m.damson"), new Manifest(), WriterOptions.BATCH)) {
                assertTrue(a.rowCount(Table.CURVES) > 0);
                Traces.copy(a, TraceQuery.ALL.snapshots(0, 2), part);
                Traces.merge(List.of(a, t), both);
            }
        }
        for (String name : List.of("p.damson", "m.damson")) {
            try (TraceSource t = Traces.open(dir.resolve(name))) {
                assertEquals(0, t.rowCount(Table.CURVES), name);
                assertNull(StoredCurves.read(t));
            }
        }
    }

    @Test
    void curvesThatDoNotGoOverAllRowsAreNotUsedAndAreAFinding() throws Exception {
        Path path = dir.resolve("short.damson");
        try (TraceSource t = new Made(dir, "made").turns(5, 20, 0).open();
                TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
            Traces.copy(t, TraceQuery.ALL, sink);
            sink.append(StoredCurves.rows(
                    CurvesPass.over(t, TraceQuery.ALL.snapshots(0, 4), 0).get(0)));
        }
        try (TraceSource t = Traces.open(path)) {
            assertNull(StoredCurves.read(t));
            assertEquals(0.5, Curves.of(t, TraceQuery.ALL, 0).get(0).seconds(), 1e-9);
            String finding = Curves.finding(t);
            assertTrue(finding.contains("go over 4 snapshots and 8 regions, the trace has 5 and 10"), finding);
        }
    }

    @Test
    void rowsOfNoHistogramAreNamed() throws Exception {
        Object[][] wrong = {
            {100_000, "cold", -1, 0, 0},
            {100_000, "cold", 1L << 32, 0, 0},
            {100_000, "heat", 101, 0, 0},
            {100_000, "covered", 1, 0, 0},
            {100_000, "cold", 0, -1, 0},
            {100_000, "cold", 0, 0, 1_000_000_000},
            {-1, "cold", 0, 0, 0},
        };
        for (int i = 0; i < wrong.length; i++) {
            Path path = dir.resolve("wrong-" + i + ".damson");
            try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
                Batch b = new Batch(Table.CURVES);
                b.add(100_000, "of a later version", 1 << 20, 3, 4);
                b.add(wrong[i]);
                sink.append(b);
            }
            try (TraceSource t = Traces.open(path)) {
                TraceFormatException e = assertThrows(TraceFormatException.class, () -> StoredCurves.read(t));
                assertTrue(e.getMessage().contains("curves: row 1"), e.getMessage());
            }
        }
    }

    @Test
    void aTraceWithoutAgesGetsNoneAndSaysSo() throws Exception {
        List<String> said = new ArrayList<>();
        Path path = dir.resolve("ageless.damson");
        try (TraceSink sink =
                new CurvesSink(Traces.create(path, new Manifest(), WriterOptions.BATCH), "ageless", said::add)) {
            Snapshot s = new Snapshot();
            for (int i = 0; i < 3; i++) {
                s.clear();
                s.add(MIB, 2 * MIB, 1, 0);
                s.startNs = i;
                s.endNs = i + 1;
                s.sampleUs = 5_000;
                s.aggrUs = 100_000;
                s.columns = 0;
                sink.append(s);
            }
        }
        assertEquals(1, said.size());
        assertTrue(said.get(0).startsWith("ageless: snapshot 0 has no ages"), said.get(0));
        try (TraceSource t = Traces.open(path)) {
            assertEquals(3, t.rowCount(Table.SNAPSHOTS));
            assertEquals(0, t.rowCount(Table.CURVES));
        }
    }

    @Test
    void sumsAreExact() {
        Random random = new Random(5);
        ExactSums sums = new ExactSums(1);
        BigInteger all = BigInteger.ZERO;
        for (int i = 0; i < 1_000; i++) {
            long a = random.nextLong() >>> (20 + random.nextInt(44));
            long b = random.nextLong() >>> (27 + random.nextInt(37));
            sums.add(0, a, b);
            all = all.add(BigInteger.valueOf(a).multiply(BigInteger.valueOf(b)));
        }
        BigInteger[] parts = all.divideAndRemainder(BigInteger.valueOf(ExactSums.BILLION));
        assertEquals(parts[0].longValueExact(), sums.billions[0]);
        assertEquals(parts[1].longValueExact(), sums.rest[0]);
    }

    /** Sums of many machines are beyond what one trace can store. */
    @Test
    void sumsOfMoreThanATraceHoldsStayExact() throws IOException {
        ExactSums one = new ExactSums(2);
        one.add(1, Long.MAX_VALUE / 1_000, 900_000_000_000L);
        BigInteger part = BigInteger.valueOf(Long.MAX_VALUE / 1_000).multiply(BigInteger.valueOf(900_000_000_000L));
        ExactSums all = new ExactSums(2);
        for (int i = 0; i < 7_000; i++) {
            all.add(one);
        }
        java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
        all.write(new java.io.DataOutputStream(bytes));
        ExactSums twice = new ExactSums(2);
        for (int i = 0; i < 2; i++) {
            twice.read(new java.io.DataInputStream(new java.io.ByteArrayInputStream(bytes.toByteArray())));
        }
        assertTrue(twice.isBeyondBillions(1) && twice.isZero(0));
        BigInteger wanted = part.multiply(BigInteger.valueOf(14_000));
        BigInteger[] billions = wanted.divideAndRemainder(BigInteger.valueOf(ExactSums.BILLION));
        assertEquals(billions[0].mod(BigInteger.ONE.shiftLeft(63)).longValueExact(), twice.billions[1]);
        assertEquals(billions[1].longValueExact(), twice.rest[1]);
        assertEquals(wanted.doubleValue(), twice.value(1), wanted.doubleValue() * 1e-15);
    }

    @Test
    void aShortTraceGetsNoneUnasked() throws Exception {
        try (TraceSource from = Recorded.open(dir, "stairs/tracefs.txt.gz")) {
            for (long least : new long[] {3109, 3110}) {
                Path path = dir.resolve(least + ".damson");
                try (TraceSink sink = new CurvesSink(
                        Traces.create(path, new Manifest(), WriterOptions.BATCH), "stairs", least, s -> {})) {
                    Traces.copy(from, TraceQuery.ALL, sink);
                }
                try (TraceSource trace = Traces.open(path)) {
                    assertEquals(least == 3109, StoredCurves.read(trace) != null);
                    assertEquals("", Curves.finding(trace));
                }
            }
        }
    }

    @Test
    void aRecoveredTraceHasTheCurvesOfWhatWasKept() throws Exception {
        Path dead = dir.resolve("dead.damson");
        Path left = dir.resolve("left.damson");
        try (TraceSink sink = Traces.create(dead, new Manifest(), WriterOptions.LIVE)) {
            random(new Random(3), sink);
            sink.flush();
            Files.createDirectory(left);
            try (Stream<Path> files = Files.list(dead)) {
                for (Path f : files.toList()) {
                    Files.copy(f, left.resolve(f.getFileName()));
                }
            }
        }
        Traces.recover(left, sink -> new CurvesSink(sink, "left", s -> {}));
        assertEquals(List.of(), Traces.verify(left).findings());
        try (TraceSource trace = Traces.open(left)) {
            assertEquals(Manifest.State.RECOVERED, trace.manifest().state);
            assertEquals(counted(fromRows(trace)), counted(StoredCurves.read(trace)));
        }
    }

    /** 400 snapshots of 100 regions in 40 s. */
    private Path recordedAtThousandASecond(String name, long most) throws IOException {
        Path path = dir.resolve(name);
        try (TraceSink sink = new CurvesSink(
                        Traces.create(path, new Manifest(), WriterOptions.BATCH), name, 1_000, s -> {})
                .upTo(most)) {
            Snapshot s = new Snapshot();
            for (int i = 0; i < 400; i++) {
                s.clear();
                s.startNs = i * 100_000_000L;
                s.endNs = s.startNs + 100_000_000L;
                s.sampleUs = 5_000;
                s.aggrUs = 100_000;
                s.columns = Snapshot.HAS_AGE;
                for (int k = 0; k < 100; k++) {
                    s.add(k * MIB, (k + 1) * MIB, k % 3, i);
                }
                sink.append(s);
            }
        }
        return path;
    }

    @Test
    void aRecorderStoresThemWhereRegionsComeSlowly() throws Exception {
        try (TraceSource slow = Traces.open(recordedAtThousandASecond("slow.damson", 1_001))) {
            assertEquals(counted(fromRows(slow)), counted(StoredCurves.read(slow)));
        }
        try (TraceSource fast = Traces.open(recordedAtThousandASecond("fast.damson", 999))) {
            assertNull(StoredCurves.read(fast));
            // What index adds is what would have been stored.
            assertEquals(counted(fromRows(fast)), counted(StoredCurves.read(indexed(fast.name()))));
            assertNull(CurvesSink.rows(fast, 40_001, s -> {}));
        }
    }

    private static TraceSource indexed(String name) throws IOException {
        assertTrue(Traces.index(Path.of(name), t -> CurvesSink.rows(t, 40_000, s -> {})));
        assertEquals(List.of(), Traces.verify(Path.of(name)).findings());
        return Traces.open(Path.of(name));
    }

    /** Of a trace that says they are of its rows, and whose files are as they were written. */
    @Test
    void curvesThatAreNotThoseOfTheRowsAreFound() throws Exception {
        Path path = dir.resolve("wrong.damson");
        try (TraceSource from = Recorded.open(dir, "stairs/tracefs.txt.gz")) {
            Batch rows = StoredCurves.rows(fromRows(from));
            int rest = Table.CURVES.indexOf("rest");
            rows.set(rest, 3, rows.get(rest, 3) ^ 1);
            try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
                Traces.copy(from, TraceQuery.ALL, sink);
                sink.append(rows);
            }
        }
        try (TraceSource trace = Traces.open(path)) {
            assertTrue(Curves.finding(trace).contains("curves: cold as stored"), Curves.finding(trace));
        }
    }
}
