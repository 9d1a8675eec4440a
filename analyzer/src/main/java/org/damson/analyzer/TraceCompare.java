package org.damson.analyzer;

import java.io.IOException;
import java.util.List;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** Says how far two traces behave alike: working sets, and heat over normalised time under an address map. */
public final class TraceCompare {
    private static final double[] PERCENTS = {0, 5, 25, 50, 75, 95, 100};

    private TraceCompare() {}

    public static CompareResult compare(TraceSource a, TraceSource b, CompareOptions options) throws IOException {
        return compare(a, TraceQuery.ALL, b, TraceQuery.ALL, options);
    }

    public static CompareResult compare(
            TraceSource a, TraceQuery queryA, TraceSource b, TraceQuery queryB, CompareOptions options)
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
        HeatGrid gridA = grid(a, queryA, layoutA, guideA, options);
        HeatGrid gridB = grid(b, queryB, layoutB, guideB, options);
        Distance best = Distance.of(gridA, gridB, 0);
        for (int lag = 1; lag <= options.maxLag(); lag++) {
            best = best.nearer(Distance.of(gridA, gridB, lag)).nearer(Distance.of(gridA, gridB, -lag));
        }
        long[] setA = percentiles(WorkingSet.compute(a, queryA, WorkingSetOptions.DEFAULTS));
        long[] setB = percentiles(WorkingSet.compute(b, queryB, WorkingSetOptions.DEFAULTS));
        return new CompareResult(
                PERCENTS.clone(),
                setA,
                setB,
                distance(setA, setB),
                best.mean,
                best.pattern,
                best.correlation,
                meanHotBytes(guideA),
                meanHotBytes(guideB),
                Math.min(share(gridA, guideA), share(gridB, guideB)),
                best.lag,
                List.copyOf(pairs),
                options);
    }

    private static HeatGrid grid(TraceSource t, TraceQuery q, Layout layout, GuideResult guide, CompareOptions options)
            throws IOException {
        return Heatmap.grid(t, q, layout, fromNs(guide), toNs(guide), options.slices(), options.cells());
    }

    private static long fromNs(GuideResult g) {
        return g.targets().stream().mapToLong(GuideResult.Target::startNs).min().orElse(0);
    }

    private static long toNs(GuideResult g) {
        return g.targets().stream().mapToLong(GuideResult.Target::endNs).max().orElse(0);
    }

    /** Over the whole trace's time, so that a target that lives half as long counts half. */
    private static double meanHotBytes(GuideResult g) {
        double seconds = (toNs(g) - fromNs(g)) / 1e9;
        return seconds <= 0 ? 0 : AreaMatcher.total(g) / seconds;
    }

    /** Share of all heat that fell into the grid; 1 if there is no heat at all. */
    private static double share(HeatGrid grid, GuideResult guide) {
        double total = AreaMatcher.total(guide);
        return total <= Double.MIN_NORMAL ? 1 : Math.min(1, grid.heatByteSeconds / total);
    }

    private static long[] percentiles(WorkingSetResult r) {
        long[] sizes = new long[PERCENTS.length];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = r.total().bySize(PERCENTS[i]);
        }
        return sizes;
    }

    private static double distance(long[] a, long[] b) {
        double difference = 0;
        double greater = 0;
        for (int i = 0; i < a.length; i++) {
            difference += Math.abs(a[i] - b[i]);
            greater += Math.max(a[i], b[i]);
        }
        return greater == 0 ? 0 : difference / greater;
    }

    /** Distances of two grids of one shape where the second lags by some columns. */
    private record Distance(int lag, double mean, double pattern, double correlation) {
        Distance nearer(Distance o) {
            return o.pattern < pattern ? o : this;
        }

        static Distance of(HeatGrid a, HeatGrid b, int lag) {
            double w = 0;
            double difference = 0;
            double sumA = 0;
            double sumB = 0;
            double squareA = 0;
            double squareB = 0;
            double product = 0;
            for (int row = 0; row < a.rows; row++) {
                for (int col = Math.max(0, -lag); col < Math.min(a.cols, a.cols - lag); col++) {
                    int i = row * a.cols + col;
                    int j = i + lag;
                    double weight = Math.min(a.cover[i], b.cover[j]);
                    if (weight > 1e-9) {
                        double x = a.heat[i] / a.cover[i];
                        double y = b.heat[j] / b.cover[j];
                        w += weight;
                        difference += weight * Math.abs(x - y);
                        sumA += weight * x;
                        sumB += weight * y;
                        squareA += weight * x * x;
                        squareB += weight * y * y;
                        product += weight * x * y;
                    }
                }
            }
            if (w == 0) {
                return new Distance(lag, 1, 1, Double.NaN);
            }
            double varianceA = squareA / w - sumA / w * (sumA / w);
            double varianceB = squareB / w - sumB / w * (sumB / w);
            double r = (product / w - sumA / w * (sumB / w)) / Math.sqrt(varianceA * varianceB);
            boolean flat = varianceA < 1e-15 || varianceB < 1e-15;
            double both = sumA + sumB;
            return new Distance(lag, difference / w, both == 0 ? 0 : difference / both, flat ? Double.NaN : r);
        }
    }
}
