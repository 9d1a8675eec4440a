package org.damson.analyzer.damo;

import java.util.ArrayList;
import java.util.List;

/** One aggregation's regions of one record. */
public final class DamoSnapshot {
    /** Nanoseconds; a double where damo computed it as one. */
    public final Num start;

    public final Num end;
    public List<DamoRegion> regions = new ArrayList<>();
    public Num totalBytes;
    /** The scheme's statistics as damo prints them, or null. */
    public DamoStats stats;

    /** Tuned sampling interval, or null. */
    public Num sampleUs;

    DamoSnapshot(Num start, Num end) {
        this.start = start;
        this.end = end;
    }

    public Num duration() {
        return end.minus(start);
    }

    /** Makes the total that of the regions as they are. */
    public void updateTotalBytes() {
        Num sum = Num.ZERO;
        for (DamoRegion r : regions) {
            sum = sum.plus(r.size());
        }
        totalBytes = sum;
    }

    /** Sampling and aggregation interval in force: auto-tuning changes them. */
    Num[] intervals(DamoIntervals record) {
        if (!record.goal().isEnabled()) {
            return new Num[] {record.sample(), record.aggr()};
        }
        Num ratio = record.maxSamples();
        if (sampleUs != null) {
            return new Num[] {sampleUs, sampleUs.times(ratio)};
        }
        Num aggrUs = duration().over(1000);
        Num difference = aggrUs.minus(record.aggr());
        Num error = (difference.signum() < 0 ? difference.negated() : difference).over(record.aggr());
        if (error.less(Num.of(0.1))) {
            return new Num[] {record.sample(), record.aggr()};
        }
        return new Num[] {aggrUs.over(ratio), aggrUs};
    }

    public Num aggrUs(DamoIntervals record) {
        return intervals(record)[1];
    }
}
