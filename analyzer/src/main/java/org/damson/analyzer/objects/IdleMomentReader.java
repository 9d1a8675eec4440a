package org.damson.analyzer.objects;

import java.util.Arrays;
import java.util.Comparator;
import org.damson.analyzer.scan.SeenBytes;
import org.damson.analyzer.scan.TargetKey;
import org.damson.analyzer.scan.TouchedBytes;
import org.damson.model.Snapshot;
import org.damson.model.summary.IdleSums;

/** Looks at one snapshot after another for its idle memory. */
final class IdleMomentReader {
    private static final int[] PERCENTS =
            IdleResult.PERCENTS.stream().mapToInt(p -> p).toArray();

    /** What percentiles need of a region. */
    private static final class Region {
        long idleNs;
        double bytes;
    }

    private final IdleTimes times;
    private Region[] order = new Region[0];

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
        reserve(s.regions);
        double[] cold = new double[IdleSums.STEPS];
        double all = 0;
        double touched = 0;
        double before = 0;
        double undecided = 0;
        long recordedNs = 0;
        long toldNs = 0;
        boolean isPartial = TouchedBytes.isPartial(s);
        for (int i = 0; i < s.regions; i++) {
            double bytes = bytesOf.touched(i) + bytesOf.idle(i);
            long idleNs = times.idleNs(s, i, key);
            all += bytes;
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
                toldNs = Math.max(toldNs, IdleSums.toldNs(s, i));
            }
            order[i].idleNs = idleNs;
            order[i].bytes = bytes;
        }
        double bandwidth = IdleSums.bandwidth(touched, s);
        return new IdleMoment(
                s.endNs, percentiles(s.regions, all), cold, bandwidth, before, recordedNs, toldNs, undecided);
    }

    private void reserve(int regions) {
        int had = order.length;
        if (had < regions) {
            order = Arrays.copyOf(order, regions);
            for (int i = had; i < regions; i++) {
                order[i] = new Region();
            }
        }
    }

    /** As DAMON_STAT: the first region, from the least idle on, with which so many whole percent are reached. */
    private long[] percentiles(int regions, double all) {
        Arrays.sort(order, 0, regions, Comparator.comparingLong(r -> r.idleNs));
        long[] found = new long[PERCENTS.length];
        double accounted = 0;
        int next = 0;
        for (int k = 0; k < regions; k++) {
            accounted += order[k].bytes;
            while (next < found.length && PERCENTS[next] <= Math.floor(accounted * 100 / Math.max(1e-9, all))) {
                found[next++] = order[k].idleNs;
            }
        }
        return found;
    }
}
