package org.damson.recorder;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.damson.model.Manifest;
import org.damson.model.TraceSink;
import org.damson.model.Units;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/** The whole of {@code damson record}: start or attach, record, seal on a signal, report. */
public final class LiveRecording {
    /** Opens the trace once it is known that there is something to record. */
    public interface SinkOpener {
        /** Creates the trace directory. */
        TraceSink open(Path path, Manifest manifest) throws IOException;
    }

    /**
     * What came of it.
     *
     * @param commandExit exit status of the recorded command, null if none was started or it was still running
     * @param stats what the recorder did
     * @param exitCode 0, or 5 when the trace has losses or is empty
     * @param note one line for people when something needs explaining, else empty
     */
    public record Result(Integer commandExit, RecorderStats stats, int exitCode, String note) {}

    private LiveRecording() {}

    /** Records into a live trace directory: {@link #record(LiveConfig, SinkOpener, PrintStream)}. */
    public static Result record(LiveConfig config, PrintStream status) throws IOException {
        WriterOptions d = WriterOptions.LIVE;
        WriterOptions options = new WriterOptions(
                true, d.segmentRows(), d.segmentNs(), config.recorder().flushNs(), d.syncNs(), null);
        return record(config, (path, manifest) -> Traces.create(path, manifest, options), status);
    }

    /**
     * Records until the targets end, the time is over or a signal comes.
     *
     * @param status takes notices; a live line too if a terminal is attached
     * @throws IOException one line, when recording could not begin or could not go on
     */
    public static Result record(LiveConfig config, SinkOpener opener, PrintStream status) throws IOException {
        Manifest manifest = new Manifest();
        describeHost(manifest, status);
        if (Files.exists(config.output(), java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(config.output() + ": exists already");
        }
        Process command = null;
        List<Long> pids = config.pids();
        if (!config.command().isEmpty()) {
            try {
                command = new ProcessBuilder(config.command()).inheritIO().start();
            } catch (IOException e) {
                throw new IOException("cannot run " + config.command().get(0) + ": " + e.getMessage(), e);
            }
            pids = List.of(command.pid());
            manifest.recording.put("command", config.command());
        }
        try {
            return run(config, opener, status, manifest, command, pids);
        } catch (IOException | RuntimeException e) {
            if (command != null && command.isAlive()) {
                command.destroy(); // it was started only to be recorded
            }
            throw e;
        }
    }

    private static Result run(
            LiveConfig config,
            SinkOpener opener,
            PrintStream status,
            Manifest manifest,
            Process command,
            List<Long> pids)
            throws IOException {
        ReferencedSource source;
        try {
            source = new ReferencedSource(
                    new ReferencedConfig(
                            pids, config.sampleUs(), config.aggrUs(), config.maxCpuShare(), config.followChildren()),
                    System::nanoTime);
        } catch (IOException e) {
            if (command != null && !command.isAlive()) {
                throw new IOException(
                        "the command ended at once, exit status " + command.exitValue() + ": nothing was recorded", e);
            }
            throw e;
        }
        source.describe(manifest);
        manifest.flushIntervalNs = config.recorder().flushNs();
        TraceSink sink = opener.open(config.output(), manifest);
        List<Sampler> side = List.of(new MappingsSampler(source::pids), new FootprintSampler(source::pids));
        Recorder recorder = new Recorder(config.recorder(), source, sink, side, System::nanoTime);
        CountDownLatch sealed = new CountDownLatch(1);
        Thread hook = new Thread(
                () -> {
                    recorder.stop();
                    try {
                        sealed.await(30, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "damson-seal");
        Runtime.getRuntime().addShutdownHook(hook);
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(r -> {
            Thread t = new Thread(r, "damson-timer");
            t.setDaemon(true);
            return t;
        });
        Integer exit = null;
        try {
            if (config.durationNs() > 0) {
                timer.schedule(recorder::stop, config.durationNs(), TimeUnit.NANOSECONDS);
            }
            boolean live = System.console() != null;
            if (live) {
                timer.scheduleAtFixedRate(() -> line(recorder, status), 1, 1, TimeUnit.SECONDS);
            }
            try (recorder) {
                recorder.run();
                exit = exitOf(command);
                if (exit != null) {
                    sink.manifest().recording.put("exit_status", (long) exit);
                }
            }
            if (live) {
                status.println();
            }
        } finally {
            timer.shutdownNow();
            sealed.countDown();
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException shuttingDown) {
                // The hook runs already; it has been released above.
                sealed.countDown();
            }
        }
        RecorderStats stats = recorder.stats();
        String note = stats.snapshots() == 0 ? "the target ended before the first sample: the trace is empty" : "";
        return new Result(exit, stats, stats.hasLosses() || stats.snapshots() == 0 ? 5 : 0, note);
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

    private static void line(Recorder recorder, PrintStream status) {
        RecorderStats s = recorder.stats();
        long cpuNs = 0;
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean os) {
            cpuNs = os.getProcessCpuTime();
        }
        status.print("\r" + s.snapshots() + " snapshots, " + (s.regionRows() + s.sideRows()) + " rows, "
                + (s.droppedSnapshots() + s.droppedSideBatches()) + " lost, own CPU " + Units.duration(cpuNs) + "   ");
        status.flush();
    }

    private static void describeHost(Manifest m, PrintStream status) {
        m.clock = Manifest.ClockKind.MONOTONIC;
        long mono = System.nanoTime();
        java.time.Instant now = java.time.Instant.now();
        m.toEpochNs = now.getEpochSecond() * 1_000_000_000L + now.getNano() - mono;
        String uptime = Proc.text(Path.of("/proc/uptime"));
        if (!uptime.isEmpty()) {
            double seconds = Double.parseDouble(uptime.substring(0, uptime.indexOf(' ')));
            m.toBootNs = (long) (seconds * 1e9) - mono;
        }
        m.host.put("kernel", System.getProperty("os.version"));
        m.host.put("cpus", (long) Runtime.getRuntime().availableProcessors());
        String kdamonds = Proc.text(Path.of("/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds"))
                .trim();
        String stat =
                Proc.text(Path.of("/sys/module/damon_stat/parameters/enabled")).trim();
        boolean used = !kdamonds.isEmpty() && !kdamonds.equals("0") || stat.equals("Y");
        String state = used ? "in use by somebody else, left alone" : kdamonds.isEmpty() ? "not found" : "not in use";
        m.host.put("damon", state);
        if (used) {
            status.println("damson: DAMON is in use by somebody else; it is left alone, referenced bits are used");
        }
    }
}
