package org.damson.cli.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.analyzer.damo.DamoRecordFilter;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.analyzer.damo.DamoVersion;
import org.damson.analyzer.damo.report.DamoFootprints;
import org.damson.analyzer.damo.report.DamoHeatmap;
import org.damson.analyzer.damo.report.DamoWorkingSet;
import org.damson.analyzer.heatmap.HeatmapOptions;
import org.damson.analyzer.heatmap.HeatmapResult;
import org.damson.cli.console.Console;
import org.damson.model.InvalidInputException;
import org.damson.model.TraceSource;

/**
 * damo's options, by damo's names with hyphens for underscores (both are read), and {@code --damo-compat}, which prints what damo
 * 3.3.0 prints, quirks included.
 */
public final class DamoOptions {
    public static final Option COMPAT = Option.builder()
            .longOpt("damo-compat")
            .optionalArg(true)
            .numberOfArgs(1)
            .argName("VERSION")
            .desc(
                    "print exactly what damo 3.3.0 prints, its defects included; heatmaps as of 3.3.1 to 3.3.8 if asked for")
            .get();
    public static final Option RAW_NUMBER = Shared.flag(null, "raw-number", "plain numbers: bytes, nanoseconds");
    /** As damo calls the same for its guide. */
    public static final Option RAW_NUMBERS = Shared.flag(null, "raw-numbers", "plain numbers: bytes, nanoseconds");

    // Filters.
    private static final Option SZ_REGION = pair("sz-region", "MIN MAX", "only regions of this size");
    private static final Option ACCESS_RATE =
            pair("access-rate", "MIN MAX", "only regions accessed in this percentage of samples");
    private static final Option AGE = pair("age", "MIN MAX", "only regions of this age; a bare number is seconds");
    private static final Option ADDRESS = Shared.repeatable(pair("address", "START END", "only these addresses"));
    private static final Option SZ_SNAPSHOT =
            Shared.repeatable(pair("sz-snapshot", "MIN MAX", "only snapshots of this total size"));
    private static final Option SNAPSHOT_TIME = Shared.repeatable(
            pair("snapshot-time", "START END", "only snapshots within, nanoseconds of the recording's clock"));
    private static final Option SNAPSHOT_IDX =
            Shared.repeatable(pair("snapshot-idx", "FIRST LAST", "only these snapshots of each record, both included"));
    private static final Option TEMPERATURE =
            Shared.repeatable(pair("temperature", "MIN MAX", "only regions of this temperature"));

    // report wss, report regions
    public static final Option RANGE = Option.builder("r")
            .longOpt("range")
            .numberOfArgs(3)
            .argName("START STOP STEP")
            .desc("percentiles to print (0 101 25)")
            .get();
    private static final Option EXCLUDE_SAMPLES =
            Shared.value(null, "exclude-samples", "N", "snapshots to leave out at the start (20)");
    private static final Option ACC_THRES = Shared.value("t", "acc-thres", "N", "minimum nr_accesses to count (1)");
    private static final Option SZ_THRES = Shared.value(null, "sz-thres", "BYTES", "minimum size to count (1)");
    private static final Option WORK_TIME =
            Shared.value(null, "work-time", "US", "aggregate snapshots until they span this (1)");
    public static final Option SORTBY = Shared.value("s", "sortby", "time|size", "order of the values (size)");
    private static final Option BAR = Shared.value(null, "nr-cols-bar", "N", "width of the bar (59)");
    private static final Option ALL_WSS = Shared.flag(null, "all-wss", "every value instead of percentiles");
    private static final Option ALL_FOOTPRINT =
            Shared.flag(null, "all-footprint", "every value instead of percentiles");
    private static final Option PER_TARGET = Shared.flag(null, "per-target", "a distribution for each target");
    private static final Option COLLAPSE = Shared.flag(null, "collapse-targets", "one distribution for all (default)");

    // report heatmap
    private static final Option RESOL = several(2, "resol", "TIME ADDRESS", "resolution of the axes");
    private static final Option DRAW_RANGE =
            Shared.value(null, "draw-range", "hottest|all", "areas to draw if no address range is given");
    private static final Option KDAMOND = Shared.value(null, "kdamond-idx", "N", "kdamond to draw");
    private static final Option CONTEXT = Shared.value(null, "context-idx", "N", "context to draw");
    private static final Option SCHEME = Shared.value(null, "scheme-idx", "N", "scheme to draw");
    private static final Option TID = Shared.value(null, "tid", "ID", "target id to draw");
    private static final Option TIME_RANGE = several(
            Option.UNLIMITED_VALUES, "time-range", "START END [BASE]", "time to draw; BASE may be guided, guided_end");
    private static final Option ADDRESS_RANGE = Shared.repeatable(several(
            Option.UNLIMITED_VALUES, "address-range", "START END [BASE]", "addresses to draw; BASE may be guided"));
    private static final Option ABS_TIME = Shared.flag(null, "abs-time", "absolute times in the raw table");
    private static final Option ABS_ADDR = Shared.flag(null, "abs-addr", "absolute addresses in the raw table");
    private static final Option COLORSET =
            Shared.value(null, "stdout-colorset", "gray|flame|emotion", "colours of the terminal picture");
    private static final Option SKIP_COLORS =
            Shared.flag(null, "stdout-skip-colorset-example", "no line of colour examples");
    private static final Option DF_PASSED = Shared.flag(null, "df-passed", "only what passed DAMOS filters");
    private static final Option SORT_TEMPERATURE =
            Shared.flag(null, "sort-temperature", "lay regions out by temperature instead of address");
    private static final Option HEATMAP_WEIGHTS =
            several(2, "temperature-weights", "FREQUENCY AGE", "weights of the temperature");

    private static final Option GUIDE = Shared.flag(null, "guide", "print only the available ranges, in plain numbers");
    private static final Option GUIDE_HUMAN = Shared.flag(null, "guide-human", "print only the available ranges");

    private DamoOptions() {}

    public static Option several(int values, String name, String argName, String description) {
        return Option.builder()
                .longOpt(name)
                .numberOfArgs(values)
                .argName(argName)
                .desc(description)
                .get();
    }

    private static Option pair(String name, String argName, String description) {
        return several(2, name, argName, description);
    }

    public static Option[] filters() {
        return new Option[] {SZ_REGION, ACCESS_RATE, AGE, ADDRESS, SZ_SNAPSHOT, SNAPSHOT_TIME, SNAPSHOT_IDX, TEMPERATURE
        };
    }

    /** Filters for a command whose own --address is A..B; that one is understood too. */
    public static Option[] filtersButAddress() {
        return new Option[] {SZ_REGION, ACCESS_RATE, AGE, SZ_SNAPSHOT, SNAPSHOT_TIME, SNAPSHOT_IDX, TEMPERATURE};
    }

    public static Option[] workingSet() {
        return new Option[] {
            COMPAT,
            RANGE,
            EXCLUDE_SAMPLES,
            ACC_THRES,
            SZ_THRES,
            WORK_TIME,
            SORTBY,
            BAR,
            RAW_NUMBER,
            ALL_WSS,
            PER_TARGET,
            COLLAPSE
        };
    }

    public static Option[] footprint() {
        return new Option[] {COMPAT, RANGE, SORTBY, BAR, RAW_NUMBER, ALL_FOOTPRINT};
    }

    public static Option[] heatmap() {
        return new Option[] {
            COMPAT,
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

    public static Option[] guide() {
        return new Option[] {COMPAT, RAW_NUMBERS};
    }

    /** Refuses damo's options where damson's own report is asked for: it has its own for the same. */
    public static void requireCompat(CommandLine line, Option[] options) {
        for (Option o : options) {
            if (isOnlyCompat(o) && line.hasOption(o)) {
                throw new UsageException("--" + o.getLongOpt() + " is an option of damo's: it requires --damo-compat");
            }
        }
    }

    private static boolean isOnlyCompat(Option o) {
        return o != COMPAT && o != RANGE;
    }

    /** The options with those marked, for help, that {@link #requireCompat} refuses. */
    public static Option[] marked(Option[] options) {
        return Arrays.stream(options)
                .map(o -> {
                    Option copy = (Option) o.clone();
                    if (isOnlyCompat(o)) {
                        copy.setDescription(o.getDescription() + " (only with --damo-compat)");
                    }
                    return copy;
                })
                .toArray(Option[]::new);
    }

    /** Whether one of the options is given. */
    public static boolean anyOf(CommandLine line, Option[] options) {
        return Arrays.stream(options).anyMatch(line::hasOption);
    }

    /** Says on standard error if filters have left nothing to report. */
    public static void noteNothingLeft(CommandLine line, DamoRecordFilter filter, Console console) {
        if (filter.leavesNothing()) {
            List<String> given = new ArrayList<>();
            for (Option o : filters()) {
                occurrences(line, o).forEach(v -> given.add("--" + o.getLongOpt() + " " + String.join(" ", v)));
            }
            console.note("note: nothing is left by " + String.join(", ", given));
        }
    }

    /** The values of an option each time it was given. */
    static List<List<String>> occurrences(CommandLine line, Option option) {
        List<List<String>> found = new ArrayList<>();
        for (Option o : line.getOptions()) {
            if (option.getLongOpt().equals(o.getLongOpt())) {
                found.add(Arrays.asList(o.getValues()));
            }
        }
        return found;
    }

    /** What takes the values of an option and refuses them with an {@link InvalidInputException}. */
    public interface Take {
        void values(List<String> values);
    }

    public static void each(CommandLine line, Option option, Take take) {
        for (List<String> values : occurrences(line, option)) {
            if (option.getArgs() > 0 && values.size() != option.getArgs()) {
                throw new UsageException("--" + option.getLongOpt() + " needs " + option.getArgName());
            }
            try {
                take.values(values);
            } catch (InvalidInputException | NumberFormatException e) {
                throw new UsageException(
                        "--" + option.getLongOpt() + " " + String.join(" ", values) + ": " + e.getMessage());
            }
        }
    }

    public static DamoRecordFilter filter(CommandLine line, boolean compat) {
        DamoRecordFilter filter = filterButAddress(line, compat);
        each(line, ADDRESS, v -> filter.addAddresses(v.get(0), v.get(1)));
        return filter;
    }

    public static DamoRecordFilter filterButAddress(CommandLine line, boolean compat) {
        DamoRecordFilter filter = new DamoRecordFilter(compat);
        each(line, SZ_REGION, v -> filter.sizes(v.get(0), v.get(1)));
        each(line, ACCESS_RATE, v -> filter.accessRates(v.get(0), v.get(1)));
        each(line, AGE, v -> filter.ages(v.get(0), v.get(1)));
        each(line, SZ_SNAPSHOT, v -> filter.addSnapshotSizes(v.get(0), v.get(1)));
        each(line, SNAPSHOT_TIME, v -> filter.addSnapshotTimes(v.get(0), v.get(1)));
        each(line, SNAPSHOT_IDX, v -> filter.addSnapshotIndices(v.get(0), v.get(1)));
        each(line, TEMPERATURE, v -> filter.addTemperatures(v.get(0), v.get(1)));
        return filter;
    }

    /** Python's {@code range}: from START to before STOP by STEP. */
    public static List<Integer> range(CommandLine line, List<Integer> normal) {
        List<Integer> result = new ArrayList<>(normal);
        each(line, RANGE, v -> {
            int[] n = v.stream().mapToInt(DamoOptions::whole).toArray();
            result.clear();
            result.addAll(pythonRange(n));
        });
        return result;
    }

    public static List<Integer> pythonRange(int... n) {
        int start = n.length == 1 ? 0 : n[0];
        int stop = n.length == 1 ? n[0] : n[1];
        int step = n.length == 3 ? n[2] : 1;
        if (step == 0) {
            throw new InvalidInputException("the step must not be 0");
        }
        List<Integer> values = new ArrayList<>();
        for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
            if (i < 0 || i > 100) {
                throw new InvalidInputException("percentile " + i + " is not in 0..100");
            }
            values.add((int) i);
        }
        return values;
    }

    public static int whole(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new InvalidInputException("'" + text + "' is not an integer", e);
        }
    }

    private static double decimal(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new InvalidInputException("'" + text + "' is not a number", e);
        }
    }

    public static int whole(CommandLine line, Option option, int normal) {
        int[] n = {normal};
        each(line, option, v -> n[0] = whole(v.get(0)));
        return n[0];
    }

    private static int barColumns(CommandLine line) {
        int[] n = {59};
        each(line, BAR, v -> n[0] = between(whole(v.get(0)), -10_000, 10_000));
        return n[0];
    }

    private static String one(CommandLine line, Option option) {
        return line.getOptionValue(option);
    }

    public static boolean byTime(CommandLine line) {
        return "time".equals(Shared.choice(SORTBY, line.getOptionValue(SORTBY, "size")));
    }

    public static String workingSet(CommandLine line, TraceSource trace) throws IOException {
        return DamoWorkingSet.report(
                DamoTrace.of(trace),
                new DamoWorkingSet.Options(
                        range(line, List.of(0, 25, 50, 75, 100)),
                        whole(line, EXCLUDE_SAMPLES, 20),
                        whole(line, ACC_THRES, 1),
                        line.hasOption(SZ_THRES) ? Shared.count(SZ_THRES, line.getOptionValue(SZ_THRES)) : 1,
                        whole(line, WORK_TIME, 1),
                        byTime(line),
                        !line.hasOption(PER_TARGET) || line.hasOption(COLLAPSE),
                        barColumns(line),
                        line.hasOption(RAW_NUMBER),
                        line.hasOption(ALL_WSS)));
    }

    /** @param metric one of damo's, or all */
    public static String footprint(CommandLine line, TraceSource trace, String metric) throws IOException {
        List<String> metrics = new ArrayList<>(DamoFootprints.METRICS);
        if (!metric.equals("all")) {
            metrics.retainAll(List.of(metric));
        }
        if (metrics.isEmpty()) {
            throw new UsageException(
                    "'" + metric + "': expected one of " + String.join(", ", DamoFootprints.METRICS) + ", all");
        }
        return DamoFootprints.report(
                trace,
                new DamoFootprints.Options(
                        metrics,
                        range(line, List.of(0, 25, 50, 75, 100)),
                        byTime(line),
                        whole(line, BAR, 59),
                        line.hasOption(RAW_NUMBER),
                        line.hasOption(ALL_FOOTPRINT)));
    }

    public static String heatmap(CommandLine line, TraceSource trace, boolean rawTable) throws IOException {
        return drawn(trace, () -> {
            DamoHeatmap.Options o = heatmapOptions(line, rawTable ? 500 : 40, rawTable ? 500 : 80);
            o.rawTable = rawTable;
            return DamoHeatmap.report(DamoTrace.of(trace, o.compat), o);
        });
    }

    /** For a picture. */
    public static HeatmapResult heatmapPicture(CommandLine line, TraceSource trace) throws IOException {
        for (Option o : List.of(GUIDE, GUIDE_HUMAN, ABS_TIME, ABS_ADDR, COLORSET, SKIP_COLORS)) {
            if (line.hasOption(o)) {
                throw new UsageException("--" + o.getLongOpt() + " is for text, not for pictures");
            }
        }
        return drawn(trace, () -> {
            DamoHeatmap.Options o = heatmapOptions(line, HeatmapOptions.PICTURE.cols(), HeatmapOptions.PICTURE.rows());
            return DamoHeatmap.map(DamoTrace.of(trace, o.compat), o);
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
        } catch (IllegalStateException e) {
            throw new CommandFailedException(ExitCode.INPUT, trace.name() + ": " + e.getMessage());
        }
    }

    private static DamoHeatmap.Options heatmapOptions(CommandLine line, int timeResol, int addrResol) {
        DamoHeatmap.Options o = new DamoHeatmap.Options();
        o.compat = line.hasOption(COMPAT);
        o.version = version(line);
        o.timeResol = timeResol;
        o.addrResol = addrResol;
        each(line, RESOL, v -> {
            o.timeResol = between(whole(v.get(0)), 1, 10_000);
            o.addrResol = between(whole(v.get(1)), 1, 10_000);
        });
        o.kdamond = one(line, KDAMOND);
        o.context = one(line, CONTEXT);
        o.scheme = one(line, SCHEME);
        o.target = one(line, TID);
        each(line, TIME_RANGE, v -> o.timeRange = v);
        each(line, ADDRESS_RANGE, v -> {
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
        each(
                line,
                HEATMAP_WEIGHTS,
                v -> o.temperatureWeights =
                        v.stream().mapToDouble(DamoOptions::decimal).toArray());
        return o;
    }

    public static boolean isSortedByTemperature(CommandLine line) {
        return line.hasOption(SORT_TEMPERATURE);
    }

    /** Whether a heatmap of one time step is asked for. */
    public static boolean isOneRow(CommandLine line) {
        boolean[] one = {false};
        each(line, RESOL, v -> one[0] = whole(v.get(0)) == 1);
        return one[0];
    }

    public static int between(int n, int least, int most) {
        if (n < least || n > most) {
            throw new InvalidInputException(n + " is not in " + least + ".." + most);
        }
        return n;
    }

    /** The words of an option, each one of {@code allowed}. */
    public static List<String> words(Option option, List<String> given, List<String> allowed) {
        Set<String> unknown = new TreeSet<>(given);
        allowed.forEach(unknown::remove);
        for (String word : unknown) {
            String nearest = Nearest.to(word, allowed);
            throw new InvalidInputException("unknown '" + word + "'"
                    + (nearest == null ? "" : " (did you mean '" + nearest + "'?)") + ": expected one of "
                    + String.join(", ", allowed));
        }
        return given;
    }

    /** Refuses a version that there is not, and says of one after 3.3.0 what is as it prints. */
    public static void checkVersion(CommandLine line, Console console) {
        DamoVersion version = version(line);
        if (!version.equals(DamoVersion.OLDEST)) {
            console.noteOnce("note: heatmaps are as damo " + version
                    + " draws them; all else is as damo 3.3.0 prints it, and what"
                    + " later releases changed of it is not known here");
        }
    }

    /** The damo whose prints are wanted. */
    public static DamoVersion version(CommandLine line) {
        String text = line.getOptionValue(COMPAT);
        if (text == null) {
            return DamoVersion.OLDEST;
        }
        try {
            return DamoVersion.of(text);
        } catch (InvalidInputException e) {
            throw new UsageException("--damo-compat: " + e.getMessage());
        }
    }
}
