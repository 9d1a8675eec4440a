package org.damson.cli.replay;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Text that {@code replay --plan-only} printed. */
final class PlanFile {
    private static final byte[] HEAD = "damson-plan ".getBytes(StandardCharsets.US_ASCII);

    private PlanFile() {}

    /** Whether a file begins as a plan does; what cannot be read does not. */
    static boolean is(Path file) {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file)) {
            return Arrays.equals(HEAD, in.readNBytes(HEAD.length));
        } catch (IOException e) {
            return false; // whoever opens it for good says why
        }
    }
}
