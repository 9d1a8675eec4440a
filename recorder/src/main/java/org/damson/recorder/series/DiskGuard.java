package org.damson.recorder.series;

import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.model.Units;

/**
 * Pauses a recording while the disk is full and resumes it afterwards; the gap is counted in LOSSES. Changes of mappings in the
 * gap are recorded when recording resumes.
 */
public final class DiskGuard implements TraceSink {
    /** Room on disk, bytes. */
    public interface Room {
        /** Free bytes of the file system. */
        long freeBytes() throws IOException;

        /** Bytes that the recording takes. */
        long usedBytes();
    }

    /** With less room than this a failed write is taken for that of a full disk, whatever it says. */
    private static final long FULL_BYTES = 1 << 20;

    /** Rows of call stacks and frames that wait while recording pauses: some 20 MiB. */
    private static final int MAX_STACK_ROWS = 1 << 20;

    private final TraceSink sink;
    private final Room room;
    private final long minFreeBytes;
    private final long maxUsedBytes;
    private final LongSupplier clock;
    private final Consumer<String> notices;
    private final StandingRows standing = new StandingRows();

    /** Call stacks and frames that were found while paused. */
    private final Map<Table, Batch> stackRows = new EnumMap<>(Table.class);

    private volatile String pausedFor;
    private volatile long discardedSnapshots;
    private volatile long discardedRows;
    private StandingRows standingAtPause;
    private long pausedNs;
    private long gapSnapshots;
    private long gapRows;

    /**
     * Guards a sink.
     *
     * @param minFreeBytes room to leave, 0 = until writing fails
     * @param maxUsedBytes room to take, 0 = any
     * @param clock the trace's clock, nanoseconds
     * @param notices takes one line on when recording pauses and when it goes on
     */
    public DiskGuard(
            TraceSink sink,
            Room room,
            long minFreeBytes,
            long maxUsedBytes,
            LongSupplier clock,
            Consumer<String> notices) {
        this.sink = sink;
        this.room = room;
        this.minFreeBytes = minFreeBytes;
        this.maxUsedBytes = maxUsedBytes;
        this.clock = clock;
        this.notices = notices;
    }

    public boolean isPaused() {
        return pausedFor != null;
    }

    /** Total number of snapshots discarded while paused. */
    public long discardedSnapshots() {
        return discardedSnapshots;
    }

    /** Rows of other tables discarded while paused, without those that tell what is there. */
    long discardedRows() {
        return discardedRows;
    }

    @Override
    public Manifest manifest() {
        return sink.manifest();
    }

    @Override
    public void append(Snapshot snapshot) throws IOException {
        if (pausedFor != null) {
            gapSnapshots++;
            discardedSnapshots = discardedSnapshots + 1;
            return;
        }
        try {
            sink.append(snapshot);
        } catch (IOException e) {
            pauseIfFull(e); // the sink has the row in memory and writes it when there is room
        }
    }

    @Override
    public void append(Batch rows) throws IOException {
        standing.see(rows);
        if (pausedFor != null) {
            if (StandingStacks.keeps(rows.table()) && stackRows() + rows.rows() <= MAX_STACK_ROWS) {
                stackRows.computeIfAbsent(rows.table(), Batch::new).append(rows); // samples to come refer to them
            } else if (!rows.table().isState()) {
                gapRows += rows.rows();
                discardedRows = discardedRows + rows.rows();
            }
            return;
        }
        try {
            sink.append(rows);
        } catch (IOException e) {
            pauseIfFull(e);
        }
    }

    @Override
    public void flush() throws IOException {
        String lack = lack();
        if (pausedFor != null) {
            if (lack == null) {
                resume();
            }
            return;
        }
        try {
            sink.flush();
        } catch (IOException e) {
            pauseIfFull(e);
            return;
        }
        if (lack != null) {
            pause(lack);
        }
    }

    @Override
    public void close() throws IOException {
        try (sink) {
            if (pausedFor != null) {
                writeGap();
            }
        }
    }

    /** The exhausted limit, null if none. Resuming needs somewhat more room than continuing. */
    private String lack() throws IOException {
        boolean paused = pausedFor != null;
        long freeBytes = room.freeBytes();
        if (minFreeBytes > 0 && freeBytes < minFreeBytes + (paused ? minFreeBytes / 10 : 0)) {
            return "less than " + Units.bytes(minFreeBytes) + " free";
        }
        if (maxUsedBytes > 0 && room.usedBytes() >= maxUsedBytes - (paused ? maxUsedBytes / 10 : 0)) {
            return "the recording takes the " + Units.bytes(maxUsedBytes) + " it may";
        }
        return paused && freeBytes < FULL_BYTES ? pausedFor : null;
    }

    private void pauseIfFull(IOException e) throws IOException {
        if (!isFull(e)) {
            throw e;
        }
        pause("the disk is full");
    }

    private boolean isFull(IOException e) throws IOException {
        for (Throwable t = e; t != null; t = t.getCause()) {
            String message = String.valueOf(t.getMessage());
            if (message.contains("No space left") || message.contains("quota exceeded")) {
                return true;
            }
        }
        return room.freeBytes() < FULL_BYTES;
    }

    private void pause(String reason) {
        pausedFor = reason;
        pausedNs = clock.getAsLong();
        standingAtPause = standing.copy();
        notices.accept("recording pauses: " + reason);
    }

    private void resume() throws IOException {
        try {
            sink.flush(); // what could not be written when recording paused
        } catch (IOException e) {
            if (isFull(e)) {
                return;
            }
            throw e;
        }
        notices.accept("recording resumes after " + Units.duration(clock.getAsLong() - pausedNs));
        writeGap();
    }

    private void writeGap() throws IOException {
        long nowNs = clock.getAsLong();
        String reason = pausedFor;
        pausedFor = null;
        Batch losses = new Batch(Table.LOSSES);
        if (gapSnapshots > 0) {
            losses.add(pausedNs, nowNs, "recorder", gapSnapshots, "snapshots: " + reason);
        }
        if (gapRows > 0) {
            losses.add(pausedNs, nowNs, "recorder", gapRows, "rows of other tables: " + reason);
        }
        gapSnapshots = 0;
        gapRows = 0;
        write(losses);
        for (Batch rows : stackRows.values()) {
            write(rows);
        }
        stackRows.clear();
        for (Batch rows : standing.changesSince(standingAtPause, nowNs)) {
            write(rows);
        }
    }

    private int stackRows() {
        return stackRows.values().stream().mapToInt(Batch::rows).sum();
    }

    private void write(Batch rows) throws IOException {
        if (rows.rows() > 0) {
            try {
                sink.append(rows);
            } catch (IOException e) {
                if (!isFull(e)) {
                    throw e; // else they are in memory and written when there is room
                }
            }
        }
    }
}
