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
import org.damson.model.Units;

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
            List<Integer> points = DamoOptions.range(line, List.of(0, 25, 50, 75, 100));
            boolean byTime = DamoOptions.byTime(line);
            String report = compat
                    ? DamoWorkingSet.regionCounts(DamoTrace.of(trace), points, byTime, 20)
                    : text(WorkingSet.regionCounts(trace, TraceQuery.ALL), points, byTime);
            if (compat && report.contains(DamoWorkingSet.NO_SNAPSHOT)) {
                Reports.notAsDamo(console, "fails where it leaves out all snapshots of a record");
            }
            Reports.write(line, console, out -> Reports.text(out, t -> t.append(report)));
        }
        return ExitCode.OK;
    }

    private static String text(List<WorkingSetResult.Series> targets, List<Integer> points, boolean byTime) {
        StringBuilder b = new StringBuilder(byTime ? "# % of time\tregions\n" : "# percentile\tregions\n");
        for (WorkingSetResult.Series s : targets) {
            b.append("# ").append(s.label()).append(": ").append(Units.count(s.length()));
            b.append(" snapshots, mean ")
                    .append(Units.count(Math.round(s.mean())))
                    .append('\n');
            for (int p : points) {
                b.append(p).append('\t').append(s.at(p, byTime)).append('\n');
            }
        }
        return targets.isEmpty() ? "no snapshots\n" : b.toString();
    }
}
