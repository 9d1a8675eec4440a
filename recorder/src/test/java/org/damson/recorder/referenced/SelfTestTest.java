package org.damson.recorder.referenced;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SelfTestTest {
    @TempDir
    Path dir;

    private static SelfTest of(
            double unflushed, int undisturbed, double flushed, String error, double pageNs, double flushedNs)
            throws IOException {
        return SelfTest.parse("unflushed_windows=8\nunflushed_undisturbed=" + undisturbed + "\nunflushed_least="
                + unflushed + "\nflushed_windows=8\nflushed_undisturbed=8\nflushed_least=" + flushed + "\nflush_error="
                + error + "\npage_ns=" + pageNs + "\nflushed_page_ns=" + flushedNs + "\nhuge_page_ns=2\n");
    }

    @Test
    void aMachineThatSeesNothingWithoutFlushIsBlindAndFlushes() throws IOException {
        SelfTest t = of(0.01, 8, 1, "", 20, 7000);
        assertEquals(SelfTest.Blind.YES, t.blind());
        assertTrue(t.isGood() && t.shouldFlush());
        assertEquals(7000, t.pageCostNs(true));
        // What is seen without a flush lost its entry by chance and costs the same.
        assertEquals(7000, t.pageCostNs(false));
        assertEquals(2, t.hugePageCostNs(true));
        assertEquals(true, t.facts().get("tlb_blind"));
    }

    @Test
    void seeingAllOnALoadedMachineDecidesNothingSoItFlushes() throws IOException {
        assertEquals(SelfTest.Blind.NO, of(1, 8, 1, "", 20, 30).blind());
        assertFalse(of(1, 8, 1, "", 20, 30).shouldFlush());
        SelfTest loaded = of(1, 1, 1, "", 20, 30);
        assertEquals(SelfTest.Blind.UNDECIDED, loaded.blind());
        assertTrue(loaded.shouldFlush());
        assertFalse(loaded.facts().containsKey("tlb_blind"));
    }

    @Test
    void aKernelThatDoesNotFlushIsNotAskedTo() throws IOException {
        SelfTest t = of(0.01, 8, 0, "Invalid argument", 20, 0);
        assertTrue(t.isGood());
        assertFalse(t.shouldFlush());
        assertTrue(t.text().contains("Invalid argument"), t.text());
    }

    @Test
    void contradictionsAreSaidAndTakenCarefully() throws IOException {
        for (SelfTest t : new SelfTest[] {
            of(0.01, 8, 0.3, "", 20, 30), // flushed, and not seen
            of(1.5, 8, 1, "", 20, 30),
            of(1, 8, 1, "", -5, 30),
            of(1, 8, 1, "", Double.NaN, 30),
            of(1, 9, 1, "", 20, 30), // undisturbed in nine windows of eight
            SelfTest.parse(
                    "unflushed_windows=8\nunflushed_undisturbed=8\nunflushed_least=0\nflushed_windows=0\n"
                            + "flushed_undisturbed=0\nflushed_least=0\nflush_error=\npage_ns=20\nflushed_page_ns=0\nhuge_page_ns=-1\n"),
            SelfTest.parse("nonsense"),
            SelfTest.parse(""),
            SelfTest.NONE
        }) {
            assertFalse(t.isGood());
            assertFalse(t.problem().isEmpty());
            assertTrue(t.shouldFlush(), t.problem());
            assertEquals(SelfTest.ASSUMED_PAGE_NS, t.pageCostNs(true));
            assertTrue(t.text().startsWith("not decided: ") && !t.text().contains("\n"), t.text());
            assertFalse(t.facts().containsKey("page_touch_ns"));
        }
    }

    @Test
    void aTestThatCannotRunSaysWhy() throws Exception {
        assertFalse(SelfTest.run(dir.resolve("missing")).isGood());
        Path script = Files.writeString(dir.resolve("accessgen"), "#!/bin/sh\necho accessgen: no clear_refs\nexit 3\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        SelfTest t = SelfTest.run(script);
        assertEquals("accessgen: no clear_refs", t.problem());
    }
}
