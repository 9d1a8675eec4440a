package org.damson.cli.command;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.analyzer.damo.DamoRecordFilter;
import org.damson.analyzer.damo.DamoVersion;
import org.damson.cli.console.Console;
import org.damson.model.InvalidInputException;

/**
 * damo's options, by damo's names with hyphens for underscores (both are read), and {@code --damo-compat}, which prints what damo
 * 3.3.0 prints, quirks included.
 */
public final class DamoOptions {
    public static final Option COMPAT = ofDamo(Shared.optionalValue(
            "damo-compat",
            "VERSION",
            "print exactly what damo 3.3.0 prints, its defects included; or what another of 3.2.0 to 3.3.8 prints"));
    /** damo has two names for it. */
    public static final Option RAW_NUMBER =
            Shared.formerly("raw-numbers", flag("raw-number", "plain numbers: bytes, nanoseconds"));

    // Filters.
    private static final Option SZ_REGION = pair("sz-region", "MIN MAX", "only regions of this size");
    private static final Option ACCESS_RATE =
            pair("access-rate", "MIN MAX", "only regions accessed in this percentage of samples");
    private static final Option AGE = pair("age", "MIN MAX", "only regions of this age; a bare number is seconds");
    private static final Option ADDRESS = Shared.repeatable(pair("address", "START END", "only these addresses"));
    private static final Option SZ_SNAPSHOT =
            Shared.repeatable(pair("sz-snapshot", "MIN MAX", "only snapshots of this total size"));
    private static final Option SNAPSHOT_TIME = Shared.repeatable(pair(
            "snapshot-time",
            "START END",
            "only snapshots within these times of the recording's clock; a bare number is ns"));
    private static final Option SNAPSHOT_IDX =
            Shared.repeatable(pair("snapshot-idx", "FIRST LAST", "only these snapshots of each record, both included"));
    private static final Option TEMPERATURE =
            Shared.repeatable(pair("temperature", "MIN MAX", "only regions of this temperature"));

    // report wss, report regions
    public static final Option RANGE =
            ofDamo(Shared.values(3, "r", "range", "START STOP STEP", "percentiles to print (0 101 25)"));
    public static final Option SORTBY = ofDamo(Shared.value("s", "sortby", "time|size", "order of the values (size)"));

    private DamoOptions() {}

    /** Puts an option under the heading of damo's. */
    public static Option ofDamo(Option option) {
        return Shared.under(VerbOption.Heading.DAMO, option);
    }

    public static Option several(int values, String name, String argName, String description) {
        return ofDamo(Shared.values(values, null, name, argName, description));
    }

    private static Option pair(String name, String argName, String description) {
        return several(2, name, argName, description);
    }

    public static Option value(String name, String argName, String description) {
        return several(1, name, argName, description);
    }

    public static Option flag(String name, String description) {
        return ofDamo(Shared.flag(null, name, description));
    }

    public static Option[] filters() {
        return new Option[] {SZ_REGION, ACCESS_RATE, AGE, ADDRESS, SZ_SNAPSHOT, SNAPSHOT_TIME, SNAPSHOT_IDX, TEMPERATURE
        };
    }

    /** Filters for a command whose own --address is A..B; that one is understood too. */
    public static Option[] filtersButAddress() {
        return new Option[] {SZ_REGION, ACCESS_RATE, AGE, SZ_SNAPSHOT, SNAPSHOT_TIME, SNAPSHOT_IDX, TEMPERATURE};
    }

    public static Option[] guide() {
        return new Option[] {COMPAT, RAW_NUMBER};
    }

    /** Refuses damo's options where damson's own report is asked for: it has its own for the same. */
    public static void requireCompat(CommandLine line, Option[] options) {
        for (Option o : options) {
            if (isOnlyCompat(o) && line.hasOption(o)) {
                throw new UsageException("--" + o.getLongOpt() + " is a damo option: it requires --damo-compat");
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
            console.note("note: nothing passes " + String.join(", ", given));
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

    /** Takes the values of an option, or refuses them with an {@link InvalidInputException}. */
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

    public static int whole(CommandLine line, Option option, int normal) {
        int[] n = {normal};
        each(line, option, v -> n[0] = whole(v.get(0)));
        return n[0];
    }

    public static boolean byTime(CommandLine line) {
        return "time".equals(Shared.choice(SORTBY, line.getOptionValue(SORTBY, "size")));
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

    /** Refuses a version that there is not, and says of one after 3.3.0 what it prints differently. */
    public static void checkVersion(CommandLine line, Console console) {
        DamoVersion version = version(line);
        if (!version.equals(DamoVersion.USUAL)) {
            console.noteOnce("note: as damo " + version + " prints it");
        }
    }

    /** The same of a report that is printed as one version of damo has it, whether that is said or not. */
    public static DamoVersion onlyVersion(CommandLine line, DamoVersion only, String report) {
        if (line.getOptionValue(COMPAT) != null && !version(line).equals(only)) {
            throw new UsageException("--damo-compat: " + report + " is that of damo " + only + " alone");
        }
        return only;
    }

    /** The damo whose prints are wanted. */
    public static DamoVersion version(CommandLine line) {
        String text = line.getOptionValue(COMPAT);
        if (text == null) {
            return DamoVersion.USUAL;
        }
        try {
            return DamoVersion.of(text);
        } catch (InvalidInputException e) {
            throw new UsageException("--damo-compat: " + e.getMessage());
        }
    }
}
