package org.damson.analyzer.fleet;

import java.io.Serializable;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A trace or bundle somewhere. There may be a million of them, so the labels in its path are parsed when they are needed.
 *
 * @param path of this machine's file system, or with a scheme such as {@code hdfs://}
 */
public record FleetTrace(String path) implements Serializable {
    private static final long serialVersionUID = 2L;
    private static final Pattern DIRECTORY = Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)=(.*)");

    /** The directory of what has no value. */
    private static final String HIVES_NULL = "__HIVE_DEFAULT_PARTITION__";

    /**
     * The labels in the directories above it, as in {@code host=web1/day=2026-11-30}, by Hive's rule: {@code %3A} in a
     * value is a colon.
     */
    public Map<String, String> partition() {
        TreeMap<String, String> partition = new TreeMap<>();
        String[] parts = path.split("/");
        for (int i = 0; i + 1 < parts.length; i++) {
            Matcher m = DIRECTORY.matcher(parts[i]);
            if (m.matches() && !m.group(2).equals(HIVES_NULL)) {
                partition.put(m.group(1), decoded(m.group(2)));
            }
        }
        return partition;
    }

    private static String decoded(String value) {
        try {
            return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return value; // a percent sign that is one
        }
    }

    /** Whether its directories contradict a requested label. */
    public boolean isOutside(Map<String, String> where) {
        Map<String, String> partition = where.isEmpty() ? Map.of() : partition();
        return where.entrySet().stream()
                .anyMatch(w -> partition.containsKey(w.getKey())
                        && !partition.get(w.getKey()).equals(w.getValue()));
    }
}
