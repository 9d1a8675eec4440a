package org.damson.recorder.damon;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.damson.model.MonitoringAttrs;

/**
 * What a kdamond is to do. Everything that DAMON's sysfs interface takes, in its own words and units.
 *
 * @param operations {@code vaddr}, {@code fvaddr} or {@code paddr}
 * @param attrs intervals and bounds on the number of regions
 * @param goal aim of tuning the intervals, or null for intervals that stay
 * @param addrUnit bytes that one unit of physical addresses stands for; 1 = bytes
 * @param targets what is monitored, in the order of their numbers
 * @param schemes what is done about it
 * @param probes what else is looked for in what is sampled, in kernels that can
 */
public record DamonSetup(
        String operations,
        MonitoringAttrs attrs,
        Goal goal,
        long addrUnit,
        List<Target> targets,
        List<Scheme> schemes,
        List<Probe> probes) {
    /** Virtual addresses of processes, whole; DAMON's default intervals and bounds; no schemes. */
    public static final DamonSetup DEFAULT = new DamonSetup(
            "vaddr",
            new MonitoringAttrs(5_000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.GIVEN),
            null,
            1,
            List.of(),
            List.of(),
            List.of());

    /**
     * Aim of tuning the intervals: that so large a part of all possible access checks finds an access.
     *
     * @param accessBp that part, in 1/10000
     * @param aggrs look every so many aggregations
     * @param minSampleUs shortest sampling interval, microseconds
     * @param maxSampleUs longest, microseconds
     */
    public record Goal(long accessBp, long aggrs, long minSampleUs, long maxSampleUs) {
        public Goal {
            if (accessBp < 1 || accessBp > 10_000 || aggrs < 1 || minSampleUs < 1 || maxSampleUs < minSampleUs) {
                throw new IllegalArgumentException("an intervals goal has 1 to 10000 bp, 1 or more aggregations, and"
                        + " a shortest sampling interval no longer than the longest");
            }
        }
    }

    /**
     * One target.
     *
     * @param pid its process; 0 for physical addresses
     * @param ranges the only addresses to look at; empty: all that the operations find
     */
    public record Target(long pid, List<Range> ranges) {
        public Target {
            ranges = List.copyOf(ranges);
            if (pid < 0 || pid > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(pid + " is no process id");
            }
            long end = 0;
            for (Range range : ranges) {
                if (Long.compareUnsigned(range.start(), end) < 0) {
                    throw new IllegalArgumentException("ranges have to ascend and may not overlap");
                }
                end = range.end();
            }
        }
    }

    /** Addresses from {@code start} to before {@code end}, unsigned. */
    public record Range(long start, long end) {
        public Range {
            if (Long.compareUnsigned(start, end) >= 0) {
                throw new IllegalArgumentException("a range ends after it starts");
            }
        }
    }

    /** Least and greatest of something, both included, unsigned. */
    public record Bounds(long min, long max) {
        public static final Bounds ALL = new Bounds(0, -1L);

        public Bounds {
            if (Long.compareUnsigned(min, max) > 0) {
                throw new IllegalArgumentException("the least is greater than the greatest");
            }
        }
    }

    /**
     * One scheme.
     *
     * @param action as in {@code stat} or {@code pageout}
     * @param targetNid where migrating actions go; -1 for none
     * @param sizeBytes sizes of regions it is for
     * @param accesses access counts of regions it is for, samples per aggregation
     * @param ages ages of regions it is for, aggregations
     * @param applyIntervalUs how often, microseconds; 0 = every aggregation
     * @param quota how much
     * @param watermarks when
     * @param filters which pages
     * @param destinations where migrating actions go, with weights
     * @param maxSnapshots turns after which it stops; 0 = never, which every kernel can
     */
    public record Scheme(
            String action,
            long targetNid,
            Bounds sizeBytes,
            Bounds accesses,
            Bounds ages,
            long applyIntervalUs,
            Quota quota,
            Watermarks watermarks,
            List<Filter> filters,
            List<Destination> destinations,
            long maxSnapshots) {
        /** Counts every region, page by page where there are filters. */
        public static Scheme stat(List<Filter> filters) {
            return new Scheme(
                    "stat",
                    -1,
                    Bounds.ALL,
                    new Bounds(0, Integer.MAX_VALUE),
                    new Bounds(0, Integer.MAX_VALUE),
                    0,
                    Quota.NONE,
                    Watermarks.NONE,
                    filters,
                    List.of(),
                    0);
        }

        public Scheme {
            word(action, "a scheme's action");
            filters = List.copyOf(filters);
            destinations = List.copyOf(destinations);
        }

        /** Whether it cuts regions in two where its quota ends or a filter's addresses do. */
        boolean mayCut() {
            return quota.ms() != 0 || quota.bytes() != 0 || !quota.goals().isEmpty() || filtersAddresses();
        }

        boolean filtersAddresses() {
            return filters.stream().anyMatch(f -> f.type().equals("addr"));
        }
    }

    /**
     * How much a scheme may do.
     *
     * @param ms time in each interval, milliseconds; 0 = any
     * @param bytes size in each interval; 0 = any
     * @param resetIntervalMs that interval, milliseconds
     * @param sizePermil weight of size when choosing regions
     * @param accessesPermil weight of the access count
     * @param agePermil weight of age
     * @param goals what the quota is tuned for
     * @param goalTuner how, as in {@code temporal}; empty: as the kernel does by itself
     */
    public record Quota(
            long ms,
            long bytes,
            long resetIntervalMs,
            long sizePermil,
            long accessesPermil,
            long agePermil,
            List<QuotaGoal> goals,
            String goalTuner) {
        public static final Quota NONE = new Quota(0, 0, 0, 0, 0, 0, List.of(), "");

        public Quota {
            if (!goalTuner.isEmpty()) {
                word(goalTuner, "a goal tuner");
            }
            goals = List.copyOf(goals);
        }
    }

    /**
     * What a quota is tuned for.
     *
     * @param metric as in {@code some_mem_psi_us}
     * @param target value to reach
     * @param current value now, for {@code user_input}
     * @param nid NUMA node, for metrics of one; -1 for none
     * @param path memory control group, for metrics of one; empty for none
     */
    public record QuotaGoal(String metric, long target, long current, long nid, String path) {
        public QuotaGoal {
            word(metric, "a quota goal's metric");
            line(path);
        }
    }

    /**
     * Between which levels of a metric a scheme is active.
     *
     * @param metric {@code none} or {@code free_mem_rate} (permil)
     * @param intervalUs how often to look, microseconds
     */
    public record Watermarks(String metric, long intervalUs, long high, long mid, long low) {
        public static final Watermarks NONE = new Watermarks("none", 0, 0, 0, 0);

        public Watermarks {
            word(metric, "a watermark's metric");
        }
    }

    /**
     * Which pages a scheme is for.
     *
     * @param type as in {@code anon}, {@code memcg}, {@code young}, {@code addr}, {@code target}, {@code hugepage_size}
     * @param matching whether pages of this type are meant, or all others
     * @param allow whether those that are meant pass, or are kept out
     * @param memcgPath for {@code memcg}
     * @param range addresses for {@code addr}, sizes for {@code hugepage_size}; null for none
     * @param target for {@code target}; -1 for none
     */
    public record Filter(String type, boolean matching, boolean allow, String memcgPath, Bounds range, long target) {
        public Filter {
            word(type, "a filter's type");
            line(memcgPath);
        }
    }

    /** A NUMA node and its share of what is migrated. */
    public record Destination(long nid, long weight) {}

    /** Pages to look for besides accesses, by filters without ranges and targets. */
    public record Probe(List<Filter> filters) {
        public Probe {
            filters = List.copyOf(filters);
        }
    }

    public DamonSetup {
        if (!Set.of("vaddr", "fvaddr", "paddr").contains(operations)) {
            throw new IllegalArgumentException("operations are vaddr, fvaddr or paddr, not '" + operations + "'");
        }
        if (attrs.minRegions() < 3 || attrs.maxRegions() < attrs.minRegions()) {
            throw new IllegalArgumentException("DAMON needs 3 regions or more, and a greatest number no less than the"
                    + " least: " + attrs.minRegions() + " to " + attrs.maxRegions());
        }
        if (addrUnit < 1) {
            throw new IllegalArgumentException("an address unit is 1 byte or more");
        }
        targets = List.copyOf(targets);
        schemes = List.copyOf(schemes);
        probes = List.copyOf(probes);
    }

    boolean isPhysical() {
        return operations.equals("paddr");
    }

    public DamonSetup withTargets(List<Target> others) {
        return new DamonSetup(operations, attrs, goal, addrUnit, others, schemes, probes);
    }

    public DamonSetup withSchemes(List<Scheme> others) {
        return new DamonSetup(operations, attrs, goal, addrUnit, targets, others, probes);
    }

    public DamonSetup withAttrs(MonitoringAttrs others) {
        return new DamonSetup(operations, others, goal, addrUnit, targets, schemes, probes);
    }

    public DamonSetup withGoal(Goal other) {
        return new DamonSetup(operations, attrs, other, addrUnit, targets, schemes, probes);
    }

    public DamonSetup withOperations(String other) {
        return new DamonSetup(other, attrs, goal, addrUnit, targets, schemes, probes);
    }

    public DamonSetup withProbes(List<Probe> others) {
        return new DamonSetup(operations, attrs, goal, addrUnit, targets, schemes, others);
    }

    /** One write to a file under a context's directory. An optional one is left out where the kernel has no such file. */
    record Write(String file, String value, boolean optional) {}

    /** All writes for a context, in the order in which the kernel wants them. */
    List<Write> writes() {
        List<Write> to = new ArrayList<>();
        set(to, "operations", operations);
        optional(to, "addr_unit", Long.toString(addrUnit), addrUnit == 1);
        set(to, "monitoring_attrs/intervals/sample_us", attrs.sampleUs());
        set(to, "monitoring_attrs/intervals/aggr_us", attrs.aggrUs());
        set(to, "monitoring_attrs/intervals/update_us", attrs.updateUs());
        if (goal != null) {
            String dir = "monitoring_attrs/intervals/intervals_goal/";
            set(to, dir + "access_bp", goal.accessBp());
            set(to, dir + "aggrs", goal.aggrs());
            set(to, dir + "min_sample_us", goal.minSampleUs());
            set(to, dir + "max_sample_us", goal.maxSampleUs());
        }
        set(to, "monitoring_attrs/nr_regions/min", attrs.minRegions());
        set(to, "monitoring_attrs/nr_regions/max", attrs.maxRegions());
        if (!probes.isEmpty()) {
            set(to, "monitoring_attrs/probes/nr_probes", probes.size());
        }
        for (int p = 0; p < probes.size(); p++) {
            List<Filter> filters = probes.get(p).filters();
            String dir = "monitoring_attrs/probes/" + p + "/filters/";
            set(to, dir + "nr_filters", filters.size());
            for (int f = 0; f < filters.size(); f++) {
                filter(to, dir + f + "/", "path", filters.get(f));
            }
        }
        targetWrites(to, targets);
        set(to, "schemes/nr_schemes", schemes.size());
        for (int i = 0; i < schemes.size(); i++) {
            scheme(to, "schemes/" + i + "/", schemes.get(i));
        }
        return to;
    }

    /** The writes that say which targets there are. */
    static void targetWrites(List<Write> to, List<Target> targets) {
        set(to, "targets/nr_targets", targets.size());
        for (int i = 0; i < targets.size(); i++) {
            Target target = targets.get(i);
            if (target.pid() != 0) {
                set(to, "targets/" + i + "/pid_target", target.pid());
            }
            String regions = "targets/" + i + "/regions/";
            if (!target.ranges().isEmpty()) {
                set(to, regions + "nr_regions", target.ranges().size());
            }
            for (int r = 0; r < target.ranges().size(); r++) {
                set(to, regions + r + "/start", target.ranges().get(r).start());
                set(to, regions + r + "/end", target.ranges().get(r).end());
            }
        }
    }

    private static void scheme(List<Write> to, String dir, Scheme s) {
        set(to, dir + "action", s.action());
        optional(to, dir + "target_nid", Long.toString(s.targetNid()), s.targetNid() < 0);
        optional(to, dir + "apply_interval_us", Long.toString(s.applyIntervalUs()), s.applyIntervalUs() == 0);
        bounds(to, dir + "access_pattern/sz/", s.sizeBytes());
        bounds(to, dir + "access_pattern/nr_accesses/", s.accesses());
        bounds(to, dir + "access_pattern/age/", s.ages());
        Quota q = s.quota();
        set(to, dir + "quotas/ms", q.ms());
        set(to, dir + "quotas/bytes", q.bytes());
        set(to, dir + "quotas/reset_interval_ms", q.resetIntervalMs());
        set(to, dir + "quotas/weights/sz_permil", q.sizePermil());
        set(to, dir + "quotas/weights/nr_accesses_permil", q.accessesPermil());
        set(to, dir + "quotas/weights/age_permil", q.agePermil());
        if (!q.goalTuner().isEmpty()) {
            set(to, dir + "quotas/goal_tuner", q.goalTuner());
        }
        if (!q.goals().isEmpty()) {
            set(to, dir + "quotas/goals/nr_goals", q.goals().size());
        }
        for (int g = 0; g < q.goals().size(); g++) {
            QuotaGoal goal = q.goals().get(g);
            String at = dir + "quotas/goals/" + g + "/";
            set(to, at + "target_metric", goal.metric());
            set(to, at + "target_value", goal.target());
            set(to, at + "current_value", goal.current());
            if (goal.nid() >= 0) {
                set(to, at + "nid", goal.nid());
            }
            if (!goal.path().isEmpty()) {
                set(to, at + "path", goal.path());
            }
        }
        Watermarks w = s.watermarks();
        set(to, dir + "watermarks/metric", w.metric());
        set(to, dir + "watermarks/interval_us", w.intervalUs());
        set(to, dir + "watermarks/high", w.high());
        set(to, dir + "watermarks/mid", w.mid());
        set(to, dir + "watermarks/low", w.low());
        if (!s.filters().isEmpty()) {
            set(to, dir + "filters/nr_filters", s.filters().size());
        }
        for (int f = 0; f < s.filters().size(); f++) {
            filter(to, dir + "filters/" + f + "/", "memcg_path", s.filters().get(f));
        }
        if (!s.destinations().isEmpty()) {
            set(to, dir + "dests/nr_dests", s.destinations().size());
        }
        for (int d = 0; d < s.destinations().size(); d++) {
            set(to, dir + "dests/" + d + "/id", s.destinations().get(d).nid());
            set(to, dir + "dests/" + d + "/weight", s.destinations().get(d).weight());
        }
        if (s.maxSnapshots() > 0) {
            set(to, dir + "stats/max_nr_snapshots", s.maxSnapshots());
        }
    }

    private static void filter(List<Write> to, String dir, String pathFile, Filter f) {
        set(to, dir + "type", f.type());
        set(to, dir + "matching", f.matching() ? "Y" : "N");
        optional(to, dir + "allow", f.allow() ? "Y" : "N", !f.allow());
        if (!f.memcgPath().isEmpty()) {
            set(to, dir + pathFile, f.memcgPath());
        }
        if (f.range() != null && f.type().equals("addr")) {
            set(to, dir + "addr_start", f.range().min());
            set(to, dir + "addr_end", f.range().max());
        } else if (f.range() != null) {
            set(to, dir + "min", f.range().min());
            set(to, dir + "max", f.range().max());
        }
        if (f.target() >= 0) {
            set(to, dir + "damon_target_idx", f.target());
        }
    }

    private static void bounds(List<Write> to, String dir, Bounds b) {
        set(to, dir + "min", b.min());
        set(to, dir + "max", b.max());
    }

    private static void set(List<Write> to, String file, long value) {
        set(to, file, Long.toUnsignedString(value));
    }

    private static void set(List<Write> to, String file, String value) {
        to.add(new Write(file, value, false));
    }

    private static void optional(List<Write> to, String file, String value, boolean isKernelsDefault) {
        to.add(new Write(file, value, isKernelsDefault));
    }

    private static void word(String text, String what) {
        if (!text.matches("[a-z][a-z0-9_]{0,40}")) {
            throw new IllegalArgumentException(what + " is a word, not '" + text + "'");
        }
    }

    private static void line(String text) {
        if (text.length() > 4096 || text.chars().anyMatch(c -> c < ' ')) {
            throw new IllegalArgumentException("a path is one line");
        }
    }
}
