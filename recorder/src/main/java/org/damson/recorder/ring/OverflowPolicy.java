package org.damson.recorder.ring;

/** What the sampling thread does when the writer is behind and the ring is full. */
public enum OverflowPolicy {
    /** Wait for the writer; nothing is lost, sampling is late. */
    BLOCK,
    /** Discard what was just sampled; timing stays true, the trace says how much is missing. */
    DROP_NEWEST
}
