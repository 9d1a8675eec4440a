package org.damson.analyzer.timeline;

/**
 * A time in which a program uses the same memory alike, and runs the same functions where these are known.
 *
 * @param traceNs when the trace's first snapshot starts, from which people count
 * @param fromNs of the trace's clock
 * @param toNs exclusive
 * @param workingSetBytes mean over the phase
 * @param hotBytes mean of heat times bytes
 * @param hottest null where nothing is hot
 * @param hottestPercent mean heat there
 */
public record Phase(
        long traceNs,
        long fromNs,
        long toNs,
        double workingSetBytes,
        double hotBytes,
        Place hottest,
        double hottestPercent) {
    /**
     * Addresses, unsigned.
     *
     * @param end exclusive
     */
    public record Place(long start, long end) {}
}
