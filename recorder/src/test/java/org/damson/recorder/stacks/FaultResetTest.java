package org.damson.recorder.stacks;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class FaultResetTest {
    private static final long MS = 1_000_000;

    @Test
    void isDueOnceASecondWhereFaultsAreNotToldOneByOne() {
        FaultReset reset = new FaultReset();
        assertFalse(reset.isDue(1, 0));
        assertTrue(reset.isDue(2, 0));
        reset.done(200 * MS, MS);
        assertFalse(reset.isDue(5000, 1199 * MS));
        assertTrue(reset.isDue(5000, 1200 * MS));
        assertFalse(reset.isDue(1, 1200 * MS));
    }

    /** 100 ms of opening are a two hundredth of 20 s. */
    @Test
    void isRarerWhereOpeningTakesLong() {
        FaultReset reset = new FaultReset();
        reset.done(0, 100 * MS);
        assertFalse(reset.isDue(2, 19_999 * MS));
        assertTrue(reset.isDue(2, 20_000 * MS));
    }
}
