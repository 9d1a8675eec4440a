package org.damson.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.damson.analyzer.heatmap.Heatmap;
import org.damson.analyzer.heatmap.HeatmapOptions;
import org.damson.analyzer.heatmap.HeatmapResult;
import org.damson.analyzer.objects.IdleMemory;
import org.damson.analyzer.objects.IdleResult;
import org.damson.analyzer.objects.WindowSizes;
import org.damson.analyzer.objects.WindowsResult;
import org.damson.analyzer.workingset.WorkingSet;
import org.damson.analyzer.workingset.WorkingSetOptions;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.recorder.SyntheticSource;
import org.damson.recorder.ring.Recorder;
import org.damson.recorder.ring.RecorderConfig;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The inner loops, in nanoseconds per region row, on 1,000 snapshots of 1,000 regions, 20 % changing. Every answer is
 * checked against what the source of the snapshots says before anything is timed.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(Kernels.ROWS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:+UseSerialGC", "--add-opens=java.base/java.nio=ALL-UNNAMED"})
public class Kernels {
    static final int SNAPSHOTS = 1000;
    static final int REGIONS = 1000;
    static final int ROWS = SNAPSHOTS * REGIONS;

    private Path dir;
    private TraceSource trace;

    /** Writes the trace and checks what the kernels make of it. */
    @Setup
    public void write() throws IOException {
        double accessed = 0;
        double heat = 0;
        double touched = 0;
        dir = Files.createTempDirectory("damson-kernels-");
        Path path = dir.resolve("t.damson");
        try (SyntheticSource source = source();
                TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
            Snapshot s = new Snapshot();
            while (source.next(s)) {
                sink.append(s);
                double seconds = (s.endNs - s.startNs) / 1e9;
                for (int i = 0; i < s.regions; i++) {
                    double size = s.end[i] - s.start[i];
                    accessed += s.nrAccesses[i] > 0 ? size : 0;
                    heat += size * seconds * s.nrAccesses[i] / s.maxNrAccesses();
                    touched += size * s.nrAccesses[i] / (s.aggrUs / 1e6);
                }
            }
        }
        trace = Traces.open(path);
        same("rows", ROWS, decode());
        same("rows", ROWS, decodeWithAge());
        same("rows", ROWS, synthesize());
        same("rows", ROWS, ring());
        same("working set", accessed / SNAPSHOTS, workingSet().total().mean());
        same(
                "heat",
                heat,
                heatmap().areas().stream().mapToDouble(a -> a.heatByteSeconds()).sum());
        same("bandwidth", touched / SNAPSHOTS, idle().targets().get(0).meanBytesPerSecond());
        same(
                "window of one",
                accessed / SNAPSHOTS,
                windows().targets().get(0).windows().get(0).meanBytes());
    }

    private static void same(String what, double expected, double got) {
        if (!(Math.abs(got - expected) <= 1e-9 * expected)) {
            throw new IllegalStateException(what + ": " + got + ", expected " + expected);
        }
    }

    /** Removes it. */
    @TearDown
    public void remove() throws IOException {
        trace.close();
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static SyntheticSource source() {
        return new SyntheticSource(1, SNAPSHOTS, REGIONS, 0.2);
    }

    /** Parquet to snapshots: start, end, nr_accesses. */
    @Benchmark
    public long decode() throws IOException {
        return decode(0);
    }

    /** The same with age. */
    @Benchmark
    public long decodeWithAge() throws IOException {
        return decode(Snapshot.HAS_AGE);
    }

    private long decode(int columns) throws IOException {
        long rows = 0;
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL.columns(columns))) {
            Snapshot s = new Snapshot();
            while (cursor.next(s)) {
                rows += s.regions;
            }
        }
        return rows;
    }

    /** Working set, all cores. */
    @Benchmark
    public WorkingSetResult workingSet() throws IOException {
        return WorkingSet.compute(trace, TraceQuery.ALL, WorkingSetOptions.DEFAULTS);
    }

    /** Heatmap of terminal size, all cores. */
    @Benchmark
    public HeatmapResult heatmap() throws IOException {
        return Heatmap.compute(trace, TraceQuery.ALL, HeatmapOptions.TERMINAL);
    }

    /** Idle ages, all cores. */
    @Benchmark
    public IdleResult idle() throws IOException {
        return IdleMemory.compute(trace, TraceQuery.ALL);
    }

    /** Working set by length of window, one core. */
    @Benchmark
    public WindowsResult windows() throws IOException {
        return WindowSizes.compute(trace, TraceQuery.ALL);
    }

    /** Inventing the snapshots, to be subtracted from {@link #ring}. */
    @Benchmark
    public long synthesize() {
        Snapshot s = new Snapshot();
        long rows = 0;
        try (SyntheticSource source = source()) {
            while (source.next(s)) {
                rows += s.regions;
            }
        }
        return rows;
    }

    /** Source, ring, and a sink that forgets. */
    @Benchmark
    public long ring() throws IOException {
        try (Recorder recorder =
                new Recorder(RecorderConfig.DEFAULTS, source(), new Forgetful(), List.of(), System::nanoTime)) {
            return recorder.run().regionRows();
        }
    }

    private static final class Forgetful implements TraceSink {
        private final Manifest manifest = new Manifest();

        @Override
        public Manifest manifest() {
            return manifest;
        }

        @Override
        public void append(Snapshot snapshot) {}

        @Override
        public void append(Batch rows) {}

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
