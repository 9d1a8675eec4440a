package org.damson.analyzer.compare;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.damson.analyzer.MemoryTrace;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

/** Worked by hand: 128 MiB, of which one half is accessed. */
class FidelityTest {
    private static final long BASE = 0x7f00_0000_0000L;

    /** Twenty snapshots: the lower or upper half with so many accesses, and all of one age. */
    private static MemoryTrace half(boolean upper, int accesses, int age) {
        MemoryTrace t = new MemoryTrace();
        for (int n = 0; n < 20; n++) {
            Snapshot s = t.snapshot(0, n * 100L, n * 100L + 100);
            s.columns = Snapshot.HAS_AGE;
            s.add(BASE, BASE + 64 * MIB, upper ? 0 : accesses, age);
            s.add(BASE + 64 * MIB, BASE + 128 * MIB, upper ? accesses : 0, age);
        }
        return t;
    }

    private static Fidelity of(MemoryTrace a, MemoryTrace b) throws IOException {
        return Fidelity.of(a, TraceQuery.ALL, b, TraceQuery.ALL, CompareOptions.DEFAULTS);
    }

    @Test
    void heatInTheOtherHalfHasToBeMovedByHalfTheMemory() throws IOException {
        assertEquals(0, of(half(false, 20, 0), half(false, 20, 0)).earthMovers(), 1e-9);
        // Every part of a half goes as far as a half is long.
        assertEquals(0.5, of(half(false, 20, 0), half(true, 20, 0)).earthMovers(), 1e-9);
        // How much heat there is does not matter, only where.
        assertEquals(0, of(half(false, 20, 0), half(false, 5, 0)).earthMovers(), 1e-9);
    }

    @Test
    void halfAsManyAccessesAreHalfTheScaleApart() throws IOException {
        assertEquals(0.5, of(half(false, 20, 0), half(false, 10, 0)).accesses(), 1e-9);
        assertEquals(0, of(half(false, 20, 0), half(true, 20, 0)).accesses(), 1e-9);
    }

    @Test
    void agesAreToldApartByPowersOfTwo() throws IOException {
        // 0 is the first bin of 24, 8 to 15 the fifth.
        assertEquals(4 / 24.0, of(half(false, 20, 0), half(false, 20, 9)).ages(), 1e-9);
        assertEquals(0, of(half(false, 20, 8), half(false, 20, 15)).ages(), 1e-9);
    }

    @Test
    void aReplayIsWithinTheNoiseWhenEveryDistanceIs() throws IOException {
        Fidelity noise = of(half(false, 20, 0), half(false, 16, 0));
        Fidelity near = of(half(false, 20, 0), half(false, 15, 0));
        Fidelity far = of(half(false, 20, 0), half(false, 10, 0));
        assertEquals(0.2, noise.accesses(), 1e-9);
        assertTrue(near.against(noise).stream().allMatch(Fidelity.Measure::isWithin));
        assertFalse(far.against(noise).stream().allMatch(Fidelity.Measure::isWithin));
        // Where two originals are alike to the last, a difference that nobody could measure is none.
        Fidelity none = of(half(false, 20, 0), half(false, 20, 0));
        assertTrue(none.against(none).stream().allMatch(Fidelity.Measure::isWithin));
        assertFalse(noise.against(none).stream().allMatch(Fidelity.Measure::isWithin));
    }
}
