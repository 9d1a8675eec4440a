package org.damson.analyzer.heatmap;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Where a sequence of columns changes: it is cut into phases so that the sum of the columns' squared distances from their phase's
 * means, plus a penalty for each phase, is least. That cut is found exactly, by dynamic programming.
 */
public final class ChangePoints {
    /** A phase that has nothing in common with what is before and after it is seen if it takes more than this many columns. */
    private static final double PENALTY = 4;

    private ChangePoints() {}

    /** Heat of a cell, NaN where it is not known. */
    public interface Cells {
        double heat(int column, int row);
    }

    /** Columns of heat as vectors of length 1: the square roots of their rows' shares, and last 1 for a column without heat. */
    public static double[][] columns(int cols, int rows, Cells cells) {
        double[][] columns = new double[cols][rows + 1];
        for (int c = 0; c < cols; c++) {
            double sum = 0;
            for (int r = 0; r < rows; r++) {
                double heat = cells.heat(c, r);
                columns[c][r] = Double.isNaN(heat) ? 0 : heat;
                sum += columns[c][r];
            }
            for (int r = 0; r < rows; r++) {
                columns[c][r] = sum == 0 ? 0 : Math.sqrt(columns[c][r] / sum);
            }
            columns[c][rows] = sum == 0 ? 1 : 0;
        }
        return columns;
    }

    /**
     * Sums over the first columns, of vectors of length 1.
     *
     * @param weight of their distances
     */
    public record Sums(double[][] ofVectors, int[] known, double weight) {
        /** @param columns vectors of length 1, or null where nothing is known */
        public static Sums of(double[][] columns, double weight) {
            int n = columns.length;
            int rows = 0;
            for (double[] column : columns) {
                rows = column == null ? rows : column.length;
            }
            double[][] sums = new double[n + 1][rows];
            int[] known = new int[n + 1];
            for (int c = 0; c < n; c++) {
                for (int r = 0; r < rows; r++) {
                    sums[c + 1][r] = sums[c][r] + (columns[c] == null ? 0 : columns[c][r]);
                }
                known[c + 1] = known[c] + (columns[c] == null ? 0 : 1);
            }
            return new Sums(sums, known, weight);
        }

        /** The squared distances from the mean: the columns' squares, which are 1, less the mean's. */
        double cost(int start, int end) {
            int n = known[end] - known[start];
            double cost = n;
            for (int r = 0; r < ofVectors[end].length && n > 0; r++) {
                double sum = ofVectors[end][r] - ofVectors[start][r];
                cost -= sum * sum / n;
            }
            return weight * cost;
        }
    }

    /** The columns in which phases start, the first 0, by what is known of each. */
    public static int[] starts(Sums... parts) {
        int n = parts[0].known.length - 1;
        double[] best = new double[n + 1];
        int[] from = new int[n + 1];
        for (int end = 1; end <= n; end++) {
            best[end] = Double.POSITIVE_INFINITY;
            for (int start = 0; start < end; start++) {
                double total = best[start] + PENALTY;
                for (Sums part : parts) {
                    total += part.cost(start, end);
                }
                if (total < best[end]) {
                    best[end] = total;
                    from[end] = start;
                }
            }
        }
        List<Integer> starts = new ArrayList<>();
        for (int end = n; end > 0; end = from[end]) {
            starts.add(0, from[end]);
        }
        return starts.stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * Where phases might start as well.
     *
     * @param starts of {@link #starts}
     * @param more by how much the sum may be greater
     * @return for each start but the first the columns to which it alone can be moved, itself among them
     */
    public static List<BitSet> alternatives(int[] starts, double more, Sums... parts) {
        int n = parts[0].known.length - 1;
        List<BitSet> all = new ArrayList<>();
        for (int i = 1; i < starts.length; i++) {
            int end = i + 1 < starts.length ? starts[i + 1] : n;
            double most = cost(starts[i - 1], starts[i], end, parts) + more;
            BitSet columns = new BitSet(n);
            for (int start = starts[i - 1] + 1; start < end; start++) {
                columns.set(start, cost(starts[i - 1], start, end, parts) <= most);
            }
            all.add(columns);
        }
        return all;
    }

    /** Of two phases that follow one another. */
    private static double cost(int start, int next, int end, Sums... parts) {
        double cost = 0;
        for (Sums part : parts) {
            cost += part.cost(start, next) + part.cost(next, end);
        }
        return cost;
    }
}
