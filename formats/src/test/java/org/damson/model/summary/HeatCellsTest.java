package org.damson.model.summary;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.damson.model.Snapshot;
import org.junit.jupiter.api.Test;

/** Cells against the same sums worked out with numbers of any length, region by region. */
final class HeatCellsTest {
    private static final long PAGE = 4096;

    private static List<Snapshot> random(Random random) {
        List<Snapshot> all = new ArrayList<>();
        long now = (random.nextBoolean() ? 1 : -1) * (random.nextLong() >>> 20);
        long base = random.nextLong() & -PAGE;
        long jump = 1L << random.nextInt(30);
        for (int i = 0; i < 1 + random.nextInt(60); i++) {
            Snapshot s = new Snapshot();
            s.sampleUs = 5_000;
            s.aggrUs = random.nextInt(5) == 0 ? 65_000 : 100_000;
            s.target = random.nextInt(2);
            s.startNs = now + random.nextInt(1000);
            now += jump * (1 + random.nextInt(100));
            s.endNs = now;
            s.columns = random.nextInt(3) == 0 ? Snapshot.HAS_REFERENCED : 0;
            long at = base;
            for (int k = random.nextInt(30); k > 0; k--) {
                long start = at + PAGE * random.nextInt(4);
                long end = start + (random.nextInt(4) == 0 ? 1 + random.nextInt(5000) : PAGE << random.nextInt(12));
                if (Long.compareUnsigned(start, base) < 0 || Long.compareUnsigned(end, start) <= 0) {
                    break;
                }
                s.reserve(s.regions + 1);
                int r = s.add(start, end, random.nextInt(22), 0);
                s.referencedMean[r] = (long) (random.nextDouble() * 1.2 * (end - start));
                at = end;
            }
            all.add(s);
        }
        return all;
    }

    private static HeatCells cells(List<Snapshot> snapshots) {
        HeatCells cells = new HeatCells();
        for (Snapshot s : snapshots) {
            cells.add(s, s.startNs, s.endNs);
        }
        return cells;
    }

    /** Heat and cover by target, cell and column. */
    private static Map<String, String> plain(List<Snapshot> snapshots, HeatCells sides) {
        Map<String, BigInteger[]> sums = new TreeMap<>();
        HeatUnits units = new HeatUnits();
        for (Snapshot s : snapshots) {
            units.begin(s);
            for (int i = 0; i < s.regions && s.endNs > s.startNs; i++) {
                long last = s.end[i] - 1;
                for (long a = s.start[i] >>> sides.cellShift(); a <= last >>> sides.cellShift(); a++) {
                    BigInteger bytes =
                            overlap(s.start[i], last, a << sides.cellShift(), (a + 1 << sides.cellShift()) - 1, true);
                    for (long t = s.startNs >> sides.colShift(); t <= s.endNs - 1 >> sides.colShift(); t++) {
                        BigInteger area = bytes.multiply(overlap(
                                s.startNs, s.endNs - 1, t << sides.colShift(), (t + 1 << sides.colShift()) - 1, false));
                        BigInteger[] sum = sums.computeIfAbsent(
                                s.target + " " + a + " " + t, k -> new BigInteger[] {BigInteger.ZERO, BigInteger.ZERO});
                        sum[0] = sum[0].add(area.multiply(BigInteger.valueOf(units.of(s, i))));
                        sum[1] = sum[1].add(area);
                    }
                }
            }
        }
        Map<String, String> text = new TreeMap<>();
        sums.forEach((k, v) -> text.put(k, v[0] + " of " + v[1]));
        return text;
    }

    private static BigInteger overlap(long first, long last, long low, long high, boolean unsigned) {
        BigInteger from = number(first, unsigned).max(number(low, unsigned));
        return number(last, unsigned).min(number(high, unsigned)).subtract(from).add(BigInteger.ONE);
    }

    private static BigInteger number(long value, boolean unsigned) {
        return unsigned ? new BigInteger(Long.toUnsignedString(value)) : BigInteger.valueOf(value);
    }

    private static Map<String, String> text(HeatCells cells) {
        Map<String, String> text = new TreeMap<>();
        cells.lanes().forEach((key, lane) -> {
            for (int i = 0; i < lane.length(); i++) {
                for (int c = 0; c < cells.cols(); c++) {
                    long[] sums = lane.sums(i, c);
                    if (sums != null) {
                        text.put(
                                key.target() + " " + lane.cells()[i] + " " + (cells.firstCol() + c),
                                wide(sums[0], sums[1]) + " of " + wide(sums[2], sums[3]));
                    }
                }
            }
        });
        return text;
    }

    private static BigInteger wide(long high, long low) {
        return BigInteger.valueOf(high).shiftLeft(64).add(new BigInteger(Long.toUnsignedString(low)));
    }

    @Test
    void cellsAreTheSumsOfTheirRegions() {
        Random random = new Random(3);
        int compared = 0;
        for (int round = 0; round < 60; round++) {
            List<Snapshot> snapshots = random(random);
            HeatCells cells = cells(snapshots);
            assertTrue(cells.isExact());
            assertTrue(cells.rows() <= HeatCells.MAX_ROWS && cells.cols() <= HeatCells.MAX_COLS);
            cells.shrinkTo(1 + random.nextInt(5000));
            Map<String, String> want = plain(snapshots, cells);
            assertEquals(want, text(cells), "round " + round);
            compared += want.size();
        }
        assertTrue(compared > 10_000, compared + " cells");
    }

    @Test
    void partsAddUpToTheWholeInAnyOrder() {
        Random random = new Random(4);
        for (int round = 0; round < 150; round++) {
            List<Snapshot> snapshots = random(random);
            HeatCells whole = cells(snapshots);
            int cut = random.nextInt(snapshots.size() + 1);
            HeatCells sum = cells(snapshots.subList(cut, snapshots.size()));
            sum.add(cells(snapshots.subList(0, cut)));
            assertEquals(whole.cellShift(), sum.cellShift());
            assertEquals(whole.colShift(), sum.colShift());
            assertEquals(whole.cols(), sum.cols());
            assertEquals(text(whole), text(sum), "round " + round);
        }
    }

    @Test
    void regionsInNoOrderAreNoSums() {
        Snapshot s = new Snapshot();
        s.startNs = 0;
        s.endNs = 1;
        s.add(1L << 40, (1L << 40) + PAGE, 1, 0);
        s.add(PAGE, 2 * PAGE, 1, 0);
        HeatCells cells = new HeatCells();
        cells.add(s, s.startNs, s.endNs);
        assertFalse(cells.isExact());
    }

    /** Of the widest there may be: all addresses, all time. */
    @Test
    void addressesAndTimesAtTheirEnds() {
        Snapshot s = new Snapshot();
        s.startNs = Long.MIN_VALUE;
        s.endNs = Long.MIN_VALUE + 10;
        s.add(0, PAGE, 1, 0);
        s.add(-PAGE, 0, 1, 0);
        HeatCells cells = new HeatCells();
        cells.add(s, s.startNs, s.endNs);
        s.startNs = Long.MAX_VALUE - 10;
        s.endNs = Long.MAX_VALUE;
        cells.add(s, s.startNs, s.endNs);
        assertTrue(cells.isExact());
        assertTrue(cells.rows() <= HeatCells.MAX_ROWS && cells.cols() <= HeatCells.MAX_COLS);
        LongSum heat = new LongSum();
        LongSum cover = new LongSum();
        StreamKey key = StreamKey.of(s);
        for (int i = 0; i < cells.cells(key).length; i++) {
            cells.sum(key, i, 0, cells.cols(), heat, cover);
        }
        assertEquals(4.0 * PAGE * 10, cover.value());
        assertEquals(cover.value(), heat.value() / HeatUnits.ONE);
    }
}
