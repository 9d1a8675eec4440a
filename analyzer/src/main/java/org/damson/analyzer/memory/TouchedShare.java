package org.damson.analyzer.memory;

import java.util.stream.IntStream;

/** Touched share of a region that k of n samples found accessed, 0..1. */
public final class TouchedShare {
    /** Tabulated for so many accesses only: the intervals of a trace may be anything. */
    private static final int MAX_TABLE = 1 << 12;

    private int samples = -1;
    private double[] likely = new double[0];
    private double[] least = new double[0];

    /** Sets the number of samples, 1 or more. */
    public void samples(int n) {
        if (n != samples) {
            samples = n;
            likely = table(n);
            least = table(Math.max(1, n / 3.0));
        }
    }

    private double[] table(double draws) {
        return IntStream.rangeClosed(0, Math.min(samples, MAX_TABLE))
                .mapToDouble(k -> after(k, draws))
                .toArray();
    }

    /** Likely: other pages in every sample. */
    public double likely(int k) {
        return k < likely.length ? likely[k] : after(k, samples);
    }

    /** At least: other pages in every third sample. */
    double least(int k) {
        return k < least.length ? least[k] : after(k, Math.max(1, samples / 3.0));
    }

    /** At least where all samples may have seen the same pages. */
    public double atOnce(int k) {
        return Math.min(1, k / (double) samples);
    }

    private double after(int k, double draws) {
        return 1 - Math.pow(1 - atOnce(k), draws);
    }
}
