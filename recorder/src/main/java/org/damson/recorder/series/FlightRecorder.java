package org.damson.recorder.series;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.TraceSink;
import org.damson.trace.files.SafeFiles;

/**
 * Keeps the last minutes of a recording as a ring of short traces and writes them out as one trace when something
 * triggers it. What a dead recorder left in its ring is written out when the next one starts.
 */
public final class FlightRecorder implements TraceSink {
    /** Name of the ring's directory in the output directory. */
    static final String RING = "ring";

    /** Traces in the ring: what is kept may be longer than asked for by one of them. */
    private static final int PARTS = 8;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final Path output;
    private final long lastNs;
    private final TraceSeries ring;
    private final Supplier<Instant> calendar;
    private final Consumer<String> notices;
    private final AtomicReference<String> pending = new AtomicReference<>();
    private final AtomicInteger written = new AtomicInteger();

    /**
     * Starts a ring.
     *
     * @param output where triggered traces go; created if there is none
     * @param ringDir the ring's own directory, null = in the output directory
     * @param lastNs how much to keep, nanoseconds
     * @param retainBytes most that the ring may take, 0 = any
     */
    public FlightRecorder(
            Path output,
            Path ringDir,
            long lastNs,
            long retainBytes,
            Manifest facts,
            SinkOpener opener,
            LongSupplier clock,
            Supplier<Instant> calendar,
            Consumer<String> notices)
            throws IOException {
        this.output = output;
        this.lastNs = lastNs;
        this.calendar = calendar;
        this.notices = notices;
        if (!Files.isDirectory(output, LinkOption.NOFOLLOW_LINKS)) {
            SafeFiles.createDirectory(output);
        }
        long partNs = Math.max(1_000_000, lastNs / PARTS);
        ring = new TraceSeries(
                ringDir == null ? output.resolve(RING) : ringDir,
                facts,
                opener,
                new TraceSeries.Limits(partNs, 0, lastNs + partNs, retainBytes),
                clock,
                calendar,
                notices);
        if (ring.hasAdopted()) {
            written.incrementAndGet();
            ring.exportAdopted(this::target, "an earlier recorder died", notices);
        }
    }

    /** Requests that the ring be written out; further triggers until then are merged. May be called from any thread. */
    public void trigger(String reason) {
        pending.compareAndSet(null, reason);
    }

    /** Ends a trace of the ring. */
    public void rotate() {
        ring.rotate();
    }

    /** Traces written out. */
    public int written() {
        return written.get();
    }

    public long sizeBytes() {
        return ring.sizeBytes();
    }

    @Override
    public Manifest manifest() {
        return ring.manifest();
    }

    @Override
    public void append(Snapshot snapshot) throws IOException {
        ring.append(snapshot);
    }

    @Override
    public void append(Batch rows) throws IOException {
        ring.append(rows);
    }

    @Override
    public void flush() throws IOException {
        ring.flush();
        String reason = pending.get();
        if (reason != null) {
            ring.export(this::target, lastNs, reason, notices);
            written.incrementAndGet();
            pending.set(null);
        }
    }

    /** A name that nothing has: two triggers may come at once, and a wall clock that was set back tells a time again. */
    private Path target() {
        String time = TIME.format(calendar.get());
        Path free = output.resolve(time + ".damson");
        for (int i = 2; Files.exists(free, LinkOption.NOFOLLOW_LINKS); i++) {
            free = output.resolve(time + "-" + i + ".damson");
        }
        return free;
    }

    /** Writes out what was triggered, then removes the ring, unless something could not be written. */
    @Override
    public void close() throws IOException {
        try {
            flush();
        } finally {
            ring.discard();
        }
    }
}
