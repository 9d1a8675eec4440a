package org.damson.api;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * A recording of what processes access, through their referenced bits, into a trace directory. It takes no privilege for
 * processes of the same user.
 *
 * <pre>{@code
 * Path run = directory.resolve("run.damson");
 * Recording.Options options = Recording.Options.ofCommand(run, "sleep", "1").intervals(50_000, 200_000);
 * try (Recording recording1 = Recording.start(options)) {
 *     Recording.Result result = recording1.await();
 *     System.out.println(result.snapshots() + " snapshots, exit status " + result.commandExit());
 * }
 * }</pre>
 *
 * <p>When this Java process ends, also by a signal, the trace is sealed; when it is killed, {@code damson recover} seals what was
 * flushed, which is done every second. Recording kernel DAMON is left to {@code damson record}, which undoes what it changes
 * in the kernel.
 */
public interface Recording extends Closeable {
    /**
     * What to record. Immutable; start from one of the methods {@code of...}.
     *
     * @param output trace directory to create
     * @param pids processes that run, or empty
     * @param command command to start and record, or empty
     * @param duration stop after this long; zero: when the processes end
     * @param sampleUs sampling interval, microseconds, at least 1,000
     * @param aggrUs aggregation interval, microseconds, at least the sampling interval
     * @param followChildren whether children are recorded too
     * @param maxSlowdown most that the processes may be slowed down: 0.02 is 2 %; infinite for no bound. Samples are taken less
     *     often to keep it
     */
    record Options(
            Path output,
            List<Long> pids,
            List<String> command,
            Duration duration,
            long sampleUs,
            long aggrUs,
            boolean followChildren,
            double maxSlowdown) {
        /**
         * Checks the rules.
         *
         * @throws IllegalArgumentException if both processes and a command are given, or neither, or a number is out of range
         */
        public Options {
            Objects.requireNonNull(output, "output");
            pids = List.copyOf(pids);
            command = List.copyOf(command);
            if (pids.isEmpty() == command.isEmpty()) {
                throw new IllegalArgumentException("give processes or a command to record, and not both");
            }
            if (duration.isNegative()) {
                throw new IllegalArgumentException("duration must not be negative but was " + duration);
            }
            if (sampleUs < 1_000 || aggrUs < sampleUs) {
                throw new IllegalArgumentException("intervals must satisfy 1000 <= sample <= aggregation: sampleUs="
                        + sampleUs + ", aggrUs=" + aggrUs);
            }
            if (!(maxSlowdown > 0)) {
                throw new IllegalArgumentException("maxSlowdown must be more than 0 but was " + maxSlowdown);
            }
        }

        /** Processes that run, until they end: 100 ms samples, 1 s aggregations, children followed, at most 2 % slower. */
        public static Options of(Path output, long... pids) {
            List<Long> all = java.util.Arrays.stream(pids).boxed().toList();
            return new Options(output, all, List.of(), Duration.ZERO, 100_000, 1_000_000, true, 0.02);
        }

        /** The same of a command that is started. */
        public static Options ofCommand(Path output, String... command) {
            return new Options(output, List.of(), List.of(command), Duration.ZERO, 100_000, 1_000_000, true, 0.02);
        }

        /** The same of this Java process alone. */
        public static Options ofThisProcess(Path output) {
            return of(output, ProcessHandle.current().pid()).followChildren(false);
        }

        /** The same for at most so long. */
        public Options duration(Duration most) {
            return new Options(output, pids, command, most, sampleUs, aggrUs, followChildren, maxSlowdown);
        }

        /** The same with other intervals, microseconds. */
        public Options intervals(long sample, long aggregation) {
            return new Options(output, pids, command, duration, sample, aggregation, followChildren, maxSlowdown);
        }

        /** The same with or without children. */
        public Options followChildren(boolean follow) {
            return new Options(output, pids, command, duration, sampleUs, aggrUs, follow, maxSlowdown);
        }

        /** The same with another bound on the slowdown. */
        public Options maxSlowdown(double share) {
            return new Options(output, pids, command, duration, sampleUs, aggrUs, followChildren, share);
        }
    }

    /**
     * What came of a recording.
     *
     * @param snapshots snapshots in the trace
     * @param isWhole false where the trace has losses, is empty or could not be finished
     * @param commandExit exit status of the command; null if none was started or it still runs
     * @param notes what needs explaining, one line each
     */
    record Result(long snapshots, boolean isWhole, Integer commandExit, List<String> notes) {
        /** Keeps a copy of the notes. */
        public Result {
            notes = List.copyOf(notes);
        }
    }

    /**
     * Begins. When this returns, what the processes access is recorded; a command runs from then on.
     *
     * @throws MissingCapabilityException if this kernel, user or Java cannot do it
     * @throws IOException if there is no such process or command, or the output exists already
     */
    static Recording start(Options options) throws IOException {
        return Engines.get().record(options);
    }

    /** Ends the recording soon; a command goes on. Without effect when it has ended. */
    void stop();

    /**
     * Waits until the recording has ended and its trace is sealed.
     *
     * @throws IOException if it could not go on
     */
    Result await() throws IOException, InterruptedException;

    /** Stops it and waits until its trace is sealed. */
    @Override
    void close() throws IOException;
}
