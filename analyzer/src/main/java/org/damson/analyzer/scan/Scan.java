package org.damson.analyzer.scan;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.damson.model.Manifest.Source;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** Runs one accumulator per part of a trace, in parallel, and gives them back in the order of the parts. */
public final class Scan {
    /** Fixed, so that sums of doubles come out the same on every machine. */
    private static final int PARTS = 4;

    private Scan() {}

    /** Takes snapshots of one part, in time order. The snapshot is reused. */
    public interface Accumulator {
        void add(Snapshot s);
    }

    public static <A extends Accumulator> List<A> run(TraceSource source, TraceQuery query, Supplier<A> supplier)
            throws IOException {
        // Most reports look at no other optional column, and those cost as much to read as the rest.
        return run(source, query, Snapshot.HAS_REFERENCED, supplier);
    }

    public static <A extends Accumulator> List<A> run(
            TraceSource source, TraceQuery query, int optionalColumns, Supplier<A> supplier) throws IOException {
        List<TraceQuery> parts = source.split(query.columns(optionalColumns), PARTS);
        int threads = Math.min(parts.size(), Runtime.getRuntime().availableProcessors());
        List<A> results = new ArrayList<>(parts.size());
        if (threads <= 1) {
            for (TraceQuery part : parts) {
                results.add(pass(source.snapshots(part), supplier.get()));
            }
            return results;
        }
        ExecutorService pool = Executors.newFixedThreadPool(threads, Scan::daemon);
        try {
            List<Future<A>> futures = new ArrayList<>(parts.size());
            for (TraceQuery part : parts) {
                futures.add(pool.submit(() -> pass(source.snapshots(part), supplier.get())));
            }
            for (Future<A> future : futures) {
                results.add(await(future));
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }

    /**
     * As {@link #run}, for accumulators that need all snapshots of a target in order where its regions are mappings: then
     * one takes them all.
     */
    public static <A extends Accumulator> List<A> inOrderOfMappings(
            TraceSource source, TraceQuery query, int optionalColumns, Supplier<A> supplier) throws IOException {
        if (!hasMappings(source, query)) {
            return run(source, query, optionalColumns, supplier);
        }
        return List.of(scan(source, query.columns(optionalColumns), supplier.get()));
    }

    private static boolean hasMappings(TraceSource source, TraceQuery query) throws IOException {
        if (!Source.REFERENCED.is(source.manifest())) {
            // Merged traces and those of other sources tell by their rows.
            try (TraceSource.SnapshotCursor cursor = source.snapshots(query.columns(Snapshot.HAS_REFERENCED))) {
                Snapshot s = new Snapshot();
                while (cursor.next(s)) {
                    if (s.regions > 0) { // one without regions does not say
                        return TouchedBytes.isPartial(s);
                    }
                }
                return false;
            }
        }
        return true;
    }

    private static Thread daemon(Runnable r) {
        Thread t = new Thread(r, "damson-scan");
        t.setDaemon(true);
        return t;
    }

    private static <A> A await(Future<A> future) throws IOException {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while reading the trace");
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof IOException io) {
                throw io;
            }
            if (cause instanceof RuntimeException runtime) {
                throw runtime;
            }
            if (cause instanceof Error error) {
                throw error;
            }
            throw new IOException(cause);
        }
    }

    /** The whole trace on this thread, in order; another thread reads ahead. */
    public static <A extends Accumulator> A scan(TraceSource source, TraceQuery query, A into) throws IOException {
        return pass(ReadAhead.of(source, query), into);
    }

    private static <A extends Accumulator> A pass(TraceSource.SnapshotCursor cursor, A into) throws IOException {
        try (cursor) {
            Snapshot s = new Snapshot();
            while (cursor.next(s)) {
                into.add(s);
            }
        }
        return into;
    }

    /**
     * Heat of region {@code i}, 0..1: the share of its samples, and where that is known of its bytes, that were
     * accessed. The mean of referenced bytes is over all samples, those without an access too.
     */
    public static double heat(Snapshot s, int i, double perAccess, boolean referenced) {
        int accesses = s.nrAccesses[i];
        if (accesses <= 0) {
            return 0;
        }
        if (referenced) {
            return TouchedBytes.meanShare(s, i);
        }
        return Math.min(1, accesses * perAccess);
    }

    /**
     * When the trace's first snapshot starts ({@link #fromNs}), of whatever target, from which people count, of the trace's clock: snapshots
     * come by their ends. {@link Long#MAX_VALUE} without any.
     */
    public static long traceNs(TraceSource source) throws IOException {
        int start = Table.SNAPSHOTS.indexOf("start_ns");
        int end = Table.SNAPSHOTS.indexOf("end_ns");
        int aggr = Table.SNAPSHOTS.indexOf("aggr_us");
        long[] first = {Long.MAX_VALUE};
        source.forEachRow(
                Table.SNAPSHOTS,
                (b, i) ->
                        first[0] = Math.min(first[0], Snapshot.fromNs(b.get(start, i), b.get(end, i), b.get(aggr, i))));
        return first[0];
    }

    /** An unsigned size as a double. */
    public static double bytes(long unsigned) {
        return unsigned >= 0 ? unsigned : (unsigned >>> 1) * 2.0;
    }
}
