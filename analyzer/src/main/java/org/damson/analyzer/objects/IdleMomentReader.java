package org.damson.analyzer.objects;

import org.damson.analyzer.scan.SeenBytes;
import org.damson.analyzer.scan.TargetKey;
import org.damson.analyzer.scan.TouchedBytes;
import org.damson.model.Snapshot;
import org.damson.model.summary.IdlePercentiles;
import org.damson.model.summary.IdleSums;

/** Looks at one snapshot after another for its idle memory. */
final class IdleMomentReader {
    private final IdleTimes times;
    private final IdlePercentiles percentiles = new IdlePercentiles();

    IdleMomentReader(IdleTimes times) {
        this.times = times;
    }

    /**
     * Looks at a snapshot with ages.
     *
     * @param bytesOf has it already
     * @param sums gets it too; null: nobody does
     */
    IdleMoment read(Snapshot s, TargetKey key, SeenBytes bytesOf, IdleSums sums) {
        percentiles.clear();
        double[] cold = new double[IdleSums.STEPS];
        double touched = 0;
        double before = 0;
        double undecided = 0;
        long recordedNs = 0;
        long toldNs = 0;
        boolean isPartial = TouchedBytes.isPartial(s);
        for (int i = 0; i < s.regions; i++) {
            double bytes = bytesOf.touched(i) + bytesOf.idle(i);
            long idleNs = times.idleNs(s, i, key);
            undecided += bytesOf.undecided(i);
            // The mean of referenced bytes is over all samples, those without an access too.
            touched += bytesOf.touched(i) * (isPartial ? s.maxNrAccesses() : s.nrAccesses[i]);
            if (sums != null) {
                sums.add(idleNs, isPartial ? Math.round(bytes) : s.end[i] - s.start[i]);
            }
            for (int k = 0; k < cold.length && idleNs >= IdleSums.stepNs(k); k++) {
                cold[k] += bytes;
            }
            if (bytes > 0 && times.sinceBefore(s, i, key)) {
                before += bytes;
                recordedNs = Math.max(recordedNs, idleNs);
                toldNs = Math.max(toldNs, IdleSums.idleByAgeNs(s, i));
            }
            percentiles.add(idleNs, bytes);
        }
        double bandwidth = IdleSums.bandwidth(touched, s);
        return new IdleMoment(s.endNs, percentiles.found(), cold, bandwidth, before, recordedNs, toldNs, undecided);
    }
}
