package org.damson.cli.record;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.command.NativeTools;
import org.damson.cli.command.Outputs;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.Unfinished;
import org.damson.cli.command.UsageException;
import org.damson.cli.command.VerbOption;
import org.damson.cli.command.Version;
import org.damson.cli.console.Console;
import org.damson.cli.input.Certificates;
import org.damson.cli.input.CurvesOption;
import org.damson.cli.input.LabelOption;
import org.damson.cli.input.Symbols;
import org.damson.cli.input.TraceFiles;
import org.damson.damon.setup.DamonSetup;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Units;
import org.damson.model.text.NativeText;
import org.damson.recorder.LiveConfig;
import org.damson.recorder.LiveRecording;
import org.damson.recorder.Operation;
import org.damson.recorder.referenced.Distortion;
import org.damson.recorder.referenced.OverheadBudget;
import org.damson.recorder.referenced.TlbFlush;
import org.damson.recorder.ring.RecorderStats;
import org.damson.recorder.series.SinkOpener;
import org.damson.recorder.stacks.KeptFiles;
import org.damson.recorder.stacks.StackRequest;
import org.damson.symbols.UserStackUnwinder;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/** {@code damson record -o TRACE -- COMMAND}: records a command, or processes that run already. */
public final class RecordCommand implements Command {
    private static final Option OUTPUT =
            Shared.output("TRACE", "output trace (default: the command's name with .damson)");
    private static final Option PID =
            Shared.value("p", "pid", "PID[,PID]", "record these running processes instead of a command");
    private static final Option DURATION =
            Shared.value("d", "duration", "TIME", "stop after this long, as in 30s; else when the targets end");
    static final Option SAMPLE = Shared.value(null, "sample", "TIME", "sampling interval (default 100ms, DAMON 5ms)");
    static final Option AGGR =
            Shared.value(null, "aggr", "TIME", "aggregation interval, span of a snapshot (default 1s, DAMON 100ms)");
    private static final Option MAX_CPU = Shared.expert(Shared.value(
            null, "max-cpu", "PERCENT", "upper bound on the CPU time of sampling, in percent of one CPU (default 5)"));
    private static final Option SELF_TEST = Shared.expert(Shared.flag(
            null,
            "self-test",
            "first measure, for some seconds, what share of busy memory is detected on this machine"));
    private static final Option NO_CHILDREN =
            Shared.expert(Shared.flag(null, "no-children", "do not follow child processes"));

    @Override
    public String name() {
        return "record";
    }

    @Override
    public String summary() {
        return "record how a command, or a running process, touches its memory";
    }

    @Override
    public String usage() {
        return "[-o TRACE] (-- COMMAND [ARGUMENTS] | --pid PID | --paddr | --attach)";
    }

    @Override
    public String example() {
        return "damson record -o run.damson -- sleep 5";
    }

    @Override
    public boolean takesCommand() {
        return true;
    }

    @Override
    public boolean endsBySignal() {
        return true;
    }

    @Override
    public Options options() {
        Options all = Shared.of(
                OUTPUT,
                PID,
                DURATION,
                SAMPLE,
                AGGR,
                MAX_CPU,
                NO_CHILDREN,
                SELF_TEST,
                OverheadOptions.WRITTEN,
                StackOption.STACKS,
                StackOption.UNWIND,
                StackOption.HARDWARE,
                CurvesOption.CURVES,
                LabelOption.LABEL,
                Shared.OWNER);
        OverheadOptions.OPTIONS.forEach(o -> all.addOption((Option) o.clone()));
        Selection.OPTIONS.forEach(o -> all.addOption((Option) o.clone()));
        DamonRecording.OPTIONS.forEach(o -> all.addOption((Option) o.clone()));
        Shared.add(all, VerbOption.Heading.DAMON, DamonRecording.OWN_ONLY);
        Shared.add(all, VerbOption.Heading.SERVICE, OperationOptions.OPTIONS);
        return all;
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        List<String> command = line.getArgList();
        boolean damon = DamonRecording.isWanted(line);
        int subjects = (command.isEmpty() ? 0 : 1)
                + (line.hasOption(DamonRecording.PADDR) ? 1 : 0)
                + (line.hasOption(DamonRecording.FEED) ? 1 : 0)
                + (line.hasOption(PID) || Selection.isGiven(line) ? 1 : 0)
                + (line.hasOption(DamonRecording.ATTACH) ? 1 : 0);
        if (subjects != 1) {
            throw new UsageException(
                    subjects == 0
                            ? "nothing to record: give -- COMMAND, --pid PID, --cgroup, --name, --pid-file, --paddr, or --attach"
                            : "a command, --pid, --paddr and --attach exclude one another");
        }
        if (damon && line.hasOption(OverheadOptions.WRITTEN)) {
            throw new UsageException(
                    "--written: DAMON does not distinguish writes from reads; record referenced bits instead");
        }
        if (damon && !DamonRecording.mayFallBack(line)) {
            OverheadOptions.refuse(line);
        }
        LabelOption.require(line);
        try (UserStackUnwinder unwinder = StackOption.unwinder(line, console);
                KeptFiles kept = new KeptFiles()) {
            StackRequest stacks = StackOption.read(line, !line.hasOption(NO_CHILDREN), unwinder, kept);
            int status = record(line, command, damon, stacks, console);
            boolean isCutShort = unwinder != null && unwinder.isCutShort();
            return status == ExitCode.OK && isCutShort ? ExitCode.PARTIAL : status;
        }
    }

    private static int record(
            CommandLine line, List<String> command, boolean damon, StackRequest stacks, Console console)
            throws IOException, InterruptedException {
        Operation operation = OperationOptions.read(line);
        List<Long> pids = pids(line);
        LiveConfig defaults = LiveConfig.of(output(line, command, operation), command, pids, 0);
        MonitoringAttrs damons = DamonSetup.DEFAULT.attrs();
        long sampleUs = timeUs(line, SAMPLE, damon ? damons.sampleUs() : defaults.sampleUs());
        long aggrUs = timeUs(line, AGGR, Math.max(sampleUs, damon ? damons.aggrUs() : defaults.aggrUs()));
        if (sampleUs < (damon ? 1 : 1000) || aggrUs < sampleUs) {
            throw new UsageException("--sample: 1ms or more; --aggr: no less than --sample");
        }
        double share = line.hasOption(MAX_CPU)
                ? Quantities.percent(MAX_CPU, line.getOptionValue(MAX_CPU)) / 100
                : defaults.maxCpuShare();
        if (!(share > 0 && share <= 1)) {
            throw new UsageException("--max-cpu: more than 0, up to 100");
        }
        long durationNs = line.hasOption(DURATION) ? Quantities.positiveNs(DURATION, line.getOptionValue(DURATION)) : 0;
        OverheadBudget unbounded = OverheadOptions.unbounded(line);
        if (!damon) {
            requireReadable(defaults);
        }
        LiveConfig config = new LiveConfig(
                defaults.output(),
                defaults.command(),
                defaults.pids(),
                durationNs,
                sampleUs,
                aggrUs,
                share,
                !line.hasOption(NO_CHILDREN),
                damon ? unbounded : OverheadOptions.read(line, console),
                line.hasOption(OverheadOptions.WRITTEN),
                defaults.recorder(),
                stacks,
                line.hasOption(StackOption.HARDWARE));
        LiveRecording.SourceOpener source =
                damon ? DamonRecording.source(line, config, List::of, console) : LiveRecording.referenced(config);
        LiveRecording.requireTargets(config);
        return record(
                config,
                operation,
                source,
                Shared.owner(line, console),
                line.hasOption(SELF_TEST) ? selfTest(config, console) : List.of(),
                line,
                console);
    }

    /** Before this machine is measured for what cannot be recorded. */
    private static void requireReadable(LiveConfig config) throws IOException {
        LiveRecording.requireTargets(config);
        if (!config.pids().isEmpty()) {
            LiveRecording.referenced(config).open(config.pids(), System::nanoTime);
        }
    }

    /** What is in reach of the TLB, and what is not. */
    private static List<String> selfTest(LiveConfig config, Console console) throws IOException, InterruptedException {
        List<String> found = new ArrayList<>();
        for (long sizeBytes : new long[] {10 << 20, 32 << 20}) {
            String text = Distortion.measure(
                            NativeTools.accessgen(),
                            sizeBytes,
                            config.sampleUs(),
                            config.overhead().shouldFlush() ? TlbFlush.AUTO : TlbFlush.NEVER)
                    .text();
            console.note("self-test: " + text);
            found.add(text);
        }
        return found;
    }

    /** Records and says what came of it. */
    private static int record(
            LiveConfig config,
            Operation operation,
            LiveRecording.SourceOpener source,
            String owner,
            List<String> selfTest,
            CommandLine line,
            Console console)
            throws IOException {
        // What the recorded command prints follows what damson printed before.
        console.out().flush();
        OwnJars.hold();
        WriterOptions live = WriterOptions.LIVE;
        WriterOptions options = new WriterOptions(
                true, live.segmentRows(), live.segmentNs(), config.recorder().flushNs(), live.syncNs(), owner);
        SinkOpener sinks = (path, manifest) -> {
            manifest.toolVersion = Version.text();
            if (!selfTest.isEmpty()) {
                ManifestKey.SELF_TEST.put(manifest, selfTest);
            }
            LabelOption.addTo(manifest, line);
            Certificates.addTo(manifest);
            return CurvesOption.ofRecording(Traces.create(path, manifest, options), line, path, console);
        };
        LiveRecording.Result result;
        boolean isEnding = false;
        try (Unfinished.Hold untilNamed = new Unfinished.Hold()) {
            result = LiveRecording.record(
                    config,
                    operation,
                    source,
                    line.hasOption(Shared.FORCE) ? new ReplacingSinks(sinks) : sinks,
                    new RecordingLine(console),
                    done -> {
                        report(config, operation, done, console);
                        // Whoever ends a recording by a signal wants its names too, and this process ends when this
                        // returns.
                        if (untilNamed.isAsked() && wantsNames(operation, done)) {
                            Symbols.atEnd(
                                    config.output(), config.stacks().kept().paths(), line, console);
                        }
                    });
            isEnding = untilNamed.isAsked();
        }
        if (!isEnding && wantsNames(operation, result)) {
            // A recording that is complete does not wait for its names if a signal comes now.
            console.begin("symbolize");
            Symbols.atEnd(config.output(), config.stacks().kept().paths(), line, console);
            console.end();
        }
        return result.isWhole() ? ExitCode.OK : ExitCode.PARTIAL;
    }

    private static boolean wantsNames(Operation operation, LiveRecording.Result result) {
        return !operation.isSeries() && StackOption.isAny(result.stacks());
    }

    private static void report(LiveConfig config, Operation operation, LiveRecording.Result result, Console console)
            throws IOException {
        RecorderStats stats = result.stats();
        if (console.isJson()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("trace", config.output().toString());
            json.put("snapshots", stats.snapshots() - result.pausedSnapshots());
            json.put("regions", stats.regionRows());
            json.put("dropped_snapshots", stats.droppedSnapshots());
            json.put("lost_events", result.lostEvents());
            json.put("paused_snapshots", result.pausedSnapshots());
            json.put("traces", result.traces());
            json.put("command_exit", result.commandExit());
            json.put("note", result.note());
            StackOption.report(result.stacks(), json);
            Json.write(json, console.out());
        } else {
            String recorded = "recorded " + Units.count(stats.snapshots() - result.pausedSnapshots(), "snapshot") + ", "
                    + Units.count(stats.regionRows(), "region") + StackOption.recorded(result.stacks())
                    + (stats.hasLosses() ? ", LOST " + Units.count(stats.droppedSnapshots(), "snapshot") : "")
                    + (result.lostEvents() > 0 ? ", LOST " + Units.count(result.lostEvents(), "event") : "");
            boolean isAnyLost = stats.hasLosses()
                    || result.lostEvents() > 0
                    || result.stacks() != null && !result.stacks().isWhole();
            say(recorded, isAnyLost, console);
            if (result.pausedSnapshots() > 0) {
                console.partial("LOST " + Units.count(result.pausedSnapshots(), "snapshot")
                        + " while the disk was full; see table losses");
            }
            if (result.commandExit() != null) {
                console.note("the command ended with exit status " + result.commandExit());
            }
            if (!result.note().isEmpty()) {
                say("note: " + result.note(), !result.isWhole(), console);
            }
            if (operation.isSeries()) {
                console.note("wrote " + Units.count(result.traces(), "trace") + " into " + config.output());
            } else {
                TraceFiles.announce(config.output(), console);
            }
        }
        console.out().flush();
    }

    private static void say(String line, boolean isPartial, Console console) {
        if (isPartial) {
            console.partial(line);
        } else {
            console.note(line);
        }
    }

    private static Path output(CommandLine line, List<String> command, Operation operation) throws IOException {
        if (line.hasOption(OUTPUT)) {
            return place(line, line.getOptionValue(OUTPUT), operation);
        }
        String name = command.isEmpty() && !line.hasOption(PID)
                ? "damon"
                : command.isEmpty()
                        ? "pid" + line.getOptionValue(PID).split(",")[0]
                        : NativeText.readable(
                                command.get(0).substring(command.get(0).lastIndexOf('/') + 1));
        return place(line, operation.isSeries() ? name + ".traces" : name + ".damson", operation);
    }

    /** A series goes on in a directory that is there. */
    private static Path place(CommandLine line, String name, Operation operation) throws IOException {
        if (operation.isSeries() && line.hasOption(Shared.FORCE)) {
            throw new UsageException(
                    "--force replaces one trace; it cannot be used with a series, which continues in its directory");
        }
        return operation.isSeries() ? NativeText.path(name) : Outputs.newTrace(line, name);
    }

    private static List<Long> pids(CommandLine line) throws IOException {
        List<Long> pids = new ArrayList<>(Selection.pids(line, Path.of("/proc")));
        if (line.hasOption(PID)) {
            for (String text : line.getOptionValue(PID).split(",", -1)) {
                long pid = Quantities.count(PID, text);
                if (pid < 1 || pid > Integer.MAX_VALUE) {
                    throw new UsageException("--pid: '" + text + "' is not a process ID");
                }
                pids.add(pid);
            }
        }
        return pids.stream().distinct().toList();
    }

    private static long timeUs(CommandLine line, Option option, long normal) {
        return line.hasOption(option) ? Quantities.durationUs(option, line.getOptionValue(option)) : normal;
    }
}
