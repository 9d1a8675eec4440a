package org.damson.analyzer.curves;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class CoveredTimeTest {
    @Test
    void everyMomentCountsOnceInWhateverOrderRangesCome() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            CoveredTime covered = new CoveredTime();
            BitSet moments = new BitSet();
            int span = 20 + random.nextInt(400);
            for (int i = 0; i < 200; i++) {
                int from = random.nextInt(span);
                int to = from + random.nextInt(seed % 3 == 0 ? 200 : 5);
                int before = moments.cardinality();
                moments.set(from, to);
                assertEquals(moments.cardinality() - before, covered.add(from, to), "seed " + seed + ", range " + i);
            }
        }
    }

    /** As the snapshots of two targets that end together, the second of which began long before. */
    @Test
    void whatBeganEarlierAndEndsLaterCounts() {
        CoveredTime covered = new CoveredTime();
        assertEquals(100, covered.add(200, 300));
        assertEquals(200, covered.add(0, 300));
        assertEquals(0, covered.add(0, 300));
        assertEquals(0, covered.add(400, 400));
        assertEquals(1, covered.add(400, 401));
    }

    @Test
    void manyRangesApartAreForgottenFromTheStart() {
        CoveredTime covered = new CoveredTime();
        for (int i = 0; i < 200_000; i++) {
            assertEquals(1, covered.add(2L * i, 2L * i + 1));
        }
        assertEquals(1, covered.add(399_990, 399_992));
        assertEquals(0, covered.add(0, 2));
    }
}
