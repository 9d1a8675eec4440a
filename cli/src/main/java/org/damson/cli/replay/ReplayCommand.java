package org.damson.cli.replay;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.command.NativeTools;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.command.VerbOption;
import org.damson.cli.command.WorkDirectory;
import org.damson.cli.console.Console;
import org.damson.cli.record.DamonRecording;
import org.damson.cli.record.OverheadOptions;
import org.damson.cli.report.CompareCommand;
import org.damson.model.text.NativeText;
import org.damson.recorder.referenced.SelfTest;
import org.damson.recorder.referenced.TlbFlush;
import org.damson.replayer.Feasibility;
import org.damson.replayer.PlayOptions;
import org.damson.replayer.ReplayOptions;
import org.damson.replayer.ReplayPlan;
import org.damson.replayer.ReplayReport;
import org.damson.replayer.Replayer;

/** {@code damson replay TRACE}: touches memory as the trace says it was touched. */
public final class ReplayCommand implements Command {
    private static final Option PLAN_ONLY =
            Shared.flag(null, "plan-only", "print the plan, which replay and generate run, instead of playing it");
    static final Option FEASIBLE = Shared.flag(
            null,
            "feasible",
            "do not play: measure this machine for a second, and report how much of the plan it could play in time");
    static final Option RECORD = Shared.written(
            Shared.value(null, "record", "NEW", "record the replay, its touching processes only, into this new trace"));
    private static final Option SOURCE = Shared.value(
            null,
            "source",
            "referenced|damon",
            "source of accesses that records the replay: referenced bits (default), or kernel DAMON");
    static final Option VERIFY =
            Shared.flag(null, "verify", "record the replay and compare it with the trace; exit as compare does");

    static final Option NOISE = Shared.repeatable(Shared.value(
            null,
            "noise-floor",
            "TRACE",
            "with --verify: another recording of the original; the replay must be within 1.5 times the maximum "
                    + "distance between any two of them"));

    static final Option CHECK = Shared.flag(
            null,
            "check",
            "with a capsule: record the replay as the original was recorded, and compare as --verify does");

    static final Option RECORDED = Shared.value(
            null, "recorded", "TRACE", "with --check: judge this recording of the replay instead of playing it");

    private static final Option TLB_FLUSH = Shared.value(
            null,
            "tlb-flush",
            "auto|always|never",
            "flush the generator's TLB once a slice, for monitors that do not flush it (default auto: where the"
                    + " self-test says so, and not when recorded by damson through referenced bits, which flushes itself)");

    @Override
    public String name() {
        return "replay";
    }

    @Override
    public String summary() {
        return "touch memory as recorded in a trace, at the recorded times";
    }

    @Override
    public String usage() {
        return "TRACE|PLAN|CAPSULE [TRACE...] [--verify [--tolerance D | --noise-floor TRACE] | --check] [--record NEW] [--speed X] [--max-memory SIZE] [--plan-only | --feasible]";
    }

    @Override
    public String example() {
        return "damson replay run.damson --verify";
    }

    @Override
    public Options options() {
        Options all = Shared.of(VERIFY, CHECK, CompareCommand.TOLERANCE, RECORD, PlanOptions.SPEED, PlanOptions.LIMIT);
        Shared.add(
                all,
                VerbOption.Heading.EXPERT,
                List.of(
                        NOISE,
                        RECORDED,
                        SOURCE,
                        DamonRecording.SUSPEND,
                        PlanOptions.SCALE,
                        PlanOptions.LOOP,
                        PlanOptions.READ_SHARE,
                        ReplayedTraces.SHIFT,
                        PlayArguments.THREADS,
                        PlayArguments.CPUS,
                        PlayArguments.NUMA,
                        PlayArguments.JITTER,
                        PlanOptions.SEEN,
                        PlanOptions.RESIDENT,
                        PlanOptions.HUGETLB,
                        PLAN_ONLY,
                        FEASIBLE,
                        TLB_FLUSH));
        return all;
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        List<String> names = Shared.traces(line);
        Path path = existing(names.get(0));
        ReplayOptions options = PlanOptions.of(line);
        ReplaySource source = source(line);
        ReplayJudge.tolerance(line); // before anything is played
        flush(line);
        PlayOptions play = PlayArguments.of(line);
        if (line.hasOption(RECORDED) && !line.hasOption(CHECK)) {
            throw new UsageException("--recorded requires --check");
        }
        refuseContradictions(line);
        if (names.size() == 1 && CapsuleFile.is(path)) {
            return capsule(line, path, play, source, console);
        }
        PlanOptions.requireAbsent(line, "requires a capsule (made by damson capsule)", CHECK);
        if (names.size() == 1 && PlanFile.is(path)) {
            PlanOptions.refuse(
                    line,
                    "cannot be used with a plan, which is played as it is",
                    VERIFY,
                    NOISE,
                    RECORD,
                    SOURCE,
                    PLAN_ONLY,
                    ReplayedTraces.SHIFT);
            return plan(line, path, play, console);
        }
        if (line.hasOption(VERIFY) && names.size() > 1) {
            throw new UsageException(
                    "--verify compares with one trace, and " + names.size() + " are replayed together");
        }
        if (line.hasOption(VERIFY) && options.loops() > 1) {
            throw new UsageException("--verify compares with one run of the recording: omit --loop");
        }
        if (PlanOptions.isMeasured(line) && !line.hasOption(VERIFY)) {
            throw new UsageException(
                    "--seen measured requires --verify, which records the first replay and the second");
        }
        if (line.hasOption(NOISE) && !line.hasOption(VERIFY)) {
            throw new UsageException("--noise-floor requires --verify");
        }
        Shared.requireDistinct(line.hasOption(NOISE) ? ReplayRun.originals(line) : List.of());
        try (ReplayedTraces traces = ReplayedTraces.open(line, options, console)) {
            if (line.hasOption(PLAN_ONLY)) {
                Writer out = new OutputStreamWriter(console.out(), StandardCharsets.UTF_8);
                traces.plan(out, console);
                out.flush();
                return ExitCode.OK;
            }
            return new ReplayRun(line, traces, source, play, console).run();
        }
    }

    /** Refuses what is asked of a replay that is not played, and a second judge of one that is. */
    private static void refuseContradictions(CommandLine line) {
        List<Option> played = new ArrayList<>(PlayArguments.ALL);
        played.addAll(List.of(TLB_FLUSH, RECORD));
        if (line.hasOption(PLAN_ONLY)) {
            String why = "cannot be used with --plan-only, which prints a plan and plays nothing";
            PlanOptions.requireAbsent(line, why, FEASIBLE, VERIFY, CHECK, Shared.JSON);
            PlanOptions.requireAbsent(line, why, played.toArray(Option[]::new));
        }
        if (line.hasOption(FEASIBLE)) {
            PlanOptions.requireAbsent(
                    line, "cannot be used with --feasible, which plays nothing", VERIFY, CHECK, RECORD);
        }
        if (line.hasOption(RECORDED)) {
            String why = "cannot be used with --recorded, which judges a recording and plays nothing";
            PlanOptions.requireAbsent(line, why, SOURCE);
            PlanOptions.requireAbsent(line, why, played.toArray(Option[]::new));
        }
        if (line.hasOption(NOISE)) {
            PlanOptions.requireAbsent(
                    line, "cannot be used with --noise-floor, which is what judges then", CompareCommand.TOLERANCE);
        }
    }

    private static int capsule(CommandLine line, Path path, PlayOptions play, ReplaySource source, Console console)
            throws IOException, InterruptedException {
        PlanOptions.refuse(
                line,
                "cannot be used with a capsule, which is played as it is",
                VERIFY,
                NOISE,
                PLAN_ONLY,
                ReplayedTraces.SHIFT);
        if (!line.hasOption(CHECK)) {
            PlanOptions.requireAbsent(line, "requires --check when a capsule is played", RECORD, SOURCE);
        }
        return new CapsuleCheck(line, path, console).run(play, flush(line), source);
    }

    private static int plan(CommandLine line, Path given, PlayOptions play, Console console)
            throws IOException, InterruptedException {
        TlbFlush flush = flush(line);
        try (WorkDirectory work = WorkDirectory.create("replay")) {
            Path path = PlanFile.textual(given, work);
            return line.hasOption(FEASIBLE)
                    ? feasible(path, play, flush, console)
                    : done(play(path, play.flushing(flushes(flush, console)), console), null, null, console);
        }
    }

    /** Named before anything else is said of it. */
    private static Path existing(String name) throws NoSuchFileException {
        Path path = NativeText.path(name);
        if (Files.notExists(path)) {
            throw new NoSuchFileException(name);
        }
        return path;
    }

    static ReplayReport play(Path plan, PlayOptions options, Console console) throws IOException {
        try (Replayer replayer = Replayer.start(NativeTools.accessgen(), plan, options)) {
            replayer.notes().forEach(note -> console.note("note: " + note));
            replayer.go();
            return replayer.await();
        }
    }

    static int feasible(Path planFile, PlayOptions play, TlbFlush flush, Console console)
            throws IOException, InterruptedException {
        boolean flushes = flushes(flush, console);
        Feasibility f = Feasibility.measure(NativeTools.accessgen(), planFile, play.flushing(flushes));
        if (console.isJson()) {
            Json.write(ReplayOutput.json(f, flushes), console.out());
        } else {
            ReplayOutput.print(f, flushes, console.out());
        }
        return !f.hasMemory()
                ? ExitCode.CAPABILITY
                : f.achievable() >= ReplayVerdict.ENOUGH ? ExitCode.OK : ExitCode.FINDINGS;
    }

    private static ReplaySource source(CommandLine line) {
        boolean damon = line.hasOption(SOURCE)
                && Shared.choice(SOURCE, line.getOptionValue(SOURCE)).equals("damon");
        if (line.hasOption(SOURCE) && !line.hasOption(RECORD) && !line.hasOption(VERIFY) && !line.hasOption(CHECK)) {
            throw new UsageException("--source requires --record, --verify or --check");
        }
        if (line.hasOption(DamonRecording.SUSPEND) && !damon) {
            throw new UsageException("--suspend-damon-stat requires --source damon");
        }
        return new ReplaySource(damon, line.hasOption(DamonRecording.SUSPEND));
    }

    static TlbFlush flush(CommandLine line) {
        return OverheadOptions.tlbFlush(line.getOptionValue(TLB_FLUSH, "auto"));
    }

    /** Whether the generator flushes, and what a slice's touches cost more for it. */
    static boolean flushes(TlbFlush flush, Console console) throws InterruptedException {
        if (flush == TlbFlush.NEVER) {
            return false;
        }
        SelfTest test = OverheadOptions.selfTest();
        boolean flushes = flush == TlbFlush.ALWAYS || test.blind() != SelfTest.Blind.NO;
        if (flushes) {
            console.note(
                    "the generator flushes its TLB once a slice, so that a second touch sets the accessed bit again;"
                            + " self-test: " + test.text());
        }
        return flushes;
    }

    /** @param verdict null if none was asked for */
    static int done(ReplayReport r, ReplayPlan plan, ReplayVerdict verdict, Console console) throws IOException {
        if (console.isJson()) {
            Map<String, Object> json = ReplayOutput.json(r, plan);
            if (verdict != null) {
                verdict.addTo(json);
            }
            Json.write(json, console.out());
        } else {
            ReplayOutput.print(r, plan, console.out());
            if (verdict != null) {
                verdict.print(console.out());
            }
        }
        if (verdict != null) {
            return verdict.exitCode();
        }
        if (r.beyond() > 0) {
            console.partial(String.format(
                    Locale.ROOT,
                    "note: only %.2f %% of the touches were made: the replay asks for more than this machine can do in time (replay "
                            + "--feasible reports how much)",
                    100 * r.achieved()));
            return ExitCode.PARTIAL;
        }
        return ExitCode.OK;
    }
}
