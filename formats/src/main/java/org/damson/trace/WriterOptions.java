package org.damson.trace;

/**
 * How a trace is written.
 *
 * @param live true: rows reach a journal at every flush and are sealed in the background; false: straight to Parquet in
 *     a hidden directory that gets its name when it is complete
 * @param segmentRows rows of a table after which a segment is sealed
 * @param segmentNs time after which a segment is sealed, nanoseconds
 * @param flushNs what the death of the recorder may cost, nanoseconds; stated in the manifest
 * @param syncNs least time between two fdatasync of the journal, nanoseconds
 * @param owner user the files shall belong to, null = whoever runs this
 */
public record WriterOptions(boolean live, long segmentRows, long segmentNs, long flushNs, long syncNs, String owner) {
    /** Recording: flush each second, sync each five, segments of 131,072 rows or ten minutes. */
    public static final WriterOptions LIVE =
            new WriterOptions(true, 1 << 17, 600_000_000_000L, 1_000_000_000L, 5_000_000_000L, null);

    /** Imports, slices, merges. */
    public static final WriterOptions BATCH = new WriterOptions(false, 1 << 19, Long.MAX_VALUE, 0, 0, null);

    public WriterOptions {
        if (segmentRows < 1 || segmentRows > 1 << 20 || segmentNs < 1) {
            throw new IllegalArgumentException("segments must hold 1.." + (1 << 20)
                    + " rows and last at least 1 ns: segmentRows=" + segmentRows + ", segmentNs=" + segmentNs);
        }
    }

    public WriterOptions segment(long rows, long ns) {
        return new WriterOptions(live, rows, ns, flushNs, syncNs, owner);
    }

    public WriterOptions ownedBy(String user) {
        return new WriterOptions(live, segmentRows, segmentNs, flushNs, syncNs, user);
    }
}
