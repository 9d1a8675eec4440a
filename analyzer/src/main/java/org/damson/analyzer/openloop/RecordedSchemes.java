package org.damson.analyzer.openloop;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.damson.model.Batch;
import org.damson.model.InvalidInputException;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** Whether a recording was made while schemes acted: then its ages are not the workload's alone. */
public final class RecordedSchemes {
    private static final int MAX_PENDING = 1 << 16;

    private record Tried(long timeNs, int kdamond, int context, int scheme, long target, long start, int age) {}

    private RecordedSchemes() {}

    /**
     * The recorded schemes that reset ages, as one line each; empty if none did. A scheme acts if a region that it was
     * about to be applied to at some age stands in the snapshot of that moment with age 0.
     */
    public static List<String> acting(TraceSource trace) throws IOException {
        if (trace.rowCount(Table.SCHEMES) == 0) {
            return List.of();
        }
        TreeSet<String> acting = new TreeSet<>();
        ArrayDeque<Tried> pending = new ArrayDeque<>();
        Snapshot s = new Snapshot();
        try (TraceSource.BatchCursor rows = trace.rows(Table.SCHEMES);
                TraceSource.SnapshotCursor snapshots = trace.snapshots(TraceQuery.ALL.columns(Snapshot.HAS_AGE))) {
            boolean more = snapshots.next(s);
            for (Batch b; more && (b = rows.next()) != null; ) {
                for (int i = 0; i < b.rows(); i++) {
                    pending.add(tried(b, i));
                }
                more = settle(pending, snapshots, s, acting, pending.peekLast().timeNs());
            }
            if (more) {
                settle(pending, snapshots, s, acting, Long.MAX_VALUE);
            }
        }
        return new ArrayList<>(acting);
    }

    /**
     * Refuses a trace that nothing can be asked about other schemes: one whose ages are not the workload's alone, or of more memory
     * than there is anywhere, which sums of bytes do not hold.
     *
     * @throws InvalidInputException with one line, without the trace's name
     */
    public static void requireUndisturbed(TraceSource trace) throws IOException {
        int bytes = Table.SNAPSHOTS.indexOf("bytes");
        trace.forEachRow(Table.SNAPSHOTS, (rows, i) -> {
            if (rows.get(bytes, i) < 0) {
                throw new InvalidInputException(
                        "a snapshot has regions of 8 EiB or more in total, which no memory has: select a part with slice "
                                + "--address");
            }
        });
        List<String> acting = acting(trace);
        if (!acting.isEmpty()) {
            throw new InvalidInputException("recorded while " + acting.get(0)
                    + " acted and reset ages; it does not show what another scheme would have done: record without "
                    + "schemes, or with stat schemes only");
        }
    }

    private static Tried tried(Batch b, int i) {
        return new Tried(
                b.get(Table.SCHEMES.indexOf("time_ns"), i),
                (int) b.get(Table.SCHEMES.indexOf("kdamond"), i),
                (int) b.get(Table.SCHEMES.indexOf("context"), i),
                (int) b.get(Table.SCHEMES.indexOf("scheme"), i),
                b.get(Table.SCHEMES.indexOf("target"), i),
                b.get(Table.SCHEMES.indexOf("start"), i),
                (int) b.get(Table.SCHEMES.indexOf("age"), i));
    }

    /** Compares events with the first snapshot that ends after them, for snapshots up to a time. */
    private static boolean settle(
            ArrayDeque<Tried> pending,
            TraceSource.SnapshotCursor snapshots,
            Snapshot s,
            TreeSet<String> acting,
            long untilNs)
            throws IOException {
        while (!pending.isEmpty() && s.endNs <= untilNs) {
            int n = pending.size();
            for (int i = 0; i < n; i++) {
                Tried t = pending.poll();
                boolean own = t.kdamond() == s.kdamond && t.context() == s.context && t.target() == s.target;
                if (t.timeNs() > s.endNs || !own) {
                    pending.add(t);
                } else if (t.age() > 0 && ageAt(s, t.start()) == 0) {
                    acting.add("scheme " + t.scheme() + " of kdamond " + t.kdamond() + " context " + t.context());
                }
            }
            // Events of targets that never come are dropped, so that memory stays bounded.
            while (pending.size() > MAX_PENDING) {
                pending.poll();
            }
            if (!snapshots.next(s)) {
                return false;
            }
        }
        return true;
    }

    private static int ageAt(Snapshot s, long start) {
        int low = 0;
        int high = s.regions - 1;
        while (low <= high) {
            int mid = (low + high) >>> 1;
            int c = Long.compareUnsigned(s.start[mid], start);
            if (c == 0) {
                return s.has(Snapshot.HAS_AGE) ? s.age[mid] : -1;
            }
            if (c < 0) {
                low = mid + 1;
            } else {
                high = mid - 1;
            }
        }
        return -1;
    }
}
