package org.damson.damon;

/**
 * Result of assembling events.
 *
 * @param firstNs time of the first event, {@link EventColumns#NO_TIME} if there was none
 * @param lastNs that of the last one
 * @param lostRegions regions missing from snapshots
 * @param cutRegions regions of bursts that were under way when listening began or ended
 * @param repeated events that came twice, and were taken once
 * @param clamped counts above 2^31 - 1, which are kept as that
 */
public record Assembled(long firstNs, long lastNs, long lostRegions, long cutRegions, long repeated, long clamped) {
    /**
     * Result for one target.
     *
     * @param number its number, unsigned
     * @param ends snapshots, and damo's marks of how long one took
     * @param isMarkedWithin whether events follow such a mark
     */
    public record Target(long number, long ends, boolean isMarkedWithin) {}
}
