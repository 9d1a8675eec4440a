package org.damson.analyzer.damo;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;

/** Data attribute probes of the set-up that damo wrote beside a recording, by the kdamond and context that had them. */
public final class DamoProbes {
    /**
     * A probe.
     *
     * @param text as damo prints it
     * @param weight of its hits
     */
    public record Probe(String text, long weight) {}

    private final boolean isKnown;
    private final Map<String, List<Probe>> byContext = new HashMap<>();

    private DamoProbes(boolean isKnown) {
        this.isKnown = isKnown;
    }

    static DamoProbes of(Manifest manifest) {
        boolean isKnown = ManifestKey.SIDE_FILES.list(manifest).stream()
                .anyMatch(name -> name.toString().endsWith(".kdamonds"));
        DamoProbes all = new DamoProbes(isKnown);
        for (Object context : ManifestKey.KDAMONDS.list(manifest)) {
            if (context instanceof Map<?, ?> facts && facts.get("probes") instanceof List<?> probes) {
                List<Probe> found = new ArrayList<>();
                probes.forEach(p -> found.add(probe(p)));
                all.byContext.put(facts.get("kdamond") + "/" + facts.get("context"), found);
            }
        }
        return all;
    }

    private static Probe probe(Object probe) {
        Map<?, ?> facts = probe instanceof Map<?, ?> map ? map : Map.of();
        String preps = text(facts, "preps");
        long weight = facts.get("weight") instanceof Number n ? n.longValue() : 0;
        return new Probe(
                (preps.isEmpty() ? "" : "prep: " + preps + ", filter: ") + text(facts, "filters") + " (weight: "
                        + weight + ")",
                weight);
    }

    private static String text(Map<?, ?> facts, String key) {
        return facts.get(key) instanceof String text ? text : "";
    }

    /** Whether there is a set-up beside the recording: without one damo tells nothing of attributes. */
    public boolean isKnown() {
        return isKnown;
    }

    /** Those of the context that a record is of; the first one where the record does not say. */
    public List<Probe> of(DamoRecord record) {
        DamoRecord r = record.numbered();
        return byContext.getOrDefault(r.kdamond + "/" + r.context, List.of());
    }
}
