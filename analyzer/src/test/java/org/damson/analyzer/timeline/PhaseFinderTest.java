package org.damson.analyzer.timeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.heatmap.ChangePoints;
import org.damson.analyzer.heatmap.ChangePoints.Part;
import org.damson.analyzer.render.table.PhasesTable;
import org.damson.model.Snapshot;
import org.damson.model.Table;
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

    /** Of a part of the time, phases are counted from the start of the trace, as {@code --time} is. */
    @Test
    void timesAreCountedFromTheStartOfTheTrace() throws IOException {
        MemoryTrace t = new MemoryTrace();
        for (int i = 7; i < 37; i++) {
            snapshot(t, i, i < 22 ? 0 : 2);
        }
        List<Object[]> part = PhasesTable.of(PhaseFinder.compute(t, TraceQuery.ALL.time(1000 * MS, 3700 * MS)))
                .sections()
                .get(0)
                .rows();
        assertEquals(2, part.size());
        assertEquals(List.of(1L, 300 * MS, 1500 * MS), List.of(part.get(0)).subList(0, 3));
        assertEquals(List.of(2L, 1500 * MS, 3000 * MS), List.of(part.get(1)).subList(0, 3));
    }

    private static double[] one(int at) {
        double[] vector = new double[4];
        vector[at] = 1;
        return vector;
    }

    private static int[] starts(Part... parts) {
        return ChangePoints.of(parts).starts(1);
    }

    @Test
    void otherFunctionsOverTheSameMemoryAreAPhase() {
        double[][] memory = new double[12][];
        double[][] functions = new double[12][];
        for (int c = 0; c < 12; c++) {
            memory[c] = one(0);
            functions[c] = c == 3 ? null : one(c < 6 ? 1 : 2);
        }
        Part alike = new Part(memory, 12);
        assertArrayEquals(new int[] {0}, starts(alike));
        assertArrayEquals(new int[] {0, 6}, starts(alike, new Part(functions, 12)));
        // The same of twelve columns that are a third of a snapshot each: four, which is too little.
        assertArrayEquals(new int[] {0}, starts(new Part(functions, 4)));
        Arrays.fill(functions, null);
        assertArrayEquals(new int[] {0}, starts(alike, new Part(functions, 12)));
    }

    /** A trace of few snapshots, and samples of functions one after the other: {function, samples} each. */
    private static MemoryTrace sampled(int snapshots, int[]... runs) throws IOException {
        MemoryTrace t = new MemoryTrace();
        int all = Arrays.stream(runs).mapToInt(r -> r[1]).sum();
        for (int i = 0; i < snapshots; i++) {
            Snapshot s = t.snapshot(0, all * 10 * i / snapshots, all * 10 * (i + 1) / snapshots);
            s.add(0, 1 << 20, 20, 0);
        }
        for (int f = 0; f < 3; f++) {
            t.row(Table.FRAMES, f, "f" + f, "/bin/x", "", 0);
            t.row(Table.STACKS, f, 0, f);
        }
        int at = 0;
        for (int[] run : runs) {
            for (int i = 0; i < run[1]; i++) {
                t.row(Table.SAMPLES, (at++ * 10L + 5) * MS, 1, 1, 0, "cpu-clock", 0, 1, run[0]);
            }
        }
        return t;
    }

    /** Other functions over the same memory are seen in half a second, of fewer than three snapshots. */
    @Test
    void aPhaseOfFunctionsMayBeShorterThanThreeSnapshots() throws IOException {
        List<Object[]> halves = phases(sampled(4, new int[] {0, 26}, new int[] {1, 22}));
        assertEquals(2, halves.size());
        assertTrue(Math.abs((long) halves.get(1)[1] - 260 * MS) <= 20 * MS, halves.get(1)[1].toString());
        List<Object[]> short1 = phases(sampled(30, new int[] {0, 150}, new int[] {1, 20}, new int[] {2, 130}));
        assertEquals(3, short1.size());
        assertEquals(1, phases(sampled(4, new int[] {0, 48})).size());
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
                    starts(new Part(memory, 240), new Part(functions, 240)),
                    perColumn + " samples a column");
        }
    }

    /** Snapshots may be longer than others, and than what samples tell of when other functions began. */
    @Test
    void aPhaseBeginsWithItsSnapshot() throws IOException {
        MemoryTrace t = new MemoryTrace();
        int at = 0;
        for (int i = 0; i < 11; i++) {
            int next = at + (i % 2 == 0 ? 1000 : 700);
            Snapshot s = t.snapshot(0, at, next);
            for (int r = 0; r < 2; r++) {
                s.add((long) r << 20, (r + 1L) << 20, r == (i < 5 ? 0 : 1) ? 20 : 0, 0);
            }
            at = next;
        }
        List<Object[]> phases = phases(t);
        assertEquals(2, phases.size());
        // To a 240th, beside an eleventh of the time.
        assertTrue(Math.abs((long) phases.get(1)[1] - 4400 * MS) <= at * MS / 220, phases.get(1)[1].toString());
    }

    /** Five steps of four snapshots, none of which ends with a snapshot, beside memory that is always in use. */
    @Test
    void stepsOfFourSnapshotsArePhases() throws IOException {
        for (int late : new int[] {0, 130, 250, 370}) {
            MemoryTrace t = new MemoryTrace();
            for (int i = 0; i < 19; i++) {
                Snapshot s = t.snapshot(0, i * 500, i * 500 + 500);
                double step = (i * 500 + late) / 2000.0;
                double next = Math.max(0, ((i + 1) * 500 + late) % 2000 / 500.0);
                boolean isMixed = (int) ((i * 500 + 499 + late) / 2000.0) > (int) step;
                for (int r = 0; r < 5; r++) {
                    double share =
                            r == (int) step ? (isMixed ? 1 - next : 1) : r == (int) step + 1 && isMixed ? next : 0;
                    s.add((long) r << 23, (r + 1L) << 23, (int) Math.round(20 * share), 0);
                }
                s.add(5L << 23, (5L << 23) + (1 << 20), 20, 0);
            }
            assertSteps(t, late, 500);
        }
    }

    /** Five phases of 2 s, whose starts are found within so many milliseconds. */
    private static void assertSteps(MemoryTrace t, int late, int withinMs) throws IOException {
        List<Object[]> phases = phases(t);
        assertEquals(5, phases.size(), "late " + late);
        for (int p = 1; p < 5; p++) {
            long fromMs = (long) phases.get(p)[1] / MS;
            assertTrue(Math.abs(fromMs + late - 2000 * p) <= withinMs, late + ": " + fromMs);
        }
    }

    /** The same in ten snapshots, two a step: the README's staircase at the default interval. */
    @Test
    void stepsOfTwoSnapshotsArePhases() throws IOException {
        for (int late : new int[] {0, 100, 250}) {
            MemoryTrace t = new MemoryTrace();
            for (int i = 0; i < 10; i++) {
                int fromMs = Math.min(9999, i * 1000 + late);
                int toMs = Math.min(10_000, fromMs + 1000);
                Snapshot s = t.snapshot(0, i * 1000, i * 1000 + toMs - fromMs);
                for (int r = 0; r < 5; r++) {
                    int hotMs = Math.max(0, Math.min(toMs, r * 2000 + 2000) - Math.max(fromMs, r * 2000));
                    s.add((long) r << 25, (r + 1L) << 25, (int) Math.round(20.0 * hotMs / (toMs - fromMs)), 0);
                }
                s.add(5L << 25, (5L << 25) + (1 << 20), 20, 0);
            }
            assertSteps(t, late, 1000);
        }
    }

    /** A snapshot of one of the patterns whose snapshots do not depend on one another. */
    private static double[] drawn(int pattern, Random random) {
        double[] heat = new double[pattern < 3 ? 2 + 3 * pattern : 40];
        for (int r = 0; r < heat.length; r++) {
            heat[r] = switch (pattern) {
                case 0, 1, 2 -> 0;
                case 3 -> random.nextDouble();
                case 4 -> Math.pow(random.nextDouble(), 9);
                default -> r == 0 ? 1 : random.nextInt(12) == 0 ? 3 : 0;
            };
        }
        if (pattern < 3) {
            heat[random.nextInt(heat.length)] = 1;
        }
        double sum = Arrays.stream(heat).sum();
        return Arrays.stream(heat).map(h -> Math.sqrt(h / sum)).toArray();
    }

    /** Of what does not change at most one recording in a hundred has phases, however wild or short it is. */
    @Test
    void whatIsStationaryHasNoPhases() {
        Random random = new Random(14);
        int cut = 0;
        int all = 0;
        for (int pattern = 0; pattern < 6; pattern++) {
            for (int n : new int[] {5, 8, 12, 19, 40, 100, 240}) {
                for (int i = 0; i < (n > 50 ? 10 : 60); i++) {
                    double[][] columns = new double[n][];
                    for (int c = 0; c < n; c++) {
                        columns[c] = drawn(pattern, random);
                    }
                    cut += starts(new Part(columns, n)).length > 1 ? 1 : 0;
                    all++;
                }
            }
        }
        // Of 1,920 up to 19 are to be expected; 35 or more would come once in a thousand times.
        assertEquals(1920, all);
        assertTrue(cut < 35, cut + " of " + all);
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
