package org.damson.model.summary;

import java.io.Closeable;
import java.io.IOException;
import org.damson.model.Batch;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * A pass over the snapshots of a trace without their regions: what the table of snapshots tells, with sums where it keeps
 * them. Costs what the number of snapshots does, however many regions they have.
 */
public final class SummarizedSnapshots implements Closeable {
    private static final int SNAPSHOT_ID = Table.SNAPSHOTS.indexOf("snapshot_id");
    private static final int KDAMOND = Table.SNAPSHOTS.indexOf("kdamond");
    private static final int CONTEXT = Table.SNAPSHOTS.indexOf("context");
    private static final int SCHEME = Table.SNAPSHOTS.indexOf("scheme");
    private static final int TARGET = Table.SNAPSHOTS.indexOf("target");
    private static final int START = Table.SNAPSHOTS.indexOf("start_ns");
    private static final int END = Table.SNAPSHOTS.indexOf("end_ns");
    private static final int SAMPLE = Table.SNAPSHOTS.indexOf("sample_us");
    private static final int AGGR = Table.SNAPSHOTS.indexOf("aggr_us");
    private static final int REGIONS = Table.SNAPSHOTS.indexOf("regions");
    private static final int BYTES = Table.SNAPSHOTS.indexOf("bytes");
    private static final int LOST = Table.SNAPSHOTS.indexOf("lost");

    private final TraceSource.BatchCursor cursor;
    private final TraceQuery query;
    private final Snapshot head = new Snapshot();
    private final SnapshotSums sums = new SnapshotSums();
    private Batch rows;
    private int row;
    private long regions;
    private boolean hasSums;

    private SummarizedSnapshots(TraceSource.BatchCursor cursor, TraceQuery query) {
        this.cursor = cursor;
        this.query = query;
    }

    /** Whether a trace keeps sums that answer this query: one that cuts regions needs the regions. */
    public static boolean answer(TraceSource trace, TraceQuery query) throws IOException {
        return query.startAddr() == 0 && query.endAddr() == 0 && trace.isKept(Table.SNAPSHOTS);
    }

    /** The snapshots of a query, in their order. Of a view on a trace that keeps nothing the rows may be of other snapshots. */
    public static SummarizedSnapshots open(TraceSource trace, TraceQuery query) throws IOException {
        return new SummarizedSnapshots(trace.rows(Table.SNAPSHOTS), query);
    }

    /** Goes to the next snapshot; false at the end. */
    public boolean next() throws IOException {
        while (true) {
            if (rows == null || row >= rows.rows()) {
                rows = cursor.next();
                row = 0;
                if (rows == null) {
                    return false;
                }
                hasSums = SnapshotSums.areIn(rows);
                continue;
            }
            int at = row++;
            take(at);
            if (head.id >= query.toSnapshot()) {
                return false;
            }
            if (isWanted()) {
                return true;
            }
        }
    }

    private void take(int at) {
        fillHead(rows, at, head);
        regions = rows.get(REGIONS, at);
        if (hasSums) {
            sums.take(rows, at, regions);
            head.columns = sums.columns();
        }
    }

    private boolean isWanted() {
        return head.id >= query.fromSnapshot()
                && query.takes(head.target)
                && head.endNs > query.fromNs()
                && head.startNs < query.toNs();
    }

    /** Fills all of a snapshot but its regions with a row of the table. */
    public static void fillHead(Batch heads, int row, Snapshot into) {
        into.clear();
        into.id = heads.get(SNAPSHOT_ID, row);
        into.kdamond = (int) heads.get(KDAMOND, row);
        into.context = (int) heads.get(CONTEXT, row);
        into.scheme = (int) heads.get(SCHEME, row);
        into.target = heads.get(TARGET, row);
        into.startNs = heads.get(START, row);
        into.endNs = heads.get(END, row);
        into.sampleUs = heads.get(SAMPLE, row);
        into.aggrUs = heads.get(AGGR, row);
        into.lost = heads.get(LOST, row);
    }

    /** Fills a row of the table with all of a snapshot but its sums. */
    public static void putHead(Batch heads, int row, Snapshot s) {
        heads.set(SNAPSHOT_ID, row, s.id);
        heads.set(KDAMOND, row, s.kdamond);
        heads.set(CONTEXT, row, s.context);
        heads.set(SCHEME, row, s.scheme);
        heads.set(TARGET, row, s.target);
        heads.set(START, row, s.startNs);
        heads.set(END, row, s.endNs);
        heads.set(SAMPLE, row, s.sampleUs);
        heads.set(AGGR, row, s.aggrUs);
        heads.set(LOST, row, s.lost);
        heads.set(REGIONS, row, s.regions);
        heads.set(BYTES, row, s.bytes());
    }

    /** The snapshot, without regions; of its columns those of {@link SnapshotSums#columns}. Reused. */
    public Snapshot head() {
        return head;
    }

    /** Its number of regions. */
    public long regions() {
        return regions;
    }

    /** Whether {@link #sums} are kept of it. */
    public boolean hasSums() {
        return hasSums;
    }

    /** Its sums, if it has them. Reused. */
    public SnapshotSums sums() {
        return sums;
    }

    @Override
    public void close() throws IOException {
        cursor.close();
    }
}
