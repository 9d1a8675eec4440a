package org.damson.damon.setup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.nio.charset.StandardCharsets;
import org.damson.model.InvalidInputException;

/** Whole set-ups of DAMON, in JSON and YAML. */
public final class SetupFuzz {
    private SetupFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        try {
            assertNotNull(SetupFile.parse(new String(data, StandardCharsets.UTF_8)));
        } catch (InvalidInputException e) {
            assertEquals(1, String.valueOf(e.getMessage()).lines().count(), e.getMessage());
        }
    }
}
