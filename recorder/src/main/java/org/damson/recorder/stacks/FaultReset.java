package org.damson.recorder.stacks;

/**
 * When the event of page faults is to be opened anew. The kernel tells every fault of a new event; in a burst it tells each
 * so many-th, thousands if the burst was long, and goes back to every one only as more faults come, so that a thread which
 * then touches memory slowly seems to touch none. An event that is opened anew begins with every fault again, and with a
 * burst of records where the program's own is still going on: so not more than once a second.
 */
final class FaultReset {
    private static final long MIN_NS = 1_000_000_000L;

    /** Opening takes at most a two hundredth of the time: there is an event for each thread on each processor. */
    private static final int OPENING_SHARE = 200;

    private long earliestNs = Long.MIN_VALUE;

    /** @param mostPeriod most faults that one that was told since the last reset stands for */
    boolean isDue(long mostPeriod, long nowNs) {
        return mostPeriod > 1 && nowNs >= earliestNs;
    }

    /** The event was opened anew, which took so much CPU time. */
    void done(long nowNs, long cpuNs) {
        earliestNs = nowNs + Math.max(MIN_NS, OPENING_SHARE * cpuNs);
    }
}
