package org.damson.analyzer.damos;

import org.damson.analyzer.scan.Arithmetic;
import org.damson.damon.scheme.Quota;

/** How many bytes a window lets through: by a limit in bytes, by time at the throughput so far, and by goals. */
final class EffectiveQuota {
    private EffectiveQuota() {}

    /** As long as no time was measured: 1,024 pages a millisecond. */
    static long bytesPerMsAtFirst(long minRegionBytes) {
        return minRegionBytes * 1024;
    }

    /** Reckons that of a window that begins now. */
    static void set(SchemeState s, KernelVersion version, DamosHost surroundings, long minRegionBytes) {
        Quota q = s.scheme.quota();
        s.limited = true;
        if (q.timeMs() == 0 && q.goals().isEmpty()) {
            s.effectiveBytes = q.sizeBytes();
            return;
        }
        long bytes = -1;
        if (!q.goals().isEmpty()) {
            long score = 0;
            for (Quota.Goal g : q.goals()) {
                long current = surroundings.goalValue(g);
                score = Arithmetic.maxUnsigned(score, Arithmetic.multFrac(current, 10_000, g.target()));
            }
            if (q.temporal() && version.isSince7()) {
                bytes = Long.compareUnsigned(score, 10_000) >= 0 ? 0 : q.sizeBytes() > 0 ? q.sizeBytes() : -1;
            } else {
                s.effectiveBp = Arithmetic.feedLoop(Arithmetic.maxUnsigned(s.effectiveBp, 10_000), score);
                bytes = Long.divideUnsigned(s.effectiveBp, 10_000);
            }
        }
        if (q.timeMs() != 0) {
            long perMs = s.totalChargedNs != 0
                    ? Long.divideUnsigned(s.totalChargedBytes * 1_000_000, s.totalChargedNs)
                    : bytesPerMsAtFirst(minRegionBytes);
            long byTime = perMs * q.timeMs();
            if (version.isSince7()) {
                byTime = Arithmetic.maxUnsigned(byTime, minRegionBytes);
            }
            bytes = Arithmetic.minUnsigned(bytes, byTime);
        }
        if (q.sizeBytes() != 0) {
            bytes = Arithmetic.minUnsigned(bytes, q.sizeBytes());
        }
        s.effectiveBytes = bytes;
    }
}
