package org.damson.recorder.damon;

import java.util.Arrays;

/** Decoded events of one CPU in time order, as columns, taken from the front. Grows to the largest drain seen. */
final class Events {
    /** A region at the end of an aggregation. */
    static final byte AGGREGATED = 1;
    /** A region to which a scheme is about to be applied. */
    static final byte BEFORE_APPLY = 2;
    /** New intervals of a kdamond. */
    static final byte TUNED = 3;
    /** A gap: {@link #start} is when the last event before it was, {@link #end} how many are missing (-1 unknown). */
    static final byte MISSED = 4;

    int from;
    int to;
    long[] timeNs = new long[0];
    byte[] kind = new byte[0];
    int[] thread = new int[0];
    /** Target; sampling interval in microseconds of {@link #TUNED}. */
    long[] target = new long[0];

    long[] start = new long[0];
    long[] end = new long[0];
    int[] regions = new int[0];
    int[] accesses = new int[0];
    int[] age = new int[0];
    int[] context = new int[0];
    int[] scheme = new int[0];

    boolean isEmpty() {
        return from == to;
    }

    /** A new row at the end; every column of it is to be set. */
    int add() {
        if (to == timeNs.length) {
            makeRoom();
        }
        return to++;
    }

    private void makeRoom() {
        if (from > 0) {
            // What has been taken is given up first.
            int n = to - from;
            System.arraycopy(timeNs, from, timeNs, 0, n);
            System.arraycopy(kind, from, kind, 0, n);
            System.arraycopy(thread, from, thread, 0, n);
            System.arraycopy(target, from, target, 0, n);
            System.arraycopy(start, from, start, 0, n);
            System.arraycopy(end, from, end, 0, n);
            System.arraycopy(regions, from, regions, 0, n);
            System.arraycopy(accesses, from, accesses, 0, n);
            System.arraycopy(age, from, age, 0, n);
            System.arraycopy(context, from, context, 0, n);
            System.arraycopy(scheme, from, scheme, 0, n);
            from = 0;
            to = n;
            if (n <= timeNs.length / 2) {
                return;
            }
        }
        int wanted = Math.max(256, timeNs.length * 2);
        timeNs = Arrays.copyOf(timeNs, wanted);
        kind = Arrays.copyOf(kind, wanted);
        thread = Arrays.copyOf(thread, wanted);
        target = Arrays.copyOf(target, wanted);
        start = Arrays.copyOf(start, wanted);
        end = Arrays.copyOf(end, wanted);
        regions = Arrays.copyOf(regions, wanted);
        accesses = Arrays.copyOf(accesses, wanted);
        age = Arrays.copyOf(age, wanted);
        context = Arrays.copyOf(context, wanted);
        scheme = Arrays.copyOf(scheme, wanted);
    }

    /** Gives the taken rows up when nothing is left. */
    void reset() {
        if (from == to) {
            from = 0;
            to = 0;
        }
    }
}
