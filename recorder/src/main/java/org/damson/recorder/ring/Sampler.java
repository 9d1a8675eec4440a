package org.damson.recorder.ring;

import java.io.IOException;
import org.damson.model.Batch;
import org.damson.model.Table;

/** Adds rows of one table periodically while recording. Called from the sampling thread only. */
public interface Sampler {
    /** The table its rows belong to; never SNAPSHOTS or REGIONS. */
    Table table();

    /** Whether its rows belong to snapshots, so that it is asked after each; others are asked now and then. */
    default boolean followsSnapshots() {
        return false;
    }

    /** Appends what there is to say at {@code timeNs} (trace clock) to {@code out}; may append nothing. */
    void sample(long timeNs, Batch out) throws IOException;
}
