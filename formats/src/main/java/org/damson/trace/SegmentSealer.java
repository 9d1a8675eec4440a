package org.damson.trace;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.damson.model.Manifest;
import org.damson.model.Table;
import org.damson.trace.files.Columns;
import org.damson.trace.journal.SegmentJournals;

/**
 * Makes Parquet files of full segments in the background, in their order, publishes them in the manifest and only then deletes
 * their journals.
 */
final class SegmentSealer {
    private final Path dir;
    private final SealedTables sealed;
    private final boolean isLive;
    private final ExecutorService sealer = Executors.newSingleThreadExecutor(r -> {
        Thread t = new Thread(r, "damson-sealer");
        t.setDaemon(true);
        return t;
    });
    private final List<Future<?>> sealing = new ArrayList<>();
    /** Segments that are not sealed yet, oldest first. */
    private final Deque<Segment> unsealed = new ConcurrentLinkedDeque<>();

    private volatile IOException failure;

    /** @param isLive whether rows are in journals too, so that one may go on when sealing fails */
    SegmentSealer(Path dir, SealedTables sealed, boolean isLive) {
        this.dir = dir;
        this.sealed = sealed;
        this.isLive = isLive;
    }

    /** A full segment on its way to Parquet. */
    private static final class Segment {
        final int number;
        final Map<Table, Columns> rows;
        final SegmentJournals journals;

        Segment(int number, Map<Table, Columns> rows, SegmentJournals journals) {
            this.number = number;
            this.rows = rows;
            this.journals = journals;
        }
    }

    /** Takes over a segment; waits while two are under way, which bounds memory. */
    void add(int number, Map<Table, Columns> rows, SegmentJournals journals) throws IOException {
        unsealed.add(new Segment(number, rows, journals));
        await(1);
        submit();
    }

    private void submit() {
        sealing.add(sealer.submit(() -> {
            sealQueued();
            return null;
        }));
    }

    /**
     * Waits until all is sealed, and tries again what could not be.
     *
     * @throws IOException if something still cannot
     */
    void finish() throws IOException {
        await(0);
        if (!unsealed.isEmpty()) {
            submit();
            await(0);
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Lets what is under way end. */
    void shutdown() {
        sealer.shutdown();
    }

    /** Gives up what is under way. */
    void abort() {
        sealer.shutdownNow();
        try {
            sealer.awaitTermination(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Seals what is due, in order. A live trace goes on when that fails (a full disk, say): its rows are in journals,
     * which readers read as well, and the next segment tries again.
     */
    private void sealQueued() throws IOException {
        for (Segment s = unsealed.peek(); s != null; s = unsealed.peek()) {
            try {
                seal(s);
            } catch (IOException | RuntimeException e) {
                if (!isLive) {
                    throw e;
                }
                failure = new IOException(dir + ": cannot seal: " + e.getMessage(), e);
                return;
            }
            unsealed.poll();
        }
        failure = null;
    }

    /** Waits until at most {@code n} segments are under way. */
    private void await(int n) throws IOException {
        while (sealing.size() > n) {
            try {
                sealing.remove(0).get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof IOException io) {
                    throw io;
                }
                throw new IOException("sealing failed: " + e.getCause(), e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while sealing");
            }
        }
    }

    private void seal(Segment s) throws IOException {
        s.journals.close();
        for (Columns columns : s.rows.values()) {
            columns.check();
        }
        List<Manifest.FileEntry> entries = new ArrayList<>();
        for (Map.Entry<Table, Columns> e : s.rows.entrySet()) {
            if (e.getValue().rows() > 0) {
                entries.add(sealed.write(e.getKey(), e.getValue(), s.number));
            }
        }
        sealed.publish(entries);
        if (isLive) {
            try {
                s.journals.delete();
            } catch (IOException e) {
                // Readers pass over journals of segments that are sealed.
            }
        }
    }
}
