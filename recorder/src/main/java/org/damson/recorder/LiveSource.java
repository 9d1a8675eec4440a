package org.damson.recorder;

import java.io.IOException;
import org.damson.model.Manifest;
import org.damson.model.SnapshotSource;

/** A source that watches running processes. */
public interface LiveSource extends SnapshotSource {
    /** Begins to watch: what the targets touch from now on is in the first snapshot. Without effect when done before. */
    void arm() throws IOException;

    /** Processes watched now; others may be added or end while recording. Called from the sampling thread. */
    long[] pids();

    /** Adds what is known only at the end (samples taken, time lost, ...) to the manifest. */
    default void summarize(Manifest manifest) {}
}
