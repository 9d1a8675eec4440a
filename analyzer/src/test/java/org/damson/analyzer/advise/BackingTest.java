package org.damson.analyzer.advise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.damson.analyzer.MemoryTrace;
import org.damson.model.ManifestKey;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

/** Which mapping backs what is advised, and what an advice rests on. */
final class BackingTest {
    private static final long HIGH = 0xffff_8000_0000_0000L;
    private static final long P = 4096;

    private static void row(
            MemoryTrace t, long ns, int pid, long page, long end, String permissions, String name, int gone) {
        t.row(Table.MAPPINGS, ns, pid, HIGH + page * P, HIGH + end * P, permissions, name, gone);
    }

    private static List<String> parts(Backing b, long target, long from, long to) {
        return b.parts(target, HIGH + from * P, HIGH + to * P).stream()
                .map(p -> (p.start() - HIGH) / P + "-" + (p.end() - HIGH) / P + " " + p.name()
                        + (p.isAnonymous() ? "*" : ""))
                .toList();
    }

    private static Backing of(MemoryTrace t) throws IOException {
        return Backing.of(t, TraceQuery.ALL, 1);
    }

    /** Neighbours of one name are one part; what is not mapped, or a guard, is none. */
    @Test
    void aRangeIsBackedByItsMappings() throws IOException {
        MemoryTrace t = new MemoryTrace();
        row(t, 0, 7, 0, 4, "rw-p", "[heap]", 0);
        row(t, 0, 7, 4, 6, "rw-p", "", 0);
        row(t, 0, 7, 6, 8, "rw-s", "", 0);
        row(t, 0, 7, 8, 9, "---p", "", 0);
        row(t, 0, 7, 12, 15, "r--p", "/bin/a", 0);
        assertEquals(List.of("2-4 [heap]*", "4-8 anonymous*", "12-14 /bin/a"), parts(of(t), 7, 2, 14));
        assertEquals(List.of(), parts(of(t), 7, 9, 12));
    }

    /** What stands at the end of the time that is looked at; a process that ended had what it removed last. */
    @Test
    void mappingsAreThoseOfTheEnd() throws IOException {
        MemoryTrace t = new MemoryTrace();
        row(t, 0, 7, 0, 4, "rw-p", "a", 0);
        row(t, 0, 7, 4, 8, "rw-p", "b", 0);
        row(t, 10, 7, 0, 4, "rw-p", "a", 1);
        assertEquals(List.of("4-8 b"), parts(of(t), 7, 0, 8));
        assertEquals(List.of("0-4 a", "4-8 b"), parts(Backing.of(t, TraceQuery.ALL.time(0, 10), 1), 7, 0, 8));
        row(t, 20, 7, 0, 2, "rw-p", "c", 0);
        row(t, 30, 7, 4, 8, "rw-p", "b", 1);
        row(t, 30, 7, 0, 2, "rw-p", "c", 1);
        assertEquals(List.of("0-2 c", "4-8 b"), parts(of(t), 7, 0, 8));
    }

    /** A lone process is a lone target's; of several it is the one of its number or place; else nothing is known. */
    @Test
    void aTargetIsAProcess() throws IOException {
        MemoryTrace t = new MemoryTrace();
        row(t, 0, 7, 0, 4, "rw-p", "a", 0);
        assertEquals(List.of("0-4 a"), parts(of(t), 3, 0, 4));
        assertEquals(List.of("0-4 "), parts(Backing.of(t, TraceQuery.ALL, 2), 3, 0, 4));
        row(t, 0, 8, 0, 4, "rw-p", "b", 0);
        assertEquals(List.of("0-4 "), parts(of(t), 3, 0, 4));
        ManifestKey.PIDS_RECORDED.put(t.manifest, List.of(8L, 7L));
        assertEquals(List.of("0-4 b"), parts(of(t), 0, 0, 4));
    }

    private static Evidence evidence(MemoryTrace t, double seconds, boolean partial) throws IOException {
        return Evidence.of(t, TraceQuery.ALL.time(0, 100), seconds, partial);
    }

    private static void read(MemoryTrace t, long ns, int pid, String counter, long value) {
        t.row(Table.MEMORY, ns, pid, counter, value);
    }

    /** A process that has ended reads 0: what it had before counts. What is locked is read before what is resident. */
    @Test
    void residentAtTheEndIsWhatWasReadLast() throws IOException {
        MemoryTrace t = new MemoryTrace();
        read(t, 1, 7, "locked", 30);
        read(t, 1, 7, "rss", 100);
        read(t, 1, 8, "rss", 50);
        read(t, 1, 0, "swap_free", 500);
        read(t, 9, 7, "locked", 0);
        read(t, 9, 7, "rss", 0);
        read(t, 9, 0, "swap_free", 400);
        read(t, 100, 8, "rss", 9999); // beyond the time
        read(t, 100, 0, "swap_free", 1);
        Evidence e = evidence(t, 60, false);
        assertEquals(150, e.residentAtEnd());
        assertEquals(30, e.lockedAtEnd());
        assertEquals(110, e.mayGoOut(110));
        assertEquals(120, e.mayGoOut(130));
        assertEquals(0, e.lackingSwap(400).length);
        assertArrayEquals(
                new String[] {"400 B of swap were free, and memory that has no file stays without"},
                e.lackingSwap(401));
        Evidence none = evidence(new MemoryTrace(), 60, true);
        assertEquals(-1, none.residentAtEnd());
        assertEquals(1000, none.mayGoOut(1000));
        assertEquals(0, none.lackingSwap(1e12).length); // nothing says so
        assertTrue(none.isPartial());
        assertFalse(e.isPartial());
    }

    /** Nothing lacking is certain, one thing less so, two or parts of mappings little. */
    @Test
    void confidenceIsByWhatIsLacking() throws IOException {
        MemoryTrace t = new MemoryTrace();
        row(t, 0, 7, 0, 4, "rw-p", "a", 0);
        read(t, 1, 7, "rss", 100);
        Evidence e = evidence(t, 60, false);
        assertEquals(Advice.Confidence.HIGH, e.gain("m", 10, 0, 5, 15, "").confidence());
        assertEquals(Advice.Confidence.MEDIUM, e.gain("m", 10, 0, 4.9, 15, "").confidence());
        assertEquals(Advice.Confidence.MEDIUM, e.gain("m", 10, 0, 5, 15.1, "").confidence());
        assertEquals(Advice.Confidence.LOW, e.gain("m", 10, 0, 4.9, 15.1, "").confidence());
        assertEquals(
                Advice.Confidence.LOW, e.gain("m", 10, 0, 5, 15, "", "a", "b").confidence());
        assertEquals(
                Advice.Confidence.LOW,
                evidence(t, 60, true).gain("m", 10, 0, 10, 0, "").confidence());
        assertEquals(
                Advice.Confidence.MEDIUM,
                evidence(t, 59, false).gain("m", 10, 0, 10, 0, "").confidence());
    }
}
