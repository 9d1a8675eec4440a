package example;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.damson.api.Replay;
import org.damson.api.Trace;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** How late a recorded program's touches come on this machine: the recording is replayed once an iteration. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 2)
@Fork(1)
public class ReplayBenchmark {
    @Param("none")
    public String trace;

    private Replay replay;

    @Setup(Level.Trial)
    public void prepare() throws IOException {
        try (Trace recorded = Trace.open(Path.of(trace))) {
            replay = recorded.replay(Replay.Options.DEFAULT.speed(10));
        }
    }

    @TearDown(Level.Trial)
    public void forget() throws IOException {
        replay.close();
    }

    @Benchmark
    public long replay() throws IOException {
        Replay.Result result = replay.run();
        if (result.touchedPages() == 0) {
            throw new IllegalStateException("nothing was touched: " + result);
        }
        return result.touchedPages();
    }

    /** Runs it in a process of its own, as JMH does. */
    static boolean run(Path trace) throws RunnerException {
        return !new Runner(new OptionsBuilder()
                        .include(ReplayBenchmark.class.getName())
                        .param("trace", trace.toString())
                        .shouldFailOnError(true)
                        .build())
                .run()
                .isEmpty();
    }
}
