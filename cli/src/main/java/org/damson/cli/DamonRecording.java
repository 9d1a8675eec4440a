package org.damson.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.model.MonitoringAttrs;
import org.damson.recorder.LiveConfig;
import org.damson.recorder.LiveRecording;
import org.damson.recorder.damon.DamonRequest;
import org.damson.recorder.damon.DamonSetup;
import org.damson.recorder.damon.DamonSource;
import org.damson.recorder.damon.DamonUnavailableException;

/** The options of {@code record} that are about kernel DAMON. */
final class DamonRecording {
    static final Option ATTACH = Shared.flag(
            null, "attach", "record the DAMON that others run, now and later; changes none of its settings");
    static final Option SOURCE = Shared.value(
            null,
            "source",
            "referenced|damon|auto",
            "what looks: referenced bits (default), kernel DAMON, or DAMON where it can be had");
    static final Option PADDR = Shared.flag(null, "paddr", "with DAMON: record physical memory, all of it");
    private static final Option NUMA_NODE =
            Shared.value(null, "numa-node", "N", "with --paddr: only the memory of this NUMA node");
    private static final Option RANGE = Shared.value(
            null, "range", "A..B", "with DAMON: only these addresses, as in 0x100000000..0x180000000; may be repeated");
    private static final Option UPDATE =
            Shared.value(null, "update", "TIME", "with DAMON: how often to look for new mappings (default 1s)");
    private static final Option REGIONS =
            Shared.value(null, "regions", "MIN..MAX", "with DAMON: bounds on the number of regions (default 10..1000)");
    private static final Option GOAL = Shared.value(
            null,
            "intervals-goal",
            "BP,AGGRS,MIN,MAX",
            "with DAMON: tune the intervals so that BP/10000 of checks find an access, as in 400,3,5ms,10s");
    private static final Option SUSPEND = Shared.flag(
            null, "suspend-damon-stat", "stop DAMON_STAT, which keeps others from DAMON, for as long as this records");
    static final Option FEED = Shared.flag(
            null, "feed", "to measure: record what is written to trace_marker_raw of damson's own tracefs instance");
    private static final Option RING_SIZE =
            Shared.value(null, "ring-size", "SIZE", "trace ring of each CPU (default up to 4M)");

    static final List<Option> OPTIONS =
            List.of(SOURCE, ATTACH, FEED, PADDR, NUMA_NODE, RANGE, UPDATE, REGIONS, GOAL, SUSPEND, RING_SIZE);

    private static final List<Option> OWN_ONLY = List.of(PADDR, NUMA_NODE, RANGE, UPDATE, REGIONS, GOAL, SUSPEND);

    static final Path SYS = Path.of("/sys");
    static final Path RUN = Path.of("/run/damson");

    private DamonRecording() {}

    /** Whether DAMON is to be used, or at least tried. */
    static boolean isWanted(CommandLine line) {
        boolean own = !source(line).equals("referenced");
        for (Option o : OWN_ONLY) {
            if (line.hasOption(o) && !own) {
                throw new UsageException("--" + o.getLongOpt() + " goes with --source damon");
            }
        }
        if (own && line.hasOption(ATTACH)) {
            throw new UsageException("--attach listens to the DAMON of others: give it without --source");
        }
        return own || line.hasOption(ATTACH) || line.hasOption(FEED);
    }

    private static String source(CommandLine line) {
        return line.hasOption(SOURCE) ? Shared.choice(SOURCE, line.getOptionValue(SOURCE)) : "referenced";
    }

    /** The source that the options ask for. */
    static LiveRecording.SourceOpener source(
            CommandLine line, LiveConfig config, Supplier<List<Long>> members, Console console) {
        long ringBytes = line.hasOption(RING_SIZE) ? Shared.sizeBytes(RING_SIZE, line.getOptionValue(RING_SIZE)) : 0;
        if (ringBytes != 0 && (ringBytes < 8 << 10 || ringBytes > 1L << 30)) {
            throw new UsageException("--ring-size: 8K to 1G");
        }
        if (line.hasOption(ATTACH) || line.hasOption(FEED)) {
            return (pids, clock) -> {
                try {
                    return line.hasOption(FEED)
                            ? DamonSource.fed(ringBytes, clock)
                            : DamonSource.attach(SYS, ringBytes, clock);
                } catch (DamonUnavailableException e) {
                    throw unavailable(e);
                }
            };
        }
        DamonSetup setup = setup(line, config);
        boolean suspend = line.hasOption(SUSPEND);
        boolean fallBack = source(line).equals("auto");
        int node = line.hasOption(NUMA_NODE) ? (int) Shared.count(NUMA_NODE, line.getOptionValue(NUMA_NODE)) : -1;
        return (pids, clock) -> {
            try {
                DamonSetup whole = setup;
                if (line.hasOption(PADDR) && setup.targets().isEmpty()) {
                    whole = setup.withTargets(List.of(new DamonSetup.Target(0, DamonSource.systemRam(SYS, node))));
                }
                return DamonSource.own(
                        SYS,
                        RUN,
                        new DamonRequest(whole, members, config.followChildren(), suspend, ringBytes),
                        pids,
                        clock);
            } catch (DamonUnavailableException e) {
                if (!fallBack || pids.isEmpty()) {
                    throw unavailable(e);
                }
                console.note("DAMON cannot be had, referenced bits are used instead: " + e.getMessage());
                return LiveRecording.referenced(withReferencedIntervals(config, line))
                        .open(pids, clock);
            }
        };
    }

    /** Referenced bits take longer to look at: their intervals have other defaults than DAMON's. */
    private static LiveConfig withReferencedIntervals(LiveConfig c, CommandLine line) {
        return new LiveConfig(
                c.output(),
                c.command(),
                c.pids(),
                c.durationNs(),
                line.hasOption(RecordCommand.SAMPLE) ? c.sampleUs() : 100_000,
                line.hasOption(RecordCommand.AGGR) ? c.aggrUs() : 1_000_000,
                c.maxCpuShare(),
                c.followChildren(),
                c.recorder());
    }

    private static DamonSetup setup(CommandLine line, LiveConfig config) {
        try {
            long[] regions = {
                DamonSetup.DEFAULT.attrs().minRegions(),
                DamonSetup.DEFAULT.attrs().maxRegions()
            };
            if (line.hasOption(REGIONS)) {
                String[] ends = line.getOptionValue(REGIONS).split("\\.\\.", -1);
                if (ends.length != 2) {
                    throw new UsageException("--regions: MIN..MAX, as in 10..1000");
                }
                regions[0] = Shared.count(REGIONS, ends[0]);
                regions[1] = Shared.count(REGIONS, ends[1]);
            }
            long updateUs = line.hasOption(UPDATE)
                    ? Shared.durationNs(UPDATE, line.getOptionValue(UPDATE)) / 1000
                    : DamonSetup.DEFAULT.attrs().updateUs();
            DamonSetup setup = DamonSetup.DEFAULT
                    .withAttrs(new MonitoringAttrs(
                            config.sampleUs(),
                            config.aggrUs(),
                            updateUs,
                            regions[0],
                            regions[1],
                            MonitoringAttrs.IntervalsOrigin.GIVEN))
                    .withGoal(line.hasOption(GOAL) ? goal(line.getOptionValue(GOAL)) : null);
            List<DamonSetup.Range> ranges = ranges(line);
            if (line.hasOption(PADDR)) {
                setup = setup.withOperations("paddr");
                return ranges.isEmpty() ? setup : setup.withTargets(List.of(new DamonSetup.Target(0, ranges)));
            }
            return ranges.isEmpty()
                    ? setup
                    : setup.withOperations("fvaddr").withTargets(List.of(new DamonSetup.Target(0, ranges)));
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
    }

    private static DamonSetup.Goal goal(String text) {
        String[] parts = text.split(",", -1);
        if (parts.length != 4) {
            throw new UsageException("--intervals-goal: BP,AGGRS,MIN,MAX as in 400,3,5ms,10s");
        }
        return new DamonSetup.Goal(
                Shared.count(GOAL, parts[0]),
                Shared.count(GOAL, parts[1]),
                Shared.durationNs(GOAL, parts[2]) / 1000,
                Shared.durationNs(GOAL, parts[3]) / 1000);
    }

    private static List<DamonSetup.Range> ranges(CommandLine line) {
        List<DamonSetup.Range> ranges = new ArrayList<>();
        if (line.hasOption(RANGE)) {
            for (String text : line.getOptionValues(RANGE)) {
                int dots = text.indexOf("..");
                if (dots < 0) {
                    throw new UsageException("--range: '" + text + "' is not A..B");
                }
                ranges.add(new DamonSetup.Range(
                        Shared.address(RANGE, text.substring(0, dots)),
                        Shared.address(RANGE, text.substring(dots + 2))));
            }
        }
        return ranges;
    }

    private static CommandFailedException unavailable(IOException e) {
        return new CommandFailedException(ExitCode.CAPABILITY, e.getMessage());
    }
}
