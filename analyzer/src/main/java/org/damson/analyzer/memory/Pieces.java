package org.damson.analyzer.memory;

import java.util.Arrays;
import org.damson.analyzer.scan.Arithmetic;
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
    static final int OUT_MIN = 0;
    /** Out: most that is paged out, only the least that was touched comes back. */
    static final int OUT_MAX = 1;
    /** Out: least that is paged out, only the least that was touched comes back: the least refaults. */
    static final int OUT_MIN_LAZY = 2;
    /** Out: most that is paged out, all comes back at the first touch: the most refaults. */
    static final int OUT_MAX_EAGER = 3;

    static final int OUT_LIKELY = 4;
    /** Share that was seen touched, at least. */
    static final int KNOWN_MIN = 5;

    static final int KNOWN_LIKELY = 6;
    /** Share in the slow tier. */
    static final int SLOW = 7;

    static final int COLUMNS = 8;

    static final int HUGE = 1;
    static final int LOCKED = 2;
    /** All of it exists in every course, nothing is out or in the slow tier: what is touched of it changes no share. */
    static final int SETTLED = 4;
    /** It was touched in the last aggregation. */
    static final int AWAKE = 8;

    int n;
    long[] start = new long[64];
    long[] end = new long[64];
    /** The columns of piece i are side by side from {@code COLUMNS * i} on, as they are read and copied together. */
    float[] shares = new float[COLUMNS * 64];

    int[] flags = new int[64];
    /** When it was touched last, in the caller's steps of time; -1: never, or told to be reclaimed first. */
    int[] touched = new int[64];

    boolean averaged;
    private TouchPass pass;

    void reserve(int wanted) {
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
        return Snapshot.firstBeyond(end, n, address);
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

    /** Forgets all that is known of {@code [from, to)}. */
    void forget(long from, long to) {
        int first = cut(from, to);
        int next = first;
        while (next < n && Long.compareUnsigned(start[next], to) < 0) {
            next++;
        }
        int moved = n - next;
        System.arraycopy(start, next, start, first, moved);
        System.arraycopy(end, next, end, first, moved);
        System.arraycopy(flags, next, flags, first, moved);
        System.arraycopy(touched, next, touched, first, moved);
        System.arraycopy(shares, COLUMNS * next, shares, COLUMNS * first, COLUMNS * moved);
        n = first + moved;
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

    /** Effects of one snapshot's accesses, in bytes. */
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
        if (pass == null) {
            pass = new TouchPass(this);
        }
        pass.run(s, shares, now, t);
        if (n > MAX) {
            thin();
        }
    }

    /** Appends a piece like {@code from}'s i. */
    void take(long s, long e, Pieces from, int i) {
        take(s, e, from, i, from.flags[i] & ~AWAKE, from.touched[i]);
    }

    /** The same with other flags, touched at another time. */
    void take(long s, long e, Pieces from, int i, int flag, int when) {
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
    void keep() {
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

    /** Exchanges all pieces with another's. */
    void swap(Pieces o) {
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
