package org.damson.analyzer.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.scan.MemoryReadings;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * How far a recording is from another of what should be the same, in every figure that DAMON gives of it.
 *
 * @param compare working sets and pattern
 * @param earthMovers of heat over space, slice by slice, as a share of the memory in common
 * @param accesses of access ratios of accessed memory
 * @param ages of ages; NaN if either has none
 * @param rssA resident bytes of the first's processes, mean; NaN if not recorded
 * @param rssB of the second's
 */
public record Fidelity(
        CompareResult compare, double earthMovers, double accesses, double ages, double rssA, double rssB) {
    /** How much further from the original than another original is still as near. */
    public static final double MAX_TIMES_NOISE = 1.5;

    /** Distances below this are no difference: what two recordings of one program never agree better than. */
    public static final double LEAST_NOISE = 0.02;

    /**
     * One figure beside that of two originals.
     *
     * @param name what it is
     * @param value of the recording judged
     * @param noise of another recording of the original
     */
    public record Measure(String name, double value, double noise) {
        /** How many times the noise it is. */
        public double times() {
            return value / Math.max(noise, LEAST_NOISE);
        }

        public boolean isWithin() {
            return times() <= MAX_TIMES_NOISE;
        }
    }

    /** Measures B against A over the time of the queries. */
    public static Fidelity of(
            TraceSource a, TraceQuery queryA, TraceSource b, TraceQuery queryB, CompareOptions options)
            throws IOException {
        TraceCompare.Grids grids = TraceCompare.grids(a, queryA, b, queryB, options);
        CompareResult compare = grids.result(a, queryA, b, queryB, options);
        AccessHistograms histogramsA = AccessHistograms.of(a, queryA);
        AccessHistograms histogramsB = AccessHistograms.of(b, queryB);
        return new Fidelity(
                compare,
                compare.hasNothingInCommon()
                        ? 1
                        : EarthMovers.distance(
                                grids.gridA(), grids.gridB(), grids.best().lag()),
                histogramsA.ratioDistance(histogramsB),
                histogramsA.hasAges() && histogramsB.hasAges() ? histogramsA.ageDistance(histogramsB) : Double.NaN,
                rss(a, queryA),
                rss(b, queryB));
    }

    /** Its figures beside those of a second original. */
    public List<Measure> against(Fidelity noise) {
        List<Measure> all = new ArrayList<>(List.of(
                new Measure("working-set distance", compare.workingSetDistance(), noise.compare.workingSetDistance()),
                new Measure("pattern distance", compare.patternDistance(), noise.compare.patternDistance()),
                new Measure("earth mover's distance", earthMovers, noise.earthMovers),
                new Measure("nr_accesses distance", accesses, noise.accesses)));
        if (!Double.isNaN(ages) && !Double.isNaN(noise.ages)) {
            all.add(new Measure("age distance", ages, noise.ages));
        }
        return all;
    }

    private static double rss(TraceSource trace, TraceQuery query) throws IOException {
        Map<Long, double[]> sums = new HashMap<>();
        MemoryReadings.forEach(trace, (timeNs, pid, counter, value) -> {
            if (pid != 0 && counter.equals("rss") && timeNs > query.fromNs() && timeNs <= query.toNs()) {
                double[] sum = sums.computeIfAbsent(pid, p -> new double[2]);
                sum[0] += value;
                sum[1]++;
            }
        });
        return sums.isEmpty()
                ? Double.NaN
                : sums.values().stream().mapToDouble(s -> s[0] / s[1]).sum();
    }
}
