package org.damson.analyzer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CalibrationTest {
    private static List<byte[]> pages(int bits) {
        Random random = new Random(3);
        List<byte[]> pages = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            byte[] page = new byte[4096];
            for (int b = 0; b < page.length; b++) {
                page[b] = (byte) random.nextInt(1 << bits);
            }
            pages.add(page);
        }
        return pages;
    }

    /** A clock that a tenth of a millisecond passes on at every look. */
    private static Calibration ticking() {
        long[] now = {0};
        return new Calibration(() -> now[0] += 100_000);
    }

    @Test
    void compressionCostsWhatTheClockSaysAndKeepsWhatThePagesKeep() {
        Calibration.Result r = ticking().compressed(CostModel.ZRAM, pages(4));
        assertEquals("zram, measured here", r.model().name());
        // 100 us for a batch of 32 pages, and what is assumed of the kernel.
        assertEquals(3_125 + Calibration.KERNEL_NS, r.model().inNs());
        assertEquals(3_125 + Calibration.KERNEL_NS, r.model().outNs());
        // Half of each byte says nothing.
        assertEquals(0.5, r.model().keptShare(), 0.05);
        assertTrue(r.assumptions().contains("on 100 pages"), r.assumptions());
        assertEquals(1, ticking().compressed(CostModel.ZRAM, pages(8)).model().keptShare(), 0);
    }

    @Test
    void aProcessHasPagesToTryWith() throws Exception {
        List<byte[]> pages = Calibration.ownPages(Path.of("/proc/self"));
        assertTrue(pages.size() > 100, pages.size() + " pages");
    }

    @Test
    void aDiskIsReadOrItIsSaidWhyNotAndNothingIsLeftBehind(@TempDir Path dir) throws Exception {
        try {
            Calibration.Result r = ticking().stored(CostModel.of("nvme"), dir);
            assertEquals(100_000 + Calibration.KERNEL_NS, r.model().inNs());
            assertEquals(CostModel.of("nvme").outNs(), r.model().outNs());
        } catch (IllegalArgumentException e) {
            // In memory, or a file system without direct reading: the machine decides.
            assertTrue(e.getMessage().startsWith(dir.toString()), e.getMessage());
        }
        try (var left = Files.list(dir)) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void whatCannotBeMeasuredIsNamed() {
        for (String model : List.of("cxl", "10us,15us,33%")) {
            IllegalArgumentException e =
                    assertThrows(IllegalArgumentException.class, () -> ticking().calibrate(CostModel.of(model)));
            assertTrue(e.getMessage().contains("cannot be measured"), e.getMessage());
        }
    }
}
