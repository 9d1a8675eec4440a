package org.damson.cli;

import java.nio.file.Path;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;

/** {@code damson slice TRACE -o PART}: part of a trace as a trace of its own. */
final class SliceCommand implements Command {
    private static final Option OUTPUT = Shared.output("TRACE", "the new trace (required)");

    @Override
    public String name() {
        return "slice";
    }

    @Override
    public String summary() {
        return "copy part of a trace: a time, an address range, a target, some snapshots";
    }

    @Override
    public String usage() {
        return "TRACE -o PART [--time A..B] [--address A..B] [--target N] [--snapshots A..B]";
    }

    @Override
    public String example() {
        return "damson slice run.damson --time 2s..10s -o part.damson";
    }

    @Override
    public Options options() {
        return Shared.of(OUTPUT, Shared.TIME, Shared.ADDRESS, Shared.TARGET, Shared.SNAPSHOTS, Shared.OWNER);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        Path input = Shared.trace(line);
        Path output = Shared.newPath(Shared.required(line, OUTPUT));
        try (TraceSource trace = Inputs.open(input, console)) {
            TraceQuery query = Shared.query(line, trace);
            String owner = Shared.owner(line, console);
            TraceFiles.create(
                    output, owner, TraceFiles.derived(trace, "slice"), sink -> Traces.copy(trace, query, sink));
        }
        TraceFiles.announce(output, console);
        return ExitCode.OK;
    }
}
