package org.damson.analyzer.openloop;

import java.io.Serializable;
import java.math.BigInteger;

/** Regions and bytes by combination of a {@link Sweep}. */
final class SweepSums implements Serializable {
    private static final long serialVersionUID = 1L;

    private final long[] regions;

    /** Bytes, of which a long trace tries more than a long holds: the lower half, without sign, and the upper one. */
    private final long[] low;

    private final long[] high;

    SweepSums(int points) {
        regions = new long[points];
        low = new long[points];
        high = new long[points];
    }

    int points() {
        return regions.length;
    }

    /** Adds {@code moreHigh * 2^64 + moreLow} bytes, the latter without sign. */
    void add(int at, long moreRegions, long moreHigh, long moreLow) {
        long sum = low[at] + moreLow;
        regions[at] += moreRegions;
        high[at] += moreHigh + (Long.compareUnsigned(sum, moreLow) < 0 ? 1 : 0);
        low[at] = sum;
    }

    void add(int at, SweepSums o, int point) {
        add(at, o.regions[point], o.high[point], o.low[point]);
    }

    Sweep.Tried of(int point) {
        BigInteger bytes =
                BigInteger.valueOf(high[point]).shiftLeft(64).add(new BigInteger(Long.toUnsignedString(low[point])));
        return new Sweep.Tried(regions[point], bytes);
    }
}
