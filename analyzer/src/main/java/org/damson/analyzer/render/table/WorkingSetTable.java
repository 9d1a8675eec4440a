package org.damson.analyzer.render.table;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.analyzer.workingset.WorkingSetResult.Series;
import org.damson.analyzer.workingset.WrittenShare;
import org.damson.model.Units;

/** Working sets, one row a target, for several traces in one table. */
public final class WorkingSetTable {
    private static final Columns<WrittenShare> WRITTEN = new Columns<WrittenShare>()
            .add("mean_written_bytes", "written", Unit.BYTES, WrittenShare::writtenBytes)
            .add("mean_only_read_bytes", "only read", Unit.BYTES, WrittenShare::readBytes)
            .add("mean_not_known_bytes", "not known", Unit.BYTES, WrittenShare::notKnownBytes);

    private WorkingSetTable() {}

    /**
     * The table.
     *
     * @param byTime whether percentiles are those of the recording's time instead of the sizes
     * @param points percentiles, 0..100
     */
    public static TableReport of(WorkingSetResult r, boolean byTime, List<Integer> points) {
        Columns<Series> columns = new Columns<Series>()
                .add("target", "target", Unit.TEXT, Series::label)
                .add("snapshots", "snapshots", Unit.COUNT, Series::length)
                .add("mean_bytes", "mean", Unit.BYTES, Series::mean);
        for (int p : points) {
            columns.add("p" + p + "_bytes", p + " %", Unit.BYTES, s -> s.at(p, byTime));
        }
        if (!r.written().isEmpty()) {
            columns.addAll(WRITTEN, s -> r.written().get(s.label()));
        }
        List<Series> all = new ArrayList<>(r.targets());
        if (r.targets().size() > 1) {
            all.add(r.total());
        }
        List<String> notes = new ArrayList<>(List.of(note(r)));
        if (r.lostRegions() != 0) {
            notes.add("incomplete: " + Units.count(r.lostRegions(), "region", "was")
                    + " lost; sizes are too small by that");
        }
        return new TableReport(
                List.of(columns.section(
                        "working_set", byTime ? "working set, by % of time" : "working set, by percentile", all)),
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
