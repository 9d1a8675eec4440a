package org.damson.model.summary;

import java.util.Arrays;
import org.damson.model.Snapshot;

/**
 * The memory of one target that was accessed at least once within windows of so many snapshots, whole regions. Takes its snapshots in
 * their order.
 *
 * <p>A window misses some memory exactly if it lies within a run of snapshots that did not see it accessed: of each run it is enough to know
 * how many windows of each length lie within.
 */
public final class WindowSums {
    /** Lengths beside the whole: 1, 2, 5, 10, 20, 50, ... snapshots. */
    public static final int LENGTHS = 24;

    private static final long[] LENGTH = new long[LENGTHS];

    static {
        for (int i = 0; i < LENGTHS; i++) {
            LENGTH[i] = (long) Math.pow(10, i / 3) * (i % 3 == 0 ? 1 : i % 3 == 1 ? 2 : 5);
        }
    }

    private static final int TIME = 0;
    private static final int EVER = 1;

    private long snapshots;
    private final LongSums facts = new LongSums(2);

    /** By length of window: bytes times windows that missed them. */
    private final LongSums missed = new LongSums(LENGTHS);

    // Memory accessed so far, ascending and disjoint: when it was last. Ends are inclusive.
    private long[] first = new long[64];
    private long[] last = new long[64];
    private long[] seen = new long[64];
    private int pieces;

    private long[] nextFirst = new long[64];
    private long[] nextLast = new long[64];
    private long[] nextSeen = new long[64];
    private int next;

    /** The lengths of windows in order; the last is followed by the whole trace. */
    public static long length(int index) {
        return index < LENGTHS ? LENGTH[index] : Long.MAX_VALUE;
    }

    /** Adds a snapshot that covers a duration. */
    public void add(Snapshot s, long durationNs) {
        facts.add(TIME, 0, Math.max(0, durationNs));
        next = 0;
        int old = 0;
        long oldFrom = pieces > 0 ? first[0] : 0;
        for (int i = 0; i < s.regions; ) {
            if (!s.isAccessed(i) || s.start[i] == s.end[i]) {
                i++;
                continue;
            }
            long from = s.start[i];
            long to = s.end[i] - 1;
            for (i++; i < s.regions && s.isAccessed(i) && s.start[i] == to + 1 && s.start[i] != s.end[i]; i++) {
                to = s.end[i] - 1;
            }
            // What lies below is as it was.
            while (old < pieces && below(last[old], from)) {
                put(oldFrom, last[old], seen[old]);
                old++;
                oldFrom = old < pieces ? first[old] : 0;
            }
            if (old < pieces && below(oldFrom, from)) {
                put(oldFrom, from - 1, seen[old]);
                oldFrom = from;
            }
            long known = 0;
            while (old < pieces && !below(to, oldFrom)) {
                boolean whole = !below(to, last[old]);
                long end = whole ? last[old] : to;
                run(snapshots - seen[old] - 1, end - oldFrom);
                known += end - oldFrom + 1;
                if (!whole) {
                    oldFrom = to + 1;
                    break;
                }
                old++;
                oldFrom = old < pieces ? first[old] : 0;
            }
            long freshLess1 = to - from - known;
            if (known == 0 || freshLess1 != -1) {
                addTimes(facts, EVER, freshLess1, 1);
                run(snapshots, freshLess1);
            }
            put(from, to, snapshots);
        }
        for (; old < pieces; old++) {
            put(oldFrom, last[old], seen[old]);
            oldFrom = old + 1 < pieces ? first[old + 1] : 0;
        }
        swap();
        snapshots++;
    }

    private static boolean below(long a, long b) {
        return Long.compareUnsigned(a, b) < 0;
    }

    /** Memory that was not accessed in so many snapshots; its bytes less one, without sign. */
    private void run(long length, long bytesLess1) {
        for (int k = 0; k < LENGTHS && LENGTH[k] <= length; k++) {
            addTimes(missed, k, bytesLess1, length - LENGTH[k] + 1);
        }
    }

    private static void addTimes(LongSums sums, int i, long bytesLess1, long times) {
        sums.addProduct(i, bytesLess1, times);
        sums.add(i, 0, times);
    }

    private void put(long from, long to, long when) {
        if (next > 0 && nextSeen[next - 1] == when && nextLast[next - 1] + 1 == from) {
            nextLast[next - 1] = to;
            return;
        }
        if (next == nextFirst.length) {
            nextFirst = Arrays.copyOf(nextFirst, next * 2);
            nextLast = Arrays.copyOf(nextLast, next * 2);
            nextSeen = Arrays.copyOf(nextSeen, next * 2);
        }
        nextFirst[next] = from;
        nextLast[next] = to;
        nextSeen[next++] = when;
    }

    private void swap() {
        long[] f = first;
        long[] l = last;
        long[] s = seen;
        first = nextFirst;
        last = nextLast;
        seen = nextSeen;
        pieces = next;
        nextFirst = f;
        nextLast = l;
        nextSeen = s;
    }

    /** Counts the runs that the end of the trace cuts off; nothing is to be added any more. */
    public void finish() {
        for (int i = 0; i < pieces; i++) {
            run(snapshots - seen[i] - 1, last[i] - first[i]);
        }
        pieces = 0;
    }

    /** Pieces of memory with different last accesses, 24 bytes of memory each. */
    public int pieces() {
        return pieces;
    }

    public long snapshots() {
        return snapshots;
    }

    /** Total duration of the snapshots, nanoseconds. */
    public double ns() {
        return facts.value(TIME);
    }

    /** Bytes accessed at least once in the whole. */
    public double ever() {
        return facts.value(EVER);
    }

    /** Bytes accessed at least once in a window of {@link #length} snapshots, mean over all windows. */
    public double mean(int index) {
        return ever() - missed.value(index) / (snapshots - LENGTH[index] + 1);
    }

    /** Shows them under the names that they are kept by. */
    void forEach(TargetSums.Visitor to) {
        to.visit("window_snapshots", 0, 0, snapshots);
        to.visit("window_time", 0, facts.high(TIME), facts.low(TIME));
        to.visit("window_accessed", 0, facts.high(EVER), facts.low(EVER));
        for (int k = 0; k < LENGTHS; k++) {
            to.visit("window_missed", LENGTH[k], missed.high(k), missed.low(k));
        }
    }

    /** Adds a total that was stored; false if it is not one of these. */
    boolean take(String name, long bin, long high, long low) {
        switch (name) {
            case "window_snapshots" -> snapshots += low;
            case "window_time" -> facts.add(TIME, high, low);
            case "window_accessed" -> facts.add(EVER, high, low);
            case "window_missed" -> {
                int k = Arrays.binarySearch(LENGTH, bin);
                if (k >= 0) {
                    missed.add(k, high, low);
                }
            }
            default -> {
                return false;
            }
        }
        return true;
    }
}
