package org.damson.analyzer.memory;

import java.util.Arrays;
import org.damson.analyzer.scan.Arithmetic;
import org.damson.analyzer.scan.TouchedBytes;
import org.damson.model.Snapshot;

/**
 * What is known of a target's memory, address range by address range: how much of it exists at least and likely, and how
 * much of it is out under each of several courses. Shares are of the range's bytes, 0..1. Neighbours that are alike are
 * one piece; beyond {@link #MAX} pieces the most alike neighbours are averaged.
 */
public final class Pieces {
    /** The most pieces kept: bounds memory and time on any trace. */
    public static final int MAX = 1 << 14;

    /** Out: least that is paged out, all comes back at the first touch. */
    static final int OUT_LEAST = 0;
    /** Out: most that is paged out, only the least that was touched comes back. */
    static final int OUT_MOST = 1;
    /** Out: least that is paged out, only the least that was touched comes back: the least refaults. */
    static final int OUT_LEAST_LAZY = 2;
    /** Out: most that is paged out, all comes back at the first touch: the most refaults. */
    static final int OUT_MOST_EAGER = 3;

    static final int OUT_LIKELY = 4;
    /** Share that was seen touched, at least. */
    static final int KNOWN_LEAST = 5;

    static final int KNOWN_LIKELY = 6;
    /** Share in the slow tier. */
    static final int SLOW = 7;

    static final int COLUMNS = 8;

    static final int HUGE = 1;
    static final int LOCKED = 2;
    /** All of it exists in every course, nothing is out or in the slow tier: what is touched of it changes no share. */
    private static final int SETTLED = 4;
    /** It was touched in the last aggregation. */
    private static final int AWAKE = 8;

    private static final int ALMOST_BITS = Float.floatToRawIntBits(1f / 1024);

    int n;
    long[] start = new long[64];
    long[] end = new long[64];
    /** The columns of piece i are side by side from {@code COLUMNS * i} on, as they are read and copied together. */
    private float[] shares = new float[COLUMNS * 64];

    int[] flags = new int[64];
    /** When it was touched last, in the caller's steps of time; -1: never, or told to be reclaimed first. */
    int[] touched = new int[64];

    private static final float[] UNKNOWN = new float[COLUMNS];

    private Pieces spare;
    private final TouchedShare touchedShare = new TouchedShare();
    boolean averaged;
    /** Regions are mappings: what was touched of one in a snapshot is likely what was touched in those before. */
    private boolean partial;

    private void reserve(int wanted) {
        if (wanted > start.length) {
            int c = Math.max(wanted, start.length * 2);
            start = Arrays.copyOf(start, c);
            end = Arrays.copyOf(end, c);
            flags = Arrays.copyOf(flags, c);
            touched = Arrays.copyOf(touched, c);
            shares = Arrays.copyOf(shares, COLUMNS * c);
        }
    }

    long size(int i) {
        return end[i] - start[i];
    }

    float share(int column, int i) {
        return shares[COLUMNS * i + column];
    }

    void set(int column, int i, float share) {
        shares[COLUMNS * i + column] = share;
        flags[i] &= ~SETTLED;
    }

    /** Bytes of a column. */
    double sum(int column) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += (double) share(column, i) * (end[i] - start[i]);
        }
        return sum;
    }

    /** Index of the first piece that ends above the address. */
    int find(long address) {
        int low = 0;
        int high = n;
        while (low < high) {
            int mid = (low + high) >>> 1;
            if (Long.compareUnsigned(end[mid], address) <= 0) {
                low = mid + 1;
            } else {
                high = mid;
            }
        }
        return low;
    }

    /** Makes {@code [from, to)} a run of whole pieces, creating what is missing; returns the first one's index. */
    int cut(long from, long to) {
        int i = find(from);
        if (i < n && Long.compareUnsigned(start[i], from) < 0) {
            insert(i, start[i], from, i);
            start[++i] = from;
        }
        int first = i;
        long at = from;
        while (Long.compareUnsigned(at, to) < 0) {
            if (i == n || Long.compareUnsigned(start[i], at) > 0) {
                long until = i == n ? to : Arithmetic.minUnsigned(start[i], to);
                insert(i, at, until, -1);
                at = until;
                i++;
            } else if (Long.compareUnsigned(end[i], to) > 0) {
                insert(i, start[i], to, i);
                start[i + 1] = to;
                at = to;
            } else {
                at = end[i++];
            }
        }
        return first;
    }

    private void insert(int i, long from, long to, int like) {
        reserve(n + 1);
        int moved = n - i;
        System.arraycopy(start, i, start, i + 1, moved);
        System.arraycopy(end, i, end, i + 1, moved);
        System.arraycopy(flags, i, flags, i + 1, moved);
        System.arraycopy(touched, i, touched, i + 1, moved);
        System.arraycopy(shares, COLUMNS * i, shares, COLUMNS * (i + 1), COLUMNS * moved);
        if (like < 0) {
            Arrays.fill(shares, COLUMNS * i, COLUMNS * (i + 1), 0);
            flags[i] = 0;
            touched[i] = -1;
        }
        start[i] = from;
        end[i] = to;
        n++;
    }

    /** What one snapshot's accesses did. Bytes. */
    static final class Touch {
        double refaultLeast;
        double refaultLikely;
        double refaultMost;
        /** Bytes times accesses, and the part of it in the fast tier. */
        double heat;

        double fastHeat;
        double hugeHeat;
        /** Room in the fast tier. */
        double fastFree;

        void clear(double free) {
            refaultLeast = 0;
            refaultLikely = 0;
            refaultMost = 0;
            heat = 0;
            fastHeat = 0;
            hugeHeat = 0;
            fastFree = free;
        }
    }

    /** Takes a snapshot's accesses: what was touched exists, and what of it was out comes back. */
    void touch(Snapshot s, int now, Touch t) {
        touch(s, null, now, t);
    }

    /** The same; with {@code shares}, what share of each region was touched is known and no bounds are needed. */
    void touch(Snapshot s, double[] shares, int now, Touch t) {
        touchedShare.samples(s.maxNrAccesses());
        partial = shares == null && TouchedBytes.isPartial(s);
        if (spare == null) {
            spare = new Pieces();
        }
        Pieces to = spare;
        to.n = 0;
        // The ends of regions cut pieces in two, and what no piece holds before, between and behind them is added.
        to.reserve(2 * n + 3 * s.regions + 1);
        int i = 0;
        // The part of piece i that is not yet copied begins here.
        long at = n > 0 ? start[0] : 0;
        for (int r = 0; r < s.regions; r++) {
            int nr = s.nrAccesses[r];
            if (nr == 0) {
                continue;
            }
            long from = s.start[r];
            long until = s.end[r];
            double likely =
                    shares != null ? shares[r] : partial ? TouchedBytes.leastShare(s, r) : touchedShare.likely(nr);
            double least = shares != null || partial ? likely : touchedShare.least(nr);
            double most = shares != null ? least : 1;
            // Regions are wide where memory was idle: of one that wakes a part may have been touched in every sample.
            double atOnce = partial ? likely : touchedShare.atOnce(nr);
            double accesses = partial ? TouchedBytes.meanShare(s, r) * s.maxNrAccesses() : nr;
            while (i < n && Long.compareUnsigned(end[i], from) <= 0) {
                to.take(at, end[i], this, i);
                i++;
                at = i < n ? start[i] : 0;
            }
            if (i < n && Long.compareUnsigned(at, from) < 0) {
                to.take(at, from, this, i);
                at = from;
            }
            long done = from;
            while (Long.compareUnsigned(done, until) < 0) {
                int like = -1;
                long stop = until;
                if (i < n && Long.compareUnsigned(at, done) <= 0) {
                    like = i;
                    stop = Arithmetic.minUnsigned(end[i], until);
                } else if (i < n) {
                    stop = Arithmetic.minUnsigned(at, until);
                }
                boolean wakes = shares == null && (like < 0 || (flags[like] & AWAKE) == 0);
                touchOne(to, done, stop, like, wakes ? atOnce : least, likely, most, accesses, now, t);
                done = stop;
                if (like >= 0) {
                    at = stop;
                    if (at == end[i]) {
                        i++;
                        at = i < n ? start[i] : 0;
                    }
                }
            }
        }
        while (i < n) {
            to.take(at, end[i], this, i);
            i++;
            at = i < n ? start[i] : 0;
        }
        swap(to);
        if (n > MAX) {
            thin();
        }
    }

    private void touchOne(
            Pieces to,
            long from,
            long until,
            int like,
            double least,
            double likely,
            double most,
            double accesses,
            int now,
            Touch t) {
        double size = until - from;
        double heat = size * accesses;
        t.heat += heat;
        boolean isNew = like < 0;
        int flag = isNew ? 0 : flags[like];
        if ((flag & HUGE) != 0) {
            t.hugeHeat += heat;
        }
        if ((flag & SETTLED) != 0) {
            t.fastHeat += heat;
            to.take(from, until, this, like, flag | AWAKE, now);
            return;
        }
        float[] f = isNew ? UNKNOWN : shares;
        int at = isNew ? 0 : COLUMNS * like;
        double leftLeast = 1 - least;
        double leftLikely = 1 - likely;
        double leftMost = 1 - most;
        float lazy = f[at + OUT_LEAST_LAZY];
        float out = f[at + OUT_LIKELY];
        float eager = f[at + OUT_MOST_EAGER];
        double backLeast = partial ? Math.max(0, lazy + least - 1) : lazy * least;
        double backLikely = partial ? Math.min(out, likely) : out * likely;
        t.refaultLeast += size * backLeast;
        t.refaultLikely += size * backLikely;
        t.refaultMost += size * eager * most;
        float knownLeast = f[at + KNOWN_LEAST];
        float before = f[at + KNOWN_LIKELY];
        float known = before;
        float slow = f[at + SLOW];
        if (knownLeast != 1 || before != 1 || slow != 0 || t.fastFree < 0) {
            knownLeast = partial ? (float) Math.max(knownLeast, least) : 1 - rest(1 - knownLeast, leftLeast);
            known = partial ? (float) Math.max(before, likely) : 1 - rest(1 - before, leftLikely);
            double fresh = size * (known - before);
            if (fresh > t.fastFree) {
                double slowBytes = size * before * slow + fresh - Math.max(0, t.fastFree);
                slow = (float) Math.min(1, slowBytes / (size * known));
                t.fastFree = Math.min(0, t.fastFree);
            } else {
                slow = before == 0 || slow == 0 ? 0 : slow * before / known;
                t.fastFree -= fresh;
            }
        }
        t.fastHeat += heat * (1 - slow);
        int j = to.n;
        to.start[j] = from;
        to.end[j] = until;
        to.touched[j] = now;
        float[] g = to.shares;
        int into = COLUMNS * j;
        float outLeast = rest(f[at + OUT_LEAST], leftMost);
        float outMost = partial ? (float) Math.min(f[at + OUT_MOST], leftLeast) : rest(f[at + OUT_MOST], leftLeast);
        lazy = partial ? (float) (lazy - backLeast) : rest(lazy, leftLeast);
        eager = rest(eager, leftMost);
        out = partial ? (float) (out - backLikely) : rest(out, leftLikely);
        boolean settled = knownLeast == 1 && known == 1 && slow == 0 && outLeast + outMost + lazy + eager + out == 0;
        to.flags[j] = flag | AWAKE | (settled ? SETTLED : 0);
        g[into + OUT_LEAST] = outLeast;
        g[into + OUT_MOST] = outMost;
        g[into + OUT_LEAST_LAZY] = lazy;
        g[into + OUT_MOST_EAGER] = eager;
        g[into + OUT_LIKELY] = out;
        g[into + KNOWN_LEAST] = knownLeast;
        g[into + KNOWN_LIKELY] = known;
        g[into + SLOW] = slow;
        to.keep();
    }

    /** What is left of a share; almost nothing is nothing. Both are 0 or more, so that their bits compare as they do. */
    private static float rest(float share, double left) {
        int bits = Float.floatToRawIntBits((float) (share * left));
        // Without a branch, which could not be foreseen: all ones where the bits are below.
        int below = (bits - ALMOST_BITS) >> 31;
        return Float.intBitsToFloat(bits & ~below);
    }

    /** Appends a piece like {@code from}'s i. */
    private void take(long s, long e, Pieces from, int i) {
        take(s, e, from, i, from.flags[i] & ~AWAKE, from.touched[i]);
    }

    private void take(long s, long e, Pieces from, int i, int flag, int when) {
        int last = n - 1;
        if ((flag & SETTLED) != 0 && last >= 0 && end[last] == s && flags[last] == flag && touched[last] == when) {
            end[last] = e;
            return;
        }
        start[n] = s;
        end[n] = e;
        flags[n] = flag;
        touched[n] = when;
        // Eight values: moved one by one sooner than a call for them is made.
        float[] f = from.shares;
        int at = COLUMNS * i;
        int into = COLUMNS * n;
        for (int k = 0; k < COLUMNS; k++) {
            shares[into + k] = f[at + k];
        }
        keep();
    }

    /** Makes what was written behind the last piece the last one, or a part of the one before if they are alike. */
    private void keep() {
        int last = n++;
        if (last == 0
                || end[last - 1] != start[last]
                || flags[last - 1] != flags[last]
                || touched[last - 1] != touched[last]) {
            return;
        }
        int at = COLUMNS * last;
        // All columns at once: in which of them neighbours differ could not be foreseen, that they do mostly can. In
        // fours: a loop of eight becomes one load of eight, which waits for the eight stores just made.
        int differ = differ(at) | differ(at + COLUMNS / 2);
        if (differ == 0) {
            end[last - 1] = end[last];
            n = last;
        }
    }

    /** Whether half of a piece's columns, from {@code at} on, differ from those of the piece before: 0 if not. */
    private int differ(int at) {
        int differ = 0;
        for (int k = at; k < at + COLUMNS / 2; k++) {
            differ |= Float.floatToRawIntBits(shares[k - COLUMNS]) ^ Float.floatToRawIntBits(shares[k]);
        }
        return differ;
    }

    private void swap(Pieces o) {
        long[] l = start;
        start = o.start;
        o.start = l;
        l = end;
        end = o.end;
        o.end = l;
        int[] f = flags;
        flags = o.flags;
        o.flags = f;
        f = touched;
        touched = o.touched;
        o.touched = f;
        float[] s = shares;
        shares = o.shares;
        o.shares = s;
        int c = n;
        n = o.n;
        o.n = c;
    }

    /** Halves the pieces by averaging neighbours two by two where they touch. */
    private void thin() {
        averaged = true;
        int to = 0;
        for (int i = 0; i < n; i++) {
            boolean pair = i + 1 < n && end[i] == start[i + 1] && flags[i] == flags[i + 1];
            double a = size(i);
            double b = pair ? size(i + 1) : 0;
            for (int k = 0; k < COLUMNS; k++) {
                double other = pair ? share(k, i + 1) * b : 0;
                set(k, to, (float) ((share(k, i) * a + other) / (a + b)));
            }
            start[to] = start[i];
            flags[to] = flags[i];
            touched[to] = pair ? Math.max(touched[i], touched[i + 1]) : touched[i];
            end[to] = pair ? end[i + 1] : end[i];
            to++;
            i += pair ? 1 : 0;
        }
        n = to;
    }
}
