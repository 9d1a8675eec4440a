package org.damson.damon.scheme;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.damson.damon.scheme.SchemeBuilder.Dialect;
import org.damson.model.InvalidInputException;

/** Schemes in damo's JSON and YAML: a list of schemes, one scheme, or whole kdamonds with schemes somewhere inside. */
final class DamoSchemeDocument {
    private static final List<String> HOLDERS = List.of("kdamonds", "contexts", "schemes");
    /** Keys that damo writes beside schemes and that set nothing up. */
    private static final List<String> STATES = List.of("state", "pid", "name");

    /** Suffix of a number in each of damo's units. */
    private static final Map<String, String> UNITS = Map.of(
            "percent", "%",
            "samples", " samples",
            "sample_intervals", " samples",
            "usec", " us",
            "aggr_intervals", " aggr_intervals");

    private DamoSchemeDocument() {}

    /** @throws InvalidInputException naming what is wrong */
    static List<Scheme> read(DamoNode document) {
        List<Scheme> schemes = new ArrayList<>();
        collect(document, schemes, new ArrayList<>());
        return schemes;
    }

    /** @param around settings beside the schemes; the first scheme that follows reports them as unused */
    private static void collect(DamoNode node, List<Scheme> schemes, List<String> around) {
        if (node.isList()) {
            for (DamoNode element : node) {
                collect(element, schemes, around);
            }
        } else if (!node.isObject()) {
            throw new InvalidInputException("schemes of JSON or YAML are objects, not " + node);
        } else if (node.names().contains("action") || node.names().contains("access_pattern")) {
            SchemeBuilder b = new SchemeBuilder(Dialect.DAMO);
            if (!node.names().contains("action")) {
                b.set("action", "stat");
            }
            put(b, "", node);
            around.forEach(b::unused);
            around.clear();
            schemes.add(b.build());
        } else {
            boolean found = false;
            for (String key : node.names()) {
                if (!HOLDERS.contains(key) && !STATES.contains(key)) {
                    around.add(key);
                }
            }
            if (node.names().contains("schemes") && !schemes.isEmpty()) {
                around.add(SchemeBuilder.OWN_CONTEXT);
            }
            for (String key : HOLDERS) {
                if (node.names().contains(key)) {
                    collect(node.get(key), schemes, around);
                    found = true;
                }
            }
            if (!found) {
                throw new InvalidInputException("an object is not a scheme: it has neither action nor access_pattern");
            }
        }
    }

    private static void put(SchemeBuilder b, String path, DamoNode node) {
        if (path.equals("access_pattern")) {
            pattern(b, node);
        } else if (node.isObject()) {
            for (String name : node.names()) {
                put(b, path.isEmpty() ? name : path + "/" + name, node.get(name));
            }
        } else if (node.isList()) {
            for (int i = 0; i < node.size(); i++) {
                put(b, path + "/" + i, node.get(i));
            }
        } else if (node.isThere()) {
            b.set(path, node.text());
        }
    }

    /** Earlier versions of damo write the unit as a key of its own, and {@code min_age} for the end of {@code age}. */
    private static void pattern(SchemeBuilder b, DamoNode pattern) {
        if (!pattern.isObject()) {
            throw new InvalidInputException("access_pattern is no object");
        }
        for (String name : pattern.names()) {
            DamoNode node = pattern.get(name);
            if (name.startsWith("min_") || name.startsWith("max_")) {
                end(b, pattern, name.substring(4), name.substring(0, 3), node);
            } else if (node.isObject()) {
                node.names().forEach(end -> end(b, pattern, name, end, node.get(end)));
            } else if (!UNITS.containsKey(node.text())) {
                put(b, "access_pattern/" + name, node);
            }
        }
    }

    private static void end(SchemeBuilder b, DamoNode pattern, String name, String end, DamoNode node) {
        String unit = UNITS.getOrDefault(pattern.get(name + "_unit").text(), "");
        boolean isBare = node.text().matches("[\\d.,]+");
        if (node.isThere()) {
            b.set("access_pattern/" + name + "/" + end, isBare ? node.text() + unit : node.text());
        }
    }
}
