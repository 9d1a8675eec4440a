package org.damson.cli.replay;

import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.model.ReferencedSampling;
import org.damson.replayer.ReplayPlan;

/**
 * How an original was recorded, as far as its replay is to be recorded alike.
 *
 * @param isDamon by kernel DAMON, whoever drove it; else by referenced bits
 * @param sampleUs sampling interval; of referenced bits the window of a sample, microseconds
 * @param aggrUs aggregation interval, microseconds
 * @param updateUs DAMON's operations update interval, 0 = not known
 * @param minRegions DAMON's least number of regions, 0 = not known
 * @param maxRegions DAMON's greatest number of regions, 0 = not known
 * @param maxCpuShare CPU time that the recorder was allowed, 0..1; 0 = the default
 * @param maxSlowdown slowdown of the targets that is allowed, 0..1; 0 = any
 */
record RecordedAs(
        boolean isDamon,
        long sampleUs,
        long aggrUs,
        long updateUs,
        long minRegions,
        long maxRegions,
        double maxCpuShare,
        double maxSlowdown) {
    /** The intervals that it came to, not those it was asked for. */
    static RecordedAs of(Manifest original, ReplayPlan plan, boolean isDamon) {
        MonitoringAttrs then = original.attrs;
        // Where samples were held back the interval in force is the time between them: the window is what counts.
        long toldUs = isDamon ? then.sampleUs() : ReferencedSampling.windowNs(original) / 1000;
        return new RecordedAs(
                isDamon,
                toldUs > 0 ? toldUs : plan.sampleUs(),
                then.aggrUs(),
                then.updateUs(),
                then.minRegions(),
                then.maxRegions(),
                share(ManifestKey.MAX_CPU_SHARE, original),
                share(ManifestKey.MAX_SLOWDOWN, original));
    }

    private static double share(ManifestKey key, Manifest m) {
        return key.get(m) instanceof Number n ? Math.max(0, Math.min(1, n.doubleValue())) : 0;
    }

    /** Intervals for a replay that is so many times as fast. */
    RecordedAs faster(double speed) {
        return new RecordedAs(
                isDamon,
                Math.max(1, (long) (sampleUs / speed)),
                Math.max(1, (long) (aggrUs / speed)),
                updateUs,
                minRegions,
                maxRegions,
                maxCpuShare,
                maxSlowdown);
    }
}
