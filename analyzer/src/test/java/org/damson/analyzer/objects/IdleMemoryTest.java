package org.damson.analyzer.objects;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.damson.analyzer.MemoryTrace.MS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.scan.TargetKey;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

/** Idle times and idle memory as docs/FIGURES.md defines them; aggregations of 100 ms. */
final class IdleMemoryTest {
    private static final long HIGH = 0xffff_8000_0000_0000L;

    private static Snapshot add(MemoryTrace t, long fromMs, long toMs) {
        Snapshot s = t.snapshot(0, fromMs, toMs);
        s.columns = Snapshot.HAS_AGE;
        return s;
    }

    private static IdleResult.Target only(MemoryTrace t, TraceQuery q) throws IOException {
        IdleResult r = IdleMemory.compute(t, q);
        assertEquals(1, r.targets().size());
        return r.targets().get(0);
    }

    /** An age of n is n + 1 intervals, at most since the target was first recorded; what is accessed is not idle. */
    @Test
    void idleIsOneIntervalMoreThanTheAge() throws IOException {
        MemoryTrace t = new MemoryTrace();
        add(t, 1000, 1100).add(0, 4096, 0, 0);
        Snapshot s = add(t, 3900, 4000);
        s.add(HIGH, HIGH + 4096, 3, 50);
        s.add(HIGH + 4096, HIGH + 8192, 0, 0);
        s.add(HIGH + 8192, HIGH + 12288, 0, 9);
        s.add(HIGH + 12288, HIGH + 16384, 0, 29);
        s.add(HIGH + 16384, HIGH + 20480, 0, 30);
        IdleTimes times = IdleTimes.of(t);
        TargetKey key = TargetKey.of(s);
        long[] expected = {0, 100, 1000, 3000, 3000};
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i] * MS, times.idleNs(s, i, key), "region " + i);
        }
        // 29 intervals before the last one are 2.9 of the 3 s that are recorded; 30 are all of it.
        assertFalse(times.sinceBefore(s, 0, key));
        assertFalse(times.sinceBefore(s, 3, key));
        assertTrue(times.sinceBefore(s, 4, key));
    }

    /** Ages and intervals as great as their columns hold: since before the recording, at least as long as that. */
    @Test
    void theGreatestAgesDoNotOverflow() throws IOException {
        MemoryTrace t = new MemoryTrace();
        add(t, 1000, 1100).add(0, 4096, 0, 0);
        Snapshot s = add(t, 3900, 4000);
        s.aggrUs = 10_000_000;
        s.add(0, 4096, 0, Integer.MAX_VALUE);
        IdleTimes times = IdleTimes.of(t);
        assertEquals(3000 * MS, times.idleNs(s, 0, TargetKey.of(s)));
        assertTrue(times.sinceBefore(s, 0, TargetKey.of(s)));
        s.aggrUs = 4_294_967_295L;
        assertTrue(times.sinceBefore(s, 0, TargetKey.of(s)));
        IdleMoment last = only(t, TraceQuery.ALL).last();
        assertEquals(4096, last.beforeBytes());
        assertEquals(3000 * MS, last.recordedNs());
        assertEquals(Long.MAX_VALUE, last.toldNs());
    }

    /** Snapshots of 100, 400 and 300 ms: ages of referenced bits count them, however long they were. */
    @Test
    void agesOfReferencedBitsCountSnapshots() throws IOException {
        MemoryTrace t = new MemoryTrace();
        t.manifest.source = Manifest.Source.REFERENCED.text();
        add(t, 0, 100).add(0, 4096, 0, 0);
        add(t, 100, 500).add(0, 4096, 0, 1);
        Snapshot s = add(t, 500, 800);
        s.add(0, 4096, 0, 0);
        s.add(4096, 8192, 0, 1);
        s.add(8192, 12288, 0, 2);
        s.add(12288, 16384, 0, 3);
        IdleTimes times = IdleTimes.of(t);
        TargetKey key = TargetKey.of(s);
        long[] expected = {300, 700, 800, 800};
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i] * MS, times.idleNs(s, i, key), "region " + i);
            assertEquals(i == 3, times.sinceBefore(s, i, key), "region " + i);
        }
    }

    /**
     * For 100 ms 3 of 4 MiB are cold, then for 300 ms 1 of 4: (3 x 100 + 1 x 300) / 400 = 1.5 MiB on average, 37.5 %. Bandwidth: 1
     * MiB in 20 samples of 0.1 s, then 3 in 10: 200 and 300 MiB/s.
     */
    @Test
    void idleMemoryIsAMeanOverTime() throws IOException {
        MemoryTrace t = new MemoryTrace();
        Snapshot a = add(t, 0, 100);
        a.add(HIGH, HIGH + MIB, 20, 0);
        a.add(HIGH + MIB, HIGH + 4 * MIB, 0, 0);
        Snapshot b = add(t, 100, 400);
        b.add(HIGH, HIGH + 3 * MIB, 10, 0);
        b.add(HIGH + 3 * MIB, HIGH + 4 * MIB, 0, 3);
        IdleResult.Target target = only(t, TraceQuery.ALL);
        assertEquals(2, target.snapshots());
        IdleResult.Coldness cold = target.coldness().get(0);
        assertEquals(1.5 * MIB, cold.meanBytes(), 1e-6);
        assertEquals(37.5, cold.percentOfBytes(), 1e-9);
        assertEquals(MIB, cold.lastBytes());
        assertEquals(1, target.coldness().size()); // nothing is idle for a second
        assertEquals(250 * MIB, target.meanBytesPerSecond());
        assertEquals(300 * MIB, target.greatestBytesPerSecond());
        assertEquals(0, target.meanUndecidedBytes());
        // A time takes the second snapshot alone, and whole.
        IdleResult.Target late = only(t, TraceQuery.ALL.time(200 * MS, 400 * MS));
        assertEquals(MIB, late.coldness().get(0).meanBytes(), 1e-6);
    }

    /** 1 s of regions by steps: 2 MiB idle for 1 s or more, of it 1 MiB for 2 s or more. */
    @Test
    void stepsCountWhatIsIdleAtLeastSoLong() throws IOException {
        MemoryTrace t = new MemoryTrace();
        add(t, 0, 100).add(0, MIB, 0, 0);
        Snapshot s = add(t, 3000, 4000);
        s.add(0, MIB, 0, 8); // 0.9 s
        s.add(MIB, 2 * MIB, 0, 9); // 1 s
        s.add(2 * MIB, 3 * MIB, 0, 19); // 2 s
        IdleResult.Target target = only(t, TraceQuery.ALL.time(3000 * MS, 4000 * MS));
        List<IdleResult.Coldness> steps = target.coldness();
        assertEquals(
                List.of(0L, 1000 * MS, 2000 * MS),
                steps.stream().map(IdleResult.Coldness::idleAtLeastNs).toList());
        assertEquals(
                List.of(3.0 * MIB, 2.0 * MIB, 1.0 * MIB),
                steps.stream().map(IdleResult.Coldness::lastBytes).toList());
        assertEquals(2 * MIB, steps.get(1).meanBytes(), 1e-6);
        assertEquals(100.0 / 3, steps.get(2).percentOfBytes(), 1e-9);
    }

    @Test
    void snapshotsWithoutAgesAreLeftOutAndCounted() throws IOException {
        MemoryTrace t = new MemoryTrace();
        t.snapshot(0, 0, 100).add(0, MIB, 0, 0);
        assertEquals(List.of(), IdleMemory.compute(t, TraceQuery.ALL).targets());
        assertEquals(1, IdleMemory.compute(t, TraceQuery.ALL).snapshotsWithoutAges());
        assertEquals(
                List.of(), IdleMemory.compute(new MemoryTrace(), TraceQuery.ALL).targets());
        add(t, 100, 200).add(0, MIB, 0, 0);
        assertEquals(1, only(t, TraceQuery.ALL).snapshots());
    }

    @Test
    void aSnapshotWithoutRegionsHasNoIdleMemory() throws IOException {
        MemoryTrace t = new MemoryTrace();
        add(t, 0, 100);
        IdleResult.Target target = only(t, TraceQuery.ALL);
        assertEquals(0, target.coldness().get(0).percentOfBytes());
        assertArrayEquals(new long[IdleResult.PERCENTS.size()], target.idleNs());
    }

    /** As in every other report: a mean over time is over all of it. */
    @Test
    void timeInWhichNothingIsMappedCounts() throws IOException {
        MemoryTrace t = new MemoryTrace();
        add(t, 0, 100).add(0, MIB, 0, 0);
        add(t, 100, 400);
        IdleResult.Target target = only(t, TraceQuery.ALL);
        assertEquals(2, target.snapshots());
        assertEquals(MIB / 4.0, target.coldness().get(0).meanBytes(), 1e-6);
        assertEquals(0, target.coldness().get(0).lastBytes());
        assertEquals(0, IdleMemory.compute(t, TraceQuery.ALL).snapshotsWithoutAges());
    }

    private record Piece(long idleNs, long byteMs) {}

    /** Percentiles over bytes and time: by a sorted list of all regions, in whole numbers. */
    @Test
    void percentilesAreThoseOfASortedList() throws IOException {
        SplittableRandom random = new SplittableRandom(51);
        for (int round = 0; round < 60; round++) {
            MemoryTrace t = new MemoryTrace(1 + random.nextInt(4));
            List<Piece> pieces = new ArrayList<>();
            long ms = 1000;
            double touched = 0;
            for (int n = 1 + random.nextInt(12); n > 0; n--) {
                long end = ms + 50 * (1 + random.nextInt(4));
                Snapshot s = add(t, ms, end);
                long at = HIGH;
                for (int i = random.nextInt(8); i >= 0; i--) {
                    long to = at + 4096L * (1 + random.nextInt(50));
                    int accesses = random.nextInt(3) == 0 ? 7 : 0;
                    int age = random.nextInt(40);
                    s.add(at, to, accesses, age);
                    long idle = accesses > 0 ? 0 : Math.min((age + 1) * 100, end - 1000) * MS;
                    pieces.add(new Piece(idle, (to - at) * (end - ms)));
                    touched += accesses * (to - at) / 0.1;
                    at = to;
                }
                ms = end;
            }
            IdleResult.Target target = only(t, TraceQuery.ALL);
            pieces.sort(Comparator.comparingLong(Piece::idleNs));
            long sum = pieces.stream().mapToLong(Piece::byteMs).sum();
            for (int p = 0; p < IdleResult.PERCENTS.size(); p++) {
                long reached = 0;
                long expected = 0;
                for (Piece piece : pieces) {
                    reached += piece.byteMs;
                    expected = piece.idleNs;
                    if (reached * 100 >= IdleResult.PERCENTS.get(p) * sum) {
                        break;
                    }
                }
                assertEquals(expected, target.idleNs()[p], expected / 1000.0 + 1, round + ", " + p);
            }
            long cold = pieces.stream()
                    .filter(x -> x.idleNs > 0)
                    .mapToLong(Piece::byteMs)
                    .sum();
            assertEquals(100.0 * cold / sum, target.coldness().get(0).percentOfBytes(), 1e-6);
            assertEquals(touched / target.snapshots(), target.meanBytesPerSecond(), 1);
        }
    }
}
