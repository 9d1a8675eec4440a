package org.damson.analyzer.render.fleet;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.fleet.report.FleetCurvesResult;
import org.damson.analyzer.fleet.report.FleetCurvesResult.Sum;
import org.damson.analyzer.render.table.Columns;
import org.damson.analyzer.render.table.CurvesTable;
import org.damson.analyzer.render.table.TableReport;
import org.damson.analyzer.render.table.TableReport.Unit;

/** Cold-age and promotion histograms of many traces. */
public final class FleetCurvesTable {
    private static final int POINTS = 64;
    private static final double PROMOTION_LIMIT = 0.2;

    private record Row(Sum sum, Curves.Point point) {}

    private static final Columns<Sum> AGGR =
            new Columns<Sum>().add("aggr_us", "aggregation, us", Unit.COUNT, Sum::aggrUs);

    private static final Columns<Curves.Point> WITHIN_LIMIT = new Columns<Curves.Point>()
            .add("back_within_limit_ns", "back within", Unit.NS, p -> p.ageUs() * 1000)
            .add("cold_bytes", "cold then", Unit.BYTES, p -> p.cold().likely());

    private static final Columns<Curves> TOTALS = new Columns<Curves>()
            .add("seconds", "seconds", Unit.COUNT, Curves::seconds)
            .add("regions", "regions", Unit.COUNT, Curves::regions)
            .add("touched_bytes", "touched", Unit.BYTES, Curves::touchedBytes)
            .add("touched_within_120s_bytes", "within 120 s", Unit.BYTES, Curves::workingSet)
            .addAll(WITHIN_LIMIT, c -> c.leastWithin(PROMOTION_LIMIT))
            .add("dram_p95_by_heat_bytes", "DRAM 95 % by heat", Unit.BYTES, c -> c.dramByHeat(0.95))
            .add("dram_p99_by_heat_bytes", "99 %", Unit.BYTES, c -> c.dramByHeat(0.99));

    private static final Columns<Curves.Point> OF_POINTS = new Columns<Curves.Point>()
            .add("min_age_ns", "idle for", Unit.NS, p -> p.ageUs() * 1000)
            .addAll(CurvesTable.COLD_AND_BACK, p -> p)
            .add(
                    "back_percent_per_minute",
                    "of working set",
                    Unit.PERCENT_PER_MINUTE,
                    Curves.Point::promotionPercentPerMinute)
            .add("hit_percent", "hits", Unit.PERCENT, p -> p.hitShare() * 100);

    private FleetCurvesTable() {}

    public static TableReport of(FleetCurvesResult result) {
        Columns<Sum> totals = FleetColumns.keys(result.by(), Sum::keys);
        totals.addAll(AGGR, s -> s).addAll(TOTALS, Sum::curves);
        Columns<Row> points = FleetColumns.keys(result.by(), r -> r.sum.keys());
        points.addAll(AGGR, Row::sum).addAll(OF_POINTS, Row::point);
        List<Row> rows = new ArrayList<>();
        result.sums().forEach(s -> s.curves().points(POINTS).forEach(p -> rows.add(new Row(s, p))));
        boolean isOne = result.sums().size() == 1;
        return new TableReport(
                List.of(
                        totals.section("totals", "memory by how long it has been idle", result.sums()),
                        FleetColumns.troubles(result.troubles()),
                        points.section(
                                "points",
                                isOne
                                        ? "memory idle for at least this long, and how much of it is touched again"
                                        : null,
                                rows)),
                List.of(
                        "means over time of one trace, of all its targets together; sums of all traces are exact; different aggregation intervals are "
                                + "not mixed",
                        "'back within' is the least idle time after which at most " + PROMOTION_LIMIT
                                + " % of the working set of 120 s come back a minute"));
    }
}
