package org.damson.analyzer.heatmap;

import java.util.List;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.Scan;
import org.damson.analyzer.scan.TargetKey;

/**
 * What a trace contains.
 *
 * @param targets by monitored size, greatest first
 * @param areExact whether areas and their heat are exact; not with thousands of areas, or heat beyond the range of a sum
 */
public record GuideResult(List<Target> targets, boolean areExact) {
    /** Start of the first snapshot of all, of the trace's clock; 0 without any. */
    public long startNs() {
        return targets.stream().mapToLong(Target::startNs).min().orElse(0);
    }

    /** End of the last one; 0 without any. */
    public long endNs() {
        return targets.stream().mapToLong(Target::endNs).max().orElse(0);
    }

    /**
     * One target.
     *
     * @param startNs start of its first snapshot
     * @param endNs end of its last snapshot
     * @param snapshotNs how long its snapshots are together; more than its time where they overlap
     * @param regions region rows in all
     * @param lostRegions regions known to be missing
     * @param areas everything ever covered, split at gaps, ascending
     */
    public record Target(
            TargetKey key,
            long startNs,
            long endNs,
            long snapshots,
            long snapshotNs,
            long regions,
            long lostRegions,
            boolean referenced,
            List<Area> areas) {
        /** Bytes ever covered. */
        public double sizeBytes() {
            return areas.stream().mapToDouble(a -> Scan.bytes(a.sizeBytes())).sum();
        }

        /** The time that heat is a mean over: the target's, or that of its snapshots where they overlap and each counts. */
        public double heatSeconds() {
            return Math.max(endNs - startNs, snapshotNs) / 1e9;
        }

        /** Mean of heat times bytes over the target's time: how many bytes were hot on average. */
        public double meanHotBytes() {
            double seconds = heatSeconds();
            double heat = areas.stream().mapToDouble(Area::heatByteSeconds).sum();
            return seconds <= 0 ? 0 : heat / seconds;
        }
    }
}
