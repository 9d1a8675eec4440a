package org.damson.analyzer.render.table;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.analyzer.timeline.FunctionShares;
import org.damson.analyzer.timeline.Phase;
import org.damson.analyzer.timeline.Timeline;
import org.damson.model.Units;

/** The phases of a timeline, and the functions that ran most in each; first of all time, of which a phase is not said. */
public final class TimelineTable {
    /** Functions of a phase. */
    private static final int TOP = 5;

    /** @param phase null: all time */
    private record Row(Long phase, FunctionShares.Share share) {}

    private static final Columns<Row> FUNCTIONS = new Columns<Row>()
            .add("phase", "phase", Unit.COUNT, Row::phase)
            .add("function", "function", Unit.TEXT, r -> r.share.function())
            .add("samples", "samples", Unit.COUNT, r -> r.share.self())
            .add("self_percent", "itself", Unit.PERCENT, r -> 100.0 * r.share.self() / r.share.all())
            .add("total_percent", "with what it called", Unit.PERCENT, r -> 100.0 * r.share.total() / r.share.all());

    private TimelineTable() {}

    public static TableReport of(Timeline t) {
        TableReport phases = PhasesTable.of(t.phases());
        List<Row> rows = new ArrayList<>();
        if (t.functions() != null) {
            t.functions().top(t.fromNs(), t.toNs(), TOP).forEach(s -> rows.add(new Row(null, s)));
            for (int i = 0; i < t.phases().size(); i++) {
                Phase p = t.phases().get(i);
                long number = i + 1;
                t.functions().top(p.fromNs(), p.toNs(), TOP).forEach(s -> rows.add(new Row(number, s)));
            }
        }
        List<Section> sections = new ArrayList<>(phases.sections());
        sections.add(
                FUNCTIONS.section("functions", "functions that ran most, over all time (-) and in each phase", rows));
        return new TableReport(List.copyOf(sections), notes(t, phases.notes()));
    }

    private static List<String> notes(Timeline t, List<String> ofPhases) {
        List<String> notes = new ArrayList<>(ofPhases);
        if (t.functions() == null) {
            notes.add(Timeline.NO_STACKS);
            return notes;
        }
        notes.add("functions: shares of the samples of " + t.functions().event() + " in that time, of all threads; "
                + Timeline.MATCHED);
        if (t.functions().others() > 0) {
            notes.add("not counted: " + Units.count(t.functions().others(), "sample") + " of other events");
        }
        if (t.phases().isEmpty()) {
            notes.add("no snapshots, so no phases: only call stacks");
        } else if (t.outside() > 0) {
            notes.add("samples before the first snapshot or after the last, in no phase: " + Units.count(t.outside()));
        }
        return notes;
    }
}
