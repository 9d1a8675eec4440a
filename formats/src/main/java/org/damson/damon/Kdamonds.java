package org.damson.damon;

/** What is known of a kdamond before its first event. */
public interface Kdamonds {
    /** Facts about the kdamond that runs as this thread; null for one that is not to be recorded. Asked once of each. */
    Facts of(int thread);

    /** Whether a target had ended at {@code timeNs}, so that what DAMON says of it means nothing. */
    default boolean isEnded(long target, long timeNs) {
        return false;
    }

    /**
     * Facts about a kdamond.
     *
     * @param number its number in the trace
     * @param sampleUs sampling interval in force, microseconds
     * @param aggrUs aggregation interval in force, microseconds
     * @param areAssumed whether nobody told these intervals
     * @param addrUnit what its addresses count, bytes
     */
    record Facts(int number, long sampleUs, long aggrUs, boolean areAssumed, long addrUnit) {}
}
