package org.damson.recorder;

import java.nio.file.Path;
import java.util.List;

/**
 * How a long recording is operated: rotation, retention, limits. 0 or null switches a limit off.
 *
 * @param rotateNs begin a new trace after this long, nanoseconds
 * @param rotateBytes begin a new trace when the current one takes this many bytes on disk
 * @param retainNs remove traces that ended longer ago than this, nanoseconds
 * @param retainBytes remove the oldest traces while all take more than this many bytes
 * @param maxDiskBytes never take more than this: the oldest traces go first, then recording pauses
 * @param minFreeBytes recording pauses while the file system has less room than this
 * @param flightNs length of the flight recorder's ring, nanoseconds; a trigger writes it out
 * @param ring directory of the ring; null = in the output directory
 * @param triggers events that write the ring out, besides SIGUSR1
 * @param metricsFile where metrics are written for a collector of text files, or null
 * @param metricsPort loopback port that serves them, 0 = none
 */
public record Operation(
        long rotateNs,
        long rotateBytes,
        long retainNs,
        long retainBytes,
        long maxDiskBytes,
        long minFreeBytes,
        long flightNs,
        Path ring,
        List<Trigger> triggers,
        Path metricsFile,
        int metricsPort) {
    /** Default of the space to leave free on disk. */
    public static final long MIN_FREE_BYTES = 64 << 20;

    /** One trace, kept whole; recording pauses before the disk is full. */
    public static final Operation PLAIN = new Operation(0, 0, 0, 0, 0, MIN_FREE_BYTES, 0, null, List.of(), null, 0);

    public Operation {
        triggers = List.copyOf(triggers);
    }

    /** Whether the output is a directory of traces instead of one trace. */
    public boolean isSeries() {
        return rotateNs > 0 || rotateBytes > 0 || flightNs > 0;
    }

    /** What triggers a flight recorder. */
    public sealed interface Trigger {
        /** All recorded processes have ended. */
        record Death() implements Trigger {}

        /**
         * The recorded command has ended with this status.
         *
         * @param status exit status; null = any but 0
         */
        record Exit(Integer status) implements Trigger {}

        /**
         * Tasks have been stalled for a resource.
         *
         * @param resource {@code memory}, {@code io} or {@code cpu}
         * @param percent share of the last ten seconds in which some task was stalled
         */
        record Pressure(String resource, double percent) implements Trigger {}
    }
}
