package org.damson.model;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a value stands in a manifest: in {@link Manifest#host} or {@link Manifest#recording}, or in an object in one of the two.
 *
 * @param text with a dot between an object and a key in it; those of the host begin with {@code host.}
 */
record ManifestPath(String text) {
    private static final String HOST = "host.";

    boolean isOfHost() {
        return text.startsWith(HOST);
    }

    /** The name in the map that holds the value. */
    String key() {
        return text.substring(text.lastIndexOf('.') + 1);
    }

    Map<String, Object> section(Manifest m) {
        return isOfHost() ? m.host : m.recording;
    }

    /** The object in the section that holds the value, empty if it stands in the section itself. */
    private String parent() {
        String within = isOfHost() ? text.substring(HOST.length()) : text;
        int dot = within.indexOf('.');
        return dot < 0 ? "" : within.substring(0, dot);
    }

    /** The value in a section; null if it is not there. */
    Object get(Map<String, ?> section) {
        String parent = parent();
        if (parent.isEmpty()) {
            return section.get(key());
        }
        return section.get(parent) instanceof Map<?, ?> object ? object.get(key()) : null;
    }

    void set(Map<String, Object> section, Object value) {
        String parent = parent();
        if (parent.isEmpty()) {
            section.put(key(), value);
            return;
        }
        Map<String, Object> object = copy(section.get(parent));
        object.put(key(), value);
        section.put(parent, object);
    }

    /** Takes the value out; an object that held nothing else goes too. */
    void remove(Map<String, Object> section) {
        String parent = parent();
        if (parent.isEmpty()) {
            section.remove(key());
        } else if (section.get(parent) instanceof Map<?, ?> there) {
            Map<String, Object> object = copy(there);
            object.remove(key());
            section.remove(parent);
            if (!object.isEmpty()) {
                section.put(parent, object);
            }
        }
    }

    /** Empty of what is not an object. */
    private static Map<String, Object> copy(Object object) {
        Map<String, Object> copy = new LinkedHashMap<>();
        if (object instanceof Map<?, ?> there) {
            there.forEach((k, v) -> copy.put(String.valueOf(k), v));
        }
        return copy;
    }
}
