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
    /** Each phase costs 4, as the class says. */
    private static final double PENALTY = 4;

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
     * Three places for six columns each: one phase would cost 18 - 3 x 36 / 18 = 12, and cutting saves that for 2 x 4. Three columns
     * of fifteen cost 15 - (144 + 9) / 15 = 4.8, less than two cuts.
     */
    @Test
    void aPlaceThatIsHotLongEnoughIsAPhase() {
        int[] six = {0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2};
        assertArrayEquals(new int[] {0, 6, 12}, ChangePoints.starts(ChangePoints.Sums.of(columns(six, 3), 1)));
        int[] brief = {0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0};
        assertArrayEquals(new int[] {0}, ChangePoints.starts(ChangePoints.Sums.of(columns(brief, 3), 1)));
        // The same with three times the weight.
        assertArrayEquals(new int[] {0, 6, 9}, ChangePoints.starts(ChangePoints.Sums.of(columns(brief, 3), 3)));
    }

    @Test
    void oneColumnIsOnePhaseAndNoneIsNone() {
        assertArrayEquals(new int[] {0}, ChangePoints.starts(ChangePoints.Sums.of(columns(new int[] {1}, 2), 1)));
        assertArrayEquals(new int[0], ChangePoints.starts(ChangePoints.Sums.of(new double[0][], 1)));
    }

    /** Nothing is known of columns 4 to 7: the change may be at any of them, or where it is known again. */
    @Test
    void aStartCanMoveOverWhatIsNotKnown() {
        double[][] columns = columns(new int[] {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 2);
        for (int c = 4; c < 8; c++) {
            columns[c] = null;
        }
        ChangePoints.Sums sums = ChangePoints.Sums.of(columns, 2);
        int[] starts = ChangePoints.starts(sums);
        assertEquals(2, starts.length);
        BitSet expected = new BitSet();
        expected.set(4, 9);
        assertEquals(List.of(expected), ChangePoints.alternatives(starts, 0.5, sums));
    }

    private record Cut(double cost, List<Integer> starts) {}

    /** Every way to cut, by the definition: squared distances from the phase's mean, and a penalty for each. */
    private static Cut naive(double[][] columns, int from, double weight) {
        if (from == columns.length) {
            return new Cut(0, List.of());
        }
        Cut best = null;
        for (int end = from + 1; end <= columns.length; end++) {
            Cut rest = naive(columns, end, weight);
            double cost = PENALTY + weight * spread(columns, from, end) + rest.cost;
            if (best == null || cost < best.cost - 1e-9) {
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

    @Test
    void noOtherCutIsBetter() {
        SplittableRandom random = new SplittableRandom(31);
        int changes = 0;
        for (int round = 0; round < 120; round++) {
            int n = 1 + random.nextInt(11);
            int rows = 1 + random.nextInt(4);
            double weight = 1 + random.nextInt(12);
            int[] hot = new int[n];
            for (int c = 1; c < n; c++) {
                hot[c] = random.nextInt(3) == 0 ? random.nextInt(rows) : hot[c - 1];
            }
            double[] noise = random.doubles((long) n * rows).toArray();
            double[][] columns =
                    ChangePoints.columns(n, rows, (c, r) -> (hot[c] == r ? 1 : 0) + noise[c * rows + r] / 4);
            int[] starts = ChangePoints.starts(ChangePoints.Sums.of(columns, weight));
            assertArrayEquals(
                    naive(columns, 0, weight).starts.stream()
                            .mapToInt(Integer::intValue)
                            .toArray(),
                    starts,
                    "round " + round);
            changes += starts.length - 1;
        }
        assertTrue(changes > 30, changes + " changes");
    }
}
