package org.damson.analyzer.scan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;
import org.junit.jupiter.api.Test;

final class TargetPidsTest {
    private static TargetPids of(String ops, Long... recorded) {
        Manifest m = new Manifest();
        ManifestKey.PIDS_RECORDED.put(m, List.of(recorded));
        ManifestKey.OPS.put(m, ops);
        return TargetPids.of(m);
    }

    /** A process that is known by the target's number comes first, then its place among the recorded ones. */
    @Test
    void aTargetIsAProcessByNumberOrPlace() {
        TargetPids pids = of("vaddr", 70L, 71L);
        assertEquals(71, pids.of(71, Set.of(70, 71)));
        assertEquals(70, pids.of(0, Set.of(70, 71)));
        assertEquals(71, pids.of(1, Set.of()));
        assertEquals(1, pids.of(1, Set.of(1))); // known, though it is a place too
        assertEquals(-1, pids.of(2, Set.of(70, 71)));
        // Process 0 idles; numbers beyond 32 bits, as old kernels gave targets, are no process.
        assertEquals(70, pids.of(0, Set.of(0, 70)));
        assertEquals(-1, pids.of((1L << 32) + 70, Set.of(70)));
        assertEquals(-1, pids.of(-1, Set.of(70)));
    }

    @Test
    void aLoneProcessIsEveryOtherTarget() {
        TargetPids pids = of("vaddr", 70L);
        assertEquals(9, pids.orLone(5, Set.of(9)));
        assertEquals(70, pids.orLone(0, Set.of(9))); // the list says whose it is
        assertEquals(-1, pids.orLone(5, Set.of(8, 9)));
        assertEquals(-1, pids.orLone(5, Set.of()));
    }

    @Test
    void theMachinesMemoryIsNoProcesss() {
        TargetPids pids = of("paddr", 70L);
        assertTrue(pids.isPhysical());
        assertEquals(-1, pids.of(0, Set.of(70)));
        assertEquals(-1, pids.of(70, Set.of(70)));
        assertFalse(of("fvaddr").isPhysical());
    }

    /** A name is for people: keys are told apart by their numbers alone, of which targets have no sign. */
    @Test
    void keysAreToldApartByTheirNumbers() {
        TargetKey plain = new TargetKey(0, 0, Snapshot.NO_SCHEME, -1L);
        assertEquals("target 18446744073709551615", plain.label());
        assertEquals("target 18446744073709551615 (sleep)", plain.named("sleep").label());
        assertEquals(plain, plain.named("sleep"));
        assertEquals(plain.hashCode(), plain.named("sleep").hashCode());
        assertEquals(0, plain.compareTo(plain.named("sleep")));
        TargetKey other = new TargetKey(0, 1, 2, -1L);
        assertEquals("target 18446744073709551615 of kdamond 0 context 1 scheme 2", other.label());
        assertNotEquals(plain, other);
        Snapshot s = new Snapshot();
        s.target = -1L;
        assertTrue(plain.matches(s));
        s.scheme = 2;
        assertFalse(plain.matches(s));
        assertEquals(new TargetKey(0, 0, 2, -1L), TargetKey.of(s));
    }

    /** Total less available; less free where nobody says what is available; unknown without the total. */
    @Test
    void theSystemUsesWhatIsNotAvailable() {
        SystemMemory memory = new SystemMemory();
        assertTrue(Double.isNaN(memory.usedBytes()));
        memory.add("mem_free", 30);
        assertTrue(Double.isNaN(memory.usedBytes()));
        memory.add("mem_total", 100);
        assertEquals(70, memory.usedBytes());
        memory.add("mem_available", 60);
        memory.add("mem_cached", 7);
        assertEquals(40, memory.usedBytes());
    }
}
