package org.damson.analyzer.damos;

import java.util.Arrays;

/**
 * The regions of one target as the kernel keeps them, as columns. {@code bp} is the moving sum of accesses times 10,000.
 * {@code mark} is not part of the kernel's region: the caller's own, copied by a split. Counts are unsigned 32-bit in the
 * kernel and never grow large enough here for the sign to matter.
 */
public final class Regions {
    public int n;
    public long[] start = new long[0];
    public long[] end = new long[0];
    public int[] nr = new int[0];
    public int[] bp = new int[0];
    public int[] age = new int[0];
    public int[] lastNr = new int[0];
    int[] mark = new int[0];

    void reserve(int wanted) {
        if (wanted > start.length) {
            int capacity = Math.max(wanted, Math.max(16, start.length * 2));
            start = Arrays.copyOf(start, capacity);
            end = Arrays.copyOf(end, capacity);
            nr = Arrays.copyOf(nr, capacity);
            bp = Arrays.copyOf(bp, capacity);
            age = Arrays.copyOf(age, capacity);
            lastNr = Arrays.copyOf(lastNr, capacity);
            mark = Arrays.copyOf(mark, capacity);
        }
    }

    void clear() {
        n = 0;
    }

    void add(long from, long to, int accesses, int ageAggrs) {
        reserve(n + 1);
        start[n] = from;
        end[n] = to;
        nr[n] = accesses;
        bp[n] = accesses * 10_000;
        age[n] = ageAggrs;
        lastNr[n] = 0;
        mark[n] = 0;
        n++;
    }

    public long size(int i) {
        return end[i] - start[i];
    }

    /** Cuts region i after {@code sizeBytes}; the right part is a new region i + 1 with the same counters. */
    void split(int i, long sizeBytes) {
        reserve(n + 1);
        int moved = n - i;
        System.arraycopy(start, i, start, i + 1, moved);
        System.arraycopy(end, i, end, i + 1, moved);
        System.arraycopy(nr, i, nr, i + 1, moved);
        System.arraycopy(bp, i, bp, i + 1, moved);
        System.arraycopy(age, i, age, i + 1, moved);
        System.arraycopy(lastNr, i, lastNr, i + 1, moved);
        System.arraycopy(mark, i, mark, i + 1, moved);
        n++;
        end[i] = start[i] + sizeBytes;
        start[i + 1] = end[i];
    }

    /** Makes region i part of the one before it, whose counters remain. */
    void join(int i) {
        end[i - 1] = end[i];
        for (int k = i + 1; k < n; k++) {
            copy(k, k - 1);
        }
        n--;
    }

    /** Overwrites region {@code to} with region {@code from} of this target. */
    void copy(int from, int to) {
        if (from != to) {
            start[to] = start[from];
            end[to] = end[from];
            nr[to] = nr[from];
            bp[to] = bp[from];
            age[to] = age[from];
            lastNr[to] = lastNr[from];
            mark[to] = mark[from];
        }
    }

    /** Appends a copy of another target's region. */
    void append(Regions o, int i) {
        add(o.start[i], o.end[i], o.nr[i], o.age[i]);
        bp[n - 1] = o.bp[i];
        lastNr[n - 1] = o.lastNr[i];
        mark[n - 1] = o.mark[i];
    }

    /** Becomes the other, which is not used any more. */
    void take(Regions o) {
        n = o.n;
        start = o.start;
        end = o.end;
        nr = o.nr;
        bp = o.bp;
        age = o.age;
        lastNr = o.lastNr;
        mark = o.mark;
    }
}
