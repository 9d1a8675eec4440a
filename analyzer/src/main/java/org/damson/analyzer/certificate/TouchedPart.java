package org.damson.analyzer.certificate;

import java.util.Arrays;
import java.util.List;
import org.damson.model.InvalidInputException;

/** Accesses of one kind to one part of a region, over time. */
final class TouchedPart {
    /** {@code [start, end)} and how it is gone through: at a stride in turn, or at random; on a machine with such pages. */
    record Kind(long start, long end, long strideBytes, boolean random, long pageBytes) {
        /** Pages that are reached at all. */
        double pages() {
            double size = end - start;
            return Math.ceil(size / (random ? pageBytes : Math.max(strideBytes, pageBytes)));
        }

        /** Different pages among so many accesses one after the other. */
        double distinct(double accesses) {
            double n = pages();
            return random
                    ? n * -Math.expm1(-accesses / n)
                    : Math.min(n, accesses * Math.min(1.0, (double) strideBytes / pageBytes));
        }
    }

    final Kind kind;
    private long[] fromNs = new long[64];
    private long[] toNs = new long[64];
    private double[] accesses = new double[64];
    private int rows;

    TouchedPart(Kind kind) {
        this.kind = kind;
    }

    /** Adds accesses; rows come in order of time. */
    void add(long from, long to, long accesses) {
        if (rows > 0 && from < toNs[rows - 1]) {
            throw new InvalidInputException("rows of one part must come in order of time");
        }
        if (rows == fromNs.length) {
            fromNs = Arrays.copyOf(fromNs, rows * 2);
            toNs = Arrays.copyOf(toNs, rows * 2);
            this.accesses = Arrays.copyOf(this.accesses, rows * 2);
        }
        fromNs[rows] = from;
        toNs[rows] = to;
        this.accesses[rows++] = accesses;
    }

    /**
     * Bytes of the pages touched in a window, the mean over the windows of a source's samples. The accesses of a row are spread
     * evenly over its time, unless that is longer than half a window: then the generator was kept from its processor for most of
     * it, and nobody knows when.
     *
     * @param most whether what a window may have had of such a row counts, all of it, or only what it had; and what was touched
     *     while bits were cleared or read
     */
    double touchedBytes(List<Window> windows, boolean most) {
        double sum = 0;
        for (Window w : windows) {
            double from = most ? w.mostFromNs() : w.leastFromNs();
            double to = most ? w.mostToNs() : w.leastToNs();
            sum += kind.distinct(accesses(from, to, (to - from) / 2, most));
        }
        return sum / windows.size() * kind.pageBytes;
    }

    private double accesses(double from, double to, double longNs, boolean most) {
        double sum = 0;
        for (int row = firstEndingAfter(from); row < rows && fromNs[row] < to; row++) {
            double lengthNs = toNs[row] - fromNs[row];
            double common = (Math.min(to, toNs[row]) - Math.max(from, fromNs[row])) / Math.max(1, lengthNs);
            boolean isSpread = lengthNs <= longNs || common >= 1;
            sum += accesses[row] * (isSpread ? Math.min(1, common) : most ? 1 : 0);
        }
        return sum;
    }

    private int firstEndingAfter(double timeNs) {
        int lo = 0;
        int hi = rows;
        while (lo < hi) {
            int mid = (lo + hi) >>> 1;
            if (toNs[mid] <= timeNs) {
                lo = mid + 1;
            } else {
                hi = mid;
            }
        }
        return lo;
    }
}
