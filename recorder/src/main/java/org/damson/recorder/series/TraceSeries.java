package org.damson.recorder.series;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.MissingCapabilityException;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

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

    /** @param endNs when it ended, by {@link #clock}: a wall clock that is set must not make it older or younger */
    private record Part(Path path, long endNs, long sizeBytes) {}

    private static final Pattern NAME = Pattern.compile("(\\d{6,9})-\\d{8}T\\d{6}Z\\.damson");
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    /** 100 years: what a wall clock that was never set may make of an age still fits nanoseconds. */
    private static final long MAX_AGE_MS = TimeUnit.DAYS.toMillis(36_525);

    private final Path dir;
    private final Manifest facts;
    private final SinkOpener opener;
    private final Limits limits;
    private final LongSupplier clock;
    private final Supplier<Instant> calendar;
    private final Consumer<String> notices;
    private final FileChannel lock;
    private final StandingMappings mappings = new StandingMappings();
    private final StandingStacks stacks = new StandingStacks();
    private final ExecutorService background = Executors.newSingleThreadExecutor(r -> {
        Thread t = new Thread(r, "damson-series");
        t.setDaemon(true);
        return t;
    });
    /** Traces that are complete, oldest first. */
    private final ConcurrentLinkedDeque<Part> complete = new ConcurrentLinkedDeque<>();
    /** Traces that a failure kept from being sealed, of unknown size. */
    private final ConcurrentLinkedDeque<Part> unsealed = new ConcurrentLinkedDeque<>();

    private volatile boolean rotateNow;
    private volatile boolean hasFailedExport;
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
     * @param notices is told in one line what failed in the background
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
        if (!Files.exists(dir, LinkOption.NOFOLLOW_LINKS)) {
            try {
                Files.createDirectory(
                        dir, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } catch (IOException e) {
                throw MissingCapabilityException.whileWriting(dir, e);
            }
        } else if (!Files.isDirectory(dir, LinkOption.NOFOLLOW_LINKS)) {
            throw new NotDirectoryException(dir.toString());
        }
        lock = lock(dir);
        try {
            adopt();
            adopted = !complete.isEmpty();
            begin();
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static FileChannel lock(Path dir) throws IOException {
        Path file = dir.resolve(".lock");
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new TraceFormatException(file.toString(), "", "not a regular file");
        }
        Set<OpenOption> options =
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        FileChannel channel = FileChannel.open(
                file, options, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        boolean held;
        try {
            held = channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            held = false;
        }
        if (!held) {
            channel.close();
            throw new IOException(dir + ": another damson records into this directory");
        }
        return channel;
    }

    /** Counts what an earlier recorder left; refuses a directory of other things. */
    private void adopt() throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(dir)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (!NAME.matcher(name).matches()
                        && !name.startsWith(".")
                        && !name.equals(FlightRecorder.RING)
                        && !isRemainder(name)) {
                    throw new IOException(dir + ": not a directory of traces: it holds " + name);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        for (Path path : Traces.inSeries(dir)) {
            if (NAME.matcher(path.getFileName().toString()).matches()) {
                number = Math.max(number, number(path));
                adopt(path);
            }
        }
        recoverUnsealed();
    }

    private void adopt(Path path) throws IOException {
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
        complete(path, endNs);
    }

    /** When an earlier recorder last wrote to a trace, on this one's clock; that one's wall clock is all there is to tell. */
    private long lastWriteNs(Path path) throws IOException {
        long ageMs =
                calendar.get().toEpochMilli() - Files.getLastModifiedTime(path).toMillis();
        return clock.getAsLong() - TimeUnit.MILLISECONDS.toNanos(Math.max(0, Math.min(ageMs, MAX_AGE_MS)));
    }

    /** What a recorder leaves that dies while it recovers a trace. */
    private static boolean isRemainder(String name) {
        return name.contains(".damson.");
    }

    private static int number(Path path) {
        String name = path.getFileName().toString();
        return Integer.parseInt(name.substring(0, name.indexOf('-')));
    }

    private void begin() throws IOException {
        int next = number + 1;
        Path path = dir.resolve("%06d-%s.damson".formatted(next, TIME.format(calendar.get())));
        Manifest manifest = facts.sameFacts();
        ManifestKey.SERIES_NUMBER.put(manifest, (long) next);
        TraceSink sink = opener.open(path, manifest);
        Batch standing = mappings.rows(clock.getAsLong());
        if (standing.rows() > 0) {
            sink.append(standing);
        }
        stacks.begin();
        number = next;
        current = sink;
        currentPath = path;
        beganNs = clock.getAsLong();
        hasRows = false;
        written = written + 1;
    }

    /** Has the current trace end soon. From any thread. */
    public void rotate() {
        rotateNow = true;
    }

    /** Traces begun so far. */
    public int written() {
        return written;
    }

    /** What all traces take on disk, about. */
    public long sizeBytes() {
        long sum = sizeBytes(currentPath);
        for (Part part : complete) {
            sum += part.sizeBytes;
        }
        return sum;
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
        mappings.see(rows);
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

    private void seal(TraceSink sink, Path path, long endNs) {
        try {
            sink.close();
            complete(path, endNs);
        } catch (IOException | RuntimeException e) {
            unsealed.add(new Part(path, endNs, 0)); // its journals are whole; tried again when there may be room
            notices.accept(path + ": not sealed yet: " + e.getMessage());
        }
    }

    private void complete(Path path, long endNs) {
        long bytes = sizeBytes(path);
        for (Path kept : keptOriginals(path)) {
            bytes += sizeBytes(kept);
        }
        complete.add(new Part(path, endNs, bytes));
    }

    /** What recoveries of a trace have kept of it as it was damaged; they count and go with it. */
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

    private void recoverUnsealed() {
        for (Part part : List.copyOf(unsealed)) {
            try {
                Traces.recover(part.path);
                unsealed.remove(part);
                complete(part.path, part.endNs);
            } catch (IOException | RuntimeException e) {
                notices.accept(part.path + ": cannot be recovered yet: " + e.getMessage());
                return;
            }
        }
    }

    /** Removes what is too old or too much, never the current trace. */
    private void tidy() {
        long nowNs = clock.getAsLong();
        for (Part oldest = complete.peek(); oldest != null; oldest = complete.peek()) {
            boolean old = limits.retainNs > 0 && nowNs - oldest.endNs > limits.retainNs;
            boolean much = limits.retainBytes > 0 && sizeBytes() > limits.retainBytes;
            if (!old && !much) {
                break;
            }
            tryRemove(oldest);
            complete.poll();
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
        background.submit(() -> export(target.get(), part -> nowNs - part.endNs <= lastNs, trigger, done));
    }

    /** Writes what an earlier recorder left as one trace, in the background, and removes it here. Before any row. */
    void exportAdopted(Supplier<Path> target, String trigger, Consumer<String> done) {
        List<Part> old = List.copyOf(complete);
        background.submit(() -> {
            if (export(target.get(), old::contains, trigger, done)) {
                complete.removeAll(old);
                old.forEach(this::tryRemove);
            }
        });
    }

    private boolean export(Path target, Predicate<Part> which, String trigger, Consumer<String> done) {
        try {
            recoverUnsealed();
            List<Path> parts =
                    complete.stream().filter(which).map(part -> part.path).toList();
            long snapshots = merge(parts, target, trigger);
            done.accept("wrote " + target + " (" + trigger + "): " + Units.count(snapshots, "snapshot"));
            return true;
        } catch (IOException | RuntimeException e) {
            hasFailedExport = true;
            done.accept(target + ": not written: " + e.getMessage());
            return false;
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

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (lock) {
            Path last = currentPath;
            current.close();
            long endNs = clock.getAsLong();
            background.submit(() -> {
                recoverUnsealed();
                complete(last, endNs);
                tidy();
            });
        } finally {
            finish();
        }
    }

    /** Closes and removes every trace, the current one too; after an export that failed it keeps them for the next recorder. */
    void discard() throws IOException {
        close();
        if (hasFailedExport) {
            notices.accept(dir + ": kept, as not all of it could be written out; the next recorder will");
            return;
        }
        for (Part part = complete.poll(); part != null; part = complete.poll()) {
            removeTrace(part.path);
        }
        Files.deleteIfExists(dir.resolve(".lock"));
        try {
            Files.delete(dir);
        } catch (DirectoryNotEmptyException e) {
            notices.accept(dir + ": not removed: it holds other things");
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

    /** What a trace directory takes on disk so far; journals that are sealed meanwhile may be missed. */
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
