package org.damson.recorder.stacks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class StackPaceTest {
    private static final long SECOND = 1_000_000_000;

    /** 16 ms of reading in 2 s are 0.8 % of a CPU, 100 samples of 20 us are 0.2 % of every second: twice what is allowed. */
    @Test
    void takesHalfAsManySamplesWhereTheyCostTwiceTheirShare() {
        StackPace pace = new StackPace(100, 0.005);
        pace.begin(0, SECOND);
        assertFalse(pace.adapt(SECOND, SECOND + 1_000_000, 100));
        assertTrue(pace.adapt(2 * SECOND, SECOND + 16_000_000, 200));
        assertEquals(50, pace.hz());
        assertEquals(50, pace.leastHz());
        assertEquals(16_000_000, pace.cpuNs());
    }

    @Test
    void leavesTheRateAloneWithinItsShare() {
        StackPace pace = new StackPace(100, 0.01);
        pace.begin(0, 0);
        assertFalse(pace.adapt(2 * SECOND, 16_000_000, 200));
        assertEquals(100, pace.hz());
    }

    @Test
    void risesAgainWhereItHasBeenCheapForTenSeconds() {
        StackPace pace = new StackPace(100, 0.01);
        pace.begin(0, 0);
        assertTrue(pace.adapt(2 * SECOND, SECOND, 100));
        assertEquals(1, pace.hz());
        long looks = 1;
        for (int expected : new int[] {2, 4, 8, 16, 32, 64, 100}) {
            for (int i = 0; i < 4; i++) {
                assertFalse(pace.adapt(2 * ++looks * SECOND, SECOND, 100 + looks));
            }
            assertTrue(pace.adapt(2 * ++looks * SECOND, SECOND, 100 + looks));
            assertEquals(expected, pace.hz());
        }
        assertEquals(1, pace.leastHz());
    }

    /** What opening files costs once says nothing of what samples cost. */
    @Test
    void aCostThatDoesNotComeAgainIsPassedOver() {
        StackPace pace = new StackPace(100, 0.01);
        pace.begin(0, 0);
        pace.passOver(3 * SECOND, SECOND, 100);
        assertEquals(SECOND, pace.cpuNs());
        assertFalse(pace.adapt(4 * SECOND, SECOND, 200));
        assertFalse(pace.adapt(5 * SECOND, SECOND + 10_000_000, 300));
        assertEquals(100, pace.leastHz());
        // 0.99 s in 2 s are 50 times the share.
        assertTrue(pace.adapt(7 * SECOND, 2 * SECOND, 500));
        assertEquals(2, pace.hz());
    }

    @Test
    void neverTakesLessThanOneSampleASecond() {
        StackPace pace = new StackPace(2, 0.001);
        pace.begin(0, 0);
        assertTrue(pace.adapt(2 * SECOND, SECOND, 2));
        assertEquals(1, pace.hz());
        assertFalse(pace.adapt(4 * SECOND, 2 * SECOND, 4));
    }
}
