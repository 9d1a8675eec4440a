package org.damson.cli.report;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.analyzer.damo.report.DamoTimes;
import org.damson.analyzer.damo.report.Profile;
import org.damson.analyzer.render.table.ProfileTable;
import org.damson.analyzer.render.table.TableReport;
import org.damson.cli.command.Command;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.DamoOptions;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Shared;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.text.NativeText;

/** {@code damson report profile TRACE}: which functions ran while some memory passed damo's filters. */
public final class ProfileCommand implements Command {
    private static final List<String> FORMS = List.of("txt", "csv", "json");
    private static final Option PROFILE =
            Shared.value(null, "profile", "FILE", "file with call-stack samples of the same clock (default: TRACE)");

    @Override
    public String name() {
        return "report profile";
    }

    @Override
    public String summary() {
        return "which functions ran while some memory passes damo's filters";
    }

    @Override
    public String usage() {
        return "TRACE [--profile FILE] [FILTERS] [--output FILE.{txt,csv,json}]";
    }

    @Override
    public String example() {
        return "damson report profile run.damson --profile samples.txt --access-rate 50% 100%";
    }

    @Override
    public Options options() {
        return Shared.and(DamoOptions.filters(), Reports.OUTPUT, PROFILE);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        String form = Reports.form(line, console, FORMS);
        Path path = Shared.trace(line);
        Path profile = line.hasOption(PROFILE) ? NativeText.path(line.getOptionValue(PROFILE)) : path;
        try (TraceSource trace = Inputs.open(path, console);
                TraceSource samples = Inputs.open(profile, console)) {
            Inputs.caveats(trace, console);
            if (samples.rowCount(Table.SAMPLES) == 0) {
                throw new CommandFailedException(
                        ExitCode.INPUT,
                        profile
                                + " has no call-stack samples; a perf.data or perf script text of a profile has them: --profile FILE");
            }
            List<DamoTimes.Interval> intervals =
                    DamoTimes.intervals(DamoTrace.of(trace, false), DamoOptions.filter(line, false));
            if (trace.rowCount(Table.SNAPSHOTS) == 0 && !isFiltered(line)) {
                console.note("note: no memory was recorded: all samples are counted");
                intervals = List.of(new DamoTimes.Interval(Long.MIN_VALUE, Long.MAX_VALUE));
            }
            if (intervals.isEmpty()) {
                throw new CommandFailedException(ExitCode.INPUT, "no snapshot passes the filters");
            }
            TableReport report = ProfileTable.of(Profile.compute(samples, intervals));
            Reports.notes(form, report.notes(), console);
            Reports.write(line, console, out -> Reports.table(report, form, out));
        }
        return ExitCode.OK;
    }

    private static boolean isFiltered(CommandLine line) {
        return Arrays.stream(DamoOptions.filters()).anyMatch(line::hasOption);
    }
}
