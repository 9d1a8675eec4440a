package org.damson.cli.report;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.analyzer.damo.report.DamoGuide;
import org.damson.analyzer.heatmap.GuideResult;
import org.damson.analyzer.heatmap.TraceGuide;
import org.damson.analyzer.render.picture.PictureForm;
import org.damson.analyzer.render.picture.ReportPicture;
import org.damson.analyzer.render.table.GuideTable;
import org.damson.analyzer.render.text.CsvReports;
import org.damson.analyzer.render.text.JsonReports;
import org.damson.analyzer.render.text.TextReports;
import org.damson.cli.command.Command;
import org.damson.cli.command.DamoOptions;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Shared;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.model.TraceSource;

/** {@code damson report guide TRACE}: targets, times and areas, to know where to look closer. */
public final class GuideCommand implements Command {
    private static final List<String> FORMS = List.of("txt", "csv", "json", "png", "svg", "pdf");

    @Override
    public String name() {
        return "report guide";
    }

    @Override
    public String summary() {
        return "what a trace covers: targets, times, address areas and where the heat is";
    }

    @Override
    public String usage() {
        return "TRACE... [--output FILE.{txt,csv,json,png,svg,pdf}]";
    }

    @Override
    public String example() {
        return "damson report guide run.damson";
    }

    @Override
    public Options options() {
        return Shared.and(
                DamoOptions.marked(DamoOptions.guide()),
                Reports.OUTPUT,
                Shared.TIME,
                Shared.ADDRESS,
                Shared.TARGET,
                Shared.SNAPSHOTS);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        if (line.hasOption(DamoOptions.COMPAT)) {
            return Reports.compat(
                    line,
                    console,
                    trace -> DamoGuide.report(
                            DamoTrace.of(trace, true, DamoOptions.version(line)),
                            line.hasOption(DamoOptions.RAW_NUMBER),
                            true));
        }
        DamoOptions.requireCompat(line, DamoOptions.guide());
        String form = Reports.form(line, console, FORMS);
        if (line.getArgList().size() > 1) {
            return TableReportCommand.together(
                    line,
                    console,
                    form,
                    (trace, query) -> GuideTable.of(TraceGuide.compute(trace, query)),
                    (trace, query, out) -> write(TraceGuide.compute(trace, query), form, out));
        }
        try (TraceSource trace = Inputs.open(Shared.trace(line), console)) {
            GuideResult result = TraceGuide.compute(trace, Shared.query(line, trace));
            Inputs.caveats(trace, console);
            Reports.write(line, console, out -> {
                switch (form) {
                    case "png", "svg", "pdf" ->
                        ReportPicture.guide(
                                result, Shared.trace(line).getFileName().toString(), PictureForm.of(form), out);
                    default -> write(result, form, out);
                }
            });
        }
        return ExitCode.OK;
    }

    private static void write(GuideResult result, String form, OutputStream out) throws IOException {
        switch (form) {
            case "csv" -> Reports.text(out, t -> CsvReports.guide(result, t));
            case "json" -> JsonReports.guide(result, out);
            default -> Reports.text(out, t -> t.append(TextReports.guide(result)));
        }
    }
}
