package org.damson.analyzer.compare;

import java.io.IOException;
import java.util.Arrays;
import org.damson.analyzer.scan.Scan;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * How often accessed memory was accessed, and how long memory had stayed as it was.
 *
 * @param ratios bytes times seconds by {@code nr_accesses}, as a share of the greatest possible, in {@value #RATIOS} equal steps
 *     of which the first begins above 0
 * @param ages bytes times seconds by age: of 0, 1, 2 to 3, 4 to 7 ... aggregations; null if regions have none
 */
public record AccessHistograms(double[] ratios, double[] ages) {
    public static final int RATIOS = 20;
    public static final int AGES = 24;

    public AccessHistograms {
        if (ratios.length != RATIOS || ages != null && ages.length != AGES) {
            throw new IllegalArgumentException("not " + RATIOS + " ratios and " + AGES + " ages");
        }
    }

    static AccessHistograms of(TraceSource trace, TraceQuery query) throws IOException {
        return Scan.scan(trace, query.columns(Snapshot.HAS_AGE | Snapshot.HAS_REFERENCED), new Sums())
                .histograms();
    }

    private static final class Sums implements Scan.Accumulator {
        private final double[] ratios = new double[RATIOS];
        private final double[] ages = new double[AGES];
        private boolean hasAges;

        @Override
        public void add(Snapshot s) {
            double seconds = (s.endNs - s.fromNs()) / 1e9;
            if (seconds <= 0) {
                return;
            }
            boolean referenced = s.has(Snapshot.HAS_REFERENCED);
            double max = s.maxNrAccesses();
            for (int i = 0; i < s.regions; i++) {
                double weight = Scan.bytes(s.end[i] - s.start[i]) * seconds;
                if (s.isAccessed(i)) {
                    double ratio = Math.min(1, s.nrAccesses[i] / max);
                    // Of a mapping counts what was touched of it.
                    double touched = referenced ? Math.min(1, Scan.heat(s, i, 1 / max, true) / ratio) : 1;
                    ratios[Math.min(RATIOS - 1, (int) Math.ceil(ratio * RATIOS) - 1)] += weight * touched;
                }
                if (s.has(Snapshot.HAS_AGE) && s.age[i] >= 0) {
                    hasAges = true;
                    ages[Math.min(AGES - 1, 32 - Integer.numberOfLeadingZeros(s.age[i]))] += weight;
                }
            }
        }

        AccessHistograms histograms() {
            return new AccessHistograms(ratios, hasAges ? ages : null);
        }
    }

    /** Mean difference of the access ratio of accessed memory, 0..1; 1 where only one has any. */
    double ratioDistance(AccessHistograms o) {
        return distance(ratios, o.ratios);
    }

    /** Mean difference of the age of monitored memory in powers of two, over all {@value #AGES}, 0..1; NaN if either has none. */
    double ageDistance(AccessHistograms o) {
        return ages == null || o.ages == null ? Double.NaN : distance(ages, o.ages);
    }

    /** Area between both cumulative distributions, over the number of bins. */
    private static double distance(double[] a, double[] b) {
        double sumA = Arrays.stream(a).sum();
        double sumB = Arrays.stream(b).sum();
        if (sumA == 0 || sumB == 0) {
            return sumA == sumB ? 0 : 1;
        }
        double ahead = 0;
        double moved = 0;
        for (int i = 0; i < a.length; i++) {
            ahead += a[i] / sumA - b[i] / sumB;
            moved += Math.abs(ahead);
        }
        return moved / a.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AccessHistograms h && Arrays.equals(ratios, h.ratios) && Arrays.equals(ages, h.ages);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(ratios) + Arrays.hashCode(ages);
    }
}
