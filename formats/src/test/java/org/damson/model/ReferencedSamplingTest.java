package org.damson.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReferencedSamplingTest {
    @TempDir
    Path dir;

    private static Manifest of(Object... keysAndValues) {
        Manifest m = new Manifest();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            ((ManifestKey) keysAndValues[i]).put(m, keysAndValues[i + 1]);
        }
        return m;
    }

    @Test
    void aTraceThatDoesNotSayHasNoLine() {
        assertEquals("", ReferencedSampling.line(of(ManifestKey.SAMPLES, 5L)));
        assertEquals(0, ReferencedSampling.windowNs(of()));
    }

    @Test
    void theLineHasWindowSpacingFlushBlindnessAndCost() {
        Manifest m = of(
                ManifestKey.WINDOW,
                100_000L,
                ManifestKey.SPACING_MEAN,
                5_000_000L,
                ManifestKey.SPACING_MAX,
                6_000_000L,
                ManifestKey.TLB_FLUSH,
                true,
                ManifestKey.TLB_BLIND,
                true,
                ManifestKey.SLOWDOWN,
                0.0187,
                ManifestKey.MAX_SLOWDOWN,
                0.02);
        assertEquals(
                "samples of 100 ms every 5 s (6 s at most), TLB flushed (blind without), targets slowed down by about"
                        + " 1.9 % (2.0 % allowed)",
                ReferencedSampling.line(m));
        ManifestKey.TLB_FLUSH.put(m, false);
        assertTrue(ReferencedSampling.line(m).contains("BLIND without"), ReferencedSampling.line(m));
    }

    @Test
    void aRecordingThatWasKilledSaysWhatItKnows() {
        String line = ReferencedSampling.line(of(ManifestKey.WINDOW, 20_000L, ManifestKey.TLB_FLUSH, true));
        assertEquals(
                "samples of 20 ms, TLB flushed (blindness without not decided), slowdown of the targets not known",
                line);
    }

    /** There is no time between the samples of a recording that has one. */
    @Test
    void aRecordingOfOneSampleIsNotCalledCutShort() throws IOException {
        for (boolean isWhole : new boolean[] {true, false}) {
            Path path = dir.resolve(isWhole + ".damson");
            Manifest m = of(ManifestKey.WINDOW, 100_000L, ManifestKey.TLB_FLUSH, true);
            if (isWhole) {
                ManifestKey.SAMPLES.put(m, 1L);
                ManifestKey.SPACING_MAX.put(m, 0L);
            }
            try (TraceSink sink = Traces.create(path, m, WriterOptions.BATCH)) {
                Snapshot s = new Snapshot();
                s.endNs = 100_000_000L;
                s.sampleUs = 100_000;
                s.aggrUs = 100_000;
                s.add(0, 4096, 1, 0);
                sink.append(s);
            }
            try (TraceSource trace = Traces.open(path)) {
                assertEquals(!isWhole, ReferencedSampling.line(trace).contains("cut short"));
            }
        }
    }

    @Test
    void mergedFactsHoldForAllOfThem() {
        Manifest a = of(
                ManifestKey.WINDOW,
                100_000L,
                ManifestKey.SAMPLES,
                10L,
                ManifestKey.SPACING_MAX,
                5L,
                ManifestKey.TLB_FLUSH,
                true,
                ManifestKey.SLOWDOWN,
                0.01,
                ManifestKey.UNFLUSHED_SEEN,
                0.5);
        Manifest b = of(
                ManifestKey.WINDOW,
                20_000L,
                ManifestKey.SAMPLES,
                3L,
                ManifestKey.SPACING_MAX,
                4L,
                ManifestKey.TLB_FLUSH,
                true,
                ManifestKey.SLOWDOWN,
                0.02,
                ManifestKey.UNFLUSHED_SEEN,
                0.1);
        Manifest merged = new Manifest();
        merged.recording.putAll(a.recording);
        ManifestKeys.merge(List.of(a, b), merged);
        assertFalse(merged.recording.containsKey(ManifestKey.WINDOW.path()));
        assertEquals(13L, ManifestKey.SAMPLES.get(merged));
        assertEquals(5L, ManifestKey.SPACING_MAX.get(merged));
        assertEquals(true, ManifestKey.TLB_FLUSH.get(merged));
        assertEquals(0.02, ManifestKey.SLOWDOWN.get(merged));
        assertEquals(0.1, ManifestKey.UNFLUSHED_SEEN.get(merged));
        // A trace of another source has no say in what was the same in all of them.
        ManifestKeys.merge(List.of(a, of()), merged);
        assertFalse(merged.recording.containsKey(ManifestKey.TLB_FLUSH.path()));
    }

    @Test
    void percentKeepsTwoDigits() {
        assertEquals("2.0 %", ReferencedSampling.percent(0.02));
        assertEquals("0.19 %", ReferencedSampling.percent(0.00187));
        assertEquals("45 %", ReferencedSampling.percent(0.45));
        assertEquals("0 %", ReferencedSampling.percent(0));
    }
}
