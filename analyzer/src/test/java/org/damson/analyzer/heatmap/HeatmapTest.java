package org.damson.analyzer.heatmap;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.damson.analyzer.MemoryTrace.MS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.Samples;
import org.damson.analyzer.render.text.TextReports;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.TargetKey;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

class HeatmapTest {
    private static final HeatmapOptions.Scope ALL = HeatmapOptions.Scope.ALL;
    private static final HeatmapOptions.Scope HOTTEST = HeatmapOptions.Scope.HOTTEST;

    private static HeatmapResult compute(MemoryTrace t, int cols, int rows, HeatmapOptions.Scope scope)
            throws IOException {
        return Heatmap.compute(t, TraceQuery.ALL, new HeatmapOptions(cols, rows, scope));
    }

    @Test
    void cellsOfThreeSnapshotsAreAsWorkedByHand() throws IOException {
        HeatmapResult r = compute(Samples.three(), 3, 4, ALL);
        assertEquals(700 * MS, r.fromNs());
        assertEquals(1300 * MS, r.toNs());
        assertEquals(1, r.cell(0, 0), 1e-12);
        assertEquals(0.5, r.cell(1, 0), 1e-12);
        assertEquals(0.25 * 0.5, r.cell(2, 0), 1e-12);
        assertEquals(0, r.cell(2, 1), 1e-12);
        HeatmapResult two = compute(Samples.three(), 2, 1, ALL);
        assertEquals((1 * 2 / 3.0 + 0.5 / 3) / 4, two.cell(0, 0), 1e-12);
    }

    @Test
    void steadyRegionIsEquallyHotAtEveryResolutionWhateverItsAge() throws IOException {
        MemoryTrace t = new MemoryTrace();
        for (int i = 0; i < 10; i++) {
            t.snapshot(0, i * 100, i * 100 + 100).add(0, MIB, 20, i);
        }
        for (int cols : new int[] {1, 2, 3, 10, 17}) {
            for (double h : compute(t, cols, 2, ALL).heat()) {
                assertEquals(1, h, 1e-9);
            }
        }
    }

    /** Snapshots of 100 ms at 0 s and 0.9 s; ages of 3 and 20 aggregations reach 300 ms back, and to the first one. */
    @Test
    void agesTellOfTheTimeBetweenSnapshotsThatAreFarApart() throws IOException {
        MemoryTrace t = new MemoryTrace();
        Snapshot first = t.snapshot(0, 0, 100);
        first.columns = Snapshot.HAS_AGE;
        first.add(0, 4 * MIB, 0, 5);
        first.add(4 * MIB, 8 * MIB, 20, 5);
        Snapshot second = t.snapshot(0, 900, 1000);
        second.columns = Snapshot.HAS_AGE;
        second.add(0, 4 * MIB, 10, 3);
        second.add(4 * MIB, 8 * MIB, 0, 20);
        HeatmapResult r = compute(t, 10, 2, ALL);
        assertTrue(r.usedAges());
        double none = Double.NaN;
        assertArrayEquals(
                new double[] {
                    0,
                    none,
                    none,
                    none,
                    none,
                    none,
                    0.5,
                    0.5,
                    0.5,
                    0.5, // the younger
                    1,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0 // what the first snapshot tells stays
                },
                r.heat(),
                1e-9);
        assertTrue(TextReports.heatmap(r, false).contains("# between snapshots: by the ages of the next one"));
        // Only what is told counts in a cell of several: 300 + 100 ms at 0.5, 100 ms at 0; 100 ms at 1, 900 ms at 0.
        assertArrayEquals(new double[] {0.4, 0.1}, compute(t, 1, 2, ALL).heat(), 1e-9);
    }

    @Test
    void spaceBetweenRegionsIsNotMonitored() throws IOException {
        MemoryTrace t = new MemoryTrace();
        Snapshot s = t.snapshot(0, 0, 100);
        s.add(16 * MIB, 20 * MIB, 20, 0);
        s.add(20 * MIB + 4096, 32 * MIB, 0, 0);
        HeatmapResult r = compute(t, 1, 4096, HOTTEST);
        assertEquals(1, r.areas().size());
        assertEquals(1, r.cell(0, 1023), 1e-9);
        assertTrue(Double.isNaN(r.cell(0, 1024)));
        assertEquals(0, r.cell(0, 1025), 1e-9);
    }

    @Test
    void wideGapsAreLeftOutAndAddressesStayTrue() throws IOException {
        MemoryTrace t = new MemoryTrace();
        Snapshot s = t.snapshot(0, 0, 100);
        s.add(0, 4 * MIB, 0, 0);
        s.add(0x7000_0000_0000L, 0x7000_0000_0000L + 4 * MIB, 20, 0);
        s.add(0xffff_ffff_ffc0_0000L, 0, 10, 0);
        HeatmapResult all = compute(t, 1, 3, ALL);
        assertArrayEquals(new double[] {0, 1, 0.5}, all.heat(), 1e-9);
        assertEquals(0, all.address(0));
        assertEquals(0x7000_0000_0000L, all.address(1));
        assertEquals(0xffff_ffff_ffc0_0000L, all.address(2));
        HeatmapResult hot = compute(t, 1, 1, HOTTEST);
        assertEquals(0x7000_0000_0000L, hot.areas().get(0).start());
        assertEquals(1, hot.cell(0, 0), 1e-9);
    }

    @Test
    void partlyUsedMappingIsOnlyPartlyHot() throws IOException {
        MemoryTrace t = new MemoryTrace();
        Snapshot s = t.snapshot(0, 0, 100);
        s.columns = Snapshot.HAS_REFERENCED;
        // All of it in half of the samples: its mean over all of them is half.
        s.add(0, 100 * MIB, 10, -1);
        s.referencedMean[0] = 50 * MIB;
        assertEquals(0.5, compute(t, 1, 1, ALL).cell(0, 0), 1e-9);
        // A tenth of it in every sample.
        s.nrAccesses[0] = 20;
        s.referencedMean[0] = 10 * MIB;
        assertEquals(0.1, compute(t, 1, 1, ALL).cell(0, 0), 1e-9);
    }

    @Test
    void heatIsConservedAtEveryResolution() throws IOException {
        MemoryTrace t = Samples.random(7, 40, 4);
        double want = 0;
        for (Snapshot s : t.snapshots) {
            for (int i = 0; i < s.regions; i++) {
                want += s.nrAccesses[i] / 20.0 * (s.end[i] - s.start[i]) * ((s.endNs - s.startNs) / 1e9);
            }
        }
        GuideResult guide = TraceGuide.compute(t, TraceQuery.ALL);
        double got = guide.targets().stream()
                .flatMap(x -> x.areas().stream())
                .mapToDouble(Area::heatByteSeconds)
                .sum();
        assertEquals(want, got, want * 1e-12);
        java.util.List<Area> areas = guide.targets().stream()
                .flatMap(x -> Heatmap.neighbourhoods(x.areas()).stream())
                .toList();
        Layout layout = Layout.of(areas);
        long from = guide.targets().get(0).startNs();
        long to = guide.targets().get(0).endNs();
        for (int n : new int[] {1, 7, 100}) {
            HeatGrid g = Heatmap.grid(t, TraceQuery.ALL, layout, from, to, n, n * 3);
            double cellByteSeconds = layout.total() / (n * 3) * ((to - from) / 1e9 / n);
            double sum = java.util.Arrays.stream(g.heat).sum() * cellByteSeconds;
            assertEquals(want, sum, want * 1e-9);
            assertEquals(want, g.heatByteSeconds, want * 1e-9);
        }
    }

    @Test
    void splittingChangesNothingButRounding() throws IOException {
        for (long seed = 1; seed <= 5; seed++) {
            HeatmapResult one = compute(Samples.random(seed, 60, 1), 33, 50, ALL);
            HeatmapResult many = compute(Samples.random(seed, 60, 4), 33, 50, ALL);
            assertEquals(one.areas().size(), many.areas().size());
            assertArrayEquals(one.heat(), many.heat(), 1e-9);
            assertArrayEquals(
                    many.heat(),
                    compute(Samples.random(seed, 60, 4), 33, 50, ALL).heat());
        }
    }

    @Test
    void emptyTraceGivesAnEmptyMap() throws IOException {
        HeatmapResult r = compute(new MemoryTrace(), 5, 5, HOTTEST);
        assertTrue(r.areas().isEmpty());
        assertTrue(Double.isNaN(r.cell(0, 0)));
        assertEquals("no regions\n", TextReports.heatmap(r, false));
    }

    @Test
    void timeWindowTakesSnapshotsWhole() throws IOException {
        HeatmapOptions options = new HeatmapOptions(2, 4, ALL);
        HeatmapResult r = Heatmap.compute(Samples.three(), TraceQuery.ALL.time(800 * MS, 1000 * MS), options);
        assertEquals(700 * MS, r.fromNs());
        HeatmapResult whole = Heatmap.compute(Samples.three(), TraceQuery.ALL.time(700 * MS, r.toNs()), options);
        assertEquals(whole.toNs(), r.toNs());
        for (int row = 0; row < 4; row++) {
            assertEquals(whole.cell(0, row), r.cell(0, row));
            assertEquals(whole.cell(1, row), r.cell(1, row));
        }
    }

    @Test
    void refusesMoreCellsThanMemoryShouldHold() {
        assertThrows(IllegalArgumentException.class, () -> new HeatmapOptions(0, 1, ALL));
        assertThrows(IllegalArgumentException.class, () -> new HeatmapOptions(10_000, 10_000, ALL));
    }

    /** 1 GiB of which 16 MiB near the middle and 8 MiB near the end are used: the picture is about these. */
    @Test
    void whatIsHardlyAccessedIsLeftOutAndSaid() throws IOException {
        MemoryTrace t = new MemoryTrace();
        for (int i = 0; i < 10; i++) {
            Snapshot s = t.snapshot(0, i * 100, i * 100 + 100);
            s.add(0, 512 * MIB, 0, i);
            s.add(512 * MIB, 528 * MIB, 20, i);
            s.add(528 * MIB, 1000 * MIB, 0, i);
            s.add(1000 * MIB, 1008 * MIB, 10, i);
            s.add(1008 * MIB, 1024 * MIB, 0, i);
        }
        HeatmapResult used = compute(t, 10, 24, HeatmapOptions.Scope.USED);
        assertEquals(2, used.areas().size());
        assertTrue(used.totalBytes() < 80 * MIB, used.areas().toString());
        assertEquals(1024.0 * MIB, used.totalBytes() + used.leftOutBytes(), 1);
        double wholeHeat = compute(t, 10, 24, HOTTEST).areas().get(0).heatByteSeconds();
        assertEquals(
                wholeHeat * 4 / 5, used.areas().get(0).heatByteSeconds(), wholeHeat / 1000, "16 MiB always hot, of 20");
        assertEquals(
                wholeHeat / 5, used.areas().get(1).heatByteSeconds(), wholeHeat / 1000, "8 MiB hot half of the time");
        for (long[] hot : new long[][] {{512, 528}, {1000, 1008}}) {
            assertTrue(
                    used.areas().stream().anyMatch(a -> a.start() <= hot[0] * MIB && a.end() >= hot[1] * MIB),
                    used.areas().toString());
        }
        assertTrue(TextReports.heatmap(used, false).contains("left out: "), TextReports.heatmap(used, false));
        HeatmapResult whole = compute(t, 10, 24, HOTTEST);
        assertEquals(1024.0 * MIB, whole.totalBytes(), 1);
        assertEquals(0, whole.leftOutBytes());
        assertTrue(whole.maxHeat() < 0.5, "a row of the whole area is mostly cold");
        assertEquals(1, used.maxHeat(), 1e-9, "a row of what is used is hot");
    }

    /** Rows of 1, 3 and 4 bytes and columns of 10 and 90 ns, drawn as large as they are. */
    @Test
    void stepsFallIntoTheRowsAndColumnsThatTheyLieIn() {
        Area area = new Area(new TargetKey(0, 0, Snapshot.NO_SCHEME, 0), 0x1000, 0x1008, 0);
        HeatmapResult uneven = result(area, new double[] {0, 1, 4, 8}, new long[] {5, 15, 105});
        assertArrayEquals(
                new int[] {0, 1, 1, 1, 2, 2, 2, 2},
                IntStream.range(0, 8).map(i -> uneven.rowAt(i, 8)).toArray());
        assertEquals(0, uneven.colAt(14.9));
        assertEquals(1, uneven.colAt(15));
        assertEquals(1, uneven.colAt(104.9));
        assertEquals(0x1001, uneven.address(1));
        assertEquals(0x1008, uneven.address(3));
        HeatmapResult even = result(area, null, null);
        assertArrayEquals(
                new int[] {0, 0, 0, 1, 1, 1, 2, 2},
                IntStream.range(0, 8).map(i -> even.rowAt(i, 8)).toArray());
        assertEquals(0, even.colAt(54.9));
        assertEquals(1, even.colAt(55.1));
    }

    private static HeatmapResult result(Area area, double[] offsets, long[] times) {
        return new HeatmapResult(
                5, 105, 2, 3, new double[6], List.of(area), 0, ALL, false, 1, 1, 0, false, offsets, times);
    }
}
