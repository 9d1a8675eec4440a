package org.damson.replayer;

import org.damson.model.InvalidInputException;

/**
 * How to replay.
 *
 * @param speed 2 plays twice as fast
 * @param maxBytes memory that the replay may touch, bytes
 * @param memoryScale 0.5 makes every mapping half as long
 * @param loops how often the recording is played
 * @param readShare of the pages that are touched those that are read and not written, where the trace does not say, 0..1
 * @param shiftNs when it begins, nanoseconds after the replay does
 * @param seenShare share of the samples with an access in which the recording shows it, above 0, at most 1: memory is touched in as
 *     many more samples than it was seen in, but at most in all
 * @param fillsResident whether what was resident is, also where it was never accessed; else what was accessed at some time
 * @param hugetlb what stands for mappings of huge pages of the pool
 */
public record ReplayOptions(
        double speed,
        long maxBytes,
        double memoryScale,
        int loops,
        double readShare,
        long shiftNs,
        double seenShare,
        boolean fillsResident,
        Hugetlb hugetlb) {
    /** What stands for mappings of huge pages of the pool (hugetlb): pages of the pool, transparent huge pages, or pages of 4 KiB. */
    public enum Hugetlb {
        POOL(" hugetlb"),
        THP(" huge"),
        SMALL(" small");

        /** As a line of a plan says it. */
        final String word;

        Hugetlb(String word) {
            this.word = word;
        }
    }

    private static final double MAX_FACTOR = 1000;

    public ReplayOptions {
        if (!(speed > 0) || speed > MAX_FACTOR || maxBytes <= 0) {
            throw new InvalidInputException(
                    "speed must be in (0, 1000] and the limit positive: speed=" + speed + ", maxBytes=" + maxBytes);
        }
        if (!(memoryScale > 0) || memoryScale > MAX_FACTOR || loops < 1) {
            throw new InvalidInputException("the memory scale must be in (0, 1000] and loops at least 1: memoryScale="
                    + memoryScale + ", loops=" + loops);
        }
        if (!(readShare >= 0) || readShare > 1 || shiftNs < 0) {
            throw new InvalidInputException(
                    "the share of reads must be in [0, 1] and the shift not negative: readShare=" + readShare
                            + ", shiftNs=" + shiftNs);
        }
        if (!(seenShare > 0) || seenShare > 1) {
            throw new InvalidInputException("the share of accesses that is seen must be in (0, 1]: " + seenShare);
        }
    }

    /** All that is touched is written, except what could not be, and as often as it was seen. */
    public ReplayOptions(double speed, long maxBytes, double memoryScale, int loops) {
        this(speed, maxBytes, memoryScale, loops, 0, 0, 1, true, Hugetlb.POOL);
    }

    /** The same, played once and begun at once. */
    ReplayOptions once() {
        return new ReplayOptions(speed, maxBytes, memoryScale, 1, readShare, 0, seenShare, fillsResident, hugetlb);
    }

    /** The same, begun later. */
    public ReplayOptions shifted(long ns) {
        return new ReplayOptions(speed, maxBytes, memoryScale, loops, readShare, ns, seenShare, fillsResident, hugetlb);
    }

    /** The same of a recording that shows so much of the accesses. */
    public ReplayOptions seenShare(double share) {
        return new ReplayOptions(
                speed, maxBytes, memoryScale, loops, readShare, shiftNs, share, fillsResident, hugetlb);
    }

    /** As recorded, once. */
    public ReplayOptions(double speed, long maxBytes) {
        this(speed, maxBytes, 1, 1);
    }
}
