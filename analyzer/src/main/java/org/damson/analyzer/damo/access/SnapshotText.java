package org.damson.analyzer.damo.access;

import org.damson.analyzer.damo.DamoIntervals;
import org.damson.analyzer.damo.DamoRegion;
import org.damson.analyzer.damo.DamoSnapshot;
import org.damson.analyzer.damo.DamoText;
import org.damson.analyzer.damo.Num;

/** What {@code report access} tells of a snapshot's samples. */
final class SnapshotText {
    private SnapshotText() {}

    static String positiveSamples(DamoSnapshot s, DamoIntervals i, AccessOptions o) {
        Num samples = Num.ZERO;
        for (DamoRegion r : s.regions) {
            samples = samples.plus(r.samples);
        }
        Num most = i.maxSamples().times(s.regions.size());
        return most.signum() == 0 ? "N/A" : DamoText.percent(samples.times(100).over(most), o.raw);
    }

    static String tuningStatus(DamoSnapshot s, DamoIntervals i, AccessOptions o) {
        Num most = Num.ZERO;
        Num seen = Num.ZERO;
        for (DamoRegion r : s.regions) {
            most = most.plus(i.maxSamples().times(r.size()));
            seen = seen.plus(r.size().times(r.samples));
        }
        return DamoText.percent(seen.times(100).over(Num.max(most, Num.of(1))), o.raw) + " (" + DamoText.sz(seen, o.raw)
                + " / " + DamoText.sz(most, o.raw) + ") " + DamoText.timeUs(i.sample(), o.raw) + " "
                + DamoText.timeUs(i.aggr(), o.raw);
    }

    static String bandwidth(DamoSnapshot s, DamoIntervals i, boolean passedOnly, AccessOptions o) {
        Num bytes = Num.ZERO;
        for (DamoRegion r : s.regions) {
            bytes = bytes.plus((passedOnly ? r.filterPassed : r.size()).times(r.samples));
        }
        return DamoText.sz(bytes.over(s.aggrUs(i).over(1_000_000)), o.raw) + " per second";
    }

    static String snapshotIntervals(DamoSnapshot s, DamoIntervals i, AccessOptions o) {
        Num ratio = i.maxSamples();
        Num aggrUs = s.aggrUs(i);
        String intervals =
                "sample " + DamoText.timeUs(aggrUs.over(ratio), o.raw) + " aggr " + DamoText.timeUs(aggrUs, o.raw);
        if (o.ofAttributes) {
            return intervals + " (max probe hits " + DamoText.nr(ratio.truncated(), o.raw) + ")";
        }
        return intervals + " (max access hz " + DamoText.hz(ratio.over(aggrUs.over(1_000_000)), o.raw, false) + ")";
    }
}
