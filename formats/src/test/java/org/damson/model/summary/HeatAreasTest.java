package org.damson.model.summary;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.Random;
import org.damson.model.Snapshot;
import org.junit.jupiter.api.Test;

final class HeatAreasTest {
    private static double heat(HeatAreas areas) {
        double sum = 0;
        for (int i = 0; i < areas.size(); i++) {
            sum += areas.heat(i) * HeatUnits.ONE;
        }
        return sum;
    }

    @Test
    void areasEqualAPlainUnionOfPages() {
        Random random = new Random(11);
        for (int round = 0; round < 200; round++) {
            HeatAreas areas = new HeatAreas();
            BitSet pages = new BitSet();
            long heat = 0;
            for (int i = 0; i < 40; i++) {
                int from = random.nextInt(400);
                int to = from + 1 + random.nextInt(12);
                pages.set(from, to);
                areas.add(from * 4096L, to * 4096L, 0, i);
                heat += i;
            }
            int at = 0;
            for (int i = 0; i < areas.size(); i++) {
                at = pages.nextSetBit(at);
                assertEquals(at * 4096L, areas.start(i));
                at = pages.nextClearBit(at);
                assertEquals(at * 4096L, areas.end(i));
            }
            assertEquals(-1, pages.nextSetBit(at));
            assertEquals(heat, heat(areas), 1e-6);
            assertTrue(areas.isExact());
        }
    }

    @Test
    void hostileNumberOfAreasIsBoundedAndKeepsTheEnds() {
        HeatAreas areas = new HeatAreas();
        int many = HeatAreas.MAX_AREAS * 2;
        for (long i = 0; i < many; i++) {
            areas.add(i * 8192, i * 8192 + 4096, 0, 1);
        }
        assertTrue(areas.size() <= HeatAreas.MAX_AREAS);
        assertEquals(0, areas.start(0));
        assertEquals((many - 1) * 8192L + 4096, areas.end(areas.size() - 1));
        assertEquals(many, heat(areas), 1e-3);
        assertFalse(areas.isExact());
    }

    /** A gibibyte in 7 of 20 samples for 3 s, and a page of it in all of them. */
    @Test
    void heatIsBytesTimesTimeTimesTheShareOfSamples() {
        HeatAreas areas = new HeatAreas();
        Snapshot s = new Snapshot();
        s.sampleUs = 5_000;
        s.aggrUs = 100_000;
        s.add(1L << 30, 2L << 30, 7, 0);
        s.add(2L << 30, (2L << 30) + 4096, 20, 0);
        areas.add(s, 0, 3_000_000_000L);
        assertEquals(1, areas.size());
        assertEquals(((1L << 30) * 0.35 + 4096) * 3e9, areas.heat(0));
    }

    /** All of the address space for 292 years is beyond what sums hold: said, and bounded. */
    @Test
    void heatBeyondAllMeasureIsNotExact() {
        HeatAreas areas = new HeatAreas();
        Snapshot s = new Snapshot();
        s.add(0, 0x8000_0000_0000_0000L, 1, 0);
        areas.add(s, 0, Long.MAX_VALUE);
        areas.add(s, 0, Long.MAX_VALUE);
        assertFalse(areas.isExact());
        assertEquals(1, areas.size());
        assertTrue(areas.heat(0) > 0);
    }
}
