package org.damson.analyzer.damos;

import java.util.Arrays;
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

    /** Which of them had another age in either course, and which pieces of the likely one had. */
    private int[] boundAt = new int[0];

    private int boundsApart;
    private int[] pieceAt = new int[0];
    private int piecesApart;

    private int bounds;

    public AgedTarget(long id) {
        this.id = id;
    }

    /** Whether the bound behind a recorded region may be one that a recorded scheme cut. */
    private boolean[] cuts = new boolean[0];

    /** In how many more pieces a recorded region may have been, and whether a recorded scheme may have cut them. */
    private int[] more = new int[0];

    private boolean[] mayBeCut = new boolean[0];

    /** Whether the schemes' turn may join neighbours. */
    public boolean joins;

    /** Whether an earlier turn may have: the kernel would have made other regions since. */
    private boolean anew;

    private long mostBytes;

    /** Copies a snapshot, and by region what may have become of it: see {@link #endOfRun}, {@link #more}. */
    public void take(Snapshot s, boolean[] cutBehind, int[] morePieces, boolean[] piecesMayBeCut) {
        seen.copyFrom(s);
        mostBytes = Math.max(mostBytes, s.bytes());
        if (cuts.length < s.regions) {
            cuts = new boolean[s.regions * 2];
            more = new int[s.regions * 2];
            mayBeCut = new boolean[s.regions * 2];
        }
        System.arraycopy(cutBehind, 0, cuts, 0, s.regions);
        System.arraycopy(morePieces, 0, more, 0, s.regions);
        System.arraycopy(piecesMayBeCut, 0, mayBeCut, 0, s.regions);
    }

    /** The most bytes that a snapshot had. */
    public long mostBytes() {
        return mostBytes;
    }

    /** Whether sizes and number of the regions are not those that the simulated kernel would have made. */
    public boolean isAnew() {
        return anew;
    }

    /** In how many more pieces than one each recorded schemes may have seen the regions from i to before {@code next}. */
    public int more(int i, int next) {
        int sum = 0;
        for (int k = i; k < next; k++) {
            sum += more[k];
        }
        return sum;
    }

    /** Whether recorded schemes may have cut these within. */
    public boolean mayBeCut(int i, int next) {
        boolean may = next > i + 1;
        for (int k = i; k < next; k++) {
            may |= mayBeCut[k];
        }
        return may;
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
        ages(s, r.age);
        System.arraycopy(r.age, 0, r.mark, 0, s.regions);
        for (int i = 0; i < s.regions; i++) {
            r.bp[i] = r.nr[i] * 10_000;
        }
        simulateAges();
    }

    /** The recorded ages, 0 where there are none. */
    private static void ages(Snapshot s, int[] into) {
        if (s.has(Snapshot.HAS_AGE)) {
            System.arraycopy(s.age, 0, into, 0, s.regions);
        } else {
            Arrays.fill(into, 0, s.regions, 0);
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
        int i = 0;
        for (int a = 0; a < piecesApart; a++) {
            int j = pieceAt[a];
            i = firstAbove(r.end, i, r.n, b.start[j]);
            for (; i < r.n && Long.compareUnsigned(r.start[i], b.end[j]) < 0; i++) {
                simulateAge(i, firstMeeting(b.end, j, r.start[i]));
            }
        }
    }

    /** That of region i, which pieces from j on met. */
    private void simulateAge(int i, int j) {
        Regions r = now;
        Regions b = before;
        long start = r.start[i];
        long end = r.end[i];
        double size = end - start;
        double rec = r.mark[i] & 0xffff_ffffL;
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
        double age = rec < asRecorded - 1 ? simulated * rec / asRecorded : simulated + Math.max(0, rec - asRecorded);
        r.age[i] = (int) Math.min(rec, age);
    }

    /** The first range from {@code from} on that ends above an address: near in most cases. */
    private static int firstAbove(long[] ends, int from, int n, long address) {
        int low = from;
        int high = from;
        for (int step = 1; high < n && Long.compareUnsigned(ends[high], address) <= 0; step *= 2) {
            low = high + 1;
            high += step;
        }
        high = Math.min(high, n);
        while (low < high) {
            int mid = (low + high) >>> 1;
            if (Long.compareUnsigned(ends[mid], address) <= 0) {
                low = mid + 1;
            } else {
                high = mid;
            }
        }
        return low;
    }

    /** The first range that ends above an address, as range j does. */
    private static int firstMeeting(long[] ends, int j, long address) {
        int first = j;
        while (first > 0 && Long.compareUnsigned(ends[first - 1], address) > 0) {
            first--;
        }
        return first;
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
        System.arraycopy(r.mark, 0, low, 0, r.n);
        System.arraycopy(r.mark, 0, high, 0, r.n);
        int i = 0;
        for (int a = 0; a < boundsApart; a++) {
            int j = boundAt[a];
            i = firstAbove(r.end, i, r.n, boundStart[j]);
            for (; i < r.n && Long.compareUnsigned(r.start[i], boundEnd[j]) < 0; i++) {
                bound(i, firstMeeting(boundEnd, j, r.start[i]));
            }
        }
    }

    /** Those of region i, which recorded regions from j on met. */
    private void bound(int i, int j) {
        Regions r = now;
        double rec = r.mark[i] & 0xffff_ffffL;
        double size = r.end[i] - r.start[i];
        double rest = size;
        double asRecorded = 0;
        double lazy = 0;
        double eager = 0;
        int merges = -1;
        for (int k = j; k < bounds && Long.compareUnsigned(boundStart[k], r.end[i]) < 0; k++) {
            double part =
                    Arithmetic.minUnsigned(boundEnd[k], r.end[i]) - Arithmetic.maxUnsigned(boundStart[k], r.start[i]);
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

    /**
     * The turn is over: what it left is what the next one begins with. Nothing of it is needed if no scheme acts.
     *
     * @return whether it is the first that may have joined neighbours
     */
    public boolean keep(boolean acting) {
        boolean first = joins && !anew;
        anew |= joins;
        if (acting) {
            keep();
        }
        return first;
    }

    private void keep() {
        Snapshot s = seen;
        if (boundStart.length < s.regions) {
            boundStart = new long[s.start.length];
            boundEnd = new long[s.start.length];
            recorded = new int[s.start.length];
            boundAt = new int[s.start.length];
        }
        if (pieceAt.length < now.n) {
            pieceAt = new int[now.start.length];
        }
        System.arraycopy(s.start, 0, boundStart, 0, s.regions);
        System.arraycopy(s.end, 0, boundEnd, 0, s.regions);
        ages(s, recorded);
        bounds = s.regions;
        // Written before it is known whether they count: which do could not be foreseen.
        boundsApart = 0;
        for (int i = 0; i < bounds; i++) {
            boundAt[boundsApart] = i;
            boundsApart += ((low[i] ^ recorded[i]) | (high[i] ^ recorded[i])) != 0 ? 1 : 0;
        }
        piecesApart = 0;
        for (int i = 0; i < now.n; i++) {
            pieceAt[piecesApart] = i;
            piecesApart += now.age[i] != now.mark[i] ? 1 : 0;
        }
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
