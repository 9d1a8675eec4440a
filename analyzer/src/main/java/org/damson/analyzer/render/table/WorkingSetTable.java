package org.damson.analyzer.render.table;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.render.table.TableReport.Column;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.analyzer.workingset.WrittenShare;
import org.damson.model.Units;

/** Working sets, one row a target, for several traces in one table. */
public final class WorkingSetTable {
    private WorkingSetTable() {}

    /**
     * The table.
     *
     * @param byTime whether percentiles are those of the recording's time instead of the sizes
     * @param points percentiles, 0..100
     */
    public static TableReport of(WorkingSetResult r, boolean byTime, List<Integer> points) {
        List<Column> columns = new ArrayList<>(List.of(
                new Column("target", "target", Unit.TEXT),
                new Column("snapshots", "snapshots", Unit.COUNT),
                new Column("mean_bytes", "mean", Unit.BYTES)));
        for (int p : points) {
            columns.add(new Column("p" + p + "_bytes", p + " %", Unit.BYTES));
        }
        if (!r.written().isEmpty()) {
            columns.add(new Column("mean_written_bytes", "written", Unit.BYTES));
            columns.add(new Column("mean_only_read_bytes", "only read", Unit.BYTES));
            columns.add(new Column("mean_not_known_bytes", "not known", Unit.BYTES));
        }
        List<Object[]> rows = new ArrayList<>();
        List<WorkingSetResult.Series> all = new ArrayList<>(r.targets());
        if (r.targets().size() > 1) {
            all.add(r.total());
        }
        for (WorkingSetResult.Series s : all) {
            Object[] row = new Object[columns.size()];
            row[0] = s.label();
            row[1] = (long) s.length();
            row[2] = s.mean();
            for (int i = 0; i < points.size(); i++) {
                row[3 + i] = s.at(points.get(i), byTime);
            }
            WrittenShare share = r.written().get(s.label());
            if (share != null) {
                row[3 + points.size()] = share.writtenBytes();
                row[4 + points.size()] = share.readBytes();
                row[5 + points.size()] = share.notKnownBytes();
            }
            rows.add(row);
        }
        List<String> notes = new ArrayList<>(List.of(note(r)));
        if (r.lostRegions() != 0) {
            notes.add("incomplete: " + r.lostRegions() + " regions were lost; sizes are too small by them");
        }
        return new TableReport(
                List.of(new Section(
                        "working_set",
                        byTime ? "working set, by % of time" : "working set, by percentile",
                        columns,
                        rows)),
                notes);
    }

    /** One sentence on what a size here means. */
    public static String note(WorkingSetResult r) {
        int least = r.options().minAccesses();
        String what = r.referenced()
                ? "bytes referenced within the window of one sample (mean of the samples)"
                : "size of regions with at least " + least + " access" + (least == 1 ? "" : "es")
                        + " per aggregation interval";
        return "working set = " + what + "; window " + Units.duration(r.windowNs());
    }
}
