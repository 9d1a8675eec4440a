package org.damson.analyzer.curves;

import java.util.Arrays;

/**
 * Time that ranges cover together, each moment once. Ranges may come in any order and overlap; beyond so many that do not touch,
 * what lies before the later half of them is taken as covered.
 */
final class CoveredTime {
    private static final int MAX = 1 << 16;

    /** Disjoint ranges that do not touch, ascending. */
    private long[] from = new long[16];

    private long[] to = new long[16];
    private int n;
    private long leastNs = Long.MIN_VALUE;

    /**
     * Adds a range.
     *
     * @return nanoseconds of it that none before covered
     */
    long add(long fromNs, long toNs) {
        long start = Math.max(fromNs, leastNs);
        if (start >= toNs) {
            return 0;
        }
        int after = n;
        while (after > 0 && from[after - 1] > toNs) {
            after--;
        }
        long added = toNs - start;
        long end = toNs;
        int first = after;
        while (first > 0 && to[first - 1] >= start) {
            first--;
            added -= Math.max(0, Math.min(to[first], toNs) - Math.max(from[first], start));
            end = Math.max(end, to[first]);
        }
        if (first < after) {
            start = Math.min(start, from[first]);
        }
        put(first, after, start, end);
        return added;
    }

    /** Puts a range in place of those from {@code first} to before {@code after}. */
    private void put(int first, int after, long start, long end) {
        if (first == after && n == from.length) {
            from = Arrays.copyOf(from, n * 2);
            to = Arrays.copyOf(to, n * 2);
        }
        System.arraycopy(from, after, from, first + 1, n - after);
        System.arraycopy(to, after, to, first + 1, n - after);
        from[first] = start;
        to[first] = end;
        n += first + 1 - after;
        if (n > MAX) {
            leastNs = to[n / 2 - 1];
            System.arraycopy(from, n / 2, from, 0, n - n / 2);
            System.arraycopy(to, n / 2, to, 0, n - n / 2);
            n -= n / 2;
        }
    }
}
