package org.damson.recorder.ring;

import org.damson.model.Batch;

/**
 * What was sampled and discarded because the writing thread was behind: counted for the statistics, and told in the trace as
 * losses. The sampling thread counts, the writing thread tells.
 */
final class Discarded {
    // All guarded by this.
    private long snapshots;
    private long sideBatches;
    private long untoldSnapshots;
    private long untoldSideBatches;
    private long untoldFromNs;
    private long untoldToNs;

    synchronized void snapshot(long fromNs, long toNs) {
        extend(fromNs, toNs);
        snapshots++;
        untoldSnapshots++;
    }

    synchronized void sideBatch(long timeNs) {
        extend(timeNs, timeNs);
        sideBatches++;
        untoldSideBatches++;
    }

    private void extend(long fromNs, long toNs) {
        if (untoldSnapshots + untoldSideBatches == 0) {
            untoldFromNs = fromNs;
            untoldToNs = toNs;
        }
        untoldFromNs = Math.min(untoldFromNs, fromNs);
        untoldToNs = Math.max(untoldToNs, toNs);
    }

    synchronized long snapshots() {
        return snapshots;
    }

    synchronized long sideBatches() {
        return sideBatches;
    }

    /** Adds a row of losses for each kind that was discarded since the last call. */
    synchronized void writeTo(Batch losses) {
        if (untoldSnapshots > 0) {
            losses.add(untoldFromNs, untoldToNs, "recorder", untoldSnapshots, "snapshots: writer behind");
        }
        if (untoldSideBatches > 0) {
            losses.add(untoldFromNs, untoldToNs, "recorder", untoldSideBatches, "side batches: writer behind");
        }
        untoldSnapshots = 0;
        untoldSideBatches = 0;
    }
}
