package org.damson.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class SnapshotTest {
    @Test
    void growsAndKeepsWhatItHolds() {
        Snapshot s = new Snapshot();
        for (int i = 0; i < 1000; i++) {
            s.add(i * 4096L, i * 4096L + 4096, i % 21, i);
        }
        assertEquals(1000, s.regions);
        assertEquals(1000 * 4096L, s.bytes());
        assertEquals(999, s.age[999]);
    }

    @Test
    void copiesEveryColumnInUse() {
        Snapshot a = new Snapshot();
        a.columns = Snapshot.HAS_AGE | Snapshot.HAS_REFERENCED;
        a.target = 7;
        a.endNs = 100;
        int i = a.add(0, 4096, 3, 9);
        a.referencedMean[i] = 2048;
        Snapshot b = new Snapshot();
        b.copyFrom(a);
        assertEquals(7, b.target);
        assertEquals(2048, b.referencedMean[0]);
        assertArrayEquals(Arrays.copyOf(a.start, 1), Arrays.copyOf(b.start, 1));
        assertTrue(b.has(Snapshot.HAS_REFERENCED));
        assertFalse(b.has(Snapshot.HAS_FILTER_PASSED));
    }

    @Test
    void clearingKeepsNoOldFacts() {
        Snapshot s = new Snapshot();
        s.scheme = 3;
        s.add(0, 1, 1, 1);
        s.clear();
        assertEquals(Snapshot.NO_SCHEME, s.scheme);
        assertEquals(0, s.regions);
    }

    @Test
    void countsAtLeastOneSamplePerAggregation() {
        Snapshot s = new Snapshot();
        assertEquals(1, s.maxNrAccesses());
        s.sampleUs = 5_000;
        s.aggrUs = 100_000;
        assertEquals(20, s.maxNrAccesses());
    }

    /** Regions of 4,096 bytes with counts of 3, 0 and -1, and one larger than 2^63 bytes. */
    @Test
    void onlyCountsAboveZeroAreAccesses() {
        Snapshot s = new Snapshot();
        s.add(0, 4096, 3, 0);
        s.add(4096, 8192, 0, 0);
        s.add(8192, 12288, -1, 0);
        s.add(12288, -4096, 1, 0);
        assertEquals("true 4096 4096", accessed(s, 0));
        assertEquals("false 0 0", accessed(s, 1));
        assertEquals("false 0 0", accessed(s, 2));
        assertEquals("true " + Long.MAX_VALUE + " " + Long.MAX_VALUE, accessed(s, 3));
        s.columns |= Snapshot.HAS_REFERENCED;
        Arrays.fill(s.referencedMean, 0, 4, 1000);
        assertEquals("true 4096 1000", accessed(s, 0));
        assertEquals("false 0 0", accessed(s, 1));
        assertEquals("false 0 0", accessed(s, 2));
        assertEquals("true " + Long.MAX_VALUE + " 1000", accessed(s, 3));
        Arrays.fill(s.referencedMean, 0, 4, 5000);
        assertEquals("true 4096 4096", accessed(s, 0));
        Arrays.fill(s.referencedMean, 0, 4, -5);
        assertEquals("true 4096 0", accessed(s, 0));
    }

    private static String accessed(Snapshot s, int i) {
        return s.isAccessed(i) + " " + s.accessedBytes(i) + " " + s.touchedBytes(i);
    }

    /** Addresses are unsigned: the last region lies in the kernel's half, and ends with the address space. */
    @Test
    void findsTheFirstRegionThatReachesAnAddress() {
        Snapshot s = new Snapshot();
        assertEquals(0, s.firstBeyond(0));
        s.add(0x1000, 0x2000, 0, 0);
        s.add(0x2000, 0x3000, 0, 0);
        s.add(0x5000, 0x6000, 0, 0);
        s.add(-0x1000, 0, 0, 0);
        assertEquals(0, s.firstBeyond(0));
        assertEquals(0, s.firstBeyond(0x1fff));
        assertEquals(1, s.firstBeyond(0x2000));
        assertEquals(2, s.firstBeyond(0x3000));
        assertEquals(3, s.firstBeyond(0x6000));
        assertEquals(3, s.firstBeyond(-1));
    }

    @Test
    void refusesAnAggregationShorterThanASample() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new MonitoringAttrs(10, 5, 0, 0, 0, MonitoringAttrs.IntervalsOrigin.GIVEN));
    }
}
