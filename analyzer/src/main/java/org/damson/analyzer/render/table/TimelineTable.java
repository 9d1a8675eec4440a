package org.damson.analyzer.render.table;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.render.table.TableReport.Column;
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

    private TimelineTable() {}

    public static TableReport of(Timeline t) {
        TableReport phases = PhasesTable.of(t.phases());
        List<Object[]> rows = new ArrayList<>();
        if (t.functions() != null) {
            addTop(rows, t.functions(), null, t.fromNs(), t.toNs());
            for (int i = 0; i < t.phases().size(); i++) {
                Phase p = t.phases().get(i);
                addTop(rows, t.functions(), i + 1L, p.fromNs(), p.toNs());
            }
        }
        List<Section> sections = new ArrayList<>(phases.sections());
        sections.add(new Section(
                "functions",
                "functions that ran most, over all time (-) and in each phase",
                List.of(
                        new Column("phase", "phase", Unit.COUNT),
                        new Column("function", "function", Unit.TEXT),
                        new Column("samples", "samples", Unit.COUNT),
                        new Column("self_percent", "itself", Unit.PERCENT),
                        new Column("total_percent", "with what it called", Unit.PERCENT)),
                rows));
        return new TableReport(List.copyOf(sections), notes(t, phases.notes()));
    }

    private static void addTop(List<Object[]> rows, FunctionShares functions, Long phase, long from, long to) {
        for (FunctionShares.Share s : functions.top(from, to, TOP)) {
            rows.add(
                    new Object[] {phase, s.function(), s.self(), 100.0 * s.self() / s.all(), 100.0 * s.total() / s.all()
                    });
        }
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
            notes.add(Units.count(t.functions().others()) + " samples of other events are not counted");
        }
        if (t.phases().isEmpty()) {
            notes.add("no snapshots, so no phases: only call stacks");
        } else if (t.outside() > 0) {
            notes.add("samples before the first snapshot or after the last, in no phase: " + Units.count(t.outside()));
        }
        return notes;
    }
}
