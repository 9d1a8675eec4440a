package org.damson.analyzer.render.whatif;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.damson.analyzer.memory.Outcome;
import org.damson.analyzer.memory.Outcome.Point;
import org.damson.analyzer.openloop.OpenLoopResult;
import org.damson.analyzer.scan.Bounded;
import org.damson.damon.scheme.Action;
import org.damson.model.Units;

/** Effects on memory and time, as text, CSV over time, and a map for JSON. */
public final class OutcomeReports {
    private OutcomeReports() {}

    static void text(Outcome o, List<OpenLoopResult.PerScheme> schemes, StringBuilder b) {
        boolean reclaims = schemes.stream().anyMatch(s -> s.scheme().action() == Action.PAGEOUT)
                || o.options().limitBytes() > 0;
        b.append("\nmemory and time\n");
        if (o.residentMeanBytes() >= 0) {
            line(b, "resident, recorded", size(o.residentMeanBytes()) + " in the mean");
        }
        line(b, "seen touched", size(o.knownBytes()));
        line(
                b,
                "working set",
                size(o.workingSetMeanBytes()) + " likely touched within " + Outcome.WORKING_SET_S + " s or the start");
        if (reclaims) {
            reclaim(o, b);
        }
        huge(o, b);
        if (o.lockedMeanBytes() > 0) {
            line(b, "locked", size(o.lockedMeanBytes()) + " in the mean");
        }
        if (o.options().limitBytes() > 0) {
            line(
                    b,
                    "refaults under " + Units.bytes(o.options().limitBytes()),
                    size(o.limitRefaults().bytes()) + ", without the schemes "
                            + size(o.limitRefaults().withoutSchemesBytes()));
        }
        tiers(o, b);
        if (o.sortedBytes() > 0) {
            line(b, "LRU sorted", size(o.sortedBytes()));
        }
        if (reclaims) {
            b.append("  assumed: ").append(o.options().cost().describe()).append('\n');
            if (!o.mapped()) {
                b.append("  no mappings of one process are recorded: what was never seen touched counts in upper bounds"
                        + " only\n");
            }
        }
    }

    private static void reclaim(Outcome o, StringBuilder b) {
        line(b, "out", sizes(o.savedBytes()) + " in the mean");
        line(b, "DRAM saved", sizes(o.dramSavedBytes()) + " in the mean");
        line(b, "paged out", size(o.pagedOutBytes()));
        line(b, "written back", sizes(o.writtenBackBytes()));
        line(b, "refaulted", sizes(o.refaultedBytes()) + "; undecided: " + size(o.undecidedRefaultBytes()));
        line(b, "promotion rate", numbers(o.promotionPercentPerMinute(), "% of the working set per minute"));
        line(b, "stall", times(o.stallNs()));
        line(b, "slowdown", numbers(o.slowdownShare().times(100), "%"));
        line(b, "reclaim", time(o.reclaimNs()) + " of the kernel's time");
    }

    private static void huge(Outcome o, StringBuilder b) {
        if (o.huge().meanBytes() > 0) {
            line(b, "huge pages asked for", size(o.huge().meanBytes()) + " in the mean");
            line(b, "accesses there", percent(o.huge().accessShare()));
            line(
                    b,
                    "bloat",
                    size(o.huge().bloatLikelyBytes()) + " likely, "
                            + size(o.huge().bloatMostBytes()) + " at most");
        }
    }

    private static void tiers(Outcome o, StringBuilder b) {
        if (o.options().fastBytes() > 0) {
            line(
                    b,
                    "fast tier hits",
                    percent(o.tiers().fastHitShare()) + ", without the schemes "
                            + percent(o.tiers().fastHitShareWithoutSchemes()));
            line(
                    b,
                    "promoted, demoted",
                    size(o.tiers().promotedBytes()) + ", " + size(o.tiers().demotedBytes()));
        }
    }

    private static void line(StringBuilder b, String name, String value) {
        b.append(String.format(Locale.ROOT, "  %-20s %s%n", name, value));
    }

    private static String size(double bytes) {
        return Units.bytes(Math.round(bytes));
    }

    private static String time(double ns) {
        return Units.duration(Math.round(ns));
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", share * 100);
    }

    private static String sizes(Bounded v) {
        return size(v.likely()) + " (" + size(v.least()) + " to " + size(v.most()) + ")";
    }

    private static String times(Bounded v) {
        return time(v.likely()) + " (" + time(v.least()) + " to " + time(v.most()) + ")";
    }

    private static String numbers(Bounded v, String unit) {
        return String.format(Locale.ROOT, "%.3f %s (%.3f to %.3f)", v.likely(), unit, v.least(), v.most());
    }

    /** One line per step of time. */
    public static void csv(Outcome o, Appendable out) throws IOException {
        out.append("from_ns,to_ns,resident_bytes,out_bytes_min,out_bytes,out_bytes_max,refaulted_bytes_min,"
                + "refaulted_bytes,refaulted_bytes_max,stall_ns,huge_bytes,locked_bytes,fast_hit_share\n");
        for (Point p : o.points()) {
            out.append(String.format(
                    Locale.ROOT,
                    "%d,%d,%d,%d,%d,%d,%d,%d,%d,%d,%d,%d,%.6f%n",
                    p.fromNs(),
                    p.toNs(),
                    Math.round(p.residentBytes()),
                    Math.round(p.outBytes().least()),
                    Math.round(p.outBytes().likely()),
                    Math.round(p.outBytes().most()),
                    Math.round(p.refaultedBytes().least()),
                    Math.round(p.refaultedBytes().likely()),
                    Math.round(p.refaultedBytes().most()),
                    Math.round(p.stallNs()),
                    Math.round(p.hugeBytes()),
                    Math.round(p.lockedBytes()),
                    p.fastHitShare()));
        }
    }

    private static void put(Map<String, Object> m, String name, Bounded v) {
        m.put(name + "_min", Math.round(v.least()));
        m.put(name, Math.round(v.likely()));
        m.put(name + "_max", Math.round(v.most()));
    }

    private static void share(Map<String, Object> m, String name, Bounded v) {
        m.put(name + "_min", v.least());
        m.put(name, v.likely());
        m.put(name + "_max", v.most());
    }

    static Map<String, Object> json(Outcome o) {
        Map<String, Object> m = new LinkedHashMap<>();
        Map<String, Object> cost = new LinkedHashMap<>();
        cost.put("name", o.options().cost().name());
        cost.put("in_ns_per_page", o.options().cost().inNs());
        cost.put("out_ns_per_page", o.options().cost().outNs());
        cost.put("kept_share", o.options().cost().keptShare());
        m.put("cost", cost);
        m.put("seconds", o.seconds());
        m.put("resident_bytes_mean", o.residentMeanBytes() < 0 ? null : (Object) Math.round(o.residentMeanBytes()));
        m.put("touched_bytes", Math.round(o.knownBytes()));
        m.put("working_set_bytes_mean", Math.round(o.workingSetMeanBytes()));
        put(m, "out_bytes_mean", o.savedBytes());
        put(m, "dram_saved_bytes_mean", o.dramSavedBytes());
        m.put("paged_out_bytes", Math.round(o.pagedOutBytes()));
        put(m, "written_back_bytes", o.writtenBackBytes());
        put(m, "refaulted_bytes", o.refaultedBytes());
        m.put("undecided_refaulted_bytes", Math.round(o.undecidedRefaultBytes()));
        share(m, "promotion_percent_per_minute", o.promotionPercentPerMinute());
        put(m, "stall_ns", o.stallNs());
        share(m, "slowdown", o.slowdownShare());
        m.put("reclaim_ns", Math.round(o.reclaimNs()));
        m.put("huge_bytes_mean", Math.round(o.huge().meanBytes()));
        m.put("huge_access_share", o.huge().accessShare());
        m.put("bloat_bytes", Math.round(o.huge().bloatLikelyBytes()));
        m.put("bloat_bytes_max", Math.round(o.huge().bloatMostBytes()));
        m.put("locked_bytes_mean", Math.round(o.lockedMeanBytes()));
        if (o.options().limitBytes() > 0) {
            m.put("limit_bytes", o.options().limitBytes());
            m.put("limit_refaulted_bytes", Math.round(o.limitRefaults().bytes()));
            m.put("limit_refaulted_bytes_without", Math.round(o.limitRefaults().withoutSchemesBytes()));
        }
        if (o.options().fastBytes() > 0) {
            m.put("fast_tier_bytes", o.options().fastBytes());
            m.put("fast_hit_share", o.tiers().fastHitShare());
            m.put("fast_hit_share_without", o.tiers().fastHitShareWithoutSchemes());
            m.put("promoted_bytes", Math.round(o.tiers().promotedBytes()));
            m.put("demoted_bytes", Math.round(o.tiers().demotedBytes()));
        }
        m.put("lru_sorted_bytes", Math.round(o.sortedBytes()));
        m.put("mappings_known", o.mapped());
        List<Object> points = new ArrayList<>();
        for (Point p : o.points()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("from_ns", p.fromNs());
            one.put("to_ns", p.toNs());
            one.put("resident_bytes", Math.round(p.residentBytes()));
            put(one, "out_bytes", p.outBytes());
            put(one, "refaulted_bytes", p.refaultedBytes());
            one.put("stall_ns", Math.round(p.stallNs()));
            points.add(one);
        }
        m.put("over_time", points);
        return m;
    }
}
