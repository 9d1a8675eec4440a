package org.damson.analyzer.damo.report;

import java.io.IOException;
import java.util.Collections;
import java.util.List;
import org.damson.analyzer.damo.DamoAdjust;
import org.damson.analyzer.damo.DamoRecord;
import org.damson.analyzer.damo.DamoText;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.analyzer.damo.DamoVersion;
import org.damson.analyzer.damo.Num;
import org.damson.model.TraceSource;

/** {@code damo report holistic}: heatmaps of all areas, working set and footprints, on one page. */
public final class DamoHolistic {
    private static final List<Integer> PERCENTILES = List.of(0, 25, 50, 75, 100);
    private static final int MANY_SNAPSHOTS = 200;
    private static final int LEFT_OUT = 20;

    private final DamoTrace trace;
    private final boolean compat;
    private final DamoVersion version;
    private final DamoFootprints footprints;
    private final StringBuilder b = new StringBuilder();

    private DamoHolistic(DamoTrace trace, TraceSource source, boolean compat, DamoVersion version) throws IOException {
        this.version = version;
        this.trace = trace;
        this.compat = compat;
        footprints = DamoFootprints.of(source);
    }

    /**
     * What damo prints but for perf's hot functions, with the last line's end.
     *
     * @param full as damo's {@code --long}
     * @param version of damo, if {@code compat}
     */
    public static String report(DamoTrace trace, TraceSource source, boolean full, boolean compat, DamoVersion version)
            throws IOException {
        DamoHolistic h = new DamoHolistic(trace, source, compat, version);
        if (full) {
            h.full();
        } else {
            h.brief();
        }
        return h.b.toString();
    }

    private void brief() throws IOException {
        b.append("# Heatmap\n");
        for (DamoGuide guide : DamoGuide.of(trace.records, compat)) {
            heatmaps(guide, 5, "# target " + DamoRecord.none(guide.of.target) + ", address range ");
        }
        b.append("\n# Memory Footprints Distribution\n").append(DamoText.right("percentile", 10));
        for (int p : PERCENTILES) {
            b.append(' ').append(DamoText.right(Integer.toString(p), 15));
        }
        b.append('\n');
        row("wss", workingSets(settled(), false));
        for (String metric : List.of("rss", "vsz", "sys_used")) {
            row(metric, footprints.sizes(metric, false));
        }
    }

    private void row(String name, List<Num> values) {
        if (values.isEmpty()) {
            return;
        }
        b.append(DamoText.right(name, 10)).append(' ');
        for (int p : PERCENTILES) {
            String size = DamoText.sz(DamoDistribution.at(values, p), false);
            b.append(DamoText.right(size, 15)).append(' ');
        }
        b.append('\n');
    }

    private void full() throws IOException {
        heading("Overall recorded access pattern", '=');
        List<DamoGuide> guides = DamoGuide.of(trace.records, compat);
        for (DamoGuide guide : guides) {
            b.append(guide.text(compat)).append('\n');
        }
        b.append("\n# regions above are regions that access pattern recorded\n")
                .append("# you can get this via 'damo record_info', too\n\n");
        heading("Heatmap", '=');
        for (DamoGuide guide : guides) {
            b.append("# target ").append(DamoRecord.none(guide.of.target)).append('\n');
            heatmaps(guide, 10, "# address range ");
        }
        b.append("# you can get above via 'damo report heatmap'\n\n");
        heading("Working Set Size and Memory Footprints Distribution", '=');
        List<DamoRecord> settled = settled();
        for (String order : List.of("size", "time")) {
            b.append("Sorted by ").append(order).append("\n--------------\n\n");
            boolean byTime = order.equals("time");
            distribution("wss", workingSets(settled, byTime));
            for (String metric : List.of("rss", "vsz", "sys_used")) {
                distribution(metric, footprints.sizes(metric, byTime));
            }
            b.append('\n');
        }
        b.append("# you can get above via 'damo report wss' and 'damo report footprints'\n");
    }

    private void heading(String title, char line) {
        b.append(title)
                .append('\n')
                .append(String.valueOf(line).repeat(title.length()))
                .append("\n\n");
    }

    private void distribution(String metric, List<Num> values) {
        DamoDistribution.Style style = new DamoDistribution.Style(PERCENTILES, false, false, 59);
        b.append(DamoDistribution.text(metric, values, style, v -> DamoText.sz(v, false)))
                .append('\n');
    }

    private void heatmaps(DamoGuide guide, int rows, String title) throws IOException {
        DamoHeatmap.Options o = new DamoHeatmap.Options();
        o.compat = compat;
        o.version = version;
        o.timeResol = rows;
        o.skipColorExample = true;
        // damo looks for records of no kdamond, context and scheme only.
        DamoRecord wanted = compat ? guide.of.of(null, null, null, guide.of.target) : guide.of;
        List<DamoRecord> chosen =
                trace.records.stream().filter(r -> r.isOf(wanted)).toList();
        for (DamoGuide.Area area : guide.areas) {
            b.append(title)
                    .append(area.start)
                    .append('-')
                    .append(area.end)
                    .append('\n')
                    .append(DamoHeatmap.picture(
                            chosen, o, new Num[] {guide.startTime, guide.endTime}, new Num[] {area.start, area.end}))
                    .append('\n');
        }
    }

    /** Without the first snapshots where there are many, as damo does; all of them without compat. */
    private List<DamoRecord> settled() throws IOException {
        long[] snapshots = {0};
        for (DamoRecord r : trace.records) {
            r.forEach(s -> snapshots[0]++);
        }
        if (!compat || snapshots[0] <= MANY_SNAPSHOTS) {
            return trace.records;
        }
        return trace.records.stream()
                .map(r -> DamoAdjust.aggregate(r, 1, LEFT_OUT, true))
                .toList();
    }

    /** damo sorts each target's before it adds them up, which adds up what was not at the same time. */
    private List<Num> workingSets(List<DamoRecord> records, boolean byTime) throws IOException {
        List<Num> values = DamoWorkingSet.collapsedSizes(records, byTime || !compat);
        if (!byTime && !compat) {
            Collections.sort(values);
        }
        return values;
    }
}
