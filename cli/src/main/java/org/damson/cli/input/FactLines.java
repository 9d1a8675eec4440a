package org.damson.cli.input;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.damson.model.ManifestKey;
import org.damson.model.ManifestKeys;
import org.damson.model.ReferencedSampling;
import org.damson.model.Units;
import org.damson.model.text.Printable;

/** Facts of a manifest for people: each by its name, with its unit as {@link ManifestKey} declares it. */
public final class FactLines {
    /** What verify compares and recover reads; of no use to people. */
    public static final Set<ManifestKey> FOR_PROGRAMS = Set.of(ManifestKey.SUMMED_ROWS, ManifestKey.JOURNALS);

    private FactLines() {}

    /**
     * Name and value of each fact, in the manifest's order.
     *
     * @param prefix of the paths of the section's keys
     */
    public static Map<String, String> of(Map<?, ?> section, String prefix, Set<ManifestKey> without) {
        Map<String, String> lines = new LinkedHashMap<>();
        section.forEach((name, value) -> {
            String path = prefix + name;
            ManifestKey key = ManifestKeys.of(path);
            if (value instanceof Map<?, ?> object) {
                of(object, path + ".", without).forEach((n, v) -> lines.put(words(String.valueOf(name)) + " " + n, v));
            } else if (key == null) {
                lines.put(words(String.valueOf(name)), text(value));
            } else if (!without.contains(key)) {
                lines.put(name(key), value(key, value));
            }
        });
        return lines;
    }

    /** What a key is called: without the unit, which its value has. */
    static String name(ManifestKey key) {
        String unit =
                switch (key.kind()) {
                    case NS, TIMES -> "_ns";
                    case US -> "_us";
                    case MS -> "_ms";
                    case BYTES -> "_bytes";
                    default -> "";
                };
        return words(key.key().endsWith(unit) ? key.key().substring(0, key.key().length() - unit.length()) : key.key());
    }

    public static String words(String key) {
        return key.replace('_', ' ');
    }

    /** A value with its unit. */
    static String value(ManifestKey key, Object value) {
        if (!key.accepts(value)) {
            return text(value);
        }
        return switch (key.kind()) {
            case NS -> number(value) < 1000 ? text(value) + " ns" : Units.duration((long) number(value));
            case US -> Units.duration((long) number(value) * 1000);
            case MS -> Units.duration((long) number(value) * 1_000_000);
            case BYTES -> Units.bytes((long) number(value));
            case TEXTS ->
                key == ManifestKey.COMMAND
                        ? text(value)
                        : ((List<?>) value).stream().map(FactLines::text).collect(Collectors.joining("; "));
            case SHARE -> ReferencedSampling.percent(number(value));
            default -> text(value);
        };
    }

    private static double number(Object value) {
        return ((Number) value).doubleValue();
    }

    /** Any value, on one line. */
    public static String text(Object value) {
        if (value instanceof Map<?, ?> map) {
            List<String> parts = new ArrayList<>();
            map.forEach((k, v) -> parts.add(k + " " + text(v)));
            return String.join(", ", parts);
        }
        if (value instanceof List<?> list) {
            return String.join(" ", list.stream().map(FactLines::text).toList());
        }
        return Printable.line(String.valueOf(value));
    }
}
