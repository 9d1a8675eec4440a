package org.damson.analyzer.objects;

import java.util.List;
import org.damson.analyzer.scan.TargetKey;

/**
 * Working sets by window length.
 *
 * @param targets in the order of their keys
 * @param isOfMappings whether regions are mappings, of which only what was seen touched counts
 */
public record WindowsResult(List<Target> targets, boolean isOfMappings) {
    /**
     * One target.
     *
     * @param windows from one snapshot to all of them, ascending
     */
    public record Target(TargetKey key, List<Window> windows) {}

    /**
     * All windows of one length.
     *
     * @param snapshots in each window
     * @param lengthNs mean length
     * @param meanBytes accessed at least once, mean over the windows; a lower bound where regions are mappings
     * @param atMostBytes the same with every region whole
     * @param percentOfAccessed of what was ever accessed
     */
    public record Window(
            long snapshots, long lengthNs, double meanBytes, double atMostBytes, double percentOfAccessed) {}
}
