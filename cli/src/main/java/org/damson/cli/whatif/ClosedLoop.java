package org.damson.cli.whatif;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.analyzer.closedloop.GroundTruth;
import org.damson.analyzer.closedloop.Kdamond;
import org.damson.analyzer.closedloop.PlannedAccesses;
import org.damson.analyzer.closedloop.PlayedPlan;
import org.damson.analyzer.damos.KernelVersion;
import org.damson.analyzer.openloop.NotSimulated;
import org.damson.analyzer.render.whatif.OpenLoopReports;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.command.OptionFile;
import org.damson.cli.command.Outputs;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.cli.input.TraceFiles;
import org.damson.cli.report.Reports;
import org.damson.damon.scheme.Scheme;
import org.damson.model.Batch;
import org.damson.model.InvalidInputException;
import org.damson.model.Manifest;
import org.damson.model.Manifest.Source;
import org.damson.model.ManifestKey;
import org.damson.model.Mapping;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.Units;
import org.damson.model.text.NativeText;

/** {@code damson simulate --truth CONFIG}: DAMON itself simulated, over a generator's configuration. */
final class ClosedLoop {
    static final Option TRUTH = Shared.value(
            null,
            "truth",
            "CONFIG|PLAN",
            "instead of a trace: simulate DAMON over what this generator configuration, or replay plan, accesses");
    private static final Option RECORD = Shared.written(
            Shared.value(null, "record", "TRACE", "with --truth: write the simulated recording as a trace"));
    private static final Option INTERVALS = Shared.value(
            null, "intervals", "SAMPLE,AGGR[,UPDATE]", "with --truth: DAMON's intervals (default 5ms,100ms,1s)");
    private static final Option REGIONS = Shared.value(
            null, "regions", "MIN..MAX", "with --truth: bounds of the number of regions (default 10..1000)");
    private static final Option SEED = Shared.value(null, "seed", "N", "with --truth: random seed (default 1)");
    private static final Option REPEAT = Shared.value(null, "repeat", "N", "with --truth: run the phases N times");
    private static final Option SPEED = Shared.value(
            null, "speed", "RATE", "with --truth: accesses per second of the generator (default 100000000)");
    private static final Option DETECTION =
            Shared.value(null, "detection", "P", "with --truth: probability that an access is detected (default 1)");
    private static final Option AUTOTUNE =
            Shared.flag(null, "autotune", "with --truth: tune the intervals as DAMON_STAT does");

    private static final int MAX_REPEAT = 100_000;

    static final List<Option> OPTIONS =
            List.of(TRUTH, RECORD, INTERVALS, REGIONS, SEED, REPEAT, SPEED, DETECTION, AUTOTUNE);

    private ClosedLoop() {}

    static int run(CommandLine line, Console console, String form) throws IOException {
        if (!line.getArgList().isEmpty()) {
            throw new UsageException("--truth takes no TRACE: unexpected argument '"
                    + line.getArgList().get(0) + "'");
        }
        List<Scheme> schemes = line.hasOption(WhatIf.SCHEME) ? WhatIf.schemes(line) : List.of();
        MonitoringAttrs attrs = attrs(line);
        Path config = NativeText.path(line.getOptionValue(TRUTH));
        String text = OptionFile.text("--truth " + config, config);
        long repeat = number(line, REPEAT, 1);
        if (repeat < 1 || repeat > MAX_REPEAT) {
            throw new UsageException("--repeat: 1 to " + MAX_REPEAT);
        }
        double speed = line.hasOption(SPEED) ? Quantities.number(SPEED, line.getOptionValue(SPEED)) : 100e6;
        Supplier<GroundTruth> truth = truth(line, text, speed, (int) repeat);
        Kdamond.Options options = options(line, console, attrs, schemes);
        Kdamond kdamond;
        try {
            kdamond = new Kdamond(options, truth);
        } catch (InvalidInputException e) {
            throw new CommandFailedException(ExitCode.INPUT, config + ": " + e.getMessage());
        }
        long began = System.nanoTime();
        long regions = go(line, console, kdamond, options, config);
        double took = (System.nanoTime() - began) / 1e9;
        console.note(String.format(
                java.util.Locale.ROOT,
                "%s simulated in %.2f s, %,d samples of regions each",
                Units.duration(kdamond.nowNs()),
                took,
                kdamond.ticks()));
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("simulated_ns", kdamond.nowNs());
        result.put("ticks", kdamond.ticks());
        result.put("regions", regions);
        result.put("schemes", OpenLoopReports.closed(kdamond, schemes));
        List<String> notes = NotSimulated.of(schemes, options.version(), false);
        result.put("notes", notes);
        if (!schemes.isEmpty()) {
            result.put("outcome", OpenLoopReports.outcome(kdamond.outcome()));
        }
        Reports.write(line, console, out -> {
            if (form.equals("json")) {
                Json.write(result, out);
            } else {
                Reports.text(out, t -> t.append(OpenLoopReports.closedText(kdamond, schemes, notes)));
            }
        });
        return ExitCode.OK;
    }

    private static Kdamond.Options options(
            CommandLine line, Console console, MonitoringAttrs attrs, List<Scheme> schemes) throws IOException {
        KernelVersion version = line.hasOption(WhatIf.KERNEL)
                ? WhatIf.words("--kernel", () -> KernelVersion.of(line.getOptionValue(WhatIf.KERNEL)))
                : KernelVersion.V6_18;
        try {
            return new Kdamond.Options(
                    attrs,
                    version,
                    0,
                    line.hasOption(DETECTION) ? Quantities.share(DETECTION, line.getOptionValue(DETECTION)) : 1,
                    line.hasOption(AUTOTUNE) ? Kdamond.IntervalsGoal.DAMON_STAT : null,
                    schemes,
                    WhatIf.outcome(line, console),
                    number(line, SEED, 1));
        } catch (InvalidInputException e) {
            throw new UsageException(e.getMessage());
        }
    }

    private static Supplier<GroundTruth> truth(CommandLine line, String text, double speed, int repeat) {
        if (!PlayedPlan.is(text)) {
            return () -> PlannedAccesses.of(text, speed, repeat);
        }
        for (Option o : List.of(SPEED, REPEAT)) {
            if (line.hasOption(o)) {
                throw new UsageException(
                        "--" + o.getLongOpt() + " cannot be used with a plan, which is played as it is");
            }
        }
        return () -> PlayedPlan.of(text);
    }

    /** Runs to the end; returns the regions of all snapshots. */
    private static long go(CommandLine line, Console console, Kdamond kdamond, Kdamond.Options options, Path config)
            throws IOException {
        Snapshot s = new Snapshot();
        long[] regions = {0};
        if (!line.hasOption(RECORD)) {
            while (kdamond.next(s)) {
                regions[0] += s.regions;
            }
            return regions[0];
        }
        Manifest m = new Manifest();
        m.attrs = options.attrs();
        m.source = Source.SIMULATED.text();
        ManifestKey.OPS.put(m, "vaddr");
        ManifestKey.CONFIG.put(m, config.getFileName().toString());
        ManifestKey.KERNEL_MODEL.put(m, options.version().toString());
        ManifestKey.SEED.put(m, options.seed());
        ManifestKey.DETECTION.put(m, options.detection());
        ManifestKey.SCHEMES.put(m, options.schemes().size());
        Path output = Outputs.newTrace(line, line.getOptionValue(RECORD));
        TraceFiles.create(line, console, output, m, sink -> {
            Batch mappings = new Batch(Table.MAPPINGS);
            long[] areas = kdamond.areas();
            for (int i = 0; i < areas.length; i += 2) {
                new Mapping(0, areas[i], areas[i + 1], "rw-p", "").addTo(mappings, 0, false);
            }
            sink.append(mappings);
            while (kdamond.next(s)) {
                regions[0] += s.regions;
                sink.append(s);
            }
        });
        TraceFiles.announce(output, console);
        return regions[0];
    }

    private static long number(CommandLine line, Option option, long normal) {
        return line.hasOption(option) ? Quantities.count(option, line.getOptionValue(option)) : normal;
    }

    private static MonitoringAttrs attrs(CommandLine line) {
        MonitoringAttrs given = Shared.intervals(line, INTERVALS);
        MonitoringAttrs base = given == null ? MonitoringAttrs.DEFAULTS : given;
        long least = 10;
        long most = 1000;
        if (line.hasOption(REGIONS)) {
            String text = line.getOptionValue(REGIONS);
            if (!text.matches("\\d{1,7}\\.\\.\\d{1,7}")) {
                throw new UsageException("--regions: '" + text + "' is not a range A..B, as in 10..1000");
            }
            least = Long.parseLong(text.substring(0, text.indexOf('.')));
            most = Long.parseLong(text.substring(text.lastIndexOf('.') + 1));
            if (least > most) {
                throw new UsageException("--regions: " + text + ": MIN is above MAX");
            }
        }
        return new MonitoringAttrs(
                base.sampleUs(), base.aggrUs(), base.updateUs(), least, most, MonitoringAttrs.IntervalsOrigin.RECORDED);
    }
}
