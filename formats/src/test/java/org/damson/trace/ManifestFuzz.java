package org.damson.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import org.damson.model.TraceFormatException;

/** {@code manifest.json}: read, and written again the same as often as one likes. */
public final class ManifestFuzz {
    private ManifestFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        byte[] once;
        try {
            once = Manifests.write(Manifests.read("fuzz", data));
        } catch (TraceFormatException e) {
            assertEquals(1, e.getMessage().lines().count(), e.getMessage());
            return;
        }
        assertArrayEquals(once, Manifests.write(Manifests.read("fuzz", once)));
    }
}
