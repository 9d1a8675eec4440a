package org.damson.cli.replay;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.damson.analyzer.compare.CompareOptions;
import org.damson.analyzer.compare.CompareResult;
import org.damson.analyzer.compare.TraceCompare;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.TargetKey;
import org.damson.cli.command.Version;
import org.damson.cli.console.Console;
import org.damson.cli.record.OverheadOptions;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.ReferencedSampling;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.recorder.ForwardingSource;
import org.damson.recorder.LiveConfig;
import org.damson.recorder.LiveRecording;
import org.damson.recorder.RecordingStatus;
import org.damson.recorder.referenced.OverheadBudget;
import org.damson.recorder.referenced.TlbFlush;
import org.damson.recorder.ring.LiveSource;
import org.damson.recorder.ring.RecorderConfig;
import org.damson.replayer.ReplayPlan;
import org.damson.replayer.ReplayReport;
import org.damson.replayer.Replayer;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/**
 * A replay that was recorded while it played: the process of the native generator alone, from the first slice on.
 *
 * @param report how the replay went
 * @param plan what was played
 * @param addresses where the plan's places were in the replay
 * @param pid the process, which is the target in the recording
 */
record ReplayRecording(ReplayReport report, ReplayPlan plan, List<Long> addresses, long pid) {
    ReplayRecording {
        addresses = List.copyOf(addresses);
    }

    /**
     * Plays a plan and records it with the intervals of the original.
     *
     * @param output the trace directory to create
     * @param flushTlb whether the generator flushes its TLB once a slice
     */
    static ReplayRecording play(
            Path accessgen,
            Path planFile,
            ReplayPlan plan,
            Manifest original,
            Path output,
            boolean flushTlb,
            Console console)
            throws IOException {
        console.out().flush();
        try (Replayer replayer = Replayer.start(accessgen, planFile, flushTlb)) {
            LiveConfig config = config(output, replayer.pid(), plan, original);
            CompletableFuture<ReplayReport> played = new CompletableFuture<>();
            Runnable play = () -> {
                try {
                    ReplayReport report = replayer.await();
                    // The last sample begins before the replay ends and must find the memory still there.
                    Thread.sleep(2 * config.sampleUs() / 1000 + 1);
                    played.complete(report);
                } catch (IOException | InterruptedException | RuntimeException e) {
                    played.completeExceptionally(e);
                }
                try {
                    replayer.end(); // the recording ends with its target
                } catch (IOException e) {
                    played.completeExceptionally(e);
                }
            };
            Runnable go = () -> {
                try {
                    replayer.go();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                Thread thread = new Thread(play, "damson-replay");
                thread.setDaemon(true);
                thread.start();
            };
            LiveRecording.record(
                    config,
                    (pids, clock) -> new Gated(LiveRecording.referenced(config).open(pids, clock), go),
                    (path, manifest) -> {
                        manifest.toolVersion = Version.text();
                        ManifestKey.REPLAY_SPEED.put(manifest, plan.speed());
                        return Traces.create(path, manifest, WriterOptions.LIVE);
                    },
                    RecordingStatus.NONE,
                    result -> {});
            return new ReplayRecording(played.get(), plan, replayer.addresses(), replayer.pid());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** As the original was recorded: with the sampling it came to, not the one it was asked for. */
    private static LiveConfig config(Path output, long pid, ReplayPlan plan, Manifest original)
            throws InterruptedException {
        LiveConfig defaults = LiveConfig.of(output, List.of(), List.of(pid), 0);
        // Where samples were held back the interval in force is the time between them: the window is what counts.
        long windowUs = ReferencedSampling.windowNs(original) / 1000;
        // Referenced bits cannot be read as often as DAMON samples pages.
        long sampleUs = Math.max((long) ((windowUs > 0 ? windowUs : plan.sampleUs()) / plan.speed()), 10_000);
        long aggrUs = Math.max((long) (original.attrs.aggrUs() / plan.speed()), sampleUs);
        double share = ManifestKey.MAX_CPU_SHARE.get(original) instanceof Number n
                ? Math.max(n.doubleValue(), defaults.maxCpuShare())
                : defaults.maxCpuShare();
        return new LiveConfig(
                output,
                defaults.command(),
                defaults.pids(),
                0,
                sampleUs,
                aggrUs,
                Math.min(1, share),
                false,
                overhead(original),
                RecorderConfig.DEFAULTS);
    }

    /** The budget of the original, so that the replay is sampled as often and is no later for it. */
    private static OverheadBudget overhead(Manifest original) throws InterruptedException {
        return ManifestKey.MAX_SLOWDOWN.get(original) instanceof Number most && most.doubleValue() > 0
                ? new OverheadBudget(TlbFlush.AUTO, most.doubleValue(), OverheadOptions.selfTest())
                : OverheadBudget.UNBOUNDED;
    }

    /** Compares with the original, over the time of the replay and under the addresses that are known. */
    CompareResult compare(TraceSource original, Path recorded, CompareOptions options) throws IOException {
        List<CompareOptions.AreaPair> map = new ArrayList<>();
        TargetKey key = new TargetKey(0, 0, Snapshot.NO_SCHEME, pid);
        for (int i = 0; i < plan.places().size(); i++) {
            ReplayPlan.Place p = plan.places().get(i);
            long address = addresses.get(i);
            map.add(new CompareOptions.AreaPair(
                    new Area(new TargetKey(p.kdamond(), p.context(), p.scheme(), p.target()), p.start(), p.end(), 0),
                    new Area(key, address, address + p.sizeBytes(), 0)));
        }
        try (TraceSource replay = Traces.open(recorded)) {
            return TraceCompare.compare(
                    original,
                    TraceQuery.ALL.time(plan.startNs(), plan.endNs()),
                    replay,
                    TraceQuery.ALL.time(report.startNs(), report.startNs() + plan.durationNs()),
                    options.map(map));
        }
    }

    /** Opens the replay's gate when the recorder has begun its first sample. */
    private static final class Gated extends ForwardingSource {
        private Runnable go;

        Gated(LiveSource source, Runnable go) {
            super(source);
            this.go = go;
        }

        @Override
        public void arm() throws IOException {
            super.arm();
            if (go != null) {
                go.run();
                go = null;
            }
        }
    }
}
