package org.damson.damon.scheme;

import java.util.ArrayList;
import java.util.List;
import org.damson.damon.scheme.SchemeBuilder.Dialect;
import org.damson.model.InvalidInputException;

/** Schemes in damo's JSON and YAML: a list of schemes, one scheme, or whole kdamonds with schemes somewhere inside. */
final class DamoSchemeDocument {
    private static final List<String> HOLDERS = List.of("kdamonds", "contexts", "schemes");
    /** What damo writes beside them that sets nothing up. */
    private static final List<String> STATES = List.of("state", "pid", "name");

    private DamoSchemeDocument() {}

    /** @throws InvalidInputException naming what is wrong */
    static List<Scheme> read(DamoNode document) {
        List<Scheme> schemes = new ArrayList<>();
        collect(document, schemes, new ArrayList<>());
        return schemes;
    }

    /** @param around what stands beside the schemes and is not theirs; told with the first that follows */
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
        if (node.isObject()) {
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
}
