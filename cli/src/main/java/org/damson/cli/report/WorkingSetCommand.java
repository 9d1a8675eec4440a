package org.damson.cli.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.analyzer.render.picture.PictureForm;
import org.damson.analyzer.render.picture.WorkingSetPicture;
import org.damson.analyzer.render.table.WorkingSetTable;
import org.damson.analyzer.render.text.CsvReports;
import org.damson.analyzer.render.text.JsonReports;
import org.damson.analyzer.render.text.TextReports;
import org.damson.analyzer.workingset.WorkingSet;
import org.damson.analyzer.workingset.WorkingSetOptions;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.cli.command.Command;
import org.damson.cli.command.DamoOptions;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.cli.input.ProbeOption;
import org.damson.model.TraceSource;

/** {@code damson report wss TRACE}: how much memory was in use, by size and by time. */
public final class WorkingSetCommand implements Command {
    private static final List<String> FORMS = List.of("txt", "png", "svg", "pdf", "csv", "json");
    private static final Option ACCESSES =
            Shared.value(null, "min-accesses", "N", "count a region when nr_accesses is at least N (default 1)");
    private static final Option SIZE =
            Shared.value(null, "min-size", "SIZE", "count a region when it is at least this large (default 0)");

    private static final Option BY_TIME =
            Shared.flag(null, "by-time", "percentiles of the recording's time instead of its sizes");

    private static final Option PERCENTILES = Shared.value(
            null,
            "percentiles",
            "P,P,...",
            "percentiles to print, 0 (minimum) to 100 (maximum) (default 0,50,90,95,99,100)");

    /** What a JSON report has by default. */
    private static final List<Integer> JSON_POINTS = List.of(0, 5, 25, 50, 75, 90, 95, 99, 100);

    @Override
    public String name() {
        return "report wss";
    }

    @Override
    public String summary() {
        return "working set: how much memory was in use, by percentile and by time";
    }

    @Override
    public String usage() {
        return "TRACE... [--output FILE.{txt,png,svg,pdf,csv,json}] [--time A..B] [--address A..B] [--target N]";
    }

    @Override
    public String example() {
        return "damson report wss run.damson --output wss.csv";
    }

    @Override
    public Options options() {
        return Shared.and(
                DamoOptions.marked(DamoSizeOptions.workingSet()),
                Reports.OUTPUT,
                ACCESSES,
                SIZE,
                BY_TIME,
                PERCENTILES,
                ProbeOption.PROBE,
                Shared.TIME,
                Shared.ADDRESS,
                Shared.TARGET,
                Shared.SNAPSHOTS);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        if (line.hasOption(DamoOptions.COMPAT)) {
            if (line.hasOption(PERCENTILES)) {
                throw new UsageException("--damo-compat takes --range START STOP STEP, not --percentiles");
            }
            ProbeOption.refuse(line, "--damo-compat");
            return Reports.compat(line, console, trace -> DamoSizeOptions.workingSet(line, trace));
        }
        DamoOptions.requireCompat(line, DamoSizeOptions.workingSet());
        String form = Reports.form(line, console, FORMS);
        long accesses = line.hasOption(ACCESSES) ? Quantities.count(ACCESSES, line.getOptionValue(ACCESSES)) : 1;
        if (accesses < 1 || accesses > Integer.MAX_VALUE) {
            throw new UsageException("--min-accesses: 1 or more");
        }
        long sizeBytes = line.hasOption(SIZE) ? Quantities.sizeBytes(SIZE, line.getOptionValue(SIZE)) : 0;
        WorkingSetOptions options = new WorkingSetOptions((int) accesses, sizeBytes);
        List<Integer> points = points(line, form.equals("json") ? JSON_POINTS : WorkingSetResult.POINTS);
        if (line.getArgList().size() > 1) {
            boolean byTime = line.hasOption(BY_TIME);
            return TableReportCommand.together(
                    line,
                    console,
                    form,
                    (trace, query) -> WorkingSetTable.of(WorkingSet.compute(trace, query, options), byTime, points),
                    (trace, query, out) -> {
                        WorkingSetResult result = WorkingSet.compute(trace, query, options);
                        if (form.equals("json")) {
                            JsonReports.workingSet(result, points, out);
                        } else {
                            Reports.text(out, t -> CsvReports.workingSet(result, t));
                            WorkingSetTable.of(result, false, points)
                                    .notes()
                                    .forEach(note -> console.note("note: " + trace.name() + ": " + note));
                        }
                    });
        }
        Path path = Shared.trace(line);
        try (TraceSource trace = ProbeOption.open(line, path, console)) {
            WorkingSetResult result = WorkingSet.compute(trace, Shared.query(line, trace), options);
            Inputs.caveats(trace, console);
            Reports.notes(form, WorkingSetTable.of(result, false, points).notes(), console);
            String title = path.getFileName().toString();
            Reports.write(line, console, out -> {
                switch (form) {
                    case "png", "svg", "pdf" -> WorkingSetPicture.write(result, title, PictureForm.of(form), out);
                    case "csv" -> Reports.text(out, t -> CsvReports.workingSet(result, t));
                    case "json" -> JsonReports.workingSet(result, points, out);
                    default ->
                        Reports.text(
                                out, t -> t.append(TextReports.workingSet(result, line.hasOption(BY_TIME), points)));
                }
            });
        }
        return ExitCode.OK;
    }

    /** The percentiles wanted: listed, or as damo's range of them. */
    private static List<Integer> points(CommandLine line, List<Integer> normal) {
        if (!line.hasOption(PERCENTILES)) {
            return DamoOptions.range(line, normal);
        }
        if (line.hasOption(DamoOptions.RANGE)) {
            throw new UsageException("--percentiles and --range cannot be combined");
        }
        List<Integer> points = new ArrayList<>();
        for (String p : line.getOptionValue(PERCENTILES).split(",", -1)) {
            long point = Quantities.count(PERCENTILES, p.trim());
            if (point > 100) {
                throw new UsageException("--percentiles: " + point + " is not in 0..100");
            }
            points.add((int) point);
        }
        return points;
    }
}
