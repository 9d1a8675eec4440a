package org.damson.cli.fleet;

import java.util.Set;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.analyzer.fleet.report.FleetReport;
import org.damson.analyzer.fleet.report.FleetReportResult;
import org.damson.analyzer.render.fleet.FleetReportTable;
import org.damson.analyzer.render.table.TableReport;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;

/** {@code damson fleet report DIR}: working sets and idle memory of many hosts. */
public final class FleetReportCommand extends FleetCommand<FleetReportResult> {
    private static final int TOP = 10;
    private static final Set<String> WITH_DETAIL = Set.of("csv", "json", "parquet");
    private static final Option TOP_HOSTS =
            Shared.value(null, "top", "N", "number of hosts with the largest working sets to list (default 10)");

    @Override
    public String name() {
        return "fleet report";
    }

    @Override
    public String summary() {
        return "working sets and idle memory of many traces, by service, day and host";
    }

    @Override
    public String example() {
        return "damson fleet report traces --output fleet.html";
    }

    @Override
    public Options options() {
        return Shared.and(COMMON, TOP_HOSTS);
    }

    @Override
    Question<FleetReportResult> question(CommandLine line, String form) {
        top(line); // before traces are read: it may be refused
        return new FleetReport(WITH_DETAIL.contains(form))::run;
    }

    @Override
    TableReport tables(CommandLine line, FleetReportResult result) {
        return FleetReportTable.of(result, top(line));
    }

    private static int top(CommandLine line) {
        long top = line.hasOption(TOP_HOSTS) ? Quantities.count(TOP_HOSTS, line.getOptionValue(TOP_HOSTS)) : TOP;
        return (int) Math.min(Integer.MAX_VALUE, top);
    }
}
