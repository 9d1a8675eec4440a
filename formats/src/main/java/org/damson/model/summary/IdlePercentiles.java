package org.damson.model.summary;

import java.util.Arrays;

/**
 * Percentiles of the memory of one snapshot by how long it has been idle, as the kernel's DAMON_STAT computes them: the idle time, from
 * the least on, with which so many whole percent of the bytes are reached. Reused from snapshot to snapshot.
 */
public final class IdlePercentiles {
    private static final int[] PERCENTS = {0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 100};

    private long[] idleNs = new long[64];
    private double[] bytes = new double[64];
    private long[] times = new long[64];
    private double[] bytesOfTime = new double[64];
    private int regions;
    private double all;

    /** The percentages, ascending. */
    public static int[] percents() {
        return PERCENTS.clone();
    }

    /** A size without sign. */
    static double bytes(long unsigned) {
        return unsigned >= 0 ? unsigned : (unsigned >>> 1) * 2.0;
    }

    /** Begins with another snapshot. */
    public void clear() {
        regions = 0;
        all = 0;
    }

    /** Adds memory of the snapshot. */
    public void add(long idle, double size) {
        if (regions == idleNs.length) {
            int more = 2 * regions;
            idleNs = Arrays.copyOf(idleNs, more);
            bytes = Arrays.copyOf(bytes, more);
            times = new long[more];
            bytesOfTime = new double[more];
        }
        idleNs[regions] = idle;
        bytes[regions++] = size;
        all += size;
    }

    /** Idle times in nanoseconds, one for each of {@link #percents}. */
    public long[] found() {
        int n = sortedTimes();
        Arrays.fill(bytesOfTime, 0, n, 0);
        for (int i = 0; i < regions; i++) {
            bytesOfTime[Arrays.binarySearch(times, 0, n, idleNs[i])] += bytes[i];
        }
        long[] found = new long[PERCENTS.length];
        double reached = 0;
        int next = 0;
        for (int k = 0; k < n; k++) {
            reached += bytesOfTime[k];
            while (next < found.length && PERCENTS[next] <= Math.floor(reached * 100 / Math.max(1e-9, all))) {
                found[next++] = times[k];
            }
        }
        return found;
    }

    /** Sorts the different idle times; returns how many there are. */
    private int sortedTimes() {
        System.arraycopy(idleNs, 0, times, 0, regions);
        Arrays.sort(times, 0, regions);
        int n = 0;
        for (int i = 0; i < regions; i++) {
            if (n == 0 || times[n - 1] != times[i]) {
                times[n++] = times[i];
            }
        }
        return n;
    }
}
