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
