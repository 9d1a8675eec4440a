package org.damson.cli.replay;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.damson.cli.command.WorkDirectory;
import org.damson.model.text.NativeText;

/** Text that {@code replay --plan-only} printed. */
final class PlanFile {
    private static final byte[] HEAD = "damson-plan ".getBytes(StandardCharsets.US_ASCII);

    private static final int MAX_NAME = 200;

    private PlanFile() {}

    /** The file by a name that another program can be given: Java hands names on as text, and a link stands for one that is none. */
    static Path textual(Path file, WorkDirectory work) throws IOException {
        if (Path.of(file.toString()).equals(file)) {
            return file;
        }
        String path = NativeText.readable(NativeText.of(file));
        // Messages name it; its own length is bounded, that of what its bytes are shown as is not.
        String name = path.substring(Math.max(path.lastIndexOf('/') + 1, path.length() - MAX_NAME));
        return Files.createSymbolicLink(work.resolve(name), file.toAbsolutePath());
    }

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
