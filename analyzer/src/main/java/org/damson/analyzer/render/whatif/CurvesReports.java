package org.damson.analyzer.render.whatif;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.curves.Curves.Point;
import org.damson.analyzer.memory.Outcome;
import org.damson.model.Units;

/** Curves as text, CSV and as a map for JSON. */
public final class CurvesReports {
    private static final int POINTS = 64;

    /** Google's service level: at most 0.2 % of the working set comes back per minute. */
    public static final double PROMOTION_LIMIT = 0.2;

    private CurvesReports() {}

    public static String text(Curves c) {
        StringBuilder b = new StringBuilder();
        b.append(String.format(
                Locale.ROOT,
                "%12s %14s %14s %14s %16s %10s%n",
                "idle for",
                "cold, touched",
                "cold, all",
                "back per s",
                "promotion %/min",
                "hits"));
        for (Point p : c.points(24)) {
            b.append(String.format(
                    Locale.ROOT,
                    "%12s %14s %14s %14s %16.3f %8.3f %%%n",
                    Units.duration(p.ageUs() * 1000),
                    Units.bytes(Math.round(p.cold().likely())),
                    Units.bytes(Math.round(p.cold().most())),
                    Units.bytes(Math.round(p.back().likely())),
                    p.promotionPercentPerMinute(),
                    p.hitShare() * 100));
        }
        if (c.isPartial()) {
            b.append("regions are mappings: of those in use, ")
                    .append(Units.bytes(Math.round(c.undecidedBytes())))
                    .append(" beyond were seen touched once; since when they are idle is not recorded\n");
        }
        b.append("touched within ").append(Outcome.WORKING_SET_S).append(" s: ");
        b.append(Units.bytes(Math.round(c.workingSet())));
        b.append(c.isPartial() ? " at least, " + Units.bytes(Math.round(c.workingSetMost())) + " at most\n" : "\n");
        Point least = c.leastWithin(PROMOTION_LIMIT);
        b.append("least age whose promotion rate is within ")
                .append(PROMOTION_LIMIT)
                .append(" %/min: ");
        b.append(
                least == null
                        ? "none that leaves cold memory"
                        : Units.duration(least.ageUs() * 1000) + ", "
                                + Units.bytes(Math.round(least.cold().likely())) + " cold");
        b.append('\n');
        for (double share : new double[] {0.95, 0.99}) {
            b.append(String.format(
                    Locale.ROOT,
                    "DRAM for %.0f %% of accesses: %s by heat, %s by idle time%n",
                    share * 100,
                    Units.bytes(Math.round(c.dramByHeat(share))),
                    Units.bytes(Math.round(c.dramByAge(share)))));
        }
        return b.toString();
    }

    /** One line per slice and threshold; slices are numbered from 0. */
    public static void csv(List<Curves> slices, Appendable out) throws IOException {
        out.append("slice,min_age_aggrs,min_age_us,cold_bytes,cold_bytes_max,back_bytes_per_s_min,back_bytes_per_s,"
                + "back_bytes_per_s_max,promotion_percent_per_minute,resident_bytes,hit_share\n");
        for (int i = 0; i < slices.size(); i++) {
            for (Point p : slices.get(i).points(POINTS)) {
                out.append(String.format(
                        Locale.ROOT,
                        "%d,%d,%d,%d,%d,%d,%d,%d,%.6f,%d,%.6f%n",
                        i,
                        p.ageAggrs(),
                        p.ageUs(),
                        Math.round(p.cold().likely()),
                        Math.round(p.cold().most()),
                        Math.round(p.back().least()),
                        Math.round(p.back().likely()),
                        Math.round(p.back().most()),
                        p.promotionPercentPerMinute(),
                        Math.round(p.resident()),
                        p.hitShare()));
            }
        }
    }

    public static Map<String, Object> json(Curves all, List<Curves> slices) {
        Map<String, Object> m = one(all);
        if (slices.size() > 1) {
            List<Object> list = new ArrayList<>();
            for (Curves c : slices) {
                list.add(one(c));
            }
            m.put("slices", list);
        }
        return m;
    }

    private static Map<String, Object> one(Curves c) {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("seconds", c.seconds());
        m.put("aggr_us", c.aggrUs());
        m.put("touched_within_s", (long) Outcome.WORKING_SET_S);
        m.put("touched_within_bytes", Math.round(c.workingSet()));
        if (c.isPartial()) {
            m.put("touched_within_bytes_max", Math.round(c.workingSetMost()));
            m.put("idle_unknown_bytes", Math.round(c.undecidedBytes()));
        }
        m.put("dram_p95_by_heat_bytes", Math.round(c.dramByHeat(0.95)));
        m.put("dram_p99_by_heat_bytes", Math.round(c.dramByHeat(0.99)));
        m.put("dram_p95_by_idle_bytes", Math.round(c.dramByAge(0.95)));
        m.put("dram_p99_by_idle_bytes", Math.round(c.dramByAge(0.99)));
        List<Object> points = new ArrayList<>();
        for (Point p : c.points(POINTS)) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("min_age_us", p.ageUs());
            one.put("cold_bytes", Math.round(p.cold().likely()));
            one.put("cold_bytes_max", Math.round(p.cold().most()));
            one.put("back_bytes_per_s_min", Math.round(p.back().least()));
            one.put("back_bytes_per_s", Math.round(p.back().likely()));
            one.put("back_bytes_per_s_max", Math.round(p.back().most()));
            one.put("promotion_percent_per_minute", p.promotionPercentPerMinute());
            one.put("hit_share", p.hitShare());
            points.add(one);
        }
        m.put("points", points);
        return m;
    }
}
