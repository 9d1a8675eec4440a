package org.damson.analyzer.compare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.damson.analyzer.scan.BlockBootstrap;
import org.damson.analyzer.scan.Quantiles;

/**
 * The working sets of two traces, compared.
 *
 * @param sizes mean and percentiles
 * @param distance of the two distributions
 */
record WorkingSets(List<CompareResult.Size> sizes, CompareResult.Distance distance) {
    private static final double[] PERCENTS =
            Behaviour.PERCENTS.stream().mapToDouble(p -> p).toArray();

    /**
     * @param wholeA the first trace's {@link Behaviour#sizes}
     * @param wholeB the second's
     * @param a sizes per slice of time, NaN where unknown: how much figures may vary, and the distance
     * @param b as many of the other trace
     * @param lag slices by which {@code b} lags
     * @param snapshots in the shorter of both traces
     */
    static WorkingSets of(
            double[] wholeA, double[] wholeB, double[] a, double[] b, int lag, long snapshots, long seed) {
        int[] common = IntStream.range(Math.max(0, -lag), a.length - Math.max(0, lag))
                .filter(k -> !Double.isNaN(a[k]) && !Double.isNaN(b[k + lag]))
                .toArray();
        double[] pairedA = Arrays.stream(common).mapToDouble(k -> a[k]).toArray();
        double[] pairedB = Arrays.stream(common).mapToDouble(k -> b[k + lag]).toArray();
        BlockBootstrap bootstrap = BlockBootstrap.of(
                IntStream.range(0, common.length)
                        .mapToDouble(k -> pairedB[k] - pairedA[k])
                        .toArray(),
                snapshots,
                seed);
        double[] sortedA = sorted(a);
        double[] sortedB = sorted(b);
        int n = PERCENTS.length;
        double[] estimates = new double[n + 2];
        for (int i = 0; i < n; i++) {
            estimates[i] = wholeB[i + 1] - wholeA[i + 1];
        }
        estimates[n] = wholeB[0] - wholeA[0];
        estimates[n + 1] = distance(sortedA, sortedB);
        double[][] bounds = bootstrap.intervals(estimates, draw -> {
            double[] drawnA = sorted(pick(pairedA, draw));
            double[] drawnB = sorted(pick(pairedB, draw));
            double[] statistics = Arrays.copyOf(differences(drawnA, drawnB), n + 2);
            statistics[n] = mean(drawnB) - mean(drawnA);
            statistics[n + 1] = distance(drawnA, drawnB);
            return statistics;
        });
        List<CompareResult.Size> sizes = new ArrayList<>();
        sizes.add(new CompareResult.Size(Double.NaN, wholeA[0], wholeB[0], bounds[n][0], bounds[n][1]));
        for (int i = 0; i < n; i++) {
            double percent = PERCENTS[i];
            // No drawing of slices goes beyond the least and the greatest, so it says nothing about these.
            boolean extreme = percent == 0 || percent == 100;
            sizes.add(new CompareResult.Size(
                    percent,
                    wholeA[i + 1],
                    wholeB[i + 1],
                    extreme ? Double.NaN : bounds[i][0],
                    extreme ? Double.NaN : bounds[i][1]));
        }
        return new WorkingSets(List.copyOf(sizes), CompareResult.Distance.of(estimates[n + 1], bounds[n + 1]));
    }

    /** The sizes of both where one or both have no snapshots: NaN there. */
    static List<CompareResult.Size> withoutDifference(Behaviour a, Behaviour b) {
        List<CompareResult.Size> sizes = new ArrayList<>();
        for (int i = 0; i <= PERCENTS.length; i++) {
            sizes.add(new CompareResult.Size(
                    i == 0 ? Double.NaN : PERCENTS[i - 1],
                    a.snapshots() == 0 ? Double.NaN : a.sizes()[i],
                    b.snapshots() == 0 ? Double.NaN : b.sizes()[i],
                    Double.NaN,
                    Double.NaN));
        }
        return List.copyOf(sizes);
    }

    private static double[] differences(double[] sortedA, double[] sortedB) {
        return Arrays.stream(PERCENTS)
                .map(p -> Quantiles.of(sortedB, p) - Quantiles.of(sortedA, p))
                .toArray();
    }

    private static double[] pick(double[] values, int[] draw) {
        double[] picked = new double[draw.length];
        for (int i = 0; i < draw.length; i++) {
            picked[i] = values[draw[i]];
        }
        return picked;
    }

    /** Ascending, without what is unknown. */
    private static double[] sorted(double[] values) {
        return Arrays.stream(values).filter(v -> !Double.isNaN(v)).sorted().toArray();
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElse(0);
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
}
