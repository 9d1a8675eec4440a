package org.damson.cli.replay;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.TargetKey;
import org.damson.cli.command.Version;
import org.damson.cli.console.Console;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.recorder.ForwardingSource;
import org.damson.recorder.LiveConfig;
import org.damson.recorder.LiveRecording;
import org.damson.recorder.RecordingStatus;
import org.damson.recorder.ring.LiveSource;
import org.damson.replayer.PlayOptions;
import org.damson.replayer.ReplayReport;
import org.damson.replayer.Replayer;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/**
 * A replay that was recorded while it played: the processes that play alone, from the first slice on.
 *
 * @param report how the replay went
 * @param targets the processes as targets of the recording, in the order of the plan
 */
record ReplayRecording(ReplayReport report, List<TargetKey> targets) {
    ReplayRecording {
        targets = List.copyOf(targets);
    }

    /**
     * Plays a plan and records it.
     *
     * @param how with which intervals
     * @param speed how much faster than recorded the plan is
     * @param source what records it
     * @param output the trace directory to create
     * @param options how the generator plays
     */
    static ReplayRecording play(
            Path accessgen,
            Path planFile,
            RecordedAs how,
            double speed,
            ReplaySource source,
            Path output,
            PlayOptions options,
            Console console)
            throws IOException {
        console.out().flush();
        try (Replayer replayer = Replayer.start(accessgen, planFile, options)) {
            replayer.notes().forEach(note -> console.note("note: " + note));
            LiveConfig config = source.config(output, replayer.pids(), how);
            CompletableFuture<ReplayReport> played = new CompletableFuture<>();
            Runnable go = () -> {
                try {
                    replayer.go();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                Thread thread = new Thread(() -> finish(replayer, config, played), "damson-replay");
                thread.setDaemon(true);
                thread.start();
            };
            LiveRecording.SourceOpener opener = source.opener(config, how);
            LiveRecording.record(
                    config,
                    (pids, clock) -> new Gated(opener.open(pids, clock), go),
                    (path, manifest) -> sink(path, manifest, speed),
                    RecordingStatus.NONE,
                    result -> {});
            return new ReplayRecording(played.get(), source.targets(replayer.pids()));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Waits for the end of the replay, and ends its processes when they have been seen once more. */
    private static void finish(Replayer replayer, LiveConfig config, CompletableFuture<ReplayReport> played) {
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
    }

    private static TraceSink sink(Path path, Manifest manifest, double speed) throws IOException {
        manifest.toolVersion = Version.text();
        ManifestKey.REPLAY_SPEED.put(manifest, speed);
        return Traces.create(path, manifest, WriterOptions.LIVE);
    }

    /** The memory of each process in which something was accessed, as areas of the recording. */
    List<Area> areas(List<ReplayPlace> places) {
        return places.stream().map(p -> p.area(targets.get(p.process()))).toList();
    }

    /** The time of the replay. */
    TraceQuery time(long durationNs) {
        return TraceQuery.ALL.time(report.startNs(), report.startNs() + durationNs);
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
