package org.damson.analyzer.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Distances of grids that are worked out by hand, or cell by cell in whole numbers. */
final class GridsTest {
    /** A grid whose cells are covered whole; heats row by row. */
    private static Grid grid(int cols, double... heat) {
        double[] cover = new double[heat.length];
        Arrays.fill(cover, 1);
        return new Grid(cols, heat.length / cols, heat, cover);
    }

    @Test
    void aCellIsAsHotAsWhatIsCoveredOfIt() {
        Grid g = new Grid(2, 1, new double[] {0.2, 0}, new double[] {0.5, 0});
        assertEquals(0.4, g.mean(0, 0), 1e-12);
        assertTrue(g.isCovered(0, 0) && !g.isCovered(0, 1));
        assertEquals(0, g.mean(0, 1));
        assertThrows(IllegalArgumentException.class, () -> new Grid(2, 1, new double[3], new double[3]));
        assertThrows(IllegalArgumentException.class, () -> new Grid(0, 0, new double[0], new double[0]));
    }

    /**
     * One slice, four places. All heat in the first against all in the last: three steps of four places. Half in each of the
     * first two against half in each of the last two: two steps.
     */
    @Test
    void heatMovesByTheShareOfTheMemoryItCrosses() {
        assertEquals(0.75, EarthMovers.distance(grid(1, 1, 0, 0, 0), grid(1, 0, 0, 0, 1), 0), 1e-12);
        assertEquals(0.5, EarthMovers.distance(grid(1, 1, 1, 0, 0), grid(1, 0, 0, 1, 1), 0), 1e-12);
        assertEquals(
                0, EarthMovers.distance(grid(1, 1, 2, 3, 0), grid(1, 2, 4, 6, 0), 0), 1e-12); // as often does not count
    }

    /** Two slices: one alike, with heat 1 + 1; in the other only the second grid has any, 2: (2 x 0 + 2 x 1) / 4. */
    @Test
    void aSliceWithHeatInOneGridAloneIsFarthest() {
        Grid a = grid(2, 1, 0, 0, 0);
        Grid b = grid(2, 1, 2, 0, 0);
        assertEquals(0.5, EarthMovers.distance(a, b, 0), 1e-12);
        assertEquals(0, EarthMovers.distance(grid(2, 0, 0), grid(2, 0, 0), 0));
        assertEquals(1, EarthMovers.distance(grid(1, 0), grid(1, 3), 0));
    }

    /** The second is the first, a slice later: with a lag of 1 only what both have is compared. */
    @Test
    void aLagShiftsTheSecondGrid() {
        Grid a = grid(3, 1, 0, 1, 0, 1, 0);
        Grid later = grid(3, 0, 1, 0, 1, 0, 1);
        assertEquals(0, EarthMovers.distance(a, later, 1), 1e-12);
        assertEquals(0, EarthMovers.distance(later, a, -1), 1e-12);
        assertEquals(0.5, EarthMovers.distance(a, later, 0), 1e-12);
        GridDistance nearest = GridDistance.nearest(a, later, 1);
        assertEquals(1, nearest.lag());
        assertEquals(0, nearest.value(), 1e-12);
        assertEquals(2, nearest.differences().length);
    }

    /** Grains of heat, matched in order: the cheapest way to move them in one dimension. */
    @Test
    void movingIsThatOfGrainsMatchedInOrder() {
        SplittableRandom random = new SplittableRandom(21);
        for (int round = 0; round < 300; round++) {
            int rows = 1 + random.nextInt(9);
            int grains = 1 + random.nextInt(20);
            double[] a = new double[rows];
            double[] b = new double[rows];
            List<Integer> placesA = new ArrayList<>();
            List<Integer> placesB = new ArrayList<>();
            for (int i = 0; i < grains; i++) {
                placesA.add(random.nextInt(rows));
                placesB.add(random.nextInt(rows));
                a[placesA.get(i)] += 1;
                b[placesB.get(i)] += 0.25; // less heat, the same places
            }
            placesA.sort(null);
            placesB.sort(null);
            long steps = 0;
            for (int i = 0; i < grains; i++) {
                steps += Math.abs(placesA.get(i) - placesB.get(i));
            }
            double expected = (double) steps / grains / rows;
            assertEquals(expected, EarthMovers.distance(grid(1, a), grid(1, b), 0), 1e-9, "round " + round);
        }
    }

    /**
     * Cells of heat 4 and 1 against 2 and 1: differences 2 + 0 of 8 in all; per cell 1. Means are 2.5 and 1.5, the products vary
     * together: correlation 1.
     */
    @Test
    void theDistanceIsTheShareOfHeatThatDiffers() {
        GridDistance d = GridDistance.nearest(grid(2, 4, 1), grid(2, 2, 1), 0);
        assertEquals(0.25, d.value(), 1e-12);
        assertEquals(1, d.mean(), 1e-12);
        assertEquals(1, d.correlation(), 1e-9);
        assertEquals(List.of(2.0, 0.0), Arrays.stream(d.differences()).boxed().toList());
        assertEquals(List.of(6.0, 2.0), Arrays.stream(d.heats()).boxed().toList());
        assertEquals(-1, GridDistance.nearest(grid(2, 0, 1), grid(2, 1, 0), 0).correlation(), 1e-9);
    }

    @Test
    void gridsWithNothingInCommonAreFarthest() {
        Grid left = new Grid(2, 1, new double[] {1, 0}, new double[] {1, 0});
        Grid right = new Grid(2, 1, new double[] {0, 1}, new double[] {0, 1});
        GridDistance d = GridDistance.nearest(left, right, 0);
        assertEquals(1, d.value());
        assertEquals(1, d.mean());
        assertTrue(Double.isNaN(d.correlation()));
        // A lag finds what is in common.
        assertEquals(0, GridDistance.nearest(left, right, 1).value(), 1e-12);
    }

    @Test
    void gridsWithoutHeatAreAlikeAndDoNotVary() {
        GridDistance d = GridDistance.nearest(grid(2, 0, 0), grid(2, 0, 0), 1);
        assertEquals(0, d.value());
        assertEquals(0, d.lag()); // of equal distances the least lag
        assertTrue(Double.isNaN(d.correlation()));
    }

    /**
     * One mapping of four cells of which a half was touched, whichever, against the half that was: nothing need differ. Whole mappings,
     * and those of grids that tell places, leave nothing open.
     */
    @Test
    void ofMappingsTouchedInPartTheDistanceIsBounded() {
        Grid part = grid(1, 0.5, 0.5, 0.5, 0.5, 0);
        Grid half = grid(1, 1, 1, 0, 0, 0);
        GridDistance d = GridDistance.nearest(part, half, 0);
        assertEquals(0.5, d.value(), 1e-12);
        assertEquals(0, d.least(part, half, true, false).value(), 1e-12);
        assertEquals(
                0,
                GridDistance.nearest(half, part, 0)
                        .least(half, part, false, true)
                        .value(),
                1e-12);
        assertSame(d, d.least(part, half, false, true));
        Grid more = grid(1, 1, 1, 1, 0, 1);
        // 4 x 0.25 in the mapping, and 1 beside it, of 6.
        assertEquals(
                2 / 6.0,
                GridDistance.nearest(part, more, 0)
                        .least(part, more, true, true)
                        .value(),
                1e-12);
        Grid whole = grid(1, 1, 1, 1, 1, 0);
        GridDistance w = GridDistance.nearest(whole, half, 0);
        assertEquals(w.value(), w.least(whole, half, true, true).value(), 1e-12);
        // One behind the other in time.
        Grid later = grid(3, 0, 0.5, 0, 0, 0.5, 0);
        Grid sooner = grid(3, 1, 0, 0, 0, 0, 0);
        GridDistance l = GridDistance.nearest(later, sooner, 1);
        assertEquals(-1, l.lag());
        assertEquals(0, l.least(later, sooner, true, false).value(), 1e-12);
    }

    /** Half covered in one of them, a cell counts half: differences 0.5 x 1 + 1 x 0 of 0.5 x 3 + 2. */
    @Test
    void cellsCountByWhatBothCover() {
        Grid a = new Grid(2, 1, new double[] {1, 1}, new double[] {0.5, 1});
        Grid b = grid(2, 1, 1);
        GridDistance d = GridDistance.nearest(a, b, 0);
        assertEquals(0.5 / 3.5, d.value(), 1e-12);
        assertEquals(0.5 / 1.5, d.mean(), 1e-12);
    }

    private static double[] heats(SplittableRandom random, int n) {
        return random.doubles(n, 0, 1).map(d -> Math.floor(d * 4) / 4).toArray();
    }

    /** Swapped, grids are as far apart; with themselves they are not; no distance is beyond 0 to 1. */
    @Test
    void distancesAreSymmetricAndBounded() {
        SplittableRandom random = new SplittableRandom(22);
        for (int round = 0; round < 200; round++) {
            int cols = 2 + random.nextInt(5);
            int rows = 1 + random.nextInt(4);
            Grid a = grid(cols, heats(random, cols * rows));
            Grid b = grid(cols, heats(random, cols * rows));
            int lag = random.nextInt(cols);
            double moved = EarthMovers.distance(a, b, lag);
            assertEquals(moved, EarthMovers.distance(b, a, -lag), 1e-12);
            assertTrue(moved >= 0 && moved <= 1, "round " + round);
            assertEquals(0, EarthMovers.distance(a, a, 0), 1e-12);
            GridDistance there = GridDistance.nearest(a, b, lag);
            assertEquals(there.value(), GridDistance.nearest(b, a, lag).value(), 1e-12);
            assertTrue(there.value() >= 0 && there.value() <= 1, "round " + round);
            assertEquals(0, GridDistance.nearest(a, a, 0).value());
        }
    }
}
