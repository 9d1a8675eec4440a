package org.damson.analyzer.scan;

import org.damson.model.Snapshot;

/**
 * How many bytes of a region were touched: the one rule that all figures rest on. A region of DAMON is touched or it is
 * not, as DAMON's premise is that its pages are accessed alike. A region recorded through referenced bits is a mapping, of
 * which any part may have been touched: how many bytes is known from samples, which ones is not.
 */
public final class TouchedBytes {
    private TouchedBytes() {}

    /** Whether regions are mappings that were touched in part, with the number of bytes recorded. */
    public static boolean isPartial(Snapshot s) {
        return s.has(Snapshot.HAS_REFERENCED);
    }

    /** Bytes of region {@code i} touched within one sampling interval: the mean of the samples; no more than its size. */
    public static long perSample(Snapshot s, int i) {
        return s.touchedBytes(i);
    }

    /**
     * Bytes touched at least within the aggregation interval, and likely: the most that one sample found. Other samples may
     * have found other pages, but the same ones are the rule.
     */
    public static long least(Snapshot s, int i) {
        return isPartial(s) ? s.within(i, Math.max(s.referencedMax[i], s.referencedMean[i])) : s.accessedBytes(i);
    }

    /**
     * Bytes of region {@code i} written within one sampling interval, mean of the samples, no more than were touched;
     * {@link Snapshot#NOT_KNOWN} if the recording does not say.
     */
    public static long writtenPerSample(Snapshot s, int i) {
        return s.writtenBytes(i);
    }

    /** {@link #least} as a share of the region, 0..1. */
    public static double leastShare(Snapshot s, int i) {
        double size = Scan.bytes(s.end[i] - s.start[i]);
        return size <= 0 ? 0 : Math.min(1, least(s, i) / size);
    }

    /** Share of the region that was touched in an average sample, 0..1, of a region that was touched in part. */
    public static double meanShare(Snapshot s, int i) {
        double size = Scan.bytes(s.end[i] - s.start[i]);
        return size <= 0 ? 0 : Math.min(1, perSample(s, i) / size);
    }

    /**
     * Bytes touched at most: the whole region, as pages may be touched between two samples, and as referenced bits read low
     * where the TLB keeps entries. The size of the process bounds the sum of them.
     */
    public static long most(Snapshot s, int i) {
        return s.accessedBytes(i);
    }

    /** The sum of two sizes; 2^63 - 1 if it is greater, which no memory is. */
    public static long sum(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }
}
