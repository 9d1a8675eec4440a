package org.damson.analyzer.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.damson.analyzer.tune.Tuner.Measured;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TunerTest {
    private static final double BROKEN = -1000;

    /** Curves of the kinds that measured ones are: infeasible up to a threshold, a peak behind it, a noisy slope. */
    private static double[] curve(Random random) {
        double[] c = new double[61];
        int feasible = random.nextInt(15);
        int peak = feasible + random.nextInt(10);
        double height = 2 + random.nextDouble() * 28;
        double fall = 0.5 + random.nextDouble() * 12;
        double noise = random.nextDouble() * height / 20;
        for (int i = 0; i < c.length; i++) {
            double slope = i < peak ? (peak - i) * 0.5 : (1 - Math.exp((peak - i) / fall)) * height;
            c[i] = i < feasible ? BROKEN : height - slope + noise * random.nextGaussian();
        }
        return c;
    }

    private static Tuner.Bench bench(double[] curve, Set<Integer> asked) {
        return points -> points.stream()
                .map(p -> {
                    assertTrue(asked.add(p[0]), "a point is measured once");
                    return new Measured(curve[p[0]] > BROKEN, curve[p[0]]);
                })
                .toList();
    }

    @Test
    void aWholeGridIsSearchedWhole() {
        Random random = new Random(1);
        for (int i = 0; i < 50; i++) {
            double[] c = curve(random);
            double best = java.util.Arrays.stream(c).max().orElseThrow();
            Map<List<Integer>, Measured> m = Tuner.search(new int[] {61}, 61, bench(c, new HashSet<>()), i);
            assertEquals(61, m.size());
            assertEquals(best, c[Tuner.best(m).get(0)]);
        }
    }

    /** Infeasible up to a threshold, then no peak but noise, on average rising to the end. */
    private static double[] noise(Random random) {
        double[] c = new double[61];
        int feasible = random.nextInt(15);
        double rise = random.nextDouble();
        for (int i = 0; i < c.length; i++) {
            c[i] = i < feasible ? BROKEN : random.nextGaussian() - rise * Math.exp((feasible - i) / 10.0);
        }
        return c;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void twentyMeasurementsBeatTheBestOfTwentyRandomOnesInTheMean(boolean isNoise) {
        Random curves = new Random(2);
        double tuned = 0;
        double random = 0;
        for (int i = 0; i < 20; i++) {
            double[] c = isNoise ? noise(curves) : curve(curves);
            for (int seed = 0; seed < 50; seed++) {
                Map<List<Integer>, Measured> m = Tuner.search(new int[] {61}, 20, bench(c, new HashSet<>()), seed);
                assertTrue(m.size() <= 20);
                tuned += c[Tuner.best(m).get(0)];
                random += new Random(seed)
                        .ints(0, 61)
                        .distinct()
                        .limit(20)
                        .mapToDouble(k -> c[k])
                        .max()
                        .orElseThrow();
            }
        }
        assertTrue(tuned > random, "tuned " + tuned / 1000 + ", random " + random / 1000);
    }

    @Test
    void anInfeasiblePointIsNeverReturned() {
        Tuner.Bench nothing =
                points -> points.stream().map(p -> new Measured(false, 1e9)).toList();
        assertNull(Tuner.best(Tuner.search(new int[] {61}, 20, nothing, 1)));
        assertNull(Tuner.best(Tuner.search(new int[] {9, 9, 9, 9}, 50, nothing, 1)));
        Tuner.Bench one = points -> points.stream()
                .map(p -> new Measured(p[0] == 60, p[0] == 60 ? -5 : 100))
                .toList();
        assertEquals(List.of(60), Tuner.best(Tuner.search(new int[] {61}, 61, one, 1)));
    }

    @Test
    void fourDimensionsComeNearThePeakWithFewMeasurements() {
        int[] sizes = {20, 20, 20, 20};
        int near = 0;
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            int[] peak = random.ints(4, 3, 17).toArray();
            Tuner.Bench hill = points -> points.stream()
                    .map(p -> {
                        double d = 0;
                        for (int i = 0; i < 4; i++) {
                            d += Math.pow(p[i] - peak[i], 2);
                        }
                        return new Measured(p[0] > 1, -d);
                    })
                    .toList();
            Map<List<Integer>, Measured> m = Tuner.search(sizes, 300, hill, seed);
            assertTrue(m.size() <= 300);
            // 300 of 160,000 points; the best of as many random ones has a score of about -15.
            near += m.get(Tuner.best(m)).score() >= -2 ? 1 : 0;
        }
        assertTrue(near >= 18, near + " of 20 come within 2");
    }

    @Test
    void theSameSeedMeasuresTheSamePoints() {
        double[] c = curve(new Random(3));
        assertEquals(
                List.copyOf(Tuner.search(new int[] {61}, 20, bench(c, new HashSet<>()), 7)
                        .keySet()),
                List.copyOf(Tuner.search(new int[] {61}, 20, bench(c, new HashSet<>()), 7)
                        .keySet()));
    }

    @Test
    void nothingToSearchIsRefused() {
        Tuner.Bench none = points -> List.of();
        assertThrows(IllegalArgumentException.class, () -> Tuner.search(new int[0], 5, none, 1));
        assertThrows(IllegalArgumentException.class, () -> Tuner.search(new int[] {3}, 0, none, 1));
    }
}
