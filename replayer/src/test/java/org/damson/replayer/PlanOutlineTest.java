package org.damson.replayer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read out of a plan that came from elsewhere is what the generator reads. */
final class PlanOutlineTest {
    private static final Path ACCESSGEN = Path.of("..", "native", "build", "accessgen");

    @TempDir
    Path dir;

    @Test
    void linesEndWhereTheGeneratorEndsThem() throws IOException {
        Path plan = Files.writeString(
                dir.resolve("plan"),
                "damson-plan 1\nprocess p#q\nmap 0ns 0x10000 8K#x y\nmap\t0ns 0x20000 4K\n"
                        + "snapshot 0ns 5ms 1 # \rmap 0ns 0x30000 4K\n#\rprocess q\ntouch 0x10000 8K 1\r\n");
        PlanOutline outline = PlanOutline.read(ACCESSGEN, plan);
        assertEquals(1, outline.processes());
        assertEquals(5_000_000, outline.durationNs());
        assertEquals(8192, outline.mostBytes());
        assertTrue(outline.maps(0, 0x10000, 0x12000) && outline.maps(0, 0x20000, 0x21000));
        assertFalse(outline.maps(0, 0x30000, 0x31000));
    }
}
