package org.damson.model.summary;

import java.util.Arrays;
import org.damson.model.Batch;
import org.damson.model.Snapshot;
import org.damson.model.Table;

/**
 * Sums over the regions of one snapshot, as the last columns of the table of snapshots keep them. All are exact; one beyond
 * 2^63 - 1 is that.
 */
public final class SnapshotSums {
    private static final int ACCESSED = Table.SNAPSHOTS.indexOf("accessed");
    private static final int HEAT = Table.SNAPSHOTS.indexOf("heat");
    private static final int REFERENCED = Table.SNAPSHOTS.indexOf("referenced");
    private static final int WRITTEN = Table.SNAPSHOTS.indexOf("written");
    private static final int NOT_KNOWN = Table.SNAPSHOTS.indexOf("written_not_known");

    /** Sizes of regions with accesses, bytes. */
    private long accessed;

    /** Touched bytes times the samples in which they were. */
    private long heat;

    /** Bytes touched in an average sample, of regions that are touched in part. */
    private long referenced;

    /** Touched bytes that were written in an average sample, and touched bytes for which that is unknown. */
    private long written;

    private long notKnown;

    /** Optional columns of the regions. */
    private int columns;

    /** Which columns the table has for snapshots whose regions have these optional ones. */
    public static boolean[] present(int regionColumns) {
        boolean[] present = new boolean[Table.SNAPSHOTS.columns().size()];
        Arrays.fill(present, true);
        present[REFERENCED] = (regionColumns & Snapshot.HAS_REFERENCED) != 0;
        present[WRITTEN] = (regionColumns & Snapshot.HAS_WRITTEN) != 0;
        present[NOT_KNOWN] = present[WRITTEN];
        return present;
    }

    /** Whether rows of snapshots have sums; {@link Table#SNAPSHOTS} of earlier versions have not. */
    public static boolean areIn(Batch snapshots) {
        return snapshots.isPresent(ACCESSED) && snapshots.isPresent(HEAT);
    }

    /** The columns of the table that are not sums: what tells of a snapshot beside its regions. */
    public static boolean[] heads() {
        boolean[] heads = new boolean[Table.SNAPSHOTS.columns().size()];
        Arrays.fill(heads, 0, ACCESSED, true);
        return heads;
    }

    /** The first of the columns that a file with sums has. */
    public static int column() {
        return ACCESSED;
    }

    /** Sums a snapshot up. */
    public void of(Snapshot s) {
        accessed = 0;
        heat = 0;
        referenced = 0;
        written = 0;
        notKnown = 0;
        // What a reader gives of a snapshot without regions has no optional columns.
        columns = s.regions == 0 ? 0 : s.columns;
        boolean isPartial = s.has(Snapshot.HAS_REFERENCED);
        boolean hasWritten = s.has(Snapshot.HAS_WRITTEN);
        int samples = s.maxNrAccesses();
        for (int i = 0; i < s.regions; i++) {
            int accesses = s.nrAccesses[i];
            if (accesses <= 0) {
                continue;
            }
            accessed = plus(accessed, s.end[i] - s.start[i]);
            long touched = s.touchedBytes(i);
            heat = plus(heat, times(touched, isPartial ? samples : Math.min(accesses, samples)));
            if (isPartial) {
                referenced = plus(referenced, touched);
            }
            if (hasWritten) {
                long bytes = s.writtenBytes(i);
                written = plus(written, bytes == Snapshot.NOT_KNOWN ? 0 : bytes);
                notKnown = plus(notKnown, bytes == Snapshot.NOT_KNOWN ? touched : 0);
            }
        }
    }

    /** The sum of two numbers without sign, the second of which may be any; at most 2^63 - 1. */
    public static long plus(long a, long b) {
        long sum = a + b;
        return b < 0 || sum < 0 ? Long.MAX_VALUE : sum;
    }

    private static long times(long bytes, int samples) {
        long product = bytes * samples;
        return bytes < 0 || Math.multiplyHigh(bytes, samples) != 0 || product < 0 ? Long.MAX_VALUE : product;
    }

    /** Writes them into a row of the table. */
    public void put(Batch snapshots, int row) {
        snapshots.set(ACCESSED, row, accessed);
        snapshots.set(HEAT, row, heat);
        snapshots.set(REFERENCED, row, referenced);
        snapshots.set(WRITTEN, row, written);
        snapshots.set(NOT_KNOWN, row, notKnown);
    }

    /** Reads them from a row of a table that {@link #areIn has them}. */
    void take(Batch snapshots, int row, long regions) {
        accessed = snapshots.get(ACCESSED, row);
        heat = snapshots.get(HEAT, row);
        boolean isPartial = snapshots.isPresent(REFERENCED);
        boolean hasWritten = snapshots.isPresent(WRITTEN) && snapshots.isPresent(NOT_KNOWN);
        referenced = isPartial ? snapshots.get(REFERENCED, row) : 0;
        written = hasWritten ? snapshots.get(WRITTEN, row) : 0;
        notKnown = hasWritten ? snapshots.get(NOT_KNOWN, row) : 0;
        columns =
                regions == 0 ? 0 : (isPartial ? Snapshot.HAS_REFERENCED : 0) | (hasWritten ? Snapshot.HAS_WRITTEN : 0);
    }

    /** Whether another has the same. */
    public boolean equalTo(SnapshotSums o) {
        int kept = Snapshot.HAS_REFERENCED | Snapshot.HAS_WRITTEN;
        return accessed == o.accessed
                && heat == o.heat
                && referenced == o.referenced
                && written == o.written
                && notKnown == o.notKnown
                && (columns & kept) == (o.columns & kept);
    }

    /** {@code Snapshot.HAS_REFERENCED} and {@code HAS_WRITTEN}, as far as the regions have them. */
    public int columns() {
        return columns;
    }

    /** Sizes of the regions with accesses, bytes. */
    public long accessedBytes() {
        return accessed;
    }

    /** Touched bytes times the samples in which they were: of {@code aggr_us / sample_us} samples an interval has. */
    public long heatByteSamples() {
        return heat;
    }

    /** Bytes touched within one sample, the working set: what was referenced where that is recorded, else what was accessed. */
    public long touchedBytes() {
        return (columns & Snapshot.HAS_REFERENCED) != 0 ? referenced : accessed;
    }

    /** The part of {@link #touchedBytes} that was written; 0 if the regions do not say. */
    public long writtenBytes() {
        return written;
    }

    /** The part of {@link #touchedBytes} for which it is unknown whether it was written. */
    public long notKnownBytes() {
        return notKnown;
    }
}
