package org.damson.analyzer.closedloop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.damson.model.InvalidInputException;
import org.junit.jupiter.api.Test;

/** Worked by hand: what of a plan is touched in which windows. */
final class PlayedPlanTest {
    private static final long MS = 1_000_000;
    private static final String HEAD = "damson-plan 1\nprocess a\nmap 0s 0x10000 64K\nmap 0s 0x100000 64K # heap\n";

    private static double touched(PlayedPlan p, long fromMs, long toMs, long address) {
        p.window(fromMs * MS, toMs * MS);
        return p.touched(address);
    }

    @Test
    void aSliceThatIsTouchedIsTouchedAtItsBegin() {
        // Of four slices of 10 ms the second and the fourth: (i + 1) * 2 / 4 > i * 2 / 4.
        PlayedPlan p = PlayedPlan.of(HEAD + "snapshot 100ms 40ms 4\ntouch 0x10000 16K 2\n");
        assertEquals(0, touched(p, 95, 105, 0x10000));
        assertEquals(1, touched(p, 105, 115, 0x10000));
        assertEquals(1, touched(p, 110, 111, 0x13fff));
        assertEquals(0, touched(p, 110, 111, 0x14000));
        assertEquals(0, touched(p, 111, 130, 0x10000));
        assertEquals(1, touched(p, 121, 131, 0x10000));
        assertEquals(0, touched(p, 131, 150, 0x10000));
        assertEquals(140 * MS, p.endNs());
    }

    @Test
    void whatIsTouchedInTwoSlicesIsTouchedInBetween() {
        PlayedPlan p = PlayedPlan.of(HEAD + "snapshot 0ms 40ms 4\ntouch 0x10000 16K 3\n");
        // The first is not; the second and third begin at 10 and 20 ms, the fourth at 30.
        assertEquals(0, touched(p, 0, 10, 0x10000));
        assertEquals(1, touched(p, 12, 14, 0x10000));
        assertEquals(1, touched(p, 25, 28, 0x10000));
        assertEquals(0, touched(p, 31, 39, 0x10000));
        PlayedPlan all = PlayedPlan.of(HEAD + "snapshot 0ms 40ms 4\ntouch 0x10000 16K 4\n");
        assertEquals(1, touched(all, 31, 39, 0x10000));
    }

    @Test
    void theFirstOrTheLastSlicesAreThose() {
        PlayedPlan first = PlayedPlan.of(HEAD + "snapshot 0ms 40ms 4\ntouch 0x10000 16K 2 first\n");
        assertEquals(1, touched(first, 0, 1, 0x10000));
        assertEquals(1, touched(first, 5, 6, 0x10000));
        assertEquals(0, touched(first, 11, 40, 0x10000));
        PlayedPlan last = PlayedPlan.of(HEAD + "snapshot 0ms 40ms 4\ntouch 0x10000 16K 2 last\n");
        assertEquals(0, touched(last, 0, 20, 0x10000));
        assertEquals(1, touched(last, 25, 26, 0x10000));
        assertEquals(1, touched(last, 30, 31, 0x10000));
    }

    @Test
    void mappingsComeAndGo() {
        PlayedPlan p = PlayedPlan.of(
                HEAD + "snapshot 0ms 10ms 1\nunmap 10ms 0x14000 16K\nmap 20ms 0x15000 4K\nsnapshot 20ms 10ms 1\n");
        p.window(0, 5 * MS);
        assertArrayEquals(new long[] {0x10000, 0x20000, 0x100000, 0x110000}, p.areas());
        p.window(5 * MS, 15 * MS);
        assertArrayEquals(new long[] {0x10000, 0x14000, 0x18000, 0x20000, 0x100000, 0x110000}, p.areas());
    }

    /** As the generator takes it: side by side counts as one, and what may not be touched can go. */
    @Test
    void touchesAndWhatGoesMayReachOverMappings() {
        PlayedPlan p = PlayedPlan.of(HEAD + "map 0s 0x20000 16K none\nmap 0s 0x24000 16K\nfill 0s 0x24000 16K\n"
                + "unmap 0s 0x1e000 24K\nmap 0s 0x1e000 24K\nsnapshot 0s 10ms 1\ntouch 0x1c000 32K 1\n");
        assertEquals(1, touched(p, 0, 10, 0x23fff));
    }

    @Test
    void someOfThePagesAreAShare() {
        PlayedPlan p = PlayedPlan.of(HEAD + "snapshot 0ms 10ms 1\ntouch 0x10000 16K 1 pages 1 written 1\n"
                + "snapshot 10ms 10ms 1\ntouch 0x12000 16K 1\n");
        assertEquals(0.25, touched(p, 0, 10, 0x10000));
        p = PlayedPlan.of(HEAD + "snapshot 0ms 10ms 1\ntouch 0x10000 16K 1 pages 1\n"
                + "snapshot 10ms 10ms 1\ntouch 0x12000 16K 1\n");
        List<String> ranges = new ArrayList<>();
        p.window(0, 20 * MS);
        p.each((start, end, share) -> ranges.add(Long.toHexString(start) + " " + Long.toHexString(end) + " " + share));
        assertEquals(List.of("10000 12000 0.25", "12000 14000 1.0", "14000 16000 1.0"), ranges);
    }

    /** Wherever windows begin, what is touched in k of n slices is seen in k of n windows on average. */
    @Test
    void windowsSeeAsOftenAsThePlanTouches() {
        Random random = new Random(3);
        for (int samples : new int[] {1, 3, 7, 13, 19, 20}) {
            StringBuilder plan = new StringBuilder(HEAD);
            for (int n = 0; n < 200; n++) {
                plan.append("snapshot " + n * 100 + "ms 100ms 20\ntouch 0x10000 16K " + samples + "\n");
            }
            PlayedPlan p = PlayedPlan.of(plan.toString());
            long offsetNs = random.nextInt(5_000_000);
            int seen = 0;
            for (int w = 0; w < 3990; w++) {
                p.window(offsetNs + w * 5 * MS, offsetNs + (w + 1) * 5 * MS);
                seen += p.touched(0x11000) > 0 ? 1 : 0;
            }
            assertEquals(samples / 20.0, seen / 3990.0, 0.006, samples + " of 20, windows " + offsetNs + " ns later");
        }
    }

    @Test
    void whatIsNoPlanOfOneProcessIsRefused() {
        for (String[] bad : new String[][] {
            {"damson-plan 2\n", "line 1"},
            {"damson-plan 1\nprocess a\nprocess b\nsnapshot 0s 1s 1\n", "not of 2"},
            {HEAD, "with 0"},
            {HEAD + "snapshot 0s 0s 1\n", "line 5"},
            {HEAD + "snapshot 0s 1s 1\nsnapshot -1s 1s 1\n", "line 6"},
            {HEAD + "touch 0x10000 4K 1\n", "line 5"},
            {HEAD + "snapshot 0s 1s 1\ntouch 0x10000 4K 2\n", "line 6"},
            {HEAD + "snapshot 1s 1s 1\nsnapshot 1500ms 1s 1\n", "line 6: is earlier than what stands before it"},
            {HEAD + "snapshot 1s 1s 1\nmap 1s 0x200000 4K\n", "line 6: is earlier than what stands before it"},
            {HEAD + "snapshot 0s 1s 1\ntouch 0x1f000 8K 1\n", "line 6: touches what is not mapped"},
            {HEAD + "fill 0s 0xf000 8K\n", "line 5: fills what is not mapped"},
            {HEAD + "map 0s 0x1f000 8K\n", "line 5: there is a mapping already"},
            {HEAD + "unmap 0s 0x20000 4K\n", "line 5: unmaps what is not mapped"},
            {HEAD + "unmap 0s 0x10000 4K\nunmap 0s 0x10000 8K\n", "line 6: unmaps what is not mapped"},
            {HEAD + "map 0s 0x20000 4K none\nsnapshot 0s 1s 1\ntouch 0x1f000 8K 1\n", "line 7: touches what is not"},
            {HEAD + "map 0s 0x20001 4K\n", "line 5: an address is a multiple of 4096"},
            {HEAD + "map 0s 0x20000 5000\n", "line 5: a size is a whole number of pages"},
            {HEAD + "map 0s 0x20000 0K\n", "line 5: a size is a whole number of pages"},
            {HEAD + "snapshot 0s 1s 1\nmap 1s 0x20000 4K\ntouch 0x20000 4K 1\n", "line 7: touch without a snapshot"},
            {HEAD + "dance 1s\n", "'dance' is not in the model"},
            {HEAD + "map 1s\n", "line 5"},
        }) {
            String said = assertThrows(InvalidInputException.class, () -> PlayedPlan.of(bad[0]))
                    .getMessage();
            assertTrue(said.contains(bad[1]), said);
        }
    }
}
