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
import org.damson.analyzer.fleet.FleetSelection;
import org.damson.analyzer.fleet.FleetTrace;
import org.damson.model.TraceSource;

/** Working sets and idle memory of many hosts: all together, by service, by day and by host. */
public final class FleetReport implements FleetPlan<ReportValue, ReportSums, GroupFigures> {
    private static final long serialVersionUID = 1L;

    private final boolean detailed;

    /** @param detailed whether to list each host and day, which takes memory for each */
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

    /** Runs the plan. */
    public FleetReportResult run(FleetEngine engine, FleetSelection traces) throws IOException {
        FleetAnswer<GroupFigures> answer = engine.run(traces, this);
        List<FleetReportResult.Group> groups = new ArrayList<>();
        for (Level level : Level.values()) {
            answer.groups().forEach((name, figures) -> {
                if (level.has(name)) {
                    groups.add(new FleetReportResult.Group(level, level.values(name), figures));
                }
            });
        }
        return new FleetReportResult(List.copyOf(groups), detailed, answer.troubles());
    }
}
