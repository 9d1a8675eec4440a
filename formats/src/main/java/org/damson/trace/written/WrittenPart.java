package org.damson.trace.written;

import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.model.TraceQuery;

/** Rows of the table of writes as a query wants them: those of snapshots wholly in a span of time, cut to its addresses. */
public final class WrittenPart {
    private static final int START_NS = Table.WRITES.indexOf("start_ns");
    private static final int END_NS = Table.WRITES.indexOf("end_ns");
    private static final int TARGET = Table.WRITES.indexOf("target");
    static final int START = Table.WRITES.indexOf("start");
    static final int END = Table.WRITES.indexOf("end");
    private static final int MEAN = Table.WRITES.indexOf("written_mean");
    private static final int ANY = Table.WRITES.indexOf("written_any");

    private WrittenPart() {}

    /** Whether the query wants the target of a row and any of its addresses. */
    public static boolean isWanted(Batch rows, int row, TraceQuery query) {
        return (query.target() == null || query.target() == rows.get(TARGET, row))
                && Long.compareUnsigned(rows.get(END, row), query.startAddr()) > 0
                && Long.compareUnsigned(rows.get(START, row), query.endAddr() - 1) <= 0;
    }

    /** Whether a row is of a snapshot that lies in {@code [fromNs, toNs]}. */
    public static boolean isWithin(Batch rows, int row, long fromNs, long toNs) {
        return rows.get(START_NS, row) >= fromNs && rows.get(END_NS, row) <= toNs;
    }

    /** Cuts a row to the addresses of a query that wants it; what was written is taken to lie evenly in it. */
    public static void cut(Batch rows, int row, TraceQuery query) {
        long from = rows.get(START, row);
        long to = rows.get(END, row);
        long start = Long.compareUnsigned(from, query.startAddr()) < 0 ? query.startAddr() : from;
        long end = Long.compareUnsigned(to - 1, query.endAddr() - 1) > 0 ? query.endAddr() : to;
        if (start != from || end != to) {
            double share = (double) (end - start) / (to - from);
            rows.set(START, row, start);
            rows.set(END, row, end);
            rows.set(MEAN, row, (long) (rows.get(MEAN, row) * share));
            rows.set(ANY, row, (long) (rows.get(ANY, row) * share));
        }
    }
}
