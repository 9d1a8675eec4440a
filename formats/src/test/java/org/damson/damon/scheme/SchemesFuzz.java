package org.damson.damon.scheme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.charset.StandardCharsets;
import org.damson.model.InvalidInputException;

/** Schemes as text, damo's options, JSON and YAML. */
public final class SchemesFuzz {
    private SchemesFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        try {
            assertFalse(
                    SchemeParser.parse(new String(data, StandardCharsets.UTF_8)).isEmpty());
        } catch (InvalidInputException e) {
            assertEquals(1, String.valueOf(e.getMessage()).lines().count(), e.getMessage());
        }
    }
}
