package org.damson.cli.whatif;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.render.picture.PictureForm;
import org.damson.analyzer.render.picture.ReportPicture;
import org.damson.analyzer.render.table.CurvesTable;
import org.damson.analyzer.render.whatif.CurvesReports;
import org.damson.cli.command.Command;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.cli.report.Reports;
import org.damson.cli.report.TableReportCommand;
import org.damson.model.InvalidInputException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** {@code damson report curves TRACE}: how much is cold at every age, and what comes back. */
public final class CurvesCommand implements Command {
    private static final List<String> FORMS = List.of("txt", "csv", "json", "png", "svg", "pdf");
    private static final Option SLICE =
            Shared.value(null, "slice", "TIME", "CSV and JSON: also for each slice of time this long, as in 60s");

    @Override
    public String name() {
        return "report curves";
    }

    @Override
    public String summary() {
        return "cold-age histogram, promotion rates and miss-ratio curve (MRC) of a trace";
    }

    @Override
    public String usage() {
        return "TRACE... [--slice TIME] [--output FILE.{txt,csv,json,png,svg,pdf}] [--time A..B]";
    }

    @Override
    public String example() {
        return "damson report curves run.damson --output curves.csv";
    }

    @Override
    public Options options() {
        return Shared.of(SLICE, Reports.OUTPUT, Shared.TIME, Shared.ADDRESS, Shared.TARGET, Shared.SNAPSHOTS);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        String form = Reports.form(line, console, FORMS);
        long sliceNs = line.hasOption(SLICE) ? Quantities.durationNs(SLICE, line.getOptionValue(SLICE)) : 0;
        if (line.hasOption(SLICE) && sliceNs < 1_000_000) {
            throw new UsageException("--slice: 1ms or more");
        }
        if (line.getArgList().size() > 1) {
            if (line.hasOption(SLICE)) {
                throw new UsageException("--slice takes one trace");
            }
            return TableReportCommand.together(
                    line,
                    console,
                    form,
                    (trace, query) -> {
                        Curves all = whole(trace, slices(trace, query, 0));
                        return CurvesTable.of(all, all.notes(trace, query));
                    },
                    (trace, query, out) -> {
                        List<Curves> one = slices(trace, query, 0);
                        Curves all = whole(trace, one);
                        List<String> notes = all.notes(trace, query);
                        notes.forEach(note -> console.note("note: " + trace.name() + ": " + note));
                        if (form.equals("json")) {
                            Json.write(json(all, one, notes), out);
                        } else {
                            Reports.text(out, t -> CurvesReports.csv(one, t));
                        }
                    });
        }
        try (TraceSource trace = Inputs.open(Shared.trace(line), console)) {
            TraceQuery query = Shared.query(line, trace);
            List<Curves> slices = slices(trace, query, sliceNs);
            Curves all = whole(trace, slices);
            List<String> notes = all.notes(trace, query);
            notes.forEach(note -> console.note("note: " + note));
            Inputs.caveats(trace, console);
            Reports.write(line, console, out -> {
                switch (form) {
                    case "png", "svg", "pdf" ->
                        ReportPicture.curves(
                                all, Shared.trace(line).getFileName().toString(), PictureForm.of(form), out);
                    case "csv" -> Reports.text(out, t -> CurvesReports.csv(slices, t));
                    case "json" -> Json.write(json(all, slices, notes), out);
                    default -> Reports.text(out, t -> t.append(CurvesReports.text(all)));
                }
            });
        }
        return ExitCode.OK;
    }

    private static Map<String, Object> json(Curves all, List<Curves> slices, List<String> notes) {
        Map<String, Object> json = CurvesReports.json(all, slices);
        json.put("notes", notes);
        return json;
    }

    private static List<Curves> slices(TraceSource trace, TraceQuery query, long sliceNs) throws IOException {
        WhatIf.refuseActing(trace);
        try {
            return Curves.of(trace, query, sliceNs);
        } catch (InvalidInputException e) {
            throw new CommandFailedException(ExitCode.INPUT, e.getMessage());
        }
    }

    private static Curves whole(TraceSource trace, List<Curves> slices) {
        Curves all = Curves.empty();
        slices.forEach(all::add);
        if (all.regions() == 0) {
            throw new CommandFailedException(
                    ExitCode.INPUT, trace.name() + ": no regions, or none in the part that was chosen");
        }
        return all;
    }
}
