package org.damson.cli.record;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.OptionFile;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.cli.whatif.WhatIf;
import org.damson.damon.scheme.Action;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.setup.DamonSetup;
import org.damson.damon.setup.SetupFile;
import org.damson.model.InvalidInputException;
import org.damson.model.MonitoringAttrs;
import org.damson.model.text.NativeText;
import org.damson.recorder.LiveConfig;
import org.damson.recorder.LiveRecording;
import org.damson.recorder.damon.DamonRequest;
import org.damson.recorder.damon.DamonSource;
import org.damson.recorder.kernel.DamonUnavailableException;
import org.damson.recorder.referenced.OverheadBudget;

/** The options of {@code record} that are about kernel DAMON. */
public final class DamonRecording {
    static final Option ATTACH =
            Shared.flag(null, "attach", "record the DAMON that others run; changes none of its settings");
    public static final Option SOURCE = Shared.value(
            null,
            "source",
            "referenced|damon|auto",
            "source of accesses: referenced bits (default), kernel DAMON, or auto: DAMON where available");
    static final Option PADDR = Shared.flag(null, "paddr", "with DAMON: record physical memory, all of it");
    private static final Option NUMA_NODE =
            Shared.value(null, "numa-node", "N", "with --paddr: only the memory of this NUMA node");
    private static final Option RANGE = Shared.repeatable(
            Shared.value(null, "range", "A..B", "with DAMON: only these addresses, as in 0x100000000..0x180000000"));
    private static final Option UPDATE =
            Shared.value(null, "update", "TIME", "with DAMON: update interval of the monitored mappings (default 1s)");
    private static final Option REGIONS =
            Shared.value(null, "regions", "MIN..MAX", "with DAMON: bounds on the number of regions (default 10..1000)");
    private static final Option GOAL = Shared.value(
            null,
            "intervals-goal",
            "BP,AGGRS,MIN,MAX",
            "with DAMON: tune the intervals so that BP/10000 of checks find an access, as in 400,3,5ms,10s");
    public static final Option SUSPEND = Shared.flag(
            null, "suspend-damon-stat", "stop DAMON_STAT, which blocks other users of DAMON, while recording");
    private static final Option SCHEME = Shared.repeatable(Shared.value(
            null, "scheme", "SCHEME", "with DAMON: apply a scheme, in any form that simulate takes, or @FILE"));
    private static final Option SETUP = Shared.value(
            null,
            "setup",
            "FILE",
            "with DAMON: the whole set-up, as damo's kdamonds JSON or YAML; other options override it");
    private static final Option SNAPSHOT = Shared.values(
            2,
            null,
            "snapshot",
            "EVERY COUNT",
            "with DAMON: instead of the stream, COUNT snapshots (0: until the end), one"
                    + " every EVERY, with the bytes that pass the filters of the --scheme");
    static final Option FEED = Shared.expert(Shared.flag(
            null,
            "feed",
            "for benchmarks: record what is written to trace_marker_raw of damson's own tracefs instance"));
    private static final Option RING_SIZE =
            Shared.expert(Shared.value(null, "ring-size", "SIZE", "trace ring of each CPU (default up to 4M)"));

    static final List<Option> OPTIONS = List.of(SOURCE, ATTACH, FEED, RING_SIZE);

    /** What DAMON of one's own is set up with. */
    static final List<Option> OWN_ONLY =
            List.of(PADDR, NUMA_NODE, RANGE, UPDATE, REGIONS, GOAL, SCHEME, SETUP, SNAPSHOT, SUSPEND);

    public static final Path SYS = DamonSource.SYS;
    public static final Path RUN = DamonSource.RUN;

    /** Linux has room for so many nodes. */
    private static final int MAX_NODE = 1023;

    private DamonRecording() {}

    /** Whether DAMON is to be used, or at least tried. */
    public static boolean isWanted(CommandLine line) {
        boolean own = !source(line).equals("referenced");
        for (Option o : OWN_ONLY) {
            if (line.hasOption(o) && !own) {
                throw new UsageException("--" + o.getLongOpt() + " requires --source damon");
            }
        }
        if (own && line.hasOption(ATTACH)) {
            throw new UsageException("--attach cannot be combined with --source: it records the DAMON of others");
        }
        return own || line.hasOption(ATTACH) || line.hasOption(FEED);
    }

    /** Whether referenced bits are recorded where DAMON is not to be had. */
    static boolean mayFallBack(CommandLine line) {
        return source(line).equals("auto");
    }

    private static String source(CommandLine line) {
        return line.hasOption(SOURCE) ? Shared.choice(SOURCE, line.getOptionValue(SOURCE)) : "referenced";
    }

    /** The source that the options ask for. */
    static LiveRecording.SourceOpener source(
            CommandLine line, LiveConfig config, Supplier<List<Long>> members, Console console) throws IOException {
        long ringBytes =
                line.hasOption(RING_SIZE) ? Quantities.positiveBytes(RING_SIZE, line.getOptionValue(RING_SIZE)) : 0;
        if (ringBytes != 0 && (ringBytes < 8 << 10 || ringBytes > 1L << 30)) {
            throw new UsageException("--ring-size: 8K to 1G");
        }
        if (line.hasOption(ATTACH) || line.hasOption(FEED)) {
            return (pids, clock) -> {
                try {
                    return line.hasOption(FEED)
                            ? DamonSource.fed(setup(line, config, console).attrs(), ringBytes, clock)
                            : DamonSource.attach(SYS, ringBytes, clock);
                } catch (DamonUnavailableException e) {
                    throw unavailable(e);
                }
            };
        }
        DamonSetup setup = setup(line, config, console);
        refusePhysicalOfProcess(line, setup);
        long everyNs = 0;
        long count = 0;
        if (line.hasOption(SNAPSHOT)) {
            String[] values = line.getOptionValues(SNAPSHOT);
            everyNs = Quantities.positiveNs(SNAPSHOT, values[0]);
            count = Quantities.count(SNAPSHOT, values[1]);
            if (setup.schemes().isEmpty()) {
                setup = setup.withSchemes(List.of(Scheme.of(Action.STAT)));
            }
        }
        boolean suspend = line.hasOption(SUSPEND);
        boolean fallBack = mayFallBack(line);
        int node = line.hasOption(NUMA_NODE) ? node(line) : -1;
        boolean follow = config.followChildren() && everyNs == 0;
        DamonRequest request = new DamonRequest(setup, members, follow, suspend, ringBytes, everyNs, count);
        return (pids, clock) -> {
            try {
                if (request.snapshotEveryNs() > 0 && pids.size() > 1) {
                    throw new UsageException(
                            "--snapshot takes one target: the kernel does not report which target a region belongs to");
                }
                DamonSetup whole = request.setup();
                if (line.hasOption(PADDR) && whole.targets().isEmpty()) {
                    whole = whole.withTargets(List.of(new DamonSetup.Target(0, DamonSource.systemRam(SYS, node))));
                }
                return DamonSource.own(SYS, RUN, request.with(whole), pids, clock);
            } catch (DamonUnavailableException e) {
                if (!fallBack || pids.isEmpty()) {
                    throw unavailable(e);
                }
                console.note("DAMON is unavailable, using referenced bits instead: " + e.getMessage());
                return LiveRecording.referenced(withReferenced(config, line, console))
                        .open(pids, clock);
            }
        };
    }

    private static int node(CommandLine line) {
        long node = Quantities.count(NUMA_NODE, line.getOptionValue(NUMA_NODE));
        if (node > MAX_NODE) {
            throw new UsageException("--numa-node: 0 to " + MAX_NODE);
        }
        return (int) node;
    }

    /** The kernel would ignore the process, and a node says nothing of one. */
    private static void refusePhysicalOfProcess(CommandLine line, DamonSetup setup) {
        if (setup.isPhysical() && !line.hasOption(PADDR)) {
            throw new UsageException(
                    "--setup: ops paddr is physical memory, of no process: give --paddr instead of a command or process");
        }
        if (line.hasOption(NUMA_NODE) && (!line.hasOption(PADDR) || line.hasOption(RANGE))) {
            throw new UsageException("--numa-node: requires --paddr, and excludes --range");
        }
    }

    /** Referenced bits take longer to look at: their intervals have other defaults than DAMON's; and they cost the targets. */
    private static LiveConfig withReferenced(LiveConfig c, CommandLine line, Console console) throws IOException {
        OverheadBudget overhead;
        try {
            overhead = OverheadOptions.read(line, console);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
        return new LiveConfig(
                c.output(),
                c.command(),
                c.pids(),
                c.durationNs(),
                line.hasOption(RecordCommand.SAMPLE) ? c.sampleUs() : 100_000,
                line.hasOption(RecordCommand.AGGR) ? c.aggrUs() : 1_000_000,
                c.maxCpuShare(),
                c.followChildren(),
                overhead,
                line.hasOption(OverheadOptions.WRITTEN),
                c.recorder(),
                c.stacks(),
                c.countsHardware());
    }

    /** What the file says, then what the options say. */
    static DamonSetup setup(CommandLine line, LiveConfig config, Console console) throws IOException {
        try {
            DamonSetup setup =
                    line.hasOption(SETUP) ? read(NativeText.path(line.getOptionValue(SETUP))) : DamonSetup.DEFAULT;
            MonitoringAttrs a = setup.attrs();
            long minRegions = a.minRegions();
            long maxRegions = a.maxRegions();
            if (line.hasOption(REGIONS)) {
                String[] ends = line.getOptionValue(REGIONS).split("\\.\\.", -1);
                if (ends.length != 2) {
                    throw new UsageException("--regions: MIN..MAX, as in 10..1000");
                }
                minRegions = Quantities.count(REGIONS, ends[0]);
                maxRegions = Quantities.count(REGIONS, ends[1]);
                if (minRegions > maxRegions) {
                    throw new UsageException("--regions: " + line.getOptionValue(REGIONS) + ": MIN is above MAX");
                }
            }
            setup = setup.withAttrs(new MonitoringAttrs(
                    line.hasOption(RecordCommand.SAMPLE) ? config.sampleUs() : a.sampleUs(),
                    line.hasOption(RecordCommand.AGGR) ? config.aggrUs() : a.aggrUs(),
                    line.hasOption(UPDATE) ? Quantities.durationUs(UPDATE, line.getOptionValue(UPDATE)) : a.updateUs(),
                    minRegions,
                    maxRegions,
                    MonitoringAttrs.IntervalsOrigin.GIVEN));
            if (line.hasOption(GOAL)) {
                setup = setup.withGoal(goal(line.getOptionValue(GOAL)));
            }
            if (line.hasOption(SCHEME)) {
                List<Scheme> schemes = new ArrayList<>();
                for (String text : line.getOptionValues(SCHEME)) {
                    schemes.addAll(WhatIf.parse(text));
                }
                setup = setup.withSchemes(schemes);
                List<String> beside = schemes.stream()
                        .flatMap(s -> s.unused().stream())
                        .distinct()
                        .toList();
                if (!beside.isEmpty()) {
                    console.note("note: --scheme: not set up: " + String.join(", ", beside)
                            + "; --setup takes a whole set-up");
                }
            }
            List<DamonSetup.AddressRange> ranges = ranges(line);
            if (line.hasOption(PADDR)) {
                setup = setup.withOperations("paddr");
            } else if (!ranges.isEmpty()) {
                setup = setup.withOperations("fvaddr");
            }
            return ranges.isEmpty() ? setup : setup.withTargets(List.of(new DamonSetup.Target(0, ranges)));
        } catch (InvalidInputException e) {
            throw new UsageException(e.getMessage());
        }
    }

    private static DamonSetup read(Path file) throws IOException {
        String text = OptionFile.text("--setup " + file, file);
        return WhatIf.words("--setup " + file, () -> SetupFile.parse(text));
    }

    private static DamonSetup.IntervalsGoal goal(String text) {
        String[] parts = text.split(",", -1);
        if (parts.length != 4) {
            throw new UsageException("--intervals-goal: BP,AGGRS,MIN,MAX as in 400,3,5ms,10s");
        }
        return new DamonSetup.IntervalsGoal(
                Quantities.count(GOAL, parts[0]),
                Quantities.count(GOAL, parts[1]),
                Quantities.durationUs(GOAL, parts[2]),
                Quantities.durationUs(GOAL, parts[3]));
    }

    private static List<DamonSetup.AddressRange> ranges(CommandLine line) {
        List<DamonSetup.AddressRange> ranges = new ArrayList<>();
        if (line.hasOption(RANGE)) {
            for (String text : line.getOptionValues(RANGE)) {
                int dots = text.indexOf("..");
                if (dots < 0) {
                    throw new UsageException("--range: '" + text + "' is not A..B");
                }
                long start = Quantities.address(RANGE, text.substring(0, dots));
                long end = Quantities.address(RANGE, text.substring(dots + 2));
                if (Long.compareUnsigned(start, end) >= 0) {
                    throw new UsageException("--range: '" + text + "' is not a range A..B with A before B");
                }
                ranges.add(new DamonSetup.AddressRange(start, end));
            }
        }
        return ranges;
    }

    private static CommandFailedException unavailable(IOException e) {
        return new CommandFailedException(ExitCode.CAPABILITY, e.getMessage());
    }
}
