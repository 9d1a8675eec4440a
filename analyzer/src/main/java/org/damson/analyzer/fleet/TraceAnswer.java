package org.damson.analyzer.fleet;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.damson.model.Batch;
import org.damson.model.InvalidInputException;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.text.Printable;
import org.damson.trace.Traces;
import org.damson.trace.files.RowOrigins;

/** The result of a plan for one trace: a value or the reason why there is none, and the identity of the recording. */
public final class TraceAnswer<V extends Serializable> implements Serializable {
    private static final long serialVersionUID = 2L;

    private final String path;
    private final String identity;
    /** Identities of the traces that it is made from, and of those that it holds whole. */
    private final ArrayList<String> madeFrom = new ArrayList<>();

    private final ArrayList<String> merged = new ArrayList<>();
    private final V value;
    private final ArrayList<Trouble> troubles;
    /** Other places of the same recording. */
    private final TreeSet<String> copies = new TreeSet<>();

    private TraceAnswer(String path, String identity, V value, ArrayList<Trouble> troubles) {
        this.path = path;
        this.identity = identity;
        this.value = value;
        this.troubles = troubles;
    }

    /**
     * Opens a trace and runs a plan on it.
     *
     * @param local where it, or a copy of it, is on this machine
     * @return never null; it contains whatever is wrong with the trace
     * @throws InterruptedIOException if whoever runs this is to stop
     */
    public static <V extends Serializable> TraceAnswer<V> of(
            FleetTrace where, Path local, FleetPlan<V, ?, ?> plan, Map<String, String> wanted)
            throws InterruptedIOException {
        ArrayList<Trouble> troubles = new ArrayList<>();
        String identity = where.path();
        Manifest manifest = null;
        V value = null;
        try (TraceSource trace = Traces.open(local)) {
            Manifest m = trace.manifest();
            manifest = m;
            identity = Objects.requireNonNullElse(RowOrigins.identity(m), where.path());
            if (!Origin.has(where, trace, wanted)) {
                return new TraceAnswer<>(where.path(), where.path(), null, troubles);
            }
            requireSnapshots(trace);
            tellState(trace, where.path(), troubles);
            value = plan.of(
                    where, trace, doubt -> troubles.add(new Trouble(where.path(), Trouble.Kind.DOUBTFUL, doubt)));
            for (String refusal : trace.refusals()) {
                troubles.add(
                        new Trouble(where.path(), Trouble.Kind.DOUBTFUL, refusal.replace(trace.name() + ": ", "")));
            }
        } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
            // Also what no reader should throw: one trace ends no job.
            requireGoingOn(e);
            troubles.clear();
            value = null;
            troubles.add(failure(where, local, e));
        }
        TraceAnswer<V> answer =
                new TraceAnswer<>(where.path(), value == null ? where.path() : identity, value, troubles);
        if (value != null) {
            ManifestKey.MADE_FROM.list(manifest).forEach(id -> answer.madeFrom.add(String.valueOf(id)));
            ManifestKey.MERGED_ROWS.list(manifest).forEach(id -> answer.merged.add(String.valueOf(id)));
        }
        return answer;
    }

    /** The answer for a trace that could not even be copied to this machine. */
    public static <V extends Serializable> TraceAnswer<V> failed(FleetTrace where, Exception e)
            throws InterruptedIOException {
        requireGoingOn(e);
        ArrayList<Trouble> troubles = new ArrayList<>();
        troubles.add(failure(where, null, e));
        return new TraceAnswer<>(where.path(), where.path(), null, troubles);
    }

    private static void requireSnapshots(TraceSource trace) throws IOException {
        try (TraceSource.SnapshotCursor cursor =
                trace.snapshots(TraceQuery.ALL.snapshots(0, 1).columns(0))) {
            if (!cursor.next(new Snapshot())) {
                throw new InvalidInputException("has no snapshots");
            }
        }
    }

    private static void tellState(TraceSource trace, String path, List<Trouble> troubles) throws IOException {
        Manifest m = trace.manifest();
        if (m.state == Manifest.State.RECORDING) {
            troubles.add(new Trouble(
                    path,
                    Trouble.Kind.DOUBTFUL,
                    "is still being recorded, or its recorder died: counted up to its last whole batch"));
        }
        List<?> damage = ManifestKey.DAMAGE.list(m);
        if (!damage.isEmpty()) {
            troubles.add(new Trouble(
                    path,
                    Trouble.Kind.DOUBTFUL,
                    "damaged: " + damage.get(0) + (damage.size() > 1 ? " and " + (damage.size() - 1) + " more" : "")));
        } else if (trace.rowCount(Table.LOSSES) > 0) {
            troubles.add(new Trouble(path, Trouble.Kind.DOUBTFUL, lost(trace)));
        }
    }

    /** What the first gap is, and how many there are. */
    private static String lost(TraceSource trace) throws IOException {
        try (TraceSource.BatchCursor cursor = trace.rows(Table.LOSSES)) {
            Batch b = cursor.next();
            long count = b.get(Table.LOSSES.indexOf("count"), 0);
            long others = trace.rowCount(Table.LOSSES) - 1;
            return "lost: " + b.text(Table.LOSSES.indexOf("source"), 0) + ": "
                    + (count < 0 ? "an unknown number of " : count + " ")
                    + b.text(Table.LOSSES.indexOf("cause"), 0)
                    + (others > 0 ? " and " + Units.count(others, "more gap") : "");
        }
    }

    private static void requireGoingOn(Throwable e) throws InterruptedIOException {
        Throwable cause = e instanceof UncheckedIOException ? e.getCause() : e;
        if (cause instanceof InterruptedIOException || cause instanceof ClosedByInterruptException) {
            InterruptedIOException stop = new InterruptedIOException(cause.getMessage());
            stop.initCause(e);
            throw stop;
        }
    }

    /** One line that begins with no path: that of the trace stands before it. */
    private static Trouble failure(FleetTrace where, Path local, Throwable e) {
        Throwable cause = e instanceof UncheckedIOException ? e.getCause() : e;
        String said = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        String reason = said;
        if (isUnborn(local)) {
            reason = "is empty: its recorder died before the first row";
        } else if (cause instanceof NoSuchFileException missing) {
            reason = "no such file or directory: " + missing.getFile();
        } else if (cause instanceof AccessDeniedException denied) {
            reason = "permission denied: " + denied.getFile();
        } else if (cause instanceof OutOfMemoryError) {
            reason = "needs more memory than there is; DAMSON_JAVA_OPTS=-Xmx2g, or spark.executor.memory, gives more";
        } else if (!(cause instanceof IOException || cause instanceof InvalidInputException)) {
            reason = "internal error: " + cause.getClass().getSimpleName() + ": " + said;
        }
        if (local != null) {
            reason = reason.replace(local + ": ", "").replace(local.toString(), where.path());
        }
        return new Trouble(where.path(), Trouble.Kind.LEFT_OUT, Printable.line(reason));
    }

    private static boolean isUnborn(Path local) {
        try {
            return local != null && Traces.isUnborn(local);
        } catch (IOException e) {
            return false;
        }
    }

    /** Identity of the recording: answers with the same identity are to be combined by {@link #first}. */
    public String identity() {
        return identity;
    }

    /** Where its rows come from. */
    public SharedRows.Rows rows() {
        return new SharedRows.Rows(path, identity, List.copyOf(madeFrom), List.copyOf(merged));
    }

    /** Null if the trace counts nowhere. */
    public V value() {
        return value;
    }

    /** Of two copies of a recording the one whose path comes first, which knows of the other. */
    public static <V extends Serializable> TraceAnswer<V> first(TraceAnswer<V> a, TraceAnswer<V> b) {
        TraceAnswer<V> kept = a.path.compareTo(b.path) <= 0 ? a : b;
        TraceAnswer<V> other = kept == a ? b : a;
        TraceAnswer<V> both = new TraceAnswer<>(kept.path, kept.identity, kept.value, kept.troubles);
        both.madeFrom.addAll(kept.madeFrom);
        both.merged.addAll(kept.merged);
        both.copies.addAll(kept.copies);
        both.copies.addAll(other.copies);
        if (!other.path.equals(kept.path)) {
            both.copies.add(other.path);
        }
        return both;
    }

    /**
     * What is wrong with it and with its copies.
     *
     * @param leftOut identities of the traces that do not count because of others; of these only the copies are named
     */
    public List<Trouble> troubles(Set<String> leftOut) {
        boolean counts = !leftOut.contains(identity);
        List<Trouble> all = new ArrayList<>(counts ? troubles : List.of());
        for (String copy : copies) {
            all.add(new Trouble(
                    copy,
                    Trouble.Kind.DUPLICATE,
                    "the same recording as " + path + ", which is " + (counts ? "counted" : "a duplicate too")));
        }
        return all;
    }
}
