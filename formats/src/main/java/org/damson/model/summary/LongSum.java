package org.damson.model.summary;

/** A sum of whole numbers without rounding, the same in whatever order they are added: 128 bits. */
public final class LongSum {
    private long high;
    private long low;

    public void add(long value) {
        add(value >> 63, value);
    }

    public void add(LongSum o) {
        add(o.high, o.low);
    }

    /** Adds {@code otherHigh * 2^64 + otherLow}, the latter without sign. */
    public void add(long otherHigh, long otherLow) {
        long sum = low + otherLow;
        high += otherHigh + (Long.compareUnsigned(sum, low) < 0 ? 1 : 0);
        low = sum;
    }

    /** The sum, to a double's precision. */
    public double value() {
        return value(high, low);
    }

    /** The same of {@code high * 2^64 + low}. */
    public static double value(long high, long low) {
        // Where a long holds it, as that is rounded.
        return high == low >> 63 ? low : high * 0x1p64 + ((low >>> 1) * 2.0 + (low & 1));
    }

    /** The upper half of the product of two numbers, the first without sign, the second 0 or more. */
    static long timesHigh(long unsigned, long b) {
        return Math.multiplyHigh(unsigned, b) + (unsigned >> 63 & b);
    }
}
