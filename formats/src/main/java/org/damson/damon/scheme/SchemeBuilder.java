package org.damson.damon.scheme;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.damon.scheme.SchemeValues.Bound;
import org.damson.model.InvalidInputException;

/**
 * Collects one scheme word by word. Words are paths as in DAMON's sysfs directories or in damo's JSON, which differ in a
 * few names and in what a bare number means; the dialect says which.
 */
final class SchemeBuilder {
    /** The unit of a number without one. */
    enum Dialect {
        /** damo's: percent, microseconds, milliseconds, permil. */
        DAMO,
        /** The kernel's counts. */
        SYSFS,
        /** Bytes and samples; an age must have a unit. */
        NATIVE
    }

    /** The known paths, for suggestions in messages. {@code N} stands for an index. */
    static final List<String> PATHS = List.of(
            "action",
            "target_nid",
            "apply_interval_us",
            "max_nr_snapshots",
            "access_pattern/sz/min",
            "access_pattern/sz/max",
            "access_pattern/nr_accesses/min",
            "access_pattern/nr_accesses/max",
            "access_pattern/age/min",
            "access_pattern/age/max",
            "quotas/ms",
            "quotas/bytes",
            "quotas/reset_interval_ms",
            "quotas/weights/sz_permil",
            "quotas/weights/nr_accesses_permil",
            "quotas/weights/age_permil",
            "quotas/goal_tuner",
            "quotas/fail_charge_num",
            "quotas/fail_charge_denom",
            "quotas/goals/N/target_metric",
            "quotas/goals/N/target_value",
            "quotas/goals/N/current_value",
            "quotas/goals/N/nid",
            "quotas/goals/N/path",
            "watermarks/metric",
            "watermarks/interval_us",
            "watermarks/high",
            "watermarks/mid",
            "watermarks/low",
            "filters/N/type",
            "filters/N/matching",
            "filters/N/allow",
            "filters/N/addr_start",
            "filters/N/addr_end",
            "filters/N/damon_target_idx",
            "filters/N/memcg_path",
            "filters/N/min",
            "filters/N/max",
            "dests/N/id",
            "dests/N/weight");

    /** Reported as unused by the first scheme of each further context. */
    static final String OWN_CONTEXT = "a context of its own";

    private static final java.util.Set<String> COUNTS = java.util.Set.of(
            "quotas/goals/nr_goals",
            "filters/nr_filters",
            "core_filters/nr_filters",
            "ops_filters/nr_filters",
            "dests/nr_dests");

    private static final class GoalWords {
        String metric = "user_input";
        long target;
        long current;
        int node = -1;
        String memcg = "";
    }

    private static final class DestinationWords {
        int node;
        long weight;
    }

    private static final class FilterWords {
        String type;
        boolean matching = true;
        boolean allow;
        long from;
        long to = Range.MAX;
        String memcg = "";
    }

    private final Dialect dialect;
    private String action;
    private final long[] size = {0, Range.MAX};
    private final Bound[] access = {Bound.LEAST, Bound.GREATEST};
    private final Bound[] age = {Bound.LEAST, Bound.GREATEST};
    private long applyUs;
    private int targetNode = -1;
    private long maxSnapshots;
    private long quotaMs;
    private long quotaBytes;
    private Long resetMs;
    private final int[] weights = new int[3];
    private boolean temporal;
    private final Map<Integer, GoalWords> goals = new TreeMap<>();
    private boolean freeMemRate;
    private long wmarkIntervalUs;
    private final int[] wmarks = new int[3];
    private final Map<Integer, DestinationWords> destinations = new TreeMap<>();
    private long failNum;
    private long failDenom;
    private final List<String> unused = new ArrayList<>();
    private final Map<Integer, FilterWords> coreFilters = new TreeMap<>();
    private final Map<Integer, FilterWords> opsFilters = new TreeMap<>();
    private final Map<Integer, FilterWords> filters = new TreeMap<>();

    SchemeBuilder(Dialect dialect) {
        this.dialect = dialect;
    }

    /**
     * Takes one word.
     *
     * @throws InvalidInputException naming the path if the value is none
     */
    void set(String path, String value) {
        try {
            put(path, value.trim());
        } catch (UnknownWordException e) {
            throw e;
        } catch (InvalidInputException e) {
            throw new InvalidInputException(path + ": " + e.getMessage(), e);
        }
    }

    private void put(String path, String value) {
        String[] p = path.split("/", -1);
        // sysfs counts what it lists.
        if (COUNTS.contains(path)) {
            SchemeValues.integer(value);
            return;
        }
        switch (p[0]) {
            case "action" -> action = value;
            case "target_nid" -> targetNode = SchemeValues.none(value) ? -1 : SchemeValues.node(value);
            case "apply_interval_us" -> applyUs = SchemeValues.timeUs(value);
            case "max_nr_snapshots" -> maxSnapshots = SchemeValues.integer(value);
            case "access_pattern" -> pattern(p, path, value);
            case "quotas" -> quota(p, path, value);
            case "watermarks" -> watermark(p, path, value);
            case "filters", "core_filters", "ops_filters" -> filter(p, path, value);
            case "dests" -> destination(p, path, value);
            case "stats" -> {
                if (p.length == 2 && p[1].equals("max_nr_snapshots")) {
                    maxSnapshots = SchemeValues.integer(value);
                }
            }
            // What damo writes beside the parameters.
            case "tried_regions", "tried_bytes", "name" -> {}
            default -> throw unknown(path);
        }
    }

    private static UnknownWordException unknown(String path) {
        return new UnknownWordException("scheme parameter", path, PATHS);
    }

    private void pattern(String[] p, String path, String value) {
        if (p.length != 3 || !p[2].equals("min") && !p[2].equals("max")) {
            throw unknown(path);
        }
        int i = p[2].equals("min") ? 0 : 1;
        switch (p[1]) {
            case "sz", "sz_bytes" -> size[i] = SchemeValues.bytes(value);
            case "nr_accesses" -> access[i] = SchemeValues.access(value, dialect);
            case "age" -> age[i] = SchemeValues.age(value, dialect);
            default -> throw unknown(path);
        }
    }

    private void quota(String[] p, String path, String value) {
        if (p.length < 2) {
            throw unknown(path);
        }
        switch (p[1]) {
            case "ms", "time_ms" -> quotaMs = SchemeValues.timeMs(value);
            case "bytes", "sz_bytes" -> quotaBytes = SchemeValues.bytes(value);
            case "reset_interval_ms" -> resetMs = window(SchemeValues.timeMs(value));
            case "effective_bytes", "effective_sz_bytes" -> {}
            case "fail_charge_num" -> failNum = SchemeValues.integer(value);
            case "fail_charge_denom" -> failDenom = SchemeValues.integer(value);
            case "goal_tuner" -> {
                if (!value.equals("consist") && !value.equals("temporal")) {
                    throw new UnknownWordException("goal tuner", value, List.of("consist", "temporal"));
                }
                temporal = value.equals("temporal");
            }
            case "weights" -> {
                switch (p.length == 3 ? p[2] : "") {
                    case "sz_permil" -> weights[0] = SchemeValues.permil(value);
                    case "nr_accesses_permil" -> weights[1] = SchemeValues.permil(value);
                    case "age_permil" -> weights[2] = SchemeValues.permil(value);
                    default -> throw unknown(path);
                }
            }
            case "goals" -> {
                if (p.length != 4) {
                    throw unknown(path);
                }
                GoalWords g = goals.computeIfAbsent(index(p[2], path), k -> new GoalWords());
                switch (p[3]) {
                    case "metric", "target_metric" -> g.metric = value;
                    case "target_value" -> g.target = SchemeValues.goalValue(value);
                    case "current_value" -> g.current = SchemeValues.goalValue(value);
                    case "nid" -> g.node = SchemeValues.none(value) ? -1 : SchemeValues.node(value);
                    case "memcg_path", "path" -> g.memcg = SchemeValues.none(value) ? "" : value;
                    case "last_psi_total" -> {}
                    default -> throw unknown(path);
                }
            }
            default -> throw unknown(path);
        }
    }

    /** Milliseconds beyond the range of an {@code int}, which the kernel takes as unlimited. */
    private static long window(long ms) {
        return ms > Integer.MAX_VALUE ? Range.MAX : ms;
    }

    /** Without a reset interval, damo means one endless window; an unwritten file of the kernel holds 0. */
    private Quota quota(List<Quota.Goal> goals) {
        boolean isNone = quotaMs == 0 && quotaBytes == 0 && goals.isEmpty();
        long reset = resetMs != null ? resetMs : dialect == Dialect.SYSFS && !isNone ? 0 : Range.MAX;
        return new Quota(
                quotaMs, quotaBytes, reset, weights[0], weights[1], weights[2], goals, temporal, failNum, failDenom);
    }

    private void destination(String[] p, String path, String value) {
        if (p.length == 1 && value.isEmpty()) {
            return; // an empty list
        }
        if (p.length != 3) {
            throw unknown(path);
        }
        DestinationWords d = destinations.computeIfAbsent(index(p[1], path), k -> new DestinationWords());
        switch (p[2]) {
            case "id" -> d.node = SchemeValues.node(value);
            case "weight" -> d.weight = SchemeValues.integer(value);
            default -> throw unknown(path);
        }
    }

    private void watermark(String[] p, String path, String value) {
        switch (p.length == 2 ? p[1] : "") {
            case "metric" -> {
                if (!value.equals("none") && !value.equals("free_mem_rate")) {
                    throw new UnknownWordException("watermark metric", value, List.of("none", "free_mem_rate"));
                }
                freeMemRate = value.equals("free_mem_rate");
            }
            case "interval_us" -> wmarkIntervalUs = SchemeValues.timeUs(value);
            case "high", "high_permil" -> wmarks[0] = SchemeValues.permil(value);
            case "mid", "mid_permil" -> wmarks[1] = SchemeValues.permil(value);
            case "low", "low_permil" -> wmarks[2] = SchemeValues.permil(value);
            default -> throw unknown(path);
        }
    }

    private void filter(String[] p, String path, String value) {
        if (p.length < 3) {
            throw unknown(path);
        }
        Map<Integer, FilterWords> group =
                switch (p[0]) {
                    case "core_filters" -> coreFilters;
                    case "ops_filters" -> opsFilters;
                    default -> filters;
                };
        FilterWords f = group.computeIfAbsent(index(p[1], path), k -> new FilterWords());
        switch (p[2]) {
            case "type", "filter_type" -> f.type = value;
            case "matching" -> f.matching = SchemeValues.yes(value);
            case "allow", "filter_pass" -> f.allow = SchemeValues.yes(value);
            case "addr_start" -> f.from = SchemeValues.bytes(value);
            case "addr_end" -> f.to = SchemeValues.bytes(value);
            case "address_range" -> {
                if (p.length == 4 && p[3].equals("start")) {
                    f.from = SchemeValues.bytes(value);
                } else if (p.length == 4 && p[3].equals("end")) {
                    f.to = SchemeValues.bytes(value);
                } else {
                    throw unknown(path);
                }
            }
            case "damon_target_idx", "target_idx" ->
                f.from = value.equals("null") ? f.from : SchemeValues.integer(value);
            case "memcg_path" -> f.memcg = value;
            case "name" -> {}
            case "min" -> f.from = SchemeValues.bytes(value);
            case "max" -> f.to = SchemeValues.bytes(value);
            case "hugepage_size" -> {
                if (p.length == 4 && p[3].equals("0")) {
                    f.from = SchemeValues.bytes(value);
                } else if (p.length == 4 && p[3].equals("1")) {
                    f.to = SchemeValues.bytes(value);
                } else {
                    throw unknown(path);
                }
            }
            default -> throw unknown(path);
        }
    }

    private static int index(String text, String path) {
        if (!text.matches("\\d{1,4}")) {
            throw unknown(path);
        }
        return Integer.parseInt(text);
    }

    /** Notes a setting that is not part of a scheme and is not simulated. */
    void unused(String what) {
        unused.add(what);
    }

    /** @throws InvalidInputException if the words contradict each other or the action is missing */
    Scheme build() {
        if (action == null) {
            throw new InvalidInputException("a scheme needs an action: " + String.join(", ", Action.words()));
        }
        List<Quota.Goal> g = new ArrayList<>();
        for (GoalWords w : goals.values()) {
            g.add(new Quota.Goal(Quota.Metric.of(w.metric), w.target, w.current, w.node, w.memcg));
        }
        List<Filter> f = new ArrayList<>();
        for (Map<Integer, FilterWords> group : List.of(coreFilters, opsFilters, filters)) {
            for (FilterWords w : group.values()) {
                if (w.type == null) {
                    throw new InvalidInputException("a filter needs a type");
                }
                f.add(new Filter(Filter.Type.of(w.type), w.matching, w.allow, w.from, w.to, w.memcg));
            }
        }
        Range sizes;
        try {
            sizes = new Range(size[0], size[1], Range.Unit.BYTES);
        } catch (InvalidInputException e) {
            throw new InvalidInputException("size: " + e.getMessage(), e);
        }
        return new Scheme(
                Action.of(action),
                sizes,
                SchemeValues.range("access", access, Range.Unit.SAMPLES),
                SchemeValues.range("age", age, Range.Unit.AGGREGATIONS),
                applyUs,
                quota(g),
                new Watermarks(freeMemRate, wmarkIntervalUs, wmarks[0], wmarks[1], wmarks[2]),
                f,
                targetNode,
                maxSnapshots,
                destinations.values().stream()
                        .map(d -> new Scheme.Destination(d.node, d.weight))
                        .toList(),
                unused);
    }
}
