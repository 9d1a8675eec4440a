package org.damson.api;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/**
 * A planned replay: the memory of a recording, touched again as it was, by processes of its own, as often as wanted. In a JMH
 * benchmark it is prepared in a {@code @Setup(Level.Trial)} method and either played by the {@code @Benchmark} method or started
 * beside what that measures:
 *
 * <pre>{@code
 * try (Trace trace = Trace.open(recording);
 *         Replay replay = trace.replay(Replay.Options.DEFAULT.speed(50).memoryScale(0.1))) {
 *     Replay.Result result = replay.run();
 *     System.out.printf("%.1f %% of the touches were made%n", 100 * result.achieved());
 *     try (Replay.Running neighbour = replay.start()) {
 *         System.out.println("beside " + neighbour.pids()); // what is measured here has a neighbour
 *     }
 * }
 * }</pre>
 *
 * <p>One that was started and not closed ends with this Java process.
 */
public interface Replay extends Closeable {
    /**
     * How to replay. Immutable; start from {@link #DEFAULT}.
     *
     * @param speed 2 plays twice as fast; above 0, at most 1000
     * @param maxBytes memory that the replay may touch, bytes
     * @param memoryScale 0.5 makes every mapping half as long; above 0, at most 1000
     * @param loops how often the recording is played, at least 1
     */
    record Options(double speed, long maxBytes, double memoryScale, int loops) {
        /** As recorded, once, with at most 4 GiB. */
        public static final Options DEFAULT = new Options(1, 4L << 30, 1, 1);

        /** The same at another speed. */
        public Options speed(double factor) {
            return new Options(factor, maxBytes, memoryScale, loops);
        }

        /** The same with another limit on memory, bytes. */
        public Options maxBytes(long bytes) {
            return new Options(speed, bytes, memoryScale, loops);
        }

        /** The same with mappings of another size. */
        public Options memoryScale(double factor) {
            return new Options(speed, maxBytes, factor, loops);
        }

        /** The same, played {@code count} times. */
        public Options loops(int count) {
            return new Options(speed, maxBytes, memoryScale, count);
        }
    }

    /**
     * How a replay went.
     *
     * @param intendedPages page touches in the plan
     * @param touchedPages page touches made; the rest was skipped, since its slice was over
     * @param slices slices of time played
     * @param lateSlices slices that began late by more than a tenth of their length
     * @param meanLateNs mean lateness of a slice, nanoseconds
     * @param maxLateNs greatest lateness
     * @param wallNs how long it took
     */
    record Result(
            long intendedPages,
            long touchedPages,
            long slices,
            long lateSlices,
            long meanLateNs,
            long maxLateNs,
            long wallNs) {
        /** Share of the intended touches that were made, 0 to 1. */
        public double achieved() {
            return intendedPages == 0 ? 1 : (double) touchedPages / intendedPages;
        }
    }

    /** A running replay. */
    interface Running extends Closeable {
        /** The processes that play, one for each target. */
        List<Long> pids();

        /** Waits until the last touch; later calls return the same. The processes and their memory stay until this is closed. */
        Result await() throws IOException;

        /** Ends the processes, even before the plan is over. */
        @Override
        void close() throws IOException;
    }

    /** How long it takes, all loops together, nanoseconds. */
    long durationNs();

    /** Memory that it touches, bytes. */
    long sizeBytes();

    /**
     * Maps the memory and begins.
     *
     * @throws MissingCapabilityException if the machine has less memory than it needs
     * @throws IllegalStateException if the plan is closed
     */
    Running start() throws IOException;

    /** Plays it once and waits for the end. */
    default Result run() throws IOException {
        try (Running running = start()) {
            return running.await();
        }
    }

    /** Deletes the plan; running replays go on. Closing it again has no effect. */
    @Override
    void close() throws IOException;
}
