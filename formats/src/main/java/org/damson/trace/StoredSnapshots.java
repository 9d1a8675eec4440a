package org.damson.trace;

import java.io.IOException;
import java.util.Arrays;
import org.damson.model.Batch;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource.SnapshotCursor;

/** Joins the snapshots table with the regions table, which are in the same order, and applies a query. */
final class StoredSnapshots implements SnapshotCursor {
    private static final int START = Table.REGIONS.indexOf("start");
    private static final int END = Table.REGIONS.indexOf("end");
    private static final int NR_ACCESSES = Table.REGIONS.indexOf("nr_accesses");
    private static final int AGE = Table.REGIONS.indexOf("age");
    private static final int REFERENCED_MIN = Table.REGIONS.indexOf("referenced_min");
    private static final int REFERENCED_MEAN = Table.REGIONS.indexOf("referenced_mean");
    private static final int REFERENCED_MAX = Table.REGIONS.indexOf("referenced_max");
    private static final int FILTER_PASSED = Table.REGIONS.indexOf("filter_passed");
    private static final int PROBE_HITS = Table.REGIONS.indexOf("probe_hits");
    private static final int WRITTEN_MEAN = Table.REGIONS.indexOf("written_mean");

    private final StoredTrace trace;
    private final TraceQuery query;
    private final StoredTrace.GroupCursor headCursor;
    private final StoredTrace.GroupCursor regionCursor;
    private Batch heads;
    private int head;
    private Batch regions;
    private int region;
    private long pendingSkip;

    StoredSnapshots(StoredTrace trace, TraceQuery query) {
        this.trace = trace;
        this.query = query;
        boolean[] all = new boolean[Table.SNAPSHOTS.columns().size()];
        Arrays.fill(all, true);
        headCursor = new StoredTrace.GroupCursor(trace.parts(Table.SNAPSHOTS), Table.SNAPSHOTS, all);
        regionCursor = new StoredTrace.GroupCursor(
                trace.parts(Table.REGIONS), Table.REGIONS, StoredTrace.regionColumns(query));
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
            long id = heads.get(0, row);
            long count = heads.get(9, row);
            if (count < 0) {
                throw new TraceFormatException(trace.name(), "snapshot " + id, "claims " + count + " regions");
            }
            if (id >= query.toSnapshot()) {
                return false;
            }
            if (!wanted(id, row)) {
                pendingSkip += count;
                continue;
            }
            fillHead(into, row);
            readRegions(into, count);
            return true;
        }
    }

    private boolean wanted(long id, int row) {
        return id >= query.fromSnapshot()
                && (query.target() == null || query.target() == heads.get(4, row))
                && heads.get(6, row) > query.fromNs()
                && heads.get(5, row) < query.toNs();
    }

    private void fillHead(Snapshot into, int row) {
        into.clear();
        into.id = heads.get(0, row);
        into.kdamond = (int) heads.get(1, row);
        into.context = (int) heads.get(2, row);
        into.scheme = (int) heads.get(3, row);
        into.target = heads.get(4, row);
        into.startNs = heads.get(5, row);
        into.endNs = heads.get(6, row);
        into.sampleUs = heads.get(7, row);
        into.aggrUs = heads.get(8, row);
        into.lost = heads.get(11, row);
    }

    private void readRegions(Snapshot into, long count) throws IOException {
        skipPending(into.id);
        long left = count;
        while (left > 0) {
            if (!loaded()) {
                throw new TraceFormatException(trace.name(), "snapshot " + into.id, "its regions are missing");
            }
            int n = (int) Math.min(left, regions.rows() - region);
            copy(into, n);
            region += n;
            left -= n;
        }
    }

    private void skipPending(long id) throws IOException {
        if (pendingSkip == 0) {
            return;
        }
        int loaded = regions == null ? 0 : (int) Math.min(pendingSkip, regions.rows() - region);
        region += loaded;
        pendingSkip -= loaded;
        if (pendingSkip > 0 && regionCursor.skip(pendingSkip) < pendingSkip) {
            throw new TraceFormatException(trace.name(), "snapshot " + id, "its regions are missing");
        }
        pendingSkip = 0;
    }

    private boolean loaded() throws IOException {
        while (regions == null || region >= regions.rows()) {
            regions = regionCursor.next();
            region = 0;
            if (regions == null) {
                return false;
            }
        }
        return true;
    }

    private void copy(Snapshot into, int n) {
        int first = into.regions;
        into.reserve(first + n);
        long endAddr = query.endAddr() - 1;
        boolean clip = query.startAddr() != 0 || query.endAddr() != 0;
        long[] starts = regions.longs(START);
        long[] ends = regions.longs(END);
        long[] accesses = regions.longs(NR_ACCESSES);
        into.columns = (regions.isPresent(AGE) ? Snapshot.HAS_AGE : 0)
                | (regions.isPresent(REFERENCED_MEAN) ? Snapshot.HAS_REFERENCED : 0)
                | (regions.isPresent(FILTER_PASSED) ? Snapshot.HAS_FILTER_PASSED : 0)
                | (regions.isPresent(PROBE_HITS) ? Snapshot.HAS_PROBE_HITS : 0)
                | (regions.isPresent(WRITTEN_MEAN) ? Snapshot.HAS_WRITTEN : 0);
        if (!clip) {
            System.arraycopy(starts, region, into.start, first, n);
            System.arraycopy(ends, region, into.end, first, n);
            narrow(accesses, region, into.nrAccesses, first, n);
            narrow(regions.longs(AGE), region, into.age, first, n);
            if (into.has(Snapshot.HAS_REFERENCED)) {
                System.arraycopy(regions.longs(REFERENCED_MIN), region, into.referencedMin, first, n);
                System.arraycopy(regions.longs(REFERENCED_MEAN), region, into.referencedMean, first, n);
                System.arraycopy(regions.longs(REFERENCED_MAX), region, into.referencedMax, first, n);
            }
            if (into.has(Snapshot.HAS_FILTER_PASSED)) {
                System.arraycopy(regions.longs(FILTER_PASSED), region, into.filterPassed, first, n);
            }
            if (into.has(Snapshot.HAS_PROBE_HITS)) {
                System.arraycopy(regions.longs(PROBE_HITS), region, into.probeHits, first, n);
            }
            if (into.has(Snapshot.HAS_WRITTEN)) {
                System.arraycopy(regions.longs(WRITTEN_MEAN), region, into.writtenMean, first, n);
            }
            into.regions = first + n;
            return;
        }
        for (int i = region; i < region + n; i++) {
            long start = Long.compareUnsigned(starts[i], query.startAddr()) < 0 ? query.startAddr() : starts[i];
            long end = Long.compareUnsigned(ends[i] - 1, endAddr) > 0 ? query.endAddr() : ends[i];
            if (Long.compareUnsigned(start, end - 1) > 0) {
                continue;
            }
            int at = into.add(start, end, (int) accesses[i], (int) regions.get(AGE, i));
            double share = (double) (end - start) / (ends[i] - starts[i]);
            if (into.has(Snapshot.HAS_REFERENCED)) {
                into.referencedMin[at] = (long) (regions.get(REFERENCED_MIN, i) * share);
                into.referencedMean[at] = (long) (regions.get(REFERENCED_MEAN, i) * share);
                into.referencedMax[at] = (long) (regions.get(REFERENCED_MAX, i) * share);
            }
            if (into.has(Snapshot.HAS_FILTER_PASSED)) {
                into.filterPassed[at] = (long) (regions.get(FILTER_PASSED, i) * share);
            }
            if (into.has(Snapshot.HAS_PROBE_HITS)) {
                into.probeHits[at] = regions.get(PROBE_HITS, i); // of samples, not of bytes
            }
            if (into.has(Snapshot.HAS_WRITTEN)) {
                long written = regions.get(WRITTEN_MEAN, i);
                into.writtenMean[at] = written < 0 ? Snapshot.NOT_KNOWN : (long) (written * share);
            }
        }
    }

    private static void narrow(long[] from, int at, int[] to, int first, int n) {
        for (int i = 0; i < n; i++) {
            to[first + i] = (int) from[at + i];
        }
    }

    @Override
    public void close() throws IOException {
        headCursor.close();
        regionCursor.close();
    }
}
