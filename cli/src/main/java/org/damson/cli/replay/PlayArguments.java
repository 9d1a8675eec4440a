package org.damson.cli.replay;

import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.replayer.PlayOptions;

/** Options that say how the generator plays, whatever it plays. */
final class PlayArguments {
    static final Option THREADS = Shared.value(
            null, "threads", "N", "threads of each process, which share its touches (default 1, at most 64)");
    static final Option JITTER = Shared.value(
            null,
            "jitter",
            "SEED",
            "randomise which slices touch a region and when within them, not how often; the same seed repeats the choice");
    static final Option CPUS = Shared.value(null, "cpus", "LIST", "run on these processors only, as in 0-3,6");
    static final Option NUMA = Shared.value(
            null, "numa", "POLICY:NODES", "NUMA memory policy: bind, interleave or preferred, as in bind:0-1");

    static final List<Option> ALL = List.of(THREADS, JITTER, CPUS, NUMA);

    private static final String LIST = "\\d{1,4}(-\\d{1,4})?(,\\d{1,4}(-\\d{1,4})?)*";

    private PlayArguments() {}

    /** What the command line says, without flushes of the TLB. */
    static PlayOptions of(CommandLine line) {
        long threads = line.hasOption(THREADS) ? Quantities.count(THREADS, line.getOptionValue(THREADS)) : 1;
        if (threads < 1 || threads > PlayOptions.MAX_THREADS) {
            throw new UsageException("--threads: 1 to " + PlayOptions.MAX_THREADS);
        }
        Long seed = line.hasOption(JITTER) ? Long.valueOf(Quantities.count(JITTER, line.getOptionValue(JITTER))) : null;
        String cpus = line.getOptionValue(CPUS);
        if (cpus != null && !isList(cpus)) {
            throw new UsageException("--cpus: a list of processors such as 0-3,6, each below 1024");
        }
        String numa = line.getOptionValue(NUMA);
        if (numa != null && !isPolicy(numa)) {
            throw new UsageException(
                    "--numa: bind, interleave or preferred, a colon and nodes such as 0-1 (one if preferred)");
        }
        return new PlayOptions(false, (int) threads, seed, cpus, numa);
    }

    private static boolean isPolicy(String text) {
        return text.matches("(bind|interleave):.*") && isList(text.substring(text.indexOf(':') + 1))
                || text.matches("preferred:\\d{1,4}") && isList(text.substring(text.indexOf(':') + 1));
    }

    /** As the generator reads it: numbers and ranges that ascend. */
    private static boolean isList(String text) {
        if (!text.matches(LIST)) {
            return false;
        }
        for (String range : text.split(",")) {
            int dash = range.indexOf('-');
            int from = Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
            int to = Integer.parseInt(range.substring(dash + 1));
            if (from > to || to >= 1024) {
                return false;
            }
        }
        return true;
    }
}
