package org.damson.analyzer.damos;

import org.damson.analyzer.scan.Arithmetic;
import org.damson.model.Snapshot;

/**
 * A target's recorded regions with the ages that they would have under schemes: the likely ones, and those of the laziest
 * and of the most eager course. Ages are unsigned 32-bit, in aggregations.
 */
public final class AgedTarget {
    public final long id;
    public final Snapshot seen = new Snapshot();

    /** The regions of this turn, which schemes cut: likely age, and the recorded one as mark. */
    public Regions now = new Regions();

    /** By recorded region: the age in the laziest and in the most eager course. */
    public int[] low = new int[0];

    public int[] high = new int[0];

    /** The same after the last turn. */
    private Regions before = new Regions();

    private int[] lowBefore = new int[0];
    private int[] highBefore = new int[0];

    /** The recorded regions of the last turn. */
    private long[] boundStart = new long[0];

    private long[] boundEnd = new long[0];
    private int[] recorded = new int[0];
    private int bounds;

    /** Whether any age after the last turn was not the recorded one. */
    private boolean diverged;

    public AgedTarget(long id) {
        this.id = id;
    }

    /** Whether the bound behind a recorded region may be one that a recorded scheme cut. */
    private boolean[] cuts = new boolean[0];

    /** Copies a snapshot, and behind which of its regions a recorded scheme may have cut. */
    public void take(Snapshot s, boolean[] cutBehind) {
        seen.copyFrom(s);
        if (cuts.length < s.regions) {
            cuts = new boolean[s.regions * 2];
        }
        System.arraycopy(cutBehind, 0, cuts, 0, s.regions);
    }

    /** End, exclusive, of the pieces from i on that may have been one region. */
    public int endOfRun(int i) {
        int end = i + 1;
        while (end < seen.regions && cuts[end - 1]) {
            end++;
        }
        return end;
    }

    /** The recorded regions with simulated ages. */
    public void load() {
        Snapshot s = seen;
        Regions r = now;
        r.reserve(s.regions);
        r.n = s.regions;
        System.arraycopy(s.start, 0, r.start, 0, s.regions);
        System.arraycopy(s.end, 0, r.end, 0, s.regions);
        System.arraycopy(s.nrAccesses, 0, r.nr, 0, s.regions);
        boolean aged = s.has(Snapshot.HAS_AGE);
        for (int i = 0; i < s.regions; i++) {
            r.bp[i] = s.nrAccesses[i] * 10_000;
            r.age[i] = aged ? s.age[i] : 0;
            r.mark[i] = r.age[i];
        }
        if (diverged) {
            simulateAges();
        }
    }

    /**
     * Ages after one more aggregation. DAMON's merge makes a region's age the size-weighted average of its parts', each
     * one more than before or reset; what the recorded age lacks of the average of one more was reset, and that share
     * of the simulated age goes with it.
     */
    private void simulateAges() {
        Regions r = now;
        Regions b = before;
        int j = 0;
        for (int i = 0; i < r.n; i++) {
            long start = r.start[i];
            long end = r.end[i];
            double size = end - start;
            double rec = r.mark[i] & 0xffff_ffffL;
            while (j < b.n && Long.compareUnsigned(b.end[j], start) <= 0) {
                j++;
            }
            boolean same = j == b.n || b.mark[j] == b.age[j];
            // Most regions have the bounds that they had.
            if (same && j < b.n && b.end[j] == end) {
                continue;
            }
            for (int k = j + 1; k < b.n && Long.compareUnsigned(b.start[k], end) < 0; k++) {
                same &= b.mark[k] == b.age[k];
            }
            if (same) {
                continue;
            }
            double rest = size;
            double asRecorded = 0;
            double simulated = 0;
            for (int k = j; k < b.n && Long.compareUnsigned(b.start[k], end) < 0; k++) {
                double part = Arithmetic.minUnsigned(b.end[k], end) - Arithmetic.maxUnsigned(b.start[k], start);
                rest -= part;
                asRecorded += part * ((b.mark[k] & 0xffff_ffffL) + 1);
                simulated += part * ((b.age[k] & 0xffff_ffffL) + 1);
            }
            asRecorded = (asRecorded + rest * rec) / size;
            simulated = (simulated + rest * rec) / size;
            double age =
                    rec < asRecorded - 1 ? simulated * rec / asRecorded : simulated + Math.max(0, rec - asRecorded);
            r.age[i] = (int) Math.min(rec, age);
        }
    }

    /**
     * The two courses' ages after one more aggregation: averages of the parts' ages. No scheme makes an age greater than
     * the recorded one. What was reset of the recorded age takes at most as much from a simulated one, and every merge
     * cuts less than one.
     */
    public void bound() {
        Regions r = now;
        if (low.length < r.n) {
            low = new int[r.start.length];
            high = new int[r.start.length];
        }
        int j = 0;
        for (int i = 0; i < r.n; i++) {
            long rec = r.mark[i] & 0xffff_ffffL;
            low[i] = (int) rec;
            high[i] = (int) rec;
            if (!diverged) {
                continue;
            }
            while (j < bounds && Long.compareUnsigned(boundEnd[j], r.start[i]) <= 0) {
                j++;
            }
            boolean same = j == bounds || lowBefore[j] == recorded[j] && highBefore[j] == recorded[j];
            if (same && j < bounds && boundEnd[j] == r.end[i]) {
                continue;
            }
            for (int k = j + 1; k < bounds && Long.compareUnsigned(boundStart[k], r.end[i]) < 0; k++) {
                same &= lowBefore[k] == recorded[k] && highBefore[k] == recorded[k];
            }
            if (same) {
                continue;
            }
            double size = r.end[i] - r.start[i];
            double rest = size;
            double asRecorded = 0;
            double lazy = 0;
            double eager = 0;
            int merges = -1;
            for (int k = j; k < bounds && Long.compareUnsigned(boundStart[k], r.end[i]) < 0; k++) {
                double part = Arithmetic.minUnsigned(boundEnd[k], r.end[i])
                        - Arithmetic.maxUnsigned(boundStart[k], r.start[i]);
                rest -= part;
                asRecorded += part * ((recorded[k] & 0xffff_ffffL) + 1);
                lazy += part * ((lowBefore[k] & 0xffff_ffffL) + 1);
                eager += part * ((highBefore[k] & 0xffff_ffffL) + 1);
                merges++;
            }
            asRecorded = (asRecorded + rest * rec) / size;
            lazy = (lazy + rest * rec) / size - Math.max(0, asRecorded - rec) - Math.max(0, merges);
            eager = (eager + rest * rec) / size + Math.max(0, rec - asRecorded);
            low[i] = (int) Math.max(0, Math.min(rec, Math.ceil(lazy - 1e-9)));
            high[i] = (int) Math.min(rec, Math.floor(eager + 1e-9));
        }
    }

    /** The turn is over: what it left is what the next one begins with. Nothing of it is needed if no scheme acts. */
    public void keep(boolean acting) {
        if (!acting) {
            return;
        }
        Snapshot s = seen;
        diverged = false;
        for (int i = 0; i < now.n; i++) {
            diverged |= now.age[i] != now.mark[i];
        }
        if (boundStart.length < s.regions) {
            boundStart = new long[s.start.length];
            boundEnd = new long[s.start.length];
            recorded = new int[s.start.length];
        }
        System.arraycopy(s.start, 0, boundStart, 0, s.regions);
        System.arraycopy(s.end, 0, boundEnd, 0, s.regions);
        for (int i = 0; i < s.regions; i++) {
            recorded[i] = s.has(Snapshot.HAS_AGE) ? s.age[i] : 0;
            diverged |= low[i] != recorded[i] || high[i] != recorded[i];
        }
        bounds = s.regions;
        // What was new becomes what was before: swapped, so that nothing is copied.
        int[] ages = lowBefore;
        lowBefore = low;
        low = ages;
        ages = highBefore;
        highBefore = high;
        high = ages;
        Regions pieces = before;
        before = now;
        now = pieces;
    }
}
