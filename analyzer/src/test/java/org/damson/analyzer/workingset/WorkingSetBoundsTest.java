package org.damson.analyzer.workingset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.render.table.BoundsTable;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

final class WorkingSetBoundsTest {
    @Test
    void boundsAreThoseOfTheFormula() {
        // n KL(0, p) = -n ln(1 - p)
        double none = 1 - Math.pow(0.025, 1 / 20.0);
        assertEquals(none, WorkingSetBounds.bound(0, 20, true), 1e-9);
        assertEquals(0, WorkingSetBounds.bound(0, 20, false), 1e-9);
        assertEquals(1 - none, WorkingSetBounds.bound(20, 20, false), 1e-9);
        assertEquals(1, WorkingSetBounds.bound(20, 20, true), 1e-9);
        double half = WorkingSetBounds.bound(10, 20, true);
        // KL(1/2, p) = -ln(4 p (1 - p)) / 2 = ln(40) / 20
        assertEquals((1 + Math.sqrt(1 - Math.pow(40, -0.1))) / 2, half, 1e-9);
        assertEquals(1 - half, WorkingSetBounds.bound(10, 20, false), 1e-9);
    }

    @Test
    void theySumOverRegionsAndReferencedBytesAreExact() throws IOException {
        MemoryTrace t = new MemoryTrace();
        Snapshot s = t.snapshot(0, 0, 100);
        s.add(0, 4L << 20, 20, 0);
        s.add(4L << 20, 8L << 20, 0, 0);
        Object[] row = row(t);
        double none = 1 - Math.pow(0.025, 1 / 20.0);
        assertEquals((1 - none) * (4 << 20), (long) row[2], 1);
        assertEquals(4L << 20, row[3]);
        assertEquals((1 + none) * (4 << 20), (long) row[4], 1);
        assertEquals(4L << 20, row[5]);
        s.columns = Snapshot.HAS_REFERENCED;
        s.referencedMean[0] = 4096;
        assertEquals(List.of(4096L, 4096L, 4096L, 4096L), List.of(row(t)).subList(2, 6));
    }

    private static Object[] row(MemoryTrace t) throws IOException {
        return BoundsTable.of(WorkingSetBounds.compute(t, TraceQuery.ALL))
                .sections()
                .get(0)
                .rows()
                .get(0);
    }

    @Test
    void theTruthLiesBetweenThemAsOftenAsIsSaid() throws IOException {
        Random random = new Random(4);
        MemoryTrace t = new MemoryTrace();
        double[] truth = new double[2000];
        for (int i = 0; i < truth.length; i++) {
            Snapshot s = t.snapshot(0, i * 100, i * 100 + 100);
            int regions = 1 + random.nextInt(12);
            long at = 0;
            for (int r = 0; r < regions; r++) {
                long size = (1L + random.nextInt(1 << (1 + random.nextInt(14)))) << 12;
                double share = Math.pow(random.nextDouble(), 3);
                int accesses = 0;
                for (int n = 0; n < 20; n++) {
                    accesses += random.nextDouble() < share ? 1 : 0;
                }
                s.add(at, at + size, accesses, 0);
                at += size;
                truth[i] += share * size;
            }
        }
        WorkingSetBounds.Target bounds =
                WorkingSetBounds.compute(t, TraceQuery.ALL).targets().get(0);
        int outside = 0;
        double estimates = 0;
        double sum = 0;
        for (int i = 0; i < truth.length; i++) {
            outside +=
                    truth[i] < bounds.low().size(i) || truth[i] > bounds.high().size(i) ? 1 : 0;
            estimates += bounds.estimate().size(i);
            sum += truth[i];
        }
        assertTrue(outside <= truth.length * 0.05, outside + " of " + truth.length);
        assertEquals(1, estimates / sum, 0.02);
    }
}
