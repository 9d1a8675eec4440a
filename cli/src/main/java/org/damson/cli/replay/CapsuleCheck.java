package org.damson.cli.replay;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.damson.analyzer.heatmap.GuideResult;
import org.damson.analyzer.heatmap.TraceGuide;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.TargetKey;
import org.damson.cli.command.Json;
import org.damson.cli.command.NativeTools;
import org.damson.cli.command.Outputs;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.command.WorkDirectory;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.cli.input.TraceFiles;
import org.damson.cli.input.TracePlace;
import org.damson.cli.report.CompareCommand;
import org.damson.model.Manifest.Source;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.text.NativeText;
import org.damson.recorder.referenced.TlbFlush;
import org.damson.replayer.PlayOptions;
import org.damson.replayer.ReplayReport;
import org.damson.trace.Traces;

/** {@code damson replay CAPSULE --check}: plays a capsule, records that as its original was recorded, and judges. */
final class CapsuleCheck {
    private static final TargetKey NOBODY = new TargetKey(0, 0, Snapshot.NO_SCHEME, 0);

    private final CommandLine line;
    private final Path file;
    private final Console console;

    CapsuleCheck(CommandLine line, Path file, Console console) {
        this.line = line;
        this.file = file;
        this.console = console;
    }

    /** Returns the exit code: of a check as that of {@code --verify}. */
    int run(PlayOptions options, TlbFlush flush, ReplaySource source) throws IOException, InterruptedException {
        Path accessgen = NativeTools.accessgen();
        try (WorkDirectory work = WorkDirectory.create("capsule")) {
            Path plan = work.resolve("plan");
            Capsule capsule = CapsuleFile.read(file, accessgen, plan);
            if (line.hasOption(ReplayCommand.FEASIBLE)) {
                return ReplayCommand.feasible(plan, options, flush, console);
            }
            if (!line.hasOption(ReplayCommand.CHECK)) {
                ReplayReport report =
                        ReplayCommand.play(plan, options.flushing(ReplayCommand.flushes(flush, console)), console);
                return ReplayCommand.done(report, null, null, console);
            }
            return line.hasOption(ReplayCommand.RECORDED)
                    ? judgeGiven(capsule, plan)
                    : play(capsule, plan, options, flush, source, work);
        }
    }

    private int play(
            Capsule capsule, Path plan, PlayOptions options, TlbFlush flush, ReplaySource source, WorkDirectory work)
            throws IOException, InterruptedException {
        if (capsule.recorded().isDamon() != source.isDamon()) {
            // Nothing that a stranger wrote changes settings of this kernel unless the user says so.
            throw new UsageException(
                    capsule.recorded().isDamon()
                            ? file + " was recorded with kernel DAMON: record its replay with --source damon, as root"
                            : file + " was recorded through referenced bits: omit --source damon");
        }
        String record = line.getOptionValue(ReplayCommand.RECORD);
        Path kept = record != null ? Outputs.newTrace(line, record) : null;
        String shortfall = source.shortfall(capsule.recorded());
        if (!shortfall.isEmpty()) {
            console.note("note: " + shortfall);
        }
        try (TracePlace place = kept != null ? TracePlace.of(kept, line.hasOption(Shared.FORCE)) : null) {
            Path recorded = place != null ? place.path() : work.resolve("replay.damson");
            boolean flushes = source.isDamon() ? ReplayCommand.flushes(flush, console) : flush == TlbFlush.ALWAYS;
            ReplayRecording replay = ReplayRecording.play(
                    NativeTools.accessgen(),
                    plan,
                    capsule.recorded(),
                    1,
                    source,
                    recorded,
                    options.flushing(flushes),
                    console);
            ReplayVerdict verdict;
            try (TraceSource trace = Traces.open(recorded)) {
                verdict = judge(capsule, replay, trace, replay.time(capsule.durationNs()))
                        .of(plan);
            }
            int code = ReplayCommand.done(replay.report(), null, verdict, console);
            if (place != null) {
                place.keep();
                TraceFiles.announce(kept, console);
            }
            return code;
        }
    }

    /** A recording of the replay that somebody else made, as in a guest. */
    private int judgeGiven(Capsule capsule, Path plan) throws IOException {
        Path recorded = NativeText.path(line.getOptionValue(ReplayCommand.RECORDED));
        try (TraceSource trace = Inputs.open(recorded, console)) {
            if (Source.REFERENCED.is(trace.manifest()) == capsule.recorded().isDamon()) {
                throw new UsageException(recorded + " was not recorded as the original of the capsule was, "
                        + (capsule.recorded().isDamon() ? "by DAMON" : "through referenced bits"));
            }
            List<TargetKey> targets = targets(trace);
            int wanted = 1
                    + capsule.places().stream()
                            .mapToInt(ReplayPlace::process)
                            .max()
                            .orElse(0);
            if (targets.size() < wanted) {
                throw new TraceFormatException(
                        recorded.toString(),
                        "",
                        targets.size() + " targets, where the plan has " + wanted + " processes");
            }
            // A replay begins with the first sample of its recording, which may go on after its end.
            long startNs = TraceGuide.compute(trace, TraceQuery.ALL).startNs();
            TraceQuery time = TraceQuery.ALL.time(startNs, startNs + capsule.durationNs());
            ReplayVerdict verdict = judge(capsule, new ReplayRecording(null, targets), trace, time)
                    .of(plan);
            if (console.isJson()) {
                Map<String, Object> json = new LinkedHashMap<>();
                verdict.addTo(json);
                Json.write(json, console.out());
            } else {
                verdict.print(console.out());
            }
            return verdict.exitCode();
        }
    }

    /** Its targets in the order of the processes that it recorded. */
    private static List<TargetKey> targets(TraceSource trace) throws IOException {
        List<TargetKey> targets = new ArrayList<>();
        for (Object pid : ManifestKey.PIDS_RECORDED.list(trace.manifest())) {
            if (Source.REFERENCED.is(trace.manifest()) && pid instanceof Number n) {
                targets.add(new TargetKey(0, 0, Snapshot.NO_SCHEME, n.longValue()));
            }
        }
        if (targets.isEmpty()) {
            TraceGuide.compute(trace, TraceQuery.ALL).targets().stream()
                    .map(GuideResult.Target::key)
                    .sorted()
                    .forEach(targets::add);
        }
        return targets;
    }

    private ReplayVerdict judge(Capsule capsule, ReplayRecording replay, TraceSource trace, TraceQuery time)
            throws IOException {
        List<Area> originals =
                capsule.places().stream().map(p -> p.area(NOBODY)).toList();
        return ReplayJudge.judge(
                replay.report(),
                capsule.behaviour(),
                originals,
                capsule.filledBytes(),
                trace,
                time,
                replay.areas(capsule.places()),
                capsule.noise(),
                CompareCommand.compareOptions(line));
    }
}
