package org.damson.analyzer.fleet.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.curves.PackedCurves;
import org.damson.analyzer.fleet.FleetAnswer;
import org.damson.analyzer.fleet.FleetEngine;
import org.damson.analyzer.fleet.FleetPlan;
import org.damson.analyzer.fleet.FleetResult;
import org.damson.analyzer.fleet.FleetSelection;
import org.damson.analyzer.fleet.FleetTrace;
import org.damson.analyzer.render.table.TableReport;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.model.TraceSource;

/** Working sets and idle memory of many hosts: all together, by service, by day and by host. */
public final class FleetReport implements FleetPlan<ReportValue, ReportSums, GroupFigures> {
    private static final long serialVersionUID = 1L;

    private final boolean detailed;

    /** @param detailed whether to tell of each host and day, which takes memory for each */
    public FleetReport(boolean detailed) {
        this.detailed = detailed;
    }

    @Override
    public ReportValue of(FleetTrace where, TraceSource trace, Consumer<String> doubts) throws IOException {
        Curves curves = TraceFigures.curves(trace, doubts);
        return new ReportValue(
                TraceFigures.of(where, trace, curves, doubts), curves == null ? null : PackedCurves.of(curves));
    }

    @Override
    public List<String> groups(ReportValue value) {
        return Arrays.stream(Level.values())
                .filter(level -> level != Level.HOST_DAY || detailed)
                .map(level -> level.group(value.figures().origin()))
                .toList();
    }

    @Override
    public ReportSums none() {
        return new ReportSums();
    }

    @Override
    public ReportSums add(ReportSums sum, ReportValue value) {
        return sum.add(value);
    }

    @Override
    public ReportSums join(ReportSums one, ReportSums other) {
        return one.join(other);
    }

    @Override
    public GroupFigures end(String group, ReportSums sum) {
        return GroupFigures.of(sum);
    }

    /**
     * Carries it out.
     *
     * @param top how many of the greatest hosts to list
     */
    public FleetResult run(FleetEngine engine, FleetSelection traces, int top) throws IOException {
        FleetAnswer<GroupFigures> answer = engine.run(traces, this);
        List<Section> sections = new ArrayList<>();
        for (Level level : Level.values()) {
            if (level == Level.HOST_DAY) {
                sections.add(FleetTables.changes(answer.groups()));
                sections.add(FleetResult.section(answer.troubles()));
            }
            if (level != Level.HOST_DAY || detailed) {
                sections.add(FleetTables.of(level, answer.groups(), top));
            }
        }
        return new FleetResult(
                new TableReport(sections, FleetTables.NOTES),
                answer.troubles(),
                answer.groups().isEmpty(),
                true);
    }
}
