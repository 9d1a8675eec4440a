package org.damson.analyzer.scan;

import java.util.List;
import org.hipparchus.distribution.continuous.TDistribution;

/** Student's interval for a mean of independent values. */
public final class Student {
    public static final double CONFIDENCE = 0.95;

    private Student() {}

    /** Lower and upper bound of the mean that values are drawn about; NaN for fewer than two. */
    public static double[] interval(List<Double> values) {
        int n = values.size();
        if (n < 2) {
            return new double[] {Double.NaN, Double.NaN};
        }
        double mean = values.stream().mapToDouble(v -> v).sum() / n;
        double squares =
                values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
        double quantile = new TDistribution(n - 1).inverseCumulativeProbability(1 - (1 - CONFIDENCE) / 2);
        double half = quantile * Math.sqrt(squares / (n - 1) / n);
        return new double[] {mean - half, mean + half};
    }
}
