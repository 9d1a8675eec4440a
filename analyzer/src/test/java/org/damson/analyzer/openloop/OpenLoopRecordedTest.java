package org.damson.analyzer.openloop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.damos.DamosHost;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.whatif.Recorded;
import org.damson.damon.scheme.Action;
import org.damson.damon.scheme.Range;
import org.damson.damon.scheme.Scheme;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The simulation against what a real kernel did while it recorded. */
final class OpenLoopRecordedTest {
    private static final long MIB = 1 << 20;

    private static Scheme stat(long minSize, long maxSize, int minNr, int maxNr, int minAge, long maxAge) {
        return Scheme.of(Action.STAT)
                .withSize(new Range(minSize, maxSize, Range.Unit.BYTES))
                .withAccess(new Range(minNr, maxNr, Range.Unit.SAMPLES))
                .withAge(new Range(minAge, maxAge, Range.Unit.AGGREGATIONS));
    }

    /** The four schemes that were active while {@code stairs} was recorded. */
    static final List<Scheme> STAIRS = List.of(
            stat(0, Range.MAX, 0, 0, 20, Range.MAX),
            stat(MIB, Range.MAX, 5, 20, 0, Range.MAX),
            stat(4096, 8 * MIB, 0, 20, 3, 30),
            stat(0, Range.MAX, 1, 4, 0, 5));

    record Tried(int scheme, long target, long start, long end, int nr, int age) {}

    private static List<Tried> recorded(TraceSource trace) throws Exception {
        List<Tried> events = new ArrayList<>();
        try (TraceSource.BatchCursor cursor = trace.rows(Table.SCHEMES)) {
            for (Batch b; (b = cursor.next()) != null; ) {
                for (int i = 0; i < b.rows(); i++) {
                    events.add(new Tried(
                            (int) b.get(Table.SCHEMES.indexOf("scheme"), i),
                            b.get(Table.SCHEMES.indexOf("target"), i),
                            b.get(Table.SCHEMES.indexOf("start"), i),
                            b.get(Table.SCHEMES.indexOf("end"), i),
                            (int) b.get(Table.SCHEMES.indexOf("nr_accesses"), i),
                            (int) b.get(Table.SCHEMES.indexOf("age"), i)));
                }
            }
        }
        return events;
    }

    @Test
    void theFourStatSchemesOfStairsAreTriedEventForEventAsTheKernelDid(@TempDir Path dir) throws Exception {
        try (TraceSource trace = Recorded.open(dir, "stairs/tracefs.txt.gz")) {
            List<Tried> simulated = new ArrayList<>();
            DamosHost listener = new DamosHost() {
                @Override
                public void tried(int scheme, long target, long start, long end, int nr, int age) {
                    simulated.add(new Tried(scheme, target, start, end, nr, age));
                }
            };
            OpenLoopResult r = OpenLoop.run(trace, TraceQuery.ALL, STAIRS, OpenLoopOptions.DEFAULTS, listener);
            assertEquals(2720, simulated.size());
            assertEquals(recorded(trace), simulated);
            long[][] expected = {{1791, 33481166848L}, {453, 3096920064L}, {238, 421380096L}, {238, 1530904576L}};
            for (int k = 0; k < 4; k++) {
                OpenLoopResult.PerScheme s = r.schemes().get(k);
                assertEquals(expected[k][0], s.stats().nrTried);
                assertEquals(expected[k][1], s.stats().szTried);
                assertEquals(0, s.stats().szApplied, "stat does nothing");
                assertTrue(s.isExact());
            }
            assertTrue(r.notes().isEmpty(), r.notes().toString());
        }
    }

    @Test
    void theKernelsCountersOfStairsLieOnTheSimulatedCourse(@TempDir Path dir) throws Exception {
        // scheme-stats.txt was read each second or so, at no aggregation's end: each line must be a prefix sum.
        try (TraceSource trace = Recorded.open(dir, "stairs/tracefs.txt.gz")) {
            List<List<long[]>> course = new ArrayList<>();
            long[][] sums = new long[4][2];
            for (int k = 0; k < 4; k++) {
                course.add(new ArrayList<>(List.of(new long[2])));
            }
            DamosHost listener = new DamosHost() {
                @Override
                public void tried(int scheme, long target, long start, long end, int nr, int age) {
                    sums[scheme][0]++;
                    sums[scheme][1] += end - start;
                    course.get(scheme).add(sums[scheme].clone());
                }
            };
            OpenLoop.run(trace, TraceQuery.ALL, STAIRS, OpenLoopOptions.DEFAULTS, listener);
            int checked = 0;
            for (String line : java.nio.file.Files.readAllLines(Path.of("../testdata/stairs/scheme-stats.txt"))) {
                java.util.regex.Matcher m = java.util.regex.Pattern.compile("s(\\d) nr_tried=(\\d+) sz_tried=(\\d+)")
                        .matcher(line);
                if (m.find()) {
                    int nr = Integer.parseInt(m.group(2));
                    long[] at = course.get(Integer.parseInt(m.group(1))).get(nr);
                    assertEquals(Long.parseLong(m.group(3)), at[1], line);
                    checked++;
                }
            }
            assertTrue(checked >= 24, "lines: " + checked);
        }
    }
}
