package org.damson.cli.trace;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Shared;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.exchange.Exporters;
import org.damson.model.Table;
import org.damson.model.TraceSource;

/** {@code damson dump TRACE}: the rows of a table as they are. */
public final class DumpCommand implements Command {
    static final Option TABLE = Shared.value(
            null,
            "table",
            Arrays.stream(Table.values()).map(Table::fileStem).collect(Collectors.joining("|")),
            "table (default: regions)");

    @Override
    public String name() {
        return "dump";
    }

    @Override
    public boolean carriesLosses() {
        return true;
    }

    @Override
    public String summary() {
        return "print the rows of a table as CSV, or as JSON lines with --json";
    }

    @Override
    public String usage() {
        return "TRACE [--table T]";
    }

    @Override
    public String example() {
        return "damson dump run.damson --table snapshots";
    }

    @Override
    public Options options() {
        return Shared.of(TABLE);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        Table table = table(line);
        try (TraceSource trace = Inputs.open(Shared.trace(line), console)) {
            if (console.isJson()) {
                Exporters.jsonLines(trace, table, console.rows());
            } else {
                Exporters.csv(trace, table, console.rows());
            }
        }
        return ExitCode.OK;
    }

    static Table table(CommandLine line) {
        String name = line.getOptionValue(TABLE);
        return name == null
                ? Table.REGIONS
                : Table.valueOf(Shared.choice(TABLE, name).toUpperCase(Locale.ROOT));
    }
}
