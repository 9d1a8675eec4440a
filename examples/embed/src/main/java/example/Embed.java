package example;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.damson.api.Bounds;
import org.damson.api.Recording;
import org.damson.api.Report;
import org.damson.api.Simulation;
import org.damson.api.Snapshot;
import org.damson.api.Trace;
import org.damson.api.TraceWriter;
import org.damson.api.Tuning;
import org.damson.api.WorkingSet;

/**
 * All that a program does with damson: {@code java -jar target/embed.jar DIRECTORY} writes its traces there. Replay in a benchmark is in
 * {@link ReplayBenchmark}.
 */
public final class Embed {
    private static final int MIB = 1 << 20;

    private Embed() {}

    public static void main(String[] args) throws Exception {
        Path directory = Files.createDirectories(Path.of(args[0]));
        Path staircase = directory.resolve("staircase.damson");
        write(staircase);
        read(staircase);
        report(staircase);
        simulate(staircase);
        tune(staircase);
        record(directory.resolve("self.damson"));
        if (!ReplayBenchmark.run(staircase)) {
            throw new IOException("the benchmark has no result");
        }
    }

    /** Snapshots of one's own: a step of 1 MiB is in use for a second, then the next. */
    static void write(Path path) throws IOException {
        try (TraceWriter writer = TraceWriter.create(path, 5_000, 100_000)) {
            for (int n = 0; n < 40; n++) {
                Snapshot.Builder snapshot = Snapshot.builder(1).time(n * 100_000_000L, (n + 1) * 100_000_000L);
                for (int step = 0; step < 4; step++) {
                    long start = 0x7000_0000_0000L + (long) step * MIB;
                    boolean isHot = n / 10 == step;
                    int idle = n / 10 > step ? n - 10 * (step + 1) : n;
                    snapshot.region(start, start + MIB, isHot ? 20 : 0, isHot ? n % 10 : idle);
                }
                writer.write(snapshot.build());
            }
        }
    }

    static void read(Path path) throws IOException {
        try (Trace trace = Trace.open(path);
                Stream<Snapshot> snapshots = trace.snapshots()) {
            System.out.println("read: " + snapshots.mapToLong(Snapshot::regions).sum() + " regions of "
                    + trace.info().source());
        }
    }

    static void report(Path path) throws IOException {
        try (Trace trace = Trace.open(path)) {
            WorkingSet.Series all = trace.workingSet().total();
            System.out.println("report: mean working set " + (long) all.meanBytes() + " bytes");
            Report.Table windows = trace.report(Report.Kind.WINDOWS).table("windows");
            System.out.printf(
                    "report: %.0f bytes in use at some time%n", windows.number(windows.rows() - 1, "mean_bytes"));
        }
    }

    static void simulate(Path path) throws IOException {
        try (Trace trace = Trace.open(path)) {
            Simulation simulation = trace.simulate("pageout access=0..0 age=1s..max");
            Bounds tried = simulation.schemes().get(0).triedBytes();
            System.out.printf("simulate: %.0f bytes tried, %.0f to %.0f%n", tried.estimate(), tried.lower(), tried.upper());
        }
    }

    static void tune(Path path) throws IOException {
        Tuning.Question question = Tuning.Question.of("pageout access=0..0", "min_age=500ms..2s/500ms")
                .objective("tried where slowdown<=1000");
        try (Trace trace = Trace.open(path)) {
            Tuning tuning = trace.tune(question);
            System.out.println("tune: " + tuning.points().size() + " points, the best " + tuning.schemes().get(0));
        }
    }

    /** This program, while it touches 64 MiB. */
    static void record(Path path) throws IOException, InterruptedException {
        byte[] memory = new byte[64 * MIB];
        Recording.Options options =
                Recording.Options.ofThisProcess(path).intervals(100_000, 300_000).duration(Duration.ofMillis(1500));
        Recording.Result result;
        try (Recording recording = Recording.start(options)) {
            for (int i = 0; i < memory.length; i += 4096) {
                memory[i]++;
            }
            result = recording.await();
        }
        try (Trace trace = Trace.open(path)) {
            System.out.println("record: " + result.snapshots() + " snapshots, the greatest working set "
                    + trace.workingSet().total().percentile(100) + " bytes");
        }
    }
}
