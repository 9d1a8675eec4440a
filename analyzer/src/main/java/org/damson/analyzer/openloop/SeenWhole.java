package org.damson.analyzer.openloop;

import org.damson.analyzer.damos.Regions;

/**
 * What a scheme may have tried of recorded pieces that were one region until a scheme cut it, whatever it saw of them.
 *
 * <p>A scheme before the one that cuts sees the whole. One after it sees the left piece, or the right one where a window
 * goes on; what it did not see waits for the next turn, or, in kernels that visit what was cut off, comes in the same turn. So
 * each run of neighbouring pieces may be seen as one, and no two visits begin at the same piece.
 */
final class SeenWhole {
    long minBytes;
    long maxBytes;
    int minRegions;
    int maxRegions;

    /**
     * Pieces from {@code from} to before {@code to}, whose accesses and ages a scheme asks for.
     *
     * @param revisits whether the kernel visits what was cut off in the same turn, so that memory is tried twice
     */
    void of(Regions r, int from, int to, long minSize, long maxSize, boolean revisits) {
        if (to == from + 1) {
            boolean fits = r.size(from) >= minSize && r.size(from) <= maxSize;
            minBytes = fits ? r.size(from) : 0;
            maxBytes = minBytes;
            minRegions = fits ? 1 : 0;
            maxRegions = minRegions;
            return;
        }
        minBytes = Long.MAX_VALUE;
        minRegions = Integer.MAX_VALUE;
        maxBytes = 0;
        maxRegions = 0;
        int n = to - from;
        long[] most = new long[n + 1];
        int[] mostRegions = new int[n + 1];
        for (int i = n - 1; i >= 0; i--) {
            long largest = 0;
            boolean any = false;
            most[i] = most[i + 1];
            mostRegions[i] = mostRegions[i + 1];
            for (int j = i; j < n; j++) {
                long size = r.end[from + j] - r.start[from + i];
                boolean fits = size >= minSize && size <= maxSize;
                minBytes = Math.min(minBytes, fits ? size : 0);
                minRegions = Math.min(minRegions, fits ? 1 : 0);
                if (fits) {
                    any = true;
                    largest = size;
                    most[i] = Math.max(most[i], size + most[j + 1]);
                    mostRegions[i] = Math.max(mostRegions[i], 1 + mostRegions[j + 1]);
                }
            }
            maxBytes += largest;
            maxRegions += any ? 1 : 0;
        }
        if (!revisits) {
            maxBytes = most[0];
            maxRegions = mostRegions[0];
        }
    }

    /**
     * The same of memory that may have been in more pieces than are known.
     *
     * @param more how many more, at most
     * @param mayBeCut whether a scheme may have cut them, so that what it saw is as in {@link #of}
     * @param leastBytes the least size of a piece
     */
    void of(
            Regions r,
            int from,
            int to,
            long minSize,
            long maxSize,
            boolean revisits,
            int more,
            boolean mayBeCut,
            long leastBytes) {
        of(r, from, to, minSize, maxSize, revisits);
        if (more == 0) {
            return;
        }
        long all = r.end[to - 1] - r.start[from];
        if (mayBeCut) {
            minBytes = minSize <= leastBytes ? Math.min(minBytes, leastBytes) : 0;
            if (minSize <= all && maxSize >= leastBytes) {
                maxBytes = revisits ? maxBytes + (to - from + more) * all : all;
                maxRegions = to - from + more;
            }
        } else {
            // The greatest size that is too small; not all pieces are, if so many of it are less than all.
            long tooSmall = minSize <= leastBytes ? 0 : minSize - 1;
            minBytes = maxSize >= all && tooSmall < all / (more + 1) ? all - more * tooSmall : 0;
            if (minSize <= all && maxSize >= leastBytes) {
                maxBytes = all;
                maxRegions = more + 1;
            }
        }
        minRegions = minBytes > 0 ? 1 : 0;
    }

    /** Whether it tried something of them in every course. */
    boolean surely() {
        return minRegions > 0;
    }

    /** Whether it may have tried something of them. */
    boolean maybe() {
        return maxRegions > 0;
    }
}
