package org.damson.cli.trace;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Set;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.OutputFile;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.exchange.Exporters;
import org.damson.model.Manifest.Source;
import org.damson.model.Table;
import org.damson.model.TraceSource;

/** {@code damson export TRACE --to FORMAT}: a trace in a format that other tools read. */
public final class ExportCommand implements Command {
    private static final Option TO = Shared.value(
            null,
            "to",
            "damo|damo-json|perf-script|masim|csv|jsonl|speedscope|collapsed|pprof|perfetto|firefox",
            "format (required); damo: json_compressed; speedscope to firefox: call stacks");
    /** Know no part of a region. */
    private static final Set<String> WHOLE = Set.of("damo", "damo-json", "perf-script");

    private static final Set<String> BINARY = Set.of("damo", "pprof", "perfetto");
    private static final Option OUTPUT = Shared.output("FILE", "output file ('-' or none: stdout)");

    @Override
    public String name() {
        return "export";
    }

    @Override
    public boolean hasJson() {
        return false;
    }

    @Override
    public String summary() {
        return "write a trace in another tool's format";
    }

    @Override
    public String usage() {
        return "TRACE --to FORMAT [--table T] [--time A..B] [-o FILE]";
    }

    @Override
    public String example() {
        return "damson export run.damson --to damo -o damon.data";
    }

    @Override
    public Options options() {
        return Shared.of(TO, DumpCommand.TABLE, Shared.TIME, OUTPUT);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        String format = Shared.choice(TO, Shared.required(line, TO));
        boolean tabular = format.equals("csv") || format.equals("jsonl");
        if (line.hasOption(DumpCommand.TABLE) && !tabular) {
            throw new UsageException("--table requires --to csv or --to jsonl");
        }
        boolean ofStacks = StackExport.FORMATS.contains(format);
        if (line.hasOption(Shared.TIME) && !ofStacks) {
            throw new UsageException("--time requires --to " + String.join(" or ", StackExport.FORMATS)
                    + "; for other formats use damson slice");
        }
        String output = line.getOptionValue(OUTPUT, "-");
        if (output.equals("-") && console.isTerminal() && BINARY.contains(format)) {
            throw new UsageException("--to " + format + " is binary: -o FILE, or a pipe");
        }
        Table table = DumpCommand.table(line);
        Path path = Shared.trace(line);
        try (TraceSource trace = Inputs.open(path, console)) {
            if (WHOLE.contains(format) && Source.REFERENCED.is(trace.manifest())) {
                console.note("note: " + trace.name() + ": regions are mappings and are written whole: " + format
                        + " cannot say how many of their bytes were touched, as 'report wss' counts them");
            }
            OutputFile.Body body = ofStacks
                    ? StackExport.of(trace, path.getFileName().toString(), format, line, console)
                    : out -> export(trace, format, table, out);
            if (output.equals("-")) {
                body.write(console.rows());
            } else {
                OutputFile.write(output, line.hasOption(Shared.FORCE), console, body);
            }
        }
        return ExitCode.OK;
    }

    private static void export(TraceSource trace, String format, Table table, OutputStream out) throws IOException {
        switch (format) {
            case "damo" -> Exporters.damoJsonCompressed(trace, out);
            case "damo-json" -> Exporters.damoJson(trace, out);
            case "perf-script" -> Exporters.perfScript(trace, out);
            case "masim" -> Exporters.masim(trace, out);
            case "csv" -> Exporters.csv(trace, table, out);
            default -> Exporters.jsonLines(trace, table, out);
        }
    }
}
