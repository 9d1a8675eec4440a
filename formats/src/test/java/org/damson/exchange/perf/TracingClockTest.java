package org.damson.exchange.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteOrder;
import org.damson.exchange.build.BinaryInput;
import org.damson.model.TraceFormatException;
import org.junit.jupiter.api.Test;

/** Instances of one {@code trace.dat}, each with a clock of its own. */
final class TracingClockTest {
    private final TracingClock clock =
            new TracingClock(BinaryInput.of("trace.dat", new byte[0], ByteOrder.LITTLE_ENDIAN));

    @Test
    void timesOfDifferentClocksAreNotPutIntoOneOrder() throws TraceFormatException {
        clock.instance("local");
        clock.instance("");
        clock.instance("global"); // counts from the same moment
        TraceFormatException e = assertThrows(TraceFormatException.class, () -> clock.instance("mono"));
        assertTrue(e.getMessage().contains("different trace clocks, global and mono"), e.getMessage());
    }

    @Test
    void theOnlyClockThatTellsSomethingHolds() throws TraceFormatException {
        clock.instance("mono");
        clock.instance("mono");
        assertTrue(clock.isMonotonic());
        assertEquals(7, clock.ns(7));
    }
}
