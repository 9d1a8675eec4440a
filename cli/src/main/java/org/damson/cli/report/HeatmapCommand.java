package org.damson.cli.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.analyzer.heatmap.Heatmap;
import org.damson.analyzer.heatmap.HeatmapOptions;
import org.damson.analyzer.heatmap.HeatmapResult;
import org.damson.analyzer.render.picture.HeatmapPicture;
import org.damson.analyzer.render.picture.PictureForm;
import org.damson.analyzer.render.text.CsvReports;
import org.damson.analyzer.render.text.JsonReports;
import org.damson.analyzer.render.text.TextReports;
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
import org.damson.trace.written.WrittenView;

/** {@code damson report heatmap TRACE}: which addresses were hot when. */
public final class HeatmapCommand implements Command {
    private static final List<String> FORMS = List.of("txt", "png", "svg", "pdf", "csv", "json");
    private static final Option COLS = Shared.value(null, "cols", "N", "number of time steps");
    private static final Option ROWS = Shared.value(null, "rows", "N", "number of address steps");
    private static final Option WRITES =
            Shared.flag(null, "writes", "heat of writes alone, by page; of a recording with record --written");
    private static final Option INTERACTIVE =
            Shared.flag(null, "interactive", "zoom and pan by keys; prints the command that draws the same");
    private static final Option SCOPE = Shared.value(
            null,
            "scope",
            "used|hottest|all",
            "used parts of the hottest area (default), all of the hottest area, or all areas stacked");

    @Override
    public String name() {
        return "report heatmap";
    }

    @Override
    public String summary() {
        return "which addresses were hot when: on the terminal, or as PNG, SVG, PDF, CSV or JSON";
    }

    @Override
    public String usage() {
        return "TRACE [--output FILE.{txt,png,svg,pdf,csv,json}] [--time A..B]";
    }

    @Override
    public String example() {
        return "damson report heatmap run.damson --output heatmap.png";
    }

    @Override
    public Options options() {
        return Shared.and(
                DamoHeatmapOptions.all(),
                Reports.OUTPUT,
                COLS,
                ROWS,
                SCOPE,
                WRITES,
                ProbeOption.PROBE,
                INTERACTIVE,
                Shared.TIME,
                Shared.ADDRESS,
                Shared.TARGET,
                Shared.SNAPSHOTS);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        // damo's --output raw is a word, not a file.
        boolean table = "raw".equals(line.getOptionValue(Reports.OUTPUT));
        for (Option other : List.of(WRITES, INTERACTIVE, DamoOptions.COMPAT)) {
            if (line.hasOption(other)) {
                ProbeOption.refuse(line, "--" + other.getLongOpt());
            }
        }
        if (line.hasOption(INTERACTIVE)) {
            return interactive(line, console);
        }
        if (line.hasOption(DamoOptions.COMPAT)) {
            if (line.hasOption(WRITES)) {
                throw new UsageException("--writes cannot be combined with --damo-compat: damo knows no writes");
            }
            if (!table && DamoHeatmapOptions.isOneRow(line)) {
                Inputs.notAsDamo(console, "fails to draw a heatmap of one row");
            }
            return Reports.compat(line, console, trace -> DamoHeatmapOptions.heatmap(line, trace, table));
        }
        if (table || DamoOptions.anyOf(line, DamoHeatmapOptions.all())) {
            ProbeOption.refuse(line, "damo's options");
            return ofDamo(line, console, table);
        }
        String form = Reports.form(line, console, FORMS);
        HeatmapOptions options = heatmapOptions(line, console, form);
        Path path = Shared.trace(line);
        try (TraceSource trace = open(path, line, console)) {
            HeatmapResult result = Heatmap.compute(trace, Shared.query(line, trace), options);
            Inputs.caveats(trace, console);
            Reports.write(line, console, out -> {
                switch (form) {
                    case "png", "svg", "pdf" ->
                        HeatmapPicture.write(
                                result,
                                path.getFileName()
                                        + (line.hasOption(WRITES) ? ", writes" : "")
                                        + (line.hasOption(ProbeOption.PROBE)
                                                ? ", hits of probe " + line.getOptionValue(ProbeOption.PROBE)
                                                : ""),
                                PictureForm.of(form),
                                out);
                    case "csv" -> Reports.text(out, t -> CsvReports.heatmap(result, t));
                    case "json" -> JsonReports.heatmap(result, out);
                    default -> {
                        boolean colour = console.isColoured() && !line.hasOption(Reports.OUTPUT);
                        Reports.text(out, t -> t.append(TextReports.heatmap(result, colour)));
                    }
                }
            });
        }
        return ExitCode.OK;
    }

    private static TraceSource open(Path path, CommandLine line, Console console) throws IOException {
        TraceSource trace = ProbeOption.open(line, path, console);
        try {
            return line.hasOption(WRITES) ? WrittenView.of(trace) : trace;
        } catch (IOException e) {
            trace.close();
            throw e;
        }
    }

    private static int interactive(CommandLine line, Console console) throws IOException {
        if (console.isJson()
                || line.hasOption(Reports.OUTPUT)
                || line.hasOption(SCOPE)
                || line.hasOption(WRITES)
                || DamoOptions.anyOf(line, DamoHeatmapOptions.all())) {
            throw new UsageException(
                    "--interactive draws the hottest area on the terminal: it accepts --time, --address,"
                            + " --target, --snapshots, --cols and --rows");
        }
        Path path = Shared.trace(line);
        try (TraceSource trace = Inputs.open(path, console)) {
            Inputs.caveats(trace, console);
            String snapshots = line.getOptionValue(Shared.SNAPSHOTS);
            return HeatmapZoom.run(
                    trace,
                    Shared.query(line, trace),
                    heatmapOptions(line, console, "txt"),
                    path,
                    snapshots == null ? "" : " --snapshots " + snapshots,
                    console);
        }
    }

    /** By damo's options, without its defects: a terminal picture, its table, or a picture. */
    private static int ofDamo(CommandLine line, Console console, boolean table) throws IOException {
        for (Option own :
                List.of(COLS, ROWS, SCOPE, WRITES, Shared.TIME, Shared.ADDRESS, Shared.TARGET, Shared.SNAPSHOTS)) {
            if (line.hasOption(own)) {
                throw new UsageException("--" + own.getLongOpt()
                        + " cannot be combined with damo's options: --resol, --draw-range, --time-range, --address-range,"
                        + " --tid are theirs");
            }
        }
        String output = line.getOptionValue(Reports.OUTPUT);
        boolean file = output != null && !table && !output.equals("stdout") && !output.equals("-");
        String form = file ? Reports.form(line, console, FORMS) : "txt";
        if (Reports.isPicture(form)) {
            Path path = Shared.trace(line);
            try (TraceSource trace = Inputs.open(path, console)) {
                Inputs.caveats(trace, console);
                HeatmapResult map = DamoHeatmapOptions.heatmapPicture(line, trace);
                String title = path.getFileName()
                        + (DamoHeatmapOptions.isSortedByTemperature(line) ? ", laid out from cold to hot" : "");
                Reports.write(line, console, out -> HeatmapPicture.write(map, title, PictureForm.of(form), out));
            }
            return ExitCode.OK;
        }
        if (!form.equals("txt")) {
            throw new UsageException(
                    "damo's options draw in text or pictures: --output FILE.{txt,png,svg,pdf}; for other"
                            + " forms there are --cols, --rows, --scope, --time, --address, --target");
        }
        boolean coloured = console.isColoured() && !file;
        return Reports.compat(line, console, trace -> {
            Inputs.caveats(trace, console);
            String picture = DamoHeatmapOptions.heatmap(line, trace, table);
            StringBuilder text = new StringBuilder();
            (coloured ? text : Reports.withoutColours(text)).append(picture);
            return text.toString();
        });
    }

    private static HeatmapOptions heatmapOptions(CommandLine line, Console console, String form) {
        HeatmapOptions base = Reports.isPicture(form) ? HeatmapOptions.PICTURE : HeatmapOptions.TERMINAL;
        // A row of the terminal begins with an address, up to 20 characters.
        int cols = form.equals("txt") ? console.columns() - 20 : base.cols();
        HeatmapOptions.Scope scope = HeatmapOptions.Scope.valueOf(
                Shared.choice(SCOPE, line.getOptionValue(SCOPE, "used")).toUpperCase(Locale.ROOT));
        boolean isGiven = line.hasOption(COLS) || line.hasOption(ROWS);
        return new HeatmapOptions(
                size(line, COLS, cols), size(line, ROWS, base.rows()), scope, base.mayBeCoarser() && !isGiven);
    }

    private static int size(CommandLine line, Option option, int normal) {
        if (!line.hasOption(option)) {
            return normal;
        }
        long n = Quantities.count(option, line.getOptionValue(option));
        if (n < 1 || n > 10_000) {
            throw new UsageException("--" + option.getLongOpt() + ": 1 to 10000");
        }
        return (int) n;
    }
}
