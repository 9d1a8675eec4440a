package org.damson.cli.command;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.analyzer.scan.Scan;
import org.damson.cli.console.Console;
import org.damson.model.InvalidInputException;
import org.damson.model.MonitoringAttrs;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.stacks.StackReader;
import org.damson.model.text.NativeText;

/** Options that several commands have, and what their values mean. */
public final class Shared {
    public static final Option JSON = flag(null, "json", "print the result as JSON");
    public static final Option QUIET = flag("q", "quiet", "print only errors on standard error");
    public static final Option HELP = flag("h", "help", "show this help");

    public static final Option TIME =
            value(null, "time", "A..B", "only this time, counted from the start of the trace, as in 2s..10s");
    public static final Option ADDRESS =
            value(null, "address", "A..B", "only these addresses, as in 0x7f0000000000..0x7f0010000000");
    public static final Option TARGET = value(null, "target", "N", "only this target, by its number");
    public static final Option SNAPSHOTS =
            value(null, "snapshots", "A..B", "only these snapshots, the first is 0, B excluded");
    public static final Option OWNER =
            expert(value(null, "owner", "USER", "owner of created files (default under sudo: the user who called it)"));
    public static final Option FORCE =
            flag(null, "force", "replace an existing output: a file by a file, a trace by a trace");

    private Shared() {}

    public static Option flag(String shortName, String longName, String description) {
        return new VerbOption(shortName, longName, Option.UNINITIALIZED, null, description);
    }

    /** An option with a value. An {@code argName} with bars lists the choices, and completion offers them. */
    public static Option value(String shortName, String longName, String argName, String description) {
        return new VerbOption(shortName, longName, 1, argName, description);
    }

    /** An option with several values, {@link Option#UNLIMITED_VALUES} for any number of them. */
    public static Option values(int values, String shortName, String longName, String argName, String description) {
        return new VerbOption(shortName, longName, values, argName, description);
    }

    /** An option whose value may be left out. */
    public static Option optionalValue(String longName, String argName, String description) {
        Option option = value(null, longName, argName, description);
        option.setOptionalArg(true);
        return option;
    }

    /** The option, which may be given several times: each adds to what those before said. */
    public static Option repeatable(Option option) {
        return VerbOption.of(option).repeatable();
    }

    public static boolean isRepeatable(Option option) {
        return VerbOption.of(option).isRepeatable();
    }

    /** The option, under another heading of help than the first. */
    public static Option under(VerbOption.Heading heading, Option option) {
        return VerbOption.of(option).under(heading);
    }

    /** The option, which few need. */
    public static Option expert(Option option) {
        return under(VerbOption.Heading.EXPERT, option);
    }

    /** The option, which names a file or a trace that is made: who has it has {@code --force} too. */
    public static Option written(Option option) {
        return VerbOption.of(option).written();
    }

    /** The option, which had another name: that one is understood, and said to be old. */
    public static Option formerly(String oldName, Option option) {
        return VerbOption.of(option).formerly(oldName);
    }

    public static Option output(String argName, String description) {
        return written(value("o", "output", argName, description));
    }

    public static Options of(Option... options) {
        Options all = new Options();
        for (Option o : options) {
            // Commons CLI keeps the parsed value inside the option, so shared ones are copied.
            all.addOption((Option) o.clone());
        }
        return all;
    }

    /** Adds options under one heading of help. */
    public static void add(Options all, VerbOption.Heading heading, List<Option> more) {
        more.forEach(o -> all.addOption(under(heading, (Option) o.clone())));
    }

    /** The options of {@link #of} and others. */
    public static Options and(Option[] more, Option... options) {
        Options all = of(options);
        for (Option o : more) {
            all.addOption((Option) o.clone());
        }
        return all;
    }

    /** The command's options, {@code --force} where one of them names what is made, and those that every command has. */
    public static Options withCommon(Command command) {
        Options all = new Options();
        boolean isWriting = false;
        for (Option o : command.options().getOptions()) {
            VerbOption option = VerbOption.of(o);
            all.addOption(option);
            isWriting |= option.isWritten();
        }
        if (isWriting && !all.hasLongOption(FORCE.getLongOpt())) {
            all.addOption((Option) FORCE.clone());
        }
        for (Option o : command.hasJson() ? List.of(JSON, QUIET, HELP) : List.of(QUIET, HELP)) {
            all.addOption((Option) o.clone());
        }
        return all;
    }

    /** Positional arguments, exactly as many as {@code what} names. */
    public static List<String> positionals(CommandLine line, String... what) {
        List<String> given = line.getArgList();
        if (given.size() < what.length) {
            throw new UsageException("missing " + what[given.size()]);
        }
        if (given.size() > what.length) {
            throw new UsageException("unexpected argument '" + given.get(what.length) + "'"
                    + (what.length == 1 && what[0].equals("TRACE")
                            ? ": one TRACE is taken, which may be the directory of a rotated recording; damson merge"
                                    + " joins several"
                            : ""));
        }
        return given;
    }

    /** The value of an option that has to be there. Checked here so that a missing TRACE is said first. */
    public static String required(CommandLine line, Option option) {
        String value = line.getOptionValue(option);
        if (value == null) {
            throw new UsageException("missing --" + option.getLongOpt() + " " + option.getArgName());
        }
        return value;
    }

    public static Path trace(CommandLine line) {
        return NativeText.path(positionals(line, "TRACE").get(0));
    }

    /** The names of one trace or more. */
    public static List<String> traces(CommandLine line) {
        if (line.getArgList().isEmpty()) {
            throw new UsageException("missing TRACE");
        }
        return line.getArgList();
    }

    /**
     * Refuses a recording that is named twice where each tells something of its own: one that repeats itself differs by nothing.
     *
     * @param names of all of them; what is not there is left for who opens it
     */
    public static void requireDistinct(List<String> names) throws IOException {
        Map<Object, String> seen = new HashMap<>();
        for (String name : names) {
            Path path = NativeText.path(name);
            if (Files.exists(path)) {
                String before = seen.put(
                        Files.readAttributes(path, BasicFileAttributes.class).fileKey(), name);
                if (before != null) {
                    throw new UsageException(
                            before + (before.equals(name) ? " is given twice" : " and " + name + " are one recording")
                                    + ": it shows nothing of how far two runs differ");
                }
            }
        }
    }

    /** Owner of created files, null for whoever runs this; root alone can give files away. */
    public static String owner(CommandLine line, Console console) throws IOException {
        boolean root = Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        String given = line.getOptionValue(OWNER);
        if (given == null) {
            String caller = console.environment("SUDO_USER");
            return root && !caller.isEmpty() && !caller.equals("root") ? caller : null;
        }
        UserPrincipal owner;
        try {
            owner = FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(given);
        } catch (UserPrincipalNotFoundException e) {
            throw new UsageException("--owner: no such user: " + given);
        }
        if (!root && !owner.equals(Files.getOwner(Path.of("/proc/self")))) {
            throw new CommandFailedException(
                    ExitCode.CAPABILITY, "--owner " + given + ": only root can change the owner of files");
        }
        return given;
    }

    /**
     * The part of {@code trace} that --time, --address, --target and --snapshots choose.
     *
     * @throws UsageException if they leave nothing of it
     */
    public static TraceQuery query(CommandLine line, TraceSource trace) throws IOException {
        TraceQuery query = TraceQuery.ALL;
        if (line.hasOption(TARGET)) {
            query = narrowed(
                    line, TARGET, trace, query, query.target(Quantities.unsigned(TARGET, line.getOptionValue(TARGET))));
        }
        if (line.hasOption(TIME)) {
            TraceQuery time = time(line, startNs(trace));
            query = narrowed(line, TIME, trace, query, query.time(time.fromNs(), time.toNs()));
        }
        if (line.hasOption(SNAPSHOTS)) {
            String[] ends = Quantities.range(SNAPSHOTS, line.getOptionValue(SNAPSHOTS));
            long from = ends[0].isEmpty() ? 0 : Quantities.count(SNAPSHOTS, ends[0]);
            long to = ends[1].isEmpty() ? Long.MAX_VALUE : Quantities.count(SNAPSHOTS, ends[1]);
            Quantities.requireOrder(SNAPSHOTS, from < to, line.getOptionValue(SNAPSHOTS));
            query = TracePart.duringSnapshots(
                    trace, narrowed(line, SNAPSHOTS, trace, query, query.snapshots(from, to)));
        }
        if (line.hasOption(ADDRESS)) {
            String[] ends = Quantities.range(ADDRESS, line.getOptionValue(ADDRESS));
            long from = ends[0].isEmpty() ? 0 : Quantities.address(ADDRESS, ends[0]);
            long to = ends[1].isEmpty() ? 0 : Quantities.address(ADDRESS, ends[1]);
            Quantities.requireOrder(
                    ADDRESS, ends[1].isEmpty() || Long.compareUnsigned(from, to) < 0, line.getOptionValue(ADDRESS));
            query = narrowed(line, ADDRESS, trace, query, query.address(from, to));
        }
        return query;
    }

    /**
     * All of the time that --time names, or of all time.
     *
     * @param startNs from when on it counts, of the trace's clock
     */
    public static TraceQuery time(CommandLine line, long startNs) {
        TraceQuery all = TraceQuery.ALL;
        if (!line.hasOption(TIME)) {
            return all;
        }
        String[] ends = Quantities.range(TIME, line.getOptionValue(TIME));
        long from = ends[0].isEmpty() ? all.fromNs() : after(startNs, Quantities.durationNs(TIME, ends[0]));
        long to = ends[1].isEmpty() ? all.toNs() : after(startNs, Quantities.durationNs(TIME, ends[1]));
        Quantities.requireOrder(TIME, Long.compare(from, to) < 0, line.getOptionValue(TIME));
        return all.time(from, to);
    }

    /** A time plus a duration, saturated at the greatest time. */
    private static long after(long timeNs, long durationNs) {
        long sum = timeNs + durationNs;
        return sum < timeNs ? Long.MAX_VALUE : sum;
    }

    /** {@code part}, if anything of {@code whole} is left in it. */
    private static TraceQuery narrowed(
            CommandLine line, Option by, TraceSource trace, TraceQuery whole, TraceQuery part) throws IOException {
        if (TracePart.isEmpty(trace, part) && !TracePart.isEmpty(trace, whole)) {
            throw new UsageException("--" + by.getLongOpt() + " " + line.getOptionValue(by)
                    + " leaves nothing: there are " + TracePart.describe(trace, whole));
        }
        return part;
    }

    /**
     * When the first snapshot of a trace starts, of whatever target: snapshots come by their ends. Without snapshots its first sample
     * with a call stack; 0 if it has neither.
     */
    public static long startNs(TraceSource trace) throws IOException {
        long firstNs = Scan.traceNs(trace);
        if (firstNs != Long.MAX_VALUE) {
            return firstNs;
        }
        long sampleNs = StackReader.firstNs(trace);
        return sampleNs == Long.MAX_VALUE ? 0 : sampleNs;
    }

    /** {@code 5ms,100ms,1s}: sampling, aggregation, update interval; the last may be left out. Null if not given. */
    public static MonitoringAttrs intervals(CommandLine line, Option option) {
        String text = line.getOptionValue(option);
        if (text == null) {
            return null;
        }
        String[] parts = text.split(",", -1);
        if (parts.length < 2 || parts.length > 3) {
            throw Quantities.bad(option, text, "SAMPLE,AGGR[,UPDATE] as in 5ms,100ms,1s");
        }
        long updateUs =
                parts.length == 3 ? Quantities.durationUs(option, parts[2]) : MonitoringAttrs.DEFAULTS.updateUs();
        long sampleUs = Quantities.durationUs(option, parts[0]);
        if (sampleUs == 0) {
            throw Quantities.bad(option, text, "a sampling interval of more than 0");
        }
        try {
            return new MonitoringAttrs(
                    sampleUs,
                    Quantities.durationUs(option, parts[1]),
                    updateUs,
                    0,
                    0,
                    MonitoringAttrs.IntervalsOrigin.GIVEN);
        } catch (InvalidInputException e) {
            throw Quantities.bad(option, text, "an aggregation interval no shorter than the sampling interval");
        }
    }

    /** One of the choices that the option's argName lists. */
    public static String choice(Option option, String text) {
        List<String> choices = List.of(option.getArgName().split("\\|"));
        if (choices.contains(text)) {
            return text;
        }
        String nearest = Nearest.to(text, choices);
        throw new UsageException("--" + option.getLongOpt() + ": '" + text + "': expected one of "
                + String.join(", ", choices) + (nearest == null ? "" : " (did you mean '" + nearest + "'?)"));
    }
}
