package org.damson.analyzer.scan;

import java.util.Arrays;

/**
 * Weights by value, for percentiles. Values that differ by less than a thousandth of themselves may share a bucket, which
 * then stands for the least of them; memory is bounded by that, whatever is added.
 */
public final class WeightedValues {
    /** Values below {@code 1 << BITS} have a bucket each, as has every {@code 1 << BITS - 1}th part of an octave above. */
    private static final int BITS = 11;

    private static final int HALF = 1 << BITS - 1;

    private final Side positive = new Side();
    private final Side negative = new Side();
    private double sum;

    /** One sign's buckets. */
    private static final class Side {
        double[] weights = new double[0];

        /** The value nearest to zero that a bucket has got. */
        long[] least = new long[0];

        public void add(int i, long size, double weight) {
            if (i >= weights.length) {
                int wanted = Math.max(i + 1, weights.length * 2);
                weights = Arrays.copyOf(weights, wanted);
                least = Arrays.copyOf(least, wanted);
            }
            least[i] = weights[i] == 0 ? size : Math.min(least[i], size);
            weights[i] += weight;
        }

        public void addAll(Side o) {
            for (int i = o.weights.length - 1; i >= 0; i--) {
                if (o.weights[i] > 0) {
                    add(i, o.least[i], o.weights[i]);
                }
            }
        }
    }

    /** Adds a value, greater than {@link Long#MIN_VALUE}; without weight it is nothing. */
    public void add(long value, double weight) {
        if (weight > 0) {
            long size = Math.abs(value);
            (value < 0 ? negative : positive).add(bucket(size), size, weight);
            sum += weight;
        }
    }

    private static int bucket(long size) {
        int shift = Math.max(0, 64 - BITS - Long.numberOfLeadingZeros(size));
        return shift * HALF + (int) (size >>> shift);
    }

    public void addAll(WeightedValues o) {
        positive.addAll(o.positive);
        negative.addAll(o.negative);
        sum += o.sum;
    }

    /** The least value with which {@code percent} of the weight is reached; 0 if there is none. */
    public long at(double percent) {
        // A hair less, so that rounding does not push a percentile past the value that reaches it exactly.
        double wanted = percent / 100 * sum * (1 - 1e-12);
        double reached = 0;
        long last = 0;
        for (int i = negative.weights.length - 1; i >= 0; i--) {
            if (negative.weights[i] > 0) {
                reached += negative.weights[i];
                last = -negative.least[i];
                if (reached >= wanted) {
                    return last;
                }
            }
        }
        for (int i = 0; i < positive.weights.length; i++) {
            if (positive.weights[i] > 0) {
                reached += positive.weights[i];
                last = positive.least[i];
                if (reached >= wanted) {
                    return last;
                }
            }
        }
        return last;
    }
}
