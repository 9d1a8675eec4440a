package org.damson.damon.scheme;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.damon.scheme.SchemeBuilder.Dialect;
import org.damson.model.InvalidInputException;

/** Schemes in damo's command-line options. An option of a scheme is given once for each scheme, in order. */
final class DamoSchemeOptions {
    static final List<String> OPTIONS = List.of(
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
            "--damos_quota_fail_charge_ratio",
            "--damos_quota_goal",
            "--damos_quota_goal_tuner",
            "--damos_nr_quota_goals",
            "--damos_wmarks",
            "--damos_filter",
            "--damos_nr_filters",
            "--damos_max_nr_snapshots");

    /** Options of damo's commands that belong to no scheme: those of monitoring. */
    private static final Set<String> BESIDE = Set.of(
            "--ops",
            "--target_pid",
            "--regions",
            "--numa_node",
            "--monitoring_intervals",
            "--monitoring_intervals_goal",
            "--monitoring_intervals_autotune",
            "--monitoring_nr_regions_range",
            "--sample_primitives",
            "--probe_filter",
            "--nr_probe_filters",
            "--nr_probes",
            "--damon_addr_unit",
            "--refresh_stat",
            "--pause_ctx",
            "--obsolete_targets",
            "--include_child_tasks",
            "--nr_targets",
            "--nr_ctxs",
            "--nr_schemes");

    /** Options with a fixed number of values; a word that follows them is the monitored target. */
    private static final Map<String, Integer> FIXED = Map.of(
            "--damos_sz_region", 2,
            "--damos_access_rate", 2,
            "--damos_age", 2,
            "--damos_apply_interval", 1,
            "--damos_quota_interval", 1,
            "--damos_quota_time", 1,
            "--damos_quota_space", 1,
            "--damos_quota_weights", 3,
            "--damos_wmarks", 5,
            "--damos_max_nr_snapshots", 1);

    private static final int MAX_DESTINATIONS = 1024;

    private DamoSchemeOptions() {}

    /**
     * Reads options; those that are about the monitoring are told as unused by the first scheme.
     *
     * @param isCommand whether they are those of a whole command of damo's, which may end in what it monitors
     * @throws InvalidInputException naming what is wrong
     */
    static List<Scheme> read(List<String> words, boolean isCommand) {
        Set<String> beside = new LinkedHashSet<>();
        Map<String, List<List<String>>> given = given(words, isCommand, beside);
        List<List<String>> actions = given.getOrDefault("--damos_action", List.of());
        if (actions.isEmpty()) {
            throw new InvalidInputException("--damos_action is missing");
        }
        List<Scheme> schemes = new ArrayList<>();
        int[] goal = new int[1];
        int[] filter = new int[1];
        for (int i = 0; i < actions.size(); i++) {
            SchemeBuilder b = new SchemeBuilder(Dialect.DAMO);
            action(b, actions.get(i));
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
            List<String> ratio = at(given, "--damos_quota_fail_charge_ratio", i);
            if (ratio != null) {
                need("--damos_quota_fail_charge_ratio", ratio, 2, 2);
                b.set("quotas/fail_charge_num", ratio.get(0));
                b.set("quotas/fail_charge_denom", ratio.get(1));
            }
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
            beside.forEach(b::unused);
            beside.clear();
            schemes.add(b.build());
        }
        for (Map.Entry<String, List<List<String>>> e : given.entrySet()) {
            boolean perScheme = e.getKey().equals("--damos_quota_goal_tuner")
                    || !e.getKey().contains("goal") && !e.getKey().contains("filter");
            if (perScheme && e.getValue().size() > actions.size()) {
                throw new InvalidInputException("more " + e.getKey() + " than --damos_action");
            }
        }
        return schemes;
    }

    /** The values of each occurrence of an option. */
    private static Map<String, List<List<String>>> given(List<String> words, boolean isCommand, Set<String> beside) {
        Map<String, List<List<String>>> given = new LinkedHashMap<>();
        List<String> values = null;
        String option = "";
        for (String w : words) {
            if (w.startsWith("--")) {
                int equals = w.indexOf('=');
                option = equals < 0 ? w : w.substring(0, equals);
                values = new ArrayList<>();
                if (BESIDE.contains(option)) {
                    beside.add(option);
                } else if (OPTIONS.contains(option)) {
                    given.computeIfAbsent(option, k -> new ArrayList<>()).add(values);
                } else {
                    throw new UnknownWordException("damo option", option, OPTIONS);
                }
                if (equals >= 0) {
                    values.add(w.substring(equals + 1));
                }
            } else if (values == null) {
                throw new InvalidInputException("'" + w + "' belongs to no option");
            } else if (isCommand && values.size() == FIXED.getOrDefault(option, Integer.MAX_VALUE)) {
                beside.add("the target '" + w + "'");
            } else {
                values.add(w);
            }
        }
        return given;
    }

    /** Sets the action and, for migration, its target: a node, or several with weights. */
    private static void action(SchemeBuilder b, List<String> words) {
        need("--damos_action", words, 1, 1 + 2 * MAX_DESTINATIONS);
        b.set("action", words.get(0));
        if (words.size() == 2) {
            b.set("target_nid", words.get(1));
        } else if (words.size() % 2 == 0) {
            throw new InvalidInputException(
                    "--damos_action takes an action and one node, or pairs of a node and its weight; given "
                            + String.join(" ", words));
        }
        for (int k = 1; words.size() > 2 && k < words.size(); k += 2) {
            b.set("dests/" + k / 2 + "/id", words.get(k));
            b.set("dests/" + k / 2 + "/weight", words.get(k + 1));
        }
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
                throw new InvalidInputException(items + " with several schemes needs " + counts);
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
        throw new InvalidInputException(counts + " does not fit the number of " + items);
    }

    private static void goals(SchemeBuilder b, Map<String, List<List<String>>> given, int i, int schemes, int[] used) {
        int goals = count(given, "--damos_nr_quota_goals", "--damos_quota_goal", i, schemes, used[0]);
        for (int k = 0; k < goals; k++) {
            List<String> g =
                    need("--damos_quota_goal", given.get("--damos_quota_goal").get(used[0]++), 2, 4);
            String path = "quotas/goals/" + k + "/";
            b.set(path + "target_metric", g.get(0));
            b.set(path + "target_value", g.get(1));
            // What follows depends on what is measured: its value now, a node, or a node and a control group.
            List<String> names = g.get(0).equals("user_input")
                    ? List.of("current_value")
                    : g.get(0).startsWith("node_memcg_")
                            ? List.of("nid", "path")
                            : g.get(0).startsWith("node_") ? List.of("nid") : List.of();
            if (g.size() > 2 + names.size()) {
                throw new InvalidInputException(
                        "--damos_quota_goal " + g.get(0) + ": '" + g.get(2 + names.size()) + "' is too much");
            }
            for (int n = 2; n < g.size(); n++) {
                b.set(path + names.get(n - 2), g.get(n));
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
                        b.set(path + "min", take(w, "a minimum size"));
                        b.set(path + "max", take(w, "a greatest size"));
                    }
                    default -> {}
                }
                if (!newForm && !w.isEmpty()) {
                    throw new InvalidInputException("--damos_filter: '" + w.get(0) + "' is too much");
                }
            }
        }
    }

    private static String take(List<String> words, String what) {
        if (words.isEmpty()) {
            throw new InvalidInputException("--damos_filter: " + what + " is missing");
        }
        return words.remove(0);
    }

    private static List<String> at(Map<String, List<List<String>>> given, String option, int i) {
        List<List<String>> all = given.getOrDefault(option, List.of());
        return i < all.size() ? all.get(i) : null;
    }

    private static List<String> need(String option, List<String> values, int min, int max) {
        if (values.size() < min || values.size() > max) {
            throw new InvalidInputException(
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
}
