package org.damson.analyzer.render.table;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.analyzer.timeline.Phase;
import org.damson.model.Units;

/** The phases of a program in the order of time. */
public final class PhasesTable {
    /** Explains the sizes and times of a phase. */
    public static final String NOTE =
            "from, to: since the start of the trace, to within a 120th of its time; sizes are means over the phase";

    /** A phase with the number it is called by, from 1 on. */
    private record Row(long number, Phase phase) {}

    private static final Columns<Row> COLUMNS = new Columns<Row>()
            .add("phase", "phase", Unit.COUNT, Row::number)
            .add("start_ns", "from", Unit.NS, r -> r.phase.fromNs() - r.phase.traceNs())
            .add("end_ns", "to", Unit.NS, r -> r.phase.toNs() - r.phase.traceNs())
            .add("working_set_bytes", "working set", Unit.BYTES, r -> r.phase.workingSetBytes())
            .add("hot_bytes", "hot on average", Unit.BYTES, r -> r.phase.hotBytes())
            .add(
                    "hottest",
                    "hottest at",
                    Unit.TEXT,
                    r -> r.phase.hottest() == null ? null : addresses(r.phase.hottest()))
            .add("hottest_percent", "heat there", Unit.PERCENT, r -> r.phase.hottestPercent());

    private PhasesTable() {}

    public static TableReport of(List<Phase> phases) {
        List<Row> rows = new ArrayList<>();
        for (Phase p : phases) {
            rows.add(new Row(rows.size() + 1, p));
        }
        return new TableReport(
                List.of(COLUMNS.section(
                        "phases", "phases: times of similar memory use, and of similar functions where known", rows)),
                List.of(
                        NOTE,
                        "phases are found in columns of a snapshot, of three to eight samples or of 1/240 of the time: those of a phase"
                                + " have like shares of heat at each address and of samples in each function (least squares,"
                                + " with a penalty for each phase); a phase takes two or three columns, and where nothing changes at"
                                + " most one recording in 100 has phases"));
    }

    public static String addresses(Phase.Place place) {
        return Units.address(place.start()) + " - " + Units.address(place.end());
    }
}
