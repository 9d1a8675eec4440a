package org.damson.cli.report;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.analyzer.objects.IdleMemory;
import org.damson.analyzer.objects.ObjectUse;
import org.damson.analyzer.objects.WindowSizes;
import org.damson.analyzer.render.picture.PictureForm;
import org.damson.analyzer.render.picture.ReportPicture;
import org.damson.analyzer.render.picture.WorkingSetPicture;
import org.damson.analyzer.render.table.BoundsTable;
import org.damson.analyzer.render.table.FootprintTable;
import org.damson.analyzer.render.table.IdleTable;
import org.damson.analyzer.render.table.ObjectsTable;
import org.damson.analyzer.render.table.PhasesTable;
import org.damson.analyzer.render.table.TableReport;
import org.damson.analyzer.render.table.WindowsTable;
import org.damson.analyzer.render.text.CsvReports;
import org.damson.analyzer.timeline.PhaseFinder;
import org.damson.analyzer.workingset.Footprint;
import org.damson.analyzer.workingset.Sizing;
import org.damson.analyzer.workingset.WorkingSetBounds;
import org.damson.cli.command.Command;
import org.damson.cli.command.DamoOptions;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.cli.input.ProbeOption;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.text.NativeText;

/** {@code damson report NAME TRACE} for the reports that are tables. */
public final class TableReportCommand implements Command {
    private static final List<String> FORMS = List.of("txt", "csv", "json", "png", "svg", "pdf");

    /** Works a report's result out. */
    private interface Kernel<R> {
        R compute(TraceSource trace, TraceQuery query) throws IOException;
    }

    /** Draws a result. */
    private interface Picture<R> {
        void write(R result, String name, PictureForm form, OutputStream out) throws IOException;
    }

    /** A report: what it works out, and how that is told. */
    private record Report<R>(Kernel<R> kernel, Function<R, TableReport> table, Picture<R> picture) implements Body {
        @Override
        public TableReport compute(TraceSource trace, TraceQuery query) throws IOException {
            return table.apply(kernel.compute(trace, query));
        }

        /** Writes it of one trace in the form asked for. */
        void write(TraceSource trace, TraceQuery query, String form, CommandLine line, Console console)
                throws IOException {
            R result = kernel.compute(trace, query);
            TableReport tables = table.apply(result);
            Inputs.caveats(trace, console);
            Reports.notes(form, tables.notes(), console);
            String title = Shared.trace(line).getFileName().toString();
            Reports.write(line, console, out -> {
                if (Reports.isPicture(form)) {
                    picture.write(result, title, PictureForm.of(form), out);
                } else {
                    Reports.table(tables, form, out);
                }
            });
        }
    }

    /** What is computed of each of several traces. */
    public interface Body {
        TableReport compute(TraceSource trace, TraceQuery query) throws IOException;
    }

    public static final TableReportCommand IDLE = new TableReportCommand(
            "idle",
            "for how long memory has not been accessed: percentiles and coldness by bytes, estimated bandwidth",
            new Report<>(IdleMemory::compute, IdleTable::of, ReportPicture::idle));

    private static final Report<?> IDLE_WITHOUT_SERIES =
            new Report<>(IdleMemory::withoutSeries, IdleTable::withoutSeries, ReportPicture::idle);

    public static final TableReportCommand WINDOWS = new TableReportCommand(
            "windows",
            "working-set size by window length: bytes accessed within windows of each length",
            new Report<>(WindowSizes::compute, WindowsTable::of, ReportPicture::windows));

    public static final TableReportCommand OBJECTS = new TableReportCommand(
            "objects",
            "hot and cold memory by mapping",
            new Report<>(ObjectUse::compute, ObjectsTable::of, ReportPicture::objects));

    public static final TableReportCommand FOOTPRINT = new TableReportCommand(
            "footprint",
            "process and system memory usage, by percentile",
            new Report<>(Footprint::compute, FootprintTable::of, WorkingSetPicture::write));

    public static final TableReportCommand SIZING = new TableReportCommand(
            "sizing",
            "working-set size and resident memory, and the gap between them",
            new Report<>(Sizing::compute, FootprintTable::of, WorkingSetPicture::write));

    public static final TableReportCommand BOUNDS = new TableReportCommand(
            "bounds",
            "confidence bounds on the working-set size, from the one page of a region that each sample checks",
            new Report<>(WorkingSetBounds::compute, BoundsTable::of, WorkingSetPicture::write));

    public static final TableReportCommand PHASES = new TableReportCommand(
            "phases",
            "phases of a program's memory use: when they change, and what each uses",
            new Report<>(PhaseFinder::compute, PhasesTable::of, ReportPicture::phases));

    private final String name;
    private final String summary;
    private final Report<?> report;

    private TableReportCommand(String name, String summary, Report<?> report) {
        this.name = name;
        this.summary = summary;
        this.report = report;
    }

    @Override
    public String name() {
        return "report " + name;
    }

    @Override
    public String summary() {
        return summary;
    }

    @Override
    public String usage() {
        return "TRACE... [--output FILE.{" + String.join(",", FORMS) + "}] [--time A..B] [--address A..B] [--target N]"
                + (this == FOOTPRINT ? "|TRACE [vsz|rss|sys_used|all] --damo-compat" : "");
    }

    @Override
    public String example() {
        return "damson report " + name + " run.damson";
    }

    @Override
    public Options options() {
        // A footprint is not of accesses, and what is idle is told by ages, which are not of probes.
        Option[] own = this == FOOTPRINT
                ? DamoOptions.marked(DamoSizeOptions.footprint())
                : this == IDLE ? new Option[0] : new Option[] {ProbeOption.PROBE};
        return Shared.and(own, Reports.OUTPUT, Shared.TIME, Shared.ADDRESS, Shared.TARGET, Shared.SNAPSHOTS);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        if (line.hasOption(DamoOptions.COMPAT)) {
            return footprintOfDamo(line, console);
        }
        if (this == FOOTPRINT) {
            DamoOptions.requireCompat(line, DamoSizeOptions.footprint());
        }
        String form = Reports.form(line, console, FORMS);
        // People are shown no line for each snapshot, so that sums answer.
        boolean isForPeople = form.equals("txt") || Reports.isPicture(form);
        Report<?> asked = this == IDLE && isForPeople ? IDLE_WITHOUT_SERIES : report;
        if (line.getArgList().size() > 1) {
            return together(line, console, form, asked);
        }
        try (TraceSource trace = ProbeOption.open(line, Shared.trace(line), console)) {
            asked.write(trace, Shared.query(line, trace), form, line, console);
        }
        return ExitCode.OK;
    }

    /** As damo, which takes the metric as a word. */
    private static int footprintOfDamo(CommandLine line, Console console) throws IOException {
        List<String> words = line.getArgList();
        String metric = words.size() > 1 ? words.get(1) : "all";
        if (words.isEmpty() || words.size() > 2) {
            throw new UsageException("--damo-compat takes TRACE [vsz|rss|sys_used|all]");
        }
        return Reports.compat(NativeText.path(words.get(0)), line, console, trace -> {
            if (trace.rowCount(Table.MEMORY) == 0) {
                Inputs.notAsDamo(console, "fails where there is no file of footprints");
            }
            return DamoSizeOptions.footprint(line, trace, metric);
        });
    }

    /** Writes the CSV or JSON of one trace. */
    public interface Alone {
        void write(TraceSource trace, TraceQuery query, OutputStream out) throws IOException;
    }

    /** Several traces in the same tables; as CSV and JSON each as it is written alone, with its name in front. */
    public static int together(CommandLine line, Console console, String form, Body body, Alone alone)
            throws IOException {
        if (!form.equals("json") && !form.equals("csv")) {
            return together(line, console, form, body);
        }
        Map<String, String> written = new LinkedHashMap<>();
        for (String name : line.getArgList()) {
            try (TraceSource trace = ProbeOption.open(line, NativeText.path(name), console)) {
                ByteArrayOutputStream one = new ByteArrayOutputStream();
                alone.write(trace, Shared.query(line, trace), one);
                if (written.put(name, one.toString(StandardCharsets.UTF_8)) != null) {
                    throw new UsageException(name + " is given twice");
                }
                Inputs.caveats(trace, console);
            }
        }
        Reports.write(line, console, out -> {
            if (form.equals("csv")) {
                Reports.text(out, t -> CsvReports.together(written, t));
                return;
            }
            List<Object> traces = new ArrayList<>();
            for (Map.Entry<String, String> one : written.entrySet()) {
                traces.add(Json.with("trace", one.getKey(), one.getValue()));
            }
            Json.write(Map.of("traces", traces), out);
        });
        return ExitCode.OK;
    }

    /** Several traces in the same tables. */
    public static int together(CommandLine line, Console console, String form, Body body) throws IOException {
        if (Reports.isPicture(form)) {
            throw new UsageException("a picture shows one trace");
        }
        Map<String, TableReport> reports = new LinkedHashMap<>();
        for (String name : line.getArgList()) {
            try (TraceSource trace = ProbeOption.open(line, NativeText.path(name), console)) {
                if (reports.put(name, body.compute(trace, Shared.query(line, trace))) != null) {
                    throw new UsageException(name + " is given twice");
                }
                Inputs.caveats(trace, console);
            }
        }
        TableReport report = TableReport.together(reports);
        Reports.notes(form, report.notes(), console);
        Reports.write(line, console, out -> Reports.table(report, form, out));
        return ExitCode.OK;
    }
}
