package org.damson.analyzer.fleet;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.damson.model.text.NativeText;

/**
 * A trace or bundle somewhere. There may be a million of them, so the labels in its path are parsed when they are needed.
 *
 * @param path of this machine's file system, as {@link NativeText} has it, or with a scheme such as {@code hdfs://}
 */
public record FleetTrace(String path) implements Serializable {
    private static final long serialVersionUID = 2L;
    private static final Pattern DIRECTORY = Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)=(.*)", Pattern.DOTALL);
    private static final Pattern ESCAPED = Pattern.compile("%[0-9A-Fa-f]{2}");

    /** The directory of what has no value; one without a name after the sign has none either. */
    private static final String HIVES_NULL = "__HIVE_DEFAULT_PARTITION__";

    /**
     * The labels in the directories above it, as in {@code host=web1/day=2026-11-30}, by Hive's rule: {@code %3A} in a
     * value is a colon. Those above a relative path count too, so that the answer does not depend on where it is asked.
     */
    public Map<String, String> partition() {
        TreeMap<String, String> partition = new TreeMap<>();
        String[] parts = whole().split("/");
        for (int i = 0; i + 1 < parts.length; i++) {
            Matcher m = DIRECTORY.matcher(parts[i]);
            if (m.matches() && !m.group(2).isEmpty() && !m.group(2).equals(HIVES_NULL)) {
                partition.put(m.group(1), NativeText.readable(decoded(m.group(2))));
            }
        }
        return partition;
    }

    /** Whether a path is one of another file system than this machine's. */
    public static boolean isRemote(String path) {
        return path.matches("[a-z][a-z0-9+.-]*://.*");
    }

    /** The path of one of this machine. */
    public Path local() {
        return NativeText.path(path);
    }

    /** Where it is, which is the same however a path leads there. */
    public String place() {
        if (isRemote(path)) {
            return path;
        }
        try {
            return NativeText.of(local().toRealPath());
        } catch (IOException e) {
            return whole(); // not there, or not to be looked at: who opens it says so
        }
    }

    private String whole() {
        return isRemote(path) ? path : NativeText.of(local().toAbsolutePath().normalize());
    }

    /** With the bytes that {@code %3A} and the like stand for; a percent sign before anything else is one. */
    private static String decoded(String value) {
        Matcher escaped = ESCAPED.matcher(value);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(value.length());
        int from = 0;
        while (escaped.find()) {
            bytes.writeBytes(NativeText.encode(value.substring(from, escaped.start())));
            bytes.write(Integer.parseInt(value, escaped.start() + 1, escaped.end(), 16));
            from = escaped.end();
        }
        bytes.writeBytes(NativeText.encode(value.substring(from)));
        return NativeText.decode(bytes.toByteArray());
    }

    /** Whether its directories contradict a requested label. */
    public boolean isOutside(Map<String, String> where) {
        Map<String, String> partition = where.isEmpty() ? Map.of() : partition();
        return where.entrySet().stream()
                .anyMatch(w -> partition.containsKey(w.getKey())
                        && !partition.get(w.getKey()).equals(w.getValue()));
    }
}
