package org.damson.analyzer.page;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.heatmap.TileLayout;
import org.damson.analyzer.scan.TargetKey;
import org.damson.analyzer.timeline.FunctionShares;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.stacks.StackReader;
import org.damson.model.stacks.StackSamples;
import org.junit.jupiter.api.Test;

/** What a page holds of losses, sizes, mappings and call stacks. Its time is 1,000 to 2,000 ns. */
final class PagePartsTest {
    private static final PageTime TIME = new PageTime(1000, 2000);
    private static final long HIGH = 0xffff_8000_0000_0000L;

    private static List<String> losses(Object[]... rows) throws IOException {
        MemoryTrace t = new MemoryTrace();
        for (Object[] row : rows) {
            t.row(Table.LOSSES, row);
        }
        return PageLosses.of(t, TIME).stream()
                .map(l -> l.fromNs() + ".." + l.toNs() + " " + l.what())
                .toList();
    }

    private static Object[] loss(long from, long to, String source, long count, String cause) {
        return new Object[] {from, to, source, count, cause};
    }

    @Test
    void timesAreWithinThePage() {
        assertEquals(0, TIME.at(Long.MIN_VALUE));
        assertEquals(0, TIME.at(1000));
        assertEquals(999, TIME.at(1999));
        assertEquals(1000, TIME.at(Long.MAX_VALUE));
        assertEquals(1000, TIME.lengthNs());
    }

    /** A hundredth of the page is 10 ns: what follows within that is the same loss. */
    @Test
    void lossesOfAKindThatAreNearAreOne() throws IOException {
        assertEquals(
                List.of(
                        "100.0..117.0 ring: 7 events, 2 times",
                        "128.0..130.0 ring: 1 events",
                        "130.0..130.0 disk: 5 rows"),
                losses(
                        loss(1100, 1105, "ring", 3, "events"),
                        loss(1115, 1117, "ring", 4, "events"),
                        loss(1128, 1130, "ring", 1, "events"),
                        loss(1130, 1130, "disk", 5, "rows")));
    }

    /** Those that reach into the page are cut to it; those outside are not of it. */
    @Test
    void lossesAreCutToThePage() throws IOException {
        assertEquals(
                List.of("0.0..10.0 ring: 1 events", "990.0..1000.0 ring: 1 events"),
                losses(
                        loss(500, 999, "ring", 1, "events"),
                        loss(500, 1010, "ring", 1, "events"),
                        loss(1990, 9000, "ring", 1, "events"),
                        loss(2001, 9000, "ring", 1, "events")));
        assertEquals(List.of(), losses());
    }

    /** A count of -1 is unknown; sums stop at the greatest number. */
    @Test
    void whatIsNotCountedIsSaid() throws IOException {
        assertEquals(
                List.of("0.0..1.0 ring: an unknown number of events"), losses(loss(1000, 1001, "ring", -1, "events")));
        assertEquals(
                List.of("0.0..2.0 ring: 3 and an unknown number of events, 2 times"),
                losses(loss(1000, 1001, "ring", -1, "events"), loss(1001, 1002, "ring", 3, "events")));
        assertEquals(
                List.of("0.0..2.0 " + Long.MAX_VALUE + " events, 2 times"),
                losses(loss(1000, 1001, "", Long.MAX_VALUE, "events"), loss(1001, 1002, "", 3, "events")));
    }

    /** However many kinds and losses there are, none is left out of the counts. */
    @Test
    void manyLossesAreJoinedAndAddUp() throws IOException {
        MemoryTrace t = new MemoryTrace();
        SplittableRandom random = new SplittableRandom(61);
        long all = 0;
        for (int i = 0; i < 3000; i++) {
            long from = 1000 + i / 3;
            long n = 1 + random.nextInt(9);
            all += n;
            t.row(Table.LOSSES, from, from + 1, "s" + random.nextInt(60), n, "events");
        }
        long found = 0;
        for (Page.Loss l : PageLosses.of(t, TIME)) {
            found += Long.parseLong(l.what().replaceAll("^s\\d+: ", "").replaceAll(" .*", ""));
        }
        assertEquals(all, found);
    }

    private static WorkingSetResult.Series series(long[] starts, long[] ends, long[] sizes) {
        return new WorkingSetResult.Series("all", starts, ends, sizes);
    }

    @Test
    void fewSnapshotsAreAPointEach() {
        PageSeries s = PageSeries.of(series(new long[] {900, 1100}, new long[] {1100, 1400}, new long[] {8, 2}), TIME);
        assertArrayEquals(new double[] {0, 100}, s.fromNs());
        assertArrayEquals(new double[] {100, 400}, s.toNs());
        assertArrayEquals(new double[] {8, 2}, s.meanBytes());
        assertTrue(s.isWhole());
        assertEquals(
                0,
                PageSeries.of(series(new long[0], new long[0], new long[0]), TIME)
                        .meanBytes()
                        .length);
    }

    /** 2,049 snapshots: two of them a point, the last alone. Sizes 0 for 1 ns and 4 for 3 ns are 3 on average. */
    @Test
    void manySnapshotsShareAPoint() {
        int n = 2049;
        long[] starts = new long[n];
        long[] ends = new long[n];
        long[] sizes = new long[n];
        for (int i = 0; i < n; i++) {
            starts[i] = i / 2 * 4 + i % 2;
            ends[i] = i % 2 == 0 ? starts[i] + 1 : starts[i] + 3;
            sizes[i] = i % 2 * 4;
        }
        PageSeries s = PageSeries.of(series(starts, ends, sizes), new PageTime(0, 4 * n));
        assertEquals(1025, s.meanBytes().length);
        assertEquals(3, s.meanBytes()[7]);
        assertEquals(0, s.leastBytes()[7]);
        assertEquals(4, s.mostBytes()[7]);
        assertEquals(28, s.fromNs()[7]);
        assertEquals(32, s.toNs()[7]);
        assertEquals(0, s.meanBytes()[1024]);
        assertFalse(s.isWhole());
    }

    private static TileLayout layout(long start, long end) {
        TargetKey key = new TargetKey(0, 0, Snapshot.NO_SCHEME, 7);
        return new TileLayout(List.of(new TileLayout.Lane(key, start, end, 0, 8, true)), 8, 0, 0, 0);
    }

    private static void mapped(MemoryTrace t, long ns, long start, long end, String name, int gone) {
        t.row(Table.MAPPINGS, ns, 7, start, end, "rw-p", name, gone);
    }

    @Test
    void mappingsAreThoseOfTheLanesAndTheTime() throws IOException {
        MemoryTrace t = new MemoryTrace();
        mapped(t, 100, HIGH - MIB, HIGH, "below", 0);
        mapped(t, 100, HIGH, HIGH + MIB, "before", 0);
        mapped(t, 1000, HIGH, HIGH + MIB, "before", 1);
        mapped(t, 1500, HIGH, HIGH + 2 * MIB, "a", 0);
        mapped(t, 1800, HIGH, HIGH + 2 * MIB, "a", 1);
        mapped(t, 1500, HIGH + 3 * MIB, HIGH + 9 * MIB, "a", 0);
        mapped(t, 1500, HIGH + 9 * MIB, HIGH + 10 * MIB, "above", 0);
        PageMappings m = PageMappings.of(t, layout(HIGH, HIGH + 8 * MIB), TIME);
        assertEquals(List.of("a"), m.names());
        assertEquals(0, m.leftOut());
        assertEquals(
                List.of(
                        new PageMappings.Row(0, HIGH, 2 * MIB, "rw-p", 0, 0, 800),
                        new PageMappings.Row(0, HIGH + 3 * MIB, 6 * MIB, "rw-p", 0, 0, 1000)),
                m.rows());
    }

    /** Of 6,010 mappings the ten least are left out; of two that are equal, one. */
    @Test
    void theLargestMappingsAreKept() throws IOException {
        MemoryTrace t = new MemoryTrace();
        long at = HIGH;
        for (int i = 0; i < 6010; i++) {
            long pages = Math.max(10, i); // eleven of ten pages
            mapped(t, 0, at, at + pages * 4096, "m", 0);
            at += pages * 4096;
        }
        PageMappings m = PageMappings.of(t, layout(HIGH, at), TIME);
        assertEquals(10, m.leftOut());
        assertEquals(6000, m.rows().size());
        assertEquals(1, m.rows().stream().filter(r -> r.bytes() == 40960).count());
    }

    private static void stack(MemoryTrace t, long stack, String... outermostFirst) {
        for (int i = 0; i < outermostFirst.length; i++) {
            long frame = 100 * stack + i;
            t.row(Table.STACKS, stack, outermostFirst.length - 1 - i, frame);
            t.row(
                    Table.FRAMES,
                    frame,
                    outermostFirst[i],
                    outermostFirst[i].equals("fault") ? "[kernel]" : "/bin/a",
                    "",
                    0L);
        }
    }

    private static void sample(MemoryTrace t, long ns, String event, long address, long stack) {
        t.row(Table.SAMPLES, ns, 7, 7, 0, event, address, 1L, stack);
    }

    private static PageStacks stacks(MemoryTrace t) throws IOException {
        StackSamples samples = StackReader.read(t, Long.MIN_VALUE, Long.MAX_VALUE);
        return PageStacks.of(samples, samples.count() == 0 ? null : FunctionShares.of(samples), TIME);
    }

    private static List<Long> varints(byte[] bytes) {
        List<Long> all = new ArrayList<>();
        long value = 0;
        int shift = 0;
        for (byte b : bytes) {
            value |= (long) (b & 127) << shift;
            shift += 7;
            if (b >= 0) {
                all.add(value);
                value = 0;
                shift = 0;
            }
        }
        return all;
    }

    /** Samples by step and whole stack, read back as the page's script does. */
    private static Map<String, Long> readBack(PageStacks p) {
        List<String> paths = new ArrayList<>(List.of(""));
        List<Long> nodes = varints(p.nodes());
        for (int i = 0; i < nodes.size(); i += 2) {
            int parent = paths.size() - (int) (long) nodes.get(i);
            paths.add(paths.get(parent) + "/" + p.names().get((int) (long) nodes.get(i + 1)));
        }
        Map<String, Long> counts = new TreeMap<>();
        List<Long> entries = varints(p.counts());
        long step = 0;
        for (int i = 0; i < entries.size(); i += 3) {
            step += entries.get(i);
            counts.merge(step + paths.get((int) (long) entries.get(i + 1)), entries.get(i + 2), Long::sum);
        }
        return counts;
    }

    @Test
    void samplesAreCountedByStepAndStack() throws IOException {
        MemoryTrace t = new MemoryTrace();
        stack(t, 1, "main", "f");
        stack(t, 2, "main", "f", "g");
        stack(t, 3, "main", "fault");
        sample(t, 1000, "cpu-clock", 0, 1);
        sample(t, 1000, "cpu-clock", 0, 1);
        sample(t, 1000, "cpu-clock", 0, 2);
        sample(t, 1700, "cpu-clock", 0, 1);
        sample(t, 1200, "page-faults", HIGH, 3);
        sample(t, 1300, "page-faults", 0, 3);
        PageStacks p = stacks(t);
        assertEquals(4, p.count());
        assertEquals(2, p.others());
        assertEquals(0, p.rare());
        assertEquals(1, p.stepNs());
        assertEquals(
                Map.of("0/main (a)/f (a)", 2L, "0/main (a)/f (a)/g (a)", 1L, "700/main (a)/f (a)", 1L), readBack(p));
        assertEquals(1, p.touches().size());
        PageStacks.Touch touch = p.touches().get(0);
        assertEquals(HIGH, touch.address());
        assertEquals(200, touch.timeNs());
        int fault = p.names().indexOf("fault ([kernel])");
        for (int i = 0; i < p.names().size(); i++) {
            assertEquals(i == fault, p.kernel()[i], p.names().get(i));
        }
        assertNull(stacks(new MemoryTrace()));
    }

    /** What ran itself is counted of every stack: of those that do not fit into the tree only the callers are left out. */
    @Test
    void stacksThatDoNotFitKeepTheFunctionThatRan() throws IOException {
        MemoryTrace t = new MemoryTrace();
        for (int s = 0; s < 1200; s++) {
            String[] deep = new String[100];
            for (int d = 0; d < deep.length; d++) {
                deep[d] = "f" + (s * 7919 + d * d * (1 + s / 500)) % 500;
            }
            deep[99] = "leaf" + s % 10;
            stack(t, s, deep);
            sample(t, 1000 + s % 500, "cpu-clock", 0, s);
        }
        PageStacks p = stacks(t);
        assertTrue(p.rare() > 0 && p.rare() < 1200, p.rare() + " rare");
        Map<String, Long> ran = new TreeMap<>();
        readBack(p).forEach((path, n) -> ran.merge(path.substring(path.lastIndexOf('/') + 1), n, Long::sum));
        assertEquals(10, ran.size());
        ran.forEach((leaf, n) -> assertEquals(120, n, leaf));
    }

    /** A stack for whose names there is no room is rare; its samples still count. */
    @Test
    void stacksThatDoNotFitAreOneNode() throws IOException {
        MemoryTrace t = new MemoryTrace();
        for (int s = 0; s < 8000; s++) {
            stack(t, s, "main", "f".repeat(220) + s);
            sample(t, 1000 + s % 500, "cpu-clock", 0, s);
            sample(t, 1000 + s % 300, "cpu-clock", 0, s);
        }
        PageStacks p = stacks(t);
        assertTrue(p.rare() > 0 && p.rare() < 16_000, p.rare() + " rare");
        Map<String, Long> counts = readBack(p);
        assertEquals(16_000, counts.values().stream().mapToLong(Long::longValue).sum());
        long rare = counts.entrySet().stream()
                .filter(e -> e.getKey().endsWith(PageStacks.RARE))
                .mapToLong(Map.Entry::getValue)
                .sum();
        assertEquals(p.rare(), rare);
    }
}
