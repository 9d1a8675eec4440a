package org.damson.analyzer.scan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.damson.analyzer.MemoryTrace;
import org.damson.model.ManifestKey;
import org.damson.model.Table;
import org.junit.jupiter.api.Test;

final class MappingSpansTest {
    private static final long HIGH = 0xffff_ffff_ff60_0000L;
    private static final long EVER = Long.MIN_VALUE;
    private static final long STAYS = Long.MAX_VALUE;

    private static void mapped(MemoryTrace t, long ns, long pid, long start, long end, String name, int gone) {
        t.row(Table.MAPPINGS, ns, pid, start, end, "rw-p", name, gone);
    }

    private static List<String> texts(List<MappingSpans.Span> spans) {
        return spans.stream()
                .map(s -> Long.toHexString(s.start()) + "-" + Long.toHexString(s.last()) + " " + s.name() + " "
                        + (s.fromNs() == EVER ? "" : s.fromNs()) + ".." + (s.toNs() == STAYS ? "" : s.toNs()))
                .toList();
    }

    /** Looked at now and then: what was first seen at 20 was there before, but not before what had been there went, at 10. */
    @Test
    void aMappingBeginsWhenWhatWasThereHadGone() throws IOException {
        MemoryTrace t = new MemoryTrace();
        mapped(t, 0, 7, 0x1000, 0x3000, "a", 0);
        mapped(t, 10, 7, 0x1000, 0x3000, "a", 1);
        mapped(t, 20, 7, 0x2000, 0x5000, "b", 0);
        mapped(t, 20, 7, HIGH, HIGH + 0x1000, "", 0);
        mapped(t, 30, 7, 0x8000, 0x9000, "c", 0);
        assertEquals(
                List.of(
                        "1000-2fff a ..10",
                        "2000-4fff b 10..",
                        "8000-8fff c ..",
                        "ffffffffff600000-ffffffffff600fff (anonymous) .."),
                texts(MappingSpans.of(t).ofTarget(7)));
    }

    /** What is seen at the same start with other bounds or another name takes its place; what goes is named by its bounds. */
    @Test
    void aMappingEndsWhereAnotherIsSeen() throws IOException {
        MemoryTrace t = new MemoryTrace();
        mapped(t, 0, 7, 0x1000, 0x3000, "a", 0);
        mapped(t, 10, 7, 0x1000, 0x4000, "a", 0);
        mapped(t, 15, 7, 0x1000, 0x2000, "x", 1); // nothing like it is there
        mapped(t, 20, 7, 0x1000, 0x1000, "empty", 0);
        mapped(t, 30, 7, 0x1000, 0x2000, "b", 0);
        assertEquals(
                List.of("1000-2fff a ..10", "1000-3fff a 10..20", "1000-1fff b 20.."),
                texts(MappingSpans.of(t).ofTarget(7)));
    }

    /** DAMON numbers targets in the order of the processes; a lone process is every target's. */
    @Test
    void targetsAreProcessesByTheirPidOrTheirPlace() throws IOException {
        MemoryTrace t = new MemoryTrace();
        mapped(t, 0, 70, 0x1000, 0x2000, "of 70", 0);
        mapped(t, 0, 71, 0x1000, 0x2000, "of 71", 0);
        ManifestKey.PIDS_RECORDED.put(t.manifest, List.of(71L, 70L));
        MappingSpans spans = MappingSpans.of(t);
        assertEquals("of 70", spans.ofTarget(70).get(0).name());
        assertEquals("of 71", spans.ofTarget(0).get(0).name());
        assertEquals("of 70", spans.ofTarget(1).get(0).name());
        assertEquals(List.of(), spans.ofTarget(2));
        assertEquals(List.of(), spans.ofTarget(-1));
        MemoryTrace one = new MemoryTrace();
        mapped(one, 0, 70, 0x1000, 0x2000, "of 70", 0);
        assertEquals("of 70", MappingSpans.of(one).ofTarget(5).get(0).name());
        assertTrue(MappingSpans.of(new MemoryTrace()).isEmpty());
    }

    /** Page by page: a mapping begins when the last one went that had had any of its pages. */
    @Test
    void spansAreThoseOfANaiveSearch() throws IOException {
        SplittableRandom random = new SplittableRandom(17);
        for (int round = 0; round < 100; round++) {
            MemoryTrace t = new MemoryTrace();
            List<long[]> open = new ArrayList<>();
            List<long[]> all = new ArrayList<>(); // start, end, seen, gone
            long ns = 0;
            for (int step = 0; step < 40; step++) {
                ns += 1 + random.nextInt(3);
                if (!open.isEmpty() && random.nextInt(2) == 0) {
                    long[] m = open.remove(random.nextInt(open.size()));
                    m[3] = ns;
                    mapped(t, ns, 7, HIGH + m[0], HIGH + m[1], "m", 1);
                    continue;
                }
                long start = random.nextInt(12) * 4096L;
                long end = start + (1 + random.nextInt(4)) * 4096L;
                if (open.stream().allMatch(m -> m[1] <= start || end <= m[0])) {
                    long[] m = {start, end, ns, STAYS};
                    open.add(m);
                    all.add(m);
                    mapped(t, ns, 7, HIGH + start, HIGH + end, "m", 0);
                }
            }
            List<String> expected = new ArrayList<>();
            for (long[] m : all) {
                long from = EVER;
                for (long[] o : all) {
                    if (o[0] < m[1] && m[0] < o[1] && o[3] <= m[2]) {
                        from = Math.max(from, o[3]);
                    }
                }
                expected.add(Long.toHexString(HIGH + m[0]) + "-" + Long.toHexString(HIGH + m[1] - 1) + " m "
                        + (from == EVER ? "" : from) + ".." + (m[3] == STAYS ? "" : m[3]));
            }
            List<String> found = new ArrayList<>(texts(MappingSpans.of(t).ofTarget(7)));
            expected.sort(null);
            found.sort(null);
            assertEquals(expected, found, "round " + round);
        }
    }
}
