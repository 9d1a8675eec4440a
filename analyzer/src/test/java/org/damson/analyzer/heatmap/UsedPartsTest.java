package org.damson.analyzer.heatmap;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.TargetKey;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

final class UsedPartsTest {
    private static final TargetKey KEY = new TargetKey(0, 0, Snapshot.NO_SCHEME, 0);
    private static final long HIGH = 0xffff_8000_0000_0000L;

    private static List<String> texts(List<int[]> ranges) {
        return ranges.stream().map(r -> r[0] + ".." + r[1]).toList();
    }

    /** 512 steps have margins of four: two parts up to eight steps apart are one. */
    @Test
    void stepsNearWhatIsUsedStay() {
        double[] heat = new double[512];
        heat[100] = 1;
        heat[109] = 1;
        heat[300] = 1;
        assertEquals(List.of("96..114", "296..305"), texts(UsedParts.ranges(heat)));
        heat[309] = 1;
        heat[319] = 1; // nine apart
        assertEquals(List.of("96..114", "296..314", "315..324"), texts(UsedParts.ranges(heat)));
        heat[0] = 1;
        heat[511] = 1;
        assertEquals(List.of("0..5", "96..114", "296..314", "315..324", "507..512"), texts(UsedParts.ranges(heat)));
        assertEquals(List.of(), UsedParts.ranges(new double[512]));
    }

    /** A step is used from a two-hundredth of the hottest on. */
    @Test
    void hardlyAccessedStepsAreNotUsed() {
        double[] heat = new double[100];
        heat[10] = 1;
        heat[50] = 0.005;
        heat[90] = 0.0049;
        assertEquals(0.005, UsedParts.least(heat));
        assertEquals(List.of("9..12", "49..52"), texts(UsedParts.ranges(heat)));
    }

    /** Every step within the margin of a used one, and no other. */
    @Test
    void rangesAreTheNeighbourhoodsOfUsedSteps() {
        SplittableRandom random = new SplittableRandom(97);
        for (int round = 0; round < 300; round++) {
            double[] heat = new double[1 + random.nextInt(600)];
            int margin = Math.max(1, heat.length / 128);
            BitSet expected = new BitSet();
            for (int i = random.nextInt(12); i > 0; i--) {
                int step = random.nextInt(heat.length);
                heat[step] = 0.01 + random.nextDouble();
                expected.set(Math.max(0, step - margin), Math.min(heat.length, step + margin + 1));
            }
            BitSet found = new BitSet();
            int before = -1;
            for (int[] range : UsedParts.ranges(heat)) {
                assertTrue(range[0] > before || range[0] == 0, "round " + round + ": ranges apart");
                before = range[1] - 1;
                found.set(range[0], range[1]);
            }
            assertEquals(expected, found, "round " + round);
        }
    }

    /** 8 GiB in steps of 4 MiB: 64 MiB used and 16 steps on either side. */
    @Test
    void anAreaIsShownByWhatIsUsedOfIt() throws IOException {
        MemoryTrace t = new MemoryTrace();
        Snapshot s = t.snapshot(0, 0, 100);
        long end = HIGH + 8192 * MIB;
        s.add(HIGH, HIGH + 1024 * MIB, 0, 0);
        s.add(HIGH + 1024 * MIB, HIGH + 1088 * MIB, 20, 0);
        s.add(HIGH + 1088 * MIB, end, 0, 0);
        Area all = new Area(KEY, HIGH, end, 10);
        List<Area> parts = UsedParts.of(t, TraceQuery.ALL, all, 0, 100 * MemoryTrace.MS);
        assertEquals(1, parts.size());
        assertEquals(HIGH + 960 * MIB, parts.get(0).start());
        assertEquals(HIGH + 1152 * MIB, parts.get(0).end());
        assertEquals(10, parts.get(0).heatByteSeconds(), 1e-9);
        Area small = new Area(KEY, HIGH, HIGH + MIB, 10);
        assertEquals(List.of(small), UsedParts.of(t, TraceQuery.ALL, small, 0, 100 * MemoryTrace.MS));
    }

    /** A quarter has to be left out for gaps to be worth it. */
    @Test
    void littleLeftOutIsNotWorthGaps() {
        Area area = new Area(KEY, 0, 100, 1);
        assertTrue(UsedParts.areWorth(1, 75, area));
        assertFalse(UsedParts.areWorth(1, 76, area));
        assertFalse(UsedParts.areWorth(0, 0, area));
    }
}
