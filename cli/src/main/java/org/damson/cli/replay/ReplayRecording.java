package org.damson.cli.replay;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.damson.analyzer.compare.CompareOptions;
import org.damson.analyzer.compare.Fidelity;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.TargetKey;
import org.damson.cli.command.Version;
import org.damson.cli.console.Console;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.recorder.ForwardingSource;
import org.damson.recorder.LiveConfig;
import org.damson.recorder.LiveRecording;
import org.damson.recorder.RecordingStatus;
import org.damson.recorder.ring.LiveSource;
import org.damson.replayer.PlayOptions;
import org.damson.replayer.ReplayPlan;
import org.damson.replayer.ReplayReport;
import org.damson.replayer.Replayer;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/**
 * A replay that was recorded while it played: the processes that play alone, from the first slice on.
 *
 * @param report how the replay went
 * @param plan what was played
 * @param targets the processes as targets of the recording, in the order of the plan
 */
record ReplayRecording(ReplayReport report, ReplayPlan plan, List<TargetKey> targets) {
    ReplayRecording {
        targets = List.copyOf(targets);
    }

    /**
     * Plays a plan and records it with the intervals of the original.
     *
     * @param source what records it
     * @param output the trace directory to create
     * @param options how the generator plays
     */
    static ReplayRecording play(
            Path accessgen,
            Path planFile,
            ReplayPlan plan,
            Manifest original,
            ReplaySource source,
            Path output,
            PlayOptions options,
            Console console)
            throws IOException {
        console.out().flush();
        try (Replayer replayer = Replayer.start(accessgen, planFile, options)) {
            replayer.notes().forEach(note -> console.note("note: " + note));
            LiveConfig config = source.config(output, replayer.pids(), plan, original);
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
                    replayer.end(); // the recording ends with its targets
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
            LiveRecording.SourceOpener opener = source.opener(config, original);
            LiveRecording.record(
                    config,
                    (pids, clock) -> new Gated(opener.open(pids, clock), go),
                    (path, manifest) -> {
                        manifest.toolVersion = Version.text();
                        ManifestKey.REPLAY_SPEED.put(manifest, plan.speed());
                        return Traces.create(path, manifest, WriterOptions.LIVE);
                    },
                    RecordingStatus.NONE,
                    result -> {});
            return new ReplayRecording(played.get(), plan, source.targets(replayer.pids()));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Which memory of the original is which of the replay. */
    List<CompareOptions.AreaPair> pairs() {
        List<CompareOptions.AreaPair> map = new ArrayList<>();
        for (int i = 0; i < targets.size(); i++) {
            ReplayPlan.Target t = plan.processes().get(i);
            TargetKey original = new TargetKey(t.kdamond(), t.context(), t.scheme(), t.target());
            for (ReplayPlan.Place p : t.places()) {
                map.add(new CompareOptions.AreaPair(
                        new Area(original, p.start(), p.end(), 0),
                        new Area(targets.get(i), p.replayStart(), p.replayEnd(), 0)));
            }
        }
        return map;
    }

    /** The time of the original that was played. */
    TraceQuery originalTime() {
        return TraceQuery.ALL.time(plan.startNs(), plan.endNs());
    }

    /** The time of the replay. */
    TraceQuery replayTime() {
        return TraceQuery.ALL.time(report.startNs(), report.startNs() + plan.durationNs());
    }

    /** Compares with the original, over the time of the replay and under the addresses that are known. */
    Fidelity fidelity(TraceSource original, Path recorded, CompareOptions options) throws IOException {
        try (TraceSource replay = Traces.open(recorded)) {
            return Fidelity.of(original, originalTime(), replay, replayTime(), options.map(pairs()));
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
