package org.damson.cli.replay;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.commons.cli.CommandLine;
import org.damson.analyzer.compare.CompareOptions;
import org.damson.analyzer.compare.NoiseFloor;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.NativeTools;
import org.damson.cli.command.Outputs;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.command.WorkDirectory;
import org.damson.cli.console.Console;
import org.damson.cli.input.TraceFiles;
import org.damson.cli.input.TracePlace;
import org.damson.model.TraceSource;
import org.damson.model.text.NativeText;
import org.damson.recorder.referenced.TlbFlush;
import org.damson.replayer.PlayOptions;
import org.damson.replayer.ReplayPlan;
import org.damson.replayer.ReplayReport;
import org.damson.trace.Traces;
import org.damson.trace.WritingStream;

/** Traces being replayed: planned, played, and recorded and judged where that is asked for. */
final class ReplayRun {
    private final CommandLine line;
    private final ReplayedTraces traces;
    private final TraceSource trace;
    private final ReplaySource source;
    private final PlayOptions play;
    private final TlbFlush flush;
    private final CompareOptions tolerance;
    private final Console console;
    private final Path accessgen;

    ReplayRun(CommandLine line, ReplayedTraces traces, ReplaySource source, PlayOptions play, Console console)
            throws IOException {
        this.line = line;
        this.traces = traces;
        this.source = source;
        this.play = play;
        this.console = console;
        trace = traces.first();
        flush = ReplayCommand.flush(line);
        tolerance = ReplayJudge.tolerance(line);
        accessgen = NativeTools.accessgen();
    }

    /** Returns the exit code. */
    int run() throws IOException, InterruptedException {
        String record = line.getOptionValue(ReplayCommand.RECORD);
        Path kept = record != null ? Outputs.newTrace(line, record) : null;
        boolean isComparable = source.isComparable(trace.manifest());
        boolean isCompared = line.hasOption(ReplayCommand.VERIFY) && isComparable;
        if (line.hasOption(ReplayCommand.NOISE) && !isComparable) {
            throw new UsageException(
                    "--noise-floor: only a replay that is recorded in the same way as its original can be compared");
        }
        if (PlanOptions.isMeasured(line) && !isComparable) {
            throw new UsageException(
                    "--seen measured: only a replay that is recorded in the same way as its original can be measured");
        }
        try (WorkDirectory work = WorkDirectory.create("replay");
                TracePlace place = kept != null ? TracePlace.of(kept, line.hasOption(Shared.FORCE)) : null) {
            Path planFile = work.resolve("plan");
            ReplayPlan plan = plan(planFile);
            if (line.hasOption(ReplayCommand.FEASIBLE)) {
                return ReplayCommand.feasible(planFile, play, flush, console);
            }
            if (kept == null && !isCompared) {
                ReplayReport report =
                        ReplayCommand.play(planFile, play.flushing(ReplayCommand.flushes(flush, console)), console);
                return ReplayCommand.done(report, plan, touches(report), console);
            }
            PlayOptions options =
                    play.flushing(source.isDamon() ? ReplayCommand.flushes(flush, console) : flush == TlbFlush.ALWAYS);
            RecordedAs how =
                    RecordedAs.of(trace.manifest(), plan, source.isDamon()).faster(plan.speed());
            if (isCompared && !source.shortfall(how).isEmpty()) {
                console.note("note: " + source.shortfall(how));
            }
            if (PlanOptions.isMeasured(line)) {
                traces.seen(measure(planFile, plan, how, work.resolve("first.damson"), options), console);
                plan = plan(planFile);
            }
            Path recorded = place != null ? place.path() : work.resolve("replay.damson");
            ReplayRecording replay = record(planFile, plan, how, recorded, options);
            ReplayVerdict verdict =
                    isCompared ? verdict(planFile, plan, replay, recorded, noise()) : touches(replay.report());
            hint(plan, verdict);
            int code = ReplayCommand.done(replay.report(), plan, verdict, console);
            if (place != null) {
                place.keep();
                TraceFiles.announce(kept, console);
            }
            return code;
        }
    }

    private ReplayPlan plan(Path planFile) throws IOException {
        try (Writer out = WritingStream.text(planFile)) {
            return traces.plan(out, console);
        }
    }

    private ReplayRecording record(Path planFile, ReplayPlan plan, RecordedAs how, Path recorded, PlayOptions options)
            throws IOException {
        return ReplayRecording.play(accessgen, planFile, how, plan.speed(), source, recorded, options, console);
    }

    /** The share of its touches that a recording of a first replay has. */
    private double measure(Path planFile, ReplayPlan plan, RecordedAs how, Path recorded, PlayOptions options)
            throws IOException {
        double seen = verdict(planFile, plan, record(planFile, plan, how, recorded, options), recorded, null)
                .seen();
        if (!(seen > 0)) {
            throw new CommandFailedException(
                    ExitCode.UNDECIDED,
                    seen == 0
                            ? "--seen measured: nothing of what the first replay touched was seen"
                            : "--seen measured: a touch is one of a whole huge page: how much of it is seen is not known");
        }
        return seen;
    }

    private NoiseFloor noise() throws IOException {
        return line.hasOption(ReplayCommand.NOISE)
                ? ReplayJudge.noise(
                        originals(line).stream().map(NativeText::path).toList(), tolerance, console)
                : null;
    }

    private ReplayVerdict verdict(
            Path planFile, ReplayPlan plan, ReplayRecording replay, Path recorded, NoiseFloor noise)
            throws IOException {
        try (TraceSource recording = Traces.open(recorded)) {
            return ReplayJudge.judge(
                            replay.report(),
                            ReplayJudge.original(trace, plan, tolerance),
                            ReplayPlace.originals(plan),
                            plan.sizeBytes(),
                            recording,
                            replay.time(plan.durationNs()),
                            replay.areas(ReplayPlace.of(plan)),
                            noise,
                            tolerance)
                    .of(planFile);
        }
    }

    /** What the recorder does not see costs a replay twice: of the original, and of the replay. */
    private void hint(ReplayPlan plan, ReplayVerdict verdict) {
        if (verdict != null
                && !verdict.isGood()
                && verdict.seen() < PlanOptions.NEARLY_ALL
                && plan.options().seenShare() == 1) {
            console.note(String.format(
                    Locale.ROOT,
                    "note: %.1f %% of what the replay touched was seen, and no more of its original if that was recorded alike: "
                            + "--seen measured touches as much more often",
                    100 * verdict.seen()));
        }
    }

    static List<String> originals(CommandLine line) {
        List<String> names = new ArrayList<>(List.of(line.getOptionValues(ReplayCommand.NOISE)));
        names.add(0, line.getArgList().get(0));
        return names;
    }

    /** What --verify says of a replay that cannot be compared; null without it. */
    private ReplayVerdict touches(ReplayReport report) {
        if (!line.hasOption(ReplayCommand.VERIFY)) {
            return null;
        }
        console.note("note: the replay is not recorded in the same way as this trace: the verdict covers touches only; "
                + "--source damon records the replay with kernel DAMON");
        return new ReplayVerdict(report, null, null, List.of());
    }
}
