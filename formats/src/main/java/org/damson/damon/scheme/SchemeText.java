package org.damson.damon.scheme;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.damson.model.InvalidInputException;

/** Writes schemes as text for other tools and for {@link SchemeParser}. */
public final class SchemeText {
    private SchemeText() {}

    /** damson's short form, as in {@code pageout size=4096..max access=0..0% age=5000ms..max}. */
    public static String shortForm(Scheme s) {
        StringBuilder b = new StringBuilder(s.action().word());
        range(b, "size", s.size());
        range(b, "access", s.access());
        range(b, "age", s.age());
        for (String[] word : extras(s)) {
            b.append(' ').append(word[0]).append('=').append(ShellWords.quoted(word[1]));
        }
        return b.toString();
    }

    private static void range(StringBuilder b, String name, Range r) {
        if (!r.isAll()) {
            b.append(' ')
                    .append(name)
                    .append('=')
                    .append(bound(r.min(), r))
                    .append("..")
                    .append(bound(r.max(), r));
        }
    }

    private static String bound(long v, Range r) {
        if (v == Range.MAX) {
            return "max";
        }
        return switch (r.unit()) {
            case BYTES, SAMPLES -> Long.toString(v);
            case ACCESS_BP -> percent(v);
            case AGGREGATIONS -> v == 0 ? "0" : v + "aggr";
            case MICROSECONDS -> v == 0 ? "0" : time(v);
        };
    }

    private static String percent(long bp) {
        String whole = Long.toString(bp / 100);
        return bp % 100 == 0 ? whole + "%" : whole + "." + String.format(Locale.ROOT, "%02d", bp % 100) + "%";
    }

    private static String time(long us) {
        if (us % 1_000_000 == 0) {
            return us / 1_000_000 + "s";
        }
        return us % 1000 == 0 ? us / 1000 + "ms" : us + "us";
    }

    /** The settings beside pattern and action, as sysfs paths with the kernel's numbers. */
    private static List<String[]> extras(Scheme s) {
        List<String[]> w = new ArrayList<>();
        if (s.targetNode() >= 0) {
            add(w, "target_nid", s.targetNode());
        }
        if (s.applyUs() > 0) {
            add(w, "apply_interval_us", s.applyUs());
        }
        if (s.maxSnapshots() > 0) {
            add(w, "max_nr_snapshots", s.maxSnapshots());
        }
        if (!s.quota().isNone()) {
            quota(w, s.quota());
        }
        Watermarks m = s.watermarks();
        if (m.freeMemRate()) {
            w.add(new String[] {"watermarks/metric", "free_mem_rate"});
            add(w, "watermarks/interval_us", m.intervalUs());
            add(w, "watermarks/high", m.high());
            add(w, "watermarks/mid", m.mid());
            add(w, "watermarks/low", m.low());
        }
        for (int i = 0; i < s.filters().size(); i++) {
            filter(w, "filters/" + i + "/", s.filters().get(i));
        }
        for (int i = 0; i < s.destinations().size(); i++) {
            add(w, "dests/" + i + "/id", s.destinations().get(i).node());
            add(w, "dests/" + i + "/weight", s.destinations().get(i).weight());
        }
        return w;
    }

    private static void quota(List<String[]> w, Quota q) {
        add(w, "quotas/ms", q.timeMs());
        add(w, "quotas/bytes", q.sizeBytes());
        w.add(new String[] {"quotas/reset_interval_ms", Range.text(q.resetMs())});
        add(w, "quotas/weights/sz_permil", q.weightSize());
        add(w, "quotas/weights/nr_accesses_permil", q.weightAccess());
        add(w, "quotas/weights/age_permil", q.weightAge());
        if (q.temporal()) {
            w.add(new String[] {"quotas/goal_tuner", "temporal"});
        }
        if (q.failDenom() != 0) {
            add(w, "quotas/fail_charge_num", q.failNum());
            add(w, "quotas/fail_charge_denom", q.failDenom());
        }
        for (int i = 0; i < q.goals().size(); i++) {
            Quota.Goal g = q.goals().get(i);
            String at = "quotas/goals/" + i + "/";
            w.add(new String[] {at + "target_metric", g.metric().word()});
            add(w, at + "target_value", g.target());
            add(w, at + "current_value", g.current());
            if (g.node() >= 0) {
                add(w, at + "nid", g.node());
            }
            if (!g.memcgPath().isEmpty()) {
                w.add(new String[] {at + "path", g.memcgPath()});
            }
        }
    }

    private static void filter(List<String[]> w, String at, Filter f) {
        w.add(new String[] {at + "type", f.type().word()});
        w.add(new String[] {at + "matching", f.matching() ? "Y" : "N"});
        w.add(new String[] {at + "allow", f.allow() ? "Y" : "N"});
        switch (f.type()) {
            case ADDR -> {
                add(w, at + "addr_start", f.from());
                add(w, at + "addr_end", f.to());
            }
            case TARGET -> add(w, at + "damon_target_idx", f.from());
            case MEMCG -> w.add(new String[] {at + "memcg_path", f.memcgPath()});
            case HUGEPAGE_SIZE -> {
                add(w, at + "min", f.from());
                add(w, at + "max", f.to());
            }
            default -> {}
        }
    }

    private static void add(List<String[]> words, String path, long value) {
        words.add(new String[] {path, Long.toString(value)});
    }

    /**
     * Files of DAMON's sysfs directory of a scheme and their content, one per line, for these intervals. What a scheme has
     * from the start is left out, unless something else of its directory is not.
     *
     * @param directory the directory that has {@code schemes/}
     */
    public static String sysfs(List<Scheme> schemes, String directory, long sampleUs, long aggrUs) {
        StringBuilder b = new StringBuilder();
        line(b, directory + "/schemes/nr_schemes", Integer.toString(schemes.size()));
        for (int i = 0; i < schemes.size(); i++) {
            List<SchemeFiles.Content> files = SchemeFiles.of(schemes.get(i), sampleUs, aggrUs);
            Set<String> told = new HashSet<>();
            for (SchemeFiles.Content file : files) {
                if (!file.isDefault()) {
                    told.add(group(file));
                }
            }
            for (SchemeFiles.Content file : files) {
                if (told.contains(group(file))) {
                    line(b, directory + "/schemes/" + i + "/" + file.path(), file.value());
                }
            }
        }
        return b.toString();
    }

    private static String group(SchemeFiles.Content file) {
        int slash = file.path().indexOf('/');
        return slash < 0 ? file.path() : file.path().substring(0, slash);
    }

    private static void line(StringBuilder b, String path, String value) {
        b.append(path).append(' ').append(value).append('\n');
    }

    /**
     * damo's options of schemes whose bounds are in percent and time, or none.
     *
     * @throws InvalidInputException if a bound is a count, which needs the intervals
     */
    public static String damo(List<Scheme> schemes) {
        for (Scheme s : schemes) {
            boolean counts = isCount(s.access(), Range.Unit.SAMPLES) || isCount(s.age(), Range.Unit.AGGREGATIONS);
            if (counts) {
                throw new InvalidInputException("a bound is a count: damo's options need the intervals for it");
            }
        }
        return damo(schemes, 1, 1);
    }

    private static boolean isCount(Range r, Range.Unit unit) {
        return r.unit() == unit && (r.min() > 0 || r.max() > 0 && r.max() != Range.MAX);
    }

    /**
     * damo's options, for {@code damo start} or {@code damo tune}. damo takes accesses in percent and ages in time only, so
     * that counts become these by the intervals.
     */
    public static String damo(List<Scheme> schemes, long sampleUs, long aggrUs) {
        StringBuilder b = new StringBuilder();
        boolean quotas = schemes.stream().anyMatch(s -> !s.quota().isNone());
        boolean tuners = schemes.stream().anyMatch(s -> s.quota().temporal());
        boolean charges = schemes.stream().anyMatch(s -> s.quota().failDenom() != 0);
        boolean marks = schemes.stream().anyMatch(s -> s.watermarks().freeMemRate());
        for (Scheme s : schemes) {
            damoPattern(b, s, sampleUs, aggrUs);
            if (quotas) {
                damoQuota(b, s.quota(), tuners);
            }
            if (charges) {
                b.append(" --damos_quota_fail_charge_ratio ");
                words(b, s.quota().failNum(), s.quota().failDenom());
            }
            Watermarks w = s.watermarks();
            if (marks) {
                b.append(" --damos_wmarks ").append(w.freeMemRate() ? "free_mem_rate " : "none ");
                words(b, w.intervalUs(), w.high(), w.mid(), w.low());
            }
            s.filters().forEach(f -> damoFilter(b, f));
            if (s.maxSnapshots() > 0) {
                b.append(" --damos_max_nr_snapshots ").append(s.maxSnapshots());
            }
        }
        counts(b, "--damos_nr_quota_goals", schemes, s -> s.quota().goals().size());
        counts(b, "--damos_nr_filters", schemes, s -> s.filters().size());
        return b.toString();
    }

    /** Options that count how many of the preceding items belong to each scheme, where that is ambiguous. */
    private static void counts(StringBuilder b, String option, List<Scheme> schemes, ToIntFunction<Scheme> count) {
        if (schemes.size() > 1 && schemes.stream().mapToInt(count).sum() > 0) {
            b.append(' ').append(option);
            schemes.forEach(s -> b.append(' ').append(count.applyAsInt(s)));
        }
    }

    private static void damoPattern(StringBuilder b, Scheme s, long sampleUs, long aggrUs) {
        b.append(b.isEmpty() ? "" : " ")
                .append("--damos_action ")
                .append(s.action().word());
        if (!s.destinations().isEmpty()) {
            s.destinations()
                    .forEach(d -> b.append(' ').append(d.node()).append(' ').append(d.weight()));
        } else if (s.targetNode() >= 0) {
            b.append(' ').append(s.targetNode());
        }
        pair(b, "--damos_sz_region", s.size());
        rate(b, s.access(), Math.max(1, aggrUs / Math.max(1, sampleUs)));
        pair(b, "--damos_age", inTime(s.age(), aggrUs));
        if (s.applyUs() > 0) {
            b.append(" --damos_apply_interval ").append(s.applyUs());
        }
    }

    private static void damoQuota(StringBuilder b, Quota q, boolean tuners) {
        b.append(" --damos_quotas ");
        words(b, q.timeMs(), q.sizeBytes());
        b.append(' ').append(Range.text(q.resetMs())).append(' ');
        words(b, q.weightSize(), q.weightAccess(), q.weightAge());
        for (Quota.Goal g : q.goals()) {
            b.append(" --damos_quota_goal ").append(g.metric().word());
            b.append(' ').append(g.target());
            b.append(g.metric() == Quota.Metric.USER_INPUT ? " " + g.current() : "");
            b.append(g.node() >= 0 ? " " + g.node() : "");
            b.append(g.memcgPath().isEmpty() ? "" : " " + ShellWords.quoted(g.memcgPath()));
        }
        if (tuners) {
            b.append(" --damos_quota_goal_tuner ").append(q.temporal() ? "temporal" : "consist");
        }
    }

    private static void damoFilter(StringBuilder b, Filter f) {
        b.append(" --damos_filter ").append(f.allow() ? "allow " : "reject ");
        b.append(f.matching() ? "" : "none ").append(f.type().word());
        switch (f.type()) {
            case ADDR, HUGEPAGE_SIZE ->
                b.append(' ').append(f.from()).append(' ').append(f.to());
            case TARGET -> b.append(' ').append(f.from());
            case MEMCG -> b.append(' ').append(ShellWords.quoted(f.memcgPath()));
            default -> {}
        }
    }

    private static void words(StringBuilder b, long... values) {
        for (int i = 0; i < values.length; i++) {
            b.append(i == 0 ? "" : " ").append(values[i]);
        }
    }

    /** Module parameters of DAMON_RECLAIM equivalent to this scheme, as for the kernel command line; null if there are none. */
    public static String module(List<Scheme> schemes) {
        if (schemes.size() != 1) {
            return null;
        }
        Scheme s = schemes.get(0);
        boolean idle = s.access().min() == 0 && s.access().max() == 0;
        boolean sized = s.size().min() <= 4096 && s.size().max() == Range.MAX;
        boolean timed = s.age().unit() == Range.Unit.MICROSECONDS && s.age().max() == Range.MAX;
        if (s.action() != Action.PAGEOUT
                || !idle
                || !sized
                || !timed
                || !s.filters().isEmpty()) {
            return null;
        }
        Quota q = s.quota();
        StringBuilder b = new StringBuilder("damon_reclaim.enabled=Y damon_reclaim.min_age=");
        b.append(s.age().min());
        b.append(" damon_reclaim.quota_ms=").append(q.timeMs());
        b.append(" damon_reclaim.quota_sz=").append(q.sizeBytes());
        if (q.resetMs() != Range.MAX) {
            b.append(" damon_reclaim.quota_reset_interval_ms=").append(q.resetMs());
        }
        Watermarks w = s.watermarks();
        // Without watermarks it is always awake: every share of free memory lies between these.
        b.append(" damon_reclaim.wmarks_high=").append(w.freeMemRate() ? w.high() : 1000);
        b.append(" damon_reclaim.wmarks_mid=").append(w.freeMemRate() ? w.mid() : 999);
        b.append(" damon_reclaim.wmarks_low=").append(w.freeMemRate() ? w.low() : 0);
        return b.toString();
    }

    private static void pair(StringBuilder b, String option, Range r) {
        b.append(' ').append(option);
        b.append(' ').append(r.min() == 0 ? "min" : bound(r.min(), r));
        b.append(' ').append(r.max() == 0 ? "min" : bound(r.max(), r));
    }

    private static void rate(StringBuilder b, Range r, long samples) {
        if (r.unit() == Range.Unit.ACCESS_BP) {
            pair(b, "--damos_access_rate", r);
            return;
        }
        b.append(" --damos_access_rate ").append(percent(r.min(), samples));
        b.append(' ').append(percent(r.max(), samples));
    }

    /** The percentage that damo truncates to this number of samples; rounded up where no integer matches. */
    private static String percent(long n, long samples) {
        if (n == 0) {
            return "min";
        }
        if (n >= samples) {
            return n == Range.MAX || n > samples ? "max" : "100%";
        }
        if (n * 100 % samples == 0) {
            return n * 100 / samples + "%";
        }
        return String.format(Locale.ROOT, "%.2f%%", (n + 0.5) * 100 / samples);
    }

    private static Range inTime(Range r, long aggrUs) {
        if (r.unit() != Range.Unit.AGGREGATIONS) {
            return r;
        }
        return new Range(inTime(r.min(), aggrUs), inTime(r.max(), aggrUs), Range.Unit.MICROSECONDS);
    }

    private static long inTime(long aggregations, long aggrUs) {
        return aggregations > Range.KERNEL_MAX - 1 ? Range.MAX : aggregations * aggrUs;
    }
}
