package org.damson.exchange.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class FirstTouchesTest {
    private static final long MIB = 1 << 20;
    private final FirstTouches touches = new FirstTouches();

    @Test
    void keepsTheFirstFaultOfEachTwoMebibytes() {
        assertTrue(touches.isFirst(7, 4 * MIB, 1, 1));
        assertFalse(touches.isFirst(7, 5 * MIB, 2, 10));
        assertTrue(touches.isFirst(7, 6 * MIB, 3, 4)); // stands for three others
        assertTrue(touches.isFirst(8, 4 * MIB, 4, 1));
        assertEquals(13, touches.leftOut());
        assertEquals(0, touches.beyond());
    }

    @Test
    void memoryThatIsMappedAnewIsTouchedFirstAgain() {
        assertTrue(touches.isFirst(7, 4 * MIB, 1, 1));
        assertTrue(touches.isFirst(7, 8 * MIB, 2, 1));
        touches.mapped(7, 4 * MIB, 5 * MIB);
        assertTrue(touches.isFirst(7, 4 * MIB, 3, 1));
        assertFalse(touches.isFirst(7, 8 * MIB, 4, 1));
        touches.mapped(8, 8 * MIB, 9 * MIB); // of another process
        assertFalse(touches.isFirst(7, 8 * MIB, 5, 1));
    }

    @Test
    void aProgramThatIsReplacedHasTouchedNothing() {
        assertTrue(touches.isFirst(7, 4 * MIB, 1, 1));
        touches.forget(7);
        assertTrue(touches.isFirst(7, 4 * MIB, 2, 1));
    }

    /** 4,096 at once, then 100 a second. */
    @Test
    void keepsNoMoreThanAHundredASecondInTheLongRun() {
        int kept = 0;
        for (int i = 0; i < 10_000; i++) {
            kept += touches.isFirst(7, 2 * MIB * i, 1, 1) ? 1 : 0;
        }
        assertEquals(FirstTouches.BURST, kept);
        assertEquals(10_000 - kept, touches.beyond());
        assertEquals(10_000 - kept, touches.leftOut());
        for (int i = 10_000; i < 20_000; i++) {
            kept += touches.isFirst(7, 2 * MIB * i, 2_000_000_001L, 1) ? 1 : 0;
        }
        assertEquals(FirstTouches.BURST + 2 * FirstTouches.MAX_PER_SECOND, kept);
    }
}
