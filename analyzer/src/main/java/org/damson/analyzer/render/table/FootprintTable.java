package org.damson.analyzer.render.table;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.render.table.TableReport.Column;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.analyzer.workingset.Footprint;
import org.damson.analyzer.workingset.Sizing;
import org.damson.analyzer.workingset.WorkingSetResult.Series;

/** Process and system memory usage: percentiles of it, and beside the working set. */
public final class FootprintTable {
    private static final int[] PERCENTS = {0, 25, 50, 75, 90, 95, 99, 100};
    private static final int[] UPPER = {50, 75, 90, 95, 99, 100};

    /** Said where nothing is known of any process. */
    public static final String NO_FOOTPRINT = "the trace has no footprints of processes";

    private FootprintTable() {}

    /** Percentiles over time of each size, and each sample. */
    public static TableReport of(Footprint footprint) {
        List<Object[]> rows = new ArrayList<>();
        List<Object[]> series = new ArrayList<>();
        footprint.sizes().forEach((name, samples) -> {
            Object[] row = new Object[PERCENTS.length + 1];
            row[0] = name;
            for (int i = 0; i < PERCENTS.length; i++) {
                row[i + 1] = samples.bySize(PERCENTS[i]);
            }
            rows.add(row);
            for (int i = 0; i < samples.length(); i++) {
                series.add(new Object[] {name, samples.startNs(i), samples.size(i)});
            }
        });
        List<Column> columns = new ArrayList<>();
        columns.add(new Column("size", "size", Unit.TEXT));
        for (int p : PERCENTS) {
            columns.add(new Column("p" + p + "_bytes", "p" + p, Unit.BYTES));
        }
        return new TableReport(
                List.of(
                        new Section("percentiles", "footprint, percentiles of its samples", columns, rows),
                        new Section(
                                "series",
                                null,
                                List.of(
                                        new Column("size", "size", Unit.TEXT),
                                        new Column("time_ns", "time", Unit.NS),
                                        new Column("bytes", "bytes", Unit.BYTES)),
                                series)),
                rows.isEmpty() ? List.of(NO_FOOTPRINT) : List.of());
    }

    /** Upper percentiles of the working set, of what was resident, and of what lies between. */
    public static TableReport of(Sizing sizing) {
        Series rss = sizing.footprint().resident();
        Series used = sizing.footprint().systemUsed();
        List<Object[]> rows = new ArrayList<>();
        for (int p : UPPER) {
            long wss = sizing.needed().total().bySize(p);
            Long resident = rss == null ? null : rss.bySize(p);
            Long gap = resident == null ? null : Long.valueOf(resident - wss);
            rows.add(new Object[] {
                (double) p,
                wss,
                resident,
                gap,
                resident == null || resident == 0 ? null : Double.valueOf(100.0 * gap / resident),
                used == null ? null : used.bySize(p)
            });
        }
        List<String> notes = new ArrayList<>();
        notes.add(WorkingSetTable.note(sizing.needed()));
        notes.add("resident = sum of the processes' resident sets; gap = resident less working set, each at its own"
                + " percentile");
        if (rss == null) {
            notes.add(NO_FOOTPRINT);
        }
        return new TableReport(
                List.of(new Section(
                        "sizing",
                        "how much memory it needs, and how much it has",
                        List.of(
                                new Column("percent_of_time", "of time", Unit.PERCENT),
                                new Column("working_set_bytes", "working set", Unit.BYTES),
                                new Column("resident_bytes", "resident", Unit.BYTES),
                                new Column("gap_bytes", "gap", Unit.BYTES),
                                new Column("gap_percent", "of resident", Unit.PERCENT),
                                new Column("system_used_bytes", "system used", Unit.BYTES)),
                        rows)),
                notes);
    }
}
