package org.damson.recorder.series;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSink;

/**
 * A recording as a series of traces in one directory, {@code NNNNNN-YYYYMMDDTHHMMSSZ.damson}, each complete in itself:
 * it begins with the mappings that hold. The next one fills while the last is sealed in the background. A series goes
 * on where an earlier recorder left it; a trace which that one could not seal is recovered.
 */
public final class TraceSeries implements TraceSink {
    /**
     * When a trace ends and how long it is kept; 0 = no limit.
     *
     * @param rotateNs length of a trace, nanoseconds
     * @param rotateBytes size of a trace, bytes on disk
     * @param retainNs how long a trace is kept after its end, nanoseconds
     * @param retainBytes how much all may take, bytes on disk
     */
    public record Limits(long rotateNs, long rotateBytes, long retainNs, long retainBytes) {}

    private final Path dir;
    private final SeriesDirectory directory;
    private final Manifest facts;
    private final SinkOpener opener;
    private final Limits limits;
    private final LongSupplier clock;
    private final Supplier<Instant> calendar;
    private final Consumer<String> notices;
    private final KeptTraces kept;
    private final StandingRows standing = new StandingRows();
    private final StandingStacks stacks = new StandingStacks();
    private final ExecutorService background = Executors.newSingleThreadExecutor(r -> {
        Thread t = new Thread(r, "damson-series");
        t.setDaemon(true);
        return t;
    });
    private volatile boolean rotateNow;
    private volatile int written;
    private volatile Path currentPath;
    private Future<?> sealing = CompletableFuture.completedFuture(null);
    private Future<?> tidying = CompletableFuture.completedFuture(null);
    private TraceSink current;
    private int number;
    private long beganNs;
    private boolean hasRows;
    private boolean closed;
    private final boolean adopted;

    /**
     * Begins the first trace.
     *
     * @param dir directory of the series; created if there is none
     * @param facts what the manifest of each trace says
     * @param calendar wall clock
     * @param notices takes one line on what failed in the background
     */
    public TraceSeries(
            Path dir,
            Manifest facts,
            SinkOpener opener,
            Limits limits,
            LongSupplier clock,
            Supplier<Instant> calendar,
            Consumer<String> notices)
            throws IOException {
        this.dir = dir;
        this.facts = facts;
        this.opener = opener;
        this.limits = limits;
        this.clock = clock;
        this.calendar = calendar;
        this.notices = notices;
        kept = new KeptTraces(dir, facts, clock, calendar, notices);
        directory = SeriesDirectory.take(dir);
        try {
            for (Path trace : directory.traces()) {
                number = Math.max(number, SeriesDirectory.number(trace));
                kept.adopt(trace);
            }
            kept.recoverUnsealed();
            adopted = !kept.complete().isEmpty();
            begin();
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    private void begin() throws IOException {
        int next = number + 1;
        Path path = directory.nameOf(next, calendar.get());
        Manifest manifest = facts.sameFacts();
        ManifestKey.SERIES_NUMBER.put(manifest, (long) next);
        TraceSink sink = opener.open(path, manifest);
        for (Batch rows : standing.rows(clock.getAsLong())) {
            sink.append(rows);
        }
        stacks.begin();
        number = next;
        current = sink;
        currentPath = path;
        beganNs = clock.getAsLong();
        hasRows = false;
        written = written + 1;
    }

    /** Requests the end of the current trace. May be called from any thread. */
    public void rotate() {
        rotateNow = true;
    }

    /** Traces begun so far. */
    public int written() {
        return written;
    }

    /** Approximate size of all traces on disk, bytes. */
    public long sizeBytes() {
        return sizeBytes(currentPath) + kept.sizeBytes();
    }

    @Override
    public Manifest manifest() {
        return current.manifest();
    }

    @Override
    public void append(Snapshot snapshot) throws IOException {
        hasRows = true;
        current.append(snapshot);
    }

    @Override
    public void append(Batch rows) throws IOException {
        if (StandingStacks.keeps(rows.table())) {
            stacks.see(rows);
            return;
        }
        hasRows = true;
        standing.see(rows);
        if (rows.table() == Table.SAMPLES) {
            for (Batch missing : stacks.before(rows)) {
                if (missing.rows() > 0) {
                    current.append(missing);
                }
            }
        }
        current.append(rows);
    }

    @Override
    public void flush() throws IOException {
        current.flush();
        if (isDue()) {
            roll();
        }
        if (tidying.isDone()) {
            tidying = background.submit(this::tidy);
        }
    }

    /** Whether an earlier recorder left traces here. */
    boolean hasAdopted() {
        return adopted;
    }

    private boolean isDue() {
        return hasRows
                && sealing.isDone() // one at a time, which bounds memory
                && (rotateNow
                        || limits.rotateNs > 0 && clock.getAsLong() - beganNs >= limits.rotateNs
                        || limits.rotateBytes > 0 && sizeBytes(currentPath) >= limits.rotateBytes);
    }

    private void roll() throws IOException {
        TraceSink last = current;
        Path lastPath = currentPath;
        begin(); // fails with the last one still in place
        rotateNow = false;
        long endNs = clock.getAsLong();
        sealing = background.submit(() -> seal(last, lastPath, endNs));
    }

    private void tidy() {
        kept.tidy(limits, this::sizeBytes);
    }

    private void seal(TraceSink sink, Path path, long endNs) {
        try {
            sink.close();
            kept.add(path, endNs);
        } catch (IOException | RuntimeException e) {
            kept.addUnsealed(path, endNs);
            notices.accept(path + ": not sealed yet: " + e.getMessage());
        }
    }

    /**
     * Writes everything up to now that is not older than {@code lastNs} as one trace, in the background. To be called by
     * the writing thread.
     *
     * @param target names the trace, once it is its turn
     * @param done is given what became of it, a line for people
     */
    void export(Supplier<Path> target, long lastNs, String trigger, Consumer<String> done) throws IOException {
        if (hasRows) {
            roll();
        }
        long nowNs = clock.getAsLong();
        background.submit(() -> kept.export(target.get(), part -> nowNs - part.endNs() <= lastNs, trigger, done));
    }

    /** Writes what an earlier recorder left as one trace, in the background, and removes it here. Before any row. */
    void exportAdopted(Supplier<Path> target, String trigger, Consumer<String> done) {
        List<KeptTraces.Part> old = kept.complete();
        background.submit(() -> {
            if (kept.export(target.get(), old::contains, trigger, done)) {
                kept.remove(old);
            }
        });
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (directory) {
            Path last = currentPath;
            current.close();
            long endNs = clock.getAsLong();
            background.submit(() -> {
                kept.recoverUnsealed();
                kept.add(last, endNs);
                tidy();
            });
        } finally {
            finish();
        }
    }

    /** Closes and removes every trace, the current one too; after an export that failed it keeps them for the next recorder. */
    void discard() throws IOException {
        close();
        if (kept.hasFailedExport()) {
            notices.accept(dir + ": kept, since not all of it could be written out; the next recorder writes it out");
            return;
        }
        kept.removeAll();
        if (!directory.remove()) {
            notices.accept(dir + ": not removed: it contains other files");
        }
    }

    private void finish() {
        background.shutdown();
        boolean interrupted = false;
        while (!background.isTerminated()) {
            try {
                background.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Size of a trace directory on disk so far, bytes; journals that are being sealed may be missed. */
    public static long sizeBytes(Path trace) {
        long sum = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(trace)) {
            for (Path file : files) {
                sum += file.toFile().length(); // 0 for a file that is gone by now
            }
        } catch (IOException | DirectoryIteratorException e) {
            return sum;
        }
        return sum;
    }
}
