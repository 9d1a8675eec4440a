package org.damson.analyzer.advise;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.damson.analyzer.MemoryTrace.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.damson.analyzer.MemoryTrace;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

/** 1,536 translations, pages of 4 KiB and 2 MiB. */
final class TranslationsTest {
    private static final long HUGE = 2 * MIB;
    private static final long BASE = 0x7f00_0000_0000L;

    private static Translations.Found of(MemoryTrace t, long... startsAndPages) throws IOException {
        Translations.Part[] ranges = new Translations.Part[startsAndPages.length / 2];
        for (int i = 0; i < ranges.length; i++) {
            long start = startsAndPages[2 * i];
            ranges[i] = new Translations.Part(0, start, start + startsAndPages[2 * i + 1] * 4096);
        }
        return Translations.of(t, TraceQuery.ALL, 100 * MS, List.of(ranges));
    }

    private static Snapshot add(MemoryTrace t, long start, long pages, int accesses) {
        if (t.snapshots.isEmpty()) {
            t.snapshot(0, 0, 100);
        }
        Snapshot s = t.snapshots.get(t.snapshots.size() - 1);
        s.add(start, start + pages * 4096, accesses, 0);
        return s;
    }

    private static Translations.Part part(long start, long end) {
        return new Translations.Part(0, start, end).aligned(HUGE);
    }

    @Test
    void hugePagesAreWholeOnes() {
        assertEquals(part(BASE, BASE + 2 * HUGE), new Translations.Part(0, BASE, BASE + 2 * HUGE));
        assertEquals(part(BASE + 1, BASE + 3 * HUGE - 1), new Translations.Part(0, BASE + HUGE, BASE + 2 * HUGE));
        Translations.Part none = part(BASE + 1, BASE + 2 * HUGE - 1);
        assertEquals(none.start(), none.end());
        // In the last one of the address space begins none behind its start.
        Translations.Part last = part(-HUGE + 4096, -4096);
        assertEquals(last.start(), last.end());
    }

    /** As many pages as there are translations are always found; one page more is not. */
    @Test
    void whatFitsIsFound() throws IOException {
        MemoryTrace t = new MemoryTrace();
        add(t, BASE, 1536, 20);
        assertEquals(1, of(t, BASE, 0).small(), 1e-12);
        MemoryTrace more = new MemoryTrace();
        add(more, BASE, 1537, 20);
        assertTrue(of(more, BASE, 0).small() < 1);
    }

    /** Pages visited alike: that a visit finds one of n is the share of the translations held, 1,536 / n. */
    @Test
    void ofPagesVisitedAlikeTheShareThatIsHeldIsFound() throws IOException {
        for (int accesses : new int[] {1, 7, 20}) {
            for (long pages : new long[] {3072, 15_360, 1_536_000}) {
                MemoryTrace t = new MemoryTrace();
                add(t, BASE, pages, accesses);
                assertEquals(1536.0 / pages, of(t, BASE, 0).small(), 1e-6, pages + " pages, " + accesses);
            }
        }
    }

    /** 6,144 small pages are 12 huge ones. In one of two ranges, the other's 3,072 pages stay, and 6 huge ones beside them. */
    @Test
    void hugePagesTakeOneTranslationEach() throws IOException {
        MemoryTrace t = new MemoryTrace();
        add(t, BASE, 3072, 20);
        add(t, BASE + 64 * HUGE, 3072, 20);
        Translations.Found found = of(t, BASE, 3072, BASE + 64 * HUGE, 3072);
        assertEquals(0.25, found.small(), 1e-6);
        assertEquals(1, found.huge(), 1e-12);
        // Huge pages are visited 512 times as often, and always found: half, and of the other half 1,530 of 3,072.
        assertEquals(0.5 + 0.5 * 1530 / 3072, found.alone()[0], 1e-6);
        assertEquals(found.alone()[0], found.alone()[1], 1e-12);
    }

    /** Nothing accessed, nothing found; other targets and what schemes tried are not this target's. */
    @Test
    void onlyTheTargetsAccessesCount() throws IOException {
        MemoryTrace t = new MemoryTrace();
        add(t, BASE, 3072, 0);
        t.snapshot(1, 0, 100).add(BASE, BASE + 3072 * 4096, 20, 0);
        t.snapshot(0, 0, 100).scheme = 1;
        t.snapshots.get(2).add(BASE, BASE + 3072 * 4096, 20, 0);
        Translations.Found found = of(t, BASE, 3072);
        assertEquals(0, found.small());
        assertEquals(0, found.huge());
    }

    /** Two classes of pages against a TLB that is played visit by visit: Che's approximation is within a hundredth. */
    @Test
    void theModelIsThatOfATlbWithRandomVisits() throws IOException {
        SplittableRandom random = new SplittableRandom(98);
        int hot = 1000;
        int warm = 3000;
        MemoryTrace t = new MemoryTrace();
        add(t, BASE, hot, 15);
        add(t, BASE + 64 * HUGE, warm, 5);
        // 15 and 5 of 20 samples: -ln(1/4) and -ln(3/4) visits a sampling interval, the classes rounded to 64ths.
        double hotRate = hot * Math.log(4);
        double warmRate = warm * Math.log(4 / 3.0);
        Map<Integer, Boolean> tlb = new LinkedHashMap<>(4096, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Integer, Boolean> eldest) {
                return size() > Translations.ENTRIES;
            }
        };
        int found = 0;
        int visits = 400_000;
        for (int i = -20_000; i < visits; i++) {
            boolean isHot = random.nextDouble() * (hotRate + warmRate) < hotRate;
            int page = isHot ? random.nextInt(hot) : hot + random.nextInt(warm);
            found += tlb.put(page, true) != null && i >= 0 ? 1 : 0;
        }
        assertEquals((double) found / visits, of(t, BASE, 0).small(), 0.01);
    }
}
