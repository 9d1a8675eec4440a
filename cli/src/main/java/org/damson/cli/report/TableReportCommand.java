package org.damson.cli.report;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.analyzer.objects.IdleReport;
import org.damson.analyzer.objects.ObjectReport;
import org.damson.analyzer.objects.WindowReport;
import org.damson.analyzer.render.picture.PictureForm;
import org.damson.analyzer.render.picture.ReportPicture;
import org.damson.analyzer.render.picture.WorkingSetPicture;
import org.damson.analyzer.scan.TableReport;
import org.damson.analyzer.timeline.PhasesReport;
import org.damson.analyzer.workingset.BoundsReport;
import org.damson.analyzer.workingset.FootprintReport;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.cli.command.Command;
import org.damson.cli.command.DamoOptions;
import org.damson.cli.command.ExitCode;
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

    /** Computes a report. */
    interface Body {
        TableReport compute(TraceSource trace, TraceQuery query) throws IOException;
    }

    /** What a picture of a report is drawn with. */
    private interface Picture {
        ReportPicture.Drawing of(TraceSource trace, TraceQuery query) throws IOException;
    }

    public static final TableReportCommand IDLE = new TableReportCommand(
            "idle",
            "for how long memory has not been accessed: percentiles and coldness by bytes, estimated bandwidth",
            IdleReport::compute,
            (trace, query) -> ReportPicture::idle);

    public static final TableReportCommand WINDOWS = new TableReportCommand(
            "windows",
            "working-set size by window length: bytes accessed within windows of each length",
            WindowReport::compute,
            (trace, query) -> ReportPicture::windows);

    public static final TableReportCommand OBJECTS = new TableReportCommand(
            "objects",
            "hot and cold memory by mapping",
            ObjectReport::compute,
            (trace, query) -> ReportPicture::objects);

    public static final TableReportCommand FOOTPRINT = new TableReportCommand(
            "footprint",
            "process and system memory usage, by percentile",
            FootprintReport::footprint,
            (trace, query) -> {
                FootprintReport.Sizes sizes = FootprintReport.sizesOverTime(trace, query);
                return (report, name, form, out) -> WorkingSetPicture.writeSizes(
                        sizes.series(),
                        name + ": process and system memory usage",
                        sizes.series().isEmpty() ? report.notes().get(0) : sizes.note(),
                        form,
                        out);
            });

    public static final TableReportCommand SIZING = new TableReportCommand(
            "sizing",
            "working-set size and resident memory, and the gap between them",
            FootprintReport::sizing,
            sizes(FootprintReport::overTime, "needed and resident memory", null));

    public static final TableReportCommand BOUNDS = new TableReportCommand(
            "bounds",
            "confidence bounds on the working-set size, from the one page of a region that each sample checks",
            BoundsReport::compute,
            sizes(
                    BoundsReport::overTime,
                    "memory accessed per sampling interval",
                    "of the first target, with 95 % confidence; regions whole = working set"));

    public static final TableReportCommand PHASES = new TableReportCommand(
            "phases",
            "phases of a program's memory use: when they change, and what each uses",
            PhasesReport::compute,
            (trace, query) -> ReportPicture::phases);

    /** Sizes over time. */
    private interface Sizes {
        List<WorkingSetResult.Series> of(TraceSource trace, TraceQuery query) throws IOException;
    }

    /** @param note below the title; null: the report's first note */
    private static Picture sizes(Sizes sizes, String title, String note) {
        return (trace, query) -> {
            List<WorkingSetResult.Series> series = sizes.of(trace, query);
            return (report, name, form, out) -> WorkingSetPicture.writeSizes(
                    series, name + ": " + title, note == null ? report.notes().get(0) : note, form, out);
        };
    }

    private final String name;
    private final String summary;
    private final Body body;
    private final Picture picture;

    private TableReportCommand(String name, String summary, Body body, Picture picture) {
        this.name = name;
        this.summary = summary;
        this.body = body;
        this.picture = picture;
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
        if (line.getArgList().size() > 1) {
            return together(line, console, form, body);
        }
        try (TraceSource trace = ProbeOption.open(line, Shared.trace(line), console)) {
            TraceQuery query = Shared.query(line, trace);
            TableReport report = body.compute(trace, query);
            Inputs.caveats(trace, console);
            if (Reports.isPicture(form)) {
                ReportPicture.Drawing drawing = picture.of(trace, query);
                String title = Shared.trace(line).getFileName().toString();
                Reports.write(line, console, out -> drawing.write(report, title, PictureForm.of(form), out));
                return ExitCode.OK;
            }
            Reports.write(line, console, out -> Reports.table(report, form, out));
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

    /** Several traces in the same tables. */
    static int together(CommandLine line, Console console, String form, Body body) throws IOException {
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
        Reports.write(line, console, out -> Reports.table(report, form, out));
        return ExitCode.OK;
    }
}
