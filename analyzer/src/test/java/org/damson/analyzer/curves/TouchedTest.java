package org.damson.analyzer.curves;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.damson.model.Snapshot;
import org.junit.jupiter.api.Test;

final class TouchedTest {
    private static final long HIGH = 0xffff_8000_0000_0000L;
    private static final long P = 4096;

    /** Regions as start page, end page and accesses. */
    private static Snapshot snapshot(int... startsEndsAndAccesses) {
        Snapshot s = new Snapshot();
        for (int i = 0; i < startsEndsAndAccesses.length; i += 3) {
            s.add(
                    HIGH + startsEndsAndAccesses[i] * P,
                    HIGH + startsEndsAndAccesses[i + 1] * P,
                    startsEndsAndAccesses[i + 2],
                    0);
        }
        return s;
    }

    private static List<String> ranges(Touched t) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < t.n; i++) {
            all.add((t.start[i] - HIGH) / P + "-" + (t.end[i] - HIGH) / P);
        }
        return all;
    }

    /** What touches or overlaps is one range; what was not accessed is none. */
    @Test
    void neighboursAreOneRange() {
        Touched t = new Touched();
        t.add(snapshot(0, 5, 1, 5, 8, 0, 10, 12, 3));
        assertEquals(List.of("0-5", "10-12"), ranges(t));
        t.add(snapshot(5, 7, 1, 11, 20, 1));
        assertEquals(List.of("0-7", "10-20"), ranges(t));
        t.add(snapshot(6, 11, 1));
        assertEquals(List.of("0-20"), ranges(t));
        t.add(snapshot(3, 4, 1));
        assertEquals(List.of("0-20"), ranges(t));
    }

    /** What no region covers was unmapped; after a loss a region may merely be missing. */
    @Test
    void whatIsUnmappedIsForgotten() {
        Touched t = new Touched();
        t.add(snapshot(0, 20, 1));
        Snapshot lossy = snapshot(0, 5, 0);
        lossy.lost = 1;
        t.keepWithin(lossy);
        assertEquals(List.of("0-20"), ranges(t));
        t.keepWithin(snapshot(2, 5, 0, 5, 9, 0, 12, 30, 0));
        assertEquals(List.of("2-9", "12-20"), ranges(t));
        t.keepWithin(snapshot());
        assertEquals(List.of(), ranges(t));
    }

    /** Page by page, over random snapshots. */
    @Test
    void rangesAreThoseOfANaiveSet() {
        SplittableRandom random = new SplittableRandom(121);
        for (int round = 0; round < 150; round++) {
            Touched t = new Touched();
            BitSet expected = new BitSet();
            for (int step = 0; step < 20; step++) {
                Snapshot s = new Snapshot();
                BitSet covered = new BitSet();
                for (int page = random.nextInt(5); page < 60; ) {
                    int to = page + 1 + random.nextInt(8);
                    int accesses = random.nextInt(3);
                    s.add(HIGH + page * P, HIGH + to * P, accesses, 0);
                    covered.set(page, to);
                    if (accesses > 0) {
                        expected.set(page, to);
                    }
                    page = to + random.nextInt(2) * random.nextInt(4);
                }
                t.add(s);
                if (random.nextInt(3) == 0) {
                    t.keepWithin(s);
                    expected.and(covered);
                }
                BitSet found = new BitSet();
                int before = -1;
                for (int i = 0; i < t.n; i++) {
                    int from = (int) ((t.start[i] - HIGH) / P);
                    assertTrue(from >= before, "round " + round + ": in order");
                    before = (int) ((t.end[i] - HIGH) / P);
                    found.set(from, before);
                }
                assertEquals(expected, found, "round " + round);
            }
        }
    }
}
