package org.damson.analyzer.openloop;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import java.util.SplittableRandom;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.model.InvalidInputException;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

/** Counts by thresholds, and whether a recorded scheme acted. */
final class SweepTest {
    private static final long HIGH = 0xffff_8000_0000_0000L;

    private static Snapshot add(MemoryTrace t, long fromMs) {
        Snapshot s = t.snapshot(0, fromMs, fromMs + 100);
        s.columns = Snapshot.HAS_AGE;
        return s;
    }

    /** A sweep whose combinations are asked for by the places of their thresholds. */
    private record Counted(Sweep sweep, int accesses, int sizes) {
        private int at(int age, int access, int size) {
            return (age * accesses + access) * sizes + size;
        }

        long count(int age, int access, int size) {
            return sweep.tried(at(age, access, size)).regions();
        }

        BigInteger bytes(int age, int access, int size) {
            return sweep.tried(at(age, access, size)).bytes();
        }
    }

    private static Counted run(MemoryTrace t, long[] ages, int[] accesses, long[] sizes) throws IOException {
        return new Counted(Sweep.run(t, TraceQuery.ALL, ages, accesses, sizes), accesses.length, sizes.length);
    }

    /** Thresholds hold at equality; an age of -1 is the greatest of unsigned 32 bits, as the kernel has it. */
    @Test
    void thresholdsHoldAtEquality() throws IOException {
        MemoryTrace t = new MemoryTrace();
        Snapshot s = add(t, 0);
        s.add(HIGH, HIGH + MIB, 5, 10);
        s.add(HIGH + MIB, HIGH + 3 * MIB, 6, 9);
        s.add(HIGH + 3 * MIB, HIGH + 7 * MIB, 0, -1);
        Counted w = run(t, new long[] {0, 10, 11}, new int[] {0, 5, 6}, new long[] {MIB, MIB + 1});
        assertEquals(3, w.count(0, 2, 0));
        assertEquals(2, w.count(0, 1, 0));
        assertEquals(1, w.count(0, 0, 0));
        assertEquals(2, w.count(1, 2, 0));
        assertEquals(1, w.count(2, 2, 0));
        assertEquals(2, w.count(0, 2, 1));
        assertEquals(BigInteger.valueOf(4 * MIB), w.bytes(2, 2, 0));
        assertEquals(BigInteger.valueOf(7 * MIB), w.bytes(0, 2, 0));
    }

    /** All regions against all thresholds. */
    @Test
    void everyCombinationIsThatOfANaiveCount() throws IOException {
        SplittableRandom random = new SplittableRandom(82);
        for (int round = 0; round < 40; round++) {
            MemoryTrace t = new MemoryTrace();
            for (int n = 0; n < 5; n++) {
                Snapshot s = add(t, n * 100L);
                long at = HIGH;
                for (int i = random.nextInt(12); i > 0; i--) {
                    long to = at + 4096L * (1 + random.nextInt(9));
                    s.add(at, to, random.nextInt(6), random.nextInt(12));
                    at = to;
                }
            }
            t.snapshot(0, 500, 600).scheme = 2; // what a scheme tried is not the target's
            t.snapshots.get(5).add(0, MIB, 0, 11);
            long[] ages = {1, 4, 8};
            int[] accesses = {0, 2, 4};
            long[] sizes = {4096, 3 * 4096, 8 * 4096};
            Counted w = run(t, ages, accesses, sizes);
            for (int a = 0; a < 3; a++) {
                for (int n = 0; n < 3; n++) {
                    for (int z = 0; z < 3; z++) {
                        long count = 0;
                        long bytes = 0;
                        for (Snapshot s : t.snapshots.subList(0, 5)) {
                            for (int i = 0; i < s.regions; i++) {
                                long size = s.end[i] - s.start[i];
                                if (s.age[i] >= ages[a] && s.nrAccesses[i] <= accesses[n] && size >= sizes[z]) {
                                    count++;
                                    bytes += size;
                                }
                            }
                        }
                        assertEquals(count, w.count(a, n, z));
                        assertEquals(BigInteger.valueOf(bytes), w.bytes(a, n, z));
                    }
                }
            }
        }
    }

    /** Half of the address space, eleven times: sizes have no sign, and their sum is beyond 2^64. */
    @Test
    void theGreatestSizesAddUp() throws IOException {
        MemoryTrace t = new MemoryTrace();
        for (int n = 0; n < 11; n++) {
            add(t, n * 100L).add(0, Long.MIN_VALUE, 0, 1);
        }
        Counted w = run(t, new long[] {0}, new int[] {0}, new long[] {0, Long.MAX_VALUE});
        BigInteger expected = BigInteger.ONE.shiftLeft(63).multiply(BigInteger.valueOf(11));
        assertEquals(11, w.count(0, 0, 1));
        assertEquals(expected, w.bytes(0, 0, 0));
    }

    @Test
    void whatCannotBeSweptIsRefused() throws IOException {
        MemoryTrace t = new MemoryTrace();
        t.snapshot(0, 0, 100).add(0, MIB, 0, 0);
        long[] one = {1};
        assertThrows(InvalidInputException.class, () -> run(t, one, new int[] {0}, one)); // no ages
        MemoryTrace none = new MemoryTrace();
        assertThrows(InvalidInputException.class, () -> run(none, new long[] {2, 2}, new int[] {0}, one));
        assertThrows(InvalidInputException.class, () -> run(none, one, new int[0], one));
        assertThrows(InvalidInputException.class, () -> run(none, one, new int[] {1, 0}, one));
        assertThrows(
                InvalidInputException.class, () -> run(none, new long[1 << 11], new int[1 << 5], new long[1 << 5]));
        t.snapshots.get(0).columns = Snapshot.HAS_AGE | Snapshot.HAS_REFERENCED;
        t.snapshots.get(0).reserve(1);
        assertThrows(InvalidInputException.class, () -> run(t, one, new int[] {0}, one)); // mappings
        assertEquals(0, run(none, one, new int[] {0}, one).count(0, 0, 0));
    }

    /** Ages in time become aggregations of 100 ms, rounded down; those that are then equal are one. */
    @Test
    void agesInTimeAreRoundedDown() throws IOException {
        MemoryTrace t = new MemoryTrace();
        t.manifest.attrs =
                new MonitoringAttrs(5_000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.RECORDED);
        Snapshot s = add(t, 0);
        s.add(0, MIB, 0, 2);
        s.add(MIB, 2 * MIB, 0, 3);
        SweepGrid grid = new SweepGrid(new long[] {250_000, 299_999, 300_000}, new int[] {0}, new long[] {0});
        assertEquals(3, grid.points());
        Counted w = new Counted(
                grid.over(t, TraceQuery.ALL, OpenLoopOptions.DEFAULTS).sweep(), 1, 1);
        assertEquals(2, w.count(0, 0, 0));
        assertEquals(1, w.count(1, 0, 0));
    }

    private static void tried(MemoryTrace t, long ms, int scheme, long start, int age) {
        t.row(Table.SCHEMES, ms * MemoryTrace.MS, 0, 0, scheme, 0L, start, start + MIB, 0, age, 9);
    }

    /** Tried at age 7 and of age 0 in the snapshot that ends after that: it was reset. Of age 7 or 0 before: it was not. */
    @Test
    void aSchemeActedIfItResetAnAge() throws IOException {
        MemoryTrace t = new MemoryTrace();
        for (int n = 0; n < 3; n++) {
            Snapshot s = add(t, n * 100);
            s.add(HIGH, HIGH + MIB, 0, n == 2 ? 0 : 7);
            s.add(HIGH + MIB, HIGH + 2 * MIB, 0, 0);
        }
        tried(t, 150, 0, HIGH, 7);
        tried(t, 200, 1, HIGH + MIB, 0);
        assertEquals(List.of(), RecordedSchemes.acting(t));
        tried(t, 201, 2, HIGH, 7);
        assertEquals(List.of("scheme 2 of kdamond 0 context 0"), RecordedSchemes.acting(t));
        String refused = assertThrows(InvalidInputException.class, () -> RecordedSchemes.requireUndisturbed(t))
                .getMessage();
        assertTrue(refused.startsWith("recorded while scheme 2 of kdamond 0 context 0 acted"), refused);
        assertEquals(List.of(), RecordedSchemes.acting(new MemoryTrace()));
    }
}
