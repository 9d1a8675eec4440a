package org.damson.analyzer.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * Distances between two recordings of what should behave alike, in every figure that DAMON gives.
 *
 * @param compare working sets and pattern
 * @param earthMovers of heat over space, slice by slice, as a share of the memory in common
 * @param accesses of access ratios of accessed memory
 * @param ages of ages; NaN if either has none
 * @param transitionTimes of when phases change; NaN if no change of either is clear
 * @param transitions the clear ones of the first, as shares of its time
 * @param transitionsOfOther of the second
 * @param residentA resident bytes of the first's processes, median over time; NaN if not recorded
 * @param residentB of the second's
 */
public record Fidelity(
        CompareResult compare,
        double earthMovers,
        double accesses,
        double ages,
        double transitionTimes,
        List<Double> transitions,
        List<Double> transitionsOfOther,
        double residentA,
        double residentB) {
    /** How many times the noise a distance may be and still count as equal. */
    public static final double MAX_TIMES_NOISE = 1.5;

    /** Distances below this do not count: two recordings of one program never agree better. */
    public static final double MIN_NOISE = 0.02;

    /** The names of all distances. */
    public static final List<String> DISTANCES = List.of(
            "working-set distance",
            "pattern distance",
            "earth mover's distance",
            "total heat difference",
            "nr_accesses distance",
            "transition times",
            "age distance",
            "resident size");

    /** Those for which a recording may have no figures. */
    public static final List<String> MAY_BE_UNKNOWN = DISTANCES.subList(5, 8);

    /**
     * One figure beside that of two originals.
     *
     * @param name what it is
     * @param value of the recording judged
     * @param noise of another recording of the original
     */
    public record Measure(String name, double value, double noise) {
        /** The value as a multiple of the noise. */
        public double times() {
            return value / Math.max(noise, MIN_NOISE);
        }

        public boolean isWithin() {
            return times() <= MAX_TIMES_NOISE;
        }
    }

    public Fidelity {
        transitions = List.copyOf(transitions);
        transitionsOfOther = List.copyOf(transitionsOfOther);
    }

    /** Measures B against A over the time of the queries. */
    public static Fidelity of(
            TraceSource a, TraceQuery queryA, TraceSource b, TraceQuery queryB, CompareOptions options)
            throws IOException {
        TraceCompare.Pair pair = TraceCompare.pair(a, queryA, b, queryB, options);
        return of(pair.a().withAccesses(a, queryA), pair.b().withAccesses(b, queryB), pair.map(), options);
    }

    /**
     * Measures B against A, both with accesses.
     *
     * @param map the places they are of, as both have them
     */
    public static Fidelity of(Behaviour a, Behaviour b, List<CompareOptions.AreaPair> map, CompareOptions options) {
        CompareResult compare = TraceCompare.compare(a, b, map, options);
        Transitions of = Transitions.of(a.grid(), a.snapshots());
        Transitions other = Transitions.of(b.grid(), b.snapshots());
        return new Fidelity(
                compare,
                compare.hasNothingInCommon() ? 1 : EarthMovers.distance(a.grid(), b.grid(), compare.lagSlices()),
                a.accesses().ratioDistance(b.accesses()),
                a.accesses().ageDistance(b.accesses()),
                of.distance(other, compare.lagSlices()),
                boxed(of.clearTimes()),
                boxed(other.clearTimes()),
                a.residentBytes(),
                b.residentBytes());
    }

    private static List<Double> boxed(double[] values) {
        List<Double> list = new ArrayList<>();
        for (double v : values) {
            list.add(v);
        }
        return list;
    }

    /** The difference of what was resident, over the greater, 0..1; NaN if either is not known. */
    public double residentDistance() {
        double greater = Math.max(residentA, residentB);
        return greater == 0 ? 0 : Math.abs(residentA - residentB) / greater;
    }

    /** All distances by name, 0 to 1, without those that one of both has no figures for. */
    public Map<String, Double> distances() {
        double[] values = {
            compare.workingSetDistance(),
            compare.patternDistance(),
            earthMovers,
            compare.totalHeatDifference(),
            accesses,
            transitionTimes,
            ages,
            residentDistance()
        };
        Map<String, Double> all = new LinkedHashMap<>();
        for (int i = 0; i < values.length; i++) {
            if (!Double.isNaN(values[i])) {
                all.put(DISTANCES.get(i), values[i]);
            }
        }
        return all;
    }

    /** Its distances beside those of other recordings of the original, which lack none. */
    public List<Measure> against(NoiseFloor noise) {
        List<Measure> all = new ArrayList<>();
        distances().forEach((name, value) -> {
            if (noise.distances().containsKey(name)) {
                all.add(new Measure(name, value, noise.distances().get(name)));
            }
        });
        return all;
    }
}
