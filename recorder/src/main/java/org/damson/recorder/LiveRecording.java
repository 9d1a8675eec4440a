package org.damson.recorder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.TraceSink;
import org.damson.model.Units;
import org.damson.model.text.NativeText;
import org.damson.recorder.damon.DamonStatistics;
import org.damson.recorder.damon.DamonUsers;
import org.damson.recorder.referenced.ReferencedConfig;
import org.damson.recorder.referenced.ReferencedSource;
import org.damson.recorder.ring.LiveSource;
import org.damson.recorder.ring.Recorder;
import org.damson.recorder.ring.RecorderStats;
import org.damson.recorder.ring.Sampler;
import org.damson.recorder.series.SinkOpener;
import org.damson.recorder.stacks.StackResult;
import org.damson.recorder.system.FootprintSampler;
import org.damson.recorder.system.HostFacts;
import org.damson.recorder.system.MappingsSampler;
import org.damson.recorder.system.Metrics;
import org.damson.recorder.system.StartGate;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/** Runs {@code damson record}: start or attach, record, seal on a signal, report. */
public final class LiveRecording {
    /** Opens the source of snapshots. */
    public interface SourceOpener {
        /**
         * A source that monitors these processes.
         *
         * @param clock the trace's clock, nanoseconds
         */
        LiveSource open(List<Long> pids, LongSupplier clock) throws IOException;
    }

    /** Reports the result of a recording. */
    public interface Reporter {
        void report(Result result) throws IOException;
    }

    /**
     * Outcome.
     *
     * @param commandExit exit status of the recorded command, null if none was started or it was still running
     * @param stats what the recorder did
     * @param lostEvents events of the source that are missing, an unknown number counted as one
     * @param pausedSnapshots snapshots that are missing because there was no room on disk
     * @param traces traces written; more than one only in a series, and possibly none by a flight recorder
     * @param isWhole false when the trace has losses, is empty or could not be finished
     * @param note one line for people when something needs explaining, else empty
     * @param stacks what came of recording call stacks, null if none were wanted
     */
    public record Result(
            Integer commandExit,
            RecorderStats stats,
            long lostEvents,
            long pausedSnapshots,
            int traces,
            boolean isWhole,
            String note,
            StackResult stacks) {}

    private LiveRecording() {}

    /** Records referenced bits into a live trace directory. */
    public static Result record(LiveConfig config, RecordingStatus status) throws IOException {
        WriterOptions options = WriterOptions.LIVE;
        return record(
                config,
                referenced(config),
                (path, manifest) -> Traces.create(path, manifest, options),
                status,
                result -> {});
    }

    /** The source of referenced bits, which works everywhere. */
    public static SourceOpener referenced(LiveConfig config) {
        return (pids, clock) -> new ReferencedSource(
                new ReferencedConfig(
                        pids,
                        config.sampleUs(),
                        config.aggrUs(),
                        config.maxCpuShare(),
                        config.followChildren(),
                        config.overhead(),
                        config.written()),
                clock);
    }

    /**
     * Refuses what {@link #record} would refuse once it begins: for who measures the machine before.
     *
     * @throws IOException one line that names the command or process that is not there
     */
    public static void requireTargets(LiveConfig config) throws IOException {
        if (!config.command().isEmpty()) {
            StartGate.require(config.command());
        }
        for (long pid : config.pids()) {
            if (!Files.exists(Path.of("/proc", String.valueOf(pid)))) {
                throw new IOException("process " + pid + " does not exist");
            }
        }
    }

    /**
     * Records until the targets end, the time is over or a signal comes. After a signal this process ends when
     * {@code report} has returned, and a command that was started to be recorded is asked to end too.
     *
     * @param status receives progress
     * @param report receives the result when the trace is complete
     * @throws IOException one line, when recording could not begin or could not go on
     */
    public static Result record(
            LiveConfig config, SourceOpener sources, SinkOpener sinks, RecordingStatus status, Reporter report)
            throws IOException {
        return record(config, Operation.PLAIN, sources, sinks, status, report);
    }

    /** The same, with rotation, limits and triggers as {@code operation} sets them. */
    public static Result record(
            LiveConfig config,
            Operation operation,
            SourceOpener sources,
            SinkOpener sinks,
            RecordingStatus status,
            Reporter report)
            throws IOException {
        Upkeep.check(operation, config.output(), sinks);
        Manifest manifest = new Manifest();
        HostFacts.describe(manifest, DamonUsers.describe(Path.of("/sys")));
        if (config.command().isEmpty()) {
            return run(config, operation, sources, sinks, status, report, manifest, null, config.pids());
        }
        ManifestKey.COMMAND.put(
                manifest, config.command().stream().map(NativeText::readable).toList());
        try (StartGate gate = StartGate.hold(config.command())) {
            try {
                return run(
                        config,
                        operation,
                        sources,
                        sinks,
                        status,
                        report,
                        manifest,
                        gate,
                        List.of(gate.process().pid()));
            } catch (IOException | RuntimeException e) {
                gate.process().destroy(); // it was started only to be recorded
                throw e;
            }
        }
    }

    private static Result run(
            LiveConfig config,
            Operation operation,
            SourceOpener sources,
            SinkOpener sinks,
            RecordingStatus status,
            Reporter report,
            Manifest manifest,
            StartGate gate,
            List<Long> pids)
            throws IOException {
        LiveSource source = sources.open(pids, System::nanoTime);
        source.tellTo(status::notice);
        source.describe(manifest);
        try (StackCapture stacks = StackCapture.of(config, pids, manifest, status)) {
            return run(config, operation, source, stacks, sinks, status, report, manifest, gate);
        }
    }

    private static Result run(
            LiveConfig config,
            Operation operation,
            LiveSource source,
            StackCapture stacks,
            SinkOpener sinks,
            RecordingStatus status,
            Reporter report,
            Manifest manifest,
            StartGate gate)
            throws IOException {
        manifest.flushIntervalNs = config.recorder().flushNs();
        Upkeep upkeep = new Upkeep(operation, config.output(), manifest, sinks, status::warning);
        TraceSink sink = upkeep.sink();
        Recorder recorder = new Recorder(
                config.recorder(), source, sink, samplers(source, stacks), stacks.feeds(), System::nanoTime);
        Process command = gate == null ? null : gate.process();
        CountDownLatch reported = new CountDownLatch(1);
        Thread hook = new Thread(() -> sealAtShutdown(recorder, reported, command), "damson-seal");
        Runtime.getRuntime().addShutdownHook(hook);
        ScheduledExecutorService timer = timer();
        try {
            Integer exit = null;
            String broken = "";
            try (recorder) {
                upkeep.begin(recorder, source, timer);
                letTargetsRun(source, gate);
                if (config.durationNs() > 0) {
                    timer.schedule(recorder::stop, config.durationNs(), TimeUnit.NANOSECONDS);
                }
                if (status.wantsProgress()) {
                    timer.scheduleAtFixedRate(() -> line(recorder, source, upkeep, status), 1, 1, TimeUnit.SECONDS);
                }
                recorder.run();
                exit = exitOf(command);
                summarize(source, stacks, exit, sink.manifest());
                upkeep.ended(exit, recorder.hasSourceEnded());
            } catch (IOException e) {
                if (recorder.stats().flushes() == 0) {
                    throw e;
                }
                // What was flushed is a result, though not the one that was wanted.
                broken = e.getMessage() + "; damson recover " + config.output() + " seals what was flushed";
                if (command != null) {
                    command.destroy();
                }
            }
            timer.shutdownNow();
            status.ended();
            Result result =
                    result(recorder.stats(), source.lostEvents(), stacks.result(), upkeep, exit, command, broken);
            report.report(result);
            return result;
        } finally {
            timer.shutdownNow();
            upkeep.close();
            reported.countDown(); // which releases the hook if it runs
            remove(hook);
        }
    }

    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            return; // it runs already
        }
    }

    private static List<Sampler> samplers(LiveSource source, StackCapture stacks) {
        List<Sampler> side =
                new ArrayList<>(List.of(new MappingsSampler(source::pids), new FootprintSampler(source::pids)));
        side.addAll(source.samplers());
        side.addAll(stacks.samplers());
        side.addAll(DamonStatistics.samplers(Path.of("/sys")));
        return side;
    }

    private static ScheduledExecutorService timer() {
        return Executors.newSingleThreadScheduledExecutor(r -> {
            Thread t = new Thread(r, "damson-timer");
            t.setDaemon(true);
            return t;
        });
    }

    /** @param gate behind which a command waits that was started to be recorded; null without one */
    private static void letTargetsRun(LiveSource source, StartGate gate) throws IOException {
        source.arm();
        if (gate != null) {
            gate.open();
        }
        source.targetsRun();
    }

    /** @param exit status of the command; null without one */
    private static void summarize(LiveSource source, StackCapture stacks, Integer exit, Manifest manifest) {
        synchronized (manifest) {
            source.summarize(manifest);
            stacks.summarize(manifest);
            if (exit != null) {
                ManifestKey.EXIT_STATUS.put(manifest, (long) exit);
            }
        }
    }

    private static Result result(
            RecorderStats stats,
            long lostEvents,
            StackResult stacks,
            Upkeep upkeep,
            Integer exit,
            Process command,
            String broken) {
        String note = broken;
        if (!broken.isEmpty()) {
            // said
        } else if (stats.snapshots() == 0) {
            note = exit == null
                    ? "recording stopped before the first sample was complete: the trace is empty"
                    : "the command ended before its first sample was complete: the trace is empty";
        } else if (command != null && exit == null) {
            note = "the command still runs, process " + command.pid();
        }
        long paused = upkeep.discardedSnapshots();
        boolean whole = !stats.hasLosses()
                && lostEvents == 0
                && paused == 0
                && stats.snapshots() > 0
                && broken.isEmpty()
                && (stacks == null || stacks.isWhole());
        return new Result(exit, stats, lostEvents, paused, upkeep.traces(), whole, note, stacks);
    }

    private static void sealAtShutdown(Recorder recorder, CountDownLatch reported, Process command) {
        recorder.stop();
        try {
            reported.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (command != null) {
            command.destroy();
        }
    }

    /** Exit status; waits a moment, because memory is gone a little before the process is. */
    private static Integer exitOf(Process command) {
        if (command == null) {
            return null;
        }
        try {
            return command.waitFor(200, TimeUnit.MILLISECONDS) ? command.exitValue() : null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private static void line(Recorder recorder, LiveSource source, Upkeep upkeep, RecordingStatus status) {
        RecorderStats s = recorder.stats();
        String pace = source.pace();
        status.progress(
                Units.count(s.snapshots(), "snapshot") + ", " + Units.count(s.regionRows() + s.sideRows(), "row") + ", "
                        + Units.bytes(upkeep.sizeBytes()) + ", "
                        + (s.droppedSnapshots() + s.droppedSideBatches() + upkeep.discardedSnapshots())
                        + " lost, own CPU " + Units.duration(Metrics.ownCpuNs()) + (upkeep.isPaused() ? ", PAUSED" : "")
                        + (pace.isEmpty() ? "" : "; " + pace));
    }
}
