package org.damson.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.recorder.ForwardingSource;
import org.damson.recorder.SyntheticSource;
import org.damson.recorder.ring.OverflowPolicy;
import org.damson.recorder.ring.Recorder;
import org.damson.recorder.ring.RecorderConfig;
import org.damson.recorder.ring.RecorderStats;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/**
 * Records synthetic snapshots into a live trace: source, ring, journal, seal. {@code Capture OUTPUT REGIONS
 * SNAPSHOTS_PER_SECOND WARM_UP_SECONDS SECONDS}; a rate of 0 is as fast as it goes, waiting for the writer, and
 * OUTPUT {@code idle} only sleeps. CPU is that of the whole process after the warm-up. Prints one line of JSON; exits
 * with 1 if the trace does not hold every snapshot that was not counted as dropped.
 */
public final class Capture {
    private Capture() {}

    /** Runs it. */
    public static void main(String[] args) throws Exception {
        int regions = Integer.parseInt(args[1]);
        double rate = Double.parseDouble(args[2]);
        long warmNs = (long) (Double.parseDouble(args[3]) * 1e9);
        long runNs = (long) (Double.parseDouble(args[4]) * 1e9);
        if (args[0].equals("idle")) {
            Thread.sleep(warmNs / 1_000_000);
            long cpuNs = cpuNs();
            Thread.sleep(runNs / 1_000_000);
            System.out.printf(
                    Locale.ROOT, "{\"cpu_percent\": %.3f, \"peak_mib\": %.1f}%n", share(cpuNs, runNs), peakMib());
            return;
        }
        Paced source = new Paced(new SyntheticSource(1, Long.MAX_VALUE, regions, 0.2), rate, warmNs, runNs);
        OverflowPolicy policy = rate == 0 ? OverflowPolicy.BLOCK : OverflowPolicy.DROP_NEWEST;
        RecorderConfig d = RecorderConfig.DEFAULTS;
        Manifest manifest = new Manifest();
        source.describe(manifest);
        Path output = Path.of(args[0]);
        Recorder recorder = new Recorder(
                new RecorderConfig(d.slots(), policy, d.flushNs(), d.sideNs()),
                source,
                Traces.create(output, manifest, WriterOptions.LIVE),
                List.of(),
                System::nanoTime);
        RecorderStats stats;
        try (recorder) {
            stats = recorder.run();
        }
        long stored;
        try (TraceSource trace = Traces.open(output)) {
            stored = trace.rowCount(Table.REGIONS);
        }
        System.out.printf(
                Locale.ROOT,
                "{\"rows\": %d, \"seconds\": %.2f, \"rows_per_second\": %.0f, \"dropped_snapshots\": %d,"
                        + " \"cpu_percent\": %.3f, \"late_ms\": %.1f, \"peak_mib\": %.1f}%n",
                stats.regionRows(),
                source.tookNs / 1e9,
                source.madeAfterWarmUp * regions / (source.tookNs / 1e9),
                stats.droppedSnapshots(),
                share(source.cpuNs, source.tookNs),
                source.latestNs / 1e6,
                peakMib());
        if (stored != stats.regionRows() || stored + stats.droppedSnapshots() * regions != source.made * regions) {
            System.err.println(stored + " rows stored of " + source.made * regions + " made");
            System.exit(1);
        }
    }

    private static double share(long cpuBeforeNs, long tookNs) {
        return 100.0 * (cpuNs() - cpuBeforeNs) / tookNs;
    }

    private static long cpuNs() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private static double peakMib() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:")) {
                return Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024;
            }
        }
        return Double.NaN;
    }

    /** Gives snapshots at absolute deadlines, for warm-up and run together. */
    private static final class Paced extends ForwardingSource {
        private final double periodNs;
        private final long warmNs;
        private final long endNs;
        private long beganNs;
        private long warmedAtNs;
        private boolean warm;
        long cpuNs;
        long made;
        long madeAfterWarmUp;
        long tookNs;
        long latestNs;

        Paced(SyntheticSource source, double rate, long warmNs, long runNs) {
            super(source);
            this.periodNs = rate == 0 ? 0 : 1e9 / rate;
            this.warmNs = warmNs;
            this.endNs = warmNs + runNs;
        }

        @Override
        public boolean next(Snapshot into) throws IOException, InterruptedException {
            long nowNs = System.nanoTime();
            if (beganNs == 0) {
                beganNs = nowNs;
            }
            long dueNs = beganNs + (long) (made * periodNs);
            while (nowNs < dueNs) {
                LockSupport.parkNanos(dueNs - nowNs);
                nowNs = System.nanoTime();
            }
            if (!warm && nowNs - beganNs >= warmNs) {
                warm = true;
                warmedAtNs = nowNs;
                cpuNs = cpuNs();
                latestNs = 0;
            }
            if (nowNs - beganNs >= endNs) {
                tookNs = nowNs - warmedAtNs;
                return false;
            }
            latestNs = periodNs == 0 ? 0 : Math.max(latestNs, nowNs - dueNs);
            super.next(into);
            made++;
            madeAfterWarmUp += warm ? 1 : 0;
            return true;
        }
    }
}
