package org.damson.recorder.ring;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.ExceptionHandler;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.TimeoutBlockingWaitStrategy;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.damson.model.Batch;
import org.damson.model.Snapshot;
import org.damson.model.SnapshotSource;
import org.damson.model.Table;
import org.damson.model.TraceSink;

/**
 * Moves snapshots from a source to a sink: the thread that calls {@link #run} samples, a thread of its own writes, and
 * a ring of preallocated slots lies between them so that a slow disk does not disturb the timing of the samples.
 *
 * <p>When writing fails, sampling stops and both {@link #run} and {@link #close} throw with the first failure as cause.
 * {@code close} closes source and sink. {@link #stop} may be called from any thread.
 */
public final class Recorder implements AutoCloseable {
    private static final class Slot {
        Snapshot snapshot = new Snapshot();
        /** Side rows instead of a snapshot, or null. */
        Batch batch;
    }

    private final RecorderConfig config;
    private final SnapshotSource source;
    private final TraceSink sink;
    private final List<Sampler> side;
    private final List<Feed> feeds;
    private final LongSupplier clock;
    private final RingBuffer<Slot> ring;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Object lock = new Object();
    private final Map<Table, Batch> sideScratch = new EnumMap<>(Table.class);
    private final Batch losses = new Batch(Table.LOSSES);

    private volatile boolean stopping;
    private volatile long snapshots;
    private volatile long regionRows;
    private volatile long sideRows;
    private volatile long flushes;
    private volatile long flushNs;
    private volatile long longestFlushNs;
    private volatile long aliveNs;
    private volatile boolean sourceEnded;
    private volatile long writeNs;

    // Guarded by lock.
    private Thread sampling;
    private boolean interruptible;
    private boolean started;
    private boolean finished;
    private boolean closed;
    private long droppedSnapshots;
    private long droppedSide;
    private long pendingSnapshots;
    private long pendingSide;
    private long pendingFromNs;
    private long pendingToNs;

    // Writer thread only, until it has ended.
    private boolean dirty;
    private long lastFlushNs;

    /**
     * A recorder that is not running yet.
     *
     * @param nanoClock the trace's clock, nanoseconds
     */
    public Recorder(
            RecorderConfig config, SnapshotSource source, TraceSink sink, List<Sampler> side, LongSupplier nanoClock) {
        this(config, source, sink, side, List.of(), nanoClock);
    }

    /** The same with rows that come on threads of their own; {@link #run} begins and ends these. */
    public Recorder(
            RecorderConfig config,
            SnapshotSource source,
            TraceSink sink,
            List<Sampler> side,
            List<Feed> feeds,
            LongSupplier nanoClock) {
        this.feeds = List.copyOf(feeds);
        this.config = config;
        this.source = source;
        this.sink = sink;
        this.side = List.copyOf(side);
        this.clock = nanoClock;
        // Half the interval: a wait that begins just before a flush is due must not delay it by a whole one.
        ring = RingBuffer.createMultiProducer(
                Slot::new,
                config.slots(),
                new TimeoutBlockingWaitStrategy(Math.max(500_000, config.flushNs() / 2), TimeUnit.NANOSECONDS));
    }

    /** Records until the source ends, {@link #stop} is called or something fails. At most once. */
    public RecorderStats run() throws IOException {
        synchronized (lock) {
            if (started) {
                throw new IllegalStateException("a recorder runs once");
            }
            started = true;
            sampling = Thread.currentThread();
        }
        lastFlushNs = clock.getAsLong();
        Writer handler = new Writer();
        BatchEventProcessor<Slot> processor = new BatchEventProcessorBuilder().build(ring, ring.newBarrier(), handler);
        processor.setExceptionHandler(handler);
        ring.addGatingSequences(processor.getSequence());
        Thread writer = new Thread(processor, "damson-writer");
        writer.setDaemon(true);
        writer.start();
        try {
            feeds.forEach(feed -> feed.start(this::feed));
            sampleUntilDone();
        } catch (IOException | RuntimeException | Error e) {
            fail(e);
        } finally {
            stopFeeds();
            finish(processor, writer);
        }
        throwFailure();
        return stats();
    }

    /** Ends the recording soon; {@link #run} then returns normally with everything sampled so far written. */
    public void stop() {
        synchronized (lock) {
            stopping = true;
            if (interruptible) {
                sampling.interrupt();
            }
        }
    }

    public RecorderStats stats() {
        synchronized (lock) {
            return new RecorderStats(
                    snapshots,
                    regionRows,
                    sideRows,
                    droppedSnapshots,
                    droppedSide,
                    flushes,
                    writeNs,
                    flushNs,
                    longestFlushNs);
        }
    }

    /** Snapshots and side batches that wait to be written. */
    public long backlog() {
        return config.slots() - ring.remainingCapacity();
    }

    /** When the writing thread last showed that it is alive, by the trace's clock; 0 before it started. */
    public long aliveNs() {
        return aliveNs;
    }

    /** Whether recording ended because the source did. */
    public boolean hasSourceEnded() {
        return sourceEnded;
    }

    /** Stops, waits for {@link #run} to end, then closes source and sink. */
    @Override
    public void close() throws IOException {
        stop();
        boolean interrupted = false;
        synchronized (lock) {
            while (started && !finished) {
                try {
                    lock.wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (closed) {
                return;
            }
            closed = true;
        }
        try (sink;
                source) {
            throwFailure();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void sampleUntilDone() throws IOException {
        Snapshot scratch = new Snapshot();
        long nextSideNs = clock.getAsLong();
        while (!stopping) {
            long nowNs = clock.getAsLong();
            if (nowNs - nextSideNs >= 0) {
                sampleSide(nowNs, false);
                nextSideNs = nowNs + config.sideNs();
            }
            scratch.clear();
            if (!next(scratch)) {
                sourceEnded = !stopping;
                break;
            }
            scratch = publish(scratch);
            sampleSide(clock.getAsLong(), true);
        }
        while (failure.get() == null && source.rest(scratch)) {
            scratch = publish(scratch);
            sampleSide(clock.getAsLong(), true);
        }
        if (failure.get() == null) {
            sampleSide(clock.getAsLong(), false);
        }
    }

    /** Hands a snapshot to the writer; returns another to fill. */
    private Snapshot publish(Snapshot full) {
        long sequence = claim();
        if (sequence < 0) {
            dropped(full.startNs, full.endNs, true);
            return full;
        }
        // Swapped, not copied: the slot's old arrays become the next to fill.
        Slot slot = ring.get(sequence);
        Snapshot old = slot.snapshot;
        slot.snapshot = full;
        slot.batch = null;
        ring.publish(sequence);
        return old;
    }

    private boolean next(Snapshot into) throws IOException {
        synchronized (lock) {
            if (stopping) {
                return false;
            }
            interruptible = true;
        }
        try {
            return source.next(into);
        } catch (InterruptedException e) {
            stopping = true;
            return false;
        } finally {
            synchronized (lock) {
                interruptible = false;
                if (stopping) {
                    // An interrupt that came too late for the source must not hit the code that ends the recording.
                    Thread.interrupted();
                }
            }
        }
    }

    private void sampleSide(long nowNs, boolean ofSnapshots) throws IOException {
        for (Sampler s : side) {
            if (s.followsSnapshots() != ofSnapshots) {
                continue;
            }
            Batch out = sideScratch.computeIfAbsent(s.table(), Batch::new);
            s.sample(nowNs, out);
            if (out.rows() == 0) {
                continue;
            }
            long sequence = claim();
            if (sequence < 0) {
                dropped(nowNs, nowNs, false);
                out.clear();
                continue;
            }
            ring.get(sequence).batch = out;
            ring.publish(sequence);
            // Side rows come once a second, or a snapshot: a new batch each time costs nothing that matters.
            sideScratch.put(s.table(), new Batch(s.table()));
        }
    }

    /** Rows of a feed wait for a slot whatever the policy: later ones may refer to them, and a feed counts its own losses. */
    private void feed(Batch rows) {
        long sequence = claim(OverflowPolicy.BLOCK);
        if (sequence >= 0) {
            ring.get(sequence).batch = rows;
            ring.publish(sequence);
        }
    }

    private void stopFeeds() {
        for (Feed feed : feeds) {
            try {
                feed.stop();
            } catch (IOException | RuntimeException e) {
                fail(e);
            }
        }
    }

    private long claim() {
        return claim(config.overflow());
    }

    /** A slot to fill, or -1 when what was sampled has to be discarded. */
    private long claim(OverflowPolicy overflow) {
        while (failure.get() == null) {
            try {
                return ring.tryNext();
            } catch (InsufficientCapacityException full) {
                if (overflow == OverflowPolicy.DROP_NEWEST) {
                    return -1;
                }
                LockSupport.parkNanos(100_000);
            }
        }
        return -1;
    }

    private void dropped(long fromNs, long toNs, boolean snapshot) {
        synchronized (lock) {
            if (pendingSnapshots + pendingSide == 0) {
                pendingFromNs = fromNs;
                pendingToNs = toNs;
            }
            pendingFromNs = Math.min(pendingFromNs, fromNs);
            pendingToNs = Math.max(pendingToNs, toNs);
            if (snapshot) {
                droppedSnapshots++;
                pendingSnapshots++;
            } else {
                droppedSide++;
                pendingSide++;
            }
        }
    }

    private void fail(Throwable cause) {
        failure.compareAndSet(null, cause);
        stop();
    }

    private void finish(BatchEventProcessor<Slot> processor, Thread writer) {
        boolean interrupted = false;
        try {
            while (writer.isAlive() && processor.getSequence().get() < ring.getCursor()) {
                LockSupport.parkNanos(200_000);
                interrupted |= Thread.interrupted();
            }
            while (writer.isAlive()) {
                // Repeated: a halt before the thread has begun to run would be forgotten.
                processor.halt();
                try {
                    writer.join(20);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (!(failure.get() instanceof Error)) {
                writeLosses();
                flush(clock.getAsLong());
            }
        } catch (IOException | RuntimeException e) {
            failure.compareAndSet(null, e);
        } finally {
            synchronized (lock) {
                finished = true;
                lock.notifyAll();
            }
            if (interrupted && !stopping) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void throwFailure() throws IOException {
        Throwable cause = failure.get();
        if (cause != null) {
            // A new one each time: the same exception thrown from run and close cannot suppress itself.
            throw new IOException("recording stopped: " + cause.getMessage(), cause);
        }
    }

    private void writeLosses() throws IOException {
        synchronized (lock) {
            if (pendingSnapshots > 0) {
                losses.add(pendingFromNs, pendingToNs, "recorder", pendingSnapshots, "snapshots: writer behind");
            }
            if (pendingSide > 0) {
                losses.add(pendingFromNs, pendingToNs, "recorder", pendingSide, "side batches: writer behind");
            }
            pendingSnapshots = 0;
            pendingSide = 0;
        }
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

    private final class Writer implements EventHandler<Slot>, ExceptionHandler<Slot> {
        @Override
        public void onEvent(Slot slot, long sequence, boolean endOfBatch) throws IOException {
            if (failure.get() != null) {
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
            due(beganNs);
            writeNs = writeNs + clock.getAsLong() - beganNs;
        }

        @Override
        public void onTimeout(long sequence) throws IOException {
            if (failure.get() == null) {
                due(clock.getAsLong());
            }
        }

        private void due(long nowNs) throws IOException {
            aliveNs = nowNs;
            writeLosses();
            if (nowNs - lastFlushNs >= config.flushNs() / 2) {
                flush(nowNs);
            }
        }

        @Override
        public void handleEventException(Throwable cause, long sequence, Slot slot) {
            fail(cause);
        }

        @Override
        public void handleOnStartException(Throwable cause) {
            fail(cause);
        }

        @Override
        public void handleOnShutdownException(Throwable cause) {
            fail(cause);
        }
    }
}
