package org.damson.analyzer.workingset;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.util.SplittableRandom;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.Samples;
import org.damson.analyzer.render.table.WorkingSetTable;
import org.damson.analyzer.render.text.TextReports;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

class WorkingSetTest {
    private static WorkingSetResult compute(MemoryTrace t, WorkingSetOptions o) throws IOException {
        return WorkingSet.compute(t, TraceQuery.ALL, o);
    }

    @Test
    void percentilesOfThreeSnapshotsAreAsWorkedByHand() throws IOException {
        WorkingSetResult.Series s =
                compute(Samples.three(), WorkingSetOptions.DEFAULTS).total();
        assertEquals(10 * MIB / 3.0, s.mean(), 1);
        assertEquals(2 * MIB, s.bySize(0));
        assertEquals(3 * MIB, s.bySize(25));
        assertEquals(4 * MIB, s.bySize(50));
        assertEquals(4 * MIB, s.bySize(100));
        assertEquals(4 * MIB, s.byTime(0));
        assertEquals(2 * MIB, s.byTime(100));
    }

    @Test
    void thresholdsCountARegionFullyOrNotAtAll() throws IOException {
        MemoryTrace t = Samples.three();
        assertEquals(0, compute(t, new WorkingSetOptions(6, 0)).total().byTime(100));
        assertEquals(4 * MIB, compute(t, new WorkingSetOptions(10, 0)).total().byTime(50));
        assertEquals(0, compute(t, new WorkingSetOptions(1, 4 * MIB)).total().byTime(100));
        assertEquals(
                4 * MIB, compute(t, new WorkingSetOptions(1, 4 * MIB)).total().byTime(0));
    }

    @Test
    void targetsThatTakeTurnsAddUpToWhatIsTrueAtEachTime() throws IOException {
        MemoryTrace t = new MemoryTrace();
        for (int i = 0; i < 4; i++) {
            t.snapshot(0, i * 100, i * 100 + 100).add(0, 10 * MIB, i % 2, 0);
            t.snapshot(1, i * 100 + 1, i * 100 + 101).add(0, 10 * MIB, 1 - i % 2, 0);
        }
        WorkingSetResult r = compute(t, WorkingSetOptions.DEFAULTS);
        assertEquals(2, r.targets().size());
        assertEquals(4, r.total().length());
        assertEquals(10 * MIB, r.total().bySize(0));
        assertEquals(10 * MIB, r.total().bySize(100));
    }

    @Test
    void slowTargetCountsInEveryRoundItCovers() throws IOException {
        MemoryTrace t = new MemoryTrace();
        for (int i = 0; i < 10; i++) {
            t.snapshot(0, i * 100, i * 100 + 100).add(0, MIB, 20, 0);
        }
        t.snapshot(1, 0, 1000).add(0, 5 * MIB, 20, 0);
        WorkingSetResult.Series total = compute(t, WorkingSetOptions.DEFAULTS).total();
        assertEquals(10, total.length());
        assertEquals(6 * MIB, total.bySize(0));
        assertEquals(6 * MIB, total.bySize(100));
    }

    /** Workers that each live for one snapshot were never there together. */
    @Test
    void processesThatRunOneAfterTheOtherAreNotAddedUp() throws IOException {
        MemoryTrace t = new MemoryTrace();
        for (int i = 0; i < 4; i++) {
            t.snapshot(7 + i, i * 100, i * 100 + 100).add(0, (i + 1) * MIB, 1, 0);
        }
        WorkingSetResult.Series total = compute(t, WorkingSetOptions.DEFAULTS).total();
        assertEquals(4, total.length());
        assertEquals(MIB, total.bySize(0));
        assertEquals(4 * MIB, total.bySize(100));
        assertEquals(2.5 * MIB, total.mean());
    }

    @Test
    void referencedBytesReplaceSizesAndTheWindowIsTheSample() throws IOException {
        MemoryTrace t = new MemoryTrace();
        Snapshot s = t.snapshot(0, 0, 100);
        s.columns = Snapshot.HAS_REFERENCED;
        s.add(0, 100 * MIB, 20, -1);
        s.referencedMean[0] = 3 * MIB;
        WorkingSetResult r = compute(t, WorkingSetOptions.DEFAULTS);
        assertEquals(3 * MIB, r.total().bySize(50));
        assertTrue(r.referenced());
        assertEquals(5 * MemoryTrace.MS, r.windowNs());
        assertTrue(WorkingSetTable.note(r).contains("5 ms"), WorkingSetTable.note(r));
    }

    @Test
    void splittingChangesNothing() throws IOException {
        for (long seed = 1; seed <= 5; seed++) {
            WorkingSetResult.Series one = compute(Samples.random(seed, 50, 1), WorkingSetOptions.DEFAULTS)
                    .total();
            WorkingSetResult.Series many = compute(Samples.random(seed, 50, 4), WorkingSetOptions.DEFAULTS)
                    .total();
            assertEquals(one.length(), many.length());
            for (int i = 0; i < one.length(); i++) {
                assertEquals(one.size(i), many.size(i));
                assertEquals(one.endNs(i), many.endNs(i));
            }
        }
    }

    @Test
    void thresholdsCountWhatAListOfRegionsDoes() throws IOException {
        for (int seed = 1; seed <= 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            WorkingSetOptions options = new WorkingSetOptions(
                    random.nextInt(1, 4), random.nextBoolean() ? 0 : random.nextLong() >>> random.nextInt(1, 64));
            MemoryTrace t = new MemoryTrace();
            Snapshot s = t.snapshot(0, 0, 100);
            BigInteger bytes = BigInteger.ZERO;
            BigInteger last = BigInteger.TWO.pow(64);
            BigInteger at = BigInteger.valueOf(4096);
            while (at.compareTo(last) < 0 && s.regions < 40) {
                BigInteger size = BigInteger.valueOf(1 + (random.nextLong() >>> random.nextInt(1, 60)))
                        .multiply(BigInteger.valueOf(random.nextInt(1, 4)));
                BigInteger end = at.add(size).min(last);
                int accesses = random.nextInt(5);
                s.add(at.longValue(), end.longValue(), accesses, -1);
                boolean counts = accesses >= options.minAccesses()
                        && end.subtract(at).compareTo(BigInteger.valueOf(options.minSizeBytes())) >= 0;
                // No region counts more than a number can say.
                bytes = counts ? bytes.add(end.subtract(at).min(BigInteger.valueOf(Long.MAX_VALUE))) : bytes;
                at = end;
            }
            long expected = bytes.min(BigInteger.valueOf(Long.MAX_VALUE)).longValue();
            assertEquals(expected, compute(t, options).total().size(0), "seed " + seed);
        }
    }

    @Test
    void emptyTraceGivesNoSeries() throws IOException {
        WorkingSetResult r = compute(new MemoryTrace(), WorkingSetOptions.DEFAULTS);
        assertEquals(0, r.total().length());
        assertEquals(0, r.total().bySize(50));
        assertTrue(TextReports.workingSet(r, false, WorkingSetResult.POINTS).startsWith("no snapshots"));
    }
}
