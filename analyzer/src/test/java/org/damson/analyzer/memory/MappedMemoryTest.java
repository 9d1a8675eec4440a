package org.damson.analyzer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.scan.Bounded;
import org.damson.analyzer.scan.TargetKey;
import org.damson.model.Table;
import org.junit.jupiter.api.Test;

/** What is mapped and resident as time goes on, and what of several targets is where. */
final class MappedMemoryTest {
    private static final long HIGH = 0xffff_8000_0000_0000L;
    private static final long P = 4096;

    private static void row(MemoryTrace t, long ns, int pid, long page, long pages, String permissions, int gone) {
        t.row(Table.MAPPINGS, ns, pid, HIGH + page * P, HIGH + (page + pages) * P, permissions, "", gone);
    }

    /** Parts of pages 0 to 20, and whether all of them is mapped. */
    private static String parts(MappedMemory m, long from, long to) {
        List<String> found = new ArrayList<>();
        boolean whole = m.parts(
                HIGH + from * P,
                HIGH + to * P,
                (start, end, mapping) ->
                        found.add((start - HIGH) / P + "-" + (end - HIGH) / P + (mapping == null ? "?" : "")));
        return found + (whole ? " whole" : "");
    }

    @Test
    void mappingsComeAndGoWithTime() throws IOException {
        MemoryTrace t = new MemoryTrace();
        row(t, 10, 7, 0, 5, "rw-p", 0);
        row(t, 20, 7, 5, 5, "rw-p", 0);
        row(t, 30, 7, 0, 5, "rw-p", 1);
        row(t, 40, 7, 5, 9, "rw-p", 0); // grown
        row(t, 40, 7, 5, 5, "rw-p", 1); // what it was has gone, and it has not
        try (MappedMemory m = new MappedMemory(t, false)) {
            assertFalse(m.isKnown());
            assertEquals("[0-20?] whole", parts(m, 0, 20));
            m.advance(10);
            assertEquals("[0-5]", parts(m, 0, 20));
            assertEquals("[2-4] whole", parts(m, 2, 4));
            assertEquals(5 * P, m.mappedBytes());
            m.advance(20);
            assertEquals("[1-5, 5-8] whole", parts(m, 1, 8));
            m.advance(30);
            assertEquals("[5-8]", parts(m, 1, 8));
            m.advance(40);
            assertEquals("[5-14] whole", parts(m, 5, 14));
            assertEquals(9 * P, m.mappedBytes());
        }
    }

    /** An area without permissions holds no pages, and madvise passes over it: nothing is missing there. */
    @Test
    void guardsHoldNoPages() throws IOException {
        MemoryTrace t = new MemoryTrace();
        row(t, 0, 7, 0, 5, "rw-p", 0);
        row(t, 0, 7, 5, 1, "---p", 0);
        row(t, 0, 7, 6, 4, "rw-p", 0);
        try (MappedMemory m = new MappedMemory(t, false)) {
            m.advance(0);
            assertEquals("[0-5, 6-10] whole", parts(m, 0, 10));
            assertEquals(9 * P, m.mappedBytes());
        }
    }

    /** Of several processes it is not known whose memory a target is. */
    @Test
    void mappingsOfSeveralProcessesAreNotKnown() throws IOException {
        MemoryTrace t = new MemoryTrace();
        row(t, 0, 7, 0, 5, "rw-p", 0);
        row(t, 0, 8, 5, 5, "rw-p", 0);
        t.resident(7, 0, 100);
        t.resident(8, 1, 50);
        t.resident(7, 2, 30);
        try (MappedMemory m = new MappedMemory(t, false);
                MappedMemory physical = new MappedMemory(t, true)) {
            assertEquals(-1, m.residentBytes());
            m.advance(0);
            assertFalse(m.isKnown());
            assertEquals(100, m.residentBytes());
            m.advance(MemoryTrace.MS);
            assertEquals(150, m.residentBytes());
            m.advance(2 * MemoryTrace.MS);
            assertEquals(80, m.residentBytes());
            physical.advance(2 * MemoryTrace.MS);
            assertEquals(-1, physical.residentBytes());
        }
        assertFalse(MappedMemory.UNKNOWN.isKnown());
    }

    /** Page by page. */
    @Test
    void partsAreThoseOfANaiveSearch() throws IOException {
        SplittableRandom random = new SplittableRandom(111);
        for (int round = 0; round < 100; round++) {
            MemoryTrace t = new MemoryTrace();
            boolean[] mapped = new boolean[40];
            for (int page = random.nextInt(5); page < 36; ) {
                int pages = 1 + random.nextInt(4);
                row(t, 0, 7, page, pages, "rw-p", 0);
                for (int p = page; p < page + pages && p < 40; p++) {
                    mapped[p] = true;
                }
                page += pages + random.nextInt(3);
            }
            try (MappedMemory m = new MappedMemory(t, false)) {
                m.advance(0);
                int from = random.nextInt(40);
                int to = from + 1 + random.nextInt(40 - from);
                boolean[] found = new boolean[40];
                boolean whole = m.parts(HIGH + from * P, HIGH + to * P, (start, end, mapping) -> {
                    for (long a = start; a < end; a += P) {
                        found[(int) ((a - HIGH) / P)] = true;
                    }
                });
                boolean all = true;
                for (int p = 0; p < 40; p++) {
                    assertEquals(mapped[p] && p >= from && p < to, found[p], round + ": page " + p);
                    all &= mapped[p] || p < from || p >= to;
                }
                assertEquals(all, whole, "round " + round);
            }
        }
    }

    /** Pieces of 1,000 bytes that exist whole, touched last at these times. */
    private static TargetMemories memories(int... touched) {
        TargetMemories all = new TargetMemories();
        all.turnBegins(0, 0);
        for (int i = 0; i < touched.length; i++) {
            Pieces p = all.seen(i % 2).with;
            int at = p.cut(HIGH + i * 1000, HIGH + i * 1000 + 1000);
            p.set(Pieces.KNOWN_LIKELY, at, 1);
            p.touched[at] = touched[i];
        }
        return all;
    }

    private static List<String> out(TargetMemories all) {
        List<String> found = new ArrayList<>();
        all.tellOut(new OutListener() {
            @Override
            public void turn(long fromNs, long toNs) {
                throw new IllegalStateException("a turn is not told here");
            }

            @Override
            public void out(TargetKey target, long start, long end, double share) {
                found.add(target.target() + ":" + (start - HIGH) / 1000 + " " + Math.round(share * 1000));
            }
        });
        found.sort(null);
        return found;
    }

    /** 4,000 bytes under a limit of 2,500: of the pieces touched at 1 and 2 one goes whole and one half, whoever's they are. */
    @Test
    void underALimitWhatWasTouchedLongestAgoGoes() {
        TargetMemories all = memories(5, 1, 2, 9);
        all.limit(true, 4000);
        assertEquals(List.of(), out(all));
        all.limit(true, 2500);
        assertEquals(List.of("0:2 500", "1:1 1000"), out(all));
        all.limit(true, 2500); // it fits
        assertEquals(List.of("0:2 500", "1:1 1000"), out(all));
        all.limit(true, 0);
        assertEquals(4, out(all).size());
    }

    @Test
    void lockedMemoryCountsAndStays() {
        TargetMemories all = memories(1, 2, 3);
        all.of(0).with.flags[0] |= Pieces.LOCKED;
        all.limit(true, 1500);
        assertEquals(List.of("0:2 500", "1:1 1000"), out(all));
    }

    @Test
    void targetsWithoutASnapshotInTheirTurnAreGone() {
        TargetMemories all = memories(1, 2, 3);
        all.turnEnds();
        assertEquals(3000, all.knownBytes(), 1e-6);
        all.turnBegins(1, 0); // of another kdamond
        all.seen(0);
        all.turnEnds();
        assertEquals(3000, all.knownBytes(), 1e-6);
        all.turnBegins(0, 0);
        all.seen(1);
        all.turnEnds();
        assertEquals(1000, all.knownBytes(), 1e-6);
    }

    /** Out at least 500, likely 750 and at most 1,000 and 250 of the other: no more than what is recorded as resident. */
    @Test
    void levelsAreBoundedByWhatIsResident() {
        TargetMemories all = memories(1, 2);
        Pieces p = all.of(0).with;
        p.set(Pieces.OUT_MIN, 0, 0.5f);
        p.set(Pieces.OUT_LIKELY, 0, 0.75f);
        p.set(Pieces.OUT_MAX, 0, 1);
        all.of(1).with.set(Pieces.OUT_MAX, 0, 0.25f);
        all.of(1).with.flags[0] |= Pieces.HUGE;
        Levels levels = new Levels();
        levels.measure(all, -1);
        assertEquals(2000, levels.known, 1e-6);
        assertEquals(2000, levels.resident, 1e-6);
        assertEquals(new Bounded(500, 750, 1250), levels.out);
        assertEquals(1000, levels.huge);
        assertEquals(0, levels.locked);
        levels.measure(all, 700);
        assertEquals(700, levels.resident);
        assertEquals(new Bounded(500, 700, 700), levels.out);
        assertEquals(1000, levels.huge); // measured anew
    }
}
