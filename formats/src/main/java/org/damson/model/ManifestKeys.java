package org.damson.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.damson.model.Manifest.Source;

/** Operations on all declared keys of a manifest. */
public final class ManifestKeys {
    private static final String SOURCE = "source";
    private static final Map<String, ManifestKey> BY_PATH = byPath();

    private ManifestKeys() {}

    private static Map<String, ManifestKey> byPath() {
        Map<String, ManifestKey> all = new LinkedHashMap<>();
        for (ManifestKey key : ManifestKey.values()) {
            all.put(key.path(), key);
        }
        return all;
    }

    /** The key of a path such as {@code damon.schemes}; null if it is not declared. */
    public static ManifestKey of(String path) {
        return BY_PATH.get(path);
    }

    /** Paths of keys that no {@link ManifestKey} declares, and {@code source} if no {@link Source} does; not those of {@link Manifest#foreign}. */
    public static Set<String> undeclared(Manifest m) {
        Set<String> found = new LinkedHashSet<>();
        collect("host.", m.host, found);
        collect("", m.recording, found);
        if (!m.source.isEmpty() && Source.of(m) == null) {
            found.add(SOURCE);
        }
        found.removeAll(m.foreign);
        return found;
    }

    private static void collect(String prefix, Map<?, ?> section, Set<String> into) {
        section.forEach((key, value) -> {
            String path = prefix + key;
            if (value instanceof Map<?, ?> object
                    && BY_PATH.keySet().stream().anyMatch(p -> p.startsWith(path + "."))) {
                collect(path + ".", object, into);
            } else if (!BY_PATH.containsKey(path)) {
                into.add(path);
            }
        });
    }

    /**
     * Merges the declared facts of several manifests into one, each by its {@link ManifestKey.Merging}.
     *
     * @param from at least one, in the order in which they are merged
     */
    public static void merge(List<Manifest> from, Manifest into) {
        for (ManifestKey key : ManifestKey.values()) {
            Object merged = merged(key, from);
            Map<String, Object> section = key.isOfHost() ? into.host : into.recording;
            key.remove(section);
            if (merged != null) {
                key.set(section, merged);
            }
        }
    }

    private static Object merged(ManifestKey key, List<Manifest> from) {
        List<Object> values = new ArrayList<>();
        from.stream().map(key::get).filter(Objects::nonNull).forEach(values::add);
        if (values.isEmpty()) {
            return null;
        }
        Object first = values.get(0);
        return switch (key.merging()) {
            case NONE -> null;
            case FIRST -> key.get(from.get(0));
            case SAME -> values.size() == from.size() && values.stream().allMatch(v -> isSame(first, v)) ? first : null;
            case ANY -> values.contains(Boolean.TRUE);
            case SUM -> values.stream().mapToLong(v -> number(v).longValue()).sum();
            case LEAST -> extreme(values, -1);
            case GREATEST -> extreme(values, 1);
            case UNION -> union(values);
        };
    }

    /** Small integers are read from JSON in a narrower type than they were written. */
    private static boolean isSame(Object a, Object b) {
        return a instanceof Number x && b instanceof Number y ? x.doubleValue() == y.doubleValue() : a.equals(b);
    }

    private static Number number(Object value) {
        return value instanceof Number n ? n : 0;
    }

    private static Object extreme(List<Object> values, int sign) {
        Object best = values.get(0);
        for (Object value : values) {
            if (sign * Double.compare(number(value).doubleValue(), number(best).doubleValue()) > 0) {
                best = value;
            }
        }
        return best;
    }

    private static Object union(List<Object> values) {
        Set<Object> all = new LinkedHashSet<>();
        for (Object value : values) {
            if (!(value instanceof List<?> list)) {
                return values.get(0);
            }
            all.addAll(list);
        }
        return List.copyOf(all);
    }
}
