package org.damson.analyzer.scan;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.damson.analyzer.MemoryTrace;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.summary.WindowSums;
import org.junit.jupiter.api.Test;

/** What counts as touched, and as seen touched before, of regions that are mappings. */
final class TouchedOfMappingsTest {
    private static final long TOP = 0xffff_ffff_8000_0000L;

    private static Snapshot mappings() {
        Snapshot s = new Snapshot();
        s.columns = Snapshot.HAS_REFERENCED;
        s.sampleUs = 5_000;
        s.aggrUs = 100_000;
        return s;
    }

    /** Bytes that an average sample found referenced, and the most that one did. */
    private static void add(Snapshot s, long start, long bytes, int accesses, long mean, long max) {
        int i = s.add(start, start + bytes, accesses, 0);
        s.reserve(s.regions);
        s.referencedMean[i] = mean;
        s.referencedMax[i] = max;
    }

    @Test
    void aRegionOfDamonCountsWhole() {
        Snapshot s = new Snapshot();
        s.add(TOP, TOP + 8192, 1, 0);
        s.add(TOP + 8192, TOP + 12288, 0, 0);
        assertFalse(TouchedBytes.isPartial(s));
        assertEquals(8192, TouchedBytes.perSample(s, 0));
        assertEquals(8192, TouchedBytes.least(s, 0));
        assertEquals(8192, TouchedBytes.most(s, 0));
        assertEquals(1, TouchedBytes.leastShare(s, 0));
        assertEquals(0, TouchedBytes.perSample(s, 1));
        assertEquals(0, TouchedBytes.most(s, 1));
        assertEquals(Snapshot.NOT_KNOWN, TouchedBytes.writtenPerSample(s, 0));
    }

    /** 100 KiB: an average sample found 20, one found 60, and the mapping bounds both. */
    @Test
    void ofAMappingCountsWhatSamplesFound() {
        Snapshot s = mappings();
        add(s, TOP, 100 << 10, 4, 20 << 10, 60 << 10);
        add(s, TOP + MIB, 100 << 10, 4, 300 << 10, 10 << 10);
        add(s, TOP + 2 * MIB, 100 << 10, 0, 20 << 10, 60 << 10);
        assertEquals(20 << 10, TouchedBytes.perSample(s, 0));
        assertEquals(60 << 10, TouchedBytes.least(s, 0));
        assertEquals(100 << 10, TouchedBytes.most(s, 0));
        assertEquals(0.6, TouchedBytes.leastShare(s, 0), 1e-12);
        assertEquals(0.2, TouchedBytes.meanShare(s, 0), 1e-12);
        assertEquals(100 << 10, TouchedBytes.perSample(s, 1)); // no more than its size
        assertEquals(100 << 10, TouchedBytes.least(s, 1));
        assertEquals(0, TouchedBytes.least(s, 2)); // no access, whatever the columns say
    }

    @Test
    void heatIsTheShareOfSamplesOrOfBytes() {
        Snapshot s = mappings();
        add(s, 0, 100 << 10, 10, 25 << 10, 60 << 10);
        s.add(MIB, 2 * MIB, 0, 0);
        assertEquals(0.5, Scan.heat(s, 0, 1 / 20.0, false));
        assertEquals(0.25, Scan.heat(s, 0, 1 / 20.0, true));
        assertEquals(0, Scan.heat(s, 1, 1 / 20.0, false));
        s.nrAccesses[0] = 24; // DAMON's last sample may come twice
        assertEquals(1, Scan.heat(s, 0, 1 / 20.0, false));
    }

    @Test
    void sizesBeyondALongAreNotNegative() {
        assertEquals(9.223372036854775808e18, Scan.bytes(Long.MIN_VALUE));
        assertEquals(1.8446744073709551614e19, Scan.bytes(-1L));
        assertEquals(Long.MAX_VALUE, TouchedBytes.sum(Long.MAX_VALUE, 1));
        assertEquals(Long.MAX_VALUE, TouchedBytes.sum(Long.MAX_VALUE - 1, 1));
        Snapshot s = new Snapshot();
        s.add(0, Long.MIN_VALUE, 3, 0);
        assertEquals(Long.MAX_VALUE, TouchedBytes.most(s, 0));
    }

    /** A mapping of 1 MiB of which 300 KiB were found once is cut in two at 200 KiB: either may have held as much as fits. */
    @Test
    void aMappingThatIsCutKeepsWhatFits() {
        KnownBytes known = new KnownBytes();
        Snapshot whole = mappings();
        add(whole, TOP, MIB, 1, 100 << 10, 300 << 10);
        known.add(whole);
        assertEquals(0, known.before(0));
        assertEquals(300 << 10, known.now(0));
        Snapshot cut = mappings();
        add(cut, TOP, 200 << 10, 0, 0, 0);
        add(cut, TOP + (200 << 10), MIB - (200 << 10), 1, 0, 400 << 10);
        known.add(cut);
        assertEquals(200 << 10, known.before(0));
        assertEquals(200 << 10, known.now(0));
        assertEquals(300 << 10, known.before(1));
        assertEquals(400 << 10, known.now(1));
        Snapshot joined = mappings();
        add(joined, TOP, MIB, 0, 0, 0);
        known.add(joined);
        assertEquals(600 << 10, known.before(0));
        known.add(mappings()); // nothing is mapped any more
        known.add(whole);
        assertEquals(0, known.before(0));
    }

    @Test
    void whatIsNotFoundNowIsIdleOrUndecided() {
        SeenBytes seen = new SeenBytes(new ResidentSoFar());
        Snapshot first = mappings();
        add(first, TOP, MIB, 5, 600 << 10, 800 << 10);
        add(first, TOP + MIB, MIB, 5, 500 << 10, 500 << 10);
        seen.add(first);
        assertEquals(600 << 10, seen.touched(0));
        assertEquals(0, seen.idle(0));
        assertEquals(200 << 10, seen.undecided(0)); // one sample found 200 KiB more
        Snapshot second = mappings();
        add(second, TOP, MIB, 5, 300 << 10, 400 << 10);
        add(second, TOP + MIB, MIB, 0, 0, 0);
        seen.add(second);
        assertEquals(500 << 10, seen.undecided(0));
        assertEquals(500 << 10, seen.idle(1));
        assertEquals(0, seen.undecided(1));
        assertTrue(seen.isPartial());
    }

    /** Of 300 touched and 200 + 500 seen before, KiB, 650 were resident: half of the rest. */
    @Test
    void noMoreCountsThanWasResident() throws IOException {
        MemoryTrace t = new MemoryTrace();
        t.resident(0, 0, 1 << 30); // process 0 is the system
        t.resident(7, 50, 650 << 10);
        SeenBytes seen = new SeenBytes(ResidentSoFar.of(t));
        Snapshot first = mappings();
        first.target = 7;
        first.endNs = 100 * MemoryTrace.MS;
        add(first, TOP, MIB, 5, 300 << 10, 500 << 10);
        add(first, TOP + MIB, MIB, 5, 0, 500 << 10);
        seen.add(first);
        assertEquals(300 << 10, seen.touched(0));
        assertEquals(100 << 10, seen.undecided(0), 1e-6);
        assertEquals(250 << 10, seen.undecided(1), 1e-6);
        first.target = 8; // nothing was read of it: no bound
        seen.add(first);
        assertEquals(200 << 10, seen.undecided(0), 1e-6);
    }

    @Test
    void residentIsTheMostUntilThen() throws IOException {
        MemoryTrace t = new MemoryTrace();
        t.resident(7, 10, 500);
        t.resident(7, 20, 300);
        t.resident(7, 30, 800);
        t.resident(7, 30, 900); // read twice at one time
        t.row(Table.MEMORY, 40 * MemoryTrace.MS, 7L, "swap", 5000L);
        ResidentSoFar resident = ResidentSoFar.of(t);
        long ms = MemoryTrace.MS;
        assertEquals(-1, resident.until(7, 10 * ms - 1));
        assertEquals(500, resident.until(7, 10 * ms));
        assertEquals(500, resident.until(7, 25 * ms));
        assertEquals(900, resident.until(7, 30 * ms));
        assertEquals(900, resident.until(7, Long.MAX_VALUE));
        assertEquals(-1, resident.until(8, 30 * ms));
    }

    /** Windows of two of 3, 5 and 0 bytes: the most of each is 5 and 5. */
    @Test
    void aWindowHasTheMostOfEachMapping() {
        MappingWindows windows = new MappingWindows();
        for (long bytes : new long[] {3, 5, 0}) {
            Snapshot s = mappings();
            add(s, TOP, MIB, bytes > 0 ? 1 : 0, bytes, bytes);
            windows.add(s);
        }
        windows.finish();
        assertEquals(8 / 3.0, windows.mean(0), 1e-12);
        assertEquals(5, windows.mean(1), 1e-12);
        assertEquals(5, windows.ever());
    }

    /** Every window is looked at, mapping by mapping. */
    @Test
    void windowsAreThoseOfANaiveCount() {
        SplittableRandom random = new SplittableRandom(16);
        for (int round = 0; round < 100; round++) {
            int n = 1 + random.nextInt(25);
            List<Map<Long, Long>> found = new ArrayList<>();
            MappingWindows windows = new MappingWindows();
            for (int i = 0; i < n; i++) {
                Snapshot s = mappings();
                Map<Long, Long> now = new HashMap<>();
                for (int m = 0; m < 4; m++) {
                    long bytes = random.nextInt(3) == 0 ? 0 : random.nextInt(6) << 12;
                    add(s, m * MIB, MIB, bytes > 0 ? 1 : 0, bytes / 2, bytes);
                    now.put(m * MIB, bytes);
                }
                windows.add(s);
                found.add(now);
            }
            windows.finish();
            for (int k = 0; WindowSums.length(k) <= n; k++) {
                assertEquals(naive(found, (int) WindowSums.length(k)), windows.mean(k), 1e-6, "window " + k);
            }
            assertEquals(naive(found, n), windows.ever(), 1e-6);
        }
    }

    private static double naive(List<Map<Long, Long>> found, int length) {
        double sum = 0;
        int windows = found.size() - length + 1;
        for (int first = 0; first < windows; first++) {
            Map<Long, Long> most = new HashMap<>();
            found.subList(first, first + length).forEach(now -> now.forEach((m, b) -> most.merge(m, b, Math::max)));
            sum += most.values().stream().mapToLong(Long::longValue).sum();
        }
        return sum / windows;
    }
}
