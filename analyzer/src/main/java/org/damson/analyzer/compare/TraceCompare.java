package org.damson.analyzer.compare;

import java.io.IOException;
import java.util.List;
import org.damson.analyzer.heatmap.GuideResult;
import org.damson.analyzer.heatmap.HeatGrid;
import org.damson.analyzer.heatmap.Heatmap;
import org.damson.analyzer.heatmap.Layout;
import org.damson.analyzer.heatmap.TraceGuide;
import org.damson.analyzer.scan.Scan;
import org.damson.analyzer.workingset.WorkingSet;
import org.damson.analyzer.workingset.WorkingSetOptions;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * Says how far two traces behave alike: working sets, and heat over normalised time under an address map. The time of a
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
        return grids(a, queryA, b, queryB, options).result(a, queryA, b, queryB, options);
    }

    /** Heat of both traces over the memory and the time that they have in common. */
    record Grids(
            GuideResult guideA,
            GuideResult guideB,
            List<CompareOptions.AreaPair> pairs,
            HeatGrid gridA,
            HeatGrid gridB,
            GridDistance best) {
        CompareResult result(TraceSource a, TraceQuery queryA, TraceSource b, TraceQuery queryB, CompareOptions options)
                throws IOException {
            return TraceCompare.result(this, a, queryA, b, queryB, options);
        }
    }

    static Grids grids(TraceSource a, TraceQuery queryA, TraceSource b, TraceQuery queryB, CompareOptions options)
            throws IOException {
        GuideResult guideA = TraceGuide.compute(a, queryA);
        GuideResult guideB = TraceGuide.compute(b, queryB);
        List<CompareOptions.AreaPair> pairs = options.map() != null ? options.map() : AreaMatcher.match(guideA, guideB);
        Layout layoutA = new Layout();
        Layout layoutB = new Layout();
        for (CompareOptions.AreaPair p : pairs) {
            double units = Scan.bytes(p.a().sizeBytes());
            layoutA.add(p.a(), units);
            layoutB.add(p.b(), units);
        }
        HeatGrid gridA = Heatmap.grid(
                a, queryA, layoutA, fromNs(guideA, queryA), toNs(guideA, queryA), options.slices(), options.cells());
        HeatGrid gridB = Heatmap.grid(
                b, queryB, layoutB, fromNs(guideB, queryB), toNs(guideB, queryB), options.slices(), options.cells());
        GridDistance best = GridDistance.of(gridA, gridB, 0);
        for (int lag = 1; lag <= options.maxLag(); lag++) {
            best = best.nearer(GridDistance.of(gridA, gridB, lag)).nearer(GridDistance.of(gridA, gridB, -lag));
        }
        return new Grids(guideA, guideB, pairs, gridA, gridB, best);
    }

    private static CompareResult result(
            Grids g, TraceSource a, TraceQuery queryA, TraceSource b, TraceQuery queryB, CompareOptions options)
            throws IOException {
        GuideResult guideA = g.guideA;
        GuideResult guideB = g.guideB;
        GridDistance best = g.best;
        WorkingSetResult.Series wholeA =
                WorkingSet.compute(a, queryA, WorkingSetOptions.DEFAULTS).total();
        WorkingSetResult.Series wholeB =
                WorkingSet.compute(b, queryB, WorkingSetOptions.DEFAULTS).total();
        double[] setA = workingSets(wholeA, queryA, guideA, options.slices());
        double[] setB = workingSets(wholeB, queryB, guideB, options.slices());
        long snapshots = Math.min(snapshots(guideA), snapshots(guideB));
        WorkingSets sets = WorkingSets.of(wholeA, wholeB, setA, setB, best.lag(), snapshots, options.seed());
        double mapped = Math.min(share(g.gridA, guideA), share(g.gridB, guideB));
        // Over an empty match there is no distance to reckon: it is not 0.
        boolean nothing = mapped <= CompareResult.NO_HEAT;
        return new CompareResult(
                sets.sizes(),
                sets.distance(),
                nothing ? Double.NaN : best.mean(),
                nothing ? CompareResult.Distance.exactly(1) : best.pattern(snapshots, options.seed()),
                nothing ? Double.NaN : best.correlation(),
                meanHotBytes(guideA, queryA),
                meanHotBytes(guideB, queryB),
                mapped,
                best.lag(),
                List.copyOf(g.pairs),
                options);
    }

    /** Snapshots of the target that has most: how often anything was seen anew. */
    private static long snapshots(GuideResult g) {
        return g.targets().stream()
                .mapToLong(GuideResult.Target::snapshots)
                .max()
                .orElse(0);
    }

    private static long fromNs(GuideResult g, TraceQuery q) {
        return q.fromNs() != Long.MIN_VALUE ? q.fromNs() : g.startNs();
    }

    private static long toNs(GuideResult g, TraceQuery q) {
        return q.toNs() != Long.MAX_VALUE ? q.toNs() : g.endNs();
    }

    /** Over the whole trace's time, so that a target that lives half as long counts half. */
    private static double meanHotBytes(GuideResult g, TraceQuery q) {
        double seconds = (toNs(g, q) - fromNs(g, q)) / 1e9;
        return seconds <= 0 ? 0 : AreaMatcher.total(g) / seconds;
    }

    /** Share of all heat that fell into the grid; 1 if there is no heat at all. */
    private static double share(HeatGrid grid, GuideResult guide) {
        double total = AreaMatcher.total(guide);
        return total <= Double.MIN_NORMAL ? 1 : Math.min(1, grid.heatByteSeconds / total);
    }

    /**
     * Sizes of the working set in slices of equal time; NaN for slices without a snapshot. Slices and not snapshots, so
     * that a short last snapshot counts as little as it lasted.
     */
    private static double[] workingSets(WorkingSetResult.Series series, TraceQuery q, GuideResult guide, int slices) {
        double fromNs = fromNs(guide, q);
        double sliceNs = Math.max(1, (toNs(guide, q) - fromNs) / slices);
        double[] sum = new double[slices];
        double[] covered = new double[slices];
        for (int i = 0; i < series.length(); i++) {
            double a = Math.max(0, (series.startNs(i) - fromNs) / sliceNs);
            double b = Math.min(slices, (series.endNs(i) - fromNs) / sliceNs);
            for (int k = (int) a; k < b; k++) {
                double share = Math.min(b, k + 1) - Math.max(a, k);
                sum[k] += share * series.size(i);
                covered[k] += share;
            }
        }
        double[] mean = new double[slices];
        for (int k = 0; k < slices; k++) {
            mean[k] = covered[k] > 1e-9 ? sum[k] / covered[k] : Double.NaN;
        }
        return mean;
    }
}
