package org.damson.damon.scheme;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.damson.damon.scheme.SchemeBuilder.Dialect;
import org.damson.model.InvalidInputException;

/**
 * Files of DAMON's sysfs directories and their content, one a line: {@code path value}, {@code path=value} or, as
 * {@code grep -r} prints them, {@code path:value}; or each after its name, {@code ==> path <==}, as {@code head} and {@code tail}
 * print several. Files of a kdamond or context that are no scheme's are told as
 * unused by the first scheme.
 */
final class SysfsLines {
    private static final Pattern SCHEME = Pattern.compile("((?:.*/)?)schemes/(\\d{1,4})/(.+)");
    private static final Pattern OTHER = Pattern.compile(
            "(?:.*/)?(?:kdamonds|contexts)/(?:\\d{1,4}/.*|nr_\\w+)|(?:.*/)?schemes/nr_schemes|nr_schemes");

    /** A file below a context, or of the kdamond itself. */
    private static final Pattern BESIDE =
            Pattern.compile("(?:.*/)?(?:contexts/\\d{1,4}/|kdamonds/\\d{1,4}/(?!contexts/))([^/]+)(?:/.*)?");

    /** Files that report state and set nothing up. */
    private static final Set<String> STATES = Set.of("state", "pid", "avail_operations", "schemes");

    private static final Pattern NAME = Pattern.compile("==> (\\S+) <==");

    /** Schemes by directory in order of appearance, then by index. */
    private final Map<String, Map<Integer, SchemeBuilder>> directories = new LinkedHashMap<>();

    private final Map<String, Integer> counts = new LinkedHashMap<>();

    /** Settings beside the schemes, by the first path element below their context or kdamond. */
    private final Set<String> beside = new LinkedHashSet<>();

    /** The file whose content is expected next; null if none. */
    private String named;

    /** Takes a line; false if it is not from DAMON's sysfs directories. */
    boolean take(String line) {
        Matcher name = NAME.matcher(line);
        if (name.matches()) {
            named = name.group(1);
            return true;
        }
        if (named != null) {
            String path = named;
            named = null;
            return take(path + " " + line);
        }
        String[] parts = line.split("[\\s=:]+", 2);
        Matcher m = SCHEME.matcher(parts[0]);
        if (!m.matches()) {
            if (!OTHER.matcher(parts[0]).matches()) {
                return false;
            }
            Matcher below = BESIDE.matcher(parts[0]);
            if (below.matches() && !STATES.contains(below.group(1))) {
                beside.add(below.group(1));
            }
            if (parts[0].endsWith("nr_schemes") && parts.length == 2) {
                String directory = parts[0].replaceFirst("(schemes/)?nr_schemes$", "");
                counts.put(directory, (int) Math.min(Integer.MAX_VALUE, SchemeValues.integer(parts[1].strip())));
            }
            return true;
        }
        SchemeBuilder b = directories
                .computeIfAbsent(m.group(1), k -> new TreeMap<>())
                .computeIfAbsent(Integer.parseInt(m.group(2)), k -> new SchemeBuilder(Dialect.SYSFS));
        if (parts.length == 2) {
            b.set(m.group(3), parts[1]);
        }
        return true;
    }

    /**
     * The schemes so far.
     *
     * @throws InvalidInputException if some of a directory's are missing
     */
    List<Scheme> schemes() {
        List<Scheme> schemes = new ArrayList<>();
        for (Map<Integer, SchemeBuilder> directory : directories.values()) {
            boolean isFurther = !schemes.isEmpty();
            for (SchemeBuilder b : directory.values()) {
                if (isFurther) {
                    b.unused(SchemeBuilder.OWN_CONTEXT);
                    isFurther = false;
                }
                beside.forEach(b::unused);
                beside.clear();
                schemes.add(b.build());
            }
        }
        counts.forEach((directory, n) -> {
            int there = directories.getOrDefault(directory, Map.of()).size();
            if (there != n) {
                throw new InvalidInputException(
                        directory + "schemes/nr_schemes says " + n + " schemes, and files of " + there + " are there");
            }
        });
        return schemes;
    }
}
