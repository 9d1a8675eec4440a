package org.damson.analyzer.render.table;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.analyzer.workingset.WorkingSetBounds;

/** Percentiles of the confidence bounds on working-set sizes. */
public final class BoundsTable {
    private static final int[] PERCENTS = {0, 25, 50, 75, 90, 95, 99, 100};

    private record Row(WorkingSetBounds.Target target, int percent) {}

    private static final Columns<Row> COLUMNS = new Columns<Row>()
            .add("target", "target", Unit.TEXT, r -> r.target.low().label())
            .add("percent_of_time", "of time", Unit.PERCENT, r -> (double) r.percent)
            .add("low_bytes", "at least", Unit.BYTES, r -> r.target.low().bySize(r.percent))
            .add("estimate_bytes", "estimate", Unit.BYTES, r -> r.target
                    .estimate()
                    .bySize(r.percent))
            .add("high_bytes", "at most", Unit.BYTES, r -> r.target.high().bySize(r.percent))
            .add("whole_bytes", "regions whole", Unit.BYTES, r -> r.target
                    .whole()
                    .bySize(r.percent));

    private BoundsTable() {}

    public static TableReport of(WorkingSetBounds bounds) {
        List<Row> rows = new ArrayList<>();
        for (WorkingSetBounds.Target t : bounds.targets()) {
            for (int p : PERCENTS) {
                rows.add(new Row(t, p));
            }
        }
        return new TableReport(
                List.of(COLUMNS.section(
                        "bounds",
                        "memory accessed in a sampling interval, with 95 % confidence, and the working set",
                        rows)),
                List.of(
                        "a sample looks at one page of a region: k of n samples estimate the share k/n of it; bounds p by"
                                + " n KL(k/n, p) = ln(2/0.05), added up over regions; each column at its own percentile",
                        "regions whole = working set of 'report wss'; 'at least' is a lower bound of what was accessed in"
                                + " the aggregation interval too"));
    }
}
