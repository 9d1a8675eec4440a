package org.damson.cli;

import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.damson.analyzer.PictureForm;
import org.damson.analyzer.WorkingSet;
import org.damson.analyzer.WorkingSetPicture;
import org.damson.analyzer.WorkingSetResult;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.analyzer.damo.DamoWorkingSet;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** {@code damson report regions TRACE}: how many regions snapshots have. */
final class RegionsCommand implements Command {
    @Override
    public String name() {
        return "report regions";
    }

    @Override
    public String summary() {
        return "how many regions snapshots have, by percentile; with --damo-compat the first 20 are left out";
    }

    @Override
    public String usage() {
        return "TRACE [--range START STOP STEP] [--sortby time|size] [--output FILE.{txt,png,svg,pdf}]";
    }

    @Override
    public String example() {
        return "damson report regions run.damson";
    }

    @Override
    public Options options() {
        return Shared.of(Reports.OUTPUT, Shared.FORCE, DamoOptions.COMPAT, DamoOptions.RANGE, DamoOptions.SORTBY);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        boolean compat = line.hasOption(DamoOptions.COMPAT);
        try (TraceSource trace = Inputs.open(Shared.trace(line), console, compat)) {
            Reports.caveats(trace, console);
            PictureForm picture = Reports.picture(line);
            if (picture != null && !compat) {
                String title = Shared.trace(line).getFileName().toString();
                List<WorkingSetResult.Series> counts = WorkingSet.regionCounts(trace, TraceQuery.ALL);
                Reports.write(line, console, out -> WorkingSetPicture.writeRegionCounts(counts, title, picture, out));
                return ExitCode.OK;
            }
            String report = DamoWorkingSet.regionCounts(
                    DamoTrace.of(trace),
                    DamoOptions.range(line, List.of(0, 25, 50, 75, 100)),
                    DamoOptions.byTime(line),
                    compat ? 20 : 0);
            if (compat && report.contains(DamoWorkingSet.NO_SNAPSHOT)) {
                Reports.notAsDamo(console, "fails where it leaves out all snapshots of a record");
            }
            Reports.write(line, console, out -> Reports.text(out, t -> t.append(report)));
        }
        return ExitCode.OK;
    }
}
