package org.damson.cli.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.analyzer.damo.report.DamoFootprints;
import org.damson.analyzer.damo.report.DamoWorkingSet;
import org.damson.cli.command.DamoOptions;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.model.TraceSource;

/** damo's options of its reports of sizes by percentile, and what damo prints by them. */
final class DamoSizeOptions {
    private static final Option EXCLUDE_SAMPLES =
            DamoOptions.value("exclude-samples", "N", "snapshots to leave out at the start (20)");
    private static final Option ACC_THRES =
            DamoOptions.ofDamo(Shared.value("t", "acc-thres", "N", "minimum nr_accesses to count (1)"));
    private static final Option SZ_THRES = DamoOptions.value("sz-thres", "SIZE", "minimum size to count (1)");
    private static final Option WORK_TIME =
            DamoOptions.value("work-time", "TIME", "aggregate snapshots until they span this (1 us)");
    private static final Option BAR = DamoOptions.value("nr-cols-bar", "N", "width of the bar (59)");
    private static final Option ALL_WSS = DamoOptions.flag("all-wss", "every value instead of percentiles");
    private static final Option ALL_FOOTPRINT = DamoOptions.flag("all-footprint", "every value instead of percentiles");
    private static final Option PER_TARGET = DamoOptions.flag("per-target", "a distribution for each target");
    private static final Option COLLAPSE = DamoOptions.flag("collapse-targets", "one distribution for all (default)");

    private DamoSizeOptions() {}

    static Option[] workingSet() {
        return new Option[] {
            DamoOptions.COMPAT,
            DamoOptions.RANGE,
            EXCLUDE_SAMPLES,
            ACC_THRES,
            SZ_THRES,
            WORK_TIME,
            DamoOptions.SORTBY,
            BAR,
            DamoOptions.RAW_NUMBER,
            ALL_WSS,
            PER_TARGET,
            COLLAPSE
        };
    }

    static Option[] footprint() {
        return new Option[] {
            DamoOptions.COMPAT, DamoOptions.RANGE, DamoOptions.SORTBY, BAR, DamoOptions.RAW_NUMBER, ALL_FOOTPRINT
        };
    }

    static String workingSet(CommandLine line, TraceSource trace) throws IOException {
        return DamoWorkingSet.report(
                DamoTrace.of(trace),
                new DamoWorkingSet.Options(
                        DamoOptions.range(line, List.of(0, 25, 50, 75, 100)),
                        DamoOptions.whole(line, EXCLUDE_SAMPLES, 20),
                        DamoOptions.whole(line, ACC_THRES, 1),
                        line.hasOption(SZ_THRES) ? Quantities.sizeBytes(SZ_THRES, line.getOptionValue(SZ_THRES)) : 1,
                        workTimeUs(line),
                        DamoOptions.byTime(line),
                        !line.hasOption(PER_TARGET) || line.hasOption(COLLAPSE),
                        barColumns(line),
                        line.hasOption(DamoOptions.RAW_NUMBER),
                        line.hasOption(ALL_WSS)));
    }

    /** @param metric one of damo's, or all */
    static String footprint(CommandLine line, TraceSource trace, String metric) throws IOException {
        List<String> metrics = new ArrayList<>(DamoFootprints.METRICS);
        if (!metric.equals("all")) {
            metrics.retainAll(List.of(metric));
        }
        if (metrics.isEmpty()) {
            throw new UsageException(
                    "'" + metric + "': expected one of " + String.join(", ", DamoFootprints.METRICS) + ", all");
        }
        return DamoFootprints.report(
                trace,
                new DamoFootprints.Options(
                        metrics,
                        DamoOptions.range(line, List.of(0, 25, 50, 75, 100)),
                        DamoOptions.byTime(line),
                        DamoOptions.whole(line, BAR, 59),
                        line.hasOption(DamoOptions.RAW_NUMBER),
                        line.hasOption(ALL_FOOTPRINT)));
    }

    private static long workTimeUs(CommandLine line) {
        long[] us = {1};
        DamoOptions.each(line, WORK_TIME, v -> us[0] = Quantities.damoUs(v.get(0)));
        return us[0];
    }

    private static int barColumns(CommandLine line) {
        int[] n = {59};
        DamoOptions.each(line, BAR, v -> n[0] = DamoOptions.between(DamoOptions.whole(v.get(0)), -10_000, 10_000));
        return n[0];
    }
}
