package org.damson.analyzer.scan;

/**
 * The one rule for percentiles of values that count alike: between the two nearest values, by the share of the way
 * ({@code h = (n - 1) p / 100}), as {@code median} and {@code quantile} of DuckDB, pandas and numpy do. What is weighted
 * by bytes or time has {@link WeightedValues}. docs/FIGURES.md says the same.
 */
public final class Quantiles {
    private Quantiles() {}

    /** The percentile of ascending values, to the nearest whole number; 0 if there are none. */
    public static long of(long[] sorted, double percent) {
        if (sorted.length == 0) {
            return 0;
        }
        double h = position(percent, sorted.length);
        int below = (int) h;
        long value = sorted[below];
        return below + 1 == sorted.length ? value : value + Math.round((h - below) * (sorted[below + 1] - value));
    }

    /** The percentile of ascending values; 0 if there are none. */
    public static double of(double[] sorted, double percent) {
        if (sorted.length == 0) {
            return 0;
        }
        double h = position(percent, sorted.length);
        int below = (int) h;
        double value = sorted[below];
        return below + 1 == sorted.length ? value : value + (h - below) * (sorted[below + 1] - value);
    }

    private static double position(double percent, int length) {
        return Math.max(0, Math.min(length - 1, percent / 100 * (length - 1)));
    }
}
