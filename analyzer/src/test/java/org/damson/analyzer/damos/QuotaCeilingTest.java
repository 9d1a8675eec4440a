package org.damson.analyzer.damos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.damson.damon.scheme.Range;
import org.junit.jupiter.api.Test;

/** The most that a scheme with a quota tries. */
final class QuotaCeilingTest {
    private static final long MIB = 1 << 20;

    private static double ceiling(List<Double> turnsMs, long resetMs, long sampleUs) {
        QuotaCeiling c = new QuotaCeiling();
        for (double t : turnsMs) {
            c.turn((long) t, resetMs - QuotaClock.earlyMs(sampleUs), MIB);
        }
        return c.bytes() / MIB;
    }

    @Test
    void aWindowThatEndsATickEarlyIsCounted() {
        // A real kernel at 250 ticks a second, windows of 500 ms: began in turns that its trace has 499.1 ms apart.
        assertEquals(2, ceiling(List.of(1000.8, 1100.0, 1300.0, 1499.9), 500, 5_000));
        assertEquals(1, ceiling(List.of(1000.0, 1100.0, 1300.0, 1480.0), 500, 5_000));
    }

    @Test
    void turnsAreEvenlySpacedWindowsAreNotMore() {
        List<Double> turns = new ArrayList<>();
        for (int i = 1; i <= 100; i++) {
            turns.add(i * 100.0);
        }
        assertEquals(10, ceiling(turns, 1000, 5_000));
        assertEquals(100, ceiling(turns, 0, 5_000));
        assertEquals(1, ceiling(turns, Range.MAX, 5_000));
    }

    @Test
    void noKernelBeginsMoreWindowsWhateverItsTicksAndPhase() {
        Random random = new Random(5);
        for (int round = 0; round < 2000; round++) {
            double tickMs = new double[] {1, 10 / 3.0, 4, 10}[random.nextInt(4)];
            double phaseMs = random.nextDouble() * tickMs;
            long resetMs = new long[] {1, 20, 100, 200, 500, 1000}[random.nextInt(6)];
            long resetTicks = (long) Math.ceil(resetMs / tickMs - 1e-9);
            List<Double> told = new ArrayList<>();
            double nowMs = 1000;
            long from = Long.MIN_VALUE / 2;
            int windows = 0;
            for (int t = 0; t < 200; t++) {
                nowMs += 100 + random.nextDouble() * random.nextInt(60);
                long tick = (long) Math.floor((nowMs + phaseMs) / tickMs);
                if (tick - from >= resetTicks) {
                    windows++;
                    from = tick;
                }
                told.add(nowMs + random.nextDouble() * 5);
            }
            double most = ceiling(told, resetMs, 5_000);
            assertTrue(windows <= most, "round " + round + ": " + windows + " windows, at most " + most);
        }
    }

    @Test
    void aQuotaThatChangesCountsAsItsGreatest() {
        QuotaCeiling c = new QuotaCeiling();
        c.turn(0, 985, 2 * MIB);
        c.turn(500, 985, 3 * MIB);
        c.turn(1000, 985, MIB);
        assertEquals(4 * MIB, c.bytes());
    }
}
