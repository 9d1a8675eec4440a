package org.damson.analyzer.heatmap;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Where a sequence of columns changes: it is cut into phases of three columns or more so that the sum of the columns' squared distances
 * from their phase's means, plus a penalty for each phase, is least. That cut is found exactly, by dynamic programming. The penalty is
 * {@value #PENALTY}, or more where columns that follow one another differ: {@code 2 ln n} times the mean of half their squared distance, the
 * variance of what does not change (J. von Neumann, 1941).
 *
 * <p>A cut counts only if it is better than those of 99 sequences of the same columns in random order. So of sequences whose order tells
 * nothing at most one in 100 is cut, whatever is in them.
 */
public final class ChangePoints {
    /** In columns of a phase that has nothing in common with what is before and after it. */
    private static final double PENALTY = 1.5;

    private static final int SHORTEST = 3;
    private static final int SHUFFLES = 99;
    private static final long SEED = 1;

    /** Costs that differ by less are the same. */
    private static final double ROUNDING = 1e-9;

    /** Heat of a cell, NaN where it is not known. */
    public interface Cells {
        double heat(int column, int row);
    }

    /**
     * What is known of each column.
     *
     * @param columns vectors of length 1, null where nothing is known; as many in each part
     * @param units how many of them are independent: where these are fewer than the columns, distances count for so many
     */
    public record Part(double[][] columns, long units) {
        private int independent() {
            return (int) Math.max(1, Math.min(units, columns.length));
        }

        private double weight() {
            return (double) independent() / Math.max(1, columns.length);
        }

        private double[][] products() {
            double[][] products = new double[columns.length][columns.length];
            for (int a = 0; a < columns.length; a++) {
                for (int b = 0; b <= a && columns[a] != null; b++) {
                    for (int r = 0; columns[b] != null && r < columns[a].length; r++) {
                        products[a][b] += columns[a][r] * columns[b][r];
                    }
                    products[b][a] = products[a][b];
                }
            }
            return products;
        }

        /** Columns in random order, those of a unit together. */
        private int[] shuffled(Random random) {
            int n = columns.length;
            int[] units = IntStream.range(0, independent()).toArray();
            int[] order = new int[n];
            int at = 0;
            for (int i = units.length; i > 0; i--) {
                int chosen = random.nextInt(i);
                int unit = units[chosen];
                units[chosen] = units[i - 1];
                for (int c = first(unit); c < first(unit + 1); c++) {
                    order[at++] = c;
                }
            }
            return order;
        }

        private int first(int unit) {
            return (int) Math.round((double) unit * columns.length / independent());
        }
    }

    /** Sums of the products of a part's columns, by which the cost of any run of them is known at once. */
    private record Sums(double weight, int[] known, double[][] products) {
        static Sums of(Part part, double[][] products, int[] order) {
            int n = order.length;
            int[] known = new int[n + 1];
            double[][] sums = new double[n + 1][n + 1];
            for (int a = 0; a < n; a++) {
                double[] row = products[order[a]];
                known[a + 1] = known[a] + (part.columns[order[a]] == null ? 0 : 1);
                double inRow = 0;
                for (int b = 0; b < n; b++) {
                    inRow += row[order[b]];
                    sums[a + 1][b + 1] = sums[a][b + 1] + inRow;
                }
            }
            return new Sums(part.weight(), known, sums);
        }

        /** The squared distances from the mean: the columns' squares, which are 1, less the mean's. */
        double cost(int start, int end) {
            int n = known[end] - known[start];
            double sum = products[end][end] - 2 * products[start][end] + products[start][start];
            return n == 0 ? 0 : weight * (n - sum / n);
        }
    }

    private final int n;
    private final Part[] parts;
    private final double[][][] products;
    private final Sums[] sums;
    private final double penalty;

    private ChangePoints(Part... parts) {
        this.parts = parts;
        n = parts[0].columns.length;
        products = new double[parts.length][][];
        sums = new Sums[parts.length];
        double noise = 0;
        for (int p = 0; p < parts.length; p++) {
            products[p] = parts[p].products();
            sums[p] = Sums.of(parts[p], products[p], IntStream.range(0, n).toArray());
            noise += noise(parts[p], products[p]);
        }
        penalty = Math.max(PENALTY, 2 * Math.log(Math.max(1, n)) * noise);
    }

    /** All statistics of the same columns. */
    public static ChangePoints of(Part... parts) {
        return new ChangePoints(parts);
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

    /** The variance of a unit, by what is next to each other. */
    private static double noise(Part part, double[][] products) {
        double sum = 0;
        int pairs = 0;
        for (int c = 1; c < products.length; c++) {
            if (part.columns[c] != null && part.columns[c - 1] != null) {
                sum += 1 - products[c][c - 1];
                pairs++;
            }
        }
        return pairs == 0 ? 0 : sum / pairs / part.weight();
    }

    /**
     * The columns in which phases start, the first 0.
     *
     * @param faintness how many times as large changes are taken to be
     */
    public int[] starts(double faintness) {
        int[] from = new int[n + 1];
        double saved = saved(sums, faintness, from);
        if (saved <= ROUNDING) {
            return n == 0 ? new int[0] : new int[1];
        }
        Random random = new Random(SEED);
        for (int i = 0; i < SHUFFLES; i++) {
            Sums[] other = new Sums[parts.length];
            for (int p = 0; p < parts.length; p++) {
                other[p] = Sums.of(parts[p], products[p], parts[p].shuffled(random));
            }
            if (saved(other, faintness, new int[n + 1]) >= saved - ROUNDING) {
                return new int[1];
            }
        }
        List<Integer> starts = new ArrayList<>();
        for (int end = n; end > 0; end = from[end]) {
            starts.add(0, from[end]);
        }
        return starts.stream().mapToInt(Integer::intValue).toArray();
    }

    /** By how much the best cut is better than none, with the start of the phase that ends at each column. */
    private double saved(Sums[] sums, double faintness, int[] from) {
        if (n < 2 * SHORTEST) {
            return 0;
        }
        double perPhase = penalty / faintness;
        double[] best = new double[n + 1];
        Arrays.fill(best, Double.POSITIVE_INFINITY);
        best[0] = 0;
        for (int end = SHORTEST; end <= n; end++) {
            for (int start = 0; start <= end - SHORTEST; start++) {
                double total = best[start] == Double.POSITIVE_INFINITY
                        ? best[start]
                        : best[start] + perPhase + cost(sums, start, end);
                if (total < best[end]) {
                    best[end] = total;
                    from[end] = start;
                }
            }
        }
        return cost(sums, 0, n) + perPhase - best[n];
    }

    private static double cost(Sums[] sums, int start, int end) {
        double cost = 0;
        for (Sums part : sums) {
            cost += part.cost(start, end);
        }
        return cost;
    }

    /**
     * Starts of phases that are known roughly, each where the two phases beside it differ most.
     *
     * @param starts the first 0, ascending
     * @param most columns by less than which a start is moved
     */
    public int[] moved(int[] starts, int most) {
        int[] moved = starts.clone();
        for (int i = 1; i < moved.length; i++) {
            int end = i + 1 < moved.length ? moved[i + 1] : n;
            double least = cost(sums, moved[i - 1], starts[i]) + cost(sums, starts[i], end) - ROUNDING;
            for (int at = Math.max(moved[i - 1] + 1, starts[i] - most + 1);
                    at < Math.min(end, starts[i] + most);
                    at++) {
                double cost = cost(sums, moved[i - 1], at) + cost(sums, at, end);
                if (cost < least) {
                    least = cost;
                    moved[i] = at;
                }
            }
        }
        return moved;
    }

    /**
     * Where phases might start as well.
     *
     * @param starts of {@link #starts}
     * @param more by how much the sum may be greater
     * @return for each start but the first the columns to which it alone can be moved, itself among them
     */
    public List<BitSet> alternatives(int[] starts, double more) {
        List<BitSet> all = new ArrayList<>();
        for (int i = 1; i < starts.length; i++) {
            int end = i + 1 < starts.length ? starts[i + 1] : n;
            double most = cost(sums, starts[i - 1], starts[i]) + cost(sums, starts[i], end) + more;
            BitSet columns = new BitSet(n);
            for (int start = starts[i - 1] + 1; start < end; start++) {
                columns.set(start, cost(sums, starts[i - 1], start) + cost(sums, start, end) <= most);
            }
            all.add(columns);
        }
        return all;
    }
}
