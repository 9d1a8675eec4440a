package org.damson.recorder.ring;

/** What the sampling thread does when the ring is full because the writer is behind. */
public enum OverflowPolicy {
    /** Wait for the writer; nothing is lost, sampling is late. */
    BLOCK,
    /** Discard what was just sampled; timing stays true, the trace says how much is missing. */
    DROP_NEWEST
}
