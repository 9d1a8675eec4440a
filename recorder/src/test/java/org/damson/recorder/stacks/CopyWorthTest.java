package org.damson.recorder.stacks;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class CopyWorthTest {
    private static final long MINUTE = 60_000_000_000L;

    private final CopyWorth worth = new CopyWorth();

    @Test
    void copiesAreTakenAsLongAsOneInFiftyTellsMore() {
        assertTrue(worth.isWorth());
        assertFalse(worth.adapt(499, 0, 1));
        assertFalse(worth.adapt(500, 10, 2));
        assertTrue(worth.isWorth());
        assertFalse(worth.adapt(999, 10, 3));
        assertTrue(worth.adapt(1000, 19, 4));
        assertFalse(worth.isWorth());
    }

    @Test
    void afterTenMinutesTheyAreTriedAgain() {
        assertTrue(worth.adapt(500, 0, MINUTE));
        assertFalse(worth.adapt(510, 10, 10 * MINUTE));
        assertTrue(worth.adapt(510, 10, 11 * MINUTE));
        assertTrue(worth.isWorth());
        // What was walked before does not count.
        assertFalse(worth.adapt(1009, 10, 12 * MINUTE));
        assertTrue(worth.adapt(1010, 10, 13 * MINUTE));
        assertFalse(worth.isWorth());
    }
}
