package org.damson.analyzer.openloop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.damson.analyzer.damos.DamonCore;
import org.damson.analyzer.damos.Regions;
import org.damson.damon.scheme.Range;
import org.junit.jupiter.api.Test;

/** What a scheme tried of memory that was in pieces which nothing tells of is within the bounds. */
final class SeenWholeTest {
    private static final long PAGE = 4096;

    private static Regions region(long pages) {
        return DamonCore.initial(new long[] {0, pages * PAGE}, 1, PAGE);
    }

    @Test
    void aRegionInUpToThreePiecesByHand() {
        SeenWhole whole = new SeenWhole();
        whole.of(region(10), 0, 1, 0, Range.MAX, false, 2, false, PAGE);
        assertEquals(10 * PAGE, whole.minBytes, "every piece is large enough");
        assertEquals(10 * PAGE, whole.maxBytes);
        assertEquals(1, whole.minRegions);
        assertEquals(3, whole.maxRegions);
        whole.of(region(10), 0, 1, 3 * PAGE, Range.MAX, false, 2, false, PAGE);
        assertTrue(whole.minBytes > 0 && whole.minBytes <= 6 * PAGE, "2 + 2 + 6 pages: " + whole.minBytes);
        assertEquals(10 * PAGE, whole.maxBytes);
        whole.of(region(10), 0, 1, 4 * PAGE, Range.MAX, false, 2, false, PAGE);
        assertEquals(
                0,
                whole.minBytes,
                "3 + 3 + 4 is the least bad; a bound that is no multiple of pages may be missed by all");
        whole.of(region(10), 0, 1, 0, 5 * PAGE, false, 2, false, PAGE);
        assertEquals(0, whole.minBytes, "too large as a whole");
        assertEquals(10 * PAGE, whole.maxBytes);
        whole.of(region(10), 0, 1, 11 * PAGE, Range.MAX, false, 2, false, PAGE);
        assertEquals(0, whole.maxBytes, "no piece is larger than the whole");
    }

    @Test
    void piecesDrawnAtRandomAreWithinTheBounds() {
        Random random = new Random(11);
        SeenWhole whole = new SeenWhole();
        for (int round = 0; round < 20_000; round++) {
            int pages = 1 + random.nextInt(40);
            int more = random.nextInt(4);
            long minSize = random.nextInt(3) == 0 ? 0 : random.nextInt(30 * (int) PAGE);
            long maxSize = random.nextInt(3) == 0 ? Range.MAX : minSize + random.nextInt(40 * (int) PAGE);
            Regions r = region(pages);
            whole.of(r, 0, 1, minSize, maxSize, false, more, false, PAGE);
            long bytes = 0;
            int tried = 0;
            int left = pages;
            for (int k = 0; k <= more && left > 0; k++) {
                int piece = k == more ? left : 1 + random.nextInt(left);
                left -= piece;
                long size = piece * PAGE;
                if (size >= minSize && size <= maxSize) {
                    bytes += size;
                    tried++;
                }
            }
            String told = pages + " pages, " + more + " more, " + minSize + ".." + maxSize + ": " + bytes + " in "
                    + whole.minBytes + ".." + whole.maxBytes;
            assertTrue(whole.minBytes <= bytes && bytes <= whole.maxBytes, told);
            assertTrue(whole.minRegions <= tried && tried <= whole.maxRegions, told);
        }
    }
}
