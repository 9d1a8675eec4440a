package org.damson.analyzer.damo.access;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.damo.DamoProbes;
import org.damson.analyzer.damo.DamoRegion;
import org.damson.analyzer.damo.DamoSnapshot;
import org.damson.analyzer.damo.DamoText;

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

    /** Weights of the probes that a snapshot tells of; of damo the probes of the set-up. */
    static String probes(DamoSnapshot s, AccessOptions o) {
        if (o.compat) {
            List<String> texts = o.setUp().stream().map(DamoProbes.Probe::text).toList();
            return texts.isEmpty()
                    ? "No probe"
                    : texts.size() == 1 ? "probe " + texts.get(0) : "probes\n- " + String.join("\n- ", texts);
        }
        int probes = s.regions.stream().mapToInt(r -> r.probeHits.size()).max().orElse(0);
        List<String> weights = new ArrayList<>();
        for (int i = 0; i < probes; i++) {
            weights.add(DamoText.nr(o.weightOf(i), o.raw));
        }
        return probes == 0 ? "No probe" : "probe weights: " + String.join(" ", weights);
    }
}
