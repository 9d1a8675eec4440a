package org.damson.analyzer.damos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.LongStream;
import org.damson.analyzer.scan.Arithmetic;
import org.damson.damon.scheme.Action;
import org.damson.damon.scheme.Filter;
import org.damson.damon.scheme.Quota;
import org.damson.damon.scheme.Range;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.Watermarks;
import org.junit.jupiter.api.Test;

/** The kernel's own unit test vectors for DAMOS, and hand-worked cases of its odd corners. */
final class DamosKernelVectorsTest {
    private static final long PAGE = 4096;

    @Test
    void theFeedLoopMovesAsTheKernelsTestDemands() {
        assertTrue(Arithmetic.feedLoop(900_000, 200) > 900_000);
        assertTrue(Arithmetic.feedLoop(900_000, 250_000_000) < 900_000);
        assertTrue(Arithmetic.feedLoop(900_000, 200) > Arithmetic.feedLoop(900_000, 2000));
        assertEquals(20_000, Arithmetic.feedLoop(10_000, 0));
        assertEquals(10_000, Arithmetic.feedLoop(15_000, 20_000));
        assertEquals(7 * 10_000, Arithmetic.feedLoop(140_000, 15_000));
        assertEquals(-1L, Arithmetic.feedLoop(-2L, 0), "saturates");
    }

    @Test
    void scoresAreThoseOfTheKernelsFormula() {
        int[][] vectors = {{0, 0, 65}, {0, 50, 69}, {0, 1200, 73}, {0, 36000, 79}, {1, 0, 64}, {20, 6000, 25}};
        for (int[] v : vectors) {
            int hot = Arithmetic.hotScore(v[0], v[1], 20, 100_000, 3, 7);
            assertEquals(v[2], Damos.MAX_SCORE - hot, "nr " + v[0] + " age " + v[1]);
        }
    }

    @Test
    void anAddressFilterCutsAtItsBordersAndJudgesTheLeftPiece() {
        Regions r = new Regions();
        r.add(1 * PAGE, 8 * PAGE, 0, 0);
        assertFalse(Damos.addressMatch(r, 0, 2 * PAGE, 6 * PAGE));
        assertEquals(2, r.n);
        assertEquals(2 * PAGE, r.end[0]);
        assertTrue(Damos.addressMatch(r, 1, 2 * PAGE, 6 * PAGE));
        assertEquals(3, r.n);
        assertEquals(6 * PAGE, r.end[1]);
        assertFalse(Damos.addressMatch(r, 2, 2 * PAGE, 6 * PAGE));
        assertEquals(3, r.n);
    }

    private static Regions regions(long... pageBounds) {
        Regions r = new Regions();
        for (int i = 0; i + 1 < pageBounds.length; i++) {
            r.add(pageBounds[i] * PAGE, pageBounds[i + 1] * PAGE, 0, 100);
        }
        return r;
    }

    private static Damos damos(KernelVersion v, Scheme... schemes) {
        return new Damos(v, Damos.Ops.VADDR, 5_000, 100_000, PAGE, List.of(schemes), DamosHost.NONE);
    }

    private static void turn(Damos d, long k, Regions r) {
        d.turn(k * 20, k * 100, new Regions[] {r}, new long[] {0}, 1);
    }

    private static long[] ages(Regions r) {
        return LongStream.range(0, r.n).map(i -> r.age[(int) i]).toArray();
    }

    private static Scheme pageout(long quotaPages, long resetMs) {
        return Scheme.of(Action.PAGEOUT).withQuota(new Quota(0, quotaPages * PAGE, resetMs, 0, 0, 0, List.of(), false));
    }

    @Test
    void aSizeQuotaSplitsTheRegionThatExceedsIt() {
        Damos d = damos(KernelVersion.V6_18, pageout(3, 1000));
        Regions r = regions(0, 2, 6, 10);
        turn(d, 1, r);
        assertEquals(4, r.n);
        assertEquals(3 * PAGE, r.end[1]);
        SchemeStats s = d.schemes.get(0).stats;
        assertEquals(2, s.nrTried);
        assertEquals(3 * PAGE, s.szTried);
        assertEquals(List.of(0L, 0L, 100L, 100L), boxed(ages(r)));
    }

    @Test
    void theNextWindowGoesOnWhereTheLastEndedLessOnePageIn618() {
        // addr_from is one byte beyond the end, so one page of the following region is skipped.
        Damos d = damos(KernelVersion.V6_18, pageout(2, 100));
        Regions r = regions(0, 2, 6, 10);
        turn(d, 1, r);
        assertEquals(List.of(0L, 100L, 100L), boxed(ages(r)));
        turn(d, 2, r);
        assertEquals(
                List.of(0L, 2L, 3L, 5L, 6L),
                boxed(LongStream.range(0, r.n).map(i -> r.start[(int) i] / PAGE).toArray()));
        assertEquals(List.of(0L, 100L, 0L, 100L, 100L), boxed(ages(r)));
    }

    @Test
    void sevenOneGoesOnWithoutSkipping() {
        Damos d = damos(KernelVersion.V7_1, pageout(2, 100));
        Regions r = regions(0, 2, 6, 10);
        turn(d, 1, r);
        turn(d, 2, r);
        assertEquals(
                List.of(0L, 2L, 4L, 6L),
                boxed(LongStream.range(0, r.n).map(i -> r.start[(int) i] / PAGE).toArray()));
        assertEquals(List.of(0L, 0L, 100L, 100L), boxed(ages(r)));
    }

    @Test
    void aQuotaSmallerThanAPageTriesNothingButCountsAndKeepsTheAge() {
        Damos d = damos(
                KernelVersion.V6_18,
                Scheme.of(Action.PAGEOUT).withQuota(new Quota(0, 1000, 1000, 0, 0, 0, List.of(), false)));
        Regions r = regions(0, 2, 6);
        turn(d, 1, r);
        SchemeStats s = d.schemes.get(0).stats;
        assertEquals(2, s.nrTried);
        assertEquals(0, s.szTried);
        assertEquals(List.of(100L, 100L), boxed(ages(r)));
    }

    @Test
    void exceededWindowsAreCountedWhenTheNextBegins() {
        Damos d = damos(KernelVersion.V6_18, pageout(2, 200));
        Regions r = regions(0, 2, 6);
        turn(d, 1, r);
        assertEquals(0, d.schemes.get(0).stats.qtExceeds);
        turn(d, 2, r);
        assertEquals(2 * PAGE, d.schemes.get(0).stats.szTried, "the window is not over");
        turn(d, 3, r);
        assertEquals(1, d.schemes.get(0).stats.qtExceeds);
    }

    @Test
    void aGoalQuotaStartsAtOneByteAndDoublesWhileTheGoalIsFar() {
        Quota q = new Quota(0, 0, 100, 0, 0, 0, List.of(new Quota.Goal(Quota.Metric.USER_INPUT, 10_000, 0)), false);
        Damos d = damos(KernelVersion.V6_18, Scheme.of(Action.PAGEOUT).withQuota(q));
        Regions r = regions(0, 2, 600);
        for (int k = 1; k <= 12; k++) {
            turn(d, k, r);
            assertEquals(1L << k, d.schemes.get(0).effectiveBytes);
        }
        turn(d, 13, r);
        assertTrue(d.schemes.get(0).stats.szTried > 0);
    }

    @Test
    void theColdestGoFirstWhenTheQuotaIsTight() {
        Regions r = new Regions();
        r.add(0, 10 * PAGE, 0, 10);
        r.add(10 * PAGE, 20 * PAGE, 0, 36_000);
        Scheme s = Scheme.of(Action.PAGEOUT).withQuota(new Quota(0, 10 * PAGE, 1000, 0, 3, 7, List.of(), false));
        Damos d = damos(KernelVersion.V6_18, s);
        turn(d, 1, r);
        assertEquals(List.of(10L, 0L), boxed(ages(r)));
    }

    @Test
    void allBoundsAreInclusive() {
        Scheme s = Scheme.of(Action.STAT)
                .withSize(new Range(2 * PAGE, 4 * PAGE, Range.Unit.BYTES))
                .withAccess(new Range(1, 3, Range.Unit.SAMPLES))
                .withAge(new Range(5, 7, Range.Unit.AGGREGATIONS));
        SchemeState live = damos(KernelVersion.V6_18, s).schemes.get(0);
        assertTrue(live.matches(2 * PAGE, 1, 5));
        assertTrue(live.matches(4 * PAGE, 3, 7));
        assertFalse(live.matches(2 * PAGE - 1, 1, 5));
        assertFalse(live.matches(4 * PAGE + 1, 1, 5));
        assertFalse(live.matches(2 * PAGE, 0, 5));
        assertFalse(live.matches(2 * PAGE, 4, 5));
        assertFalse(live.matches(2 * PAGE, 1, 4));
        assertFalse(live.matches(2 * PAGE, 1, 8));
    }

    @Test
    void aLaterSchemeSeesTheAgeThatAnEarlierOneReset() {
        Scheme cold = Scheme.of(Action.PAGEOUT).withAge(new Range(50, Range.MAX, Range.Unit.AGGREGATIONS));
        Scheme stat = Scheme.of(Action.STAT).withAge(new Range(50, Range.MAX, Range.Unit.AGGREGATIONS));
        Damos d = damos(KernelVersion.V6_18, cold, stat);
        turn(d, 1, regions(0, 4));
        assertEquals(1, d.schemes.get(0).stats.nrTried);
        assertEquals(0, d.schemes.get(1).stats.nrTried);
        Damos other = damos(KernelVersion.V6_18, stat, cold);
        turn(other, 1, regions(0, 4));
        assertEquals(1, other.schemes.get(0).stats.nrTried);
        assertEquals(1, other.schemes.get(1).stats.nrTried);
    }

    @Test
    void aLoneAllowFilterRejectsTheRestAndTheCutOffTailWaits() {
        Scheme s = Scheme.of(Action.STAT)
                .withFilters(List.of(new Filter(Filter.Type.ADDR, true, true, 2 * PAGE, 4 * PAGE, "")));
        Damos d = damos(KernelVersion.V6_18, s);
        Regions r = regions(0, 8);
        turn(d, 1, r);
        assertEquals(0, d.schemes.get(0).stats.nrTried, "[0,2) is rejected, the tail waits");
        turn(d, 2, r);
        assertEquals(2 * PAGE * 3, d.schemes.get(0).stats.szTried, "sz is measured before the filter's split");
        Damos seven = damos(KernelVersion.V7_1, s);
        turn(seven, 1, regions(0, 8));
        assertEquals(1, seven.schemes.get(0).stats.nrTried);
    }

    @Test
    void watermarksKeepTheStateBetweenMidAndHigh() {
        Watermarks w = new Watermarks(true, 5_000_000, 500, 400, 200);
        assertFalse(w.next(true, 501));
        assertFalse(w.next(true, 199));
        assertTrue(w.next(true, 450));
        assertFalse(w.next(false, 450));
        assertTrue(w.next(false, 399));
        assertTrue(w.next(false, 200));
    }

    @Test
    void aSchemeStopsAfterItsSnapshotsFrom71On() {
        Scheme s = Scheme.of(Action.STAT).withMaxSnapshots(2);
        for (KernelVersion v : KernelVersion.values()) {
            Damos d = damos(v, s);
            for (int k = 1; k <= 5; k++) {
                turn(d, k, regions(0, 4));
            }
            assertEquals(v.isSince7() ? 2 : 5, d.schemes.get(0).stats.nrTried, v.toString());
        }
    }

    private static List<Long> boxed(long[] values) {
        return LongStream.of(values).boxed().toList();
    }
}
