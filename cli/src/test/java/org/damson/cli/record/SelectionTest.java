package org.damson.cli.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.commons.cli.CommandLine;
import org.damson.cli.command.Arguments;
import org.damson.cli.command.UsageException;
import org.damson.model.text.NativeText;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SelectionTest {
    private static final Path PROC = Path.of("/proc");

    private Process wanted;

    @BeforeEach
    void startWanted() throws IOException {
        wanted = new ProcessBuilder("sleep", "61.0" + ProcessHandle.current().pid()).start();
    }

    @AfterEach
    void end() {
        wanted.destroyForcibly();
    }

    private List<Long> named(String pattern) throws IOException {
        CommandLine line = Arguments.parse(new RecordCommand(), new String[] {"--name", pattern}, old -> {});
        return Selection.pids(line, PROC);
    }

    private static String words(long pid) throws IOException {
        return NativeText.decode(Files.readAllBytes(PROC.resolve(pid + "/cmdline")))
                .replace('\0', ' ')
                .trim();
    }

    @Test
    void byNameOrWords() throws IOException {
        assertEquals(
                List.of(wanted.pid()),
                named("sleep 61[.]0" + ProcessHandle.current().pid() + "$"));
        assertThrows(UsageException.class, () -> named("^no such process \u0001$"));
        assertThrows(UsageException.class, () -> named("("));
    }

    /** The pattern is among the words of whatever started damson. */
    @Test
    void whatStartedThisProcessIsNotChosen() throws IOException {
        ProcessHandle starter = ProcessHandle.current().parent().orElseThrow();
        String both = Pattern.quote(words(starter.pid())) + "|" + Pattern.quote(words(wanted.pid()));
        assertEquals(List.of(wanted.pid()), named("^(" + both + ")$"));
    }
}
