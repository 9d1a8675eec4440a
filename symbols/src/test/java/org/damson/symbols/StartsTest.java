package org.damson.symbols;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class StartsTest {
    @Test
    void soManyAtOnceAndThenOneInATime() {
        Starts starts = new Starts(2, 100, 0);
        assertTrue(starts.take(0));
        assertTrue(starts.take(10));
        assertFalse(starts.take(90));
        assertFalse(starts.isAllowed(99));
        assertTrue(starts.isAllowed(101));
        assertTrue(starts.take(101));
        assertFalse(starts.take(150));
        assertEquals(3, starts.taken());
        assertFalse(starts.isUsedUp());
        // However long nothing is started, no more than that at once.
        assertTrue(starts.take(10_000));
        assertTrue(starts.take(10_000));
        assertFalse(starts.take(10_000));
    }

    @Test
    void whereNoneComesLaterTheyAreUsedUp() {
        Starts starts = new Starts(1, Long.MAX_VALUE, 5);
        assertTrue(starts.take(5));
        assertFalse(starts.isUsedUp());
        assertFalse(starts.take(1L << 60));
        assertTrue(starts.isUsedUp());
    }
}
