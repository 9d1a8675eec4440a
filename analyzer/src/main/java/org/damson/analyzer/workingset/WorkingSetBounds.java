package org.damson.analyzer.workingset;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import org.damson.analyzer.scan.Scan;
import org.damson.analyzer.scan.TouchedBytes;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * Confidence bounds on working-set sizes. A sample of DAMON looks at one page of a region, drawn at random. If a share p of the region is
 * accessed in each sampling interval, {@code nr_accesses} = k of n samples is binomial, so k/n estimates p, and by Chernoff's
 * bound p lies with a confidence of 95 % where n KL(k/n, p) &le; ln(2 / 0.05), with KL(q, p) = q ln(q/p) + (1-q)
 * ln((1-q)/(1-p)). It holds also where p differs from sample to sample, for its mean. Bounds of a snapshot are the sums over
 * its regions of size times bound.
 *
 * <p>What was accessed at least once in the aggregation interval is no less than the mean over its samples, so the lower bound
 * holds for that too; the upper one does not, and there is none below all that is monitored.
 *
 * @param targets those of {@code report wss}, in its order
 */
public record WorkingSetBounds(List<Target> targets) {
    /** Chance of the true value lying outside. */
    private static final double ALPHA = 0.05;

    /** Shares that are remembered; recordings have a few dozen. */
    private static final int MAX_KNOWN = 1 << 16;

    /**
     * A target's bytes over time.
     *
     * @param low accessed per sampling interval at least
     * @param estimate accessed per sampling interval
     * @param high accessed per sampling interval at most
     * @param whole size of all regions with an access
     */
    public record Target(
            WorkingSetResult.Series low,
            WorkingSetResult.Series estimate,
            WorkingSetResult.Series high,
            WorkingSetResult.Series whole) {}

    public static WorkingSetBounds compute(TraceSource source, TraceQuery query) throws IOException {
        List<WorkingSetResult.Series> low = sums(source, query, (k, n) -> bound(k, n, false));
        List<WorkingSetResult.Series> estimate = sums(source, query, (k, n) -> k / n);
        List<WorkingSetResult.Series> high = sums(source, query, (k, n) -> bound(k, n, true));
        List<WorkingSetResult.Series> whole =
                WorkingSet.compute(source, query, WorkingSetOptions.DEFAULTS).targets();
        List<Target> targets = new ArrayList<>();
        for (int i = 0; i < low.size(); i++) {
            targets.add(new Target(low.get(i), estimate.get(i), high.get(i), whole.get(i)));
        }
        return new WorkingSetBounds(List.copyOf(targets));
    }

    private static List<WorkingSetResult.Series> sums(TraceSource source, TraceQuery query, DoubleBinaryOperator share)
            throws IOException {
        return WorkingSet.perSnapshot(source, query, () -> {
            Map<Long, Double> known = new HashMap<>();
            return s -> {
                if (known.size() > MAX_KNOWN) {
                    known.clear();
                }
                return sum(
                        s, (k, n) -> known.computeIfAbsent((long) k << 32 | (long) n, x -> share.applyAsDouble(k, n)));
            };
        });
    }

    private static long sum(Snapshot s, DoubleBinaryOperator share) {
        boolean exact = s.has(Snapshot.HAS_REFERENCED);
        int n = Math.max(1, s.maxNrAccesses());
        double bytes = 0;
        for (int i = 0; i < s.regions; i++) {
            int k = Math.max(0, Math.min(n, s.nrAccesses[i]));
            // Referenced bits are read of every page.
            bytes += exact
                    ? TouchedBytes.perSample(s, i)
                    : Scan.bytes(s.end[i] - s.start[i]) * share.applyAsDouble(k, n);
        }
        return Math.round(bytes);
    }

    /** The least or greatest share that {@code k} of {@code n} samples leave likely, by bisection. */
    static double bound(double k, double n, boolean upper) {
        double q = k / n;
        double inside = q;
        double outside = upper ? 1 : 0;
        for (int i = 0; i < 60; i++) {
            double p = (inside + outside) / 2;
            if (n * divergence(q, p) <= Math.log(2 / ALPHA)) {
                inside = p;
            } else {
                outside = p;
            }
        }
        return inside;
    }

    private static double divergence(double q, double p) {
        return (q == 0 ? 0 : q * Math.log(q / p)) + (q == 1 ? 0 : (1 - q) * Math.log((1 - q) / (1 - p)));
    }
}
