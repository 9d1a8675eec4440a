package org.damson.cli.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.damson.analyzer.compare.CompareOptions;
import org.damson.model.InvalidInputException;

/**
 * The statistics of a capsule: what is accepted is written back as it was understood. The lines %H, %C and %W stand for all lines of
 * heat and of cover, and for the one of working sets, which would be 50 kB.
 */
public final class CapsuleFuzz {
    private static final int COLS = CompareOptions.DEFAULTS.slices();
    private static final int ROWS = CompareOptions.DEFAULTS.cells();
    private static final String HEAT = ("heat" + " 0".repeat(COLS) + "\n").repeat(ROWS);
    private static final String COVER = ("cover" + " 1".repeat(COLS) + "\n").repeat(ROWS);
    private static final String SIZES = "working_sets" + " -".repeat(COLS) + "\n";

    private CapsuleFuzz() {}

    private static String text(byte[] data) {
        return new String(data, StandardCharsets.ISO_8859_1)
                .replaceFirst("\n%H\n", "\n" + HEAT)
                .replaceFirst("\n%C\n", "\n" + COVER)
                .replaceFirst("\n%W\n", "\n" + SIZES);
    }

    public static void fuzzerTestOneInput(byte[] data) {
        Capsule capsule;
        try {
            capsule = CapsuleText.parse(text(data));
        } catch (InvalidInputException e) {
            assertEquals(1, e.getMessage().lines().count(), e.getMessage());
            return;
        }
        String text = CapsuleText.of(capsule);
        assertEquals(text, CapsuleText.of(CapsuleText.parse(text)));
    }
}
