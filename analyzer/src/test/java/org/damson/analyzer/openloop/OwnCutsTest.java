package org.damson.analyzer.openloop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.damson.analyzer.damos.DamonCore;
import org.damson.analyzer.damos.KernelVersion;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.damos.Regions;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.SchemeParser;
import org.junit.jupiter.api.Test;

/** What schemes of a set cut off each other's regions, and what a scheme may have seen of pieces. */
final class OwnCutsTest {
    private static final String PLAIN = "stat access=0..0 age=5aggr..max";
    private static final String QUOTA =
            "pageout access=0..0 age=5aggr..max quotas/bytes=1M quotas/reset_interval_ms=1000";

    private static List<Scheme> schemes(String... texts) {
        return Stream.of(texts).flatMap(t -> SchemeParser.parse(t).stream()).toList();
    }

    private static OwnCuts cuts(KernelVersion version, int k, String... texts) {
        return new OwnCuts(schemes(texts), k, new OpenLoopOptions(version, false, 4096));
    }

    @Test
    void schemesWithoutQuotaOrAddressFilterCutNothing() {
        OwnCuts c = cuts(KernelVersion.V6_18, 0, PLAIN, PLAIN);
        assertFalse(c.any());
        assertFalse(c.byOthers());
        assertTrue(c.leaveAll());
        assertEquals(0, c.missedBytes(1 << 20));
        assertEquals(0, c.seenTwiceBytes(1 << 20));
    }

    /** A quota cuts where its window goes on and where it ends: two regions at most, seen by those after it. */
    @Test
    void aQuotaCutsTwoRegionsOfThoseAfterIt() {
        OwnCuts before = cuts(KernelVersion.V6_18, 0, PLAIN, QUOTA);
        assertTrue(before.any() && before.byOthers());
        assertEquals(0, before.missedBytes(1 << 20));
        OwnCuts after = cuts(KernelVersion.V6_18, 1, QUOTA, PLAIN);
        assertEquals(2 << 20, after.missedBytes(1 << 20));
        assertEquals(0, after.seenTwiceBytes(1 << 20));
        assertFalse(after.leaveAll());
        OwnCuts own = cuts(KernelVersion.V6_18, 0, QUOTA);
        assertTrue(own.any());
        assertFalse(own.byOthers());
        assertTrue(own.leaveAll());
    }

    /** Kernels that visit what was cut off in the same turn have earlier schemes see it twice. */
    @Test
    void newKernelsShowEarlierSchemesWhatWasCutOff() {
        OwnCuts before = cuts(KernelVersion.V7_2, 0, PLAIN, QUOTA, QUOTA);
        assertEquals(4 << 20, before.seenTwiceBytes(1 << 20));
        assertEquals(0, cuts(KernelVersion.V6_18, 0, PLAIN, QUOTA).seenTwiceBytes(1 << 20));
        assertEquals(0, cuts(KernelVersion.V7_2, 1, PLAIN, QUOTA).seenTwiceBytes(1 << 20)); // not by itself
        // More than a long holds is as much as it can be.
        assertTrue(before.seenTwiceBytes(Long.MAX_VALUE) > Long.MAX_VALUE / 4);
    }

    /** What ran in the recording is in it. */
    @Test
    void recordedSchemesCutNothingNew() {
        OpenLoopOptions recorded = new OpenLoopOptions(KernelVersion.V6_18, false, 4096).withSchemesAsRecorded();
        OwnCuts c = new OwnCuts(schemes(QUOTA, PLAIN), 1, recorded);
        assertFalse(c.any());
        assertEquals(0, c.missedBytes(1 << 20));
    }

    /** Pieces of any size match a scheme that asks for none. */
    @Test
    void sizesMatterWhereASchemeAsksForThem() {
        assertTrue(cuts(KernelVersion.V6_18, 0, PLAIN + " size=8K..max", QUOTA).changeSizes(false));
        assertFalse(cuts(KernelVersion.V6_18, 0, PLAIN + " size=4K..max", QUOTA).changeSizes(false));
        assertTrue(cuts(KernelVersion.V6_18, 0, PLAIN + " size=4K..1M", QUOTA).changeSizes(false));
        assertFalse(cuts(KernelVersion.V6_18, 0, PLAIN + " size=8K..max", PLAIN).changeSizes(false));
        assertTrue(cuts(KernelVersion.V6_18, 0, PLAIN + " size=8K..max", PLAIN).changeSizes(true));
    }

    @Test
    void whatIsNotSimulatedIsSaid() {
        assertEquals(List.of(), NotSimulated.of(schemes(PLAIN, QUOTA), KernelVersion.V6_18, false));
        List<String> lines = NotSimulated.of(
                schemes(PLAIN + " quotas/weights/age_permil=5", PLAIN + " max_nr_snapshots=3"),
                KernelVersion.V6_18,
                false);
        assertEquals(
                List.of(
                        "scheme 0: weights and reset interval change nothing: there is no quota of bytes, time or by a goal",
                        "scheme 1: max_nr_snapshots is not simulated: Linux 6.18 does not have it; --kernel 7.1 does"),
                lines);
        assertEquals(List.of(), NotSimulated.of(schemes(PLAIN + " max_nr_snapshots=3"), KernelVersion.V7_2, false));
    }

    private static Regions pieces(long... sizes) {
        long[] bounds = new long[2 * sizes.length];
        long at = 1L << 46;
        for (int i = 0; i < sizes.length; i++) {
            bounds[2 * i] = at;
            at += sizes[i];
            bounds[2 * i + 1] = at;
        }
        return DamonCore.initial(bounds, 1, 4096);
    }

    private static String seen(Regions r, long min, long max, boolean revisits) {
        SeenWhole s = new SeenWhole();
        s.of(r, 0, r.n, min, max, revisits);
        return s.minBytes + ".." + s.maxBytes + " in " + s.minRegions + ".." + s.maxRegions;
    }

    @Test
    void onePieceFitsOrNot() {
        assertEquals("8192..8192 in 1..1", seen(pieces(8192), 4096, 8192, false));
        assertEquals("0..0 in 0..0", seen(pieces(8192), 4096, 8191, false));
    }

    /** 4 and 8 KiB: seen whole, or only one of them, or, where what was cut off is visited again, one after the other. */
    @Test
    void twoPiecesMayBeSeenAsOne() {
        assertEquals("4096..12288 in 1..2", seen(pieces(4096, 8192), 0, 1 << 20, false));
        assertEquals("0..12288 in 0..1", seen(pieces(4096, 8192), 12288, 1 << 20, false));
        assertEquals("0..4096 in 0..1", seen(pieces(4096, 8192), 0, 4096, false));
        assertEquals("4096..20480 in 1..2", seen(pieces(4096, 8192), 0, 1 << 20, true));
    }

    /** All ways to see a run of pieces, by trying each. */
    @Test
    void boundsAreThoseOfAllWaysToSeeThem() {
        SplittableRandom random = new SplittableRandom(112);
        for (int round = 0; round < 200; round++) {
            long[] sizes = new long[2 + random.nextInt(5)];
            for (int i = 0; i < sizes.length; i++) {
                sizes[i] = 4096L * (1 + random.nextInt(4));
            }
            long min = 4096L * random.nextInt(5);
            long max = min + 4096L * random.nextInt(12);
            long most = 0;
            int mostRegions = 0;
            for (int[] way : ways(sizes.length)) {
                long bytes = 0;
                int regions = 0;
                for (int i = 0; i + 1 < way.length; i++) {
                    long size = 0;
                    for (int k = way[i]; k < way[i + 1]; k++) {
                        size += sizes[k];
                    }
                    bytes += size >= min && size <= max ? size : 0;
                    regions += size >= min && size <= max ? 1 : 0;
                }
                most = Math.max(most, bytes);
                mostRegions = Math.max(mostRegions, regions);
            }
            SeenWhole s = new SeenWhole();
            Regions r = pieces(sizes);
            s.of(r, 0, r.n, min, max, false);
            assertEquals(most, s.maxBytes, "round " + round);
            assertEquals(mostRegions, s.maxRegions, "round " + round);
            assertTrue(s.minBytes <= most && s.minRegions <= mostRegions, "round " + round);
        }
    }

    /** The bounds of runs that so many pieces may be joined to. */
    private static List<int[]> ways(int n) {
        List<int[]> all = new ArrayList<>();
        for (int joins = 0; joins < 1 << (n - 1); joins++) {
            List<Integer> bounds = new ArrayList<>(List.of(0));
            for (int i = 1; i < n; i++) {
                if ((joins >> (i - 1) & 1) == 0) {
                    bounds.add(i);
                }
            }
            bounds.add(n);
            all.add(bounds.stream().mapToInt(Integer::intValue).toArray());
        }
        return all;
    }
}
