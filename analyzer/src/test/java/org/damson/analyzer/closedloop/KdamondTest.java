package org.damson.analyzer.closedloop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.damson.analyzer.damos.KernelVersion;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.openloop.OpenLoop;
import org.damson.analyzer.openloop.OpenLoopResult;
import org.damson.analyzer.scan.Bounded;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.SchemeParser;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The closed loop: what it sees of known accesses, and the open loop judged by it. */
final class KdamondTest {
    private static final MonitoringAttrs ATTRS =
            new MonitoringAttrs(5_000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.GIVEN);

    /** Two regions, hot in turn for 4 s, then idle. */
    private static final String TURNS =
            """
            a, 64M
            b, 64M

            first
            4000
            a, 0, 4096, 1

            second
            4000
            b, 0, 4096, 1
            """;

    private static Kdamond.Options options(long seed, List<Scheme> schemes) {
        return new Kdamond.Options(ATTRS, KernelVersion.V6_18, 0, 1, null, schemes, OutcomeOptions.DEFAULTS, seed);
    }

    private static Kdamond kdamond(String plan, int repeat, long seed, String... schemes) throws Exception {
        List<Scheme> all = java.util.Arrays.stream(schemes)
                .flatMap(s -> SchemeParser.parse(s).stream())
                .toList();
        return new Kdamond(options(seed, all), () -> PlannedAccesses.of(plan, 50e6, repeat));
    }

    private static TraceSource record(Kdamond k, Path path) throws Exception {
        Manifest m = new Manifest();
        m.attrs = ATTRS;
        Snapshot s = new Snapshot();
        try (TraceSink sink = Traces.create(path, m, WriterOptions.BATCH)) {
            while (k.next(s)) {
                sink.append(s);
            }
        }
        return Traces.open(path);
    }

    @Test
    void everySnapshotCoversTheSameMemoryWithinTheBoundsOfRegions() throws Exception {
        Kdamond k = kdamond(TURNS, 2, 1);
        Snapshot s = new Snapshot();
        long bytes = -1;
        int n = 0;
        while (k.next(s)) {
            long sum = s.bytes();
            assertTrue(bytes == -1 || bytes == sum, "bytes changed");
            bytes = sum;
            assertTrue(s.regions >= 3 && s.regions <= 1000, "regions " + s.regions);
            for (int i = 0; i < s.regions; i++) {
                assertTrue(s.nrAccesses[i] <= 20);
            }
            n++;
        }
        assertEquals(160, n, "16 s of 100 ms");
    }

    @Test
    void theHeatLiesWhereTheProgramTouches() throws Exception {
        Kdamond k = kdamond(TURNS, 2, 1);
        Snapshot s = new Snapshot();
        double[] hot = new double[2];
        double elsewhere = 0;
        for (int turn = 0; k.next(s); turn++) {
            boolean first = turn / 40 % 2 == 0;
            if (turn % 40 < 10) {
                continue;
            }
            for (int i = 0; i < s.regions; i++) {
                long middle = (s.start[i] + s.end[i]) / 2 - 0x7f00_0000_0000L;
                double heat = (s.end[i] - s.start[i]) / (64.0 * (1 << 20)) * s.nrAccesses[i] / 20 / 60;
                boolean inA = middle >= 0 && middle < 64 << 20;
                boolean inB = middle >= 64 << 20 && middle < 128 << 20;
                if (first ? inA : inB) {
                    hot[first ? 0 : 1] += heat;
                } else {
                    elsewhere += heat;
                }
            }
        }
        assertTrue(hot[0] > 0.9 && hot[1] > 0.9, hot[0] + ", " + hot[1]);
        assertTrue(elsewhere < 0.1, "elsewhere " + elsewhere);
    }

    @Test
    void theSameSeedGivesTheSameRunAndAnotherADifferentOne(@TempDir Path dir) throws Exception {
        Snapshot a = new Snapshot();
        Snapshot b = new Snapshot();
        Snapshot c = new Snapshot();
        Kdamond ka = kdamond(TURNS, 1, 7);
        Kdamond kb = kdamond(TURNS, 1, 7);
        Kdamond kc = kdamond(TURNS, 1, 8);
        boolean differs = false;
        while (ka.next(a)) {
            assertTrue(kb.next(b) && kc.next(c));
            assertEquals(a.regions, b.regions);
            for (int i = 0; i < a.regions; i++) {
                assertEquals(a.start[i], b.start[i]);
                assertEquals(a.nrAccesses[i], b.nrAccesses[i]);
                assertEquals(a.age[i], b.age[i]);
            }
            differs |= a.regions != c.regions;
        }
        assertTrue(differs);
    }

    @Test
    void statSchemesOverItsRecordingAreTriedAsItTriedThem(@TempDir Path dir) throws Exception {
        String scheme = "stat access=0..0 age=10aggr..max";
        Kdamond k = kdamond(TURNS, 3, 3, scheme);
        try (TraceSource t = record(k, dir.resolve("t.damson"))) {
            OpenLoopResult r = OpenLoop.run(t, TraceQuery.ALL, SchemeParser.parse(scheme), OpenLoopOptions.DEFAULTS);
            assertEquals(k.stats(0).nrTried, r.schemes().get(0).stats().nrTried);
            assertEquals(k.stats(0).szTried, r.schemes().get(0).stats().szTried);
            assertTrue(k.stats(0).nrTried > 100);
        }
    }

    @Test
    void whatAPageoutSchemeWouldHaveTriedIsWithinFifteenPercentOfWhatItTries(@TempDir Path dir) throws Exception {
        String scheme = "pageout access=0..0 age=20aggr..max";
        double tried = 0;
        double simulated = 0;
        for (int seed = 1; seed <= 5; seed++) {
            Kdamond acting = kdamond(TURNS, 3, seed, scheme);
            Snapshot s = new Snapshot();
            while (acting.next(s)) {
                // runs
            }
            tried += acting.stats(0).szTried;
            try (TraceSource t = record(kdamond(TURNS, 3, 100 + seed), dir.resolve(seed + ".damson"))) {
                OpenLoopResult r = OpenLoop.run(
                        t,
                        TraceQuery.ALL,
                        SchemeParser.parse(scheme),
                        OpenLoopOptions.DEFAULTS,
                        OutcomeOptions.DEFAULTS,
                        null);
                simulated += r.schemes().get(0).stats().szTried;
                double back = acting.outcome().refaultedBytes().likely();
                Bounded bounds = r.outcome().refaultedBytes();
                assertTrue(
                        back >= bounds.least() * 0.85 && back <= bounds.most() * 1.15,
                        back + " refaulted, bounds " + bounds);
            }
        }
        assertEquals(1, simulated / tried, 0.15, simulated + " of " + tried);
    }

    @Test
    void hiddenAccessesLowerTheCounts() throws Exception {
        double[] heat = new double[2];
        for (int d = 0; d < 2; d++) {
            Kdamond k = new Kdamond(
                    new Kdamond.Options(
                            ATTRS,
                            KernelVersion.V6_18,
                            0,
                            d == 0 ? 1 : 0.3,
                            null,
                            List.of(),
                            OutcomeOptions.DEFAULTS,
                            1),
                    () -> PlannedAccesses.of(TURNS, 50e6, 1));
            Snapshot s = new Snapshot();
            while (k.next(s)) {
                for (int i = 0; i < s.regions; i++) {
                    heat[d] += (double) (s.end[i] - s.start[i]) * s.nrAccesses[i];
                }
            }
        }
        assertEquals(0.3, heat[1] / heat[0], 0.03);
    }

    @Test
    void tunedIntervalsMoveTowardsTheShareOfAccessesAskedFor() throws Exception {
        String idle = "a, 256M\nb, 1M\n\nrun\n60000\nb, 0, 4096, 1\n";
        Kdamond k = new Kdamond(
                new Kdamond.Options(
                        ATTRS,
                        KernelVersion.V6_18,
                        0,
                        1,
                        Kdamond.IntervalsGoal.DAMON_STAT,
                        List.of(),
                        OutcomeOptions.DEFAULTS,
                        1),
                () -> PlannedAccesses.of(idle, 50e6, 1));
        Snapshot s = new Snapshot();
        while (k.next(s)) {
            assertEquals(20, s.aggrUs / s.sampleUs);
        }
        assertTrue(s.sampleUs > 20_000, "an idle program is sampled less often: " + s.sampleUs + " us");
    }

    @Test
    void wrongPlansAreRefusedWithTheirLine() {
        for (String bad : List.of(
                "",
                "a, 1M",
                "a\n\np\n1\na,0,1,1",
                "a, 1M\n\np\nx\na,0,1,1",
                "a, 1M\n\np\n10\nc,0,1,1",
                "a, 1M\n\np\n10\na,chase,64,1",
                "a, 900G\nb, 900G\n\np\n1\na,0,1,1")) {
            assertThrows(IllegalArgumentException.class, () -> PlannedAccesses.of(bad, 1e6, 1), bad);
        }
    }
}
