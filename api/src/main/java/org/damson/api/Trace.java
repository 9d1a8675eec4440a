package org.damson.api;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A trace open for reading.
 *
 * <pre>{@code
 * try (Trace trace = Trace.open(recording); Stream<Snapshot> snapshots = trace.snapshots()) {
 *     snapshots.forEach(s -> {
 *         for (int i = 0; i < s.regions(); i++) {
 *             if (s.accesses(i) == s.maxAccesses()) {
 *                 System.out.printf("%d: %x-%x is hot%n", s.endNs(), s.start(i), s.end(i));
 *             }
 *         }
 *     });
 * }
 * }</pre>
 *
 * <p>Its methods may be called from several threads; none changes anything on disk. Once it is closed, its methods and its streams throw
 * {@link IllegalStateException}; so does a stream that was closed itself. To close either again has no effect. A thread that is
 * interrupted gets an {@link java.io.InterruptedIOException} and stays interrupted; others go on.
 */
public interface Trace extends Closeable {
    /**
     * Facts about a trace.
     *
     * @param formatVersion version of the format it is stored in
     * @param toolVersion the damson that wrote it, empty if not known
     * @param source where its snapshots come from: {@code damon}, {@code referenced}, {@code import:damo}, ...
     * @param isComplete whether it was sealed; if not it is still being recorded, or its recorder died
     * @param sampleUs sampling interval, microseconds
     * @param aggrUs aggregation interval, microseconds
     * @param areIntervalsKnown false where the recording does not say its intervals, and DAMON's defaults are assumed
     * @param snapshots number of its snapshots
     * @param toEpochNs to be added to a trace time for nanoseconds since 1970; null if not known
     * @param notes one line for each thing that makes its figures less certain than they look
     */
    record Info(
            int formatVersion,
            String toolVersion,
            String source,
            boolean isComplete,
            long sampleUs,
            long aggrUs,
            boolean areIntervalsKnown,
            long snapshots,
            Long toEpochNs,
            List<String> notes) {
        /** Keeps a copy of the notes. */
        public Info {
            notes = List.copyOf(notes);
        }
    }

    /**
     * Opens a trace directory, a bundle ({@code .damson.zip}), or another tool's recording, as {@code damson import} reads it:
     * of {@code damo}, {@code perf}, {@code trace-cmd}, or tracefs. The last is imported into a private directory, which goes
     * when the trace is closed.
     *
     * <p>One that is being recorded, or whose recorder died, is read as far as it was flushed. That takes the Java option {@code
     * --add-opens=java.base/java.nio=ALL-UNNAMED}, without which its methods throw {@link MissingCapabilityException}.
     *
     * @param path of the default file system
     * @throws InvalidTraceException if it is not one of these, or is damaged
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it is a path of another file system
     */
    static Trace open(Path path) throws IOException {
        return Engines.get().open(path);
    }

    /** Facts about it. */
    Info info() throws IOException;

    /** All snapshots in time order; the stream must be closed. */
    default Stream<Snapshot> snapshots() throws IOException {
        return snapshots(Selection.ALL);
    }

    /**
     * Snapshots in time order, read lazily: memory is bounded for a trace of any length. Must be closed. A failure to read
     * throws {@link java.io.UncheckedIOException}.
     */
    Stream<Snapshot> snapshots(Selection part) throws IOException;

    /** {@link #workingSet(Selection)} of the whole trace. */
    default WorkingSet workingSet() throws IOException {
        return workingSet(Selection.ALL);
    }

    /** How much memory was in use, snapshot by snapshot; what {@code damson report wss} prints. */
    WorkingSet workingSet(Selection part) throws IOException;

    /**
     * Heat over time and address; what {@code damson report heatmap} draws.
     *
     * @param columns steps of time, 1 to 10,000
     * @param rows steps of address, 1 to 10,000; at most 2,097,152 cells in all
     */
    Heatmap heatmap(Selection part, int columns, int rows) throws IOException;

    /** {@link #report(Selection, Report.Kind)} of the whole trace. */
    default Report report(Report.Kind kind) throws IOException {
        return report(Selection.ALL, kind);
    }

    /**
     * The figures of a report as tables; what {@code damson report NAME} prints.
     *
     * @throws InvalidTraceException if the trace does not have what the report is made of, such as ages
     */
    Report report(Selection part, Report.Kind kind) throws IOException;

    /** {@link #simulate(Selection, String...)} over the whole trace. */
    default Simulation simulate(String... schemes) throws IOException {
        return simulate(Selection.ALL, schemes);
    }

    /**
     * What DAMOS schemes would have done over this recording; what {@code damson simulate} prints. The kernel is that of the
     * recording, or 6.18 where it does not say.
     *
     * @param schemes one or more, each as {@code damson simulate --scheme} takes it: {@code pageout access=0..0 age=5s..max}, a
     *     preset, damo's options or JSON
     * @throws IllegalArgumentException if a scheme cannot be parsed
     * @throws InvalidTraceException if the trace cannot answer: no ages, no intervals, or recorded while other schemes acted
     */
    Simulation simulate(Selection part, String... schemes) throws IOException;

    /**
     * The best values of schemes' parameters for an objective over this recording; what {@code damson tune} prints.
     *
     * @param judges recordings that do not choose the values and judge them
     * @throws IllegalArgumentException if a scheme, a variable or the objective is not understood, or a judge was not opened by
     *     {@link #open}
     * @throws InvalidTraceException as {@link #simulate(Selection, String...)}
     */
    Tuning tune(Tuning.Question question, Trace... judges) throws IOException;

    /**
     * Advice on what could be gained for the recorded program, and how; what {@code damson advise} prints.
     *
     * @throws InvalidTraceException if the trace has no ages, intervals or regions
     */
    List<Advice> advise() throws IOException;

    /**
     * Whether another trace shows the same behaviour; what {@code damson compare} prints.
     *
     * @param tolerance maximum distance that counts as the same, 0 to 1; the default of {@code damson compare} is 0.3
     */
    Comparison compare(Trace other, double tolerance) throws IOException;

    /**
     * Plans a replay of the whole trace. The trace may be closed before it is played.
     *
     * @throws IllegalArgumentException if an option is out of its range
     * @throws InvalidTraceException if nothing was accessed in it
     * @throws MissingCapabilityException if there is no generator for this machine
     */
    Replay replay(Replay.Options options) throws IOException;
}
