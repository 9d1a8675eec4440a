package org.damson.analyzer.scan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class BlockBootstrapTest {
    /** Upper 2.5 % points of Student's distribution, as tables print them. */
    @Test
    void fewBlocksWidenAsStudentsTableSays() {
        double normal = 1.959964;
        double[][] table = {{4, 2.776445}, {9, 2.262157}, {29, 2.045230}, {120, 1.979930}};
        for (double[] row : table) {
            double blocks = row[0] + 1;
            assertEquals(row[1] / normal * Math.sqrt(blocks / row[0]), BlockBootstrap.widening(blocks), 1e-5);
        }
    }

    @Test
    void intervalsHoldTheEstimateAndNarrowWithTheSeries() {
        double[] wide = new double[2];
        for (int n : new int[] {50, 5000}) {
            Random random = new Random(7);
            double[] series = random.doubles(n).toArray();
            double mean = Arrays.stream(series).average().orElseThrow();
            double[][] bounds = BlockBootstrap.of(series, n, 1).intervals(new double[] {mean}, draw -> new double[] {
                Arrays.stream(draw).mapToDouble(i -> series[i]).average().orElseThrow()
            });
            assertTrue(bounds[0][0] < mean && mean < bounds[0][1]);
            wide[n == 50 ? 0 : 1] = bounds[0][1] - bounds[0][0];
        }
        assertTrue(wide[1] < wide[0] / 5, wide[0] + " and " + wide[1]);
    }

    @Test
    void tooFewSnapshotsGiveNoInterval() {
        double[][] bounds =
                BlockBootstrap.of(new double[7], 7, 1).intervals(new double[] {1}, draw -> new double[] {1});
        assertArrayEquals(new double[] {Double.NaN, Double.NaN}, bounds[0]);
    }
}
