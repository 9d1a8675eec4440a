package org.damson.analyzer.damo.access;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.damo.DamoRegion;
import org.damson.analyzer.damo.DamoSnapshot;
import org.damson.analyzer.damo.DamoText;
import org.damson.analyzer.damo.Num;

/** What reports print of data attribute probes. */
final class ProbeText {
    /** Least characters of bytes that passed filters: columns have a heading. */
    static final int FILTERS_PASSED_CHARS = 11;

    private ProbeText() {}

    /** Hits of each probe; what was adjusted is cut to whole numbers. */
    static String hits(DamoRegion r) {
        return String.join(
                " ", r.hits().stream().map(h -> h.truncated().toString()).toList());
    }

    /** Weights of the probes that a snapshot tells of. */
    static String probes(DamoSnapshot s, AccessOptions o) {
        int probes = s.regions.stream().mapToInt(r -> r.probeHits.size()).max().orElse(0);
        List<String> weights = new ArrayList<>();
        for (int i = 0; i < probes; i++) {
            weights.add(DamoText.nr(i < o.probeWeights.size() ? o.probeWeights.get(i) : Num.of(1), o.raw));
        }
        return probes == 0 ? "No probe" : "probe weights: " + String.join(" ", weights);
    }
}
