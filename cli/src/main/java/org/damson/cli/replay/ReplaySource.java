package org.damson.cli.replay;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.scan.TargetKey;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.ExitCode;
import org.damson.cli.record.DamonRecording;
import org.damson.cli.record.OverheadOptions;
import org.damson.damon.setup.DamonSetup;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.model.ReferencedSampling;
import org.damson.model.Snapshot;
import org.damson.recorder.LiveConfig;
import org.damson.recorder.LiveRecording;
import org.damson.recorder.damon.DamonRequest;
import org.damson.recorder.damon.DamonSource;
import org.damson.recorder.kernel.DamonUnavailableException;
import org.damson.recorder.referenced.OverheadBudget;
import org.damson.recorder.referenced.TlbFlush;
import org.damson.recorder.ring.RecorderConfig;
import org.damson.replayer.ReplayPlan;

/**
 * What records a replay, set up as what recorded the original.
 *
 * @param isDamon kernel DAMON; else referenced bits
 * @param suspendsStat whether DAMON_STAT may be stopped meanwhile
 */
record ReplaySource(boolean isDamon, boolean suspendsStat) {
    /** The intervals of the original: with the sampling it came to, not the one it was asked for. */
    LiveConfig config(Path output, List<Long> pids, ReplayPlan plan, Manifest original) throws InterruptedException {
        LiveConfig defaults = LiveConfig.of(output, List.of(), pids, 0);
        // Where samples were held back the interval in force is the time between them: the window is what counts.
        long windowUs = ReferencedSampling.windowNs(original) / 1000;
        long wantedUs = isDamon
                ? original.attrs.sampleUs() > 0 ? original.attrs.sampleUs() : plan.sampleUs()
                : windowUs > 0 ? windowUs : plan.sampleUs();
        // Referenced bits cannot be read as often as DAMON samples pages.
        long sampleUs = Math.max((long) (wantedUs / plan.speed()), isDamon ? 1 : 10_000);
        long aggrUs = Math.max((long) (original.attrs.aggrUs() / plan.speed()), sampleUs);
        double share = ManifestKey.MAX_CPU_SHARE.get(original) instanceof Number n
                ? Math.max(n.doubleValue(), defaults.maxCpuShare())
                : defaults.maxCpuShare();
        return new LiveConfig(
                output,
                List.of(),
                pids,
                0,
                sampleUs,
                aggrUs,
                Math.min(1, share),
                false,
                isDamon ? OverheadBudget.UNBOUNDED : overhead(original),
                false,
                RecorderConfig.DEFAULTS,
                null);
    }

    /** The budget of the original, so that the replay is sampled as often and is no later for it. */
    private static OverheadBudget overhead(Manifest original) throws InterruptedException {
        return ManifestKey.MAX_SLOWDOWN.get(original) instanceof Number most && most.doubleValue() > 0
                ? new OverheadBudget(TlbFlush.AUTO, most.doubleValue(), OverheadOptions.selfTest())
                : OverheadBudget.UNBOUNDED;
    }

    LiveRecording.SourceOpener opener(LiveConfig config, Manifest original) {
        if (!isDamon) {
            return LiveRecording.referenced(config);
        }
        MonitoringAttrs usual = DamonSetup.DEFAULT.attrs();
        MonitoringAttrs then = original.attrs;
        DamonSetup setup = DamonSetup.DEFAULT.withAttrs(new MonitoringAttrs(
                config.sampleUs(),
                config.aggrUs(),
                then.updateUs() > 0 ? then.updateUs() : usual.updateUs(),
                then.minRegions() > 0 ? then.minRegions() : usual.minRegions(),
                then.maxRegions() > 0 ? then.maxRegions() : usual.maxRegions(),
                MonitoringAttrs.IntervalsOrigin.GIVEN));
        DamonRequest request = new DamonRequest(setup, List::of, false, suspendsStat, 0, 0, 0);
        return (pids, clock) -> {
            try {
                return DamonSource.own(DamonRecording.SYS, DamonRecording.RUN, request, pids, clock);
            } catch (DamonUnavailableException e) {
                throw new CommandFailedException(ExitCode.CAPABILITY, e.getMessage());
            }
        };
    }

    /** What these processes are called in the recording. */
    List<TargetKey> targets(List<Long> pids) {
        List<TargetKey> targets = new ArrayList<>();
        for (int i = 0; i < pids.size(); i++) {
            targets.add(new TargetKey(0, 0, Snapshot.NO_SCHEME, isDamon ? i : pids.get(i)));
        }
        return targets;
    }
}
