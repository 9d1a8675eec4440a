package org.damson.engine;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.damson.api.Replay;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.recorder.referenced.SelfTest;
import org.damson.replayer.ReplayOptions;
import org.damson.replayer.ReplayPlan;
import org.damson.replayer.ReplayPlanner;
import org.damson.replayer.ReplayReport;
import org.damson.replayer.Replayer;
import org.damson.trace.files.PrivateDirectory;

/** A plan in a private directory, to be played by the generator. */
final class PlannedReplay implements Replay {
    private final PrivateDirectory directory;
    private final Path file;
    private final ReplayPlan plan;
    /** Where a second touch would not set the accessed bit again, each slice begins with a flush. */
    private final boolean flushTlb;

    private volatile boolean isClosed;

    private PlannedReplay(PrivateDirectory directory, Path file, ReplayPlan plan, boolean flushTlb) {
        this.directory = directory;
        this.file = file;
        this.plan = plan;
        this.flushTlb = flushTlb;
    }

    static Replay plan(TraceSource trace, Options o) throws IOException {
        ReplayOptions options = new ReplayOptions(o.speed(), o.maxBytes(), o.memoryScale(), o.loops());
        return Failures.telling(() -> {
            PrivateDirectory directory = PrivateDirectory.create("damson-embedded-");
            try {
                Path file = directory.resolve("plan");
                ReplayPlan plan;
                try (Writer out = Files.newBufferedWriter(file)) {
                    plan = ReplayPlanner.plan(trace, TraceQuery.ALL, options, out);
                }
                boolean flushTlb = Generator.selfTest().blind() != SelfTest.Blind.NO;
                return new PlannedReplay(directory, file, plan, flushTlb);
            } catch (IOException | RuntimeException e) {
                directory.close();
                throw e;
            }
        });
    }

    @Override
    public long durationNs() {
        return plan.durationNs();
    }

    @Override
    public long sizeBytes() {
        return plan.sizeBytes();
    }

    @Override
    public Running start() throws IOException {
        if (isClosed) {
            throw new IllegalStateException("the plan is deleted");
        }
        return Failures.telling(() -> {
            Replayer replayer = Replayer.start(Generator.program(), file, flushTlb);
            try {
                replayer.go();
            } catch (IOException e) {
                replayer.close();
                throw e;
            }
            return new Playing(replayer);
        });
    }

    @Override
    public void close() throws IOException {
        isClosed = true;
        directory.close();
    }

    /** The generator at work. It tells once how it went, to whoever waits first. */
    private static final class Playing implements Running {
        private final Replayer replayer;
        private Result told;

        Playing(Replayer replayer) {
            this.replayer = replayer;
        }

        @Override
        public List<Long> pids() {
            return replayer.pids();
        }

        @Override
        public synchronized Result await() throws IOException {
            if (told == null) {
                ReplayReport r = Failures.telling(replayer::await);
                told = new Result(
                        r.intendedPages(),
                        r.touchedPages(),
                        r.slices(),
                        r.lateSlices(),
                        r.meanLateNs(),
                        r.maxLateNs(),
                        r.wallNs());
            }
            return told;
        }

        @Override
        public void close() throws IOException {
            replayer.close();
        }
    }
}
