package org.damson.analyzer.render.table;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.render.table.TableReport.Column;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.analyzer.timeline.Phase;
import org.damson.model.Units;

/** The phases of a program in the order of time. */
public final class PhasesTable {
    /** What sizes and times of a phase are. */
    public static final String NOTE =
            "from, to: since the start of the trace, to a column of a heatmap; sizes are means over the phase";

    private PhasesTable() {}

    public static TableReport of(List<Phase> phases) {
        List<Object[]> rows = new ArrayList<>();
        for (Phase p : phases) {
            long startNs = phases.get(0).fromNs();
            rows.add(new Object[] {
                rows.size() + 1L,
                p.fromNs() - startNs,
                p.toNs() - startNs,
                p.workingSetBytes(),
                p.hotBytes(),
                p.hottest() == null ? null : addresses(p.hottest()),
                p.hottestPercent()
            });
        }
        return new TableReport(
                List.of(new Section(
                        "phases",
                        "phases: times in which the same memory is used alike, and the same functions run where that is known",
                        List.of(
                                new Column("phase", "phase", Unit.COUNT),
                                new Column("start_ns", "from", Unit.NS),
                                new Column("end_ns", "to", Unit.NS),
                                new Column("working_set_bytes", "working set", Unit.BYTES),
                                new Column("hot_bytes", "hot on average", Unit.BYTES),
                                new Column("hottest", "hottest at", Unit.TEXT),
                                new Column("hottest_percent", "heat there", Unit.PERCENT)),
                        rows)),
                List.of(
                        NOTE,
                        "columns of a snapshot, of eight samples or of 1/240 of the time, by the shares of their heat and of"
                                + " the samples of their functions, cut so that squared distances from the phases' means and"
                                + " a penalty for each phase are least"));
    }

    public static String addresses(Phase.Place place) {
        return Units.address(place.start()) + " - " + Units.address(place.end());
    }
}
