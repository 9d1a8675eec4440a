package org.damson.cli;

import java.io.IOException;
import java.io.OutputStream;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;

/** {@code damson export TRACE --to FORMAT}: a table of a trace in a form that other tools read. */
final class ExportCommand implements Command {
    private static final Option TO = Shared.value(null, "to", "csv|jsonl", "the format (required)");
    private static final Option OUTPUT = Shared.output("FILE", "where to; - or nothing is standard output");

    @Override
    public String name() {
        return "export";
    }

    @Override
    public String summary() {
        return "write a table of a trace as CSV or JSON lines";
    }

    @Override
    public String usage() {
        return "TRACE --to FORMAT [--table T] [-o FILE]";
    }

    @Override
    public String example() {
        return "damson export run.damson --to csv --table snapshots -o snapshots.csv";
    }

    @Override
    public Options options() {
        return Shared.of(TO, DumpCommand.TABLE, OUTPUT, Shared.FORCE);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        String format = Shared.choice(TO, Shared.required(line, TO));
        Table table = DumpCommand.table(line);
        try (TraceSource trace = Traces.open(Shared.trace(line))) {
            OutputFile.write(
                    line.getOptionValue(OUTPUT),
                    line.hasOption(Shared.FORCE),
                    console,
                    out -> export(trace, format, table, out));
        }
        return ExitCode.OK;
    }

    private static void export(TraceSource trace, String format, Table table, OutputStream out) throws IOException {
        if (format.equals("csv")) {
            TableText.csv(trace, table, out);
        } else {
            TableText.jsonLines(trace, table, out);
        }
    }
}
