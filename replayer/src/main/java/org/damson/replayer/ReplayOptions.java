package org.damson.replayer;

import java.util.Locale;
import org.damson.model.InvalidInputException;
import org.damson.model.Units;

/**
 * How to replay.
 *
 * @param speed 2 plays twice as fast
 * @param maxBytes memory that the replay may touch, bytes
 * @param memoryScale 0.5 makes every mapping half as long
 * @param loops how often the recording is played
 * @param readShare share of touches that read, where the trace does not record writes, 0..1
 * @param shiftNs when it begins, nanoseconds after the replay does
 * @param seenShare share of accesses that the recording detected, above 0, at most 1: memory is touched in correspondingly more
 *     samples, at most in all
 * @param fillsResident whether the replay has the recorded resident memory, even if never accessed; else only accessed memory
 * @param hugetlb replacement for hugetlb mappings
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
    /** Replacement for hugetlb mappings: huge pages of the pool, transparent huge pages, or 4 KiB pages. */
    public enum Hugetlb {
        POOL(" hugetlb"),
        THP(" huge"),
        SMALL(" small");

        /** Its word in a plan. */
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

    /** The defaults: touches write wherever possible and are as many as were detected. */
    public ReplayOptions(double speed, long maxBytes, double memoryScale, int loops) {
        this(speed, maxBytes, memoryScale, loops, 0, 0, 1, true, Hugetlb.POOL);
    }

    /** How these options differ from the recording, for a comment in a plan. */
    String text() {
        return (speed == 1 ? "" : ", played at " + speed + " times their speed")
                + (memoryScale == 1 ? "" : ", memory scaled by " + memoryScale)
                + (loops == 1 ? "" : ", " + loops + " times")
                + (shiftNs == 0 ? "" : ", begun after " + Units.duration(shiftNs))
                + (seenShare == 1
                        ? ""
                        : String.format(Locale.ROOT, ", touched as often as if %.3f of it were seen", seenShare));
    }

    /** The same options, played once and without delay. */
    ReplayOptions once() {
        return new ReplayOptions(speed, maxBytes, memoryScale, 1, readShare, 0, seenShare, fillsResident, hugetlb);
    }

    /** The same options, with a later start. */
    public ReplayOptions shifted(long ns) {
        return new ReplayOptions(speed, maxBytes, memoryScale, loops, readShare, ns, seenShare, fillsResident, hugetlb);
    }

    /** The same options for a recording that detected this share of the accesses. */
    public ReplayOptions seenShare(double share) {
        return new ReplayOptions(
                speed, maxBytes, memoryScale, loops, readShare, shiftNs, share, fillsResident, hugetlb);
    }

    /** Once and as recorded. */
    public ReplayOptions(double speed, long maxBytes) {
        this(speed, maxBytes, 1, 1);
    }
}
