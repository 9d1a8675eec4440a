package org.damson.model;

/**
 * DAMON's monitoring attributes.
 *
 * @param sampleUs sampling interval, microseconds
 * @param aggrUs aggregation interval, microseconds
 * @param updateUs operations update interval, microseconds
 * @param minRegions least number of regions, 0 = not known
 * @param maxRegions greatest number of regions, 0 = not known
 * @param origin where the intervals come from
 */
public record MonitoringAttrs(
        long sampleUs, long aggrUs, long updateUs, long minRegions, long maxRegions, IntervalsOrigin origin) {
    /** DAMON's defaults as damo and the documentation state them: 5 ms, 100 ms, 1 s, 10 to 1000 regions. */
    public static final MonitoringAttrs DEFAULTS =
            new MonitoringAttrs(5_000, 100_000, 1_000_000, 10, 1000, IntervalsOrigin.ASSUMED);

    /** Where the intervals come from. They are never inferred from timestamps. */
    public enum IntervalsOrigin {
        /** Read from the source itself or its side files. */
        RECORDED,
        /** Given by the user. */
        GIVEN,
        /** Unknown; DAMON's defaults are assumed. */
        ASSUMED
    }

    public MonitoringAttrs {
        if (sampleUs < 0 || aggrUs < sampleUs || updateUs < 0) {
            throw new InvalidInputException("intervals must satisfy 0 <= sample <= aggregation, 0 <= update: "
                    + "sampleUs=" + sampleUs + ", aggrUs=" + aggrUs + ", updateUs=" + updateUs);
        }
    }
}
