package org.damson.cli.replay;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.replayer.ReplayOptions;
import org.damson.replayer.SeenShare;

/** Options of {@code replay} that say what is planned of a trace; a plan has what they said. */
final class PlanOptions {
    static final Option SPEED = Shared.value(null, "speed", "X", "play X times as fast as recorded (default 1)");
    static final Option SCALE =
            Shared.value(null, "scale-memory", "X", "make every mapping X times as large (default 1)");
    static final Option LOOP = Shared.value(null, "loop", "N", "play it N times (default 1)");
    static final Option LIMIT =
            Shared.value(null, "max-memory", "SIZE", "upper bound on the memory the replay touches (default 4 GiB)");
    static final Option READ_SHARE = Shared.value(
            null,
            "read-share",
            "SHARE",
            "share of touches that read, 0 to 1, where the trace does not record writes (default 0)");
    static final Option SEEN = Shared.value(
            null,
            "seen",
            "SHARE|busiest|certified|measured",
            "share of accesses that the recording detected, to be made up for; or that of its busiest memory, of its "
                    + "certificate, or of a first replay with --verify (default 1, of a simulation its --detection)");

    private static final String MEASURED = "measured";

    /** A busiest memory that is seen less often than this is said. */
    static final double NEARLY_ALL = 0.98;

    static final Option RESIDENT = Shared.value(
            null,
            "resident",
            "recorded|accessed",
            "resident memory of the replay: as recorded (default), or only memory that was ever accessed");

    static final Option HUGETLB = Shared.value(
            null,
            "hugetlb",
            "pool|thp|small",
            "replacement for hugetlb mappings: huge pages of the pool (default), transparent huge pages, or 4 KiB pages");

    private static final List<Option> ALL = List.of(SPEED, SCALE, LOOP, LIMIT, READ_SHARE, SEEN, RESIDENT, HUGETLB);

    private PlanOptions() {}

    /** Refuses these options, and others, for what is a plan already. */
    static void refuse(CommandLine line, String why, Option... others) {
        requireAbsent(line, why, others);
        requireAbsent(line, why, ALL.toArray(Option[]::new));
    }

    static void requireAbsent(CommandLine line, String why, Option... options) {
        for (Option o : options) {
            if (line.hasOption(o)) {
                throw new UsageException("--" + o.getLongOpt() + " " + why);
            }
        }
    }

    static ReplayOptions of(CommandLine line) {
        double speed = line.hasOption(SPEED) ? Quantities.number(SPEED, line.getOptionValue(SPEED)) : 1;
        double scale = line.hasOption(SCALE) ? Quantities.number(SCALE, line.getOptionValue(SCALE)) : 1;
        long loops = line.hasOption(LOOP) ? Quantities.count(LOOP, line.getOptionValue(LOOP)) : 1;
        double reads = line.hasOption(READ_SHARE) ? Quantities.share(READ_SHARE, line.getOptionValue(READ_SHARE)) : 0;
        if (speed <= 0 || speed > 1000) {
            throw new UsageException("--speed: more than 0, at most 1000");
        }
        if (scale <= 0 || scale > 1000) {
            throw new UsageException("--scale-memory: more than 0, at most 1000");
        }
        if (loops < 1 || loops > 1_000_000) {
            throw new UsageException("--loop: 1 to 1000000");
        }
        boolean accessed = line.hasOption(RESIDENT)
                && Shared.choice(RESIDENT, line.getOptionValue(RESIDENT)).equals("accessed");
        return new ReplayOptions(speed, limit(line), scale, (int) loops, reads, 0, 1, !accessed, hugetlb(line));
    }

    private static ReplayOptions.Hugetlb hugetlb(CommandLine line) {
        return line.hasOption(HUGETLB)
                ? ReplayOptions.Hugetlb.valueOf(
                        Shared.choice(HUGETLB, line.getOptionValue(HUGETLB)).toUpperCase(Locale.ROOT))
                : ReplayOptions.Hugetlb.POOL;
    }

    /** Whether a first replay is to measure what is seen. */
    static boolean isMeasured(CommandLine line) {
        return MEASURED.equals(line.getOptionValue(SEEN));
    }

    /**
     * The options with what of the accesses the recording shows, which is said where it is not all, or may not be; as if it were all
     * where that is still to be measured.
     */
    static ReplayOptions seen(CommandLine line, TraceSource trace, ReplayOptions options, Console console)
            throws IOException {
        String text = line.getOptionValue(SEEN, "");
        return switch (text) {
            case MEASURED -> options;
            case "busiest" ->
                told(
                        options,
                        SeenShare.busiest(trace, TraceQuery.ALL),
                        ", as of the busiest memory, if that was accessed all the time",
                        console);
            case "certified" -> told(options, certified(trace), ", as the trace's certificate has it", console);
            case "" -> unsaid(trace, options, console);
            default -> told(options, Quantities.share(SEEN, text), "", console);
        };
    }

    private static double certified(TraceSource trace) {
        double share = SeenShare.certified(trace);
        if (Double.isNaN(share)) {
            throw new UsageException("--seen certified: " + trace.name()
                    + " carries no certificate; recordings do after damson certify on their machine");
        }
        return share;
    }

    /** Nothing is assumed, and said between which bounds that may be wrong. */
    private static ReplayOptions unsaid(TraceSource trace, ReplayOptions options, Console console) throws IOException {
        double recorded = SeenShare.recorded(trace);
        double busiest = recorded < 1 ? 1 : SeenShare.busiest(trace, TraceQuery.ALL);
        if (busiest < NEARLY_ALL) {
            console.note(String.format(
                    Locale.ROOT,
                    "note: the busiest memory was accessed in %.1f %% of the samples: if the program rested, the replay rests as it"
                            + " did; if the recorder did not see the rest, it will not see as much of the replay again"
                            + " (--seen, from %.3f to 1)",
                    100 * busiest,
                    busiest));
        }
        return told(options, recorded, " in this simulation", console);
    }

    /** @param origin of the share, behind what is said of it */
    static ReplayOptions told(ReplayOptions options, double share, String origin, Console console) {
        if (share <= 0) {
            throw new UsageException("--seen: more than 0, at most 1, or busiest, certified or measured");
        }
        if (share < 1) {
            console.note(String.format(
                    Locale.ROOT,
                    "note: %.1f %% of the accesses are taken to be seen%s: memory is touched as much more often, at most always",
                    100 * share,
                    origin));
        }
        return options.seenShare(share);
    }

    /** Memory that a replay may touch, bytes. */
    private static long limit(CommandLine line) {
        return line.hasOption(LIMIT) ? Quantities.positiveBytes(LIMIT, line.getOptionValue(LIMIT)) : 4L << 30;
    }
}
