package org.damson.cli.report;

import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.analyzer.damo.report.DamoHolistic;
import org.damson.cli.command.Command;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.DamoOptions;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Shared;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.model.InvalidInputException;
import org.damson.model.Table;
import org.damson.model.TraceSource;

/** {@code damson report holistic TRACE}: heatmaps, working set and footprints on one page. */
public final class HolisticCommand implements Command {
    private static final List<String> FORMS = List.of("txt");
    private static final Option LONG = Shared.flag(null, "long", "a longer report");

    @Override
    public String name() {
        return "report holistic";
    }

    @Override
    public boolean hasJson() {
        return false;
    }

    @Override
    public String summary() {
        return "heatmaps of all areas, working set and footprints on one page";
    }

    @Override
    public String usage() {
        return "TRACE [--long] [--damo-compat]";
    }

    @Override
    public String example() {
        return "damson report holistic run.damson";
    }

    @Override
    public Options options() {
        return Shared.of(Reports.OUTPUT, LONG, DamoOptions.COMPAT);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        Reports.form(line, console, FORMS);
        boolean compat = line.hasOption(DamoOptions.COMPAT);
        if (compat) {
            Reports.requireText(line, console);
        }
        try (TraceSource trace = Inputs.open(Shared.trace(line), console, compat)) {
            Inputs.caveats(trace, console);
            if (trace.rowCount(Table.MEMORY) == 0) {
                console.note("note: no footprints were recorded");
            }
            String report;
            try {
                report = DamoHolistic.report(
                        DamoTrace.of(trace, compat, DamoOptions.version(line)),
                        trace,
                        line.hasOption(LONG),
                        compat,
                        DamoOptions.version(line));
            } catch (InvalidInputException e) {
                throw new CommandFailedException(ExitCode.INPUT, trace.name() + ": " + e.getMessage());
            }
            boolean coloured = compat || console.isColoured() && !line.hasOption(Reports.OUTPUT);
            Reports.write(
                    line,
                    console,
                    out -> Reports.text(out, t -> (coloured ? t : Reports.withoutColours(t)).append(report)));
        }
        return ExitCode.OK;
    }
}
