package org.damson.analyzer.closedloop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The closed loop against recordings of a real kernel. One parameter is fitted on zigzag: for how long at a time the
 * generator ran on the busy machine that emulated the guest. Stairs is never fitted.
 *
 * <p>The test is by rank: how far a run is from all others, by Kolmogorov and Smirnov's distance, may not be more for the
 * kernel's run than for any of 39 runs of the model. Snapshots of one run depend on one another; runs do not.
 */
final class KdamondGuestTest {
    private static final int RUNS = 39;
    private static final MonitoringAttrs ATTRS = attrs(10);

    private static MonitoringAttrs attrs(long minRegions) {
        return new MonitoringAttrs(5_000, 100_000, 1_000_000, minRegions, 1000, MonitoringAttrs.IntervalsOrigin.GIVEN);
    }

    /** What a run shows: samples of each quantity, and the share of possible heat. */
    private static final class Run {
        final List<List<Double>> samples =
                List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        double heat;
        double possible;

        void add(Snapshot s) {
            samples.get(0).add((double) s.regions);
            for (int i = 0; i < s.regions; i++) {
                samples.get(1).add((double) s.start[i]);
                samples.get(2).add((double) s.nrAccesses[i]);
                samples.get(3).add((double) s.age[i]);
                double size = s.end[i] - s.start[i];
                heat += size * s.nrAccesses[i];
                possible += size * 20;
            }
        }

        double share() {
            return heat / possible;
        }

        double[] sorted(int quantity) {
            return samples.get(quantity).stream()
                    .mapToDouble(Double::doubleValue)
                    .sorted()
                    .toArray();
        }
    }

    private static Run real(Guest g) throws Exception {
        Run run = new Run();
        Snapshot s = new Snapshot();
        try (TraceSource.SnapshotCursor cursor = g.trace.snapshots(TraceQuery.ALL)) {
            for (int i = 0; i < g.endsNs.length && cursor.next(s); i++) {
                run.add(s);
            }
        }
        return run;
    }

    private static Run simulated(Guest g, MonitoringAttrs attrs, double detection, double burstNs, long seed)
            throws Exception {
        Run run = new Run();
        Kdamond k = g.kdamond(attrs, detection, burstNs, seed);
        Snapshot s = new Snapshot();
        while (k.next(s)) {
            run.add(s);
        }
        return run;
    }

    private static double distance(double[] a, double[] b) {
        int i = 0;
        int j = 0;
        double most = 0;
        while (i < a.length && j < b.length) {
            double x = Math.min(a[i], b[j]);
            while (i < a.length && a[i] == x) {
                i++;
            }
            while (j < b.length && b[j] == x) {
                j++;
            }
            most = Math.max(most, Math.abs(i / (double) a.length - j / (double) b.length));
        }
        return most;
    }

    /** How many of the model's runs are as far from the others as this one: per quantity. */
    private static int[] ranks(Run one, List<Run> model) {
        int[] ranks = new int[4];
        for (int q = 0; q < 4; q++) {
            int quantity = q;
            double[][] all = model.stream().map(r -> r.sorted(quantity)).toArray(double[][]::new);
            double[] pool =
                    Arrays.stream(all).flatMapToDouble(Arrays::stream).sorted().toArray();
            double own = distance(one.sorted(q), pool);
            for (double[] a : all) {
                ranks[q] += distance(a, pool) >= own ? 1 : 0;
            }
        }
        return ranks;
    }

    private static boolean agrees(int[] ranks) {
        return Arrays.stream(ranks).allMatch(r -> r > 0);
    }

    private static double fittedBurstNs(Guest zigzag, double wanted) throws Exception {
        double best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (double burst = 1e6; burst <= 3e6; burst += 0.25e6) {
            double share = 0;
            for (int seed = 0; seed < 10; seed++) {
                share += simulated(zigzag, ATTRS, 1, burst, 1000 + seed).share() / 10;
            }
            if (Math.abs(share - wanted) < least) {
                least = Math.abs(share - wanted);
                best = burst;
            }
        }
        return best;
    }

    @Test
    void stairsAgreesWithTheKernelAndWrongModelsDoNot(@TempDir Path dir) throws Exception {
        double burst;
        try (Guest zigzag = new Guest(dir, "zigzag")) {
            Run kernel = real(zigzag);
            burst = fittedBurstNs(zigzag, kernel.share());
        }
        try (Guest stairs = new Guest(dir, "stairs")) {
            Run kernel = real(stairs);
            List<Run> model = new ArrayList<>();
            List<Run> hidden = new ArrayList<>();
            List<Run> crowded = new ArrayList<>();
            double share = 0;
            for (int seed = 0; seed < RUNS; seed++) {
                model.add(simulated(stairs, ATTRS, 1, burst, seed));
                share += model.get(seed).share() / RUNS;
                hidden.add(simulated(stairs, ATTRS, 0.8, burst, seed));
                crowded.add(simulated(stairs, attrs(14), 1, burst, seed));
            }
            assertEquals(kernel.share(), share, kernel.share() * 0.05, "share of possible accesses");
            int[] ranks = ranks(kernel, model);
            assertTrue(agrees(ranks), "runs as far from the others as the kernel's: " + Arrays.toString(ranks));
            assertFalse(agrees(ranks(kernel, hidden)), "a model that misses a fifth of the accesses");
            assertFalse(agrees(ranks(kernel, crowded)), "a model with 14 regions at least");
        }
    }
}
