package org.damson.analyzer.scan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class QuantilesTest {
    /** h = 3 x 25 / 100 = 0.75 of the way from 10 to 20; h = 1.5: half-way from 20 to 40; h = 2.7: 0.7 of the way from 40 to 80. */
    @Test
    void percentilesLieBetweenTwoNeighbours() {
        long[] four = {10, 20, 40, 80};
        assertEquals(10, Quantiles.of(four, 0));
        assertEquals(18, Quantiles.of(four, 25)); // 17.5, to the nearest
        assertEquals(30, Quantiles.of(four, 50));
        assertEquals(68, Quantiles.of(four, 90));
        assertEquals(80, Quantiles.of(four, 100));
        double[] same = {10, 20, 40, 80};
        assertEquals(17.5, Quantiles.of(same, 25));
        assertEquals(68, Quantiles.of(same, 90), 1e-9);
    }

    @Test
    void percentagesBeyondTheEndsAreTheEnds() {
        assertEquals(3, Quantiles.of(new long[] {3, 9}, -20));
        assertEquals(9, Quantiles.of(new long[] {3, 9}, 130));
        assertEquals(3.0, Quantiles.of(new double[] {3, 9}, -20));
        assertEquals(9.0, Quantiles.of(new double[] {3, 9}, 130));
    }

    @Test
    void oneValueIsEveryPercentileAndNoneIsZero() {
        for (double p : new double[] {0, 37, 50, 100}) {
            assertEquals(7, Quantiles.of(new long[] {7}, p));
            assertEquals(0, Quantiles.of(new long[0], p));
            assertEquals(0.0, Quantiles.of(new double[0], p));
        }
    }

    @Test
    void theGreatestSizesKeepTheirPlace() {
        long most = Long.MAX_VALUE;
        assertEquals(most, Quantiles.of(new long[] {0, most}, 100));
        assertEquals(1L << 62, Quantiles.of(new long[] {0, most}, 50));
        assertEquals(most - 5, Quantiles.of(new long[] {most - 10, most}, 50));
    }

    /** The definition of docs/FIGURES.md in decimal arithmetic. */
    @Test
    void anyPercentileIsThatOfTheDefinition() {
        SplittableRandom random = new SplittableRandom(13);
        for (int round = 0; round < 500; round++) {
            long[] sorted = random.longs(1 + random.nextInt(12), 0, 1 << 20).toArray();
            Arrays.sort(sorted);
            int percent = random.nextInt(101);
            int scaled = (sorted.length - 1) * percent;
            BigDecimal at = BigDecimal.valueOf(sorted[scaled / 100]);
            if (scaled % 100 != 0) {
                BigDecimal step = BigDecimal.valueOf(sorted[scaled / 100 + 1]).subtract(at);
                at = at.add(step.multiply(BigDecimal.valueOf(scaled % 100)).divide(BigDecimal.valueOf(100)));
            }
            double exact = at.round(MathContext.DECIMAL64).doubleValue();
            assertTrue(Math.abs(Quantiles.of(sorted, percent) - exact) <= 0.5 + 1e-6, round + ": " + exact);
            double[] reals = Arrays.stream(sorted).asDoubleStream().toArray();
            assertEquals(exact, Quantiles.of(reals, percent), 1e-6 * (1 + exact));
        }
    }

    /** Weights 10, 30, 60 at -5, 0 and 7: 10 % are reached at -5, 40 % at 0, all at 7. */
    @Test
    void aWeightedPercentileIsTheLeastValueThatReachesIt() {
        WeightedValues v = new WeightedValues();
        v.add(7, 60);
        v.add(-5, 10);
        v.add(0, 30);
        v.add(1000, 0); // without weight
        assertEquals(-5, v.at(0));
        assertEquals(-5, v.at(10));
        assertEquals(0, v.at(10.1));
        assertEquals(0, v.at(40));
        assertEquals(7, v.at(40.1));
        assertEquals(7, v.at(100));
        assertEquals(0, new WeightedValues().at(50));
    }

    /** 49 equal weights: in doubles their sum may miss a percentile that a value reaches exactly. */
    @Test
    void equalWeightsReachTheirPercentileExactly() {
        for (int n : new int[] {3, 7, 14, 49, 100}) {
            WeightedValues v = new WeightedValues();
            for (int i = 1; i <= n; i++) {
                v.add(i, 0.1);
            }
            for (int i = 1; i <= n; i++) {
                assertEquals(i, v.at(100.0 * i / n), n + " weights");
            }
        }
    }

    private record Weighted(long value, long weight) {}

    /** Sorted by value and counted in whole numbers; a bucket is within a thousandth. */
    @Test
    void weightedPercentilesAreNearThoseOfASortedList() {
        SplittableRandom random = new SplittableRandom(14);
        for (int round = 0; round < 200; round++) {
            List<Weighted> all = new ArrayList<>();
            WeightedValues[] parts = {new WeightedValues(), new WeightedValues()};
            long sum = 0;
            for (int i = 1 + random.nextInt(40); i > 0; i--) {
                long value = (random.nextBoolean() ? 1 : -1) * (random.nextLong(1L << random.nextInt(1, 62)));
                Weighted w = new Weighted(value, 1 + random.nextInt(1000));
                all.add(w);
                sum += w.weight;
                parts[random.nextInt(2)].add(w.value, w.weight);
            }
            parts[0].addAll(parts[1]);
            all.sort(Comparator.comparingLong(Weighted::value));
            int percent = random.nextInt(101);
            long reached = 0;
            long expected = 0;
            for (Weighted w : all) {
                reached += w.weight;
                expected = w.value;
                if (reached * 100 >= percent * sum) {
                    break;
                }
            }
            double apart = Math.abs((double) parts[0].at(percent) - expected);
            assertTrue(apart <= Math.abs((double) expected) / 1000, round + ": " + expected);
        }
    }

    /** {@code x * n / d} in whole numbers of any size, where the kernel's order of operations loses nothing. */
    @Test
    void fractionsAreTheKernels() {
        assertEquals(7, Arithmetic.multFrac(10, 3, 4));
        assertEquals(0, Arithmetic.multFrac(0, 3, 4));
        assertEquals(3L << 40, Arithmetic.multFrac(4L << 40, 3, 4));
        // Of 2^63 + 3, without sign: half of it.
        assertEquals((1L << 62) + 1, Arithmetic.multFrac(Long.MIN_VALUE + 3, 1, 2));
        SplittableRandom random = new SplittableRandom(15);
        for (int i = 0; i < 1000; i++) {
            long x = random.nextLong(1L << 50);
            long n = random.nextLong(1000);
            long d = 1 + random.nextLong(1000);
            BigDecimal exact = BigDecimal.valueOf(x)
                    .multiply(BigDecimal.valueOf(n))
                    .divide(BigDecimal.valueOf(d), 0, RoundingMode.DOWN);
            assertEquals(exact.longValueExact(), Arithmetic.multFrac(x, n, d));
        }
    }

    @Test
    void addressesAreAlignedAndComparedWithoutSign() {
        assertEquals(0x8000_0000_0000_1000L, Arithmetic.alignDown(0x8000_0000_0000_1fffL, 4096));
        assertEquals(0xffff_ffff_ffff_f000L, Arithmetic.alignDown(-1L, 4096));
        assertEquals(1, Arithmetic.minUnsigned(1, Long.MIN_VALUE));
        assertEquals(Long.MIN_VALUE, Arithmetic.maxUnsigned(1, Long.MIN_VALUE));
    }

    /** Goal 10,000: at 5,000 the input grows by half, at 15,000 it shrinks by half, at 20,000 and above it is the least. */
    @Test
    void theFeedLoopMovesInProportion() {
        assertEquals(40_000, Arithmetic.feedLoop(40_000, 10_000));
        assertEquals(60_000, Arithmetic.feedLoop(40_000, 5_000));
        assertEquals(80_000, Arithmetic.feedLoop(40_000, 0));
        assertEquals(20_000, Arithmetic.feedLoop(40_000, 15_000));
        assertEquals(10_000, Arithmetic.feedLoop(15_000, 19_000)); // 1,500 is below the least
        assertEquals(10_000, Arithmetic.feedLoop(40_000, 20_000));
        assertEquals(10_000, Arithmetic.feedLoop(40_000, -1L));
        assertEquals(-1L, Arithmetic.feedLoop(-2L, 0)); // doubled, it would not fit
    }

    /**
     * Accesses 10 of 20 are 50 %, an age of 5 s has 3 bits: (3 + 32) / 64 are 54 %. Weighted alike (50 + 54) / 2 = 52, of which
     * 99 % are 51. Without accesses the age counts the other way: (32 - 3) / 64 are 45 %, half of it is 22, 21.
     */
    @Test
    void hotnessIsThatOfTheKernel() {
        assertEquals(51, Arithmetic.hotScore(10, 50, 20, 100_000, 1, 1));
        assertEquals(21, Arithmetic.hotScore(0, 50, 20, 100_000, 1, 1));
        assertEquals(49, Arithmetic.hotScore(10, 50, 20, 100_000, 1, 0));
        assertEquals(0, Arithmetic.hotScore(10, 50, 20, 100_000, 0, 0));
        assertEquals(99, Arithmetic.hotScore(20, 0xffff_ffffL, 20, 100_000_000, 1, 1));
    }
}
