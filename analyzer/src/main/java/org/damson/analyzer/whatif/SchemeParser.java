package org.damson.analyzer.whatif;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.damson.analyzer.damo.DamoNode;
import org.damson.analyzer.whatif.SchemeBuilder.Dialect;

/**
 * Reads schemes in every form people have them in: preset names, damo's options, JSON and YAML, sysfs paths, the table of
 * {@code damo schemes -c}, the rule lines of DAMON's first posting, and damson's short form
 * {@code pageout size=4K..max access=0..0 age=5s..max}.
 */
public final class SchemeParser {
    private static final int MAX_CHARS = 1 << 20;
    private static final int MAX_SCHEMES = 64;
    private static final Pattern INDEXED = Pattern.compile("(?:.*/)?schemes/(\\d{1,4})/(.+)");
    /** The first key of a scheme, or of what holds schemes, or a document's start. */
    private static final Pattern YAML =
            Pattern.compile("\\A(---\\s|(#.*\\R|\\s)*(- )?(kdamonds|contexts|schemes|action|access_pattern):)");

    private static final List<String> DAMO_OPTIONS = List.of(
            "--damos_action",
            "--damos_sz_region",
            "--damos_access_rate",
            "--damos_age",
            "--damos_apply_interval",
            "--damos_quotas",
            "--damos_quota_interval",
            "--damos_quota_time",
            "--damos_quota_space",
            "--damos_quota_weights",
            "--damos_quota_goal",
            "--damos_quota_goal_tuner",
            "--damos_nr_quota_goals",
            "--damos_wmarks",
            "--damos_filter",
            "--damos_nr_filters",
            "--damos_max_nr_snapshots");

    private SchemeParser() {}

    /** Names of the presets. */
    public static List<String> presets() {
        return Presets.names();
    }

    /** What a preset is, one line. */
    public static String describePreset(String name) {
        return Presets.of(name).what();
    }

    /**
     * Reads schemes.
     *
     * @throws UnknownWordException naming a word that is none of those allowed
     * @throws IllegalArgumentException naming what else is wrong
     */
    public static List<Scheme> parse(String text) {
        try {
            return parsed(text);
        } catch (UnknownWordException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            // What is quoted from the text may have lines of its own.
            throw new IllegalArgumentException(String.valueOf(e.getMessage()).replaceAll("\\p{Cntrl}", " "), e);
        }
    }

    private static List<Scheme> parsed(String text) {
        if (text.length() > MAX_CHARS) {
            throw new IllegalArgumentException("more than " + MAX_CHARS + " characters of schemes");
        }
        String t = text.strip();
        if (t.isEmpty()) {
            throw new IllegalArgumentException("no scheme");
        }
        List<Scheme> schemes;
        if (t.startsWith("[") || t.startsWith("{") || YAML.matcher(t).find()) {
            schemes = new ArrayList<>();
            collect(DamoNode.document(t), schemes);
        } else if (t.startsWith("--")) {
            schemes = damoOptions(words(t));
        } else {
            schemes = lines(t);
        }
        if (schemes.isEmpty()) {
            throw new IllegalArgumentException("no scheme");
        }
        if (schemes.size() > MAX_SCHEMES) {
            throw new IllegalArgumentException("more than " + MAX_SCHEMES + " schemes");
        }
        return schemes;
    }

    /** Words, with quotes as in a shell. */
    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        char quote = 0;
        boolean inWord = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                } else {
                    word.append(c);
                }
            } else if (c == '"' || c == '\'') {
                quote = c;
                inWord = true;
            } else if (Character.isWhitespace(c)) {
                if (inWord) {
                    words.add(word.toString());
                    word.setLength(0);
                    inWord = false;
                }
            } else {
                word.append(c);
                inWord = true;
            }
        }
        if (quote != 0) {
            throw new IllegalArgumentException("a quote is not closed");
        }
        if (inWord) {
            words.add(word.toString());
        }
        return words;
    }

    private static List<Scheme> lines(String text) {
        List<Scheme> schemes = new ArrayList<>();
        Map<Integer, SchemeBuilder> sysfs = new TreeMap<>();
        int number = 0;
        for (String raw : text.split("\\R|;")) {
            number++;
            String line = raw.strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            try {
                if (!sysfsLine(line, sysfs)) {
                    schemes.addAll(line(line));
                }
            } catch (UnknownWordException e) {
                throw e;
            } catch (IllegalArgumentException e) {
                throw number == 1 && !text.contains("\n")
                        ? e
                        : new IllegalArgumentException("line " + number + ": " + e.getMessage(), e);
            }
        }
        for (SchemeBuilder b : sysfs.values()) {
            schemes.add(b.build());
        }
        return schemes;
    }

    /** {@code .../schemes/0/access_pattern/sz/min 4096} or with {@code =}; each line is one file. */
    private static boolean sysfsLine(String line, Map<Integer, SchemeBuilder> sysfs) {
        String[] parts = line.split("[\\s=]+", 2);
        Matcher m = INDEXED.matcher(parts[0]);
        if (parts.length != 2 || !m.matches()) {
            return false;
        }
        SchemeBuilder b = sysfs.computeIfAbsent(Integer.parseInt(m.group(1)), k -> new SchemeBuilder(Dialect.SYSFS));
        b.set(m.group(2), parts[1]);
        return true;
    }

    private static List<Scheme> line(String line) {
        List<String> words = words(line);
        Presets.Preset preset = Presets.of(line);
        if (preset != null) {
            List<Scheme> schemes = new ArrayList<>();
            for (String s : preset.schemes()) {
                schemes.add(shortForm(words(s)));
            }
            return schemes;
        }
        boolean assigned = words.stream().anyMatch(w -> w.indexOf('=') > 0);
        if (!assigned && words.size() == 7) {
            return List.of(tableLine(words));
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
                throw new IllegalArgumentException(
                        key + ": '" + value + "' is not a range A..B; both ends may be left out");
            }
            String min = value.substring(0, dots);
            String max = value.substring(dots + 2);
            b.set(path + "/min", min.isEmpty() ? "min" : min);
            b.set(path + "/max", max.isEmpty() ? "max" : max);
        }
        return b.build();
    }

    /** {@code min-size max-size min-acc max-acc min-age max-age action}: counts are samples unless with a percent sign. */
    private static Scheme tableLine(List<String> w) {
        SchemeBuilder b = new SchemeBuilder(Dialect.NATIVE);
        String[] paths = {"sz/min", "sz/max", "nr_accesses/min", "nr_accesses/max", "age/min", "age/max"};
        for (int i = 0; i < 6; i++) {
            b.set("access_pattern/" + paths[i], w.get(i));
        }
        b.set("action", w.get(6));
        return b.build();
    }

    /** {@code min-size max-size min-score max-score duration action}; {@code na} is no bound, a score is samples. */
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

    private static List<Scheme> damoOptions(List<String> words) {
        Map<String, List<List<String>>> given = new LinkedHashMap<>();
        List<String> values = null;
        for (String w : words) {
            if (w.startsWith("--")) {
                if (!DAMO_OPTIONS.contains(w)) {
                    throw new UnknownWordException("damo option", w, DAMO_OPTIONS);
                }
                values = new ArrayList<>();
                given.computeIfAbsent(w, k -> new ArrayList<>()).add(values);
            } else if (values == null) {
                throw new IllegalArgumentException("'" + w + "' belongs to no option");
            } else {
                values.add(w);
            }
        }
        List<List<String>> actions = given.getOrDefault("--damos_action", List.of());
        if (actions.isEmpty()) {
            throw new IllegalArgumentException("--damos_action is missing");
        }
        List<Scheme> schemes = new ArrayList<>();
        int[] goal = new int[1];
        int[] filter = new int[1];
        for (int i = 0; i < actions.size(); i++) {
            SchemeBuilder b = new SchemeBuilder(Dialect.DAMO);
            List<String> action = need("--damos_action", actions.get(i), 1, 2);
            b.set("action", action.get(0));
            if (action.size() == 2) {
                b.set("target_nid", action.get(1));
            }
            pair(b, given, "--damos_sz_region", i, "access_pattern/sz");
            pair(b, given, "--damos_access_rate", i, "access_pattern/nr_accesses");
            pair(b, given, "--damos_age", i, "access_pattern/age");
            one(b, given, "--damos_apply_interval", i, "apply_interval_us");
            one(b, given, "--damos_quota_interval", i, "quotas/reset_interval_ms");
            one(b, given, "--damos_quota_time", i, "quotas/ms");
            one(b, given, "--damos_quota_space", i, "quotas/bytes");
            one(b, given, "--damos_quota_goal_tuner", i, "quotas/goal_tuner");
            one(b, given, "--damos_max_nr_snapshots", i, "max_nr_snapshots");
            quotas(b, given, i);
            List<String> marks = at(given, "--damos_wmarks", i);
            if (marks != null) {
                need("--damos_wmarks", marks, 5, 5);
                String[] names = {"metric", "interval_us", "high", "mid", "low"};
                for (int k = 0; k < 5; k++) {
                    b.set("watermarks/" + names[k], marks.get(k));
                }
            }
            goals(b, given, i, actions.size(), goal);
            filters(b, given, i, actions.size(), filter);
            schemes.add(b.build());
        }
        for (Map.Entry<String, List<List<String>>> e : given.entrySet()) {
            boolean perScheme = !e.getKey().contains("goal") && !e.getKey().contains("filter");
            if (perScheme && e.getValue().size() > actions.size()) {
                throw new IllegalArgumentException("more " + e.getKey() + " than --damos_action");
            }
        }
        return schemes;
    }

    private static void quotas(SchemeBuilder b, Map<String, List<List<String>>> given, int i) {
        List<String> q = at(given, "--damos_quotas", i);
        if (q != null) {
            need("--damos_quotas", q, 1, 6);
            String[] names = {
                "ms",
                "bytes",
                "reset_interval_ms",
                "weights/sz_permil",
                "weights/nr_accesses_permil",
                "weights/age_permil"
            };
            for (int k = 0; k < q.size(); k++) {
                b.set("quotas/" + names[k], q.get(k));
            }
        }
        List<String> w = at(given, "--damos_quota_weights", i);
        boolean apart = at(given, "--damos_quota_interval", i) != null;
        if (w != null) {
            need("--damos_quota_weights", w, 3, 3);
        }
        if (w != null || apart) {
            // Without weights damo gives each the same.
            b.set("quotas/weights/sz_permil", w == null ? "1" : w.get(0));
            b.set("quotas/weights/nr_accesses_permil", w == null ? "1" : w.get(1));
            b.set("quotas/weights/age_permil", w == null ? "1" : w.get(2));
        }
    }

    private static int count(
            Map<String, List<List<String>>> given, String counts, String items, int i, int schemes, int used) {
        int all = given.getOrDefault(items, List.of()).size();
        if (all == 0) {
            return 0;
        }
        List<List<String>> nrs = given.getOrDefault(counts, List.of());
        List<String> flat = new ArrayList<>();
        nrs.forEach(flat::addAll);
        if (flat.isEmpty()) {
            if (schemes > 1) {
                throw new IllegalArgumentException(items + " with several schemes needs " + counts);
            }
            return all;
        }
        try {
            int n = i < flat.size() ? Integer.parseInt(flat.get(i)) : 0;
            if (n >= 0 && n <= all - used) {
                return n;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new IllegalArgumentException(counts + " does not fit the number of " + items);
    }

    private static void goals(SchemeBuilder b, Map<String, List<List<String>>> given, int i, int schemes, int[] used) {
        int n = count(given, "--damos_nr_quota_goals", "--damos_quota_goal", i, schemes, used[0]);
        for (int k = 0; k < n; k++) {
            List<String> g =
                    need("--damos_quota_goal", given.get("--damos_quota_goal").get(used[0]++), 2, 4);
            b.set("quotas/goals/" + k + "/target_metric", g.get(0));
            b.set("quotas/goals/" + k + "/target_value", g.get(1));
            if (g.get(0).equals("user_input") && g.size() == 3) {
                b.set("quotas/goals/" + k + "/current_value", g.get(2));
            }
        }
    }

    /** {@code allow|reject [none] TYPE [ARGUMENTS]}, or the older {@code TYPE matching|nomatching [ARGUMENTS] [allow]}. */
    private static void filters(
            SchemeBuilder b, Map<String, List<List<String>>> given, int i, int schemes, int[] used) {
        int n = count(given, "--damos_nr_filters", "--damos_filter", i, schemes, used[0]);
        int index = 0;
        for (int k = 0; k < n; k++) {
            List<String> w = new ArrayList<>(given.get("--damos_filter").get(used[0]++));
            need("--damos_filter", w, 1, 64);
            boolean newForm = List.of("allow", "reject").contains(w.get(0));
            while (!w.isEmpty()) {
                String path = "filters/" + index++ + "/";
                String allow = "reject";
                String matching = "matching";
                String type;
                if (newForm) {
                    allow = w.remove(0);
                    if (!List.of("allow", "reject").contains(allow)) {
                        throw new UnknownWordException("filter decision", allow, List.of("allow", "reject"));
                    }
                    if (!w.isEmpty() && w.get(0).equals("none")) {
                        matching = w.remove(0);
                    }
                    type = take(w, "a filter type");
                } else {
                    type = w.remove(0);
                    matching = take(w, "matching or nomatching");
                    if (!w.isEmpty() && List.of("allow", "pass").contains(w.get(w.size() - 1))) {
                        w.remove(w.size() - 1);
                        allow = "allow";
                    } else if (!w.isEmpty() && w.get(w.size() - 1).equals("reject")) {
                        w.remove(w.size() - 1);
                    }
                }
                b.set(path + "type", type);
                b.set(path + "matching", matching.equals("matching") ? "Y" : "N");
                b.set(path + "allow", allow.equals("allow") ? "Y" : "N");
                switch (type) {
                    case "addr" -> {
                        b.set(path + "addr_start", take(w, "a start address"));
                        b.set(path + "addr_end", take(w, "an end address"));
                    }
                    case "target" -> b.set(path + "damon_target_idx", take(w, "a target index"));
                    case "memcg" -> b.set(path + "memcg_path", take(w, "a path"));
                    case "hugepage_size" -> {
                        b.set(path + "min", take(w, "a least size"));
                        b.set(path + "max", take(w, "a greatest size"));
                    }
                    default -> {}
                }
                if (!newForm && !w.isEmpty()) {
                    throw new IllegalArgumentException("--damos_filter: '" + w.get(0) + "' is too much");
                }
            }
        }
    }

    private static String take(List<String> words, String what) {
        if (words.isEmpty()) {
            throw new IllegalArgumentException("--damos_filter: " + what + " is missing");
        }
        return words.remove(0);
    }

    private static List<String> at(Map<String, List<List<String>>> given, String option, int i) {
        List<List<String>> all = given.getOrDefault(option, List.of());
        return i < all.size() ? all.get(i) : null;
    }

    private static List<String> need(String option, List<String> values, int min, int max) {
        if (values.size() < min || values.size() > max) {
            throw new IllegalArgumentException(
                    option + " takes " + (min == max ? min : min + " to " + max) + " values, given " + values.size());
        }
        return values;
    }

    private static void pair(
            SchemeBuilder b, Map<String, List<List<String>>> given, String option, int i, String path) {
        List<String> v = at(given, option, i);
        if (v != null) {
            need(option, v, 2, 2);
            b.set(path + "/min", v.get(0));
            b.set(path + "/max", v.get(1));
        }
    }

    private static void one(SchemeBuilder b, Map<String, List<List<String>>> given, String option, int i, String path) {
        List<String> v = at(given, option, i);
        if (v != null) {
            b.set(path, need(option, v, 1, 1).get(0));
        }
    }

    /** damo's JSON or YAML: a list of schemes, one scheme, or whole kdamonds with schemes somewhere inside. */
    private static void collect(DamoNode node, List<Scheme> schemes) {
        if (node.isList()) {
            for (DamoNode element : node) {
                collect(element, schemes);
            }
        } else if (!node.isObject()) {
            throw new IllegalArgumentException("schemes of JSON or YAML are objects, not " + node);
        } else if (node.names().contains("action") || node.names().contains("access_pattern")) {
            SchemeBuilder b = new SchemeBuilder(Dialect.DAMO);
            if (!node.names().contains("action")) {
                b.set("action", "stat");
            }
            put(b, "", node);
            schemes.add(b.build());
        } else {
            boolean found = false;
            for (String key : List.of("kdamonds", "contexts", "schemes")) {
                if (node.names().contains(key)) {
                    collect(node.get(key), schemes);
                    found = true;
                }
            }
            if (!found) {
                throw new IllegalArgumentException("an object is no scheme: it has neither action nor access_pattern");
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
