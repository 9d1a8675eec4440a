package org.damson.analyzer.objects;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.damson.analyzer.MemoryTrace.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.damson.analyzer.MemoryTrace;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

final class WindowSizesTest {
    private static final long TOP = 0xffff_ffff_fff0_0000L;

    private static List<WindowsResult.Window> windows(MemoryTrace t) throws IOException {
        return WindowSizes.compute(t, TraceQuery.ALL).targets().get(0).windows();
    }

    /** 1, 2 and 1 MiB, of which all three have one half MiB: windows of two have 2.5 and 2.5, the whole 3. */
    @Test
    void aWindowHasWhatAnyOfItsSnapshotsAccessed() throws IOException {
        MemoryTrace t = new MemoryTrace();
        t.snapshot(0, 0, 100).add(0, MIB, 1, 0);
        t.snapshot(0, 100, 200).add(MIB / 2, 5 * MIB / 2, 20, 0);
        Snapshot s = t.snapshot(0, 200, 400);
        s.add(MIB / 2, MIB, 1, 0);
        s.add(5 * MIB / 2, 3 * MIB, 1, 0);
        s.add(3 * MIB, 9 * MIB, 0, 0);
        List<WindowsResult.Window> w = windows(t);
        assertEquals(
                List.of(1L, 2L, 3L),
                w.stream().map(WindowsResult.Window::snapshots).toList());
        assertEquals(4.0 / 3 * MIB, w.get(0).meanBytes(), 1e-6);
        assertEquals(2.5 * MIB, w.get(1).meanBytes(), 1e-6);
        assertEquals(3 * MIB, w.get(2).meanBytes(), 1e-6);
        assertEquals(100 * 2.5 / 3, w.get(1).percentOfAccessed(), 1e-9);
        // 400 ms in three snapshots.
        assertEquals((long) (400 * MS / 3.0 * 2), w.get(1).lengthNs());
        assertEquals(400 * MS, w.get(2).lengthNs());
        assertFalse(WindowSizes.compute(t, TraceQuery.ALL).isOfMappings());
    }

    @Test
    void oneSnapshotIsOneWindowAndNothingAccessedIsNothing() throws IOException {
        MemoryTrace t = new MemoryTrace();
        t.snapshot(0, 0, 100).add(0, MIB, 0, 0);
        List<WindowsResult.Window> w = windows(t);
        assertEquals(1, w.size());
        assertEquals(0, w.get(0).meanBytes());
        assertEquals(0, w.get(0).percentOfAccessed());
        assertEquals(
                List.of(),
                WindowSizes.compute(new MemoryTrace(), TraceQuery.ALL).targets());
    }

    /** The last page of the address space, whose end is 0. */
    @Test
    void theTopOfTheAddressSpaceIsAPlace() throws IOException {
        MemoryTrace t = new MemoryTrace();
        t.snapshot(0, 0, 100).add(-4096L, 0, 1, 0);
        t.snapshot(0, 100, 200).add(-8192L, 0, 1, 0);
        List<WindowsResult.Window> w = windows(t);
        assertEquals(6144, w.get(0).meanBytes());
        assertEquals(8192, w.get(1).meanBytes());
    }

    /** Of a mapping counts the most that one snapshot found; at most it is touched whole. */
    @Test
    void ofMappingsTheLeastAndTheMostAreTold() throws IOException {
        MemoryTrace t = new MemoryTrace();
        for (long found : new long[] {4096, 12288}) {
            Snapshot s = t.snapshot(0, 0, 100);
            s.columns = Snapshot.HAS_REFERENCED;
            s.add(TOP, TOP + MIB / 2, 1, 0);
            s.reserve(1);
            s.referencedMean[0] = found / 2;
            s.referencedMax[0] = found;
        }
        assertTrue(WindowSizes.compute(t, TraceQuery.ALL).isOfMappings());
        List<WindowsResult.Window> w = windows(t);
        assertEquals(8192, w.get(0).meanBytes());
        assertEquals(12288, w.get(1).meanBytes());
        assertEquals(MIB / 2.0, w.get(1).atMostBytes());
        assertEquals(100, w.get(1).percentOfAccessed());
    }

    /** A snapshot without regions does not say that they are mappings, and is one in which none was touched. */
    @Test
    void snapshotsWithoutMappingsCount() throws IOException {
        MemoryTrace t = new MemoryTrace();
        t.snapshot(0, 0, 100);
        Snapshot s = t.snapshot(0, 100, 200);
        s.columns = Snapshot.HAS_REFERENCED;
        s.add(TOP, TOP + MIB / 2, 1, 0);
        s.reserve(1);
        s.referencedMean[0] = 2048;
        s.referencedMax[0] = 4096;
        t.snapshot(0, 200, 300);
        List<WindowsResult.Window> w = windows(t);
        assertEquals(4096 / 3.0, w.get(0).meanBytes(), 1e-9);
        assertEquals(4096, w.get(1).meanBytes());
        assertEquals(4096, w.get(2).meanBytes());
    }

    /** Page by page, window by window, of several targets whose snapshots alternate. */
    @Test
    void windowsAreThoseOfANaiveCount() throws IOException {
        SplittableRandom random = new SplittableRandom(52);
        for (int round = 0; round < 60; round++) {
            MemoryTrace t = new MemoryTrace();
            int n = 1 + random.nextInt(23);
            BitSet[][] pages = new BitSet[2][n];
            for (int i = 0; i < n; i++) {
                for (int target = 0; target < 2; target++) {
                    Snapshot s = t.snapshot(target, i * 100L, i * 100L + 100);
                    pages[target][i] = new BitSet();
                    for (int page = 0; page < 30; ) {
                        int to = page + 1 + random.nextInt(6);
                        int accesses = random.nextInt(3);
                        if (random.nextInt(4) > 0) {
                            s.add(TOP + page * 4096L, TOP + to * 4096L, accesses, 0);
                            pages[target][i].set(page, to, accesses > 0);
                        }
                        page = to;
                    }
                }
            }
            List<WindowsResult.Target> found =
                    WindowSizes.compute(t, TraceQuery.ALL).targets();
            for (int target = 0; target < 2; target++) {
                for (WindowsResult.Window w : found.get(target).windows()) {
                    assertEquals(
                            naive(pages[target], (int) w.snapshots()),
                            w.meanBytes(),
                            1e-6,
                            round + ": " + w.snapshots());
                    assertEquals(w.meanBytes(), w.atMostBytes());
                }
            }
        }
    }

    private static double naive(BitSet[] pages, int length) {
        double sum = 0;
        int windows = pages.length - length + 1;
        for (int first = 0; first < windows; first++) {
            BitSet any = new BitSet();
            for (int i = first; i < first + length; i++) {
                any.or(pages[i]);
            }
            sum += any.cardinality() * 4096.0;
        }
        return sum / windows;
    }
}
