package org.damson.cli.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.analyzer.damo.UnfitTraceException;
import org.damson.analyzer.damo.report.DamoHeatmap;
import org.damson.analyzer.heatmap.HeatmapOptions;
import org.damson.analyzer.heatmap.HeatmapResult;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.DamoOptions;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.model.InvalidInputException;
import org.damson.model.TraceSource;

/** damo's options of its heatmap, and the heatmap by them. */
final class DamoHeatmapOptions {
    private static final Option RESOL = DamoOptions.several(2, "resol", "TIME ADDRESS", "resolution of the axes");
    private static final Option DRAW_RANGE =
            DamoOptions.value("draw-range", "hottest|all", "areas to draw if no address range is given");
    private static final Option KDAMOND = DamoOptions.value("kdamond-idx", "N", "kdamond to draw");
    private static final Option CONTEXT = DamoOptions.value("context-idx", "N", "context to draw");
    private static final Option SCHEME = DamoOptions.value("scheme-idx", "N", "scheme to draw");
    private static final Option TID = DamoOptions.value("tid", "ID", "target id to draw");
    private static final Option TIME_RANGE = DamoOptions.several(
            Option.UNLIMITED_VALUES, "time-range", "START END [BASE]", "time to draw; BASE may be guided, guided_end");
    private static final Option ADDRESS_RANGE = Shared.repeatable(DamoOptions.several(
            Option.UNLIMITED_VALUES, "address-range", "START END [BASE]", "addresses to draw; BASE may be guided"));
    private static final Option ABS_TIME = DamoOptions.flag("abs-time", "absolute times in the raw table");
    private static final Option ABS_ADDR = DamoOptions.flag("abs-addr", "absolute addresses in the raw table");
    private static final Option COLORSET =
            DamoOptions.value("stdout-colorset", "gray|flame|emotion", "colours of the terminal picture");
    private static final Option SKIP_COLORS =
            DamoOptions.flag("stdout-skip-colorset-example", "no line of colour examples");
    private static final Option DF_PASSED = DamoOptions.flag("df-passed", "only what passed DAMOS filters");
    private static final Option SORT_TEMPERATURE =
            DamoOptions.flag("sort-temperature", "lay regions out by temperature instead of address");
    private static final Option HEATMAP_WEIGHTS =
            DamoOptions.several(2, "temperature-weights", "FREQUENCY AGE", "weights of the temperature");

    private static final Option GUIDE = DamoOptions.flag("guide", "print only the available ranges, in plain numbers");
    private static final Option GUIDE_HUMAN = DamoOptions.flag("guide-human", "print only the available ranges");

    private DamoHeatmapOptions() {}

    static Option[] all() {
        return new Option[] {
            DamoOptions.COMPAT,
            RESOL,
            DRAW_RANGE,
            KDAMOND,
            CONTEXT,
            SCHEME,
            TID,
            TIME_RANGE,
            ADDRESS_RANGE,
            ABS_TIME,
            ABS_ADDR,
            COLORSET,
            SKIP_COLORS,
            DF_PASSED,
            SORT_TEMPERATURE,
            HEATMAP_WEIGHTS,
            GUIDE,
            GUIDE_HUMAN
        };
    }

    static String heatmap(CommandLine line, TraceSource trace, boolean rawTable) throws IOException {
        return drawn(trace, () -> {
            DamoHeatmap.Options o = heatmapOptions(line, rawTable ? 500 : 40, rawTable ? 500 : 80);
            o.rawTable = rawTable;
            return DamoHeatmap.report(DamoTrace.of(trace, o.compat, o.version), o);
        });
    }

    /** For a picture. */
    static HeatmapResult heatmapPicture(CommandLine line, TraceSource trace) throws IOException {
        for (Option o : List.of(GUIDE, GUIDE_HUMAN, ABS_TIME, ABS_ADDR, COLORSET, SKIP_COLORS)) {
            if (line.hasOption(o)) {
                throw new UsageException("--" + o.getLongOpt() + " is for text, not for pictures");
            }
        }
        return drawn(trace, () -> {
            DamoHeatmap.Options o = heatmapOptions(line, HeatmapOptions.PICTURE.cols(), HeatmapOptions.PICTURE.rows());
            return DamoHeatmap.map(DamoTrace.of(trace, o.compat, o.version), o);
        });
    }

    private interface Drawing<T> {
        T draw() throws IOException;
    }

    private static <T> T drawn(TraceSource trace, Drawing<T> drawing) throws IOException {
        try {
            return drawing.draw();
        } catch (InvalidInputException e) {
            throw new UsageException(e.getMessage());
        } catch (UnfitTraceException e) {
            throw new CommandFailedException(ExitCode.INPUT, trace.name() + ": " + e.getMessage());
        }
    }

    private static DamoHeatmap.Options heatmapOptions(CommandLine line, int timeResol, int addrResol) {
        DamoHeatmap.Options o = new DamoHeatmap.Options();
        o.compat = line.hasOption(DamoOptions.COMPAT);
        o.version = DamoOptions.version(line);
        o.timeResol = timeResol;
        o.addrResol = addrResol;
        DamoOptions.each(line, RESOL, v -> {
            o.timeResol = DamoOptions.between(DamoOptions.whole(v.get(0)), 1, 10_000);
            o.addrResol = DamoOptions.between(DamoOptions.whole(v.get(1)), 1, 10_000);
        });
        o.kdamond = line.getOptionValue(KDAMOND);
        o.context = line.getOptionValue(CONTEXT);
        o.scheme = line.getOptionValue(SCHEME);
        o.target = line.getOptionValue(TID);
        DamoOptions.each(line, TIME_RANGE, v -> o.timeRange = v);
        DamoOptions.each(line, ADDRESS_RANGE, v -> {
            o.addressRanges = o.addressRanges == null ? new ArrayList<>() : o.addressRanges;
            o.addressRanges.add(v);
        });
        o.allAreas = "all".equals(Shared.choice(DRAW_RANGE, line.getOptionValue(DRAW_RANGE, "hottest")));
        o.absTime = line.hasOption(ABS_TIME);
        o.absAddr = line.hasOption(ABS_ADDR);
        o.colorset = Shared.choice(COLORSET, line.getOptionValue(COLORSET, "gray"));
        o.skipColorExample = line.hasOption(SKIP_COLORS);
        o.passedOnly = line.hasOption(DF_PASSED);
        o.sortTemperature = line.hasOption(SORT_TEMPERATURE);
        o.guide = line.hasOption(GUIDE);
        o.guideHuman = line.hasOption(GUIDE_HUMAN);
        DamoOptions.each(
                line,
                HEATMAP_WEIGHTS,
                v -> o.temperatureWeights =
                        v.stream().mapToDouble(DamoHeatmapOptions::decimal).toArray());
        return o;
    }

    static boolean isSortedByTemperature(CommandLine line) {
        return line.hasOption(SORT_TEMPERATURE);
    }

    /** Whether a heatmap of one time step is asked for. */
    static boolean isOneRow(CommandLine line) {
        boolean[] one = {false};
        DamoOptions.each(line, RESOL, v -> one[0] = DamoOptions.whole(v.get(0)) == 1);
        return one[0];
    }

    private static double decimal(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new InvalidInputException("'" + text + "' is not a number", e);
        }
    }
}
