package org.damson.analyzer.render.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class TicksTest {
    @Test
    void decimalStepsAreTheLeastRoundOnes() {
        assertEquals(1, Ticks.decimal(10, 10));
        assertEquals(2, Ticks.decimal(10.1, 10));
        assertEquals(5, Ticks.decimal(21, 10));
        assertEquals(10, Ticks.decimal(51, 10));
        assertEquals(0.05, Ticks.decimal(0.3, 6), 1e-15);
        Random random = new Random(5);
        for (int n = 0; n < 2000; n++) {
            double range = Math.pow(10, random.nextDouble() * 18 - 9);
            int most = 1 + random.nextInt(12);
            double step = Ticks.decimal(range, most);
            double digit = step / Math.pow(10, Math.floor(Math.log10(step) + 1e-9));
            String context = range + " in " + most + " steps of " + step;
            assertTrue(range / step <= most * (1 + 1e-9), context);
            assertTrue(Math.abs(digit - 1) < 1e-6 || Math.abs(digit - 2) < 1e-6 || Math.abs(digit - 5) < 1e-6, context);
            // The next smaller round step is 2 to 2.5 times smaller.
            assertTrue(range / (step / 2.5) > most * (1 - 1e-9), context);
        }
    }

    @Test
    void binaryStepsArePowersOfTwoFromAPageOn() {
        assertEquals(4096, Ticks.binary(1, 5));
        assertEquals(4096, Ticks.binary(5 * 4096, 5));
        assertEquals(8192, Ticks.binary(5 * 4096 + 1, 5));
        assertEquals(1L << 30, Ticks.binary(4.0 * (1L << 30), 4));
    }

    @Test
    void numbersHaveTheDecimalsOfTheirStep() {
        assertEquals("0.3", Ticks.number(0.1 + 0.2, 0.1));
        assertEquals("0.25", Ticks.number(0.25, 0.05));
        assertEquals("1200", Ticks.number(1200, 200));
        assertEquals("0.000002", Ticks.number(2e-6, 1e-6));
    }
}
