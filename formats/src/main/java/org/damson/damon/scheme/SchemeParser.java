package org.damson.damon.scheme;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.damson.damon.scheme.SchemeBuilder.Dialect;
import org.damson.model.InvalidInputException;

/**
 * Reads schemes in every form in use: preset names, damo's options, JSON and YAML, sysfs paths, the table of
 * {@code damo schemes -c}, the rule lines of DAMON's first posting, and damson's short form
 * {@code pageout size=4K..max access=0..0 age=5s..max}.
 */
public final class SchemeParser {
    private static final int MAX_CHARS = 1 << 20;
    private static final int MAX_SCHEMES = 64;
    /** How a damo command with scheme options begins. */
    private static final Pattern DAMO =
            Pattern.compile("\\A(?:[$#] )?(?:sudo\\s+)?(?:\\S*/)?damo(?:\\.py)?\\s+(?:\\w+\\s+){1,2}(?=--)");

    /** The first key of a scheme or of an object that holds schemes, or the start of a document. */
    private static final Pattern YAML =
            Pattern.compile("\\A(---\\s|(#.*\\R|\\s)*(- )?(kdamonds|contexts|schemes|action|access_pattern):)");

    private SchemeParser() {}

    /** Names of the presets. */
    public static List<String> presets() {
        return Presets.names();
    }

    /** Every parameter of a scheme as a sysfs path; {@code N} stands for an index. */
    public static List<String> paths() {
        return SchemeBuilder.PATHS;
    }

    /** First words of a scheme in damson's form: presets and actions. */
    public static List<String> firstWords() {
        return Stream.concat(Presets.names().stream(), Action.words().stream())
                .distinct()
                .toList();
    }

    /** One line that describes a preset. */
    public static String describePreset(String name) {
        return Presets.of(name).what();
    }

    /**
     * Reads schemes.
     *
     * @throws UnknownWordException naming the word that is not allowed
     * @throws InvalidInputException naming what else is wrong
     */
    public static List<Scheme> parse(String text) {
        return onOneLine(() -> {
            if (text.length() > MAX_CHARS) {
                throw new InvalidInputException("more than " + MAX_CHARS + " characters of schemes");
            }
            // A line may go on in the next, as in a shell.
            return some(parsed(text.replaceAll("\\\\\\R", " ").strip()));
        });
    }

    /**
     * Reads the schemes in a document written by damo.
     *
     * @throws UnknownWordException naming the word that is not allowed
     * @throws InvalidInputException naming what else is wrong
     */
    public static List<Scheme> parse(DamoNode document) {
        return onOneLine(() -> some(DamoSchemeDocument.read(document)));
    }

    private static List<Scheme> onOneLine(Supplier<List<Scheme>> schemes) {
        try {
            return schemes.get();
        } catch (UnknownWordException e) {
            throw e;
        } catch (InvalidInputException e) {
            // What is quoted from the text may have lines of its own.
            throw new InvalidInputException(String.valueOf(e.getMessage()).replaceAll("\\p{Cntrl}", " "), e);
        }
    }

    private static List<Scheme> some(List<Scheme> schemes) {
        if (schemes.isEmpty()) {
            throw new InvalidInputException("no scheme");
        }
        if (schemes.size() > MAX_SCHEMES) {
            throw new InvalidInputException("more than " + MAX_SCHEMES + " schemes");
        }
        return schemes;
    }

    private static List<Scheme> parsed(String t) {
        if (t.startsWith("[") || t.startsWith("{") || YAML.matcher(t).find()) {
            return DamoSchemeDocument.read(DamoNode.document(t));
        }
        boolean isCommand = DAMO.matcher(t).find();
        if (t.startsWith("--") || isCommand) {
            return DamoSchemeOptions.read(ShellWords.ofCommand(DAMO.matcher(t).replaceFirst("")), isCommand);
        }
        return lines(t);
    }

    private static List<Scheme> lines(String text) {
        List<Scheme> schemes = new ArrayList<>();
        SysfsLines sysfs = new SysfsLines();
        int number = 0;
        for (String raw : text.split("\\R|;")) {
            number++;
            String line = raw.strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            try {
                if (!sysfs.take(line)) {
                    schemes.addAll(line(line));
                }
            } catch (UnknownWordException e) {
                throw e;
            } catch (InvalidInputException e) {
                throw number == 1 && !text.contains("\n")
                        ? e
                        : new InvalidInputException("line " + number + ": " + e.getMessage(), e);
            }
        }
        schemes.addAll(sysfs.schemes());
        return schemes;
    }

    private static List<Scheme> line(String line) {
        List<String> words = ShellWords.of(line);
        Presets.Preset preset = Presets.of(line);
        if (preset != null) {
            List<Scheme> schemes = new ArrayList<>();
            for (String s : preset.schemes()) {
                schemes.add(shortForm(ShellWords.of(s)));
            }
            return schemes;
        }
        boolean assigned = words.stream().anyMatch(w -> w.indexOf('=') > 0);
        if (!assigned && DamoTable.hasLength(words.size())) {
            return List.of(DamoTable.read(words));
        }
        if (!assigned && words.size() == 6) {
            return List.of(ruleLine(words));
        }
        if (words.size() == 1 && !assigned) {
            List<String> known = new ArrayList<>(Presets.names());
            known.addAll(Action.words());
            if (!known.contains(words.get(0))) {
                throw new UnknownWordException("preset or action", words.get(0), known);
            }
        }
        return List.of(shortForm(words));
    }

    /** {@code ACTION [size=A..B] [access=A..B] [age=A..B] [sysfs/path=VALUE]...}. */
    private static Scheme shortForm(List<String> words) {
        SchemeBuilder b = new SchemeBuilder(Dialect.NATIVE);
        for (String w : words) {
            int equals = w.indexOf('=');
            if (equals < 0) {
                b.set("action", w);
                continue;
            }
            String key = w.substring(0, equals);
            String value = w.substring(equals + 1);
            String path =
                    switch (key) {
                        case "size", "sz" -> "access_pattern/sz";
                        case "access", "nr_accesses" -> "access_pattern/nr_accesses";
                        case "age" -> "access_pattern/age";
                        default -> null;
                    };
            if (path == null) {
                if (key.indexOf('/') < 0
                        && !List.of("action", "target_nid", "apply_interval_us", "max_nr_snapshots")
                                .contains(key)) {
                    throw new UnknownWordException(
                            "word", key, List.of("size", "access", "age", "action", "target_nid", "apply_interval_us"));
                }
                b.set(key, value);
                continue;
            }
            int dots = value.indexOf("..");
            if (dots < 0) {
                throw new InvalidInputException(
                        key + ": '" + value + "' is not a range A..B; both ends may be left out");
            }
            String min = value.substring(0, dots);
            String max = value.substring(dots + 2);
            b.set(path + "/min", min.isEmpty() ? "min" : min);
            b.set(path + "/max", max.isEmpty() ? "max" : max);
        }
        return b.build();
    }

    /** {@code min-size max-size min-score max-score duration action}; {@code na} means no bound, a score is a number of samples. */
    private static Scheme ruleLine(List<String> w) {
        SchemeBuilder b = new SchemeBuilder(Dialect.NATIVE);
        String[] paths = {"sz/min", "sz/max", "nr_accesses/min", "nr_accesses/max", "age/min"};
        for (int i = 0; i < 5; i++) {
            if (!w.get(i).equalsIgnoreCase("na")) {
                b.set("access_pattern/" + paths[i], w.get(i));
            }
        }
        b.set("action", w.get(5));
        return b.build();
    }
}
