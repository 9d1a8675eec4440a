package org.damson.analyzer.damo.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.damo.DamoRecordFilter;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.model.InvalidInputException;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** Bytes by idle time and by temperature. Aggregations of 100 ms in 20 samples, unless said otherwise. */
final class AccessHistogramTest {
    private static final long HIGH = 0xffff_8000_0000_0000L;

    private static MemoryTrace trace() {
        MemoryTrace t = new MemoryTrace();
        t.manifest.attrs =
                new MonitoringAttrs(5_000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.RECORDED);
        t.snapshot(0, 0, 100).columns = Snapshot.HAS_AGE;
        return t;
    }

    /** Appends a region of so many pages behind the others. */
    private static void add(MemoryTrace t, int pages, int accesses, int age) {
        Snapshot s = t.snapshots.get(0);
        long at = s.regions == 0 ? HIGH : s.end[s.regions - 1];
        s.add(at, at + pages * 4096L, accesses, age);
    }

    private static List<AccessReport.HistogramBar> bars(MemoryTrace t, boolean compat, Consumer<AccessOptions> set)
            throws IOException {
        AccessOptions o = new AccessOptions();
        o.compat = compat;
        o.raw = true;
        o.style = "recency-sz-hist";
        set.accept(o);
        return AccessReport.histogram(DamoTrace.of(t, compat), new DamoRecordFilter(compat), o);
    }

    private static String text(MemoryTrace t, boolean compat, Consumer<AccessOptions> set) throws IOException {
        AccessOptions o = new AccessOptions();
        o.compat = compat;
        o.raw = true;
        o.set.put("record_tail", "");
        o.set.put("snapshot_tail", "");
        set.accept(o);
        StringBuilder b = new StringBuilder();
        AccessReport.write(DamoTrace.of(t, compat), new DamoRecordFilter(compat), o, b);
        return b.toString();
    }

    private static double sum(List<AccessReport.HistogramBar> bars) {
        return bars.stream().mapToDouble(AccessReport.HistogramBar::bytes).sum();
    }

    /**
     * In use: idle for 0. An age of 3 says idle for 400 ms: three intervals, and the one that found it so. Ten ranges of
     * ceil(400,001 / 10) microseconds.
     */
    @Test
    void idleTimesSpanTenRanges() throws IOException {
        MemoryTrace t = trace();
        add(t, 1, 5, 40);
        add(t, 2, 0, 3);
        add(t, 4, 0, 0); // 100 ms: the third range
        List<AccessReport.HistogramBar> bars = bars(t, false, o -> {});
        assertEquals(10, bars.size());
        assertEquals("[0, 40001)", bars.get(0).range());
        assertEquals("[360009, 400010)", bars.get(9).range());
        assertEquals(
                List.of(4096.0, 0.0, 16384.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 8192.0),
                bars.stream().map(AccessReport.HistogramBar::bytes).toList());
        assertTrue(bars.stream().allMatch(b -> Double.isNaN(b.passedBytes())));
    }

    /** A range has its start and not its end; cumulated, all ranges begin at the least value. */
    @Test
    void rangesAreHalfOpen() throws IOException {
        MemoryTrace t = trace();
        add(t, 1, 5, 0);
        add(t, 2, 0, 0);
        add(t, 4, 0, 1);
        assertEquals(
                List.of(4096.0, 8192.0, 0.0, 24576.0),
                bars(t, false, o -> o.histRanges(List.of("0", "100000", "100 ms", "200ms", "1", "2", "100ms", "1 s")))
                        .stream()
                        .map(AccessReport.HistogramBar::bytes)
                        .toList());
        List<AccessReport.HistogramBar> cumulated = bars(t, false, o -> o.histCumulate = true);
        assertEquals("[0, 200010)", cumulated.get(9).range());
        assertEquals(28672, cumulated.get(9).bytes());
        assertEquals(4096, cumulated.get(3).bytes());
        assertThrowsOnePair();
    }

    private static void assertThrowsOnePair() {
        Assertions.assertThrows(InvalidInputException.class, () -> new AccessOptions().histRanges(List.of("1")));
    }

    /** Percentages 1 and 2 of 100 samples, weighed 1: one range of one ends at the greatest; damo has that in none. */
    @Test
    void theGreatestValueIsInARange() throws IOException {
        MemoryTrace t = trace();
        t.manifest.attrs =
                new MonitoringAttrs(1_000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.RECORDED);
        add(t, 1, 1, 0);
        add(t, 2, 2, 0);
        for (boolean compat : new boolean[] {false, true}) {
            List<AccessReport.HistogramBar> bars = bars(t, compat, o -> {
                o.style = "temperature-sz-hist";
                o.histLogscale = true;
                o.temperatureWeights = new long[] {0, 1, 0};
            });
            assertEquals("[1, 2)", bars.get(0).range());
            assertEquals(compat ? 4096 : 12288, sum(bars));
        }
    }

    /** Each region is in one range, whatever the scale. */
    @Test
    void rangesAddUpToAllBytes() throws IOException {
        SplittableRandom random = new SplittableRandom(41);
        for (int round = 0; round < 200; round++) {
            MemoryTrace t = trace();
            long pages = 0;
            for (int i = 1 + random.nextInt(12); i > 0; i--) {
                int size = 1 + random.nextInt(9);
                pages += size;
                add(t, size, random.nextInt(21) * random.nextInt(2), random.nextInt(1 << random.nextInt(1, 20)));
            }
            boolean log = random.nextBoolean();
            String style = random.nextBoolean() ? "temperature-sz-hist" : "recency-sz-hist";
            long weight = random.nextInt(2);
            List<AccessReport.HistogramBar> bars = bars(t, false, o -> {
                o.histLogscale = log;
                o.style = style;
                o.temperatureWeights = new long[] {0, 1, weight};
            });
            assertEquals(pages * 4096, sum(bars), "round " + round);
        }
    }

    /** Accessed in all samples: 100 %, and 100 a percent; 0.2 s idle and 100 a microsecond, counted downwards. */
    @Test
    void temperaturesAreThoseOfPages() throws IOException {
        MemoryTrace t = trace();
        add(t, 1, 20, 0);
        add(t, 2, 0, 2);
        List<AccessReport.HistogramBar> bars = bars(t, false, o -> {
            o.style = "temperature-sz-hist";
            o.temperatureWeights = new long[] {7, 100, 100}; // what a region's size adds is left out
        });
        assertTrue(bars.get(0).range().startsWith("[-20000000, "), bars.get(0).range());
        assertEquals(8192, bars.get(0).bytes());
        assertEquals(4096, bars.get(9).bytes());
    }

    @Test
    void equalValuesAreInTheFirstRange() throws IOException {
        MemoryTrace t = trace();
        add(t, 3, 20, 0);
        add(t, 3, 20, 0);
        for (boolean log : new boolean[] {false, true}) {
            List<AccessReport.HistogramBar> bars = bars(t, false, o -> o.histLogscale = log);
            assertEquals("[0, 1)", bars.get(0).range());
            assertEquals(24576, bars.get(0).bytes());
        }
        assertEquals(List.of(), bars(trace(), false, o -> {}));
    }

    /** Of 24 regions of a size, the twelfth is the median: in doubles twelve times 100 / 24 is less than 50, so damo takes the next. */
    @Test
    void aPercentileReachedExactlyIsReached() throws IOException {
        MemoryTrace t = trace();
        for (int i = 0; i < 24; i++) {
            add(t, 1, 0, i);
        }
        for (boolean compat : new boolean[] {false, true}) {
            String text = text(t, compat, o -> {
                o.style = "recency-percentiles";
                o.percentiles = List.of(0, 50, 100);
            });
            String median = text.lines()
                    .filter(l -> l.strip().startsWith("50 "))
                    .findFirst()
                    .orElseThrow();
            assertTrue(median.contains(compat ? " 1300000 " : " 1200000 "), median);
        }
    }

    /** Any number of regions, any percentage: the least value with which it is reached, in whole numbers. */
    @Test
    void percentilesAreThoseOfASortedList() throws IOException {
        SplittableRandom random = new SplittableRandom(42);
        for (int round = 0; round < 150; round++) {
            MemoryTrace t = trace();
            int n = 1 + random.nextInt(40);
            int total = 0;
            int[] sizes = new int[n];
            for (int i = 0; i < n; i++) {
                sizes[i] = round % 2 == 0 ? 3 : 1 + random.nextInt(5);
                total += sizes[i];
                add(t, sizes[i], 0, i);
            }
            int percent = 1 + random.nextInt(99);
            int reached = 0;
            int i = -1;
            while (reached * 100 < percent * total) {
                reached += sizes[++i];
            }
            String line = text(t, false, o -> {
                        o.style = "recency-percentiles";
                        o.percentiles = List.of(percent);
                    })
                    .lines()
                    .filter(l -> l.strip().startsWith(percent + " "))
                    .findFirst()
                    .orElseThrow();
            assertTrue(line.contains(" " + (i + 1) * 100_000 + " "), round + ": " + line + ", expected age " + i);
        }
    }

    /** Bars of 20 columns: the greatest is 1,310,720 bytes, a column 65,536; what there is of a range has one at least. */
    @Test
    void barsAreOfTheGreatestRange() throws IOException {
        MemoryTrace t = trace();
        add(t, 320, 5, 0);
        add(t, 160, 0, 0);
        add(t, 1, 0, 1);
        String text = text(t, false, o -> {
            o.set.put("snapshot_head", "<recency-sz histogram>");
            o.set.put("region", "");
            o.histRanges(List.of("0", "100000", "100000", "200000", "200000", "300000", "300000", "400000"));
        });
        assertEquals(
                """
                [0, 100000)      1310720 |********************|
                [100000, 200000) 655360  |**********          |
                [200000, 300000) 4096    |*                   |
                [300000, 400000) 0       |                    |
                """,
                text);
        assertEquals(1_310_720, sum(bars(t, false, o -> o.histRanges(List.of("0", "1")))));
    }
}
