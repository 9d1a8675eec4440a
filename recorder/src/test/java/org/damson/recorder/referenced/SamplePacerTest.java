package org.damson.recorder.referenced;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The account that spaces samples, over a clock that the test turns. */
final class SamplePacerTest {
    private static final long S = 1_000_000_000L;
    private static final long MS = 1_000_000L;

    private static OverheadBudget percent(double percent) {
        return new OverheadBudget(TlbFlush.AUTO, percent / 100, SelfTest.NONE);
    }

    @Test
    void aSampleOf98MsAtTwoPercentComesEveryFiveSeconds() {
        // 16384 pages at 6 us are 98.304 ms; 2 % on top of the time without recording are 1/51 of all time.
        SamplePacer pacer = new SamplePacer(percent(2), 0);
        double costNs = 16384 * 6000.0;
        long firstNs = pacer.allowedAtNs(costNs, 0);
        assertEquals((costNs - SamplePacer.START_NS) * 51, firstNs, 1000);
        pacer.cleared(costNs, costNs, firstNs);
        long secondNs = pacer.allowedAtNs(costNs, firstNs + 100 * MS);
        assertEquals(costNs * 51, secondNs - firstNs, 1000);
        assertEquals(costNs * 51, pacer.spacingNs(costNs), 1);
    }

    @Test
    void aCommandThatIsHeldIsClearedAtOnceAndPaysNothingForMemoryThatCameLater() {
        SamplePacer pacer = new SamplePacer(percent(2), 0);
        double shellNs = 400 * 9000.0;
        assertEquals(0, pacer.allowedAtNs(shellNs, 0));
        pacer.cleared(shellNs, shellNs, 0);
        // It maps and touches 64 MiB: of that only what was there when bits were cleared has cost anything.
        double nowNs = 16384 * 9000.0;
        assertTrue(pacer.slowdown(nowNs, S) < 0.0037);
        // The next clear is going to cost all of it.
        assertTrue(pacer.allowedAtNs(nowNs, S) > 6 * S);
    }

    @Test
    void timeWithoutBusyMemoryIsNotSavedForAFastRunOfSamples() {
        SamplePacer pacer = new SamplePacer(percent(2), 0);
        long nowNs = 3600 * S;
        double costNs = 1e9;
        assertEquals(nowNs, pacer.allowedAtNs(costNs, nowNs));
        pacer.cleared(costNs, costNs, nowNs);
        assertEquals(51 * S, pacer.allowedAtNs(costNs, nowNs + S) - nowNs, MS);
    }

    @Test
    void aSmallBudgetHoldsFromTheFirstSecondsOn() {
        // 4096 pages at 0.2 us, a look every 125 ms: at 0.01 % one sample in eight seconds.
        SamplePacer pacer = new SamplePacer(percent(0.01), 0);
        double costNs = 4096 * 200.0;
        int cleared = 0;
        for (long nowNs = 0; nowNs < 20 * S; nowNs += 125 * MS) {
            if (pacer.allowedAtNs(costNs, nowNs) <= nowNs) {
                pacer.cleared(costNs, costNs, nowNs);
                cleared++;
            }
        }
        assertEquals(2, cleared);
        assertTrue(pacer.slowdown(costNs, 20 * S) <= 0.0001);
    }

    @Test
    void withoutABoundNothingWaits() {
        SamplePacer pacer = new SamplePacer(OverheadBudget.UNBOUNDED, 0);
        assertEquals(7, pacer.allowedAtNs(1e18, 7));
        assertEquals(0, pacer.spacingNs(1e18));
    }

    @Test
    void whateverProgramsTouchTheWholeStaysWithinTheBudgetAndTheLastSample() {
        Random random = new Random(7);
        for (int round = 0; round < 300; round++) {
            double percent = List.of(0.01, 0.5, 2.0, 10.0, 100.0).get(random.nextInt(5));
            SamplePacer pacer = new SamplePacer(percent(percent), 0);
            double share = percent / 100 / (1 + percent / 100);
            double paidNs = 0;
            double greatestNs = 0;
            double touchedNs = random.nextInt(1000) * 1e6;
            double residentNs = touchedNs;
            long nowNs = 0;
            for (int i = 0; i < 200; i++) {
                nowNs = pacer.allowedAtNs(touchedNs, nowNs);
                residentNs = Math.max(residentNs, touchedNs);
                pacer.cleared(touchedNs, residentNs, nowNs);
                nowNs += 100 * MS;
                // What is touched until the next clear: usually like before, now and then anything up to all there is.
                double next = random.nextInt(10) == 0 ? random.nextInt(1000) * 1e6 : touchedNs;
                paidNs += Math.min(next, residentNs);
                greatestNs = Math.max(greatestNs, next);
                touchedNs = next;
                nowNs = pacer.allowedAtNs(touchedNs, nowNs);
                // When the next sample may begin everything is paid for, so the last of it too.
                assertTrue(
                        paidNs <= share * nowNs + Math.min(SamplePacer.START_NS, share * 510 * MS) + 1000,
                        "round " + round + " sample " + i);
            }
            assertTrue(pacer.slowdown(0, nowNs) <= percent / 100 * 1.2, "estimate");
        }
    }
}
