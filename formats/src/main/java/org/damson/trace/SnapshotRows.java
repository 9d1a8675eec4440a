package org.damson.trace;

import java.util.Arrays;
import org.damson.model.Batch;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.summary.SnapshotSums;

/** A snapshot as rows of the tables {@code snapshots} and {@code regions}. */
final class SnapshotRows {
    private SnapshotRows() {}

    /** The columns of {@code regions} that a snapshot has. */
    static boolean[] presence(Snapshot s) {
        boolean[] present = new boolean[Table.REGIONS.columns().size()];
        Arrays.fill(present, true);
        present[Table.REGIONS.indexOf("age")] = s.has(Snapshot.HAS_AGE);
        boolean referenced = s.has(Snapshot.HAS_REFERENCED);
        present[Table.REGIONS.indexOf("referenced_min")] = referenced;
        present[Table.REGIONS.indexOf("referenced_mean")] = referenced;
        present[Table.REGIONS.indexOf("referenced_max")] = referenced;
        present[Table.REGIONS.indexOf("filter_passed")] = s.has(Snapshot.HAS_FILTER_PASSED);
        present[Table.REGIONS.indexOf("probe_hits")] = s.has(Snapshot.HAS_PROBE_HITS);
        present[Table.REGIONS.indexOf("written_mean")] = s.has(Snapshot.HAS_WRITTEN);
        return present;
    }

    static void snapshot(Batch snapshots, Snapshot s, SnapshotSums sums) {
        int row = snapshots.addRow();
        long[] values = {
            s.id,
            s.kdamond,
            s.context,
            s.scheme,
            s.target,
            s.startNs,
            s.endNs,
            s.sampleUs,
            s.aggrUs,
            s.regions,
            s.bytes(),
            s.lost
        };
        for (int c = 0; c < values.length; c++) {
            snapshots.set(c, row, values[c]);
        }
        sums.of(s);
        sums.put(snapshots, row);
    }

    static void regions(Batch to, Snapshot s) {
        int n = s.regions;
        int first = to.rows();
        to.reserve(first + n);
        Arrays.fill(to.longs(0), first, first + n, s.id);
        Arrays.fill(to.longs(1), first, first + n, s.startNs);
        Arrays.fill(to.longs(2), first, first + n, s.endNs);
        Arrays.fill(to.longs(3), first, first + n, s.target);
        System.arraycopy(s.start, 0, to.longs(4), first, n);
        System.arraycopy(s.end, 0, to.longs(5), first, n);
        copyInts(s.nrAccesses, to.longs(6), first, n);
        if (s.has(Snapshot.HAS_AGE)) {
            copyInts(s.age, to.longs(7), first, n);
        }
        if (s.has(Snapshot.HAS_REFERENCED)) {
            System.arraycopy(s.referencedMin, 0, to.longs(8), first, n);
            System.arraycopy(s.referencedMean, 0, to.longs(9), first, n);
            System.arraycopy(s.referencedMax, 0, to.longs(10), first, n);
        }
        if (s.has(Snapshot.HAS_FILTER_PASSED)) {
            System.arraycopy(s.filterPassed, 0, to.longs(11), first, n);
        }
        if (s.has(Snapshot.HAS_PROBE_HITS)) {
            System.arraycopy(s.probeHits, 0, to.longs(12), first, n);
        }
        if (s.has(Snapshot.HAS_WRITTEN)) {
            System.arraycopy(s.writtenMean, 0, to.longs(13), first, n);
        }
        to.setRows(first + n);
    }

    private static void copyInts(int[] from, long[] to, int first, int n) {
        for (int i = 0; i < n; i++) {
            to[first + i] = from[i];
        }
    }
}
