package org.damson.analyzer.objects;

import java.util.Arrays;
import java.util.List;
import org.damson.analyzer.scan.TargetKey;
import org.damson.model.summary.IdlePercentiles;
import org.damson.model.summary.IdlePoint;

/**
 * For how long memory has not been accessed, by bytes; 0 while it is accessed, at most since the recording began.
 *
 * @param targets those with ages, in the order of their keys
 * @param isOfMappings whether regions are mappings, of which what was seen touched counts
 * @param snapshotsWithoutAges left out
 * @param stride every so many snapshots there is one in {@link Target#series}
 */
public record IdleResult(List<Target> targets, boolean isOfMappings, long snapshotsWithoutAges, long stride) {
    /** Percentages of bytes that idle times are given for. */
    public static final List<Integer> PERCENTS =
            Arrays.stream(IdlePercentiles.percents()).boxed().toList();

    /**
     * One target.
     *
     * @param idleNs idle time below which so much of its memory is, over bytes and time, by {@link #PERCENTS}
     * @param coldness from memory that is merely not accessed to memory idle for a day, as far as there is any
     * @param meanUndecidedBytes seen touched before, idle since when is not known
     * @param meanBytesPerSecond memory bandwidth, estimated as the kernel's DAMON_STAT does
     * @param last its last snapshot
     * @param series its snapshots, or some of them, in order of time; empty where only sums were read
     */
    public record Target(
            TargetKey key,
            long snapshots,
            long[] idleNs,
            List<Coldness> coldness,
            double meanUndecidedBytes,
            double meanBytesPerSecond,
            double greatestBytesPerSecond,
            IdleMoment last,
            List<IdlePoint> series) {}

    /**
     * Memory that is idle for at least a time.
     *
     * @param idleAtLeastNs 0: not accessed in the last aggregation interval
     * @param meanBytes over time
     * @param percentOfBytes share of all memory, over bytes and time
     * @param lastBytes in the last snapshot
     */
    public record Coldness(long idleAtLeastNs, double meanBytes, double percentOfBytes, double lastBytes) {}
}
