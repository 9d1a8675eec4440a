package org.damson.analyzer.scan;

import java.util.Arrays;
import org.damson.model.Snapshot;

/**
 * How many bytes of each mapping of a target were ever seen touched, at least: the most that one sample found. Which ones
 * is not known. A mapping that changes its bounds keeps what can still be in it.
 */
public final class KnownBytes {
    private int n;
    private long[] start = new long[64];
    private long[] end = new long[64];
    private long[] bytes = new long[64];
    /** For the regions of the last snapshot: the known bytes before it, and now. */
    private long[] before = new long[64];

    /** Takes a snapshot whose regions are mappings. */
    public void add(Snapshot s) {
        if (before.length < s.regions) {
            before = new long[s.regions * 2];
        }
        int k = 0;
        for (int i = 0; i < s.regions; i++) {
            while (k < n && Long.compareUnsigned(end[k], s.start[i]) <= 0) {
                k++;
            }
            long known = 0;
            for (int m = k; m < n && Long.compareUnsigned(start[m], s.end[i]) < 0; m++) {
                long to = Long.compareUnsigned(end[m], s.end[i]) <= 0 ? end[m] : s.end[i];
                long from = Long.compareUnsigned(start[m], s.start[i]) >= 0 ? start[m] : s.start[i];
                known += Math.min(bytes[m], to - from);
            }
            before[i] = known;
        }
        if (start.length < s.regions) {
            start = new long[before.length];
            end = new long[before.length];
            bytes = new long[before.length];
        }
        n = s.regions;
        System.arraycopy(s.start, 0, start, 0, n);
        System.arraycopy(s.end, 0, end, 0, n);
        for (int i = 0; i < n; i++) {
            bytes[i] = Math.max(before[i], TouchedBytes.least(s, i));
        }
        Arrays.fill(before, n, before.length, 0);
    }

    /** Known bytes of region {@code i} before the last added snapshot. */
    public long before(int i) {
        return before[i];
    }

    /** Known bytes of region {@code i} including that snapshot. */
    public long now(int i) {
        return bytes[i];
    }
}
