package org.damson.replayer;

import java.io.IOException;
import java.util.Arrays;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * Estimates the share of accesses that a recording detected. Where processors use TLB entries whose accessed bits were cleared,
 * or the program waits for a processor, it is below 1, and a replay that touched only what was detected would be detected too
 * rarely again.
 */
public final class SeenShare {
    private static final int BINS = 1000;

    /** The part of the accessed memory, by bytes and time, that is ignored in finding the greatest share. */
    private static final double OUTLIERS = 0.01;

    private SeenShare() {}

    /** The share stored in the manifest: for simulated DAMON its probability of detection; else 1. */
    public static double recorded(TraceSource trace) {
        return ManifestKey.DETECTION.get(trace.manifest()) instanceof Number n && n.doubleValue() > 0
                ? Math.min(1, n.doubleValue())
                : 1;
    }

    /**
     * What the certificate of the machine says on which it was recorded; NaN without one. Rather too low, since touches that the
     * recording has at another place of the mapping, or later, are not in it.
     */
    public static double certified(TraceSource trace) {
        return ManifestKey.ACCURACY_DETECTION.get(trace.manifest()) instanceof Number n && n.doubleValue() > 0
                ? Math.min(1, n.doubleValue())
                : Double.NaN;
    }

    /**
     * What it is if the busiest memory was accessed in every sample: by bytes and time the median share of samples that saw
     * an access, of the memory in which it was at least half of the greatest. No memory is accessed more often than always, so it is
     * less by chance alone. The median, because a phase that ends within a snapshot
     * shows a part of its share there. Whether the busiest memory was that busy, no recording tells. 1 without accesses.
     */
    public static double busiest(TraceSource trace, TraceQuery query) throws IOException {
        double[] weights = new double[BINS + 1];
        Snapshot s = new Snapshot();
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(query)) {
            while (cursor.next(s)) {
                double ns = Math.max(1, s.endNs - s.startNs);
                for (int i = 0; i < s.regions; i++) {
                    if (s.isAccessed(i)) {
                        double size = s.end[i] - s.start[i];
                        double bytes = s.has(Snapshot.HAS_REFERENCED) ? s.referencedMax[i] : size < 0 ? 0x1p63 : size;
                        double share = Math.min(1, s.nrAccesses[i] / (double) s.maxNrAccesses());
                        weights[(int) Math.round(share * BINS)] += bytes * ns;
                    }
                }
            }
        }
        double left = Arrays.stream(weights).sum() * OUTLIERS;
        int greatest = BINS;
        while (greatest > 0 && (left -= weights[greatest]) >= 0) {
            greatest--;
        }
        int least = (greatest + 1) / 2;
        double half = Arrays.stream(weights, least, BINS + 1).sum() / 2;
        int median = least;
        while (median < BINS && (half -= weights[median]) > 0) {
            median++;
        }
        return greatest == 0 ? 1 : (double) median / BINS;
    }
}
