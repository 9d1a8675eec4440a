package org.damson.recorder.stacks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.function.LongSupplier;
import org.damson.recorder.kernel.PerfRing;
import org.damson.recorder.kernel.PerfSession;

/**
 * What has been read of the rings and waits to be decoded. A thread of its own reads them, since a ring is soon full of copies of
 * stacks while walks take their time. It holds {@value #MAX_BYTES} bytes and what the rings held once: when it is full the rings are left
 * alone, and the kernel counts what has no room in them.
 */
final class Backlog {
    private static final int MAX_BYTES = 8 << 20;
    private static final int CHUNK_BYTES = 1 << 16;
    private static final int LOOK_MS = 10;

    /**
     * All rings, read once.
     *
     * @param beganNs when
     * @param bad how many of them held what cannot be read
     */
    record Round(long beganNs, int bad, ByteBuffer records) {
        void forEach(PerfRing.Taker to) throws IOException {
            int at = 0;
            while (at < records.limit()) {
                int length = records.getShort(at + 6) & 0xffff;
                to.take(records, at, length);
                at += length;
            }
        }
    }

    private final PerfSession session;
    private final LongSupplier clock;
    private final int roundMs;
    private final Deque<Round> rounds = new ArrayDeque<>();
    private final Thread thread = new Thread(this::run, "damson-stacks-rings");
    private byte[] chunk = new byte[CHUNK_BYTES];
    private int used;
    private long waitingBytes;
    private boolean isEnding;
    private boolean hasEnded;
    private IOException failure;
    private volatile long cpuNs;

    /** @param roundMs how often rings are read at least */
    Backlog(PerfSession session, LongSupplier clock, int roundMs) {
        this.session = session;
        this.clock = clock;
        this.roundMs = roundMs;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            do {
                session.await(roundMs);
                read();
            } while (!isEnding());
            read();
        } catch (IOException | RuntimeException e) {
            failure = new IOException(e.getMessage(), e);
        } finally {
            synchronized (this) {
                hasEnded = true;
                notifyAll();
            }
        }
    }

    private void read() throws IOException {
        awaitRoom();
        long beganNs = clock.getAsLong();
        used = 0;
        int bad = session.read(this::append);
        ByteBuffer records = ByteBuffer.wrap(Arrays.copyOf(chunk, used)).order(ByteOrder.nativeOrder());
        chunk = chunk.length > MAX_BYTES ? new byte[CHUNK_BYTES] : chunk;
        cpuNs = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        synchronized (this) {
            rounds.add(new Round(beganNs, bad, records));
            waitingBytes += records.limit();
            notifyAll();
        }
    }

    private void append(ByteBuffer from, int at, int length) {
        if (length > chunk.length - used) {
            chunk = Arrays.copyOf(chunk, Math.max(2 * chunk.length, used + length));
        }
        from.get(at, chunk, used, length);
        used += length;
    }

    private synchronized void awaitRoom() throws IOException {
        while (waitingBytes >= MAX_BYTES) {
            await(0);
        }
    }

    private synchronized boolean isEnding() {
        return isEnding;
    }

    /**
     * Takes the oldest round.
     *
     * @return null if there is none within {@code timeoutMs}, or none will come
     */
    synchronized Round next(long timeoutMs) throws IOException {
        if (rounds.isEmpty() && !hasEnded) {
            await(timeoutMs);
        }
        if (failure != null && rounds.isEmpty()) {
            throw failure;
        }
        Round next = rounds.poll();
        waitingBytes -= next == null ? 0 : next.records.limit();
        notifyAll();
        return next;
    }

    private void await(long timeoutMs) throws IOException {
        try {
            wait(timeoutMs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Whether so much waits that there is no time for walks. */
    synchronized boolean isFilling() {
        return waitingBytes > MAX_BYTES / 2;
    }

    /** Has the rings read once more, and then no longer. */
    void end() {
        synchronized (this) {
            isEnding = true;
        }
        session.wake();
    }

    /** Whether no more rounds will come. */
    synchronized boolean hasEnded() {
        return hasEnded && rounds.isEmpty();
    }

    /** Ends the reading, whatever waits: nothing touches the rings when this returns. */
    synchronized void abandon() throws IOException {
        if (thread.getState() == Thread.State.NEW) {
            return;
        }
        end();
        while (!hasEnded) {
            rounds.clear();
            waitingBytes = 0;
            notifyAll();
            await(LOOK_MS);
        }
    }

    /** CPU time that reading has taken. */
    long cpuNs() {
        return cpuNs;
    }
}
