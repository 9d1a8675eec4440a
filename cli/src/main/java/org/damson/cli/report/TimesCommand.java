package org.damson.cli.report;

import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.damson.analyzer.damo.DamoRecordFilter;
import org.damson.analyzer.damo.DamoTimes;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.cli.command.Command;
import org.damson.cli.command.DamoOptions;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Shared;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.model.TraceSource;

/** {@code damson report times TRACE}: when there was memory that the filters choose. */
public final class TimesCommand implements Command {
    private static final List<String> FORMS = List.of("txt");

    @Override
    public String name() {
        return "report times";
    }

    @Override
    public boolean hasJson() {
        return false;
    }

    @Override
    public String summary() {
        return "the times in which some memory passes damo's filters, as for perf report --time";
    }

    @Override
    public String usage() {
        return "TRACE [FILTERS] [--output FILE.txt]";
    }

    @Override
    public String example() {
        return "damson report times run.damson --access-rate 50% 100%";
    }

    @Override
    public Options options() {
        return Shared.and(DamoOptions.filters(), Reports.OUTPUT, Shared.FORCE, DamoOptions.COMPAT);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        boolean compat = line.hasOption(DamoOptions.COMPAT);
        Reports.form(line, console, FORMS);
        try (TraceSource trace = Inputs.open(Shared.trace(line), console, compat)) {
            Inputs.caveats(trace, console);
            DamoRecordFilter filter = DamoOptions.filter(line, compat);
            String report = DamoTimes.report(DamoTrace.of(trace, compat), filter, compat);
            Reports.write(line, console, out -> Reports.text(out, t -> t.append(report)));
            DamoOptions.noteNothingLeft(line, filter, console);
        }
        return ExitCode.OK;
    }
}
