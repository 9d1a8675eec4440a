package org.damson.cli.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.damson.analyzer.damo.DamoRecordFilter;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.analyzer.damo.report.DamoTimes;
import org.damson.cli.command.Command;
import org.damson.cli.command.DamoOptions;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.model.TraceSource;

/** {@code damson report times TRACE}: when there was memory that the filters choose. */
public final class TimesCommand implements Command {
    private static final List<String> FORMS = List.of("txt", "json");

    @Override
    public String name() {
        return "report times";
    }

    @Override
    public String summary() {
        return "the times in which some memory passes damo's filters, as for perf report --time";
    }

    @Override
    public String usage() {
        return "TRACE [FILTERS] [--output FILE.{txt,json}]";
    }

    @Override
    public String example() {
        return "damson report times run.damson --access-rate 50% 100%";
    }

    @Override
    public Options options() {
        return Shared.and(DamoOptions.filters(), Reports.OUTPUT, DamoOptions.COMPAT);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        boolean compat = line.hasOption(DamoOptions.COMPAT);
        String form = Reports.form(line, console, FORMS);
        if (compat && form.equals("json")) {
            throw new UsageException("--json and --damo-compat cannot be combined");
        }
        try (TraceSource trace = Inputs.open(Shared.trace(line), console, compat)) {
            Inputs.caveats(trace, console);
            DamoRecordFilter filter = DamoOptions.filter(line, compat);
            DamoTrace records = DamoTrace.of(trace, compat, DamoOptions.version(line));
            Reports.write(line, console, out -> {
                if (form.equals("json")) {
                    Json.write(json(DamoTimes.intervals(records, filter)), out);
                } else {
                    Reports.text(out, t -> t.append(DamoTimes.report(records, filter, compat)));
                }
            });
            DamoOptions.noteNothingLeft(line, filter, console);
        }
        return ExitCode.OK;
    }

    private static Map<String, Object> json(List<DamoTimes.Interval> intervals) {
        List<Object> times = new ArrayList<>();
        for (DamoTimes.Interval i : intervals) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("from_ns", i.fromNs());
            one.put("to_ns", i.toNs());
            times.add(one);
        }
        return Map.of("times", times);
    }
}
