package org.damson.analyzer.render.table;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.curves.Curves.Point;
import org.damson.analyzer.render.table.TableReport.Column;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.analyzer.render.table.TableReport.Unit;

/** Curves as tables, for those of several traces below each other. */
public final class CurvesTable {
    private CurvesTable() {}

    public static TableReport of(Curves c) {
        List<Object[]> rows = new ArrayList<>();
        for (Point p : c.points(24)) {
            rows.add(new Object[] {
                p.ageUs() * 1000,
                p.cold().likely(),
                p.cold().most(),
                p.back().likely(),
                p.promotionPercentPerMinute(),
                100 * p.hitShare()
            });
        }
        List<Object[]> dram = new ArrayList<>();
        for (double share : new double[] {0.95, 0.99}) {
            dram.add(new Object[] {100 * share, c.dramByHeat(share), c.dramByAge(share)});
        }
        return new TableReport(
                List.of(
                        new Section(
                                "dram",
                                "DRAM for a share of accesses",
                                List.of(
                                        new Column("percent_of_accesses", "of accesses", Unit.PERCENT),
                                        new Column("by_heat_bytes", "by heat", Unit.BYTES),
                                        new Column("by_idle_time_bytes", "by idle time", Unit.BYTES)),
                                dram),
                        new Section(
                                "curves",
                                "cold memory and what comes back",
                                List.of(
                                        new Column("idle_ns", "idle for", Unit.NS),
                                        new Column("cold_bytes", "cold, touched", Unit.BYTES),
                                        new Column("cold_bytes_max", "cold, all", Unit.BYTES),
                                        new Column("back_bytes_per_second", "back", Unit.BYTES_PER_SECOND),
                                        new Column(
                                                "promotion_percent_per_minute", "promotion", Unit.PERCENT_PER_MINUTE),
                                        new Column("hit_percent", "hits", Unit.PERCENT)),
                                rows)),
                List.of());
    }
}
