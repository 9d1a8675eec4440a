package org.damson.analyzer.heatmap;

import java.util.Arrays;
import java.util.List;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.Scan;

/**
 * Heat over time and address.
 *
 * <p>A cell is the mean heat over that part of its time and address range that was monitored, weighted by bytes and
 * nanoseconds: 0 = no access seen, 1 = accessed in every sample. NaN = nothing monitored there.
 *
 * @param fromNs start of column 0
 * @param toNs end of the last column
 * @param heat {@code heat[row * cols + col]}; row 0 is the lowest address of the first area
 * @param areas what the rows show, one after another: the space between areas is left out
 * @param leftOutBytes bytes of the hottest area that are not shown, next to nothing of them being accessed
 * @param scope as asked for
 * @param referenced whether heat is scaled by referenced bytes
 * @param sampleUs sampling interval of the last snapshot
 * @param aggrUs aggregation interval of the last snapshot
 * @param lostRegions regions known to be missing
 * @param usedAges whether ages fill the time between snapshots
 * @param offsets bytes of the areas before each row, and of all of them; null: rows share the areas evenly
 * @param times where columns begin, and the last one ends; null: they share the time evenly
 */
public record HeatmapResult(
        long fromNs,
        long toNs,
        int cols,
        int rows,
        double[] heat,
        List<Area> areas,
        double leftOutBytes,
        HeatmapOptions.Scope scope,
        boolean referenced,
        long sampleUs,
        long aggrUs,
        long lostRegions,
        boolean usedAges,
        double[] offsets,
        long[] times) {
    public double cell(int col, int row) {
        return heat[row * cols + col];
    }

    /** Greatest heat of any cell; 0 if there is none. */
    public double maxHeat() {
        double max = 0;
        for (double h : heat) {
            max = h > max ? h : max;
        }
        return max;
    }

    /** Bytes of all areas. */
    public double totalBytes() {
        return areas.stream().mapToDouble(a -> Scan.bytes(a.sizeBytes())).sum();
    }

    /** Address where row {@code row} (0..rows) begins; {@code rows} is the end. */
    public long address(int row) {
        double at = offsets != null ? offsets[row] : totalBytes() * row / rows;
        double offset = 0;
        for (Area a : areas) {
            double size = Scan.bytes(a.sizeBytes());
            if (at < offset + size) {
                return a.start() + (long) (at - offset);
            }
            offset += size;
        }
        return areas.isEmpty() ? 0 : areas.get(areas.size() - 1).end();
    }

    /** The row at {@code step} of so many equal steps from the lowest address to the highest. */
    public int rowAt(int step, int steps) {
        return offsets == null
                ? (int) ((long) step * rows / steps)
                : place(Arrays.binarySearch(offsets, offsets[rows] * step / steps), rows);
    }

    /** The column at a time from {@link #fromNs} to before {@link #toNs}. */
    public int colAt(double timeNs) {
        return times == null
                ? (int) Math.min(cols - 1, (timeNs - fromNs) / Math.max(1.0, (double) toNs - fromNs) * cols)
                : place(Arrays.binarySearch(times, (long) timeNs), cols);
    }

    /** Of what a search found, or where it would be, which of {@code n} it lies in. */
    private static int place(int found, int n) {
        return Math.min(n - 1, found >= 0 ? found : -found - 2);
    }

    /** Time when column {@code col} (0..cols) begins, ns. */
    public long timeNs(int col) {
        if (times != null) {
            return times[col];
        }
        return fromNs + (long) ((double) (toNs - fromNs) * col / cols);
    }
}
