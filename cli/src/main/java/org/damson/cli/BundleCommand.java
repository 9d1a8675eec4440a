package org.damson.cli;

import java.nio.file.Path;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.trace.Traces;

/** {@code damson bundle TRACE -o FILE.damson.zip}: one file to send. */
final class BundleCommand implements Command {
    private static final Option OUTPUT = Shared.output("FILE.damson.zip", "the bundle (required)");

    @Override
    public String name() {
        return "bundle";
    }

    @Override
    public String summary() {
        return "pack a trace into one file that every command reads";
    }

    @Override
    public String usage() {
        return "TRACE -o FILE.damson.zip";
    }

    @Override
    public String example() {
        return "damson bundle run.damson -o report.damson.zip";
    }

    @Override
    public Options options() {
        return Shared.of(OUTPUT);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        Path input = Shared.trace(line);
        Path output = Shared.newPath(Shared.required(line, OUTPUT));
        Traces.bundle(input, output);
        TraceFiles.announce(output, console);
        return ExitCode.OK;
    }
}
