package org.damson.analyzer.render.table;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.analyzer.workingset.WorkingSetResult.Series;

/** Number of regions of snapshots, by percentile. */
public final class RegionsTable {
    private record Row(Series series, int percent) {}

    private RegionsTable() {}

    /**
     * The table.
     *
     * @param targets whose sizes are counts of regions
     * @param points percentiles, 0..100
     * @param byTime whether percentiles are those of the recording's time instead of the counts
     */
    public static TableReport of(List<Series> targets, List<Integer> points, boolean byTime) {
        List<Row> rows = new ArrayList<>();
        targets.forEach(s -> points.forEach(p -> rows.add(new Row(s, p))));
        Columns<Row> columns = new Columns<Row>()
                .add("target", "target", Unit.TEXT, r -> r.series.label())
                .add(byTime ? "percent_of_time" : "percentile", "percent", Unit.PERCENT, r -> (double) r.percent)
                .add("regions", "regions", Unit.COUNT, r -> r.series.at(r.percent, byTime));
        return new TableReport(List.of(columns.section("regions", "regions of a snapshot", rows)), List.of());
    }
}
