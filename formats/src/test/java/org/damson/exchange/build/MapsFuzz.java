package org.damson.exchange.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.damson.model.Mapping;
import org.damson.model.TraceFormatException;
import org.damson.trace.FuzzFile;

/** A copy of a process' maps or smaps, as {@code import --maps} takes it. */
public final class MapsFuzz {
    private static final Path FILE = FuzzFile.create("maps");

    private MapsFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        FuzzFile.write(FILE, data, 0);
        try {
            List<Mapping> mappings = MapsFile.read(FILE, 7);
            assertFalse(mappings.isEmpty());
            for (Mapping m : mappings) {
                assertTrue(Long.compareUnsigned(m.start(), m.end()) < 0, m.toString());
            }
        } catch (TraceFormatException e) {
            assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        }
    }
}
