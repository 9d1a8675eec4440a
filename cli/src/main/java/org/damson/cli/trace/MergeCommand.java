package org.damson.cli.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.cli.command.Command;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Outputs;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.cli.input.CurvesOption;
import org.damson.cli.input.Inputs;
import org.damson.cli.input.MergeCheck;
import org.damson.cli.input.TraceFiles;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.TraceSource;
import org.damson.model.text.NativeText;
import org.damson.trace.Traces;

/** {@code damson merge TRACE TRACE... -o WHOLE}: several traces of one clock as one. */
public final class MergeCommand implements Command {
    private static final Option OUTPUT = Shared.output("TRACE", "output trace (required)");
    private static final Option MIXED = Shared.flag(
            null,
            "mixed",
            "merge traces that differ in clock, host or source, or overlap: times are kept, all else is the first trace's");

    @Override
    public String name() {
        return "merge";
    }

    @Override
    public boolean hasJson() {
        return false;
    }

    @Override
    public boolean carriesLosses() {
        return true;
    }

    @Override
    public String summary() {
        return "join traces of one clock into one, in time order";
    }

    @Override
    public String usage() {
        return "TRACE TRACE... -o WHOLE [--mixed] [--curves]";
    }

    @Override
    public String example() {
        return "damson merge part1.damson part2.damson -o whole.damson";
    }

    @Override
    public Options options() {
        return Shared.of(OUTPUT, MIXED, CurvesOption.CURVES, Shared.OWNER);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        List<String> names = line.getArgList();
        if (names.size() < 2) {
            throw new UsageException("merge needs two traces or more");
        }
        Path output = Outputs.newTrace(line, Shared.required(line, OUTPUT));
        List<TraceSource> traces = new ArrayList<>();
        try {
            for (String name : names) {
                traces.add(Inputs.open(NativeText.path(name), console));
            }
            MergeCheck check = MergeCheck.of(traces);
            List<String> against = check.against();
            // Where a trace is to be replaced, --force says that and nothing else.
            boolean isOld = !against.isEmpty()
                    && line.hasOption(Shared.FORCE)
                    && !line.hasOption(MIXED)
                    && !Files.exists(output, LinkOption.NOFOLLOW_LINKS);
            if (isOld) {
                console.note("note: --force for merging different recordings is an old name; it is --mixed now");
            }
            if (!against.isEmpty() && !line.hasOption(MIXED) && !isOld) {
                throw new CommandFailedException(
                        ExitCode.INPUT,
                        check.refusal() + ": " + String.join("; ", against) + "; --mixed merges them all the same");
            }
            Manifest manifest = TraceFiles.merged(traces, "merge");
            if (!against.isEmpty()) {
                against.forEach(d -> console.note("note: " + d));
                ManifestKey.MERGED_DESPITE.put(manifest, against);
            }
            TraceFiles.create(line, console, output, manifest, sink -> Traces.merge(traces, sink));
        } finally {
            closeAll(traces);
        }
        TraceFiles.announce(output, console);
        return ExitCode.OK;
    }

    private static void closeAll(List<TraceSource> traces) throws IOException {
        for (TraceSource trace : traces) {
            trace.close();
        }
    }
}
