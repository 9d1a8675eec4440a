package org.damson.analyzer.openloop;

import java.io.IOException;
import org.damson.model.Manifest.Source;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.summary.SummarizedSnapshots;

/** Whether ages and access counts of a trace have one unit each. */
public final class ChangingIntervals {
    /** What a trace whose intervals change is told with. */
    public static final String DOUBT =
            "its intervals change: ages and access counts are treated as those of one sampling and aggregation interval";

    private ChangingIntervals() {}

    /**
     * Whether the sampling or the aggregation interval changes within a recording. Those of referenced bits vary with how late samples
     * come, in every recording, and do not count.
     */
    public static boolean are(TraceSource trace, TraceQuery query) throws IOException {
        if (Source.REFERENCED.is(trace.manifest())) {
            return false;
        }
        long sampleUs = -1;
        long aggrUs = -1;
        try (SummarizedSnapshots snapshots = SummarizedSnapshots.open(trace, query)) {
            while (snapshots.next()) {
                Snapshot s = snapshots.head();
                if (s.scheme != Snapshot.NO_SCHEME) {
                    continue;
                }
                if (sampleUs >= 0 && (s.sampleUs != sampleUs || s.aggrUs != aggrUs)) {
                    return true;
                }
                sampleUs = s.sampleUs;
                aggrUs = s.aggrUs;
            }
        }
        return false;
    }
}
