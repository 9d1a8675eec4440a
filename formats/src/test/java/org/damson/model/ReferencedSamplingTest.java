package org.damson.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ReferencedSamplingTest {
    private static Manifest of(Object... keysAndValues) {
        Manifest m = new Manifest();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            m.recording.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return m;
    }

    @Test
    void aTraceThatDoesNotSayHasNoLine() {
        assertEquals("", ReferencedSampling.line(of("samples", 5L)));
        assertEquals(0, ReferencedSampling.windowNs(of()));
    }

    @Test
    void theLineHasWindowSpacingFlushBlindnessAndCost() {
        Manifest m = of(
                ReferencedSampling.WINDOW_US,
                100_000L,
                ReferencedSampling.SPACING_MEAN_US,
                5_000_000L,
                ReferencedSampling.SPACING_MOST_US,
                6_000_000L,
                ReferencedSampling.TLB_FLUSH,
                true,
                ReferencedSampling.TLB_BLIND,
                true,
                ReferencedSampling.SLOWDOWN,
                0.0187,
                ReferencedSampling.MAX_SLOWDOWN,
                0.02);
        assertEquals(
                "samples of 100 ms every 5 s (6 s at most), TLB flushed (blind without), targets slowed down by about"
                        + " 1.9 % (2.0 % allowed)",
                ReferencedSampling.line(m));
        m.recording.put(ReferencedSampling.TLB_FLUSH, false);
        assertTrue(ReferencedSampling.line(m).contains("BLIND without"), ReferencedSampling.line(m));
    }

    @Test
    void aRecordingThatWasKilledSaysWhatItKnows() {
        String line =
                ReferencedSampling.line(of(ReferencedSampling.WINDOW_US, 20_000L, ReferencedSampling.TLB_FLUSH, true));
        assertEquals(
                "samples of 20 ms, TLB flushed (blindness without not decided), slowdown of the targets not known",
                line);
    }

    @Test
    void mergedFactsHoldForAllOfThem() {
        Manifest a = of(
                ReferencedSampling.WINDOW_US,
                100_000L,
                ReferencedSampling.SAMPLES,
                10L,
                ReferencedSampling.SPACING_MOST_US,
                5L,
                ReferencedSampling.TLB_FLUSH,
                true,
                ReferencedSampling.SLOWDOWN,
                0.01,
                ReferencedSampling.UNFLUSHED_SEEN_LEAST,
                0.5);
        Manifest b = of(
                ReferencedSampling.WINDOW_US,
                20_000L,
                ReferencedSampling.SAMPLES,
                3L,
                ReferencedSampling.SPACING_MOST_US,
                4L,
                ReferencedSampling.TLB_FLUSH,
                true,
                ReferencedSampling.SLOWDOWN,
                0.02,
                ReferencedSampling.UNFLUSHED_SEEN_LEAST,
                0.1);
        Manifest merged = new Manifest();
        merged.recording.putAll(a.recording);
        ReferencedSampling.merge(List.of(a, b), merged);
        assertFalse(merged.recording.containsKey(ReferencedSampling.WINDOW_US));
        assertEquals(13L, merged.recording.get(ReferencedSampling.SAMPLES));
        assertEquals(5L, merged.recording.get(ReferencedSampling.SPACING_MOST_US));
        assertEquals(true, merged.recording.get(ReferencedSampling.TLB_FLUSH));
        assertEquals(0.02, merged.recording.get(ReferencedSampling.SLOWDOWN));
        assertEquals(0.1, merged.recording.get(ReferencedSampling.UNFLUSHED_SEEN_LEAST));
        // A trace of another source has no say in what was the same in all of them.
        ReferencedSampling.merge(List.of(a, of()), merged);
        assertFalse(merged.recording.containsKey(ReferencedSampling.TLB_FLUSH));
    }

    @Test
    void percentKeepsTwoDigits() {
        assertEquals("2.0 %", ReferencedSampling.percent(0.02));
        assertEquals("0.19 %", ReferencedSampling.percent(0.00187));
        assertEquals("45 %", ReferencedSampling.percent(0.45));
        assertEquals("0 %", ReferencedSampling.percent(0));
    }
}
