package org.damson.analyzer.damo;

/**
 * Monitoring intervals of a record, in microseconds.
 *
 * @param goal of auto-tuning
 */
public record DamoIntervals(Num sample, Num aggr, Num update, Goal goal) {
    /**
     * The goal of interval auto-tuning.
     *
     * @param accessBp observed accesses wanted, basis points
     * @param aggrs aggregations looked at; 0 = no auto-tuning
     */
    public record Goal(Num accessBp, Num aggrs, Num minSample, Num maxSample) {
        static final Goal NONE = new Goal(Num.ZERO, Num.ZERO, Num.ZERO, Num.ZERO);

        public boolean isEnabled() {
            return aggrs.signum() != 0;
        }

        public String text(boolean raw) {
            return "target " + DamoText.basisPoints(accessBp, raw) + " accesses per " + DamoText.nr(aggrs, raw)
                    + " aggrs, [" + DamoText.timeUs(minSample, raw) + ", " + DamoText.timeUs(maxSample, raw)
                    + "] sampling interval";
        }
    }

    public Num maxSamples() {
        return aggr.over(sample);
    }
}
