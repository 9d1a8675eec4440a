package org.damson.recorder.ring;

/**
 * What a recorder did so far.
 *
 * @param snapshots snapshots written
 * @param regionRows regions in them
 * @param sideRows rows of other tables written, without losses
 * @param droppedSnapshots snapshots discarded because the writer was behind
 * @param droppedSideBatches side batches discarded for the same reason
 * @param flushes flushes done
 * @param writeNs time spent in the sink, nanoseconds
 * @param flushNs time the flushes took, nanoseconds
 * @param longestFlushNs time the longest of them took
 */
public record RecorderStats(
        long snapshots,
        long regionRows,
        long sideRows,
        long droppedSnapshots,
        long droppedSideBatches,
        long flushes,
        long writeNs,
        long flushNs,
        long longestFlushNs) {
    /** Whether anything sampled is not in the trace. */
    public boolean hasLosses() {
        return droppedSnapshots > 0 || droppedSideBatches > 0;
    }
}
