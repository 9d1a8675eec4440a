package org.damson.analyzer.openloop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.TreeSet;
import org.damson.model.Snapshot;
import org.junit.jupiter.api.Test;

/** What is told of a turn between two snapshots: places, events, and the regions before. */
final class TurnPiecesTest {
    private static final long HIGH = 0x8000_0000_0000_0000L;
    private static final long P = 4096;

    @Test
    void placesAreInOrderAndOnceEach() {
        SplittableRandom random = new SplittableRandom(81);
        Places places = new Places();
        for (int round = 0; round < 50; round++) {
            places.clear();
            TreeSet<Long> expected = new TreeSet<>(Long::compareUnsigned);
            for (int i = random.nextInt(40); i > 0; i--) {
                long address = random.nextLong() & 0xf000_0000_0000_00f0L;
                places.add(address);
                expected.add(address);
            }
            long[] found = new long[places.size()];
            for (int i = 0; i < found.length; i++) {
                found[i] = places.get(i);
                assertTrue(places.has(found[i]));
            }
            assertArrayEquals(expected.stream().mapToLong(Long::longValue).toArray(), found);
            assertEquals(expected.contains(0x10L), places.has(0x10));
        }
    }

    private static TurnEvents events(long... startsEndsAndCounts) {
        TurnEvents e = new TurnEvents();
        for (int i = 0; i < startsEndsAndCounts.length; i += 3) {
            e.add(1, HIGH + startsEndsAndCounts[i] * P, HIGH + startsEndsAndCounts[i + 1] * P, (int)
                    startsEndsAndCounts[i + 2]);
        }
        e.target(1);
        return e;
    }

    private static long[] inner(TurnEvents e, long start, long end) {
        Places places = new Places();
        e.region(HIGH + start * P, HIGH + end * P);
        e.inner(HIGH + end * P, places);
        long[] found = new long[places.size()];
        for (int i = 0; i < found.length; i++) {
            found[i] = (places.get(i) - HIGH) / P;
        }
        return found;
    }

    /** Region 0 to 10: tried were 0 to 3 and 5 to 10, so it was cut at 3 and 5; of region 10 to 20 all of it. */
    @Test
    void eventsTellWhereARegionWasCut() {
        TurnEvents e = events(0, 3, 5, 5, 10, 5, 10, 20, 5, 22, 25, 5);
        assertArrayEquals(new long[] {3, 5}, inner(e, 0, 10));
        assertArrayEquals(new long[0], inner(e, 10, 20));
        assertArrayEquals(new long[] {22, 25}, inner(e, 20, 30));
        e.clear();
        e.target(1);
        assertArrayEquals(new long[0], inner(e, 0, 10));
    }

    @Test
    void eventsOfOtherTargetsOrOutOfOrderTellNothing() {
        TurnEvents e = events(0, 3, 5);
        e.target(2);
        assertArrayEquals(new long[0], inner(e, 0, 10));
        TurnEvents descending = events(5, 8, 5, 0, 3, 5);
        assertArrayEquals(new long[0], inner(descending, 0, 10));
        assertEquals(TurnEvents.NOT_TOLD, descending.fewer(5));
    }

    /** 9 regions at the region's own event, 7 at the next one: two fewer. After the last event the snapshot tells. */
    @Test
    void regionsAreFewerBetweenTwoEvents() {
        TurnEvents e = events(0, 10, 9, 10, 20, 7, 30, 40, 8, 40, 50, 0);
        e.region(HIGH, HIGH + 10 * P);
        assertEquals(2, e.fewer(6));
        e.region(HIGH + 10 * P, HIGH + 20 * P);
        assertEquals(-1, e.fewer(6));
        e.region(HIGH + 30 * P, HIGH + 40 * P);
        assertEquals(TurnEvents.NOT_TOLD, e.fewer(6)); // the next one does not say
        assertTrue(e.isJoined(8));
        assertFalse(e.isJoined(9));
        TurnEvents last = events(0, 10, 9);
        last.region(HIGH, HIGH + 10 * P);
        assertEquals(3, last.fewer(6));
        TurnEvents later = events(20, 30, 9);
        later.region(HIGH, HIGH + 10 * P);
        assertEquals(TurnEvents.NOT_TOLD, later.fewer(6)); // nothing was told before
    }

    private static Snapshot snapshot(long endMs) {
        Snapshot s = new Snapshot();
        s.endNs = endMs * 1_000_000;
        s.sampleUs = 5_000;
        s.aggrUs = 100_000;
        s.columns = Snapshot.HAS_AGE;
        return s;
    }

    private static void add(Snapshot s, long start, long end, int nr, int age) {
        s.add(HIGH + start * P, HIGH + end * P, nr, age);
    }

    /** Up to 1.9 intervals later it is the next one; after a loss, or under other intervals, it is not. */
    @Test
    void aSnapshotPrecedesTheNextOne() {
        PriorRegions prior = new PriorRegions();
        assertFalse(prior.precede(snapshot(1000)));
        Snapshot before = snapshot(1000);
        add(before, 0, 10, 3, 0);
        prior.take(before);
        assertTrue(prior.precede(snapshot(1100)));
        assertTrue(prior.precede(snapshot(1189)));
        assertFalse(prior.precede(snapshot(1190)));
        Snapshot lossy = snapshot(1100);
        lossy.lost = 1;
        assertFalse(prior.precede(lossy));
        Snapshot other = snapshot(1100);
        other.aggrUs = 200_000;
        assertFalse(prior.precede(other));
        before.lost = 1;
        prior.take(before);
        assertFalse(prior.precede(snapshot(1100)));
    }

    @Test
    void accessesBeforeAreThoseOfTheRegionAtTheAddress() {
        PriorRegions prior = new PriorRegions();
        Snapshot before = snapshot(1000);
        add(before, 0, 10, 3, 0);
        add(before, 12, 20, 5, 0);
        prior.take(before);
        assertEquals(3, prior.lastNr(HIGH));
        assertEquals(3, prior.lastNr(HIGH + 10 * P - 1));
        assertEquals(-1, prior.lastNr(HIGH + 10 * P));
        assertEquals(5, prior.lastNr(HIGH + 12 * P));
        assertEquals(-1, prior.lastNr(HIGH + 20 * P));
    }

    private static int pieces(Snapshot before, Snapshot now, long mostRegions, boolean sameLimit) {
        PriorRegions prior = new PriorRegions();
        prior.take(before);
        return prior.mostPieces(now, 0, mostRegions, sameLimit);
    }

    /** One region before: three pieces, of which two may have been joined behind one that counted otherwise. */
    @Test
    void aRegionMayHaveBeenInAsManyPiecesAsWereCut() {
        Snapshot before = snapshot(1000);
        add(before, 0, 10, 3, 4);
        Snapshot now = snapshot(1100);
        add(now, 0, 10, 5, 0);
        assertEquals(3, pieces(before, now, 0, false));
        assertEquals(2, pieces(before, now, 0, true));
        // So many regions that DAMON cuts in two only: one more than 3 n is not.
        assertEquals(2, pieces(before, now, 3, false));
        assertEquals(3, pieces(before, now, 4, false));
        assertEquals(1, pieces(before, now, 3, true));
    }

    @Test
    void aRegionThatKeptItsAgeIsOne() {
        Snapshot before = snapshot(1000);
        add(before, 0, 10, 3, 4);
        Snapshot now = snapshot(1100);
        add(now, 0, 10, 3, 5);
        assertEquals(1, pieces(before, now, 1000, true));
        assertEquals(2, pieces(before, now, 0, true)); // without the bound it may be merged again
        now.age[0] = 4;
        assertEquals(2, pieces(before, now, 1000, true));
    }

    @Test
    void whatWasNotCoveredBeforeTellsNothing() {
        Snapshot before = snapshot(1000);
        add(before, 0, 5, 3, 4);
        add(before, 6, 10, 3, 4);
        Snapshot now = snapshot(1100);
        add(now, 0, 10, 3, 0);
        assertEquals(Integer.MAX_VALUE, pieces(before, now, 0, true));
        assertEquals(Integer.MAX_VALUE, pieces(before, snapshotOf(6, 11), 0, true));
        // Two regions before, each in three: cut off at either side one less of each.
        Snapshot two = snapshot(1000);
        add(two, 0, 5, 3, 4);
        add(two, 5, 10, 4, 4);
        assertEquals(6, pieces(two, snapshotOf(0, 10), 0, false));
        assertEquals(4, pieces(two, snapshotOf(1, 9), 0, false));
    }

    private static Snapshot snapshotOf(long start, long end) {
        Snapshot s = snapshot(1100);
        add(s, start, end, 3, 0);
        return s;
    }
}
