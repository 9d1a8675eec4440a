package org.damson.analyzer.damos;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The vectors of the kernel's own unit tests of DAMON's core and virtual addresses. */
final class DamonKernelVectorsTest {
    private static Regions regions(long... bounds) {
        Regions r = new Regions();
        for (int i = 0; i < bounds.length; i += 2) {
            r.add(bounds[i], bounds[i + 1], 0, 0);
        }
        return r;
    }

    private static long[] bounds(Regions r) {
        long[] b = new long[r.n * 2];
        for (int i = 0; i < r.n; i++) {
            b[2 * i] = r.start[i];
            b[2 * i + 1] = r.end[i];
        }
        return b;
    }

    @Test
    void twoRegionsMergeToTheirWeightedMean() {
        Regions r = regions(0, 100, 100, 300);
        r.nr[0] = 10;
        r.nr[1] = 20;
        DamonCore.merge(r, 10, Long.MAX_VALUE);
        assertArrayEquals(new long[] {0, 300}, bounds(r));
        assertEquals(16, r.nr[0]);
    }

    @Test
    void neighboursThatDifferLittleMerge() {
        Regions r = regions(0, 100, 100, 112, 114, 122, 122, 130, 130, 156, 156, 170, 170, 184, 184, 230);
        int[] nr = {0, 0, 10, 10, 20, 30, 1, 2};
        System.arraycopy(nr, 0, r.nr, 0, 8);
        DamonCore.merge(r, 9, 9999);
        assertArrayEquals(new long[] {0, 112, 114, 130, 130, 156, 156, 170, 170, 230}, bounds(r));
    }

    @Test
    void agesGrowUnlessTheCountMovedOrCrossedZero() {
        Regions r = regions(0, 10, 20, 30, 40, 50, 60, 70);
        int[] nr = {5, 5, 1, 0};
        int[] last = {5, 9, 0, 0};
        for (int i = 0; i < 4; i++) {
            r.nr[i] = nr[i];
            r.lastNr[i] = last[i];
            r.age[i] = 7;
        }
        DamonCore.merge(r, 3, 9999);
        assertArrayEquals(new int[] {8, 0, 0, 8}, java.util.Arrays.copyOf(r.age, 4));
    }

    @Test
    void noMergeExceedsTheSizeLimit() {
        Regions r = regions(0, 10, 10, 20, 20, 30);
        DamonCore.merge(r, 9, 20);
        assertArrayEquals(new long[] {0, 20, 20, 30}, bounds(r));
    }

    @Test
    void theMovingSumFollowsTheSamples() {
        int[] inputs = {1, 0, 1, 0, 0, 0, 1, 0, 0, 0};
        int[] expected = {55000, 50000, 55000, 50000, 45000, 40000, 45000, 40000, 35000, 30000};
        int sum = 50000;
        for (int i = 0; i < 10; i++) {
            sum = DamonCore.movingSum(sum, 50000, 10, inputs[i] * 10_000);
            assertEquals(expected[i], sum);
        }
    }

    @Test
    void newIntervalsConvertCountsAndAges() {
        Regions r = regions(0, 10);
        r.nr[0] = 15;
        r.age[0] = 20;
        DamonCore.convert(r, 0, 10, 1000, 100, 10000);
        assertEquals(15, r.nr[0]);
        assertEquals(2, r.age[0]);
        DamonCore.convert(r, 0, 10, 1000, 1, 1000);
        assertEquals(150, r.nr[0]);
        assertEquals(2, r.age[0]);
        DamonCore.convert(r, 0, 10, 1000, 1, 100);
        assertEquals(150, r.nr[0]);
        assertEquals(20, r.age[0]);
    }

    @Test
    void regionsAreFittedToRanges() {
        Regions r = regions(4, 16, 24, 32);
        DamonCore.setRegions(r, new long[] {8, 28}, 1);
        assertArrayEquals(new long[] {8, 16, 16, 24, 24, 28}, bounds(r));
    }

    @Test
    void threeRangesLieBetweenTheLargestGaps() {
        long[] areas = {10, 20, 20, 25, 200, 210, 210, 220, 300, 305, 307, 330};
        assertArrayEquals(new long[] {10, 25, 200, 220, 300, 330}, DamonCore.threeRanges(areas));
        assertNull(DamonCore.threeRanges(new long[] {10, 20, 20, 25, 30, 35}));
    }

    @Test
    void regionsFollowTheThreeRanges() {
        long[] r = {10, 20, 20, 30, 50, 55, 55, 57, 57, 59, 70, 80, 80, 90, 90, 100};
        check(r, new long[] {5, 27, 45, 55, 73, 104}, 5, 20, 20, 27, 45, 55, 73, 80, 80, 90, 90, 104);
        check(r, new long[] {5, 27, 56, 57, 65, 104}, 5, 20, 20, 27, 56, 57, 65, 80, 80, 90, 90, 104);
        check(r, new long[] {5, 27, 61, 63, 65, 104}, 5, 20, 20, 27, 61, 63, 65, 80, 80, 90, 90, 104);
        check(r, new long[] {5, 7, 30, 32, 65, 68}, 5, 7, 30, 32, 65, 68);
    }

    private static void check(long[] before, long[] ranges, long... after) {
        Regions r = regions(before);
        DamonCore.setRegions(r, ranges, 1);
        assertArrayEquals(after, bounds(r));
    }

    @Test
    void splittingKeepsBytesAndCountersAndAlignment() {
        SplittableRandom random = new SplittableRandom(1);
        for (int pieces = 2; pieces <= 3; pieces++) {
            Regions r = regions(0, 40960, 40960, 45056, 45056, 1 << 20);
            r.nr[2] = 7;
            r.age[2] = 9;
            DamonCore.split(r, pieces, 4096, random);
            assertTrue(r.n > 3 && r.n <= 3 * pieces);
            long at = 0;
            for (int i = 0; i < r.n; i++) {
                assertEquals(at, r.start[i]);
                assertEquals(0, r.start[i] % 4096);
                assertTrue(r.end[i] > r.start[i]);
                at = r.end[i];
            }
            assertEquals(1 << 20, at);
            assertEquals(7, r.nr[r.n - 1]);
            assertEquals(9, r.age[r.n - 1]);
        }
    }
}
