package org.damson.analyzer.compare;

import java.util.Arrays;
import org.damson.analyzer.heatmap.ChangePoints;

/** When a recording began another phase, as {@code report phases} cuts it, and how far the times of two recordings are apart. */
final class Transitions {
    private Transitions() {}

    /**
     * Their times as shares of the whole, ascending, without the begin.
     *
     * @param snapshots what the grid is made of: where they are fewer than its columns, a column counts for less
     */
    static double[] of(Grid g, long snapshots) {
        double weight = Math.min(1, (double) snapshots / g.cols());
        double[][] columns = ChangePoints.columns(g.cols(), g.rows(), (col, row) -> g.mean(row, col));
        return Arrays.stream(ChangePoints.starts(ChangePoints.Sums.of(columns, weight)))
                .filter(start -> start > 0)
                .mapToDouble(start -> (double) start / g.cols())
                .toArray();
    }

    /**
     * Mean over the transitions of both, each with its counterpart if it has one: by how much of the mean length of a phase the
     * times differ beyond what can be told, 1 without a counterpart. Transitions keep their order, and are matched so that this
     * is least. 0 if neither has any.
     *
     * @param untold times that differ by less are not told apart: a slice, or a snapshot
     */
    static double distance(double[] a, double[] b, double untold) {
        if (a.length == 0 && b.length == 0) {
            return 0;
        }
        double phase = 1.0 / (Math.max(a.length, b.length) + 1);
        // least[i][j]: of the first i of the one and j of the other, where a pair counts twice, once for each of its
        // two.
        double[][] least = new double[a.length + 1][b.length + 1];
        for (int i = 0; i <= a.length; i++) {
            for (int j = 0; j <= b.length; j++) {
                double best = i == 0 && j == 0 ? 0 : Double.POSITIVE_INFINITY;
                best = i > 0 ? Math.min(best, least[i - 1][j] + 1) : best;
                best = j > 0 ? Math.min(best, least[i][j - 1] + 1) : best;
                if (i > 0 && j > 0) {
                    double error = Math.max(0, Math.abs(a[i - 1] - b[j - 1]) - untold) / phase;
                    best = Math.min(best, least[i - 1][j - 1] + 2 * Math.min(1, error));
                }
                least[i][j] = best;
            }
        }
        return least[a.length][b.length] / (a.length + b.length);
    }
}
