package org.damson.analyzer.curves;

import static org.damson.analyzer.whatif.Made.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.List;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.damos.SchemeStats;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.openloop.OpenLoop;
import org.damson.analyzer.openloop.OpenLoopResult;
import org.damson.analyzer.openloop.Sweep;
import org.damson.analyzer.whatif.Made;
import org.damson.analyzer.whatif.Recorded;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.SchemeParser;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CurvesTest {
    private static Curves one(TraceSource t) throws Exception {
        List<Curves> slices = Curves.of(t, TraceQuery.ALL, 0);
        assertEquals(1, slices.size());
        return slices.get(0);
    }

    @Test
    void binsKeepAgesWithinOnePercent() {
        for (int b = 0; b < AgeBins.COUNT; b++) {
            assertEquals(b, AgeBins.bin(AgeBins.age(b)));
        }
        for (long a = 1; a < 1L << 32; a = a * 21 / 20 + 1) {
            long low = AgeBins.age(AgeBins.bin(a));
            assertTrue(low <= a && a - low <= a / 100, a + " in the bin of " + low);
        }
        assertTrue(AgeBins.bin(0xffff_ffffL) < AgeBins.COUNT);
    }

    @Test
    void everyThresholdAtOnceIsWhatEachAloneGives(@TempDir Path dir) throws Exception {
        // Idle for 10, 20 and 30 aggregations, fully hot between.
        Made m = new Made(dir, "a");
        for (int idle : new int[] {10, 20, 30}) {
            m.turns(2, 20).turns(idle, 0);
        }
        try (TraceSource t = m.turns(1, 20).open()) {
            Curves c = one(t);
            double seconds = 6.7;
            assertEquals(seconds, c.seconds(), 1e-9);
            for (int age : new int[] {0, 5, 9, 10, 15, 19, 20, 29, 30}) {
                long cold = Math.max(0, 10 - age) + Math.max(0, 20 - age) + Math.max(0, 30 - age);
                int back = (age < 10 ? 1 : 0) + (age < 20 ? 1 : 0) + (age < 30 ? 1 : 0);
                Curves.Point p = c.at(age);
                assertEquals(4.0 * MIB * cold * 0.1 / seconds, p.cold().likely(), 1, "age " + age);
                assertEquals(4.0 * MIB * back / seconds, p.back().likely(), 1, "age " + age);
                // A simulation of that one threshold says the same of what comes back.
                OpenLoopResult r = OpenLoop.run(
                        t,
                        TraceQuery.ALL,
                        SchemeParser.parse("pageout access=0..0 age=" + age + "aggr..max"),
                        OpenLoopOptions.DEFAULTS,
                        OutcomeOptions.DEFAULTS,
                        null);
                assertEquals(
                        p.back().likely() * seconds,
                        r.outcome().refaultedBytes().likely(),
                        16,
                        "age " + age);
            }
            assertNull(c.leastWithin(0), "at 30 nothing is cold any more");
        }
    }

    /** A table may have counts below zero, which no recording has: they are none, as in every report. */
    @Test
    void countsBelowZeroAreNone(@TempDir Path dir) throws Exception {
        try (TraceSource none = new Made(dir, "none")
                        .turns(3, 20)
                        .turns(5, 0)
                        .turns(2, 20)
                        .open();
                TraceSource below = new Made(dir, "below")
                        .turns(3, 20)
                        .turns(5, -1)
                        .turns(2, 20)
                        .open()) {
            for (int age : new int[] {0, 3, 6}) {
                assertEquals(one(none).at(age), one(below).at(age), "age " + age);
            }
            assertTrue(one(below).at(3).back().likely() > 0);
            assertEquals(workingSet(none), workingSet(below));
        }
    }

    private static double workingSet(TraceSource t) throws Exception {
        return OpenLoop.run(
                        t,
                        TraceQuery.ALL,
                        SchemeParser.parse("pageout access=0..0 age=2aggr..max"),
                        OpenLoopOptions.DEFAULTS,
                        OutcomeOptions.DEFAULTS,
                        null)
                .outcome()
                .workingSetMeanBytes();
    }

    @Test
    void slicesAddUpToTheWhole(@TempDir Path dir) throws Exception {
        try (TraceSource t = Recorded.open(dir, "stairs/tracefs.txt.gz")) {
            Curves whole = one(t);
            List<Curves> slices = Curves.of(t, TraceQuery.ALL, 3_000_000_000L);
            assertTrue(slices.size() >= 10);
            Curves sum = Curves.empty();
            slices.forEach(sum::add);
            assertEquals(whole.regions(), sum.regions());
            for (int age : new int[] {0, 1, 10, 50, 100}) {
                assertEquals(whole.at(age).cold().likely(), sum.at(age).cold().likely(), 1);
                assertEquals(whole.at(age).back().most(), sum.at(age).back().most(), 1);
            }
            assertEquals(whole.dramByHeat(0.95), sum.dramByHeat(0.95), 1);
        }
    }

    @Test
    void theDramForAShareOfAccessesTakesTheHottestFirst(@TempDir Path dir) throws Exception {
        // 20 and 5 of 20 samples: 80 % of the accesses fall on the first half.
        try (TraceSource t = new Made(dir, "a").turns(10, 20, 5).open()) {
            Curves c = one(t);
            assertEquals(4.0 * MIB, c.dramByHeat(0.8), 1);
            assertEquals(6.0 * MIB, c.dramByHeat(0.9), 1);
            assertEquals(8.0 * MIB, c.dramByHeat(1), 1);
        }
    }

    @Test
    void aSweepTriesWhatEachSchemeAloneTries(@TempDir Path dir) throws Exception {
        long[] ages = {0, 1, 5, 20, 60};
        int[] accesses = {0, 1, 4, 10, 20};
        long[] sizes = {0, 8192, MIB, 8 * MIB};
        try (TraceSource t = Recorded.open(dir, "stairs/tracefs.txt.gz")) {
            Sweep sweep = Sweep.run(t, TraceQuery.ALL, ages, accesses, sizes);
            assertEquals(100, sweep.points());
            List<List<Scheme>> alone = new java.util.ArrayList<>();
            for (int i = 0; i < sweep.points(); i++) {
                alone.add(List.of(sweep.scheme(i)));
            }
            List<OpenLoopResult> results =
                    OpenLoop.runAll(t, TraceQuery.ALL, alone, OpenLoopOptions.DEFAULTS, OutcomeOptions.DEFAULTS);
            for (int i = 0; i < sweep.points(); i++) {
                SchemeStats s = results.get(i).schemes().get(0).stats();
                assertEquals(s.nrTried, sweep.tried(i).regions(), () -> "a point differs");
                assertEquals(BigInteger.valueOf(s.szTried), sweep.tried(i).bytes(), () -> "a point differs");
            }
        }
    }

    /** Two regions of 3 EiB in three snapshots are 18 EiB, where a long without sign ends at 16. */
    @Test
    void aSweepOfMoreBytesThanALongHoldsIsExact(@TempDir Path dir) throws Exception {
        long size = 3L << 60;
        try (TraceSource t = new Made(dir, "a")
                .regions(3, new long[] {0, size, 2 * size}, 0, 0)
                .open()) {
            Sweep sweep = Sweep.run(t, TraceQuery.ALL, new long[] {0, 1, 2}, new int[] {0}, new long[] {0});
            for (int age = 0; age < 3; age++) {
                assertEquals(6 - 2 * age, sweep.tried(age).regions());
                assertEquals(regions(size, 6 - 2 * age), sweep.tried(age).bytes());
            }
            Sweep twice = sweep.copy().add(sweep);
            assertEquals(regions(size, 12), twice.tried(0).bytes());
            assertEquals(regions(size, 6), sweep.tried(0).bytes(), "a copy is added to");
            Sweep other = Sweep.run(t, TraceQuery.ALL, new long[] {0, 1, 3}, new int[] {0}, new long[] {0});
            assertThrows(IllegalArgumentException.class, () -> twice.add(other));
        }
    }

    private static BigInteger regions(long sizeBytes, int n) {
        return BigInteger.valueOf(sizeBytes).multiply(BigInteger.valueOf(n));
    }
}
