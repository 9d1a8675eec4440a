package org.damson.cli;

import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.replayer.ReplayOptions;
import org.damson.replayer.ReplayPlanner;
import org.damson.replayer.ReplayReport;
import org.damson.replayer.Replayer;
import org.damson.trace.Traces;

/** {@code damson replay TRACE}: touches memory as the trace says it was touched. */
final class ReplayCommand implements Command {
    private static final Option SPEED =
            Shared.value(null, "speed", "X", "play X times as fast as recorded (default 1)");
    private static final Option LIMIT =
            Shared.value(null, "max-memory", "SIZE", "most memory the replay may touch (default 4 GiB)");

    @Override
    public String name() {
        return "replay";
    }

    @Override
    public String summary() {
        return "touch memory as a trace says it was touched, at its recorded times";
    }

    @Override
    public String usage() {
        return "TRACE [--speed X] [--max-memory SIZE]";
    }

    @Override
    public String example() {
        return "damson replay run.damson --speed 2";
    }

    @Override
    public Options options() {
        return Shared.of(SPEED, LIMIT);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        Path path = Path.of(Shared.positionals(line, "TRACE").get(0));
        double speed = line.hasOption(SPEED) ? Shared.number(SPEED, line.getOptionValue(SPEED)) : 1;
        if (speed <= 0 || speed > 1000) {
            throw new UsageException("--speed: more than 0, at most 1000");
        }
        long limit = 4L << 30;
        if (line.hasOption(LIMIT)) {
            try {
                limit = Units.parseBytes(line.getOptionValue(LIMIT));
            } catch (IllegalArgumentException e) {
                throw new UsageException("--max-memory: " + e.getMessage());
            }
            if (limit <= 0) {
                throw new UsageException("--max-memory: more than 0");
            }
        }
        Path accessgen = NativeTools.accessgen();
        // A temporary file is created for its owner alone.
        Path plan = Files.createTempFile("damson-", ".plan");
        try {
            long bytes;
            try (TraceSource trace = Traces.open(path);
                    Writer out = Files.newBufferedWriter(plan)) {
                bytes = ReplayPlanner.plan(trace, TraceQuery.ALL, new ReplayOptions(speed, limit), out);
            }
            print(Replayer.run(accessgen, plan), bytes, console);
        } finally {
            Files.deleteIfExists(plan);
        }
        return ExitCode.OK;
    }

    private static void print(ReplayReport r, long bytes, Console console) throws Exception {
        if (console.isJson()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("memory_bytes", bytes);
            json.put("intended_pages", r.intendedPages());
            json.put("touched_pages", r.touchedPages());
            json.put("slices", r.slices());
            json.put("late_slices", r.lateSlices());
            json.put("max_late_ns", r.maxLateNs());
            json.put("mean_late_ns", r.meanLateNs());
            json.put("wall_ns", r.wallNs());
            Json.write(json, console.out());
            return;
        }
        double share = r.intendedPages() == 0 ? 100 : 100.0 * r.touchedPages() / r.intendedPages();
        console.out()
                .printf(
                        java.util.Locale.ROOT,
                        "Memory:   %s%nTouched:  %s of %s pages intended (%.2f %%)%nSlices:   %s, %s begun late; lateness mean %s, most %s%nTook:     %s%n",
                        Units.bytes(bytes),
                        Units.count(r.touchedPages()),
                        Units.count(r.intendedPages()),
                        share,
                        Units.count(r.slices()),
                        Units.count(r.lateSlices()),
                        Units.duration(r.meanLateNs()),
                        Units.duration(r.maxLateNs()),
                        Units.duration(r.wallNs()));
    }
}
