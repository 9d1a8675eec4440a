package org.damson.analyzer.heatmap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.SplittableRandom;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.TargetKey;
import org.damson.model.Snapshot;
import org.junit.jupiter.api.Test;

/** Heat over cells of time and address: each cell is cut into units of 1 KiB and 10 ms, which are counted. */
final class HeatGridTest {
    private static final TargetKey KEY = new TargetKey(0, 0, Snapshot.NO_SCHEME, 0);
    private static final long HIGH = 0xffff_8000_0000_0000L;
    private static final long KIB = 1024;
    private static final long MS10 = 10_000_000;

    private static Snapshot snapshot(long from10ms, long to10ms) {
        Snapshot s = new Snapshot();
        s.startNs = from10ms * MS10;
        s.endNs = to10ms * MS10;
        s.sampleUs = 5_000;
        s.aggrUs = 100_000;
        return s;
    }

    private static void add(Snapshot s, long fromKib, long toKib, int accesses) {
        s.add(HIGH + fromKib * KIB, HIGH + toKib * KIB, accesses, 0);
    }

    private static Area area(long fromKib, long toKib) {
        return new Area(KEY, HIGH + fromKib * KIB, HIGH + toKib * KIB, 0);
    }

    /** Two columns of 100 ms, two rows of 8 KiB; of the first cell a quarter of the address and half of the time at heat 0.5. */
    @Test
    void aCellHasTheHeatOfItsPart() {
        HeatGrid g = new HeatGrid(Layout.of(List.of(area(0, 16))), 0, 20 * MS10, 2, 2);
        Snapshot s = snapshot(5, 10);
        add(s, 0, 2, 10);
        add(s, 2, 8, 0);
        g.add(s);
        assertArrayEquals(new double[] {0.0625, 0, 0, 0}, g.heat, 1e-12);
        assertArrayEquals(new double[] {0.5, 0, 0, 0}, g.cover, 1e-12);
        Snapshot other = snapshot(0, 20);
        other.target = 1;
        add(other, 0, 16, 20);
        g.add(other);
        assertEquals(0.0625, g.heat[0], 1e-12); // another target's
    }

    /** More accesses than possible are all of them; what lies beyond the grid is not in it. */
    @Test
    void heatIsAtMostOneAndWithinTheGrid() {
        HeatGrid g = new HeatGrid(Layout.of(List.of(area(0, 16))), 0, 10 * MS10, 1, 1);
        Snapshot s = snapshot(-10, 30);
        add(s, -4, 32, 25);
        g.add(s);
        assertArrayEquals(new double[] {1}, g.heat, 1e-12);
        assertArrayEquals(new double[] {1}, g.cover, 1e-12);
    }

    /** Unit by unit, over two areas with a gap, which lie one after the other. */
    @Test
    void cellsAreThoseOfANaiveCount() {
        SplittableRandom random = new SplittableRandom(122);
        for (int round = 0; round < 60; round++) {
            int cols = 1 + random.nextInt(4);
            int rows = 1 << random.nextInt(4);
            // 32 KiB of each, 200 KiB apart; units of a line of 64.
            HeatGrid g = new HeatGrid(Layout.of(List.of(area(0, 32), area(232, 264))), 0, cols * 12 * MS10, cols, rows);
            double[] heat = new double[cols * rows];
            double[] cover = new double[cols * rows];
            double perCell = 12 * 64.0 / rows;
            for (long at = -random.nextInt(9); at < cols * 12; ) {
                long to = at + 1 + random.nextInt(15);
                Snapshot s = snapshot(at, to);
                for (long kib = random.nextInt(40); kib < 270; ) {
                    long end = kib + 1 + random.nextInt(60);
                    int accesses = random.nextInt(21);
                    add(s, kib, end, accesses);
                    for (long k = kib; k < end; k++) {
                        long line = k < 32 ? k : k >= 232 && k < 264 ? k - 200 : -1;
                        for (long t = Math.max(0, at); line >= 0 && t < Math.min(to, cols * 12); t++) {
                            int cell = (int) (line * rows / 64) * cols + (int) (t / 12);
                            heat[cell] += accesses / 20.0 / perCell;
                            cover[cell] += 1 / perCell;
                        }
                    }
                    kib = end + random.nextInt(2) * random.nextInt(30);
                }
                g.add(s);
                at = to + random.nextInt(2) * random.nextInt(5);
            }
            assertArrayEquals(heat, g.heat, 1e-9, "round " + round);
            assertArrayEquals(cover, g.cover, 1e-9, "round " + round);
        }
    }
}
