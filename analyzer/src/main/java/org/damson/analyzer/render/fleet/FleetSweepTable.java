package org.damson.analyzer.render.fleet;

import java.util.List;
import org.damson.analyzer.fleet.tune.FleetSweepResult;
import org.damson.analyzer.fleet.tune.FleetSweepResult.Point;
import org.damson.analyzer.render.table.Columns;
import org.damson.analyzer.render.table.SweepTable;
import org.damson.analyzer.render.table.TableReport;
import org.damson.analyzer.render.table.TableReport.Unit;

/** What schemes would have tried over many traces, a line for each combination of thresholds. */
public final class FleetSweepTable {
    private static final Columns<Point> COLUMNS = new Columns<Point>()
            .add("sample_us", "sampling, us", Unit.COUNT, Point::sampleUs)
            .add("aggr_us", "aggregation, us", Unit.COUNT, Point::aggrUs)
            .add("traces", "traces", Unit.COUNT, Point::traces)
            .add("min_age_aggrs", "min age, aggrs", Unit.COUNT, Point::minAgeAggrs)
            .add("max_nr_accesses", "max accesses", Unit.COUNT, Point::maxNrAccesses)
            .add("min_size_bytes", "min size", Unit.BYTES, Point::minSizeBytes)
            .addAll(SweepTable.tried(Point::tried, Point::least, Point::most), p -> p);

    private FleetSweepTable() {}

    public static TableReport of(FleetSweepResult result) {
        Columns<Point> columns = FleetColumns.keys(result.by(), Point::keys);
        columns.addAll(COLUMNS, p -> p);
        return new TableReport(
                List.of(
                        FleetColumns.troubles(result.troubles()),
                        columns.section("points", "what stat schemes without quota would have tried", result.points())),
                List.of("sums over all snapshots and traces, with bounds; ages count aggregation intervals and accesses"
                        + " count samples, so different intervals are not mixed"));
    }
}
