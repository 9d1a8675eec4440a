package org.damson.recorder;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongSupplier;
import org.damson.model.Snapshot;
import org.damson.recorder.system.Metrics;
import org.damson.recorder.system.Proc;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/**
 * A recording of invented snapshots at a steady rate for a long time, with rotation, retention and metrics. Prints once
 * a minute what the process takes: {@code seconds cpu_seconds rss_kib heap_kib descriptors threads snapshots lost}.
 * Arguments: output directory, minutes, snapshots per second, regions in each, seconds of a trace; three traces are kept.
 */
final class SoakRecording {
    private SoakRecording() {}

    /** Gives a snapshot whenever the next is due; never less than one waits for its time. */
    private static final class Paced extends ForwardingSource {
        private final LongSupplier clock;
        private final long periodNs;
        private long dueNs;

        Paced(int perSecond, int regions, LongSupplier clock) {
            super(new SyntheticSource(1, Long.MAX_VALUE, regions, 0.2));
            this.clock = clock;
            periodNs = 1_000_000_000 / perSecond;
            dueNs = clock.getAsLong();
        }

        @Override
        public void arm() {
            dueNs = clock.getAsLong();
        }

        @Override
        public long[] pids() {
            return new long[] {ProcessHandle.current().pid()};
        }

        @Override
        public boolean next(Snapshot into) throws IOException, InterruptedException {
            dueNs += periodNs;
            long leftNs = dueNs - clock.getAsLong();
            if (leftNs > 0) {
                Thread.sleep(leftNs / 1_000_000, (int) (leftNs % 1_000_000));
            }
            return super.next(into);
        }
    }

    public static void main(String[] args) throws IOException {
        Path out = Path.of(args[0]);
        long minutes = Long.parseLong(args[1]);
        int perSecond = Integer.parseInt(args[2]);
        int regions = Integer.parseInt(args[3]);
        long rotateNs = Long.parseLong(args[4]) * 1_000_000_000;
        Path metrics = Path.of(out + ".prom");
        Operation operation = new Operation(
                rotateNs, 0, 3 * rotateNs, 0, 0, Operation.MIN_FREE_BYTES, 0, null, List.of(), metrics, 0);
        LiveConfig config =
                LiveConfig.of(out, List.of(), List.of(ProcessHandle.current().pid()), minutes * 60_000_000_000L);
        Thread reporter = new Thread(() -> report(metrics), "soak-report");
        reporter.setDaemon(true);
        reporter.start();
        LiveRecording.Result result = LiveRecording.record(
                config,
                operation,
                (pids, clock) -> new Paced(perSecond, regions, clock),
                (path, manifest) -> Traces.create(path, manifest, WriterOptions.LIVE),
                System.err::println,
                r -> {});
        System.out.println("end: " + result.stats() + ", paused " + result.pausedSnapshots() + ", traces "
                + result.traces() + ", whole " + result.isWhole());
    }

    private static void report(Path metrics) {
        long beganNs = System.nanoTime();
        try {
            while (true) {
                Thread.sleep(60_000);
                Runtime r = Runtime.getRuntime();
                String m = Proc.text(metrics);
                System.out.printf(
                        "%d %.2f %s %d %d %d %s %s%n",
                        (System.nanoTime() - beganNs) / 1_000_000_000,
                        Metrics.ownCpuNs() / 1e9,
                        Proc.text(Path.of("/proc/self/status")).replaceAll("(?s).*VmRSS:\\s*(\\d+) kB.*", "$1"),
                        (r.totalMemory() - r.freeMemory()) / 1024,
                        descriptors(),
                        Thread.activeCount(),
                        m.replaceAll("(?s).*\\ndamson_snapshots_total (\\d+).*", "$1"),
                        m.replaceAll("(?s).*\\ndamson_dropped_snapshots_total (\\d+).*", "$1"));
            }
        } catch (IOException | InterruptedException e) {
            System.out.println(e);
        }
    }

    private static int descriptors() throws IOException {
        int n = 0;
        try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path ignored : open) {
                n++;
            }
        }
        return n;
    }
}
