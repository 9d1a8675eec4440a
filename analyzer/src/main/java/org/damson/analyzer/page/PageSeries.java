package org.damson.analyzer.page;

import java.util.Arrays;
import org.damson.analyzer.workingset.WorkingSetResult;

/**
 * Sizes over time, as many as a chart can show: where there are more snapshots, each point stands for several.
 *
 * @param fromNs since the start of the page
 * @param toNs since the start of the page
 * @param meanBytes weighted by time
 * @param leastBytes of the snapshots
 * @param mostBytes of the snapshots
 */
public record PageSeries(double[] fromNs, double[] toNs, double[] meanBytes, double[] leastBytes, double[] mostBytes) {
    private static final int MAX_POINTS = 2048;

    static PageSeries of(WorkingSetResult.Series sizes, PageTime time) {
        int per = (sizes.length() + MAX_POINTS - 1) / MAX_POINTS;
        int n = per == 0 ? 0 : (sizes.length() + per - 1) / per;
        PageSeries all = new PageSeries(new double[n], new double[n], new double[n], new double[n], new double[n]);
        for (int p = 0; p < n; p++) {
            all.point(p, sizes, p * per, Math.min(sizes.length(), (p + 1) * per), time);
        }
        return all;
    }

    private void point(int p, WorkingSetResult.Series sizes, int first, int end, PageTime time) {
        double weight = 0;
        double sum = 0;
        leastBytes[p] = Double.POSITIVE_INFINITY;
        for (int i = first; i < end; i++) {
            // A snapshot without duration still counts.
            double ns = Math.max(1, (double) sizes.endNs(i) - sizes.startNs(i));
            weight += ns;
            sum += ns * sizes.size(i);
            leastBytes[p] = Math.min(leastBytes[p], sizes.size(i));
            mostBytes[p] = Math.max(mostBytes[p], sizes.size(i));
        }
        fromNs[p] = time.at(sizes.startNs(first));
        toNs[p] = time.at(sizes.endNs(end - 1));
        meanBytes[p] = sum / weight;
    }

    /** Whether each point is one snapshot. */
    public boolean isWhole() {
        return Arrays.equals(leastBytes, mostBytes);
    }
}
