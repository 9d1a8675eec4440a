package org.damson.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.damson.analyzer.compare.CompareOptions;
import org.damson.analyzer.compare.CompareResult;
import org.damson.analyzer.compare.TraceCompare;
import org.damson.analyzer.heatmap.HeatmapOptions;
import org.damson.analyzer.workingset.WorkingSetOptions;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.api.Advice;
import org.damson.api.Comparison;
import org.damson.api.Heatmap;
import org.damson.api.Replay;
import org.damson.api.Report;
import org.damson.api.Selection;
import org.damson.api.Simulation;
import org.damson.api.Snapshot;
import org.damson.api.Trace;
import org.damson.api.Tuning;
import org.damson.api.WorkingSet;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.model.ReferencedSampling;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.trace.files.PrivateDirectory;

/** A trace of the store, as the interface shows it. */
final class OpenTrace implements Trace {
    private final TraceSource source;
    private final Path path;
    private final PrivateDirectory directory;
    private final List<String> importNotes;
    private volatile boolean isClosed;

    /**
     * Takes over what is open.
     *
     * @param path what the caller opened
     * @param directory where it was imported to; null if it was not
     */
    OpenTrace(TraceSource source, Path path, PrivateDirectory directory, List<String> importNotes) {
        this.source = source;
        this.path = path;
        this.directory = directory;
        this.importNotes = List.copyOf(importNotes);
    }

    /** @throws IllegalStateException if the trace is closed */
    private TraceSource source() {
        if (isClosed) {
            throw new IllegalStateException("the trace is closed: " + path);
        }
        return source;
    }

    @Override
    public Info info() throws IOException {
        return Failures.telling(() -> {
            Manifest m = source().manifest();
            return new Info(
                    m.formatVersion,
                    m.toolVersion,
                    m.source,
                    m.state != Manifest.State.RECORDING,
                    m.attrs.sampleUs(),
                    m.attrs.aggrUs(),
                    m.attrs.origin() != MonitoringAttrs.IntervalsOrigin.ASSUMED,
                    source().rowCount(Table.SNAPSHOTS),
                    m.toEpochNs,
                    notes(m));
        });
    }

    private List<String> notes(Manifest m) throws IOException {
        List<String> notes = new ArrayList<>(importNotes);
        // An import has just said so itself.
        if (m.attrs.origin() == MonitoringAttrs.IntervalsOrigin.ASSUMED && importNotes.isEmpty()) {
            notes.add("the recording does not say its intervals; DAMON's defaults are assumed");
        }
        notes.addAll(source().refusals());
        ManifestKey.MERGED_DESPITE.list(m).forEach(why -> notes.add("merged all the same: " + why));
        String sampling = ReferencedSampling.line(source());
        if (!sampling.isEmpty()) {
            notes.add(sampling);
        }
        for (Object damage : ManifestKey.DAMAGE.list(m)) {
            notes.add("damaged: " + damage);
        }
        int count = Table.LOSSES.indexOf("count");
        int cause = Table.LOSSES.indexOf("cause");
        source().forEachRow(Table.LOSSES, (rows, row) -> {
            long lost = rows.get(count, row);
            notes.add("lost: " + (lost < 0 ? "an unknown number of " : lost + " ") + rows.text(cause, row));
        });
        return notes;
    }

    private static TraceQuery query(Selection part) {
        return TraceQuery.ALL
                .time(part.fromNs(), part.toNs())
                .address(part.startAddress(), part.endAddress())
                .target(part.target());
    }

    @Override
    public Stream<Snapshot> snapshots(Selection part) throws IOException {
        Rows rows = new Rows(this, Failures.telling(() -> source().snapshots(query(part))));
        return StreamSupport.stream(rows, false).onClose(rows::close);
    }

    /** Snapshots as they are asked for. */
    private static final class Rows extends Spliterators.AbstractSpliterator<Snapshot> {
        private final OpenTrace trace;
        private final TraceSource.SnapshotCursor cursor;
        private boolean isClosed;
        private final org.damson.model.Snapshot scratch = new org.damson.model.Snapshot();

        Rows(OpenTrace trace, TraceSource.SnapshotCursor cursor) {
            super(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.IMMUTABLE);
            this.trace = trace;
            this.cursor = cursor;
        }

        @Override
        public boolean tryAdvance(Consumer<? super Snapshot> action) {
            trace.source();
            if (isClosed) {
                throw new IllegalStateException("the stream is closed");
            }
            try {
                scratch.clear();
                if (!Failures.telling(() -> cursor.next(scratch))) {
                    return false;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            action.accept(new ReadSnapshot(scratch));
            return true;
        }

        void close() {
            isClosed = true;
            try {
                cursor.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public WorkingSet workingSet(Selection part) throws IOException {
        WorkingSetResult r = Failures.telling(() ->
                org.damson.analyzer.workingset.WorkingSet.compute(source(), query(part), WorkingSetOptions.DEFAULTS));
        return new WorkingSet(
                r.targets().stream().map(s -> (WorkingSet.Series) new Sizes(s)).toList(),
                new Sizes(r.total()),
                r.referenced(),
                r.windowNs(),
                r.lostRegions(),
                r.incomplete());
    }

    @Override
    public Heatmap heatmap(Selection part, int columns, int rows) throws IOException {
        // Its rule is the caller's to keep: it is checked where it is not yet the trace's fault.
        HeatmapOptions options = new HeatmapOptions(columns, rows, HeatmapOptions.Scope.USED);
        return new Heat(
                Failures.telling(() -> org.damson.analyzer.heatmap.Heatmap.compute(source(), query(part), options)));
    }

    @Override
    public Report report(Selection part, Report.Kind kind) throws IOException {
        return Tables.of(kind, source(), query(part));
    }

    @Override
    public Simulation simulate(Selection part, String... schemes) throws IOException {
        return WhatIf.simulate(source(), query(part), List.of(schemes));
    }

    @Override
    public Tuning tune(Tuning.Question question, Trace... judges) throws IOException {
        List<TraceSource> others = new ArrayList<>();
        for (Trace judge : judges) {
            others.add(opened(judge).source());
        }
        return Tuned.tune(source(), question, others);
    }

    private static OpenTrace opened(Trace other) {
        if (!(other instanceof OpenTrace open)) {
            throw new IllegalArgumentException("the other trace was not opened by Trace.open");
        }
        return open;
    }

    @Override
    public List<Advice> advise() throws IOException {
        return WhatIf.advise(source());
    }

    @Override
    public Comparison compare(Trace other, double tolerance) throws IOException {
        if (!(tolerance >= 0 && tolerance <= 1)) {
            throw new IllegalArgumentException("the tolerance is 0 to 1, not " + tolerance);
        }
        OpenTrace b = opened(other);
        CompareResult r = Failures.telling(
                () -> TraceCompare.compare(source(), b.source(), CompareOptions.DEFAULTS.tolerance(tolerance)));
        return new Comparison(
                Comparison.Verdict.valueOf(r.verdict().name()),
                r.explanation(),
                distance(r.workingSet()),
                distance(r.pattern()),
                r.unmatchedHeat());
    }

    private static Comparison.Distance distance(CompareResult.Distance d) {
        return new Comparison.Distance(d.value(), d.low(), d.high());
    }

    @Override
    public Replay replay(Replay.Options options) throws IOException {
        return PlannedReplay.plan(source(), options);
    }

    @Override
    public void close() throws IOException {
        isClosed = true;
        try (directory) {
            source.close();
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
