package org.damson.analyzer;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

class TraceCompareTest {
    private static final long BASE = 0x7f00_0000_0000L;

    private static CompareResult compare(MemoryTrace a, MemoryTrace b) throws IOException {
        return TraceCompare.compare(a, b, CompareOptions.DEFAULTS);
    }

    @Test
    void traceIsTheSameAsItself() throws IOException {
        CompareResult r = compare(Samples.random(3, 40, 4), Samples.random(3, 40, 4));
        assertEquals(0, r.patternDistance(), 1e-9);
        assertEquals(0, r.heatDistance(), 1e-9);
        assertEquals(0, r.workingSetDistance());
        assertEquals(1, r.correlation(), 1e-9);
        assertEquals(1, r.mappedHeat(), 1e-6);
        assertEquals(0, r.lagSlices());
        assertTrue(r.same(), r.verdict());
    }

    @Test
    void placeAndTimeOfTheTraceDoNotMatter() throws IOException {
        CompareResult r =
                compare(Samples.stairs(5, false, 0, BASE), Samples.stairs(5, false, 777, BASE + 1234 * 4096L * MIB));
        assertEquals(0, r.patternDistance(), 1e-9);
        assertEquals(5, r.pairs().size());
        assertTrue(r.same(), r.verdict());
    }

    @Test
    void reversedPhasesAreDifferentThoughTotalsAreEqual() throws IOException {
        CompareResult r = compare(Samples.stairs(4, false, 0, BASE), Samples.stairs(4, true, 0, BASE));
        assertEquals(0, r.workingSetDistance());
        assertEquals(0, r.totalHeatDifference(), 1e-9);
        // At any time two regions of four differ wholly; the lag can spare some of it.
        assertTrue(r.heatDistance() > 0.4 && r.heatDistance() <= 0.5, "heat distance " + r.heatDistance());
        assertTrue(r.patternDistance() > 0.85, "pattern distance " + r.patternDistance());
        assertTrue(r.correlation() < 0, "correlation " + r.correlation());
        assertFalse(r.same());
        assertTrue(r.verdict().startsWith("different: pattern distance"), r.verdict());
    }

    @Test
    void heatWithoutCounterpartIsAFinding() throws IOException {
        MemoryTrace a = new MemoryTrace();
        a.snapshot(0, 0, 100).add(0, 10 * MIB, 20, 0);
        a.snapshots.get(0).add(100 * MIB, 150 * MIB, 20, 0);
        MemoryTrace b = new MemoryTrace();
        b.snapshot(0, 0, 100).add(7000 * MIB, 7010 * MIB, 20, 0);
        CompareResult r = compare(a, b);
        assertEquals(1, r.pairs().size());
        assertEquals(10 / 60.0, r.mappedHeat(), 1e-9);
        assertEquals(0, r.patternDistance(), 1e-9);
        assertFalse(r.same());
    }

    @Test
    void givenAddressMapIsUsed() throws IOException {
        MemoryTrace a = new MemoryTrace();
        a.snapshot(0, 0, 100).add(0, 8 * MIB, 10, 0);
        MemoryTrace b = new MemoryTrace();
        b.snapshot(0, 0, 100).add(64 * MIB, 80 * MIB, 20, 0);
        TargetKey key = TargetKey.of(a.snapshots.get(0));
        CompareOptions options = CompareOptions.DEFAULTS.map(List.of(
                new CompareOptions.AreaPair(new Area(key, 0, 8 * MIB, 0), new Area(key, 64 * MIB, 80 * MIB, 0))));
        CompareResult r = TraceCompare.compare(a, b, options);
        assertEquals(0.5, r.heatDistance(), 1e-9);
        assertEquals(0.5 / 1.5, r.patternDistance(), 1e-9);
        assertEquals(1, r.mappedHeat(), 1e-9);
    }

    @Test
    void emptyTracesAreTheSame() throws IOException {
        CompareResult r = compare(new MemoryTrace(), new MemoryTrace());
        assertEquals(0, r.pairs().size());
        assertEquals(0, r.meanHotBytesA());
        CompareResult other = compare(Samples.three(), new MemoryTrace());
        assertFalse(other.same());
    }

    @Test
    void laggingCopyIsRecognisedAndItsLagReported() throws IOException {
        MemoryTrace a = Samples.stairs(10, false, 0, BASE);
        MemoryTrace b = Samples.stairs(10, false, 0, BASE);
        for (int i = b.snapshots.size() - 1; i >= 3; i--) {
            int regions = b.snapshots.get(i).regions;
            System.arraycopy(b.snapshots.get(i - 3).nrAccesses, 0, b.snapshots.get(i).nrAccesses, 0, regions);
        }
        CompareResult r = TraceCompare.compare(a, TraceQuery.ALL, b, TraceQuery.ALL, CompareOptions.DEFAULTS);
        assertEquals(3, r.lagSlices());
        assertEquals(0, r.patternDistance(), 1e-9);
    }

    @Test
    void aShortLastSnapshotCountsAsLittleAsItLasted() throws IOException {
        MemoryTrace a = Samples.stairs(5, false, 0, BASE);
        MemoryTrace b = Samples.stairs(5, false, 0, BASE);
        b.snapshot(0, 5000, 5001).add(BASE, BASE + 32 * MIB, 0, 0);
        CompareResult r = compare(a, b);
        assertTrue(r.workingSetDistance() < 0.02, "working-set distance " + r.workingSetDistance());
        assertEquals(32 * MIB, r.workingSetB()[3]);
    }

    @Test
    void onlyTheTimeThatIsAskedForIsCompared() throws IOException {
        MemoryTrace a = Samples.stairs(5, false, 0, BASE);
        // The copy has something else before, and stops early.
        MemoryTrace b = new MemoryTrace();
        b.snapshot(0, 0, 700).add(BASE, BASE + 160 * MIB, 20, 0);
        for (int i = 0; i < 40; i++) {
            b.snapshot(0, 700 + i * 100L, 800 + i * 100L);
            long id = b.snapshots.get(i + 1).id;
            long from = b.snapshots.get(i + 1).startNs;
            b.snapshots.get(i + 1).copyFrom(a.snapshots.get(i));
            b.snapshots.get(i + 1).id = id;
            b.snapshots.get(i + 1).startNs = from;
            b.snapshots.get(i + 1).endNs = from + 100 * MemoryTrace.MS;
        }
        TraceQuery part = TraceQuery.ALL.time(700 * MemoryTrace.MS, 4700 * MemoryTrace.MS);
        CompareResult r = TraceCompare.compare(
                a, TraceQuery.ALL.time(0, 4000 * MemoryTrace.MS), b, part, CompareOptions.DEFAULTS);
        assertEquals(0, r.patternDistance(), 1e-9);
        assertEquals(0, r.workingSetDistance(), 1e-9);
        // Where the copy has nothing it is not stretched over the time it lacks.
        CompareResult longer = TraceCompare.compare(
                a,
                TraceQuery.ALL.time(0, 5000 * MemoryTrace.MS),
                b,
                TraceQuery.ALL.time(700 * MemoryTrace.MS, 5700 * MemoryTrace.MS),
                CompareOptions.DEFAULTS);
        assertEquals(0, longer.patternDistance(), 1e-9);
        assertEquals(0, longer.lagSlices());
    }
}
