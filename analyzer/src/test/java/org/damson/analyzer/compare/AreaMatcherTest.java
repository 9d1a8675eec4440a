package org.damson.analyzer.compare;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.damson.analyzer.heatmap.GuideResult;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.TargetKey;
import org.damson.model.Snapshot;
import org.junit.jupiter.api.Test;

final class AreaMatcherTest {
    private static final TargetKey KEY = new TargetKey(0, 0, Snapshot.NO_SCHEME, 0);
    private static final long HIGH = 0xffff_8000_0000_0000L;

    private static Area area(long startMib, long mib, double heat) {
        return new Area(KEY, HIGH + startMib * MIB, HIGH + (startMib + mib) * MIB, heat);
    }

    private static GuideResult guide(Area... areas) {
        return new GuideResult(
                List.of(new GuideResult.Target(KEY, 0, 1, 1, 1, areas.length, 0, false, List.of(areas))), true);
    }

    /** Starts in MiB and sizes in 0.1 MiB of each pair. */
    private static List<String> texts(List<CompareOptions.AreaPair> pairs) {
        return pairs.stream().map(p -> text(p.a()) + "=" + text(p.b())).toList();
    }

    private static String text(Area a) {
        return (a.start() - HIGH) / MIB + "+" + a.sizeBytes() * 10 / MIB;
    }

    @Test
    void equalAddressesAreOnePlace() {
        GuideResult a = guide(area(0, 100, 9), area(1000, 10, 1));
        GuideResult b = guide(area(4, 96, 5), area(1000, 10, 5));
        List<CompareOptions.AreaPair> pairs = AreaMatcher.match(a, b);
        // The part that both have, with the heat of the whole.
        assertEquals(List.of("4+960=4+960", "1000+100=1000+100"), texts(pairs));
        assertEquals(10, AreaMatcher.heat(pairs, true));
        assertEquals(10, AreaMatcher.heat(pairs, false));
    }

    /** Another run: the same sizes elsewhere, in the same order, one of them without a counterpart. */
    @Test
    void placesThatMovedAreMatchedByOrderAndSize() {
        GuideResult a = guide(area(0, 100, 1), area(1000, 20, 1), area(2000, 50, 1));
        GuideResult b = guide(area(5000, 95, 1), area(7000, 52, 1));
        assertEquals(List.of("0+1000=5000+950", "2000+500=7000+520"), texts(AreaMatcher.match(a, b)));
        assertEquals(List.of(), AreaMatcher.match(guide(area(0, 100, 1)), guide(area(5000, 80, 1))));
        assertEquals(List.of(), AreaMatcher.match(guide(), guide()));
    }

    /** In the first one 100 MiB in one piece, in the second in two with a gap of 1 MiB: as neighbours they are one place. */
    @Test
    void neighboursAreJoinedWhereThatMatchesMoreHeat() {
        GuideResult a = guide(area(0, 100, 10));
        GuideResult b = guide(area(5000, 49, 5), area(5050, 50, 5));
        assertEquals(List.of("0+1000=5000+1000"), texts(AreaMatcher.match(a, b)));
    }

    @Test
    void heatOfNothingIsNotZero() {
        assertTrue(AreaMatcher.total(guide()) > 0); // it divides
    }

    /** All ways to pair areas without crossing: none has more bytes. */
    @Test
    void noOtherPairsInOrderHaveMoreBytes() {
        SplittableRandom random = new SplittableRandom(23);
        for (int round = 0; round < 200; round++) {
            Area[] x = random(random, 0);
            Area[] y = random(random, 1 << 20);
            double found = 0;
            for (CompareOptions.AreaPair p : AreaMatcher.match(guide(x), guide(y))) {
                found += worth(p.a(), p.b());
            }
            assertEquals(best(x, 0, y, 0), found, 1, "round " + round);
        }
    }

    /** Far apart, so that none are neighbours. */
    private static Area[] random(SplittableRandom random, long at) {
        List<Area> areas = new ArrayList<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            areas.add(area(at, 20 + random.nextInt(8), 1));
            at += 10_000;
        }
        return areas.toArray(Area[]::new);
    }

    private static double best(Area[] x, int i, Area[] y, int j) {
        if (i == x.length || j == y.length) {
            return 0;
        }
        double skip = Math.max(best(x, i + 1, y, j), best(x, i, y, j + 1));
        double worth = worth(x[i], y[j]);
        return worth > 0 ? Math.max(skip, worth + best(x, i + 1, y, j + 1)) : skip;
    }

    /** Sizes of which the lesser is nine tenths or more: the lesser, by how near they are. */
    private static double worth(Area a, Area b) {
        double less = Math.min(a.sizeBytes(), b.sizeBytes());
        double more = Math.max(a.sizeBytes(), b.sizeBytes());
        return less >= 0.9 * more ? less * less / more : 0;
    }
}
