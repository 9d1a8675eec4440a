package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where no directory takes an unpacked library, as with a noexec /tmp and no home, a recording says so: no fault of damson's own. */
final class MissingLibraryTest {
    @TempDir
    Path dir;

    @Test
    void aRecordingWithoutItsLibraryEndsInOneLine() throws Exception {
        Path trace = dir.resolve("r.damson");
        List<String> line = DamsonProcess.line("record", "--quiet", "-o", trace, "--", "true");
        line.add(1, "-Djna.nounpack=true");
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        assertEquals(ExitCode.CAPABILITY, process.waitFor(), said);
        assertTrue(said.startsWith("damson: a native library cannot be loaded: "), said);
        assertEquals(1, said.lines().count(), said);
        assertFalse(Files.exists(trace), "nothing is left");
    }
}
