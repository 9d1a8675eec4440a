package org.damson.analyzer;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * Says how far two traces behave alike: working sets, and heat over normalised time under an address map. The time of a
 * query is the time that is compared, also where a trace begins later or ends earlier; without it, a trace's own.
 */
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
        HeatGrid gridA = Heatmap.grid(
                a, queryA, layoutA, fromNs(guideA, queryA), toNs(guideA, queryA), options.slices(), options.cells());
        HeatGrid gridB = Heatmap.grid(
                b, queryB, layoutB, fromNs(guideB, queryB), toNs(guideB, queryB), options.slices(), options.cells());
        Distance best = Distance.of(gridA, gridB, 0);
        for (int lag = 1; lag <= options.maxLag(); lag++) {
            best = best.nearer(Distance.of(gridA, gridB, lag)).nearer(Distance.of(gridA, gridB, -lag));
        }
        double[] setA = workingSets(a, queryA, guideA, options.slices());
        double[] setB = workingSets(b, queryB, guideB, options.slices());
        return new CompareResult(
                PERCENTS.clone(),
                percentiles(setA),
                percentiles(setB),
                distance(setA, setB),
                best.mean,
                best.pattern,
                best.correlation,
                meanHotBytes(guideA, queryA),
                meanHotBytes(guideB, queryB),
                Math.min(share(gridA, guideA), share(gridB, guideB)),
                best.lag,
                List.copyOf(pairs),
                options);
    }

    private static long fromNs(GuideResult g, TraceQuery q) {
        return q.fromNs() != Long.MIN_VALUE
                ? q.fromNs()
                : g.targets().stream()
                        .mapToLong(GuideResult.Target::startNs)
                        .min()
                        .orElse(0);
    }

    private static long toNs(GuideResult g, TraceQuery q) {
        return q.toNs() != Long.MAX_VALUE
                ? q.toNs()
                : g.targets().stream()
                        .mapToLong(GuideResult.Target::endNs)
                        .max()
                        .orElse(0);
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
     * Sizes of the working set in slices of equal time, ascending; slices without a snapshot are left out. Slices and not
     * snapshots, so that a short last snapshot counts as little as it lasted.
     */
    private static double[] workingSets(TraceSource t, TraceQuery q, GuideResult guide, int slices) throws IOException {
        WorkingSetResult.Series series =
                WorkingSet.compute(t, q, WorkingSetOptions.DEFAULTS).total();
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
        return IntStream.range(0, slices)
                .filter(k -> covered[k] > 1e-9)
                .mapToDouble(k -> sum[k] / covered[k])
                .sorted()
                .toArray();
    }

    private static long[] percentiles(double[] sorted) {
        return Arrays.stream(PERCENTS)
                .mapToLong(p -> (long) quantile(sorted, p / 100))
                .toArray();
    }

    private static double quantile(double[] sorted, double q) {
        return sorted.length == 0 ? 0 : sorted[(int) Math.min(sorted.length - 1L, (long) (q * sorted.length))];
    }

    /** Area between the two distributions' quantiles, over the area under the greater. */
    private static double distance(double[] a, double[] b) {
        int n = Math.max(a.length, b.length);
        double difference = 0;
        double greater = 0;
        for (int i = 0; i < n; i++) {
            double x = quantile(a, (i + 0.5) / n);
            double y = quantile(b, (i + 0.5) / n);
            difference += Math.abs(x - y);
            greater += Math.max(x, y);
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
