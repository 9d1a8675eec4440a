package org.damson.trace.files;

import java.io.IOException;
import org.damson.model.Batch;
import org.damson.model.Table;

/** Least and greatest time of rows, by whatever time columns their table has; 0 and 0 if it has none. */
public final class TimeRange {
    private final int fromColumn;
    private final int toColumn;
    private long fromNs = Long.MAX_VALUE;
    private long toNs = Long.MIN_VALUE;

    public TimeRange(Table table) {
        int from = -1;
        int to = -1;
        for (int c = 0; c < table.columns().size(); c++) {
            switch (table.columns().get(c).name()) {
                case "time_ns" -> {
                    from = c;
                    to = c;
                }
                case "start_ns", "from_ns" -> from = c;
                case "end_ns", "to_ns" -> to = c;
                default -> {}
            }
        }
        fromColumn = from;
        toColumn = to;
    }

    public void add(Columns rows) throws IOException {
        if (fromColumn < 0) {
            return;
        }
        long[] from = rows.numbers(fromColumn);
        for (int i = 0; i < rows.rows(); i++) {
            fromNs = Math.min(fromNs, from[i]);
        }
        long[] to = rows.numbers(toColumn);
        for (int i = 0; i < rows.rows(); i++) {
            toNs = Math.max(toNs, to[i]);
        }
    }

    public long fromNs() {
        return fromNs == Long.MAX_VALUE ? 0 : fromNs;
    }

    public long toNs() {
        return toNs == Long.MIN_VALUE ? 0 : toNs;
    }

    /** Index of the column that says when a row happened, -1 if none. */
    public int column() {
        return fromColumn;
    }

    /** Whether the time of a row overlaps a span; always true for a table without times. */
    public boolean meets(Batch rows, int row, long from, long to) {
        return fromColumn < 0 || rows.get(toColumn, row) >= from && rows.get(fromColumn, row) <= to;
    }
}
