package org.damson.recorder.ring;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.damson.model.Manifest;
import org.damson.model.SnapshotSource;

/** A source that watches running processes. */
public interface LiveSource extends SnapshotSource {
    /** Receives one-line messages of the source while it records. To be called before {@link #arm}. */
    default void tellTo(Consumer<String> notices) {}

    /** Begins to watch: what the targets touch from now on is in the first snapshot. Without effect when done before. */
    void arm() throws IOException;

    /** The targets run now: a command that was held until the source was armed has been let go. */
    default void targetsRun() throws IOException {}

    /** Processes watched now; others may be added or end while recording. Called from the sampling thread. */
    long[] pids();

    /** Samplers of rows that come with the snapshots. To be called by the thread that calls {@link #next}. */
    default List<Sampler> samplers() {
        return List.of();
    }

    /** Events known to be missing so far, in the unit of the source; 0 = none. */
    default long lostEvents() {
        return 0;
    }

    /** Processor time that the kernel's own monitoring took so far, nanoseconds; -1 if none is known. From any thread. */
    default long kdamondCpuNs() {
        return -1;
    }

    /** How samples are taken now, for the status line; empty if there is nothing to say. From any thread. */
    default String pace() {
        return "";
    }

    /** Adds what is known only at the end (samples taken, time lost, ...) to the manifest. */
    default void summarize(Manifest manifest) {}
}
