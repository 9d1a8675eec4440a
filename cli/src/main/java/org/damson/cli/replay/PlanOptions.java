package org.damson.cli.replay;

import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.model.InvalidInputException;
import org.damson.model.Units;
import org.damson.replayer.ReplayOptions;

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
            "X",
            "share of the touches that read, where the trace does not say what was written: 0 to 1 (default 0)");

    private PlanOptions() {}

    /** Refuses these options, and others, for what is a plan already. */
    static void refuseForPlans(CommandLine line, List<Option> others) {
        Stream.concat(others.stream(), Stream.of(SPEED, SCALE, LOOP, LIMIT, READ_SHARE))
                .filter(line::hasOption)
                .findFirst()
                .ifPresent(o -> {
                    throw new UsageException("--" + o.getLongOpt() + " is for traces: a plan is played as it is");
                });
    }

    static ReplayOptions of(CommandLine line) {
        double speed = line.hasOption(SPEED) ? Quantities.number(SPEED, line.getOptionValue(SPEED)) : 1;
        double scale = line.hasOption(SCALE) ? Quantities.number(SCALE, line.getOptionValue(SCALE)) : 1;
        long loops = line.hasOption(LOOP) ? Quantities.count(LOOP, line.getOptionValue(LOOP)) : 1;
        double reads = line.hasOption(READ_SHARE) ? Quantities.number(READ_SHARE, line.getOptionValue(READ_SHARE)) : 0;
        if (reads < 0 || reads > 1) {
            throw new UsageException("--read-share: 0 to 1");
        }
        if (speed <= 0 || speed > 1000) {
            throw new UsageException("--speed: more than 0, at most 1000");
        }
        if (scale <= 0 || scale > 1000) {
            throw new UsageException("--scale-memory: more than 0, at most 1000");
        }
        if (loops < 1 || loops > 1_000_000) {
            throw new UsageException("--loop: 1 to 1000000");
        }
        long limit = 4L << 30;
        if (line.hasOption(LIMIT)) {
            try {
                limit = Units.parseBytes(line.getOptionValue(LIMIT));
            } catch (InvalidInputException e) {
                throw new UsageException("--max-memory: " + e.getMessage());
            }
            if (limit <= 0) {
                throw new UsageException("--max-memory: more than 0");
            }
        }
        return new ReplayOptions(speed, limit, scale, (int) loops, reads, 0);
    }
}
