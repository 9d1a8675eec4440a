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
    /** The least variance, as the class says. */
    private static final double LEAST = 1 / 6.0;

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
     * Three places for six columns each: one phase would cost 18 - 3 x 36 / 18 = 12, and cutting saves that for 2 x 0.96. Three columns
     * of fifteen cost 15 - (144 + 9) / 15 = 4.8, but so do those that are next to each other by chance, and so do two of forty.
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

    /** Five places for two columns each: the order of ten columns is as good by chance once in 945 times. Of six columns it is once in 15. */
    @Test
    void placesOfTwoColumnsArePhasesWhereThereAreSeveral() {
        assertArrayEquals(new int[] {0, 2, 4, 6, 8}, starts(columns(new int[] {0, 0, 1, 1, 2, 2, 3, 3, 4, 4}, 5)));
        assertArrayEquals(new int[] {0}, starts(columns(new int[] {0, 0, 1, 1, 2, 2}, 3)));
        int[] byTurns = new int[40];
        for (int c = 0; c < 40; c++) {
            byTurns[c] = c / 4 % 2;
        }
        assertEquals(10, starts(columns(byTurns, 2)).length);
    }

    /** Six columns of a half and six of the other, but of a unit each six: two units tell nothing, nor do two columns of a third each. */
    @Test
    void columnsOfAUnitAreNoMoreThanIt() {
        double[][] halves = columns(new int[] {0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1}, 2);
        assertArrayEquals(new int[] {0, 6}, starts(halves));
        assertArrayEquals(
                new int[] {0}, ChangePoints.of(new ChangePoints.Part(halves, 2)).starts(1));
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

    /** Every way to cut into two columns and more, by the definition: squared distances from the phase's mean, and a penalty for each. */
    private static Cut naive(double[][] columns, int from, double penalty) {
        if (from == columns.length) {
            return new Cut(0, List.of());
        }
        Cut best = new Cut(Double.POSITIVE_INFINITY, List.of());
        for (int end = from + 2; end <= columns.length; end++) {
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

    /** 2 ln n times the mean of half the squared distance between neighbours of one phase. */
    private static double needed(double[][] columns, List<Integer> starts) {
        double sum = 0;
        int pairs = 0;
        for (int c = 1; c < columns.length; c++) {
            if (!starts.contains(c)) {
                sum += spread(columns, c - 1, c + 1); // of two: half their squared distance
                pairs++;
            }
        }
        return 2 * Math.log(Math.max(2, columns.length)) * Math.max(LEAST, pairs == 0 ? 0 : sum / pairs);
    }

    /** The best cut by the least penalty that is no less than what the cut by it needs, tried from below. */
    private static Cut best(double[][] columns) {
        double penalty = 2 * Math.log(Math.max(2, columns.length)) * LEAST;
        while (true) {
            Cut best = naive(columns, 0, penalty);
            if (best.cost >= penalty + spread(columns, 0, columns.length) - 1e-6) {
                return new Cut(0, List.of(0));
            }
            double needed = needed(columns, best.starts);
            if (needed <= penalty + 1e-9) {
                return best;
            }
            penalty = needed;
        }
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
            int[] best =
                    best(columns).starts.stream().mapToInt(Integer::intValue).toArray();
            // Or one phase, where an order by chance would be as good.
            assertArrayEquals(starts.length > 1 ? best : new int[] {0}, starts, "round " + round);
            changes += starts.length - 1;
        }
        assertTrue(changes > 10, changes + " changes");
    }
}
