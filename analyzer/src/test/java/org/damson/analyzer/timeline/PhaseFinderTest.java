package org.damson.analyzer.timeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.heatmap.ChangePoints;
import org.damson.analyzer.heatmap.ChangePoints.Sums;
import org.damson.analyzer.render.table.PhasesTable;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

final class PhaseFinderTest {
    private static final long MS = 1_000_000;

    private static List<Object[]> phases(MemoryTrace t) throws IOException {
        return PhasesTable.of(PhaseFinder.compute(t, TraceQuery.ALL))
                .sections()
                .get(0)
                .rows();
    }

    /** A snapshot of 100 ms of which the MiB {@code hot} is accessed in every sample, none if it is negative. */
    private static void snapshot(MemoryTrace t, int i, int hot) {
        Snapshot s = t.snapshot(0, i * 100, i * 100 + 100);
        for (int r = 0; r < 4; r++) {
            s.add((long) r << 20, (r + 1L) << 20, r == hot ? 20 : 0, 0);
        }
    }

    @Test
    void aPhaseEndsWhereOtherMemoryIsUsed() throws IOException {
        MemoryTrace t = new MemoryTrace();
        for (int i = 0; i < 30; i++) {
            snapshot(t, i, i < 8 ? 0 : i < 16 ? 2 : i < 24 ? -1 : 2);
        }
        List<Object[]> phases = phases(t);
        assertEquals(4, phases.size());
        assertEquals(
                List.of(1L, 0L, 800 * MS, (double) (1 << 20), (double) (1 << 20), "0x0 - 0x100000", 100.0),
                List.of(phases.get(0)));
        assertEquals(List.of(2L, 800 * MS, 1600 * MS), List.of(phases.get(1)).subList(0, 3));
        assertEquals("0x200000 - 0x300000", phases.get(1)[5]);
        assertEquals(0.0, phases.get(2)[3]);
        assertEquals(List.of(4L, 2400 * MS, 3000 * MS), List.of(phases.get(3)).subList(0, 3));
    }

    private static double[] one(int at) {
        double[] vector = new double[4];
        vector[at] = 1;
        return vector;
    }

    @Test
    void otherFunctionsOverTheSameMemoryAreAPhase() {
        double[][] memory = new double[12][];
        double[][] functions = new double[12][];
        for (int c = 0; c < 12; c++) {
            memory[c] = one(0);
            functions[c] = c == 3 ? null : one(c < 6 ? 1 : 2);
        }
        Sums alike = Sums.of(memory, 1);
        assertArrayEquals(new int[] {0}, ChangePoints.starts(alike));
        assertArrayEquals(new int[] {0, 6}, ChangePoints.starts(alike, Sums.of(functions, 1)));
        // The same of twelve columns that are a third of a snapshot each: four, which is too little.
        assertArrayEquals(new int[] {0}, ChangePoints.starts(Sums.of(functions, 1.0 / 3)));
        Arrays.fill(functions, null);
        assertArrayEquals(new int[] {0}, ChangePoints.starts(alike, Sums.of(functions, 1)));
    }

    @Test
    void functionsDrawnAtRandomAreNoPhase() {
        Random random = new Random(2);
        for (int perColumn : new int[] {1, 3, 10}) {
            double[][] memory = new double[240][];
            double[][] functions = new double[240][33];
            for (int c = 0; c < 240; c++) {
                memory[c] = one(0);
                int[] counts = new int[33];
                for (int i = 0; i < perColumn; i++) {
                    counts[random.nextInt(33)]++;
                }
                for (int f = 0; f < 33; f++) {
                    functions[c][f] = Math.sqrt((double) counts[f] / perColumn);
                }
            }
            assertArrayEquals(
                    new int[] {0},
                    ChangePoints.starts(Sums.of(memory, 1), Sums.of(functions, 1)),
                    perColumn + " samples a column");
        }
    }

    @Test
    void whatIsShortOrRandomIsNoPhase() throws IOException {
        MemoryTrace t = new MemoryTrace();
        for (int i = 0; i < 100; i++) {
            snapshot(t, i, i == 40 || i == 41 ? 3 : 1);
        }
        assertEquals(1, phases(t).size());
        Random random = new Random(1);
        MemoryTrace noise = new MemoryTrace();
        for (int i = 0; i < 300; i++) {
            Snapshot s = noise.snapshot(0, i * 100, i * 100 + 100);
            for (int r = 0; r < 40; r++) {
                s.add((long) r << 20, (r + 1L) << 20, random.nextInt(21), 0);
            }
        }
        assertEquals(1, phases(noise).size());
        assertEquals(0, phases(new MemoryTrace()).size());
    }
}
