package org.damson.api;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * A recording of what processes access into a trace directory: through their referenced bits, which takes no privilege for
 * processes of the same user, or by the kernel's DAMON.
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
 * flushed, which is done every second.
 *
 * <p>Of kernel DAMON a recording takes one kdamond of its own, and puts back what it changed in the kernel when it ends; after a kill
 * the next recording by damson does, or {@code damson doctor}. It takes root and a kernel with DAMON that nobody else uses: {@link
 * #start} says what is missing.
 */
public interface Recording extends Closeable {
    /** How accesses are seen. */
    enum Source {
        /** Referenced bits of each mapping. */
        REFERENCED,
        /** The kernel's data access monitor: regions of address space, each with its accesses and age. */
        DAMON
    }

    /**
     * What to record. Immutable; start from one of the methods {@code of...}.
     *
     * @param output trace directory to create
     * @param pids processes that run, or empty
     * @param command command to start and record, or empty; its standard input and output are those of this Java process
     * @param duration stop after this long; zero: when the processes end
     * @param sampleUs sampling interval, microseconds, at least 1,000; of DAMON at least 1
     * @param aggrUs aggregation interval, microseconds, at least the sampling interval
     * @param followChildren whether children are recorded too
     * @param maxSlowdown most that the processes may be slowed down: 0.02 is 2 %; infinite for no bound. Samples are taken less
     *     often to keep it. Not of DAMON, which has bounds of its own
     * @param source how accesses are seen
     * @param suspendDamonStat whether the kernel's DAMON_STAT, which keeps others from DAMON where it runs, is stopped meanwhile
     */
    record Options(
            Path output,
            List<Long> pids,
            List<String> command,
            Duration duration,
            long sampleUs,
            long aggrUs,
            boolean followChildren,
            double maxSlowdown,
            Source source,
            boolean suspendDamonStat) {
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
            long leastUs = Objects.requireNonNull(source, "source") == Source.DAMON ? 1 : 1_000;
            if (sampleUs < leastUs || aggrUs < sampleUs) {
                throw new IllegalArgumentException("intervals must satisfy " + leastUs
                        + " <= sample <= aggregation: sampleUs=" + sampleUs + ", aggrUs=" + aggrUs);
            }
            if (!(maxSlowdown > 0)) {
                throw new IllegalArgumentException("maxSlowdown must be more than 0 but was " + maxSlowdown);
            }
        }

        /** Running processes, until they end: 100 ms samples, 1 s aggregations, children followed, at most 2 % slower. */
        public static Options of(Path output, long... pids) {
            List<Long> all = java.util.Arrays.stream(pids).boxed().toList();
            return new Options(
                    output, all, List.of(), Duration.ZERO, 100_000, 1_000_000, true, 0.02, Source.REFERENCED, false);
        }

        /** The same for a command that is started. */
        public static Options ofCommand(Path output, String... command) {
            return new Options(
                    output,
                    List.of(),
                    List.of(command),
                    Duration.ZERO,
                    100_000,
                    1_000_000,
                    true,
                    0.02,
                    Source.REFERENCED,
                    false);
        }

        /** The same for this Java process, without its children. */
        public static Options ofThisProcess(Path output) {
            return of(output, ProcessHandle.current().pid()).followChildren(false);
        }

        /** The same, stopped after this time at the latest. */
        public Options duration(Duration most) {
            return new Options(
                    output,
                    pids,
                    command,
                    most,
                    sampleUs,
                    aggrUs,
                    followChildren,
                    maxSlowdown,
                    source,
                    suspendDamonStat);
        }

        /** The same with other intervals, microseconds. */
        public Options intervals(long sample, long aggregation) {
            return new Options(
                    output,
                    pids,
                    command,
                    duration,
                    sample,
                    aggregation,
                    followChildren,
                    maxSlowdown,
                    source,
                    suspendDamonStat);
        }

        /** The same with or without children. */
        public Options followChildren(boolean follow) {
            return new Options(
                    output, pids, command, duration, sampleUs, aggrUs, follow, maxSlowdown, source, suspendDamonStat);
        }

        /** The same with another bound on the slowdown. */
        public Options maxSlowdown(double share) {
            return new Options(
                    output, pids, command, duration, sampleUs, aggrUs, followChildren, share, source, suspendDamonStat);
        }

        /** The same by kernel DAMON, with its usual intervals: 5 ms samples, 100 ms aggregations. */
        public Options damon() {
            return new Options(
                    output,
                    pids,
                    command,
                    duration,
                    5_000,
                    100_000,
                    followChildren,
                    maxSlowdown,
                    Source.DAMON,
                    suspendDamonStat);
        }

        /** The same with or without stopping DAMON_STAT during the recording. */
        public Options suspendDamonStat(boolean suspend) {
            return new Options(
                    output, pids, command, duration, sampleUs, aggrUs, followChildren, maxSlowdown, source, suspend);
        }
    }

    /**
     * The outcome of a recording.
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
     * Starts a recording. When this returns, accesses of the processes are being recorded; a command runs from then on.
     *
     * @throws MissingCapabilityException if this kernel, user or Java cannot do it
     * @throws IOException if there is no such process or command, or the output exists already
     * @throws IllegalArgumentException if the output is a path of another file system than the default one
     */
    static Recording start(Options options) throws IOException {
        return Engines.get().record(options);
    }

    /** Stops the recording soon; a started command keeps running. No effect when it has ended. */
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
