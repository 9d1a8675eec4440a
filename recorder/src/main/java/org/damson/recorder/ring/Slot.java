package org.damson.recorder.ring;

import org.damson.model.Batch;
import org.damson.model.Snapshot;

/** A place of the ring between sampler and writer. */
final class Slot {
    Snapshot snapshot = new Snapshot();
    /** Side rows instead of a snapshot, or null. */
    Batch batch;
}
