package org.damson.analyzer.damos;

import org.damson.analyzer.scan.Arithmetic;
import org.damson.damon.scheme.Quota;
import org.damson.damon.scheme.Range;
import org.damson.damon.scheme.Scheme;

/**
 * Lower bound on the bytes that a scheme with a quota in bytes tries, whenever its windows begin and whatever it tried before.
 *
 * <p>A window begins at the first turn that is a reset interval after the last one's beginning, by a clock that may be
 * late ({@link QuotaClock}). So a stretch of turns that is one turn longer than that holds a beginning, and each stretch
 * another one; the window that begins in it is over
 * at the end of the next stretch, and tries what matches in any one of its turns, up to the quota. But where the window
 * before it used its quota up, its first turn goes on behind the place where that ended, and may find nothing there; if
 * it has no second turn, the two of them tried one quota.
 */
public final class QuotaFloor {
    private final long quotaBytes;
    private final long resetNs;

    private long fromNs = -1;
    private long lastNs;
    private long longestNs;
    private long least = Long.MAX_VALUE;
    private long leastBefore = -1;

    /** Least sums, if the last window tried what it found, and if it found nothing; of the last and of the one before. */
    private double full;

    private double none;
    private double before;

    /** The largest regions that match in this turn, greatest last: a scheme before may cut as many, and the rest waits. */
    private final long[] largest;

    private long matching;

    /**
     * @param quota a quota in bytes
     * @param cuts how many regions other schemes may cut in a turn
     */
    public QuotaFloor(Quota quota, long minRegionBytes, int cuts) {
        largest = new long[cuts];
        quotaBytes = Arithmetic.alignDown(quota.sizeBytes(), minRegionBytes);
        resetNs = quota.resetMs() >= Long.MAX_VALUE / 2_000_000 ? Long.MAX_VALUE / 2 : quota.resetMs() * 1_000_000;
    }

    /** Whether such a floor is known: of how much a goal or a time lets through, it is not. */
    public static boolean isKnown(Scheme s, long minRegionBytes) {
        Quota q = s.quota();
        return q.sizeBytes() > 0
                && q.timeMs() == 0
                && q.goals().isEmpty()
                && !q.hasFailCharge()
                && s.maxSnapshots() == 0
                && s.filters().isEmpty()
                && !s.watermarks().freeMemRate()
                // What the quota cuts off must match as the whole did.
                && s.size().min() <= minRegionBytes
                && s.size().max() == Range.MAX;
    }

    /**
     * Bytes that a quota lets through at least in the turn in which something matches for the first time: nothing is charged then, and no
     * time was measured. 0 where that is not known.
     */
    public static long atFirst(Scheme s, long minRegionBytes) {
        Quota q = s.quota();
        if (q.isNone()
                || !q.goals().isEmpty()
                || q.hasFailCharge()
                || s.maxSnapshots() > 0
                || !s.filters().isEmpty()
                || s.watermarks().freeMemRate()) {
            return 0;
        }
        long bytes = q.sizeBytes() > 0 ? q.sizeBytes() : Long.MAX_VALUE;
        long byTime = EffectiveQuota.bytesPerMsAtFirst(minRegionBytes);
        if (q.timeMs() > 0 && q.timeMs() < bytes / byTime) {
            bytes = q.timeMs() * byTime;
        }
        return Arithmetic.alignDown(bytes, minRegionBytes);
    }

    /** In this turn a region of this size matches. */
    public void matches(long sizeBytes) {
        matching += sizeBytes;
        long size = sizeBytes;
        for (int i = largest.length - 1; i >= 0 && size > 0; i--) {
            if (size > largest[i]) {
                long smaller = largest[i];
                largest[i] = size;
                size = smaller;
            }
        }
    }

    /**
     * The turn is over.
     *
     * @param timeNs the snapshot's end
     * @param sampleUs sampling interval
     */
    public void turn(long timeNs, long sampleUs) {
        long matchingBytes = matching;
        for (int i = 0; i < largest.length; i++) {
            matchingBytes -= largest[i];
            largest[i] = 0;
        }
        matching = 0;
        if (fromNs < 0) {
            fromNs = timeNs;
        } else {
            longestNs = Math.max(longestNs, timeNs - lastNs);
        }
        lastNs = timeNs;
        least = Math.min(least, matchingBytes);
        if (timeNs == fromNs || timeNs - fromNs - longestNs < resetNs + QuotaClock.lateMs(sampleUs) * 1_000_000) {
            return;
        }
        if (leastBefore >= 0) {
            boolean isOneTurn = 2 * longestNs > resetNs - QuotaClock.earlyMs(sampleUs) * 1_000_000;
            window(Math.min(quotaBytes, Math.min(leastBefore, least)), isOneTurn);
        }
        leastBefore = least;
        least = Long.MAX_VALUE;
        fromNs = -1;
        longestNs = 0;
    }

    private void window(double bytes, boolean isOneTurn) {
        double sum = Math.min(full, none);
        none = isOneTurn ? before + quotaBytes : Double.POSITIVE_INFINITY;
        full = sum + bytes;
        before = sum;
    }

    /** Bytes tried at least in all turns so far. */
    public double bytes() {
        return Math.min(full, none);
    }
}
