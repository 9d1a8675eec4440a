package org.damson.analyzer.render.table;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.objects.WindowsResult;
import org.damson.analyzer.objects.WindowsResult.Window;
import org.damson.analyzer.render.table.TableReport.Unit;

/** Working sets by window length. */
public final class WindowsTable {
    /** Explains the sizes. */
    public static final String NOTE =
            "bytes accessed at least once in a window of this many snapshots, mean over all windows of the trace";

    private record Row(String target, Window window) {}

    private static final Columns<Row> COLUMNS = new Columns<Row>()
            .add("target", "target", Unit.TEXT, Row::target)
            .add("snapshots", "snapshots", Unit.COUNT, r -> r.window.snapshots())
            .add("window_ns", "window", Unit.NS, r -> r.window.lengthNs())
            .add("mean_bytes", "working set", Unit.BYTES, r -> r.window.meanBytes())
            .add("at_most_bytes", "at most", Unit.BYTES, r -> r.window.atMostBytes())
            .add("percent_of_accessed", "of all ever accessed", Unit.PERCENT, r -> r.window.percentOfAccessed());

    private WindowsTable() {}

    public static TableReport of(WindowsResult result) {
        List<Row> rows = new ArrayList<>();
        result.targets()
                .forEach(t -> t.windows().forEach(w -> rows.add(new Row(t.key().label(), w))));
        return new TableReport(
                List.of(COLUMNS.section("windows", "working set by length of window", rows)),
                List.of(
                        NOTE,
                        result.isOfMappings()
                                ? "regions of this trace are mappings. Lower bound: of each the maximum that one snapshot of the"
                                        + " window found touched; upper bound: the whole mappings, even where they were not"
                                        + " resident"
                                : "a region counts whole as soon as one access to it is seen, so these are upper bounds"));
    }
}
