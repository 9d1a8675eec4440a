package org.damson.analyzer.compare;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.TargetKey;
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

    private static boolean isWithin(Fidelity replay, Fidelity originals) {
        return replay.against(NoiseFloor.of(2, List.of(originals))).stream().allMatch(Fidelity.Measure::isWithin);
    }

    @Test
    void aReplayIsWithinTheNoiseWhenEveryDistanceIs() throws IOException {
        Fidelity noise = of(half(false, 20, 0), half(false, 16, 0));
        Fidelity near = of(half(false, 20, 0), half(false, 15, 0));
        Fidelity far = of(half(false, 20, 0), half(false, 10, 0));
        assertEquals(0.2, noise.accesses(), 1e-9);
        assertTrue(isWithin(near, noise));
        assertFalse(isWithin(far, noise));
        // Where two originals are alike to the last, a difference that nobody could measure is none.
        Fidelity none = of(half(false, 20, 0), half(false, 20, 0));
        assertTrue(isWithin(none, none));
        assertFalse(isWithin(noise, none));
    }

    /** Of three recordings the two that are furthest apart say what the noise is, distance by distance. */
    @Test
    void theNoiseFloorIsTheGreatestOfAllPairs() throws IOException {
        Fidelity near = of(half(false, 20, 0), half(false, 16, 0));
        Fidelity aged = of(half(false, 20, 0), half(false, 20, 9));
        NoiseFloor floor = NoiseFloor.of(3, List.of(near, aged));
        assertEquals(0.2, floor.distances().get("nr_accesses distance"), 1e-9);
        assertEquals(4 / 24.0, floor.distances().get("age distance"), 1e-9);
        assertEquals(0.2, floor.distances().get("total heat difference"), 1e-9);
        assertFalse(floor.distances().containsKey("resident size"));
    }

    /** Sixty snapshots of four quarters, hot in turn; the first phases last so many snapshots, the last one the rest. */
    private static MemoryTrace turns(int... lengths) {
        MemoryTrace t = new MemoryTrace();
        int phase = 0;
        int left = lengths[0];
        for (int n = 0; n < 60; n++, left--) {
            if (left == 0) {
                phase++;
                left = phase < lengths.length ? lengths[phase] : Integer.MAX_VALUE;
            }
            Snapshot s = t.snapshot(0, n * 100L, n * 100L + 100);
            for (int q = 0; q < 4; q++) {
                s.add(BASE + q * 32 * MIB, BASE + (q + 1) * 32 * MIB, q == phase ? 20 : 0, 0);
            }
        }
        return t;
    }

    @Test
    void transitionsAreAsFarApartAsTheirTimes() throws IOException {
        assertEquals(0, of(turns(20, 20), turns(20, 20)).transitionTimes());
        assertEquals(List.of(0.33, 0.67), of(turns(20, 20), turns(20, 20)).transitions());
        // A phase is a third long; one of two transitions is a tenth late, of which a snapshot is not told.
        assertEquals((0.1 - 1 / 60.0) * 3 / 2, of(turns(20, 20), turns(20, 26)).transitionTimes(), 0.03);
        // One transition has no counterpart, of two and one.
        assertEquals(1 / 3.0, of(turns(20, 20), turns(20)).transitionTimes(), 1e-9);
        assertEquals(1, of(turns(20, 20), turns(60)).transitionTimes(), 1e-9);
        // Two transitions that came one phase earlier are far more than the noise of ones that came two snapshots
        // earlier.
        Fidelity noise = of(turns(20, 20), turns(20, 18));
        assertTrue(isWithin(of(turns(20, 20), turns(20, 19)), noise));
        assertFalse(isWithin(of(turns(20, 20), turns(12, 20)), noise));
    }

    /**
     * Sixty snapshots of two halves: of 20 accesses the lower one has 16, and from the middle on so many. 30 x (1 - the cosine of
     * the square roots of the shares) is more than ln 60 / 3, 1.36, for 8, 2.6, and more than half of it for 11, 1.1, and 0.2 for 14.
     */
    private static MemoryTrace turnsTo(int accesses) {
        MemoryTrace t = new MemoryTrace();
        for (int n = 0; n < 60; n++) {
            int lower = n < 30 ? 16 : accesses;
            Snapshot s = t.snapshot(0, n * 100L, n * 100L + 100);
            s.add(BASE, BASE + 64 * MIB, lower, 0);
            s.add(BASE + 64 * MIB, BASE + 128 * MIB, 20 - lower, 0);
        }
        return t;
    }

    /** A change as large as the least that is seen is seen in one recording of a program and not in another. */
    @Test
    void aClearTransitionMayHaveAFaintCounterpart() throws IOException {
        assertEquals(List.of(0.5), of(turnsTo(8), turnsTo(11)).transitions());
        assertEquals(List.of(), of(turnsTo(8), turnsTo(11)).transitionsOfOther());
        assertEquals(0, of(turnsTo(8), turnsTo(11)).transitionTimes());
        assertEquals(0, of(turnsTo(11), turnsTo(8)).transitionTimes());
        assertEquals(1, of(turnsTo(8), turnsTo(14)).transitionTimes());
        // Whether faint ones are there in both is not known; that neither has any is.
        assertTrue(Double.isNaN(of(turnsTo(11), turnsTo(11)).transitionTimes()));
        assertFalse(of(turnsTo(11), turnsTo(14)).distances().containsKey("transition times"));
        assertEquals(0, of(turnsTo(14), turnsTo(14)).transitionTimes());
    }

    @Test
    void whatWasResidentIsADistanceWhereBothSayIt() throws IOException {
        MemoryTrace a = half(false, 20, 0);
        MemoryTrace b = half(false, 20, 0);
        // What it had while it started is one reading of three.
        a.resident(1, 100, 1 * MIB);
        a.resident(1, 200, 128 * MIB);
        a.resident(1, 300, 128 * MIB);
        assertTrue(Double.isNaN(of(a, b).residentDistance()));
        b.resident(9, 100, 96 * MIB);
        assertEquals(0.25, of(a, b).residentDistance(), 1e-9);
        assertEquals(0.25, of(a, b).distances().get("resident size"), 1e-9);
    }

    /** Half the memory, all of it as hot as before, is what half the memory was to be. */
    @Test
    void aScaledBehaviourIsTheSameOfMemoryOfAnotherSize() throws IOException {
        MemoryTrace whole = half(false, 20, 0);
        MemoryTrace small = new MemoryTrace();
        for (int n = 0; n < 20; n++) {
            Snapshot s = small.snapshot(0, n * 100L, n * 100L + 100);
            s.columns = Snapshot.HAS_AGE;
            s.add(BASE, BASE + 32 * MIB, 20, 0);
            s.add(BASE + 32 * MIB, BASE + 64 * MIB, 0, 0);
        }
        TargetKey key = new TargetKey(0, 0, Snapshot.NO_SCHEME, 0);
        Area place = new Area(key, BASE, BASE + 128 * MIB, 0);
        Area half = new Area(key, BASE, BASE + 64 * MIB, 0);
        CompareOptions options = CompareOptions.DEFAULTS;
        Behaviour a =
                Behaviour.of(whole, TraceQuery.ALL, List.of(place), options).withAccesses(whole, TraceQuery.ALL);
        Behaviour b = Behaviour.of(small, TraceQuery.ALL, List.of(half), new double[] {128.0 * MIB}, options)
                .withAccesses(small, TraceQuery.ALL);
        List<CompareOptions.AreaPair> map = List.of(new CompareOptions.AreaPair(place, half));
        for (double d : Fidelity.of(a.scaled(0.5), b, map, options).distances().values()) {
            assertEquals(0, d, 1e-9);
        }
        assertEquals(0.5, Fidelity.of(a, b, map, options).compare().workingSetDistance(), 1e-9);
    }
}
