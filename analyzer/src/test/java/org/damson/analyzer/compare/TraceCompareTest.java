package org.damson.analyzer.compare;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.Samples;
import org.damson.analyzer.render.text.TextReports;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.TargetKey;
import org.damson.analyzer.workingset.WorkingSet;
import org.damson.analyzer.workingset.WorkingSetOptions;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

class TraceCompareTest {
    private static final long BASE = 0x7f00_0000_0000L;

    private static CompareResult compare(MemoryTrace a, MemoryTrace b) throws IOException {
        return TraceCompare.compare(a, b, CompareOptions.DEFAULTS);
    }

    private static CompareResult.Size median(CompareResult r) {
        return r.sizes().stream().filter(s -> s.percent() == 50).findFirst().orElseThrow();
    }

    /** A working set of {@code meanMib} give or take {@code spreadMib}, at other addresses with every seed. */
    private static MemoryTrace sizes(long seed, int snapshots, double meanMib, double spreadMib) {
        Random random = new Random(seed);
        MemoryTrace t = new MemoryTrace();
        for (int n = 0; n < snapshots; n++) {
            long hot = (long) (meanMib * MIB + spreadMib * MIB * (2 * random.nextDouble() - 1)) & -4096;
            Snapshot s = t.snapshot(0, n * 100L, n * 100L + 100);
            s.add(BASE + seed * 4096 * MIB, BASE + seed * 4096 * MIB + hot, 20, 0);
            s.add(BASE + seed * 4096 * MIB + hot, BASE + seed * 4096 * MIB + 256 * MIB, 0, 0);
        }
        return t;
    }

    @Test
    void sizesThatDifferSurelyAreDifferentAndAlikeOnesTheSame() throws IOException {
        CompareOptions options =
                CompareOptions.DEFAULTS.basis(CompareOptions.Basis.WORKING_SET).tolerance(0.1);
        CompareResult alike = TraceCompare.compare(sizes(1, 200, 64, 4), sizes(2, 200, 64, 4), options);
        assertEquals(CompareResult.Verdict.SAME, alike.verdict(), alike.explanation());
        CompareResult.Size mean = alike.sizes().get(0);
        assertTrue(mean.isMean() && mean.differenceLowBytes() < 0 && mean.differenceHighBytes() > 0, mean.toString());
        CompareResult grown = TraceCompare.compare(sizes(1, 200, 64, 4), sizes(2, 200, 80, 4), options);
        assertEquals(CompareResult.Verdict.DIFFERENT, grown.verdict(), grown.explanation());
        assertEquals(16 * MIB, grown.sizes().get(0).differenceBytes(), MIB);
        assertTrue(
                grown.sizes().get(0).differenceLowBytes() > 15 * MIB,
                grown.sizes().get(0).toString());
        assertTrue(
                median(grown).differenceLowBytes() > 14 * MIB && median(grown).differenceHighBytes() < 18 * MIB,
                median(grown).toString());
        assertTrue(grown.explanation().startsWith("different: working-set distance 0.1"), grown.explanation());
    }

    @Test
    void aToleranceWithinTheIntervalIsNotDecided() throws IOException {
        MemoryTrace a = sizes(1, 20, 64, 40);
        MemoryTrace b = sizes(2, 20, 72, 40);
        CompareOptions options = CompareOptions.DEFAULTS.basis(CompareOptions.Basis.WORKING_SET);
        CompareResult.Distance d = TraceCompare.compare(a, b, options).workingSet();
        assertTrue(d.low() < d.value() && d.value() < d.high(), d.toString());
        CompareResult r = TraceCompare.compare(a, b, options.tolerance((d.low() + d.high()) / 2));
        assertEquals(CompareResult.Verdict.UNDECIDED, r.verdict());
        assertTrue(r.explanation().startsWith("undecided: working-set distance"), r.explanation());
        assertEquals(
                CompareResult.Verdict.SAME,
                TraceCompare.compare(a, b, options.tolerance(1)).verdict());
        assertEquals(
                CompareResult.Verdict.DIFFERENT,
                TraceCompare.compare(a, b, options.tolerance(0)).verdict());
    }

    @Test
    void theSameSeedGivesTheSameInterval() throws IOException {
        MemoryTrace a = sizes(1, 40, 64, 30);
        MemoryTrace b = sizes(2, 40, 64, 30);
        CompareResult one = TraceCompare.compare(a, b, CompareOptions.DEFAULTS.seed(5));
        assertEquals(
                one.sizes(),
                TraceCompare.compare(a, b, CompareOptions.DEFAULTS.seed(5)).sizes());
        assertNotEquals(
                one.sizes(),
                TraceCompare.compare(a, b, CompareOptions.DEFAULTS.seed(6)).sizes());
    }

    /** Halves of 64 MiB in turn: as two mappings, or as one of which half was touched; referenced bits or regions of DAMON. */
    private static MemoryTrace halves(boolean isOneMapping, boolean isReferenced) {
        MemoryTrace t = new MemoryTrace();
        t.manifest().source = isReferenced ? "referenced" : "damon";
        for (int n = 0; n < 40; n++) {
            Snapshot s = t.snapshot(0, n * 100L, n * 100L + 100);
            s.columns = Snapshot.HAS_REFERENCED;
            if (isOneMapping) {
                int r = s.add(BASE, BASE + 64 * MIB, 20, 0);
                s.referencedMean[r] = 32 * MIB;
            } else {
                for (int i = 0; i < 2; i++) {
                    boolean isHot = n / 10 % 2 == i;
                    int r = s.add(BASE + i * 32 * MIB, BASE + (i + 1) * 32 * MIB, isHot ? 20 : 0, 0);
                    s.referencedMean[r] = isHot ? 32 * MIB : 0;
                }
            }
        }
        return t;
    }

    @Test
    void whatReferencedBitsLeaveOpenIsNoDifference() throws IOException {
        CompareResult r = compare(halves(true, true), halves(false, true));
        assertEquals(0.5, r.patternDistance(), 0.01);
        assertEquals(0, r.leastPattern().value(), 0.01);
        assertEquals(CompareResult.Verdict.UNDECIDED, r.verdict());
        assertTrue(r.explanation().startsWith("undecided: pattern distance 0.5"), r.explanation());
        assertTrue(r.explanation().contains("if what mappings touched in part leave open is alike"), r.explanation());
        assertEquals(
                CompareResult.Verdict.UNDECIDED,
                compare(halves(false, true), halves(true, true)).verdict());
        assertEquals(
                CompareResult.Verdict.DIFFERENT,
                compare(halves(true, false), halves(false, false)).verdict());
    }

    /** Replays are judged by the same comparison. */
    @Test
    void fidelityLeavesOpenWhatAComparisonLeavesOpen() throws IOException {
        for (int kind = 0; kind < 8; kind++) {
            MemoryTrace a = halves((kind & 1) != 0, (kind & 4) != 0);
            MemoryTrace b = halves((kind & 2) != 0, (kind & 4) != 0);
            CompareResult compared = compare(a, b);
            CompareResult judged = Fidelity.of(a, TraceQuery.ALL, b, TraceQuery.ALL, CompareOptions.DEFAULTS)
                    .compare();
            assertEquals(compared.leastPattern(), judged.leastPattern(), "kind " + kind);
            assertEquals(compared.verdict(), judged.verdict(), "kind " + kind);
        }
    }

    private static WorkingSetResult.Series series(double[] sizes) {
        long[] ends = new long[sizes.length];
        Arrays.setAll(ends, i -> i + 1L);
        return new WorkingSetResult.Series(
                "target 0",
                new long[sizes.length],
                ends,
                Arrays.stream(sizes).mapToLong(v -> (long) v).toArray());
    }

    /** Slices weigh snapshots by time, so drawing them may lie far from the figures that wss gives. */
    @Test
    void everyEstimateLiesWithinItsOwnInterval() throws IOException {
        Random random = new Random(7);
        for (int round = 0; round < 20; round++) {
            MemoryTrace a = new MemoryTrace();
            MemoryTrace b = new MemoryTrace();
            long atA = 0;
            long atB = 0;
            for (int i = 0; i < 40; i++) {
                long lengthA = 10 + random.nextInt(random.nextInt(20) == 0 ? 5_000 : 200);
                long lengthB = 10 + random.nextInt(random.nextInt(20) == 0 ? 5_000 : 200);
                a.snapshot(0, atA, atA += lengthA).add(0, MIB * (1 + random.nextInt(64)), 1, 0);
                b.snapshot(0, atB, atB += lengthB).add(0, MIB * (1 + random.nextInt(64)), 1, 0);
            }
            CompareResult r = compare(a, b);
            WorkingSetResult.Series wss = WorkingSet.compute(b, TraceQuery.ALL, WorkingSetOptions.DEFAULTS)
                    .total();
            for (CompareResult.Size s : r.sizes()) {
                assertEquals(s.isMean() ? wss.mean() : wss.bySize(s.percent()), s.bBytes(), 0.5, "as report wss");
                assertTrue(
                        Double.isNaN(s.differenceLowBytes())
                                || s.differenceLowBytes() <= s.differenceBytes()
                                        && s.differenceBytes() <= s.differenceHighBytes(),
                        s.toString());
            }
            for (CompareResult.Distance d : new CompareResult.Distance[] {r.pattern(), r.workingSet()}) {
                assertTrue(Double.isNaN(d.low()) || d.low() <= d.value() && d.value() <= d.high(), d.toString());
            }
        }
    }

    /** The intervals are what they claim: of 100 comparisons of equal programs about 95 cover no difference. */
    @Test
    void intervalsCoverTheTruthAboutAsOftenAsTheySay() throws IOException {
        Random random = new Random(11);
        int covered = 0;
        for (int i = 0; i < 100; i++) {
            double[] a = random.doubles(60, 44, 84).toArray();
            double[] b = random.doubles(60, 44, 84).toArray();
            CompareResult.Size mean = WorkingSets.of(
                            Behaviour.sizes(series(a)), Behaviour.sizes(series(b)), a, b, 0, 60, i)
                    .sizes()
                    .get(0);
            covered += mean.differenceLowBytes() <= 0 && mean.differenceHighBytes() >= 0 ? 1 : 0;
        }
        assertTrue(covered >= 90 && covered < 100, covered + " of 100");
    }

    @Test
    void aFewSnapshotsDecideNothing() throws IOException {
        CompareResult r = compare(sizes(1, 5, 64, 8), sizes(2, 5, 64, 8));
        assertEquals(CompareResult.Verdict.UNDECIDED, r.verdict());
        assertTrue(r.explanation().contains("in too few snapshots"), r.explanation());
        assertTrue(
                Double.isNaN(r.pattern().low()) && Double.isNaN(r.sizes().get(0).differenceHighBytes()));
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
        assertTrue(r.same(), r.explanation());
    }

    @Test
    void placeAndTimeOfTheTraceDoNotMatter() throws IOException {
        CompareResult r =
                compare(Samples.stairs(5, false, 0, BASE), Samples.stairs(5, false, 777, BASE + 1234 * 4096L * MIB));
        assertEquals(0, r.patternDistance(), 1e-9);
        assertEquals(5, r.pairs().size());
        assertTrue(r.same(), r.explanation());
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
        assertTrue(r.explanation().startsWith("different: pattern distance"), r.explanation());
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
    void ofATraceWithoutSnapshotsNothingIsKnown() throws IOException {
        CompareResult r = compare(new MemoryTrace(), new MemoryTrace());
        assertEquals(0, r.pairs().size());
        assertEquals(Double.NaN, r.meanHotBytesA());
        assertEquals("undecided: A and B have no snapshots", r.explanation());
        CompareResult other = compare(Samples.three(), new MemoryTrace());
        assertEquals("undecided: B has no snapshots", other.explanation());
        for (CompareResult.Size size : other.sizes()) {
            assertTrue(size.aBytes() > 0);
            assertEquals(Double.NaN, size.bBytes());
        }
        String text = TextReports.compare(other);
        assertTrue(text.contains(" n/a") && !text.contains(" 0 B"), text);
        assertTrue(text.contains("total heat difference       -"), text);
    }

    @Test
    void overAnEmptyMatchThereIsNoDistance() throws IOException {
        // What both have is cold in both; what each has accessed the other has not.
        MemoryTrace a = new MemoryTrace();
        MemoryTrace b = new MemoryTrace();
        for (int i = 0; i < 10; i++) {
            Snapshot x = a.snapshot(0, i * 100, i * 100 + 100);
            x.add(0, 8 * MIB, 0, 0);
            x.add(1024 * MIB, 1088 * MIB, 20, 0);
            Snapshot y = b.snapshot(0, i * 100, i * 100 + 100);
            y.add(0, 8 * MIB, 0, 0);
            y.add(4096 * MIB, 4097 * MIB, 20, 0);
        }
        CompareResult r = compare(a, b);
        assertTrue(r.hasNothingInCommon());
        assertEquals(CompareResult.Verdict.DIFFERENT, r.verdict());
        assertEquals(1, r.patternDistance());
        assertTrue(Double.isNaN(r.heatDistance()) && Double.isNaN(r.correlation()));
        String text = TextReports.compare(r);
        assertTrue(text.contains("nothing in common: no accessed memory of one trace is in the other"), text);
        assertFalse(text.contains("0.000  (95") || text.contains("NaN"), text);
        assertFalse(compare(a, a).hasNothingInCommon());
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
        assertEquals(32 * MIB, median(r).bBytes());
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
