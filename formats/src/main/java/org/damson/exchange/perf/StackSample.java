package org.damson.exchange.perf;

import java.util.Arrays;
import org.damson.exchange.build.StackUnwinder;

/**
 * A sample of any event but those of DAMON.
 *
 * @param misc of the record: where the sample was
 * @param chain addresses and marks, leaf first
 * @param ip where it was taken, for what has no address in its chain; null if that is not known
 * @param copy of the user stack; null if there is none
 */
record StackSample(
        long timeNs,
        int misc,
        int pid,
        int tid,
        int cpu,
        String event,
        long address,
        long weight,
        long[] chain,
        Long ip,
        StackUnwinder.Copy copy) {
    // PERF_RECORD_MISC_*.
    static final int CPUMODE = 7;
    static final int IN_KERNEL = 1;
    static final int IN_USER = 2;

    // Marks in a chain (PERF_CONTEXT_*): where the addresses after it are.
    private static final long MIN_MARK = -4095;
    private static final long MARK_KERNEL = -128;
    private static final long MARK_USER = -512;

    static boolean isMark(long next) {
        return Long.compareUnsigned(next, MIN_MARK) >= 0;
    }

    /** The address space of the call chain's entries behind a context marker; negative if unknown. */
    static int after(long mark) {
        return mark == MARK_KERNEL ? IN_KERNEL : mark == MARK_USER ? IN_USER : (int) mark;
    }

    /** The address space in which the sample was taken. */
    int place() {
        return misc & CPUMODE;
    }

    /** The user frames known without a copy of the stack, innermost first: those of the call chain, else the sampled address. */
    long[] userFrames() {
        long[] frames = new long[Math.max(1, chain.length)];
        int where = place();
        int n = 0;
        for (long next : chain) {
            where = isMark(next) ? after(next) : where;
            if (!isMark(next) && where == IN_USER) {
                frames[n++] = next;
            }
        }
        if (n == 0 && ip != null && place() == IN_USER) {
            frames[n++] = ip;
        }
        return Arrays.copyOf(frames, n);
    }
}
