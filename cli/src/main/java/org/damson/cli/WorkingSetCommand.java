package org.damson.cli;

import java.nio.file.Path;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.analyzer.CsvReports;
import org.damson.analyzer.JsonReports;
import org.damson.analyzer.PictureForm;
import org.damson.analyzer.TextReports;
import org.damson.analyzer.WorkingSet;
import org.damson.analyzer.WorkingSetOptions;
import org.damson.analyzer.WorkingSetPicture;
import org.damson.analyzer.WorkingSetResult;
import org.damson.model.TraceSource;

/** {@code damson report wss TRACE}: how much memory was in use, by size and by time. */
final class WorkingSetCommand implements Command {
    private static final List<String> FORMS = List.of("txt", "png", "svg", "pdf", "csv", "json");
    private static final Option ACCESSES =
            Shared.value(null, "min-accesses", "N", "count a region when nr_accesses is at least N (default 1)");
    private static final Option SIZE =
            Shared.value(null, "min-size", "SIZE", "count a region when it is at least this large (default 0)");

    private static final Option BY_TIME =
            Shared.flag(null, "by-time", "percentiles of the recording's time instead of its sizes");

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
                DamoOptions.workingSet(),
                Reports.OUTPUT,
                Shared.FORCE,
                ACCESSES,
                SIZE,
                BY_TIME,
                Shared.TIME,
                Shared.ADDRESS,
                Shared.TARGET,
                Shared.SNAPSHOTS);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        if (line.hasOption(DamoOptions.COMPAT)) {
            return Reports.compat(line, console, trace -> DamoOptions.workingSet(line, trace));
        }
        DamoOptions.requireCompat(line, DamoOptions.workingSet());
        String form = Reports.form(line, console, FORMS);
        long accesses = line.hasOption(ACCESSES) ? Shared.count(ACCESSES, line.getOptionValue(ACCESSES)) : 1;
        if (accesses < 1 || accesses > Integer.MAX_VALUE) {
            throw new UsageException("--min-accesses: 1 or more");
        }
        long sizeBytes = line.hasOption(SIZE) ? Shared.sizeBytes(SIZE, line.getOptionValue(SIZE)) : 0;
        WorkingSetOptions options = new WorkingSetOptions((int) accesses, sizeBytes);
        if (line.getArgList().size() > 1) {
            boolean byTime = line.hasOption(BY_TIME);
            return TableReportCommand.together(
                    line, console, form, (trace, query) -> WorkingSet.compute(trace, query, options)
                            .table(byTime));
        }
        Path path = Shared.trace(line);
        try (TraceSource trace = Inputs.open(path, console)) {
            WorkingSetResult result = WorkingSet.compute(trace, Shared.query(line, trace), options);
            Reports.caveats(trace, console);
            String title = path.getFileName().toString();
            Reports.write(line, console, out -> {
                switch (form) {
                    case "png", "svg", "pdf" -> WorkingSetPicture.write(result, title, PictureForm.of(form), out);
                    case "csv" -> Reports.text(out, t -> CsvReports.workingSet(result, t));
                    case "json" -> JsonReports.workingSet(result, out);
                    default ->
                        Reports.text(out, t -> t.append(TextReports.workingSet(result, line.hasOption(BY_TIME))));
                }
            });
        }
        return ExitCode.OK;
    }
}
