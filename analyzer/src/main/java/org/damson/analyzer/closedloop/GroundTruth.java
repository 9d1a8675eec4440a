package org.damson.analyzer.closedloop;

/** Which pages a program touches when, and what it has mapped: what DAMON only samples. Times in nanoseconds. */
public interface GroundTruth {
    /** The time to come that {@link #touched} is asked about; goes forward. */
    void window(long fromNs, long toNs);

    /** Probability that the page at an address is touched in the window, 0..1. */
    double touched(long address);

    /** Mapped areas at the window's end: ascending pairs of start and end. */
    long[] areas();

    /** What is touched in the window: at least the share of each range's bytes that {@code visitor} is told. */
    void each(Visitor visitor);

    /** When it ends. */
    long endNs();

    /** Is told ranges in ascending order; they do not overlap. */
    interface Visitor {
        void range(long start, long end, double share);
    }
}
