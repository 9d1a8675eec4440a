package org.damson.analyzer.page;

/**
 * The time that a page shows; everything on it counts nanoseconds from its start.
 *
 * @param fromNs of the trace's clock
 * @param toNs exclusive
 */
public record PageTime(long fromNs, long toNs) {
    /** Nanoseconds from the start, no less than 0 and no more than the whole. */
    double at(long timeNs) {
        return Math.max(0, Math.min((double) toNs - fromNs, (double) timeNs - fromNs));
    }

    public double lengthNs() {
        return (double) toNs - fromNs;
    }
}
