package org.damson.analyzer.scan;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * The snapshots of a trace in their order, read, decompressed and decoded on a thread of their own while the caller works on
 * those before. They come in chunks, so that threads wait for one another seldom, and those that wait hold a bounded number of
 * regions.
 */
public final class ReadAhead implements TraceSource.SnapshotCursor {
    /** Fewer regions are read before a second thread is of use. */
    private static final long MIN_REGIONS = 1 << 18;

    private static final int CHUNK_SNAPSHOTS = 16;
    private static final int CHUNK_REGIONS = 1 << 14;

    /** Regions that may wait; one chunk may always. */
    private static final int MAX_REGIONS = 1 << 16;

    private static final class Chunk {
        final Snapshot[] snapshots = new Snapshot[CHUNK_SNAPSHOTS];
        int length;

        /** Number of waiting regions that these snapshots hold. */
        int held;

        /** Why there are no more; an end without a fault has none. */
        Throwable fault;

        boolean isLast;

        Snapshot next() {
            // Room for one huge snapshot is not kept for small ones, but where each chunk is one.
            int most = length == 0 ? MAX_REGIONS : 2 * CHUNK_REGIONS;
            if (snapshots[length] == null || snapshots[length].start.length > most) {
                snapshots[length] = new Snapshot();
            }
            return snapshots[length];
        }
    }

    private final TraceSource trace;
    private final TraceQuery query;
    private final Semaphore room = new Semaphore(MAX_REGIONS);
    private final LinkedBlockingQueue<Chunk> filled = new LinkedBlockingQueue<>();
    private final ConcurrentLinkedQueue<Chunk> free = new ConcurrentLinkedQueue<>();
    private final Thread reader;
    private volatile boolean isClosed;
    private Chunk chunk;
    private int at;

    ReadAhead(TraceSource trace, TraceQuery query) {
        this.trace = trace;
        this.query = query;
        reader = new Thread(this::read, "damson-read-ahead");
        reader.setDaemon(true);
        reader.start();
    }

    /** Opens a stream of snapshots as {@link TraceSource#snapshots} does, read ahead where that is of use. */
    public static TraceSource.SnapshotCursor of(TraceSource trace, TraceQuery query) throws IOException {
        boolean isOfUse =
                Runtime.getRuntime().availableProcessors() > 1 && trace.rowCount(Table.REGIONS) >= MIN_REGIONS;
        return isOfUse ? new ReadAhead(trace, query) : trace.snapshots(query);
    }

    private void read() {
        Chunk c = new Chunk();
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(query)) {
            int regions = 0;
            while (cursor.next(c.next()) && !isClosed) {
                regions += c.snapshots[c.length++].regions;
                if (c.length == CHUNK_SNAPSHOTS || regions >= CHUNK_REGIONS) {
                    c.held = Math.min(regions, MAX_REGIONS);
                    room.acquire(c.held);
                    filled.add(c);
                    Chunk used = free.poll();
                    c = used == null ? new Chunk() : used;
                    regions = 0;
                }
            }
        } catch (InterruptedException e) {
            c.fault = new InterruptedIOException("interrupted while reading the trace");
        } catch (Throwable e) {
            c.fault = e;
        }
        c.isLast = true;
        filled.add(c);
    }

    @Override
    public boolean next(Snapshot into) throws IOException {
        while (chunk == null || at == chunk.length) {
            if (chunk != null && chunk.isLast) {
                throwFault(chunk.fault);
                return false;
            }
            turn();
        }
        into.exchange(chunk.snapshots[at++]);
        return true;
    }

    /** Gives the chunk back that was gone through, and takes the next one. */
    private void turn() throws IOException {
        if (chunk != null) {
            room.release(chunk.held);
            chunk.length = 0;
            chunk.held = 0;
            free.add(chunk);
            chunk = null;
        }
        try {
            chunk = filled.take();
            at = 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while reading the trace");
        }
    }

    private static void throwFault(Throwable fault) throws IOException {
        if (fault instanceof IOException e) {
            throw e;
        }
        if (fault instanceof RuntimeException e) {
            throw e;
        }
        if (fault instanceof Error e) {
            throw e;
        }
    }

    /** Waits until the reader, too, has left the trace. */
    @Override
    public void close() throws IOException {
        isClosed = true;
        room.release(MAX_REGIONS); // whatever it waits for
        try {
            reader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while reading the trace");
        }
    }
}
