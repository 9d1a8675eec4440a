package org.damson.trace;

import java.util.Arrays;
import org.damson.model.Batch;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.summary.SnapshotSums;
import org.damson.model.summary.SummarizedSnapshots;

/** A snapshot as rows of the tables {@code snapshots} and {@code regions}. */
final class SnapshotRows {
    // Columns of regions.
    static final int SNAPSHOT_ID = Table.REGIONS.indexOf("snapshot_id");
    static final int START_NS = Table.REGIONS.indexOf("start_ns");
    static final int END_NS = Table.REGIONS.indexOf("end_ns");
    static final int TARGET = Table.REGIONS.indexOf("target");
    static final int START = Table.REGIONS.indexOf("start");
    static final int END = Table.REGIONS.indexOf("end");
    static final int NR_ACCESSES = Table.REGIONS.indexOf("nr_accesses");
    static final int AGE = Table.REGIONS.indexOf("age");
    static final int REFERENCED_MIN = Table.REGIONS.indexOf("referenced_min");
    static final int REFERENCED_MEAN = Table.REGIONS.indexOf("referenced_mean");
    static final int REFERENCED_MAX = Table.REGIONS.indexOf("referenced_max");
    static final int FILTER_PASSED = Table.REGIONS.indexOf("filter_passed");
    static final int PROBE_HITS = Table.REGIONS.indexOf("probe_hits");
    static final int WRITTEN_MEAN = Table.REGIONS.indexOf("written_mean");

    private SnapshotRows() {}

    /** The columns of {@code regions} that a snapshot has. */
    static boolean[] presence(Snapshot s) {
        boolean[] present = new boolean[Table.REGIONS.columns().size()];
        Arrays.fill(present, true);
        present[AGE] = s.has(Snapshot.HAS_AGE);
        boolean referenced = s.has(Snapshot.HAS_REFERENCED);
        present[REFERENCED_MIN] = referenced;
        present[REFERENCED_MEAN] = referenced;
        present[REFERENCED_MAX] = referenced;
        present[FILTER_PASSED] = s.has(Snapshot.HAS_FILTER_PASSED);
        present[PROBE_HITS] = s.has(Snapshot.HAS_PROBE_HITS);
        present[WRITTEN_MEAN] = s.has(Snapshot.HAS_WRITTEN);
        return present;
    }

    static void snapshot(Batch snapshots, Snapshot s, SnapshotSums sums) {
        int row = snapshots.addRow();
        SummarizedSnapshots.putHead(snapshots, row, s);
        sums.of(s);
        sums.put(snapshots, row);
    }

    static void regions(Batch to, Snapshot s) {
        int n = s.regions;
        int first = to.rows();
        to.reserve(first + n);
        Arrays.fill(to.longs(SNAPSHOT_ID), first, first + n, s.id);
        Arrays.fill(to.longs(START_NS), first, first + n, s.startNs);
        Arrays.fill(to.longs(END_NS), first, first + n, s.endNs);
        Arrays.fill(to.longs(TARGET), first, first + n, s.target);
        System.arraycopy(s.start, 0, to.longs(START), first, n);
        System.arraycopy(s.end, 0, to.longs(END), first, n);
        copyInts(s.nrAccesses, to.longs(NR_ACCESSES), first, n);
        if (s.has(Snapshot.HAS_AGE)) {
            copyInts(s.age, to.longs(AGE), first, n);
        }
        if (s.has(Snapshot.HAS_REFERENCED)) {
            System.arraycopy(s.referencedMin, 0, to.longs(REFERENCED_MIN), first, n);
            System.arraycopy(s.referencedMean, 0, to.longs(REFERENCED_MEAN), first, n);
            System.arraycopy(s.referencedMax, 0, to.longs(REFERENCED_MAX), first, n);
        }
        if (s.has(Snapshot.HAS_FILTER_PASSED)) {
            System.arraycopy(s.filterPassed, 0, to.longs(FILTER_PASSED), first, n);
        }
        if (s.has(Snapshot.HAS_PROBE_HITS)) {
            System.arraycopy(s.probeHits, 0, to.longs(PROBE_HITS), first, n);
        }
        if (s.has(Snapshot.HAS_WRITTEN)) {
            System.arraycopy(s.writtenMean, 0, to.longs(WRITTEN_MEAN), first, n);
        }
        to.setRows(first + n);
    }

    private static void copyInts(int[] from, long[] to, int first, int n) {
        for (int i = 0; i < n; i++) {
            to[first + i] = from[i];
        }
    }
}
