package org.damson.recorder;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.damson.model.Manifest;
import org.damson.model.TraceSink;
import org.damson.recorder.ring.LiveSource;
import org.damson.recorder.ring.Recorder;
import org.damson.recorder.ring.RecorderStats;
import org.damson.recorder.series.DiskGuard;
import org.damson.recorder.series.FlightRecorder;
import org.damson.recorder.series.SinkOpener;
import org.damson.recorder.series.TraceSeries;
import org.damson.recorder.system.Metrics;
import org.damson.recorder.system.Pressure;
import org.damson.recorder.system.Signals;
import org.damson.recorder.system.SystemdNotifier;

/** Carries out an {@link Operation}: where the rows go, signals, triggers, metrics, the service manager. */
final class Upkeep implements Closeable {
    private static final long METRICS_PERIOD_S = 10;

    private final Operation operation;
    private final Path output;
    private final Consumer<String> notices;
    private final DiskGuard guard;
    private final TraceSeries series;
    private final FlightRecorder flight;
    private final Metrics metrics = new Metrics();
    private SystemdNotifier systemd;

    /**
     * Opens the output.
     *
     * @param notices takes lines for people
     */
    Upkeep(Operation operation, Path output, Manifest facts, SinkOpener opener, Consumer<String> notices)
            throws IOException {
        this.operation = operation;
        this.output = output;
        this.notices = notices;
        TraceSink sink;
        if (operation.flightNs() > 0) {
            flight = new FlightRecorder(
                    output,
                    operation.ring(),
                    operation.flightNs(),
                    budget(),
                    facts,
                    opener,
                    System::nanoTime,
                    Instant::now,
                    notices);
            series = null;
            sink = flight;
        } else if (operation.isSeries()) {
            series = new TraceSeries(
                    output,
                    facts,
                    opener,
                    new TraceSeries.Limits(
                            operation.rotateNs(), operation.rotateBytes(), operation.retainNs(), budget()),
                    System::nanoTime,
                    Instant::now,
                    notices);
            flight = null;
            sink = series;
        } else {
            series = null;
            flight = null;
            sink = opener.open(output, facts);
        }
        Path place = operation.flightNs() > 0 && operation.ring() != null ? operation.ring() : output;
        DiskGuard.Room room = new DiskGuard.Room() {
            @Override
            public long freeBytes() throws IOException {
                // A file store is looked for among the mounts, of which a chroot may see none; a file's name may be no
                // text.
                long bytes = place.toFile().getUsableSpace();
                return bytes > 0 ? bytes : Files.getFileStore(place).getUsableSpace();
            }

            @Override
            public long usedBytes() {
                return sizeBytes();
            }
        };
        guard = new DiskGuard(
                sink, room, operation.minFreeBytes(), operation.maxDiskBytes(), System::nanoTime, notices);
    }

    /** Refuses an output that is taken and not replaced; a series may go on in its directory. */
    static void check(Operation operation, Path output, SinkOpener sinks) throws IOException {
        if (!operation.isSeries() && !sinks.replaces() && Files.exists(output, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(output.toString());
        }
        if (operation.metricsPort() > 0) {
            Metrics.requireFree(operation.metricsPort());
        }
    }

    /** Old traces go before the limit is reached at which recording would pause. */
    private long budget() {
        long mostBytes = operation.maxDiskBytes() - operation.maxDiskBytes() / 5;
        if (operation.retainBytes() == 0 || operation.maxDiskBytes() == 0) {
            return Math.max(operation.retainBytes(), mostBytes);
        }
        return Math.min(operation.retainBytes(), mostBytes);
    }

    TraceSink sink() {
        return guard;
    }

    long sizeBytes() {
        return flight != null
                ? flight.sizeBytes()
                : series != null ? series.sizeBytes() : TraceSeries.sizeBytes(output);
    }

    boolean isPaused() {
        return guard.isPaused();
    }

    long discardedSnapshots() {
        return guard.discardedSnapshots();
    }

    /** Traces begun, or, by a flight recorder, written out. */
    int traces() {
        return flight != null ? flight.written() : series != null ? series.written() : 1;
    }

    /** Begins what goes on beside a recording. */
    void begin(Recorder recorder, LiveSource source, ScheduledExecutorService timer) throws IOException {
        if (flight != null) {
            Signals.handle("USR1", () -> flight.trigger("SIGUSR1"));
            Signals.handle("HUP", flight::rotate);
        } else if (series != null) {
            Signals.handle("HUP", series::rotate);
        }
        for (Operation.Trigger trigger : operation.triggers()) {
            if (flight != null && trigger instanceof Operation.Trigger.Pressure p) {
                watch(p, timer);
            }
        }
        measure(recorder, source);
        if (operation.metricsPort() > 0) {
            metrics.serve(operation.metricsPort());
        }
        if (operation.metricsFile() != null) {
            metrics.writeTo(operation.metricsFile());
            timer.scheduleAtFixedRate(this::writeMetrics, METRICS_PERIOD_S, METRICS_PERIOD_S, TimeUnit.SECONDS);
        }
        systemd = SystemdNotifier.of(System.getenv(), ProcessHandle.current().pid());
        if (systemd != null) {
            systemd.send("READY=1\nSTATUS=recording into " + output);
            if (systemd.watchdogNs() > 0) {
                long halfNs = systemd.watchdogNs() / 2;
                timer.scheduleAtFixedRate(() -> alive(recorder), 0, halfNs, TimeUnit.NANOSECONDS);
            }
        }
    }

    private void watch(Operation.Trigger.Pressure trigger, ScheduledExecutorService timer) {
        Pressure pressure = new Pressure(Path.of("/proc/pressure", trigger.resource()), trigger.percent());
        String reason = trigger.resource() + " pressure of " + trigger.percent() + " %";
        timer.scheduleAtFixedRate(
                () -> {
                    if (pressure.fires()) {
                        flight.trigger(reason);
                    }
                },
                1,
                1,
                TimeUnit.SECONDS);
    }

    /** Tells the service manager that rows are being written; silence makes it restart the service. */
    private void alive(Recorder recorder) {
        long aliveNs = recorder.aliveNs();
        if (aliveNs != 0 && System.nanoTime() - aliveNs > systemd.watchdogNs()) {
            return;
        }
        try {
            RecorderStats s = recorder.stats();
            systemd.send("WATCHDOG=1\nSTATUS=" + (isPaused() ? "paused, " : "") + s.snapshots() + " snapshots, "
                    + sizeBytes() + " bytes");
        } catch (IOException e) {
            notices.accept(e.getMessage());
        }
    }

    private void measure(Recorder recorder, LiveSource source) {
        metrics.counter(
                "damson_snapshots_total",
                "Snapshots written.",
                () -> recorder.stats().snapshots() - guard.discardedSnapshots());
        metrics.counter("damson_region_rows_total", "Region rows handed to the writer.", () -> recorder.stats()
                .regionRows());
        metrics.counter("damson_side_rows_total", "Rows of other tables handed to the writer.", () -> recorder.stats()
                .sideRows());
        metrics.counter("damson_lost_events_total", "Events known to be missing from the source.", source::lostEvents);
        metrics.counter(
                "damson_kdamond_cpu_seconds_total", "Processor time of the kernel threads that monitor.", () -> {
                    long ns = source.kdamondCpuNs();
                    return ns < 0 ? Double.NaN : ns / 1e9;
                });
        metrics.counter(
                "damson_dropped_snapshots_total",
                "Snapshots dropped because the writer was behind.",
                () -> recorder.stats().droppedSnapshots());
        metrics.counter(
                "damson_paused_snapshots_total",
                "Snapshots dropped because the disk was full.",
                guard::discardedSnapshots);
        metrics.gauge("damson_paused", "1 while the disk is full.", () -> guard.isPaused() ? 1 : 0);
        metrics.gauge("damson_trace_bytes", "Bytes that the recording takes on disk.", this::sizeBytes);
        metrics.counter("damson_traces_total", "Traces begun, or written out by a flight recorder.", this::traces);
        metrics.counter(
                "damson_flushes_total", "Flushes done.", () -> recorder.stats().flushes());
        metrics.counter(
                "damson_flush_seconds_total",
                "Time that flushes took.",
                () -> recorder.stats().flushNs() / 1e9);
        metrics.gauge(
                "damson_flush_seconds_max",
                "Time that the longest flush took.",
                () -> recorder.stats().longestFlushNs() / 1e9);
        metrics.gauge("damson_backlog", "Snapshots and batches that wait to be written.", recorder::backlog);
        metrics.addProcess();
    }

    private void writeMetrics() {
        try {
            metrics.writeTo(operation.metricsFile());
        } catch (IOException e) {
            notices.accept(operation.metricsFile() + ": metrics not written: " + e.getMessage());
        }
    }

    /**
     * Says that recording is over, before the sink is closed.
     *
     * @param exit exit status of the recorded command, null if unknown
     * @param targetsEnded whether it is over because the recorded processes are
     */
    void ended(Integer exit, boolean targetsEnded) {
        for (Operation.Trigger trigger : operation.triggers()) {
            if (flight != null && trigger instanceof Operation.Trigger.Death && targetsEnded) {
                flight.trigger("all recorded processes ended");
            }
            if (flight != null && trigger instanceof Operation.Trigger.Exit e && exit != null) {
                if (e.status() == null ? exit != 0 : e.status().equals(exit)) {
                    flight.trigger("exit status " + exit);
                }
            }
        }
        notifySystemd("STOPPING=1");
    }

    private void notifySystemd(String assignments) {
        if (systemd != null) {
            try {
                systemd.send(assignments);
            } catch (IOException e) {
                notices.accept(e.getMessage());
            }
        }
    }

    /** Stops the background work of a recording; the writer closes the sink. */
    @Override
    public void close() {
        if (operation.metricsFile() != null) {
            writeMetrics();
        }
        metrics.close();
        if (systemd != null) {
            systemd.close();
        }
    }
}
