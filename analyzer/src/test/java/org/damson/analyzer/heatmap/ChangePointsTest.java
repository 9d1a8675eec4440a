package org.damson.analyzer.heatmap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class ChangePointsTest {
    /** The least that a phase costs, as the class says. */
    private static final double PENALTY = 1.5;

    private static int[] starts(double[][] columns) {
        return ChangePoints.of(new ChangePoints.Part(columns, columns.length)).starts(1);
    }

    private static double[][] columns(int[] hotRow, int rows) {
        return ChangePoints.columns(hotRow.length, rows, (c, r) -> hotRow[c] == r ? 0.7 : 0);
    }

    /** Shares of a column's heat 1 : 3 give vectors of length 1; what is not known is not hot; nothing hot is a place of its own. */
    @Test
    void columnsAreVectorsOfLengthOne() {
        double[][] heat = {{0.1, 0.3}, {0, Double.NaN}};
        double[][] columns = ChangePoints.columns(2, 2, (c, r) -> heat[c][r]);
        assertArrayEquals(new double[] {0.5, Math.sqrt(0.75), 0}, columns[0], 1e-12);
        assertArrayEquals(new double[] {0, 0, 1}, columns[1], 1e-12);
    }

    /**
     * Three places for six columns each: one phase would cost 18 - 3 x 36 / 18 = 12, and cutting saves that for 2 x 1.5. Three columns
     * of fifteen cost 15 - (144 + 9) / 15 = 4.8, but so do those that are next to each other by chance; two are no phase at all.
     */
    @Test
    void aPlaceThatIsHotLongEnoughIsAPhase() {
        int[] six = {0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2};
        assertArrayEquals(new int[] {0, 6, 12}, starts(columns(six, 3)));
        int[] brief = {0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0};
        assertArrayEquals(new int[] {0}, starts(columns(brief, 3)));
        int[] briefer = new int[40];
        briefer[20] = 1;
        briefer[21] = 1;
        assertArrayEquals(new int[] {0}, starts(columns(briefer, 3)));
        briefer[22] = 1;
        briefer[23] = 1;
        assertArrayEquals(new int[] {0, 20, 24}, starts(columns(briefer, 3)));
    }

    @Test
    void oneColumnIsOnePhaseAndNoneIsNone() {
        assertArrayEquals(new int[] {0}, starts(columns(new int[] {1}, 2)));
        assertArrayEquals(new int[0], starts(new double[0][]));
    }

    /** Nothing is known of columns 4 to 7: the change may be at any of them, or where it is known again. */
    @Test
    void aStartCanMoveOverWhatIsNotKnown() {
        double[][] columns = columns(new int[] {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 2);
        for (int c = 4; c < 8; c++) {
            columns[c] = null;
        }
        BitSet expected = new BitSet();
        expected.set(4, 9);
        ChangePoints points = ChangePoints.of(new ChangePoints.Part(columns, columns.length));
        assertEquals(List.of(expected), points.alternatives(new int[] {0, 6}, 0.5));
    }

    private record Cut(double cost, List<Integer> starts) {}

    /** Every way to cut into three columns and more, by the definition: squared distances from the phase's mean, and a penalty for each. */
    private static Cut naive(double[][] columns, int from, double penalty) {
        if (from == columns.length) {
            return new Cut(0, List.of());
        }
        Cut best = new Cut(Double.POSITIVE_INFINITY, List.of());
        for (int end = from + 3; end <= columns.length; end++) {
            Cut rest = naive(columns, end, penalty);
            double cost = penalty + spread(columns, from, end) + rest.cost;
            if (cost < best.cost - 1e-9) {
                List<Integer> starts = new ArrayList<>(List.of(from));
                starts.addAll(rest.starts);
                best = new Cut(cost, starts);
            }
        }
        return best;
    }

    private static double spread(double[][] columns, int from, int end) {
        double sum = 0;
        for (int r = 0; r < columns[0].length; r++) {
            double mean = 0;
            for (int c = from; c < end; c++) {
                mean += columns[c][r] / (end - from);
            }
            for (int c = from; c < end; c++) {
                sum += (columns[c][r] - mean) * (columns[c][r] - mean);
            }
        }
        return sum;
    }

    /** 2 ln n times the mean of half the squared distance between neighbours, 1.5 at least. */
    private static double penalty(double[][] columns) {
        double sum = 0;
        for (int c = 1; c < columns.length; c++) {
            sum += spread(columns, c - 1, c + 1); // of two: half their squared distance
        }
        return Math.max(PENALTY, 2 * Math.log(columns.length) * sum / Math.max(1, columns.length - 1));
    }

    /** What is cut is cut where no other cut is better; what costs no more in one phase is not cut. */
    @Test
    void noOtherCutIsBetter() {
        SplittableRandom random = new SplittableRandom(31);
        int changes = 0;
        for (int round = 0; round < 150; round++) {
            int n = 1 + random.nextInt(16);
            int rows = 1 + random.nextInt(4);
            int[] hot = new int[n];
            for (int c = 1; c < n; c++) {
                hot[c] = random.nextInt(6) == 0 ? random.nextInt(rows) : hot[c - 1];
            }
            double[] noise = random.doubles((long) n * rows).toArray();
            double[][] columns =
                    ChangePoints.columns(n, rows, (c, r) -> (hot[c] == r ? 1 : 0) + noise[c * rows + r] / 4);
            int[] starts = starts(columns);
            double penalty = penalty(columns);
            Cut best = naive(columns, 0, penalty);
            boolean isCutWorth = best.cost < penalty + spread(columns, 0, n) - 1e-6;
            if (starts.length > 1) {
                int[] expected =
                        best.starts.stream().mapToInt(Integer::intValue).toArray();
                assertArrayEquals(expected, starts, "round " + round);
            } else {
                assertArrayEquals(new int[] {0}, starts, "round " + round);
            }
            assertTrue(starts.length == 1 || isCutWorth, "round " + round);
            changes += starts.length - 1;
        }
        assertTrue(changes > 10, changes + " changes");
    }
}
