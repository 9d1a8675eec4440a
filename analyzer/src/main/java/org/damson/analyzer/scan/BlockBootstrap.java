package org.damson.analyzer.scan;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.hipparchus.distribution.continuous.TDistribution;

/**
 * Confidence intervals for what is computed from two series over the same slices of time. Slices that follow one another
 * are alike, so whole blocks of them are drawn, from both series at once (a circular block bootstrap): what the slices
 * have in common, the phases of the program, cancels out. Seeded: the same traces give the same interval.
 */
public final class BlockBootstrap {
    public static final double CONFIDENCE = 0.95;
    private static final int RESAMPLES = 1000;

    /** Slices further apart than the first lag below this correlation are taken as independent. */
    private static final double INDEPENDENT = 0.2;

    /** Fewer snapshots than this say nothing about how they vary. */
    private static final int MIN_SNAPSHOTS = 8;

    private static final int MIN_BLOCKS = 5;

    private final int[][] draws;

    /** Factor by which the interval is wider than the draws: a few blocks vary less than all possible ones. */
    private final double widening;

    private BlockBootstrap(int[][] draws, double blocks) {
        this.draws = draws;
        widening = widening(blocks);
    }

    /** Student's quantile over the normal one, with Bessel's correction. */
    static double widening(double blocks) {
        double free = blocks - 1;
        double upper = 1 - (1 - CONFIDENCE) / 2;
        return new TDistribution(free).inverseCumulativeProbability(upper)
                / new NormalDistribution().inverseCumulativeProbability(upper)
                * Math.sqrt(blocks / free);
    }

    /**
     * @param difference the series of differences, which sets the length of the blocks
     * @param snapshots snapshots in the shorter of both traces: no block is shorter than one of them
     */
    public static BlockBootstrap of(double[] difference, long snapshots, long seed) {
        int n = difference.length;
        if (n < MIN_SNAPSHOTS || snapshots < MIN_SNAPSHOTS) {
            return new BlockBootstrap(new int[0][], MIN_BLOCKS);
        }
        int perSnapshot = (int) Math.ceil((double) n / snapshots);
        int block = Math.min(n / MIN_BLOCKS, 2 * Math.max(perSnapshot, memory(difference)));
        long state = seed;
        int[][] draws = new int[RESAMPLES][n];
        for (int[] draw : draws) {
            for (int i = 0; i < n; i += block) {
                int from = (int) Long.remainderUnsigned(mix(state += 0x9e3779b97f4a7c15L), n);
                for (int j = i; j < Math.min(n, i + block); j++) {
                    draw[j] = (from + j - i) % n;
                }
            }
        }
        return new BlockBootstrap(draws, (double) n / block);
    }

    private boolean isPossible() {
        return draws.length > 0;
    }

    /**
     * Lower and upper bounds of statistics of drawn slices, {@code [statistic][low, high]}; NaN where none can be given.
     * How far draws lie below and above that of all slices is laid around the estimate, which thus is always within.
     *
     * @param estimates of the statistics, as they are reported
     * @param of their values in drawn slices
     */
    public double[][] intervals(double[] estimates, Function<int[], double[]> of) {
        int count = estimates.length;
        double[][] bounds = new double[count][];
        if (!isPossible()) {
            Arrays.fill(bounds, new double[] {Double.NaN, Double.NaN});
            return bounds;
        }
        double[][] values = new double[count][draws.length];
        for (int i = 0; i < draws.length; i++) {
            double[] drawn = of.apply(draws[i]);
            for (int k = 0; k < count; k++) {
                values[k][i] = drawn[k];
            }
        }
        double[] undrawn = of.apply(IntStream.range(0, draws[0].length).toArray());
        int tail = (int) ((1 - CONFIDENCE) / 2 * draws.length);
        for (int k = 0; k < count; k++) {
            Arrays.sort(values[k]);
            double middle = undrawn[k];
            double below = Math.max(0, middle - values[k][tail]);
            double above = Math.max(0, values[k][draws.length - 1 - tail] - middle);
            bounds[k] = new double[] {estimates[k] - widening * below, estimates[k] + widening * above};
        }
        return bounds;
    }

    /** Slices after which the series no longer resembles itself. */
    private static int memory(double[] series) {
        int n = series.length;
        double mean = Arrays.stream(series).average().orElse(0);
        double variance = 0;
        for (double v : series) {
            variance += (v - mean) * (v - mean);
        }
        int lag = 1;
        for (; variance > 0 && lag < n; lag++) {
            double sum = 0;
            for (int i = 0; i + lag < n; i++) {
                sum += (series[i] - mean) * (series[i + lag] - mean);
            }
            if (sum / variance < INDEPENDENT) {
                break;
            }
        }
        return lag;
    }

    private static long mix(long state) {
        long z = (state ^ (state >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
