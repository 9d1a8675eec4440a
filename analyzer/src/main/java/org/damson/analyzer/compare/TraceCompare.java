package org.damson.analyzer.compare;

import java.io.IOException;
import java.util.List;
import java.util.function.Function;
import org.damson.analyzer.heatmap.GuideResult;
import org.damson.analyzer.heatmap.TraceGuide;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.Scan;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * Compares the behaviour of two traces: working sets, and heat over normalised time under an address map. The time of a
 * query is the time that is compared, also where a trace begins later or ends earlier; without it, a trace's own.
 */
public final class TraceCompare {
    private TraceCompare() {}

    public static CompareResult compare(TraceSource a, TraceSource b, CompareOptions options) throws IOException {
        return compare(a, TraceQuery.ALL, b, TraceQuery.ALL, options);
    }

    public static CompareResult compare(
            TraceSource a, TraceQuery queryA, TraceSource b, TraceQuery queryB, CompareOptions options)
            throws IOException {
        Pair pair = pair(a, queryA, b, queryB, options);
        return compare(pair.a, pair.b, pair.map, options);
    }

    /** What two traces are compared by, over the memory that they have in common. */
    record Pair(Behaviour a, Behaviour b, List<CompareOptions.AreaPair> map) {}

    static Pair pair(TraceSource a, TraceQuery queryA, TraceSource b, TraceQuery queryB, CompareOptions options)
            throws IOException {
        GuideResult guideA = TraceGuide.compute(a, queryA);
        GuideResult guideB = TraceGuide.compute(b, queryB);
        List<CompareOptions.AreaPair> map = options.map() != null ? options.map() : AreaMatcher.match(guideA, guideB);
        double[] units =
                map.stream().mapToDouble(p -> Scan.bytes(p.a().sizeBytes())).toArray();
        return new Pair(
                Behaviour.of(a, queryA, guideA, places(map, CompareOptions.AreaPair::a), units, options),
                Behaviour.of(b, queryB, guideB, places(map, CompareOptions.AreaPair::b), units, options),
                map);
    }

    private static List<Area> places(List<CompareOptions.AreaPair> map, Function<CompareOptions.AreaPair, Area> side) {
        return map.stream().map(side).toList();
    }

    /**
     * Compares what is known of two recordings over the same places.
     *
     * @param map the places, as both have them
     */
    static CompareResult compare(Behaviour a, Behaviour b, List<CompareOptions.AreaPair> map, CompareOptions options) {
        if (a.snapshots() == 0 || b.snapshots() == 0) {
            return unknown(a, b, map, options);
        }
        GridDistance best = GridDistance.nearest(a.grid(), b.grid(), options.maxLag());
        long snapshots = Math.min(a.snapshots(), b.snapshots());
        WorkingSets sets = WorkingSets.of(
                a.sizes(), b.sizes(), a.workingSets(), b.workingSets(), best.lag(), snapshots, options.seed());
        double mapped = Math.min(a.mappedHeat(), b.mappedHeat());
        // Over an empty match there is no distance to compute: it is not 0.
        boolean nothing = mapped <= CompareResult.NO_HEAT;
        CompareResult.Distance pattern =
                nothing ? CompareResult.Distance.exactly(1) : best.pattern(snapshots, options.seed());
        GridDistance least = best.least(a.grid(), b.grid(), a.areMappings(), b.areMappings());
        return new CompareResult(
                sets.sizes(),
                sets.distance(),
                nothing ? Double.NaN : best.mean(),
                pattern,
                nothing || least == best ? pattern : least.pattern(snapshots, options.seed()),
                nothing ? Double.NaN : best.correlation(),
                a.meanHotBytes(),
                b.meanHotBytes(),
                mapped,
                best.lag(),
                List.copyOf(map),
                options);
    }

    /** Of a recording without snapshots no size is known, and neither is any distance to it. */
    private static CompareResult unknown(
            Behaviour a, Behaviour b, List<CompareOptions.AreaPair> map, CompareOptions options) {
        CompareResult.Distance none = CompareResult.Distance.exactly(Double.NaN);
        return new CompareResult(
                WorkingSets.withoutDifference(a, b),
                none,
                Double.NaN,
                none,
                none,
                Double.NaN,
                a.snapshots() == 0 ? Double.NaN : a.meanHotBytes(),
                b.snapshots() == 0 ? Double.NaN : b.meanHotBytes(),
                Double.NaN,
                0,
                List.copyOf(map),
                options);
    }
}
