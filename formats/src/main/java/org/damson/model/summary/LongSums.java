package org.damson.model.summary;

import java.util.Arrays;

/**
 * Sums of whole numbers that are not negative, by their place in a list: 128 bits each. One beyond 2^124 is that, so that what they come to
 * does not depend on an order.
 */
final class LongSums {
    private static final int HIGH_BITS = 60;

    private long[] high;
    private long[] low;

    LongSums(int length) {
        high = new long[length];
        low = new long[length];
    }

    int length() {
        return low.length;
    }

    /** Makes room for so many sums. */
    void reserve(int length) {
        if (length > low.length) {
            int wanted = Math.max(length, low.length * 2);
            high = Arrays.copyOf(high, wanted);
            low = Arrays.copyOf(low, wanted);
        }
    }

    /** Adds {@code otherHigh * 2^64 + otherLow}, both without sign. */
    void add(int i, long otherHigh, long otherLow) {
        long sum = low[i] + otherLow;
        long upper = high[i] + otherHigh + (Long.compareUnsigned(sum, otherLow) < 0 ? 1 : 0);
        boolean isBeyond = upper >>> HIGH_BITS != 0;
        high[i] = isBeyond ? (1L << HIGH_BITS) - 1 : upper;
        low[i] = isBeyond ? -1 : sum;
    }

    /** Adds the product of two numbers, the first without sign, the second 0 or more. */
    void addProduct(int i, long unsigned, long b) {
        add(i, LongSum.timesHigh(unsigned, b), unsigned * b);
    }

    void addAll(LongSums o) {
        reserve(o.low.length);
        for (int i = 0; i < o.low.length; i++) {
            add(i, o.high[i], o.low[i]);
        }
    }

    boolean isZero(int i) {
        return (high[i] | low[i]) == 0;
    }

    long high(int i) {
        return high[i];
    }

    long low(int i) {
        return low[i];
    }

    /** A sum, to a double's precision. */
    double value(int i) {
        return LongSum.value(high[i], low[i]);
    }
}
