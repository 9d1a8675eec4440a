package org.damson.cli.report;

import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.analyzer.damo.report.DamoWorkingSet;
import org.damson.analyzer.render.picture.PictureForm;
import org.damson.analyzer.render.picture.WorkingSetPicture;
import org.damson.analyzer.render.table.RegionsTable;
import org.damson.analyzer.workingset.WorkingSet;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.cli.command.Command;
import org.damson.cli.command.DamoOptions;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Shared;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;

/** {@code damson report regions TRACE}: how many regions snapshots have. */
public final class RegionsCommand implements Command {
    private static final List<String> FORMS = List.of("txt", "csv", "json", "png", "svg", "pdf");

    @Override
    public String name() {
        return "report regions";
    }

    @Override
    public String summary() {
        return "number of regions of snapshots, by percentile; with --damo-compat the first 20 are left out";
    }

    @Override
    public String usage() {
        return "TRACE... [--range START STOP STEP] [--sortby time|size] [--output FILE.{txt,csv,json,png,svg,pdf}]";
    }

    @Override
    public String example() {
        return "damson report regions run.damson";
    }

    @Override
    public Options options() {
        return Shared.of(Reports.OUTPUT, DamoOptions.COMPAT, DamoOptions.RANGE, DamoOptions.SORTBY);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        boolean compat = line.hasOption(DamoOptions.COMPAT);
        if (compat) {
            Reports.requireText(line, console);
        }
        if (line.getArgList().size() > 1 && !compat) {
            List<Integer> percents = DamoOptions.range(line, List.of(0, 25, 50, 75, 100));
            return TableReportCommand.together(
                    line,
                    console,
                    Reports.form(line, console, FORMS),
                    (trace, query) ->
                            RegionsTable.of(WorkingSet.regionCounts(trace, query), percents, DamoOptions.byTime(line)));
        }
        try (TraceSource trace = Inputs.open(Shared.trace(line), console, compat)) {
            Inputs.caveats(trace, console);
            List<Integer> points = DamoOptions.range(line, List.of(0, 25, 50, 75, 100));
            boolean byTime = DamoOptions.byTime(line);
            if (compat) {
                String report = DamoWorkingSet.regionCounts(DamoTrace.of(trace), points, byTime, 20);
                if (report.contains(DamoWorkingSet.NO_SNAPSHOT)) {
                    Inputs.notAsDamo(console, "fails where it leaves out all snapshots of a record");
                }
                Reports.write(line, console, out -> Reports.text(out, t -> t.append(report)));
                return ExitCode.OK;
            }
            String form = Reports.form(line, console, FORMS);
            List<WorkingSetResult.Series> counts = WorkingSet.regionCounts(trace, TraceQuery.ALL);
            String title = Shared.trace(line).getFileName().toString();
            Reports.write(line, console, out -> {
                switch (form) {
                    case "png", "svg", "pdf" ->
                        WorkingSetPicture.writeRegionCounts(counts, title, PictureForm.of(form), out);
                    case "txt" -> Reports.text(out, t -> t.append(text(counts, points, byTime)));
                    default -> Reports.table(RegionsTable.of(counts, points, byTime), form, out);
                }
            });
        }
        return ExitCode.OK;
    }

    private static String text(List<WorkingSetResult.Series> targets, List<Integer> points, boolean byTime) {
        StringBuilder b = new StringBuilder(byTime ? "# % of time\tregions\n" : "# percentile\tregions\n");
        for (WorkingSetResult.Series s : targets) {
            b.append("# ").append(s.label()).append(": ").append(Units.count(s.length(), "snapshot"));
            b.append(", mean ").append(Units.count(Math.round(s.mean()))).append('\n');
            for (int p : points) {
                b.append(p).append('\t').append(s.at(p, byTime)).append('\n');
            }
        }
        return targets.isEmpty() ? "no snapshots\n" : b.toString();
    }
}
