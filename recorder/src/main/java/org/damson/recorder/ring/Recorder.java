package org.damson.recorder.ring;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
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
    private final Discarded discarded = new Discarded();
    private final SlotWriter writer;

    private volatile boolean stopping;
    private volatile boolean sourceEnded;

    // Guarded by lock.
    private Thread sampling;
    private boolean interruptible;
    private boolean started;
    private boolean finished;
    private boolean closed;

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
        writer = new SlotWriter(sink, nanoClock, config.flushNs(), discarded, () -> failure.get() != null, this::fail);
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
        writer.begin();
        BatchEventProcessor<Slot> processor = new BatchEventProcessorBuilder().build(ring, ring.newBarrier(), writer);
        processor.setExceptionHandler(writer);
        ring.addGatingSequences(processor.getSequence());
        Thread writing = new Thread(processor, "damson-writer");
        writing.setDaemon(true);
        writing.start();
        try {
            feeds.forEach(feed -> feed.start(this::feed));
            sampleUntilDone();
        } catch (IOException | RuntimeException | Error e) {
            fail(e);
        } finally {
            stopFeeds();
            finish(processor, writing);
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
        return writer.stats();
    }

    /** Snapshots and side batches that wait to be written. */
    public long backlog() {
        return config.slots() - ring.remainingCapacity();
    }

    /** When the writing thread last showed that it is alive, by the trace's clock; 0 before it started. */
    public long aliveNs() {
        return writer.aliveNs();
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
            discarded.snapshot(full.startNs, full.endNs);
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
                discarded.sideBatch(nowNs);
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

    private void fail(Throwable cause) {
        failure.compareAndSet(null, cause);
        stop();
    }

    private void finish(BatchEventProcessor<Slot> processor, Thread writing) {
        boolean interrupted = false;
        try {
            while (writing.isAlive() && processor.getSequence().get() < ring.getCursor()) {
                LockSupport.parkNanos(200_000);
                interrupted |= Thread.interrupted();
            }
            while (writing.isAlive()) {
                // Repeated: a halt before the thread has begun to run would be forgotten.
                processor.halt();
                try {
                    writing.join(20);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (!(failure.get() instanceof Error)) {
                writer.end();
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
}
