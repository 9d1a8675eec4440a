package org.damson.analyzer.render.table;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.render.table.TableReport.Column;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.analyzer.workingset.WorkingSetBounds;

/** Percentiles of the confidence bounds on working-set sizes. */
public final class BoundsTable {
    private static final int[] PERCENTS = {0, 25, 50, 75, 90, 95, 99, 100};

    private BoundsTable() {}

    public static TableReport of(WorkingSetBounds bounds) {
        List<Object[]> rows = new ArrayList<>();
        for (WorkingSetBounds.Target t : bounds.targets()) {
            for (int p : PERCENTS) {
                rows.add(new Object[] {
                    t.low().label(),
                    (double) p,
                    t.low().bySize(p),
                    t.estimate().bySize(p),
                    t.high().bySize(p),
                    t.whole().bySize(p)
                });
            }
        }
        return new TableReport(
                List.of(new Section(
                        "bounds",
                        "memory accessed in a sampling interval, with 95 % confidence, and the working set",
                        List.of(
                                new Column("target", "target", Unit.TEXT),
                                new Column("percent_of_time", "of time", Unit.PERCENT),
                                new Column("low_bytes", "at least", Unit.BYTES),
                                new Column("estimate_bytes", "estimate", Unit.BYTES),
                                new Column("high_bytes", "at most", Unit.BYTES),
                                new Column("whole_bytes", "regions whole", Unit.BYTES)),
                        rows)),
                List.of(
                        "a sample looks at one page of a region: k of n samples estimate the share k/n of it; bounds p by"
                                + " n KL(k/n, p) = ln(2/0.05), added up over regions; each column at its own percentile",
                        "regions whole = working set of 'report wss'; 'at least' is a lower bound of what was accessed in"
                                + " the aggregation interval too"));
    }
}
