package org.damson.model;

import java.io.Closeable;
import java.io.IOException;

/** Where snapshots come from while recording. Called from one thread. */
public interface SnapshotSource extends Closeable {
    /** Short name, as in the manifest. */
    String name();

    MonitoringAttrs attrs();

    /** Adds what it knows of itself (targets, distortion, ...) to the manifest, before the first snapshot. */
    void describe(Manifest manifest);

    /**
     * Waits for the next snapshot and fills {@code into}.
     *
     * @return false when there will be no more: the targets are gone or the source is exhausted
     */
    boolean next(Snapshot into) throws IOException, InterruptedException;

    /**
     * Fills {@code into} with what was gathered but not given yet when recording was stopped. Called repeatedly after
     * the last {@link #next}; does not wait.
     *
     * @return false when there is nothing left
     */
    default boolean rest(Snapshot into) throws IOException {
        return false;
    }
}
