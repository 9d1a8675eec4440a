package org.damson.cli.trace;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.analyzer.certificate.AccuracySummary;
import org.damson.analyzer.damo.DamoFile;
import org.damson.analyzer.damo.DamoRecordFilter;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.analyzer.workingset.TargetReadings;
import org.damson.cli.command.Command;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.DamoOptions;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Outputs;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.command.WorkDirectory;
import org.damson.cli.console.Console;
import org.damson.cli.input.CurvesOption;
import org.damson.cli.input.Inputs;
import org.damson.cli.input.TraceFiles;
import org.damson.exchange.Importers;
import org.damson.exchange.build.ImportOptions;
import org.damson.model.Batch;
import org.damson.model.InvalidInputException;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.damson.trace.WritingStream;

/** {@code damson slice TRACE -o PART}: part of a trace as a trace of its own. */
public final class SliceCommand implements Command {
    private static final Option OUTPUT = Shared.output("TRACE", "output trace (required)");
    private static final Option AGGREGATE =
            Shared.value(null, "aggregate", "TIME", "aggregate snapshots until they span this, as in 100ms");
    private static final Option SKIP = Shared.value(
            null, "skip", "N", "with --aggregate: first snapshots of each record to leave out (0; damo 20)");

    /** What stands beside the regions and holds whatever becomes of them. */
    private static final List<Table> SIDE_TABLES = List.of(
            Table.SCHEME_STATS,
            Table.TUNING,
            Table.SAMPLES,
            Table.STACKS,
            Table.FRAMES,
            Table.THREADS,
            Table.MAPPINGS,
            Table.SAMPLING,
            Table.MEMORY,
            Table.LOSSES);

    private static final long MAX_AGGREGATION_US = 10_000L * 24 * 3600 * 1_000_000;

    @Override
    public String name() {
        return "slice";
    }

    @Override
    public boolean hasJson() {
        return false;
    }

    @Override
    public boolean carriesLosses() {
        return true;
    }

    @Override
    public String summary() {
        return "copy part of a trace: a time, an address range, a target, some snapshots; aggregate snapshots";
    }

    @Override
    public String usage() {
        return "TRACE -o PART [--time A..B] [--address A..B] [--target N] [--snapshots A..B]"
                + " [--aggregate TIME] [FILTERS]";
    }

    @Override
    public String example() {
        return "damson slice run.damson --time 2s..10s -o part.damson";
    }

    @Override
    public Options options() {
        return Shared.and(
                DamoOptions.filtersButAddress(),
                OUTPUT,
                Shared.TIME,
                Shared.ADDRESS,
                Shared.TARGET,
                Shared.SNAPSHOTS,
                AGGREGATE,
                SKIP,
                DamoOptions.COMPAT,
                CurvesOption.CURVES,
                Shared.OWNER);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        Path input = Shared.trace(line);
        Path output = Outputs.newTrace(line, Shared.required(line, OUTPUT));
        try (TraceSource trace = Inputs.open(input, console, line.hasOption(DamoOptions.COMPAT))) {
            if (isAdjusted(line)) {
                adjust(line, trace, output, console);
            } else {
                TraceQuery query = Shared.query(line, trace);
                TraceSource read = query.target() == null ? trace : TargetReadings.of(trace, query.target());
                TraceFiles.create(
                        line,
                        console,
                        output,
                        TraceFiles.derived(trace, "slice"),
                        sink -> Traces.copy(read, query, sink));
            }
        }
        TraceFiles.announce(output, console);
        return ExitCode.OK;
    }

    private static boolean isAdjusted(CommandLine line) {
        boolean adjusted = line.hasOption(AGGREGATE) || line.hasOption(DamoOptions.COMPAT);
        for (Option o : DamoOptions.filtersButAddress()) {
            adjusted |= line.hasOption(o);
        }
        if (line.hasOption(SKIP) && !line.hasOption(AGGREGATE) && !line.hasOption(DamoOptions.COMPAT)) {
            throw new UsageException("--skip requires --aggregate");
        }
        return adjusted;
    }

    /** damo's {@code adjust}: what it makes is read back as any file of damo's is, so that nothing it says gets lost. */
    private static void adjust(CommandLine line, TraceSource trace, Path output, Console console) throws IOException {
        requireNoPart(line);
        boolean compat = line.hasOption(DamoOptions.COMPAT);
        DamoRecordFilter filter = filter(line, compat);
        DamoFile.Aggregation aggregation = line.hasOption(AGGREGATE) ? aggregation(line, trace, compat, console) : null;
        Inputs.caveats(trace, console);
        try (WorkDirectory work = WorkDirectory.create("slice")) {
            Path file = work.resolve("adjusted");
            long left;
            try (OutputStream out = new WritingStream(file, new BufferedOutputStream(Files.newOutputStream(file)))) {
                left = DamoFile.write(
                        DamoTrace.of(trace, compat, DamoOptions.version(line)), filter, aggregation, compat, out);
            }
            if (left == 0 || !compat && filter.leavesNothing()) {
                throw new CommandFailedException(
                        ExitCode.INPUT,
                        trace.name() + ": nothing is left by the filters, --skip and --aggregate given");
            }
            Path imported = work.resolve("adjusted.damson");
            Importers.importFile(
                    file, new ImportOptions(null), manifest -> Traces.create(imported, manifest, WriterOptions.BATCH));
            try (TraceSource adjusted = Traces.open(imported)) {
                Manifest manifest = TraceFiles.derived(trace, "slice");
                manifest.attrs = attrs(trace.manifest().attrs, adjusted.manifest().attrs);
                if (manifest.attrs.aggrUs() != trace.manifest().attrs.aggrUs()) {
                    // A certificate is of recordings with these intervals.
                    AccuracySummary.KEYS.forEach(key -> key.remove(manifest.recording));
                }
                TraceFiles.create(line, console, output, manifest, sink -> {
                    Traces.copy(adjusted, TraceQuery.ALL, sink);
                    for (Table table : SIDE_TABLES) {
                        try (TraceSource.BatchCursor rows = trace.rows(table)) {
                            for (Batch b; (b = rows.next()) != null; ) {
                                sink.append(b);
                            }
                        }
                    }
                });
            }
        }
    }

    private static void requireNoPart(CommandLine line) {
        for (Option o : List.of(Shared.TIME, Shared.TARGET, Shared.SNAPSHOTS)) {
            if (line.hasOption(o)) {
                throw new UsageException(
                        "--" + o.getLongOpt() + " cannot be combined with --aggregate and damo's filters:"
                                + " slice twice, or use --snapshot-time, --snapshot-idx");
            }
        }
    }

    private static DamoRecordFilter filter(CommandLine line, boolean compat) {
        DamoRecordFilter filter = DamoOptions.filterButAddress(line, compat);
        if (line.hasOption(Shared.ADDRESS)) {
            String[] ends = Quantities.range(Shared.ADDRESS, line.getOptionValue(Shared.ADDRESS));
            try {
                filter.addAddresses(damoAddress(ends[0], "min"), damoAddress(ends[1], "max"));
            } catch (InvalidInputException e) {
                throw new UsageException("--address " + line.getOptionValue(Shared.ADDRESS) + ": " + e.getMessage());
            }
        }
        return filter;
    }

    private static DamoFile.Aggregation aggregation(
            CommandLine line, TraceSource trace, boolean compat, Console console) {
        long us = aggregationUs(line.getOptionValue(AGGREGATE), console);
        long skip = line.hasOption(SKIP) ? Quantities.count(SKIP, line.getOptionValue(SKIP)) : compat ? 20 : 0;
        long sampleUs = trace.manifest().attrs.sampleUs();
        if (us < sampleUs) {
            throw new UsageException("--aggregate: " + Units.duration(us * 1000)
                    + " is shorter than the sampling interval, " + Units.duration(sampleUs * 1000));
        }
        return new DamoFile.Aggregation(us, skip);
    }

    /** As damo reads it, or hexadecimal. */
    private static String damoAddress(String text, String open) {
        return text.isEmpty()
                ? open
                : text.startsWith("0x") ? Long.toUnsignedString(Quantities.address(Shared.ADDRESS, text)) : text;
    }

    private static long aggregationUs(String text, Console console) {
        boolean bare = Quantities.isBare(text);
        if (bare) {
            console.note("note: --aggregate " + text + " is an old form: it is " + text + "us now");
        }
        long us = Quantities.durationNs(AGGREGATE, bare ? text + "us" : text) / 1000;
        if (us < 1 || us > MAX_AGGREGATION_US) {
            throw new UsageException("--aggregate: 1 us to 10,000 days");
        }
        return us;
    }

    /** The new intervals, known as well as the old ones were. */
    private static MonitoringAttrs attrs(MonitoringAttrs old, MonitoringAttrs adjusted) {
        return new MonitoringAttrs(
                adjusted.sampleUs(),
                adjusted.aggrUs(),
                adjusted.updateUs(),
                old.minRegions(),
                old.maxRegions(),
                old.origin());
    }
}
