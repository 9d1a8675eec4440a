package org.damson.trace;

import java.io.IOException;
import java.util.Arrays;
import org.damson.model.Batch;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource.SnapshotCursor;
import org.damson.model.summary.SnapshotSums;
import org.damson.model.summary.SummarizedSnapshots;
import org.damson.trace.parquet.RowGroups;
import org.damson.trace.parquet.RowWalk;

/** Joins the snapshots table with the regions table, which are in the same order, and applies a query. */
final class StoredSnapshots implements SnapshotCursor {
    // Columns of snapshots.
    private static final int ID = Table.SNAPSHOTS.indexOf("snapshot_id");
    private static final int TARGET = Table.SNAPSHOTS.indexOf("target");
    private static final int START_NS = Table.SNAPSHOTS.indexOf("start_ns");
    private static final int END_NS = Table.SNAPSHOTS.indexOf("end_ns");
    private static final int REGION_COUNT = Table.SNAPSHOTS.indexOf("regions");

    private final StoredTrace trace;
    private final TraceQuery query;
    private final StoredTrace.RowCursor headCursor;
    private final RowWalk regions;
    /** By column of the regions, where the next ones go. */
    private final Object[] arrays = new Object[Table.REGIONS.columns().size()];

    private Batch heads;
    private int head;
    private long pendingSkip;

    StoredSnapshots(StoredTrace trace, TraceQuery query) {
        this.trace = trace;
        this.query = query;
        headCursor = new StoredTrace.RowCursor(trace, Table.SNAPSHOTS, SnapshotSums.heads());
        regions = new RowWalk(trace.parts(Table.REGIONS), StoredTrace.regionColumns(query));
    }

    @Override
    public boolean next(Snapshot into) throws IOException {
        while (true) {
            if (heads == null || head >= heads.rows()) {
                heads = headCursor.next();
                head = 0;
                if (heads == null) {
                    return false;
                }
                continue;
            }
            int row = head++;
            long id = heads.get(ID, row);
            long count = heads.get(REGION_COUNT, row);
            if (count < 0 || count > Snapshot.MAX_REGIONS) {
                throw new TraceFormatException(trace.name(), "snapshot " + id, "claims " + count + " regions");
            }
            if (id >= query.toSnapshot()) {
                return false;
            }
            if (!wanted(id, row)) {
                pendingSkip += count;
                continue;
            }
            SummarizedSnapshots.fillHead(heads, row, into);
            readRegions(into, count);
            return true;
        }
    }

    private boolean wanted(long id, int row) {
        return id >= query.fromSnapshot()
                && (query.target() == null || query.target() == heads.get(TARGET, row))
                && heads.get(END_NS, row) > query.fromNs()
                && heads.get(START_NS, row) < query.toNs();
    }

    private void readRegions(Snapshot into, long count) throws IOException {
        skipPending(into.id);
        long left = count;
        while (left > 0) {
            RowGroups.Rows rows = regions.rows();
            if (rows == null) {
                throw missing(into.id);
            }
            // A window at a time, so that what a snapshot claims takes no room before it is there.
            int n = (int) Math.min(left, Math.min(rows.left(), StoredTrace.WINDOW_ROWS));
            read(rows, into, n);
            left -= n;
        }
        if (query.startAddr() != 0 || query.endAddr() != 0) {
            clip(into);
        }
    }

    private TraceFormatException missing(long id) {
        return new TraceFormatException(trace.name(), "snapshot " + id, "its regions are missing");
    }

    private void skipPending(long id) throws IOException {
        if (pendingSkip > 0 && regions.skip(pendingSkip) < pendingSkip) {
            throw missing(id);
        }
        pendingSkip = 0;
    }

    /** Appends the next {@code n} regions: each column goes from its page into the snapshot's array at once. */
    private void read(RowGroups.Rows rows, Snapshot into, int n) throws IOException {
        int first = into.regions;
        into.columns = columns(rows);
        into.reserve(first + n, into.columns);
        arrays[SnapshotRows.START] = into.start;
        arrays[SnapshotRows.END] = into.end;
        arrays[SnapshotRows.NR_ACCESSES] = into.nrAccesses;
        arrays[SnapshotRows.AGE] = into.age;
        arrays[SnapshotRows.REFERENCED_MIN] = into.referencedMin;
        arrays[SnapshotRows.REFERENCED_MEAN] = into.referencedMean;
        arrays[SnapshotRows.REFERENCED_MAX] = into.referencedMax;
        arrays[SnapshotRows.FILTER_PASSED] = into.filterPassed;
        arrays[SnapshotRows.PROBE_HITS] = into.probeHits;
        arrays[SnapshotRows.WRITTEN_MEAN] = into.writtenMean;
        rows.read(arrays, first, n);
        if (!rows.has(SnapshotRows.AGE)) {
            Arrays.fill(into.age, first, first + n, (int) Batch.MISSING);
        }
        into.regions = first + n;
    }

    private static int columns(RowGroups.Rows rows) {
        return (rows.has(SnapshotRows.AGE) ? Snapshot.HAS_AGE : 0)
                | (rows.has(SnapshotRows.REFERENCED_MEAN) ? Snapshot.HAS_REFERENCED : 0)
                | (rows.has(SnapshotRows.FILTER_PASSED) ? Snapshot.HAS_FILTER_PASSED : 0)
                | (rows.has(SnapshotRows.PROBE_HITS) ? Snapshot.HAS_PROBE_HITS : 0)
                | (rows.has(SnapshotRows.WRITTEN_MEAN) ? Snapshot.HAS_WRITTEN : 0);
    }

    /** Leaves of each region what lies in the range of the query, and that share of what counts bytes. */
    private void clip(Snapshot s) {
        int kept = 0;
        for (int i = 0; i < s.regions; i++) {
            long start = Long.compareUnsigned(s.start[i], query.startAddr()) < 0 ? query.startAddr() : s.start[i];
            boolean isBeyond = Long.compareUnsigned(s.end[i] - 1, query.endAddr() - 1) > 0;
            long end = isBeyond ? query.endAddr() : s.end[i];
            if (Long.compareUnsigned(start, end - 1) > 0) {
                continue;
            }
            double share = (double) (end - start) / (s.end[i] - s.start[i]);
            s.start[kept] = start;
            s.end[kept] = end;
            s.nrAccesses[kept] = s.nrAccesses[i];
            s.age[kept] = s.age[i];
            if (s.columns != 0) {
                clipOptional(s, i, kept, share);
            }
            kept++;
        }
        s.regions = kept;
    }

    private static void clipOptional(Snapshot s, int i, int to, double share) {
        if (s.has(Snapshot.HAS_REFERENCED)) {
            s.referencedMin[to] = (long) (s.referencedMin[i] * share);
            s.referencedMean[to] = (long) (s.referencedMean[i] * share);
            s.referencedMax[to] = (long) (s.referencedMax[i] * share);
        }
        if (s.has(Snapshot.HAS_FILTER_PASSED)) {
            s.filterPassed[to] = (long) (s.filterPassed[i] * share);
        }
        if (s.has(Snapshot.HAS_PROBE_HITS)) {
            s.probeHits[to] = s.probeHits[i]; // of samples, not of bytes
        }
        if (s.has(Snapshot.HAS_WRITTEN)) {
            long written = s.writtenMean[i];
            s.writtenMean[to] = written < 0 ? Snapshot.NOT_KNOWN : (long) (written * share);
        }
    }

    @Override
    public void close() throws IOException {
        headCursor.close();
        regions.close();
    }
}
