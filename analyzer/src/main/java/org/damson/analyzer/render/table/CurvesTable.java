package org.damson.analyzer.render.table;

import java.util.List;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.curves.Curves.Point;
import org.damson.analyzer.render.table.TableReport.Unit;

/** Curves as tables, for those of several traces below each other. */
public final class CurvesTable {
    private static final int POINTS = 24;

    private record Share(Curves curves, double ofAccesses) {}

    private static final Columns<Share> DRAM = new Columns<Share>()
            .add("percent_of_accesses", "of accesses", Unit.PERCENT, s -> 100 * s.ofAccesses)
            .add("by_heat_bytes", "by heat", Unit.BYTES, s -> s.curves.dramByHeat(s.ofAccesses))
            .add("by_idle_time_bytes", "by idle time", Unit.BYTES, s -> s.curves.dramByAge(s.ofAccesses));

    /** Idle memory at a point of the curve, and the part that comes back. */
    public static final Columns<Point> COLD_AND_BACK = new Columns<Point>()
            .add("cold_bytes", "cold, touched", Unit.BYTES, p -> p.cold().likely())
            .add("cold_bytes_max", "cold, all", Unit.BYTES, p -> p.cold().most())
            .add("back_bytes_per_second", "back", Unit.BYTES_PER_SECOND, p -> p.back()
                    .likely());

    private static final Columns<Point> COLUMNS = new Columns<Point>()
            .add("idle_ns", "idle for", Unit.NS, p -> p.ageUs() * 1000)
            .addAll(COLD_AND_BACK, p -> p)
            .add("promotion_percent_per_minute", "promotion", Unit.PERCENT_PER_MINUTE, Point::promotionPercentPerMinute)
            .add("hit_percent", "hits", Unit.PERCENT, p -> 100 * p.hitShare());

    private CurvesTable() {}

    public static TableReport of(Curves c, List<String> notes) {
        return new TableReport(
                List.of(
                        DRAM.section(
                                "dram",
                                "DRAM for a share of accesses",
                                List.of(new Share(c, 0.95), new Share(c, 0.99))),
                        COLUMNS.section("curves", "cold memory and what comes back", c.points(POINTS))),
                List.copyOf(notes));
    }
}
