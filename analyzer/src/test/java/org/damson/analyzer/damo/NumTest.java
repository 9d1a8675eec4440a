package org.damson.analyzer.damo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Python's numbers: whole ones of any size, doubles, and what becomes of both together. */
final class NumTest {
    private static final long SEED = 11;

    /** Whole numbers of all sizes, the borders of a long and of exact doubles among them. */
    private static List<BigInteger> wholes() {
        Random random = new Random(SEED);
        List<BigInteger> all = new ArrayList<>(List.of(
                BigInteger.ZERO,
                BigInteger.ONE,
                BigInteger.ONE.negate(),
                BigInteger.valueOf(Long.MAX_VALUE),
                BigInteger.valueOf(Long.MIN_VALUE),
                BigInteger.ONE.shiftLeft(53),
                BigInteger.ONE.shiftLeft(53).add(BigInteger.ONE),
                BigInteger.ONE.shiftLeft(64)));
        for (int i = 0; i < 60; i++) {
            BigInteger n = new BigInteger(random.nextInt(130), random);
            all.add(random.nextBoolean() ? n : n.negate());
        }
        return all;
    }

    private static double[] doubles() {
        Random random = new Random(SEED);
        double[] all = new double[200];
        for (int i = 0; i < all.length; i++) {
            all[i] = (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(44) - 22);
        }
        return all;
    }

    @Test
    void wholeNumbersAreExactAtAnySize() {
        for (BigInteger a : wholes()) {
            for (BigInteger b : wholes()) {
                assertEquals(a.add(b), Num.of(a).plus(Num.of(b)).toBig());
                assertEquals(a.subtract(b), Num.of(a).minus(Num.of(b)).toBig());
                assertEquals(a.multiply(b), Num.of(a).times(Num.of(b)).toBig());
                assertEquals(a.compareTo(b), Num.of(a).compareTo(Num.of(b)));
                if (b.signum() != 0) {
                    BigInteger floor = new BigDecimal(a)
                            .divide(new BigDecimal(b), 0, RoundingMode.FLOOR)
                            .toBigInteger();
                    assertEquals(floor, Num.of(a).floorOver(Num.of(b)).toBig(), a + " // " + b);
                }
            }
        }
    }

    /** The quotient of two whole numbers is rounded once, also where neither is a double. Of zero by less Python makes -0.0. */
    @Test
    void aQuotientIsTheNearestDouble() {
        for (BigInteger a : wholes()) {
            for (BigInteger b : wholes()) {
                if (a.signum() != 0 && b.signum() != 0) {
                    double nearest = new BigDecimal(a)
                            .divide(new BigDecimal(b), new MathContext(80, RoundingMode.HALF_EVEN))
                            .doubleValue();
                    assertEquals(nearest, Num.of(a).over(Num.of(b)).toDouble(), a + " / " + b);
                }
            }
        }
    }

    @Test
    void wholeNumbersAndDoublesCompareByTheirExactValues() {
        for (BigInteger a : wholes()) {
            double near = a.doubleValue();
            for (double d : new double[] {near, Math.nextUp(near), Math.nextDown(near), near + 0.5}) {
                int wanted = new BigDecimal(a).compareTo(new BigDecimal(d));
                assertEquals(wanted, Num.of(a).compareTo(Num.of(d)), a + " and " + d);
                assertEquals(-wanted, Num.of(d).compareTo(Num.of(a)), d + " and " + a);
                if (wanted == 0) {
                    assertEquals(Num.of(a), Num.of(d));
                    assertEquals(Num.of(a).hashCode(), Num.of(d).hashCode());
                }
            }
        }
    }

    /** As Python 3 gives them. */
    @Test
    void zeroByLessIsNegativeZero() {
        assertEquals("-0.0", Num.ZERO.over(Num.of(-1)).toString());
        assertEquals("0.0", Num.ZERO.over(Num.of(1)).toString());
    }

    /** As Python 3 gives them. */
    @Test
    void floorsOfDoublesArePythons() {
        assertEquals("3.0", Num.of(7.5).floorOver(Num.of(2)).toString());
        assertEquals("-4.0", Num.of(-7.5).floorOver(Num.of(2)).toString());
        assertEquals("-4.0", Num.of(7.5).floorOver(Num.of(-2)).toString());
        assertEquals("9.0", Num.of(1.0).floorOver(Num.of(0.1)).toString());
        assertEquals("-10.0", Num.of(-1.0).floorOver(Num.of(0.1)).toString());
        assertEquals("2.0", Num.of(0.3).floorOver(Num.of(0.1)).toString());
    }

    @Test
    void cutsAndCeilingsArePythons() {
        assertEquals("-1", Num.of(-1.5).truncated().toString());
        assertEquals("1", Num.of(1.999).truncated().toString());
        assertEquals("-1", Num.of(-1.5).ceiled().toString());
        assertEquals("2", Num.of(1.001).ceiled().toString());
        assertEquals("7", Num.of(7).ceiled().toString());
        assertEquals("100000000000000000000", Num.of(1e20).truncated().toString());
    }

    /** {@code repr} reads back as the same double, and no text with fewer digits does. */
    @Test
    void aDoubleIsWrittenWithTheFewestDigitsThatReadBack() {
        for (double d : doubles()) {
            String text = Num.repr(d);
            assertEquals(d, Double.parseDouble(text), text);
            int digits = new BigDecimal(text).stripTrailingZeros().precision();
            if (digits > 1) {
                BigDecimal exact = new BigDecimal(d);
                double down = exact.round(new MathContext(digits - 1, RoundingMode.DOWN))
                        .doubleValue();
                double up = exact.round(new MathContext(digits - 1, RoundingMode.UP))
                        .doubleValue();
                assertTrue(down != d && up != d, text + " has a digit too many");
            }
        }
    }

    /** The binary value is rounded, half to even: 2.675 lies below its text, 0.125 on the half. */
    @Test
    void fixedDecimalsAreRoundedAsCRoundsThem() {
        assertEquals("0.12", Num.fixed(0.125, 2));
        assertEquals("0.38", Num.fixed(0.375, 2));
        assertEquals("2.67", Num.fixed(2.675, 2));
        assertEquals("-0.0", Num.fixed(-0.0, 1));
        assertEquals("-0.0", Num.fixed(-0.01, 1));
        assertEquals("10000000000000000000000", Num.fixed(1e22, 0));
        assertEquals("nan", Num.fixed(Double.NaN, 3));
        assertEquals("-inf", Num.fixed(Double.NEGATIVE_INFINITY, 3));
    }

    @Test
    void divisionByZeroIsRefused() {
        for (Num zero : List.of(Num.ZERO, Num.of(0.0))) {
            assertThrows(ArithmeticException.class, () -> Num.of(1).over(zero));
            assertThrows(ArithmeticException.class, () -> Num.of(1).floorOver(zero));
        }
    }
}
