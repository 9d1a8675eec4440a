package org.damson.replayer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The native library, bound in this process. */
final class AccessGeneratorTest {
    private static final Path LIBRARY = Path.of("..", "native", "build", "libaccessgen.so");

    @TempDir
    Path dir;

    private Path config(String text) throws IOException {
        return Files.writeString(dir.resolve("c.cfg"), text);
    }

    /** Mappings of this process with this exact range that can be read and written. */
    private static long mappings(AccessGenerator.Region r) throws IOException {
        long end = r.address() + (r.sizeBytes() + 4095 & -4096);
        String mapping = String.format("%08x-%08x rw-p ", r.address(), end);
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(l -> l.startsWith(mapping))
                .count();
    }

    @Test
    void everyRegionIsOneMappingOfThisProcessAndGoesWithTheGenerator() throws IOException {
        Path config = config("a,1M\nb,1M\nc,5000\nd,8192,at 0x200000000000\n\np\n0\na,0,4096,1\n");
        List<AccessGenerator.Region> regions;
        AccessGenerator generator = AccessGenerator.open(LIBRARY, config);
        try (generator) {
            regions = generator.regions();
            assertEquals(4, regions.size());
            assertEquals(0x2000_0000_0000L, regions.get(3).address());
            for (AccessGenerator.Region r : regions) {
                assertEquals(1, mappings(r), r.toString());
            }
        }
        // No one else maps anything there.
        assertEquals(0, mappings(regions.get(3)));
        assertThrows(IllegalStateException.class, generator::regions);
        generator.close();
    }

    @Test
    void onlyWhatAPhaseNamesIsTouched() throws IOException {
        Path config = config("a,1M\nb,1M\n\np\n200\nb,1,0,1,rw\na,0,4096,0\n");
        try (AccessGenerator generator = AccessGenerator.open(LIBRARY, config)) {
            long[] touches = generator.run(1);
            assertEquals(0, touches[0]);
            assertTrue(touches[1] > 0);
        }
    }

    @Test
    void whatIsWrongIsSaidWithItsLine() throws IOException {
        Path config = config("a,1M\n\np\n0\nb,0,4096,1\n");
        IOException e = assertThrows(IOException.class, () -> AccessGenerator.open(LIBRARY, config));
        assertEquals(config + ":5: no region 'b'", e.getMessage());
        e = assertThrows(IOException.class, () -> AccessGenerator.open(dir.resolve("none.so"), config));
        assertTrue(e.getMessage().contains("none.so"), e.getMessage());
    }
}
