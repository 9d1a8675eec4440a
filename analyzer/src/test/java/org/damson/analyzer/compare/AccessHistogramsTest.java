package org.damson.analyzer.compare;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.damson.analyzer.MemoryTrace.MS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.damson.analyzer.MemoryTrace;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

final class AccessHistogramsTest {
    private static final long HIGH = 0xffff_8000_0000_0000L;

    private static AccessHistograms of(MemoryTrace t) throws IOException {
        return AccessHistograms.of(t, TraceQuery.ALL);
    }

    /** A region of 2 MiB, seen for 100 ms: 0.2 MiB s. */
    private static MemoryTrace one(int accesses, int age, int columns) {
        MemoryTrace t = new MemoryTrace();
        Snapshot s = t.snapshot(0, 0, 100);
        s.columns = columns;
        s.add(HIGH, HIGH + 2 * MIB, accesses, age);
        return t;
    }

    private static double[] only(int bins, int bin, double value) {
        double[] all = new double[bins];
        all[bin] = value;
        return all;
    }

    /** Of 20 samples, k are k twentieths: each its own step, of which the first begins above 0. */
    @Test
    void everyAccessCountHasItsStep() throws IOException {
        for (int k = 1; k <= 20; k++) {
            assertArrayEquals(only(20, k - 1, 0.2 * MIB), of(one(k, 0, 0)).ratios(), 1e-6, k + " accesses");
        }
        assertArrayEquals(new double[20], of(one(0, 0, 0)).ratios());
        // More than possible, as DAMON's last sample may come twice: the greatest.
        assertArrayEquals(only(20, 19, 0.2 * MIB), of(one(25, 0, 0)).ratios(), 1e-6);
    }

    /** Ages 0, 1, 2 to 3, 4 to 7, ...; what is beyond 2^23 is in the last. */
    @Test
    void agesAreCountedInOctaves() throws IOException {
        int[][] bins = {{0, 0}, {1, 1}, {2, 2}, {3, 2}, {4, 3}, {7, 3}, {8, 4}, {1 << 22, 23}, {Integer.MAX_VALUE, 23}};
        for (int[] b : bins) {
            double[] ages = of(one(0, b[0], Snapshot.HAS_AGE)).ages();
            assertArrayEquals(only(24, b[1], 0.2 * MIB), ages, 1e-6, "age " + b[0]);
        }
        assertNull(of(one(0, 5, 0)).ages()); // no column of ages
        assertNull(of(one(0, -1, Snapshot.HAS_AGE)).ages());
    }

    /** Half of the samples, in which a tenth of the mapping was found on average: a fifth of it when it was accessed. */
    @Test
    void ofAMappingCountsWhatWasTouched() throws IOException {
        MemoryTrace t = one(10, 0, Snapshot.HAS_REFERENCED);
        Snapshot s = t.snapshots.get(0);
        s.reserve(1);
        s.referencedMean[0] = 2 * MIB / 10;
        assertArrayEquals(only(20, 9, 0.2 * MIB * 0.2), of(t).ratios(), 0.1);
    }

    /** Only 50 of 100 ms are asked for, and the snapshot counts whole; of one outside them nothing counts. */
    @Test
    void timeTakesSnapshotsWhole() throws IOException {
        MemoryTrace t = one(20, 3, Snapshot.HAS_AGE);
        t.snapshot(0, 100, 200).add(0, 64 * MIB, 20, 0);
        AccessHistograms h = AccessHistograms.of(t, TraceQuery.ALL.time(50 * MS, 100 * MS));
        assertArrayEquals(only(20, 19, 0.2 * MIB), h.ratios(), 1e-6);
        assertArrayEquals(only(24, 2, 0.2 * MIB), h.ages(), 1e-6);
    }

    /** From 2 of 20 to 12 of 20: ten of twenty steps. Half of it: a quarter of all. */
    @Test
    void distancesAreMeanDifferencesOfTheRatio() throws IOException {
        AccessHistograms two = of(one(2, 4, Snapshot.HAS_AGE));
        AccessHistograms twelve = of(one(12, 0, Snapshot.HAS_AGE));
        assertEquals(0.5, two.ratioDistance(twelve), 1e-12);
        assertEquals(0.5, twelve.ratioDistance(two), 1e-12);
        assertEquals(0, two.ratioDistance(two));
        assertEquals(3 / 24.0, two.ageDistance(twelve), 1e-12);
        double[] half = new double[20];
        half[1] = 7;
        half[11] = 7;
        assertEquals(0.25, two.ratioDistance(new AccessHistograms(half, null)), 1e-12);
    }

    @Test
    void nothingAccessedIsFarFromAnythingThatIs() throws IOException {
        AccessHistograms none = of(new MemoryTrace());
        assertEquals(0, none.ratioDistance(none));
        assertEquals(1, none.ratioDistance(of(one(1, 0, 0))));
        assertTrue(Double.isNaN(none.ageDistance(of(one(1, 0, Snapshot.HAS_AGE)))));
        assertThrows(IllegalArgumentException.class, () -> new AccessHistograms(new double[19], null));
        assertThrows(IllegalArgumentException.class, () -> new AccessHistograms(new double[20], new double[3]));
    }
}
