package org.damson.recorder.series;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/**
 * The traces of a series that are not being written: those that are complete, and those that a failure kept from being sealed. It
 * recovers the latter, removes what is too old or too much, and joins them. From any thread; the work is for one in the background.
 */
final class KeptTraces {
    /** @param endNs when it ended, by the series' clock: a wall clock that is set must not make it older or younger */
    record Part(Path path, long endNs, long sizeBytes) {}

    /** 100 years: what a wall clock that was never set may make of an age still fits nanoseconds. */
    private static final long MAX_AGE_MS = TimeUnit.DAYS.toMillis(36_525);

    private final Path dir;
    private final Manifest facts;
    private final LongSupplier clock;
    private final Supplier<Instant> calendar;
    private final Consumer<String> notices;
    /** Oldest first. */
    private final ConcurrentLinkedDeque<Part> complete = new ConcurrentLinkedDeque<>();
    /** Of unknown size. */
    private final ConcurrentLinkedDeque<Part> unsealed = new ConcurrentLinkedDeque<>();

    private volatile boolean hasFailedExport;

    /**
     * @param facts what the manifest of a joined trace says
     * @param clock the series' clock, nanoseconds
     * @param calendar wall clock
     * @param notices takes one line on what failed
     */
    KeptTraces(Path dir, Manifest facts, LongSupplier clock, Supplier<Instant> calendar, Consumer<String> notices) {
        this.dir = dir;
        this.facts = facts;
        this.clock = clock;
        this.calendar = calendar;
        this.notices = notices;
    }

    /** Counts in a trace that an earlier recorder left. */
    void adopt(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            unsealed.add(new Part(path, clock.getAsLong(), 0)); // its recorder died, and then its recovery
            return;
        }
        if (Traces.isUnborn(path)) {
            removeTrace(path);
            return;
        }
        long endNs = lastWriteNs(path);
        try (TraceSource trace = Traces.open(path)) {
            if (trace.manifest().state == Manifest.State.RECORDING) {
                unsealed.add(new Part(path, endNs, 0));
                return;
            }
        } catch (TraceFormatException e) {
            notices.accept(e.getMessage() + "; left alone");
            return;
        }
        add(path, endNs);
    }

    /** When an earlier recorder last wrote to a trace, on this one's clock; that one's wall clock is all there is to tell. */
    private long lastWriteNs(Path path) throws IOException {
        long ageMs =
                calendar.get().toEpochMilli() - Files.getLastModifiedTime(path).toMillis();
        return clock.getAsLong() - TimeUnit.MILLISECONDS.toNanos(Math.max(0, Math.min(ageMs, MAX_AGE_MS)));
    }

    void add(Path path, long endNs) {
        long bytes = TraceSeries.sizeBytes(path);
        for (Path kept : keptOriginals(path)) {
            bytes += TraceSeries.sizeBytes(kept);
        }
        complete.add(new Part(path, endNs, bytes));
    }

    /** Damaged originals that recoveries of a trace kept; they count and are removed with it. */
    private List<Path> keptOriginals(Path path) {
        List<Path> kept = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(
                dir, entry -> entry.getFileName().toString().startsWith(path.getFileName() + ".unrecovered"))) {
            entries.forEach(kept::add);
        } catch (IOException | DirectoryIteratorException e) {
            notices.accept(dir + ": cannot be listed: " + e.getMessage());
        }
        return kept;
    }

    /** Counts in a trace whose journals are whole; sealing is tried again when there may be room. */
    void addUnsealed(Path path, long endNs) {
        unsealed.add(new Part(path, endNs, 0));
    }

    List<Part> complete() {
        return List.copyOf(complete);
    }

    /** Bytes on disk of the complete ones. */
    long sizeBytes() {
        return complete.stream().mapToLong(Part::sizeBytes).sum();
    }

    /** Whether something could not be written out. */
    boolean hasFailedExport() {
        return hasFailedExport;
    }

    void recoverUnsealed() {
        for (Part part : List.copyOf(unsealed)) {
            try {
                Traces.recover(part.path);
                unsealed.remove(part);
                add(part.path, part.endNs);
            } catch (IOException | RuntimeException e) {
                notices.accept(part.path + ": cannot be recovered yet: " + e.getMessage());
                return;
            }
        }
    }

    /**
     * Removes what is too old or too much.
     *
     * @param sizeBytes what all traces of the series take
     */
    void tidy(TraceSeries.Limits limits, LongSupplier sizeBytes) {
        long nowNs = clock.getAsLong();
        for (Part oldest = complete.peek(); oldest != null; oldest = complete.peek()) {
            boolean old = limits.retainNs() > 0 && nowNs - oldest.endNs > limits.retainNs();
            boolean much = limits.retainBytes() > 0 && sizeBytes.getAsLong() > limits.retainBytes();
            if (!old && !much) {
                break;
            }
            tryRemove(oldest);
            complete.poll();
        }
    }

    /** Removes some. */
    void remove(List<Part> parts) {
        complete.removeAll(parts);
        parts.forEach(this::tryRemove);
    }

    /** Removes all. */
    void removeAll() throws IOException {
        for (Part part = complete.poll(); part != null; part = complete.poll()) {
            removeTrace(part.path);
        }
    }

    private void tryRemove(Part part) {
        List<Path> traces = keptOriginals(part.path);
        traces.add(part.path);
        for (Path trace : traces) {
            try {
                removeTrace(trace);
            } catch (IOException e) {
                notices.accept(trace + ": cannot be removed: " + e.getMessage());
            }
        }
    }

    /** Removes a trace: a directory of plain files. */
    static void removeTrace(Path trace) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(trace)) {
            for (Path file : files) {
                Files.delete(file);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        Files.delete(trace);
    }

    /**
     * Joins some as one trace.
     *
     * @param done is given what became of it, a line for people
     * @return whether it was written
     */
    boolean export(Path target, Predicate<Part> which, String trigger, Consumer<String> done) {
        try {
            recoverUnsealed();
            List<Path> parts = complete.stream().filter(which).map(Part::path).toList();
            long snapshots = merge(parts, target, trigger);
            done.accept("wrote " + target + " (" + trigger + "): " + Units.count(snapshots, "snapshot"));
            return true;
        } catch (IOException | RuntimeException e) {
            hasFailedExport = true;
            done.accept(target + ": not written: " + e.getMessage());
            return false;
        }
    }

    private long merge(List<Path> parts, Path target, String trigger) throws IOException {
        List<TraceSource> sources = new ArrayList<>();
        try {
            Manifest manifest = facts.sameFacts();
            ManifestKey.TRIGGER.put(manifest, trigger);
            for (Path part : parts) {
                sources.add(Traces.open(part));
            }
            TraceSink sink = Traces.create(target, manifest, WriterOptions.BATCH);
            try {
                Traces.merge(sources, sink);
                sink.close();
            } catch (IOException | RuntimeException e) {
                sink.abort();
                throw e;
            }
        } finally {
            for (TraceSource source : sources) {
                source.close();
            }
        }
        try (TraceSource written = Traces.open(target)) {
            return written.manifest().files.stream()
                    .filter(f -> f.table() == Table.SNAPSHOTS)
                    .mapToLong(Manifest.FileEntry::rows)
                    .sum();
        }
    }
}
