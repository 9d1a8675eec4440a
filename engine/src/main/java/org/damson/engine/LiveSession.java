package org.damson.engine;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.damson.api.Recording;
import org.damson.damon.setup.DamonSetup;
import org.damson.model.MonitoringAttrs;
import org.damson.recorder.LiveConfig;
import org.damson.recorder.LiveRecording;
import org.damson.recorder.damon.DamonRequest;
import org.damson.recorder.damon.DamonSource;
import org.damson.recorder.referenced.OverheadBudget;
import org.damson.recorder.referenced.TlbFlush;
import org.damson.recorder.ring.RecorderConfig;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.damson.trace.journal.OpenBuffers;

/** A recording on a thread of its own. */
final class LiveSession implements Recording {
    private final LiveConfig config;
    private final LiveRecording.SourceOpener opener;
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CompletableFuture<Result> ended = new CompletableFuture<>();
    private final List<String> notices = new ArrayList<>();

    private final Object lock = new Object();
    // Guarded by lock.
    private StoppableSource source;
    private boolean stopped;
    private boolean isFailureReported;

    private LiveSession(LiveConfig config, LiveRecording.SourceOpener opener) {
        this.config = config;
        this.opener = opener;
    }

    static Recording start(Options o) throws IOException {
        OpenBuffers.require("recording");
        LiveConfig usual = LiveConfig.of(o.output(), o.command(), o.pids(), 0);
        boolean isDamon = o.source() == Source.DAMON;
        OverheadBudget overhead = isDamon
                ? OverheadBudget.UNBOUNDED
                : new OverheadBudget(TlbFlush.AUTO, o.maxSlowdown(), Generator.selfTest());
        LiveConfig config = new LiveConfig(
                o.output(),
                o.command(),
                o.pids(),
                nanos(o.duration()),
                o.sampleUs(),
                o.aggrUs(),
                usual.maxCpuShare(),
                o.followChildren(),
                overhead,
                false,
                RecorderConfig.DEFAULTS,
                null,
                false);
        LiveSession session = new LiveSession(
                config, isDamon ? kernelDamon(config, o.suspendDamonStat()) : LiveRecording.referenced(config));
        // A daemon: the end of the program ends the recording too, and its trace is sealed on the way.
        Thread thread = new Thread(session::record, "damson-recording");
        thread.setDaemon(true);
        thread.start();
        session.awaitBegin();
        return session;
    }

    /** As long as a long can say, which is for ever. */
    private static long nanos(Duration duration) {
        return duration.compareTo(Duration.ofNanos(Long.MAX_VALUE)) < 0 ? duration.toNanos() : Long.MAX_VALUE;
    }

    /** A kdamond with DAMON's usual bounds on the number of regions. */
    private static LiveRecording.SourceOpener kernelDamon(LiveConfig config, boolean suspendStat) {
        MonitoringAttrs usual = DamonSetup.DEFAULT.attrs();
        DamonSetup setup = DamonSetup.DEFAULT.withAttrs(new MonitoringAttrs(
                config.sampleUs(),
                config.aggrUs(),
                usual.updateUs(),
                usual.minRegions(),
                usual.maxRegions(),
                MonitoringAttrs.IntervalsOrigin.GIVEN));
        DamonRequest request = new DamonRequest(setup, List::of, config.followChildren(), suspendStat, 0, 0, 0);
        return (pids, clock) -> DamonSource.own(DamonSource.SYS, DamonSource.RUN, request, pids, clock);
    }

    private void record() {
        try {
            LiveRecording.Result r = LiveRecording.record(
                    config,
                    (pids, clock) -> stoppable(new StoppableSource(opener.open(pids, clock), begun)),
                    (path, manifest) -> {
                        manifest.toolVersion = EmbeddedEngine.version();
                        return Traces.create(path, manifest, WriterOptions.LIVE);
                    },
                    this::notice,
                    result -> {});
            if (!r.note().isEmpty()) {
                notice(r.note());
            }
            ended.complete(new Result(r.stats().snapshots(), r.isWhole(), r.commandExit(), notices()));
        } catch (IOException | RuntimeException | Error e) {
            ended.completeExceptionally(e);
        } finally {
            begun.countDown();
        }
    }

    private StoppableSource stoppable(StoppableSource opened) {
        synchronized (lock) {
            source = opened;
            if (stopped) {
                opened.stop();
            }
        }
        return opened;
    }

    private void notice(String line) {
        synchronized (notices) {
            notices.add(line);
        }
    }

    private List<String> notices() {
        synchronized (notices) {
            return List.copyOf(notices);
        }
    }

    private void awaitBegin() throws IOException {
        try {
            begun.await();
            if (ended.isCompletedExceptionally()) {
                await();
            }
        } catch (InterruptedException e) {
            stop();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    @Override
    public void stop() {
        synchronized (lock) {
            stopped = true;
            if (source != null) {
                source.stop();
            }
        }
    }

    @Override
    public Result await() throws IOException, InterruptedException {
        try {
            return ended.get();
        } catch (ExecutionException e) {
            throw asDeclared(e.getCause());
        }
    }

    private IOException asDeclared(Throwable failure) {
        synchronized (lock) {
            isFailureReported = true;
        }
        if (failure instanceof IOException io) {
            return Failures.asDeclared(io);
        }
        if (failure instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) failure;
    }

    @Override
    public void close() throws IOException {
        stop();
        boolean isReported;
        synchronized (lock) {
            isReported = isFailureReported;
        }
        try {
            ended.join(); // the trace is sealed, whoever interrupts
        } catch (CompletionException e) {
            if (!isReported) { // once: it would else be suppressed in itself
                throw asDeclared(e.getCause());
            }
        }
    }
}
