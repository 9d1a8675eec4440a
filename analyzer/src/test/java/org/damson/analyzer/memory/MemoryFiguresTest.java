package org.damson.analyzer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.damson.analyzer.scan.Bounded;
import org.damson.damon.scheme.Action;
import org.damson.model.InvalidInputException;
import org.junit.jupiter.api.Test;

/** Actions on pieces of memory, costs and series, in figures worked out by hand. Pieces lie above 2^63. */
final class MemoryFiguresTest {
    private static final long HIGH = 0xffff_8000_0000_0000L;

    /** Two pieces of 1,000 bytes: of the first all was seen touched, of the second a quarter, likely a half. */
    private static Pieces two() {
        Pieces p = new Pieces();
        p.cut(HIGH, HIGH + 1000);
        p.cut(HIGH + 1000, HIGH + 2000);
        p.set(Pieces.KNOWN_MIN, 0, 1);
        p.set(Pieces.KNOWN_LIKELY, 0, 1);
        p.set(Pieces.KNOWN_MIN, 1, 0.25f);
        p.set(Pieces.KNOWN_LIKELY, 1, 0.5f);
        return p;
    }

    private static Actions actions(double density) {
        Actions a = new Actions(new Pieces.Touch());
        a.turnBegins(density, 9);
        return a;
    }

    /** Of what was not seen touched a fifth exists: 1,000 and 1,000 x (0.5 + 0.5 / 5) go out; again, nothing more. */
    @Test
    void whatExistsIsPagedOut() {
        Pieces p = two();
        Actions a = actions(0.2);
        assertEquals(1600, a.act(Action.PAGEOUT, p, HIGH, HIGH + 2000), 1e-3);
        a.turnBegins(0, 10); // all that exists is known by now
        assertEquals(0, a.act(Action.PAGEOUT, p, HIGH, HIGH + 2000));
        assertEquals(2000, a.pagedOutMost, 1e-3);
        assertEquals(1600, p.sum(Pieces.OUT_LIKELY), 1e-3);
        assertEquals(2000, p.sum(Pieces.OUT_MAX), 1e-3);
        assertEquals(0, p.sum(Pieces.OUT_MIN));
        assertEquals(2000, a.act(Action.WILLNEED, p, HIGH, HIGH + 2000), 1e-3);
        assertEquals(0, p.sum(Pieces.OUT_LIKELY) + p.sum(Pieces.OUT_MAX) + p.sum(Pieces.OUT_MAX_EAGER));
    }

    /** Half of the first piece is cut out of it; what lies outside the pieces was never seen touched. */
    @Test
    void anActionCutsPiecesAtItsBounds() {
        Pieces p = two();
        assertEquals(500, actions(0).act(Action.PAGEOUT, p, HIGH + 500, HIGH + 1000), 1e-3);
        assertEquals(3, p.n);
        assertEquals(500, p.sum(Pieces.OUT_LIKELY), 1e-3);
        assertEquals(10, actions(0.1).act(Action.PAGEOUT, p, HIGH + 2000, HIGH + 2100), 1e-3);
        assertEquals(4, p.n);
    }

    /** In the least course only what was seen touched for certain goes, in the most eager one all. */
    @Test
    void whatMayGoOutIsBounded() {
        Pieces p = two();
        Actions a = actions(0);
        assertEquals(1250, a.mayPageOut(p, HIGH, HIGH + 2000, true), 1e-3);
        assertEquals(1250, p.sum(Pieces.OUT_MIN), 1e-3);
        assertEquals(1250, p.sum(Pieces.OUT_MIN_LAZY), 1e-3);
        assertEquals(2000, p.sum(Pieces.OUT_MAX), 1e-3);
        assertEquals(0, p.sum(Pieces.OUT_LIKELY));
        assertEquals(0, a.mayPageOut(p, HIGH, HIGH + 2000, true)); // it is out already
        Pieces other = two();
        assertEquals(0, actions(0).mayPageOut(other, HIGH, HIGH + 2000, false));
        assertEquals(0, other.sum(Pieces.OUT_MIN));
    }

    @Test
    void lockedMemoryStays() {
        Pieces p = two();
        Actions a = actions(1);
        assertEquals(1000, a.act(Action.MLOCK, p, HIGH, HIGH + 1000), 1e-3);
        assertEquals(1000, a.act(Action.PAGEOUT, p, HIGH, HIGH + 2000), 1e-3); // the second piece alone
        assertEquals(0, p.share(Pieces.OUT_LIKELY, 0));
        assertEquals(0, a.mayPageOut(p, HIGH, HIGH + 1000, true));
        assertEquals(0, p.share(Pieces.OUT_MAX, 0));
    }

    /** 1,500 bytes exist; room for 600 in the fast tier. */
    @Test
    void tiersExchangeWhatExistsAndFits() {
        Pieces p = two();
        Pieces.Touch step = new Pieces.Touch();
        Actions a = new Actions(step);
        a.turnBegins(0, 0);
        assertEquals(1500, a.act(Action.MIGRATE_COLD, p, HIGH, HIGH + 2000), 1e-3);
        assertEquals(0, a.act(Action.MIGRATE_COLD, p, HIGH, HIGH + 2000));
        assertEquals(1500, step.fastFree, 1e-3);
        step.fastFree = 600;
        assertEquals(600, a.act(Action.MIGRATE_HOT, p, HIGH, HIGH + 2000), 1e-3);
        assertEquals(0.4, p.share(Pieces.SLOW, 0), 1e-6);
        assertEquals(0, a.act(Action.MIGRATE_HOT, p, HIGH, HIGH + 2000));
        assertEquals(600, a.promoted, 1e-3);
        assertEquals(1500, a.demoted, 1e-3);
    }

    @Test
    void flagsAndOrderMoveNothing() {
        Pieces p = two();
        Actions a = actions(0);
        assertEquals(0, a.act(Action.STAT, p, HIGH, HIGH + 2000));
        assertEquals(2000, a.act(Action.HUGEPAGE, p, HIGH, HIGH + 2000));
        assertEquals(Pieces.HUGE, p.flags[1] & Pieces.HUGE);
        assertEquals(1000, a.act(Action.NOHUGEPAGE, p, HIGH, HIGH + 1000));
        assertEquals(0, p.flags[0] & Pieces.HUGE);
        assertEquals(1500, a.act(Action.LRU_PRIO, p, HIGH, HIGH + 2000), 1e-3);
        assertEquals(9, p.touched[0]);
        assertEquals(1500, a.act(Action.COLD, p, HIGH, HIGH + 2000), 1e-3);
        assertEquals(-1, p.touched[1]);
        assertEquals(3000, a.sorted, 1e-3);
    }

    /** k of n samples found it: 1 - (1 - k/n)^n of its pages, if each sample found others; at least with a third of the samples. */
    @Test
    void whatWasTouchedGrowsWithTheSamples() {
        TouchedShare share = new TouchedShare();
        share.samples(3);
        assertEquals(1 - 8 / 27.0, share.likely(1), 1e-12);
        assertEquals(1 / 3.0, share.least(1), 1e-12);
        assertEquals(1 / 3.0, share.atOnce(1), 1e-12);
        assertEquals(0, share.likely(0));
        assertEquals(1, share.likely(3));
        assertEquals(1, share.likely(4)); // one more than possible
        share.samples(20_000); // more than are tabulated
        assertEquals(1 - Math.pow(0.5, 20_000), share.likely(10_000), 1e-12);
        assertEquals(share.likely(4096), 1 - Math.pow(1 - 4096 / 20_000.0, 20_000), 1e-12);
        for (int k = 0; k < 20_000; k += 997) {
            assertTrue(share.atOnce(k) <= share.least(k) + 1e-12 && share.least(k) <= share.likely(k) + 1e-12);
        }
    }

    @Test
    void boundsHoldTheLikelyValue() {
        assertEquals(new Bounded(2, 2, 5), Bounded.of(3, 2, 5));
        assertEquals(new Bounded(1, 6, 6), Bounded.of(1, 6, 5));
        assertEquals(new Bounded(4, 6, 8), new Bounded(1, 6, 8).raisedToHalfOfMax());
        assertEquals(new Bounded(3, 3, 8), new Bounded(1, 3, 8).raisedToHalfOfMax()); // not above the likely
        assertEquals(new Bounded(5, 6, 8), new Bounded(5, 6, 8).raisedToHalfOfMax());
        assertEquals(new Bounded(2, 4, 6), new Bounded(1, 2, 3).times(2));
        assertEquals(7, new Bounded(1, 6, 8).undecided());
    }

    @Test
    void costsAreNamedOrGiven() {
        assertEquals(new CostModel("zram", 8_000, 12_000, 0.35), CostModel.of("ZRAM"));
        assertEquals(new CostModel("given", 10_000, 15_000, 0), CostModel.of("10us,15us"));
        assertEquals(new CostModel("given", 10_000, 15_000, 0.335), CostModel.of("10us,15us,33.5%"));
        for (String wrong : List.of("zrom", "10us", "10us,15us,33", "10us,15us,133%", "1us,2us,3%,4", "10us,")) {
            assertThrows(InvalidInputException.class, () -> CostModel.of(wrong), wrong);
        }
        assertThrows(InvalidInputException.class, () -> new CostModel("x", -1, 0, 0));
        assertThrows(InvalidInputException.class, () -> new CostModel("x", 0, 0, Double.NaN));
    }

    private static Outcome.Point point(long from, long to, double out, double back, double fast) {
        Bounded b = new Bounded(back, back * 2, back * 3);
        return new Outcome.Point(from, to, 100 + out, new Bounded(out, out, out), b, back, 7, 8, fast);
    }

    @Test
    void aShortSeriesIsWhatWasAdded() {
        OutcomeSeries s = new OutcomeSeries();
        assertEquals(List.of(), s.points());
        s.add(point(0, 10, 1, 2, 1));
        s.add(point(10, 20, 2, 3, 0.5));
        assertEquals(List.of(point(0, 10, 1, 2, 1), point(10, 20, 2, 3, 0.5)), s.points());
    }

    /** However long, at most 2,048 points without a gap; levels are the last, sums are kept, shares are weighted by time. */
    @Test
    void aLongSeriesIsJoinedAndAddsUp() {
        SplittableRandom random = new SplittableRandom(91);
        OutcomeSeries s = new OutcomeSeries();
        double back = 0;
        double fast = 0;
        long at = 0;
        double level = 0;
        for (int i = 0; i < 9001; i++) {
            long to = at + 1 + random.nextInt(5);
            double share = random.nextInt(5) / 4.0;
            level = random.nextInt(100);
            int bytes = random.nextInt(10);
            s.add(point(at, to, level, bytes, share));
            back += bytes;
            fast += share * (to - at);
            at = to;
        }
        List<Outcome.Point> points = s.points();
        assertTrue(points.size() <= OutcomeSeries.MAX_POINTS, points.size() + " points");
        assertEquals(level, points.get(points.size() - 1).outBytes().likely());
        long end = 0;
        double backFound = 0;
        double fastFound = 0;
        for (Outcome.Point p : points) {
            assertEquals(end, p.fromNs());
            end = p.toNs();
            backFound += p.refaultedBytes().likely() / 2;
            fastFound += p.fastHitShare() * (p.toNs() - p.fromNs());
        }
        assertEquals(at, end);
        assertEquals(back, backFound, 1e-6);
        assertEquals(fast, fastFound, 1e-6);
    }
}
