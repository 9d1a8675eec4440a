package org.damson.model.summary;

import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;

/**
 * A sum in two columns of a table, {@code high * 2^62 + low}: both are 0 or more, and SQL can put them together. The first columns
 * of such a table say whose it is.
 */
final class KeptSum {
    // Columns of every table of such sums; KeptSumTest holds that they are at the same place in all.
    static final int KDAMOND = Table.HEAT_AREAS.indexOf("kdamond");
    static final int CONTEXT = Table.HEAT_AREAS.indexOf("context");
    static final int SCHEME = Table.HEAT_AREAS.indexOf("scheme");
    static final int TARGET = Table.HEAT_AREAS.indexOf("target");

    private static final int LOW_BITS = 62;
    private static final long LOW = (1L << LOW_BITS) - 1;

    private KeptSum() {}

    static int addRow(Batch rows, StreamKey key) {
        int row = rows.addRow();
        rows.set(KDAMOND, row, key.kdamond());
        rows.set(CONTEXT, row, key.context());
        rows.set(SCHEME, row, key.scheme());
        rows.set(TARGET, row, key.target());
        return row;
    }

    static StreamKey key(Batch rows, int row) {
        return new StreamKey(
                (int) rows.get(KDAMOND, row),
                (int) rows.get(CONTEXT, row),
                (int) rows.get(SCHEME, row),
                rows.get(TARGET, row));
    }

    /** Writes {@code high * 2^64 + low}, below 2^125, into a column and the one after it. */
    static void put(Batch rows, int row, int column, long high, long low) {
        rows.set(column, row, high << 64 - LOW_BITS | low >>> LOW_BITS);
        rows.set(column + 1, row, low & LOW);
    }

    /**
     * The upper and the lower 64 bits of a sum.
     *
     * @param name of the trace, for messages
     * @throws TraceFormatException if it is none
     */
    static long[] take(Batch rows, int row, int column, String name) throws TraceFormatException {
        long high = rows.get(column, row);
        long low = rows.get(column + 1, row);
        if (high < 0 || low < 0 || low > LOW) {
            throw new TraceFormatException(
                    name,
                    rows.table().fileStem() + ": row " + row,
                    "a sum must not be negative, and its low part must be below 2^62");
        }
        return new long[] {high >>> 64 - LOW_BITS, high << LOW_BITS | low};
    }
}
