package org.damson.analyzer.damo;

import java.util.List;

/** A region as damo knows it: addresses, and accesses and age in the units given or filled in. */
public final class DamoRegion {
    private static final Num END_OF_ADDRESSES = Num.MAX.plus(Num.of(1));

    public Num start;
    public Num end;
    /** nr_accesses. */
    public Num samples;
    /** nr_accesses in percent of what was possible; null until {@link #fillUnits}. */
    public Num percent;
    /** In aggregation intervals; null on kernels that do not tell. */
    public Num age;
    /** In microseconds; null until {@link #fillUnits}. */
    public Num ageUs;
    /** Bytes that passed the scheme's filters. */
    public Num filterPassed = Num.ZERO;

    /** Hits of each data attribute probe. */
    public List<Integer> probeHits = List.of();

    /** What {@link #probeHits} were adjusted to; null if they were not. */
    public List<Num> adjustedHits;

    DamoRegion(Num start, Num end) {
        this.start = start;
        this.end = end;
    }

    /** With addresses as a trace has them: 0 as the end is 2^64. */
    static DamoRegion of(long start, long end) {
        return new DamoRegion(Num.unsigned(start), end == 0 ? END_OF_ADDRESSES : Num.unsigned(end));
    }

    /** The same but for its bounds. */
    public DamoRegion clippedTo(Num newStart, Num newEnd) {
        DamoRegion r = new DamoRegion(newStart, newEnd);
        r.samples = samples;
        r.percent = percent;
        r.age = age;
        r.ageUs = ageUs;
        r.filterPassed = filterPassed;
        r.probeHits = probeHits;
        r.adjustedHits = adjustedHits;
        return r;
    }

    public Num size() {
        return end.minus(start);
    }

    /**
     * Fills the units that are not known.
     *
     * @param aggrUs the aggregation interval that ages count
     */
    public void fillUnits(DamoIntervals intervals, Num aggrUs, boolean compat) {
        if (percent == null) {
            Num exact = samples.times(Num.of(100.0)).over(intervals.maxSamples());
            percent = compat ? exact.truncated() : exact;
        }
        if (ageUs == null) {
            ageUs = age == null ? Num.ZERO : age.times(aggrUs);
        }
    }

    /** Hits of each probe, adjusted if they were. */
    public List<Num> hits() {
        return adjustedHits != null
                ? adjustedHits
                : probeHits.stream().map(h -> Num.of(h.longValue())).toList();
    }

    public Num hz(Num aggrUs) {
        return samples.over(aggrUs.over(1_000_000));
    }

    /** damo's temperature: a weighted sum, negative for what is not accessed. */
    public Num temperature(List<Num> weights) {
        Num score =
                size().times(weights.get(0)).plus(percent.times(weights.get(1))).plus(ageUs.times(weights.get(2)));
        return percent.signum() > 0 ? score : Num.of(-1).times(score);
    }
}
