package org.damson.exchange.build;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;

/** Data attribute probes of damo's set-up, as objects of {@link ManifestKey#KDAMONDS}, their words as damo prints them. */
final class ProbeFacts {
    private final List<Object> contexts = new ArrayList<>();
    private long kdamonds;

    /** Takes the next kdamond of a set-up. */
    void kdamond(JsonNode kdamond) {
        long number = 0;
        for (JsonNode context : kdamond.path("contexts")) {
            List<Object> probes = new ArrayList<>();
            context.path("probes").forEach(p -> probes.add(probe(p)));
            if (!probes.isEmpty()) {
                Map<String, Object> facts = new LinkedHashMap<>();
                facts.put("kdamond", kdamonds);
                facts.put("context", number);
                facts.put("probes", probes);
                contexts.add(facts);
            }
            number++;
        }
        kdamonds++;
    }

    void describe(Manifest manifest) {
        if (!contexts.isEmpty()) {
            ManifestKey.KDAMONDS.put(manifest, List.copyOf(contexts));
        }
    }

    private static Map<String, Object> probe(JsonNode probe) {
        List<String> preps = new ArrayList<>();
        probe.path("preps").forEach(p -> preps.add(p.path("prep_action").asText("")));
        List<String> filters = new ArrayList<>();
        probe.path("filters").forEach(f -> filters.add(filter(f)));
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("preps", String.join(", ", preps));
        facts.put("filters", String.join(", ", filters));
        facts.put("weight", probe.path("weight").asLong(0));
        return facts;
    }

    private static String filter(JsonNode f) {
        String type = f.path("filter_type").asText("");
        return (isTrue(f.path("allow")) ? "allow " : "reject ")
                + (isTrue(f.path("matching")) ? "" : "non ")
                + type
                + (type.equals("memcg") ? " " + f.path("path").asText("") : "");
    }

    private static boolean isTrue(JsonNode value) {
        return value.isBoolean() ? value.asBoolean() : value.asText("").matches("(?i)y|yes|true|1");
    }
}
