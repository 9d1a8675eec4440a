package org.damson.analyzer.curves;

import java.util.Arrays;
import org.damson.analyzer.scan.Arithmetic;
import org.damson.model.Snapshot;

/** The addresses of a target that were ever seen touched: ranges in order, bounded in number. */
public final class Touched {
    /** Beyond so many ranges the small gaps between them are taken as touched. */
    private static final int MAX = 1 << 16;

    int n;
    long[] start = new long[16];
    long[] end = new long[16];
    private long[] newStart = new long[16];
    private long[] newEnd = new long[16];
    private long bridgeBytes;

    /** Adds the regions that were accessed. */
    void add(Snapshot s) {
        if (!hasNew(s)) {
            return;
        }
        int m = 0;
        int i = 0;
        int r = 0;
        reserve(n + s.regions);
        while (i < n || r < s.regions) {
            if (r < s.regions && !s.isAccessed(r)) {
                r++;
                continue;
            }
            boolean old = r >= s.regions || i < n && Long.compareUnsigned(start[i], s.start[r]) <= 0;
            long from = old ? start[i] : s.start[r];
            long to = old ? end[i++] : s.end[r++];
            if (m > 0 && Long.compareUnsigned(from, newEnd[m - 1]) <= 0
                    || m > 0 && Long.compareUnsigned(from - newEnd[m - 1], bridgeBytes) <= 0) {
                newEnd[m - 1] = Arithmetic.maxUnsigned(newEnd[m - 1], to);
            } else {
                newStart[m] = from;
                newEnd[m++] = to;
            }
        }
        become(m);
        if (n > MAX) {
            bridgeBytes = Math.max(4096, bridgeBytes * 4);
        }
    }

    private void become(int m) {
        long[] t = start;
        start = newStart;
        newStart = t;
        t = end;
        end = newEnd;
        newEnd = t;
        n = m;
    }

    /** Forgets what no region covers any more: it was unmapped, and what comes at its place is other memory. */
    void keepWithin(Snapshot s) {
        if (s.lost != 0) {
            return;
        }
        reserve(n + s.regions);
        int m = 0;
        int i = 0;
        int r = 0;
        while (r < s.regions) {
            long from = s.start[r];
            long to = s.end[r++];
            while (r < s.regions && s.start[r] == to) {
                to = s.end[r++];
            }
            while (i < n && Long.compareUnsigned(end[i], from) <= 0) {
                i++;
            }
            for (int k = i; k < n && Long.compareUnsigned(start[k], to) < 0; k++) {
                newStart[m] = Arithmetic.maxUnsigned(start[k], from);
                newEnd[m++] = Arithmetic.minUnsigned(end[k], to);
            }
        }
        become(m);
    }

    private boolean hasNew(Snapshot s) {
        int i = 0;
        for (int r = 0; r < s.regions; r++) {
            if (!s.isAccessed(r)) {
                continue;
            }
            while (i < n && Long.compareUnsigned(end[i], s.start[r]) <= 0) {
                i++;
            }
            if (i == n
                    || Long.compareUnsigned(start[i], s.start[r]) > 0
                    || Long.compareUnsigned(end[i], s.end[r]) < 0) {
                return true;
            }
        }
        return false;
    }

    private void reserve(int wanted) {
        if (newStart.length < wanted) {
            newStart = Arrays.copyOf(newStart, wanted * 2);
            newEnd = Arrays.copyOf(newEnd, wanted * 2);
        }
    }
}
