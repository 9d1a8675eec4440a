package org.damson.cli.fleet;

import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.damson.analyzer.fleet.report.FleetCurves;
import org.damson.analyzer.fleet.report.FleetCurvesResult;
import org.damson.analyzer.render.fleet.FleetCurvesTable;
import org.damson.analyzer.render.table.TableReport;
import org.damson.cli.command.Shared;

/** {@code damson fleet curves DIR}: cold-age and promotion histograms of many traces. */
public final class FleetCurvesCommand extends FleetCommand<FleetCurvesResult> {
    @Override
    public String name() {
        return "fleet curves";
    }

    @Override
    public String summary() {
        return "cold-age histogram and promotion rates of many traces, added up exactly";
    }

    @Override
    public String example() {
        return "damson fleet curves traces --by service";
    }

    @Override
    public Options options() {
        return Shared.and(COMMON, BY);
    }

    @Override
    Question<FleetCurvesResult> question(CommandLine line, String form) {
        FleetCurves curves = new FleetCurves(Shared.choice(BY, line.getOptionValue(BY, "all")));
        return curves::run;
    }

    @Override
    TableReport tables(CommandLine line, FleetCurvesResult result) {
        return FleetCurvesTable.of(result);
    }
}
