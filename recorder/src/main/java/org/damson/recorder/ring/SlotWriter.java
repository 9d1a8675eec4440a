package org.damson.recorder.ring;

import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.ExceptionHandler;
import java.io.IOException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.model.TraceSink;

/** The writing thread's part of a recording: hands slots to the sink, flushes it when that is due, and counts. */
final class SlotWriter implements EventHandler<Slot>, ExceptionHandler<Slot> {
    private final TraceSink sink;
    private final LongSupplier clock;
    private final long flushEveryNs;
    private final Discarded discarded;
    private final BooleanSupplier hasFailed;
    private final Consumer<Throwable> fail;
    private final Batch losses = new Batch(Table.LOSSES);

    private volatile long snapshots;
    private volatile long regionRows;
    private volatile long sideRows;
    private volatile long flushes;
    private volatile long flushNs;
    private volatile long longestFlushNs;
    private volatile long aliveNs;
    private volatile long writeNs;

    // Writing thread only, until it has ended.
    private boolean dirty;
    private long lastFlushNs;

    /**
     * @param flushEveryNs a flush is due after half of it
     * @param hasFailed whether the recording is over, so that what still comes is dropped
     * @param fail takes what ends the recording
     */
    SlotWriter(
            TraceSink sink,
            LongSupplier clock,
            long flushEveryNs,
            Discarded discarded,
            BooleanSupplier hasFailed,
            Consumer<Throwable> fail) {
        this.sink = sink;
        this.clock = clock;
        this.flushEveryNs = flushEveryNs;
        this.discarded = discarded;
        this.hasFailed = hasFailed;
        this.fail = fail;
    }

    /** Has the time to the first flush begin. */
    void begin() {
        lastFlushNs = clock.getAsLong();
    }

    /** Writes what is left to be said, once the writing thread has ended. */
    void end() throws IOException {
        writeLosses();
        flush(clock.getAsLong());
    }

    /** When the writing thread last showed that it is alive; 0 before it started. */
    long aliveNs() {
        return aliveNs;
    }

    RecorderStats stats() {
        return new RecorderStats(
                snapshots,
                regionRows,
                sideRows,
                discarded.snapshots(),
                discarded.sideBatches(),
                flushes,
                writeNs,
                flushNs,
                longestFlushNs);
    }

    @Override
    public void onEvent(Slot slot, long sequence, boolean endOfBatch) throws IOException {
        if (hasFailed.getAsBoolean()) {
            return; // drain and discard, so that the sampling thread never waits for a writer that is gone
        }
        long beganNs = clock.getAsLong();
        if (slot.batch != null) {
            int rows = slot.batch.rows();
            sink.append(slot.batch);
            sideRows = sideRows + rows;
            slot.batch = null;
        } else {
            int rows = slot.snapshot.regions;
            sink.append(slot.snapshot);
            snapshots = snapshots + 1;
            regionRows = regionRows + rows;
        }
        dirty = true;
        flushIfDue(beganNs);
        writeNs = writeNs + clock.getAsLong() - beganNs;
    }

    @Override
    public void onTimeout(long sequence) throws IOException {
        if (!hasFailed.getAsBoolean()) {
            flushIfDue(clock.getAsLong());
        }
    }

    private void flushIfDue(long nowNs) throws IOException {
        aliveNs = nowNs;
        writeLosses();
        if (nowNs - lastFlushNs >= flushEveryNs / 2) {
            flush(nowNs);
        }
    }

    private void writeLosses() throws IOException {
        discarded.writeTo(losses);
        if (losses.rows() > 0) {
            sink.append(losses);
            losses.clear();
            dirty = true;
        }
    }

    private void flush(long nowNs) throws IOException {
        sink.flush(); // also without new rows: a sink may have other things to do in time
        if (dirty) {
            dirty = false;
            long tookNs = clock.getAsLong() - nowNs;
            flushes = flushes + 1;
            flushNs = flushNs + tookNs;
            longestFlushNs = Math.max(longestFlushNs, tookNs);
        }
        lastFlushNs = nowNs;
    }

    @Override
    public void handleEventException(Throwable cause, long sequence, Slot slot) {
        fail.accept(cause);
    }

    @Override
    public void handleOnStartException(Throwable cause) {
        fail.accept(cause);
    }

    @Override
    public void handleOnShutdownException(Throwable cause) {
        fail.accept(cause);
    }
}
