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
import org.damson.model.Manifest.Source;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Units;
import org.damson.recorder.LiveConfig;
import org.damson.recorder.LiveRecording;
import org.damson.recorder.damon.DamonRequest;
import org.damson.recorder.damon.DamonSource;
import org.damson.recorder.kernel.DamonUnavailableException;
import org.damson.recorder.referenced.OverheadBudget;
import org.damson.recorder.referenced.TlbFlush;
import org.damson.recorder.ring.RecorderConfig;

/**
 * What records a replay, set up as what recorded the original.
 *
 * @param isDamon kernel DAMON; else referenced bits
 * @param suspendsStat whether DAMON_STAT may be stopped while recording
 */
record ReplaySource(boolean isDamon, boolean suspendsStat) {
    /** Referenced bits cannot be read as often as DAMON samples pages. */
    private static final long MIN_REFERENCED_US = 10_000;

    /** Whether a trace that was recorded so can be compared with a replay that this records. */
    boolean isComparable(Manifest original) {
        return Source.REFERENCED.is(original) != isDamon && !"paddr".equals(ManifestKey.OPS.get(original));
    }

    LiveConfig config(Path output, List<Long> pids, RecordedAs how) throws InterruptedException {
        LiveConfig defaults = LiveConfig.of(output, List.of(), pids, 0);
        long sampleUs = Math.max(how.sampleUs(), isDamon ? 1 : MIN_REFERENCED_US);
        return new LiveConfig(
                output,
                List.of(),
                pids,
                0,
                sampleUs,
                Math.max(how.aggrUs(), sampleUs),
                Math.max(how.maxCpuShare(), defaults.maxCpuShare()),
                false,
                // The budget of the original, so that the replay is sampled as often and is no later for it.
                isDamon || how.maxSlowdown() == 0
                        ? OverheadBudget.UNBOUNDED
                        : new OverheadBudget(TlbFlush.AUTO, how.maxSlowdown(), OverheadOptions.selfTest()),
                false,
                RecorderConfig.DEFAULTS,
                null,
                false);
    }

    /** Which of the intervals the source cannot keep, as a line for the user; empty if it keeps all. */
    String shortfall(RecordedAs how) {
        return isDamon || how.sampleUs() >= MIN_REFERENCED_US
                ? ""
                : "samples of the replay have a window of " + Units.duration(MIN_REFERENCED_US * 1000)
                        + " instead of "
                        + Units.duration(how.sampleUs() * 1000)
                        + ", as referenced bits cannot be read more often: it sees more in a sample than the original did";
    }

    LiveRecording.SourceOpener opener(LiveConfig config, RecordedAs how) {
        if (!isDamon) {
            return LiveRecording.referenced(config);
        }
        MonitoringAttrs usual = DamonSetup.DEFAULT.attrs();
        DamonSetup setup = DamonSetup.DEFAULT.withAttrs(new MonitoringAttrs(
                config.sampleUs(),
                config.aggrUs(),
                how.updateUs() > 0 ? how.updateUs() : usual.updateUs(),
                how.minRegions() > 0 ? how.minRegions() : usual.minRegions(),
                how.maxRegions() > 0 ? how.maxRegions() : usual.maxRegions(),
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
