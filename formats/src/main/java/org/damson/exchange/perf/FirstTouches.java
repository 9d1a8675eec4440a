package org.damson.exchange.perf;

import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Which page faults a recording keeps: the first that is seen in each {@value #RANGE_BYTES} bytes of a process since they were
 * mapped, and no more in the long run than {@value #MAX_PER_SECOND} a second. Memory is bounded.
 */
final class FirstTouches {
    /** Size of a huge page. */
    static final long RANGE_BYTES = 2 << 20;

    /** Long-term rate of touches kept; at the start of a program {@link #BURST} may come at once. */
    static final int MAX_PER_SECOND = 100;

    static final int BURST = 4096;
    private static final int MAX_RANGES = 1 << 17;
    private static final int RANGE_SHIFT = Long.numberOfTrailingZeros(RANGE_BYTES);

    private final Map<Integer, NavigableSet<Long>> touched = new HashMap<>();
    private int ranges;
    private double allowed = BURST;
    private long lastNs = Long.MIN_VALUE;
    private long leftOut;
    private long beyond;

    /**
     * Whether a fault is kept.
     *
     * @param faults how many it stands for
     */
    boolean isFirst(int pid, long address, long timeNs, long faults) {
        NavigableSet<Long> of = touched.computeIfAbsent(pid, p -> new TreeSet<>());
        long range = address >>> RANGE_SHIFT;
        if (of.contains(range)) {
            leftOut += faults;
            return false;
        }
        if (lastNs != Long.MIN_VALUE) {
            allowed = Math.min(BURST, allowed + Math.max(0, timeNs - lastNs) * 1e-9 * MAX_PER_SECOND);
        }
        lastNs = Math.max(lastNs, timeNs);
        if (allowed < 1 || ranges == MAX_RANGES) {
            leftOut += faults;
            beyond++;
            return false;
        }
        allowed--;
        leftOut += faults - 1;
        of.add(range);
        ranges++;
        return true;
    }

    /** A new mapping: first touches in it are wanted again. */
    void mapped(int pid, long start, long last) {
        NavigableSet<Long> of = touched.get(pid);
        if (of != null) {
            NavigableSet<Long> anew = of.subSet(start >>> RANGE_SHIFT, true, last >>> RANGE_SHIFT, true);
            ranges -= anew.size();
            anew.clear();
        }
    }

    /** Forgets a process that executes another program or has ended. */
    void forget(int pid) {
        NavigableSet<Long> of = touched.remove(pid);
        ranges -= of == null ? 0 : of.size();
    }

    /** Page faults that are not kept. */
    long leftOut() {
        return leftOut;
    }

    /** First touches that are not kept because a limit was reached. */
    long beyond() {
        return beyond;
    }
}
