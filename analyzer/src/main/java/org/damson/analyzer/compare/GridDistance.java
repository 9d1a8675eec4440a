package org.damson.analyzer.compare;

import org.damson.analyzer.scan.BlockBootstrap;

/**
 * How far two grids of one shape are apart where the second lags by some columns.
 *
 * @param lag columns
 * @param mean difference of heat over all cells that both cover, weighted by what is covered
 * @param value sum of differences over sum of both
 * @param correlation of heat; NaN if either does not vary
 * @param differences sum of differences per column that both have
 * @param heats sum of both grids' heat per column
 */
record GridDistance(int lag, double mean, double value, double correlation, double[] differences, double[] heats) {
    /** Means of heat that differ by less are one region's. */
    private static final double SAME = 1e-9;

    /** The nearest of those with a lag of at most {@code maxLag} either way. */
    static GridDistance nearest(Grid a, Grid b, int maxLag) {
        GridDistance best = of(a, b, 0);
        for (int lag = 1; lag <= maxLag; lag++) {
            best = best.nearer(of(a, b, lag)).nearer(of(a, b, -lag));
        }
        return best;
    }

    private GridDistance nearer(GridDistance o) {
        return o.value < value ? o : this;
    }

    private static GridDistance of(Grid a, Grid b, int lag) {
        int first = Math.max(0, -lag);
        int columns = a.cols() - Math.abs(lag);
        double[] differences = new double[columns];
        double[] heats = new double[columns];
        double w = 0;
        double sumA = 0;
        double sumB = 0;
        double squareA = 0;
        double squareB = 0;
        double product = 0;
        for (int row = 0; row < a.rows(); row++) {
            for (int col = 0; col < columns; col++) {
                int i = row * a.cols() + first + col;
                int j = i + lag;
                double weight = Math.min(a.cover()[i], b.cover()[j]);
                if (weight > 1e-9) {
                    double x = a.heat()[i] / a.cover()[i];
                    double y = b.heat()[j] / b.cover()[j];
                    w += weight;
                    differences[col] += weight * Math.abs(x - y);
                    heats[col] += weight * (x + y);
                    sumA += weight * x;
                    sumB += weight * y;
                    squareA += weight * x * x;
                    squareB += weight * y * y;
                    product += weight * x * y;
                }
            }
        }
        if (w == 0) {
            return new GridDistance(lag, 1, 1, Double.NaN, differences, heats);
        }
        double varianceA = squareA / w - sumA / w * (sumA / w);
        double varianceB = squareB / w - sumB / w * (sumB / w);
        double r = (product / w - sumA / w * (sumB / w)) / Math.sqrt(varianceA * varianceB);
        boolean flat = varianceA < 1e-15 || varianceB < 1e-15;
        double difference = sum(differences);
        double both = sum(heats);
        return new GridDistance(
                lag, difference / w, ratio(difference, both), flat ? Double.NaN : r, differences, heats);
    }

    /**
     * The least that this distance can be of grids whose mappings show no places: what one has of a mapping that was touched in part is
     * spread over it as in the other. This where that changes nothing.
     *
     * @param isOpenA whether a region of the first is a mapping of which a part may have been touched, whichever
     * @param isOpenB the same of the second
     */
    GridDistance least(Grid a, Grid b, boolean isOpenA, boolean isOpenB) {
        Grid x = isOpenB ? spread(a, b, lag) : a;
        Grid y = isOpenA ? spread(b, a, -lag) : b;
        return x == a && y == b ? this : nearer(of(x, y, lag));
    }

    /** A grid whose heat is even in each run of cells that are one mapping touched in part, as their equal heat tells, in another. */
    private static Grid spread(Grid g, Grid other, int lag) {
        double[] heat = g.heat().clone();
        for (int col = Math.max(0, -lag); col < g.cols() && col + lag < g.cols(); col++) {
            for (int row = 0, end; row < g.rows(); row = end) {
                double part = other.mean(row, col + lag);
                end = row + 1;
                while (end < g.rows() && Math.abs(other.mean(end, col + lag) - part) < SAME) {
                    end++;
                }
                if (part > SAME && part < 1 - SAME) {
                    spread(g, heat, row, end, col);
                }
            }
        }
        return new Grid(g.cols(), g.rows(), heat, g.cover());
    }

    private static void spread(Grid g, double[] heat, int first, int end, int col) {
        double all = 0;
        double covered = 0;
        for (int i = first * g.cols() + col; i < end * g.cols(); i += g.cols()) {
            all += g.heat()[i];
            covered += g.cover()[i];
        }
        for (int i = first * g.cols() + col; i < end * g.cols() && covered > 0; i += g.cols()) {
            heat[i] = all / covered * g.cover()[i];
        }
    }

    /** The distance with its bounds. */
    CompareResult.Distance pattern(long snapshots, long seed) {
        BlockBootstrap bootstrap = BlockBootstrap.of(differences, snapshots, seed);
        double[] bounds = bootstrap
                .intervals(new double[] {value}, draw -> {
                    double difference = 0;
                    double both = 0;
                    for (int col : draw) {
                        difference += differences[col];
                        both += heats[col];
                    }
                    return new double[] {ratio(difference, both)};
                })[0];
        return CompareResult.Distance.of(value, bounds);
    }

    private static double ratio(double difference, double both) {
        return both == 0 ? 0 : difference / both;
    }

    private static double sum(double[] values) {
        double sum = 0;
        for (double v : values) {
            sum += v;
        }
        return sum;
    }
}
