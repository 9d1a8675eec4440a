package org.damson.analyzer.objects;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.damson.analyzer.MemoryTrace.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.damson.analyzer.MemoryTrace;
import org.damson.model.Batch;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

/** Memory by mapping, who touched it first, and events in order. */
final class ObjectUseTest {
    private static final long HIGH = 0xffff_8000_0000_0000L;

    private static void mapped(MemoryTrace t, long ms, long start, long end, String name, int gone) {
        t.row(Table.MAPPINGS, ms * MS, 7, start, end, "rw-p", name, gone);
    }

    private static Map<String, ObjectsResult.Mapping> of(MemoryTrace t) throws IOException {
        Map<String, ObjectsResult.Mapping> byName = new TreeMap<>();
        ObjectUse.compute(t, TraceQuery.ALL).mappings().forEach(m -> byName.put(m.name(), m));
        return byName;
    }

    /**
     * A region of 4 MiB of which the first 1 MiB is mapped as heap, the next 2 as file, the last not known, found in 10 of 20 samples
     * for 100 ms; cold for 300 ms.
     */
    @Test
    void aRegionIsCutAtItsMappings() throws IOException {
        MemoryTrace t = new MemoryTrace();
        mapped(t, 0, HIGH - MIB, HIGH + MIB, "[heap]", 0);
        mapped(t, 0, HIGH + MIB, HIGH + 3 * MIB, "file", 0);
        t.snapshot(0, 0, 100).add(HIGH, HIGH + 4 * MIB, 10, 0);
        t.snapshot(0, 100, 400).add(HIGH, HIGH + 4 * MIB, 0, 0);
        Map<String, ObjectsResult.Mapping> found = of(t);
        assertEquals(Set.of("(no mapping known)", "[heap]", "file"), found.keySet());
        ObjectsResult.Mapping file = found.get("file");
        assertEquals(2 * MIB, file.meanMonitoredBytes(), 1e-3);
        assertEquals(0.5 * MIB, file.meanAccessedBytes(), 1e-3);
        assertEquals(1.5 * MIB, file.meanColdBytes(), 1e-3);
        assertEquals(12.5, file.heatPercent(), 1e-9);
        assertEquals(300 * MS, file.longestUnusedNs());
        assertEquals(MIB, found.get("[heap]").meanMonitoredBytes(), 1e-3);
        assertEquals(MIB, found.get("(no mapping known)").meanMonitoredBytes(), 1e-3);
        assertNull(file.ranMost());
        assertTrue(ObjectUse.compute(t, TraceQuery.ALL).hasMappings());
        assertNull(ObjectUse.compute(t, TraceQuery.ALL).code());
    }

    /** Accessed in 1, 4 and 5 of 9 snapshots: three before, two between and four after; in parts of the trace likewise. */
    @Test
    void theLongestTimeUnusedCrossesPartsOfTheTrace() throws IOException {
        for (int parts = 1; parts <= 4; parts++) {
            for (Set<Integer> used : List.of(Set.of(1, 4, 5), Set.of(8), Set.of(0, 8), Set.<Integer>of())) {
                MemoryTrace t = new MemoryTrace(parts);
                long longest = 0;
                long since = 0;
                for (int n = 0; n < 10; n++) {
                    t.snapshot(0, n * 100L, n * 100L + 100).add(0, MIB, used.contains(n) ? 1 : 0, 0);
                    longest = Math.max(longest, used.contains(n) ? n - since : n + 1 - since);
                    since = used.contains(n) ? n + 1 : since;
                }
                assertEquals(longest * 100 * MS, of(t).get("(no mapping known)").longestUnusedNs(), parts + " " + used);
            }
        }
    }

    /** At 200 ms another mapping took the place: until then it was the first one's. */
    @Test
    void aPlaceBelongsToWhatWasMappedThen() throws IOException {
        MemoryTrace t = new MemoryTrace();
        mapped(t, 0, HIGH, HIGH + MIB, "old", 0);
        mapped(t, 200, HIGH, HIGH + MIB, "new", 0);
        for (int n = 0; n < 4; n++) {
            t.snapshot(0, n * 100L, n * 100L + 100).add(HIGH, HIGH + MIB, n, 0);
        }
        Map<String, ObjectsResult.Mapping> found = of(t);
        // One of two of four snapshots, and two of two of four.
        assertEquals(0.25 * MIB, found.get("old").meanAccessedBytes(), 1e-3);
        assertEquals(0.5 * MIB, found.get("new").meanAccessedBytes(), 1e-3);
        assertEquals(0.5 * MIB, found.get("new").meanMonitoredBytes(), 1e-3);
    }

    /** Written 64 of 256 KiB touched of one, of the other it is not known. */
    @Test
    void writtenIsKnownOrNot() throws IOException {
        MemoryTrace t = new MemoryTrace();
        mapped(t, 0, HIGH, HIGH + MIB, "a", 0);
        mapped(t, 0, HIGH + MIB, HIGH + 2 * MIB, "b", 0);
        Snapshot s = t.snapshot(7, 0, 100);
        s.columns = Snapshot.HAS_REFERENCED | Snapshot.HAS_WRITTEN;
        s.add(HIGH, HIGH + MIB, 1, 0);
        s.add(HIGH + MIB, HIGH + 2 * MIB, 1, 0);
        s.reserve(2);
        for (int i = 0; i < 2; i++) {
            s.referencedMean[i] = 256 << 10;
            s.referencedMax[i] = 256 << 10;
            s.writtenMean[i] = i == 0 ? 64 << 10 : Snapshot.NOT_KNOWN;
        }
        Map<String, ObjectsResult.Mapping> found = of(t);
        assertEquals(64 << 10, found.get("a").meanWrittenBytes(), 1e-3);
        assertEquals(0, found.get("a").meanWrittenNotKnownBytes(), 1e-3);
        assertEquals(0, found.get("b").meanWrittenBytes(), 1e-3);
        assertEquals(256 << 10, found.get("b").meanWrittenNotKnownBytes(), 1e-3);
        ObjectsResult r = ObjectUse.compute(t, TraceQuery.ALL);
        assertTrue(r.isWritten() && r.isPartial());
        assertFalse(ObjectUse.compute(new MemoryTrace(), TraceQuery.ALL).isWritten());
    }

    /** Page by page: each page of a region is the mapping's that was there. */
    @Test
    void mappingsAreThoseOfANaiveCount() throws IOException {
        SplittableRandom random = new SplittableRandom(53);
        for (int round = 0; round < 60; round++) {
            MemoryTrace t = new MemoryTrace(1 + random.nextInt(4));
            String[] names = new String[40];
            for (int page = random.nextInt(4); page < 36; ) {
                int to = page + 1 + random.nextInt(6);
                String name = "m" + random.nextInt(4);
                mapped(t, 0, HIGH + page * 4096L, HIGH + Math.min(to, 40) * 4096L, name, 0);
                for (int p = page; p < Math.min(to, 40); p++) {
                    names[p] = name;
                }
                page = to + random.nextInt(3);
            }
            Map<String, Double> accessed = new TreeMap<>();
            int n = 1 + random.nextInt(6);
            for (int i = 0; i < n; i++) {
                Snapshot s = t.snapshot(0, i * 100L, i * 100L + 100);
                for (int page = 0; page < 40; ) {
                    int to = Math.min(40, page + 1 + random.nextInt(9));
                    int accesses = random.nextInt(3);
                    s.add(HIGH + page * 4096L, HIGH + to * 4096L, accesses, 0);
                    for (int p = page; p < to; p++) {
                        String name = names[p] == null ? "(no mapping known)" : names[p];
                        accessed.merge(name, accesses > 0 ? 4096.0 / n : 0, Double::sum);
                    }
                    page = to;
                }
            }
            Map<String, ObjectsResult.Mapping> found = of(t);
            assertEquals(accessed.keySet(), found.keySet(), "round " + round);
            accessed.forEach(
                    (name, bytes) -> assertEquals(bytes, found.get(name).meanAccessedBytes(), 1e-3, name));
        }
    }

    private static void touched(MemoryTrace t, long ns, int pid, long address, long stack) {
        t.row(Table.SAMPLES, ns, pid, pid, 0, "page-faults", address, 1L, stack);
    }

    /** Blocks of 2 MiB, each by its earliest sample; neighbours by one function are one range. */
    @Test
    void rangesAreOfTheEarliestTouch() throws IOException {
        MemoryTrace t = new MemoryTrace();
        for (long f = 1; f <= 2; f++) {
            t.row(Table.FRAMES, f, f == 1 ? "f" : "g", "/bin/a", "", 0L);
            t.row(Table.STACKS, f, 0, f);
        }
        long block = 2 * MIB;
        touched(t, 50, 7, 10 * block + 5, 2); // later than the next
        touched(t, 20, 7, 10 * block + 9, 1);
        touched(t, 10, 7, 11 * block - 1, 1);
        touched(t, 5, 7, 11 * block, 1);
        touched(t, 6, 7, 12 * block, 2);
        touched(t, 7, 7, 14 * block, 2);
        touched(t, 1, 8, 12 * block, 1);
        touched(t, 1, 7, 0, 1); // no address
        touched(t, 1, 7, 20 * block, 3); // no such stack
        touched(t, 100, 7, 30 * block, 1); // after the time asked for
        Map<Integer, List<FirstTouches.Range>> ranges = FirstTouches.of(t, TraceQuery.ALL.time(0, 100));
        List<String> of7 = ranges.get(7).stream()
                .map(r -> r.start() / block + "+" + (r.last() + 1 - r.start()) / block + " "
                        + r.code().name() + " at " + r.firstNs() + ", " + r.touches())
                .toList();
        assertEquals(List.of("10+2 f at 5, 2", "12+1 g at 6, 1", "14+1 g at 7, 1"), of7);
        assertEquals(1, ranges.get(8).size());
        assertEquals(2.0 * block, ranges.get(7).get(0).bytes());
    }

    /** Outermost first; a frame that the trace does not have is said to be missing; what separates is replaced. */
    @Test
    void stacksAreOneLine() throws IOException {
        MemoryTrace t = new MemoryTrace();
        t.row(Table.FRAMES, 1L, "leaf;x", "/bin/a", "", 0L);
        t.row(Table.FRAMES, 2L, "main", "/bin/a", "", 0L);
        t.row(Table.STACKS, 5L, 2, 2L);
        t.row(Table.STACKS, 5L, 0, 1L);
        t.row(Table.STACKS, 5L, 1, 9L);
        t.row(Table.STACKS, 6L, 0, 1L);
        assertEquals(Map.of(5L, "main;[missing frame];leaf:x"), StackTexts.of(t, Set.of(5L)));
    }

    /** Events of all tables by time, those of one time in the order of the tables; a snapshot is one at its end. */
    @Test
    void eventsComeInTheOrderOfTime() throws IOException {
        MemoryTrace t = new MemoryTrace();
        t.snapshot(0, 0, 100).add(0, 4096, 1, 0);
        t.snapshot(0, 100, 200).add(0, 4096, 2, 0);
        t.row(Table.TUNING, 150 * MS, 0, 5000L, 100000L);
        t.row(Table.TUNING, 250 * MS, 0, 5000L, 200000L);
        t.row(Table.LOSSES, 100 * MS, 120 * MS, "ring", 3L, "events");
        t.row(Table.LOSSES, 300 * MS, 320 * MS, "ring", 3L, "events");
        t.row(Table.SCHEMES, 10 * MS, 0, 0, 0, 0L, 0L, 4096L, 1, 2, 3);
        List<String> seen = new ArrayList<>();
        TraceEvents.Visitor visitor = new TraceEvents.Visitor() {
            @Override
            public void regions(Snapshot s) {
                seen.add("regions " + s.nrAccesses[0]);
            }

            @Override
            public void row(String event, Table table, String timeColumn, Batch b, int row) {
                seen.add(event + " " + b.get(table.indexOf(timeColumn), row) / MS);
            }
        };
        TraceEvents.each(t, TraceQuery.ALL.time(0, 300 * MS), Set.copyOf(TraceEvents.EVENTS), visitor);
        assertEquals(
                List.of(
                        "damos_before_apply 10",
                        "regions 1",
                        "lost 100",
                        "damon_monitor_intervals_tune 150",
                        "regions 2",
                        "damon_monitor_intervals_tune 250"),
                seen);
        seen.clear();
        TraceEvents.each(t, TraceQuery.ALL, Set.of("lost"), visitor);
        assertEquals(List.of("lost 100", "lost 300"), seen);
    }
}
