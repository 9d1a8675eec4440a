package org.damson.analyzer.heatmap;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Where a sequence of columns changes: it is cut into phases so that the sum of the columns' squared distances from their phase's
 * means is least, where each phase must save a penalty. That cut is found exactly, by dynamic programming. A phase takes two columns,
 * three where columns are finer than what they are made of. The penalty is {@code 2 ln n} times the mean of half the squared
 * distance of columns that follow one another within a phase, the variance of what does not change (J. von Neumann, 1941), or
 * times a sixth if that is more. Differences between phases are no variance: otherwise many short phases would hide one another. So the least
 * penalty is tried first, and raised until it is enough for what differs within the phases it leaves. Each part has its own penalty, and
 * its distances count as shares of it: what changes in one part is not hidden by what varies in another.
 *
 * <p>A cut counts only if at most one in 100 of the same columns' random orders, cut alike, saves as much. So of sequences whose order
 * tells nothing at most one in 100 is cut, whatever is in them.
 */
public final class ChangePoints {
    /** Columns that hold the end of another phase differ by so much in the mean where phases take few columns. */
    private static final double LEAST_VARIANCE = 1 / 6.0;

    /** Up to so many columns, 999 orders are tried instead of 99: among few columns, a random order is now and then as good. */
    private static final int FEW = 60;

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

    /**
     * A part's columns in some order, summed so that the cost of any run of them is known at once.
     *
     * @param near half the squared distance of each column from the one before it, NaN where it is not known
     */
    private record Sums(int units, double weight, int[] known, double[][] products, double[] near) {
        static Sums of(Part part, double[][] products, int[] order) {
            int n = order.length;
            int[] known = new int[n + 1];
            double[][] sums = new double[n + 1][n + 1];
            double[] near = new double[n];
            for (int a = 0; a < n; a++) {
                double[] row = products[order[a]];
                known[a + 1] = known[a] + (part.columns[order[a]] == null ? 0 : 1);
                boolean isNear = a > 0 && known[a + 1] == known[a - 1] + 2;
                near[a] = isNear ? 1 - row[order[a - 1]] : Double.NaN;
                double inRow = 0;
                for (int b = 0; b < n; b++) {
                    inRow += row[order[b]];
                    sums[a + 1][b + 1] = sums[a][b + 1] + inRow;
                }
            }
            return new Sums(part.independent(), part.weight(), known, sums, near);
        }

        /** The squared distances from the mean: the columns' squares, which are 1, less the mean's. */
        double cost(int start, int end) {
            int n = known[end] - known[start];
            double sum = products[end][end] - 2 * products[start][end] + products[start][start];
            return n == 0 ? 0 : weight * (n - sum / n);
        }

        private double penalty(double variance) {
            return 2 * Math.log(Math.max(2, units)) * Math.max(LEAST_VARIANCE, variance);
        }

        /** What a phase must save at least, by how much what follows each other within a phase differs. */
        double penalty(BitSet starts) {
            double sum = 0;
            int pairs = 0;
            for (int c = 1; c < near.length; c++) {
                if (!starts.get(c) && !Double.isNaN(near[c])) {
                    sum += near[c];
                    pairs++;
                }
            }
            return penalty(pairs == 0 ? 0 : sum / pairs / weight);
        }
    }

    /**
     * A way to cut all columns.
     *
     * @param saved by how many penalties it is better than no cut
     */
    private record Cut(double saved, BitSet starts) {}

    private final int n;
    private final Part[] parts;
    private final double[][][] products;
    private final Sums[] sums;

    /** Columns of a phase; one more where a column is less than a unit, so holds little. */
    private final int shortest;

    private ChangePoints(Part... parts) {
        this.parts = parts;
        n = parts[0].columns.length;
        shortest = Arrays.stream(parts).allMatch(p -> p.independent() == n) ? 2 : 3;
        products = new double[parts.length][][];
        sums = new Sums[parts.length];
        for (int p = 0; p < parts.length; p++) {
            products[p] = parts[p].products();
            sums[p] = Sums.of(parts[p], products[p], IntStream.range(0, n).toArray());
        }
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

    /**
     * The columns in which phases start, the first 0.
     *
     * @param faintness how many times as large changes are taken to be
     */
    public int[] starts(double faintness) {
        Cut cut = cut(sums, faintness);
        if (n == 0 || cut.saved <= ROUNDING) {
            return new int[Math.min(n, 1)];
        }
        Random random = new Random(SEED);
        int shuffles = n <= FEW ? 999 : 99;
        int asGood = 0;
        for (int i = 0; i < shuffles; i++) {
            Sums[] other = new Sums[parts.length];
            for (int p = 0; p < parts.length; p++) {
                other[p] = Sums.of(parts[p], products[p], parts[p].shuffled(random));
            }
            asGood += cut(other, faintness).saved >= cut.saved - ROUNDING ? 1 : 0;
            if (asGood > shuffles / 100) {
                return new int[1];
            }
        }
        return cut.starts.stream().toArray();
    }

    /** The finest cut whose phases save what they must by what differs within them. */
    private Cut cut(Sums[] sums, double faintness) {
        double[] penalties = Arrays.stream(sums).mapToDouble(s -> s.penalty(0)).toArray();
        while (true) {
            Cut cut = cheapest(sums, penalties, 1 / faintness);
            boolean isEnough = true;
            for (int p = 0; p < sums.length; p++) {
                double needed = sums[p].penalty(cut.starts);
                isEnough &= needed <= penalties[p] + ROUNDING;
                penalties[p] = Math.max(needed, penalties[p]);
            }
            if (isEnough || cut.saved <= ROUNDING) {
                return cut;
            }
        }
    }

    /** The best cut, where a phase must save so many penalties, of whichever parts. */
    private Cut cheapest(Sums[] sums, double[] penalties, double perPhase) {
        if (n < 2 * shortest) {
            return new Cut(0, new BitSet());
        }
        double[] best = new double[n + 1];
        int[] from = new int[n + 1];
        Arrays.fill(best, Double.POSITIVE_INFINITY);
        best[0] = 0;
        for (int end = shortest; end <= n; end++) {
            for (int start = 0; start <= end - shortest; start++) {
                double total = best[start] == Double.POSITIVE_INFINITY
                        ? best[start]
                        : best[start] + perPhase + cost(sums, penalties, start, end);
                if (total < best[end]) {
                    best[end] = total;
                    from[end] = start;
                }
            }
        }
        BitSet starts = new BitSet();
        for (int end = n; end > 0; end = from[end]) {
            starts.set(from[end]);
        }
        return new Cut(cost(sums, penalties, 0, n) + perPhase - best[n], starts);
    }

    private static double cost(Sums[] sums, double[] penalties, int start, int end) {
        double cost = 0;
        for (int p = 0; p < sums.length; p++) {
            cost += sums[p].cost(start, end) / penalties[p];
        }
        return cost;
    }

    private double cost(int start, int end) {
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
            double least = cost(moved[i - 1], starts[i]) + cost(starts[i], end) - ROUNDING;
            for (int at = Math.max(moved[i - 1] + 1, starts[i] - most + 1);
                    at < Math.min(end, starts[i] + most);
                    at++) {
                double cost = cost(moved[i - 1], at) + cost(at, end);
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
            double most = cost(starts[i - 1], starts[i]) + cost(starts[i], end) + more;
            BitSet columns = new BitSet(n);
            for (int start = starts[i - 1] + 1; start < end; start++) {
                columns.set(start, cost(starts[i - 1], start) + cost(start, end) <= most);
            }
            all.add(columns);
        }
        return all;
    }
}
