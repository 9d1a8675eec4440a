package org.damson.cli.replay;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.analyzer.compare.Behaviour;
import org.damson.analyzer.compare.CompareOptions;
import org.damson.analyzer.compare.Fidelity;
import org.damson.analyzer.compare.NoiseFloor;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.command.Outputs;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.command.Version;
import org.damson.cli.command.WorkDirectory;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.cli.input.TraceFiles;
import org.damson.model.Manifest;
import org.damson.model.Manifest.Source;
import org.damson.model.ManifestKey;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.text.NativeText;
import org.damson.replayer.ReplayOptions;
import org.damson.replayer.ReplayPlan;
import org.damson.replayer.ReplayPlanner;
import org.damson.trace.Traces;
import org.damson.trace.WritingStream;
import org.damson.trace.files.SafeFiles;
import org.damson.trace.redact.Redactor;

/** {@code damson capsule TRACE... -o FILE.damson.zip}: a plan and what its replay is to reach, in one file. */
public final class CapsuleCommand implements Command {
    private static final Option OUTPUT = Shared.output("FILE.damson.zip", "output file (required)");
    private static final Option REDACT = Shared.flag(
            null, "redact", "redact addresses and process IDs as bundle --redact does; a capsule never contains names");

    @Override
    public String name() {
        return "capsule";
    }

    @Override
    public String summary() {
        return "pack a replay plan and its expected result into one file for replay --check";
    }

    @Override
    public String usage() {
        return "TRACE [TRACE of the same program...] -o FILE.damson.zip [--redact]";
    }

    @Override
    public String example() {
        return "damson capsule run.damson again.damson --redact -o case.damson.zip";
    }

    @Override
    public Options options() {
        return Shared.of(
                OUTPUT,
                REDACT,
                PlanOptions.LIMIT,
                PlanOptions.SEEN,
                PlanOptions.RESIDENT,
                PlanOptions.HUGETLB,
                Shared.OWNER);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        List<Path> originals = new ArrayList<>();
        for (String name : Shared.traces(line)) {
            originals.add(NativeText.path(name));
        }
        Path output = Outputs.newFile(line, Shared.required(line, OUTPUT));
        Shared.requireDistinct(line.getArgList());
        String owner = Shared.owner(line, console);
        ReplayOptions options = PlanOptions.of(line);
        if (PlanOptions.isMeasured(line)) {
            throw new UsageException(
                    "--seen measured: a capsule is not played when it is made; replay --verify --seen measured "
                            + "measures, and its share can be given");
        }
        NoiseFloor noise = ReplayJudge.noise(originals, CompareOptions.DEFAULTS, console);
        Capsule capsule;
        try (WorkDirectory work = WorkDirectory.beside(output, "capsule")) {
            Path plan = work.resolve("plan");
            try (TraceSource trace = Inputs.open(originals.get(0), console);
                    TraceSource played = line.hasOption(REDACT) ? redacted(trace, work) : null) {
                Inputs.caveats(trace, console);
                if (trace.rowCount(Table.TUNING) > 0) {
                    console.note("note: " + trace.name()
                            + ": DAMON tuned its intervals during recording; a check uses the intervals of the manifest, so ages "
                            + "and access counts may differ");
                }
                ReplayOptions seen = PlanOptions.seen(line, trace, options, console);
                capsule = capsule(played == null ? trace : played, seen, noise, plan);
            }
            Path fresh = work.resolve("capsule.zip");
            CapsuleFile.write(fresh, plan, capsule);
            if (owner != null) {
                SafeFiles.giveTo(fresh, owner);
            }
            SafeFiles.publish(fresh, output);
        }
        print(capsule, console);
        TraceFiles.announce(output, console);
        return ExitCode.OK;
    }

    /** A copy that says what a redacted bundle says, and goes with the work directory. */
    private static TraceSource redacted(TraceSource trace, WorkDirectory work) throws IOException {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        Path copy = work.resolve("copy.damson");
        Manifest manifest = new Manifest();
        manifest.toolVersion = Version.text();
        TraceFiles.create(copy, manifest, sink -> Redactor.redact(trace, sink, key, false));
        return Traces.open(copy);
    }

    private static Capsule capsule(TraceSource trace, ReplayOptions options, NoiseFloor noise, Path planFile)
            throws IOException {
        if ("paddr".equals(ManifestKey.OPS.get(trace.manifest()))) {
            throw new TraceFormatException(
                    trace.name(), "", "of physical memory: no recording of a process can be compared with it");
        }
        ReplayPlan plan;
        try (Writer out = WritingStream.text(planFile)) {
            plan = ReplayPlanner.plan(trace, TraceQuery.ALL, options, out);
        }
        if (Files.size(planFile) > CapsuleFile.MAX_PLAN_BYTES) {
            throw new TraceFormatException(
                    trace.name(),
                    "",
                    "its plan has more than " + Units.bytes(CapsuleFile.MAX_PLAN_BYTES) + ": choose a part with slice");
        }
        Behaviour behaviour = ReplayJudge.original(trace, plan, CompareOptions.DEFAULTS);
        return new Capsule(
                RecordedAs.of(trace.manifest(), plan, !Source.REFERENCED.is(trace.manifest())),
                plan.durationNs(),
                plan.sizeBytes(),
                ReplayPlace.of(plan),
                behaviour,
                noise);
    }

    private static void print(Capsule c, Console console) throws IOException {
        if (console.isJson()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("recorded", c.recorded().isDamon() ? "damon" : "referenced");
            json.put("sample_us", c.recorded().sampleUs());
            json.put("aggr_us", c.recorded().aggrUs());
            json.put("duration_ns", c.durationNs());
            json.put("filled_bytes", c.filledBytes());
            json.put("places", c.places().size());
            json.put("snapshots", c.behaviour().snapshots());
            json.put("recordings", c.noise() == null ? 1 : c.noise().recordings());
            json.put("noise", c.noise() == null ? null : c.noise().distances());
            Json.write(json, console.out());
            return;
        }
        console.out()
                .println("plan: " + Units.duration(c.durationNs()) + ", fills " + Units.bytes(c.filledBytes()) + " in "
                        + Units.count(c.places().size(), "place") + "; recorded by "
                        + (c.recorded().isDamon() ? "DAMON" : "referenced bits") + ", samples of "
                        + Units.duration(c.recorded().sampleUs() * 1000) + ", aggregation "
                        + Units.duration(c.recorded().aggrUs() * 1000));
        if (c.noise() == null) {
            console.out()
                    .printf(
                            Locale.ROOT,
                            "no noise floor, since one recording has none: a check is judged by the tolerance of compare, %.1f%n",
                            CompareOptions.DEFAULTS.tolerance());
            return;
        }
        console.out().printf("%-24s %14s %20s%n", "# distance", "of originals", "a check fails above");
        c.noise().distances().forEach((name, value) -> {
            double most = Fidelity.MAX_TIMES_NOISE * Math.max(value, Fidelity.MIN_NOISE);
            String told = most < 1 ? String.format(Locale.ROOT, "%.4f", most) : "nothing";
            console.out().printf(Locale.ROOT, "%-24s %14.4f %20s%n", name, value, told);
        });
    }
}
