package org.damson.analyzer.certificate;

import java.util.Arrays;

/** Accesses of one kind to one part of a region, over time. */
final class TouchedPart {
    private static final long PAGE = 4096;

    /** {@code [start, end)} and how it is gone through: at a stride in turn, or at random. */
    record Kind(long start, long end, long strideBytes, boolean random) {
        /** Pages that are reached at all. */
        double pages() {
            double size = end - start;
            return random || strideBytes <= PAGE ? Math.ceil(size / PAGE) : Math.ceil(size / strideBytes);
        }

        /** Different pages among so many accesses one after the other. */
        double distinct(double accesses) {
            double n = pages();
            return random
                    ? n * -Math.expm1(-accesses / n)
                    : Math.min(n, accesses * Math.min(1.0, (double) strideBytes / PAGE));
        }
    }

    final Kind kind;
    private long[] fromNs = new long[64];
    private long[] toNs = new long[64];
    /** Accesses before the row. */
    private double[] before = new double[64];

    private double total;
    private int rows;

    TouchedPart(Kind kind) {
        this.kind = kind;
    }

    /** Adds accesses; rows come in order of time. */
    void add(long from, long to, long accesses) {
        if (rows > 0 && from < toNs[rows - 1]) {
            throw new IllegalArgumentException("rows of one part must come in order of time");
        }
        if (rows == fromNs.length) {
            fromNs = Arrays.copyOf(fromNs, rows * 2);
            toNs = Arrays.copyOf(toNs, rows * 2);
            before = Arrays.copyOf(before, rows * 2);
        }
        fromNs[rows] = from;
        toNs[rows] = to;
        before[rows++] = total;
        total += accesses;
    }

    /** Accesses until a time, spread evenly over each row's. */
    private double until(double timeNs) {
        int lo = 0;
        int hi = rows;
        while (lo < hi) {
            int mid = (lo + hi) >>> 1;
            if (fromNs[mid] < timeNs) {
                lo = mid + 1;
            } else {
                hi = mid;
            }
        }
        if (lo == 0) {
            return 0;
        }
        int row = lo - 1;
        double made = (row + 1 < rows ? before[row + 1] : total) - before[row];
        double share = toNs[row] == fromNs[row] ? 1 : Math.min(1, (timeNs - fromNs[row]) / (toNs[row] - fromNs[row]));
        return before[row] + made * share;
    }

    /**
     * Bytes of the pages touched in a window, the mean over {@code looks} windows of that length that begin evenly spread over
     * {@code [from, to)}, the first with it: as a source samples.
     */
    double touchedBytes(long from, long to, long windowNs, int looks) {
        double sum = 0;
        for (int i = 0; i < looks; i++) {
            double at = from + (double) (to - from) * i / looks;
            sum += kind.distinct(until(at + windowNs) - until(at));
        }
        return sum / looks * PAGE;
    }
}
