package org.damson.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;
import org.damson.trace.files.TraceLock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OutputsTest {
    @TempDir
    Path dir;

    private CommandLine line;

    @BeforeEach
    void noOptions() throws ParseException {
        line = new DefaultParser().parse(new Options(), new String[0]);
    }

    /** As a recorder leaves it that is killed after each of its first steps. */
    @Test
    void whatDiedBeforeItsManifestIsInNobodysWay() throws IOException {
        for (List<String> files :
                List.of(List.<String>of(), List.of(".lock"), List.of(".lock", "manifest.json.part"))) {
            Path trace = begun(files);
            assertEquals(trace, Outputs.newTrace(line, trace.toString()));
            assertFalse(Files.exists(trace), files.toString());
        }
    }

    @Test
    void nothingElseIsTaken() throws IOException {
        for (String other : List.of("regions-000000.arrows", "manifest.json", "notes.txt", "manifest.json.part2")) {
            Path trace = begun(List.of(".lock", other));
            assertThrows(UsageException.class, () -> Outputs.newTrace(line, trace.toString()));
            assertEquals(List.of(".lock", other), names(trace));
            for (String file : names(trace)) {
                Files.delete(trace.resolve(file));
            }
            Files.delete(trace);
        }
        Path behind = begun(List.of(".lock"));
        Path link = Files.createSymbolicLink(dir.resolve("link.damson"), behind);
        assertThrows(UsageException.class, () -> Outputs.newTrace(line, link.toString()));
        assertTrue(Files.exists(behind.resolve(".lock")));
    }

    @Test
    void aRecorderThatHasJustBegunKeepsItsPlace() throws IOException {
        Path trace = begun(List.of());
        try (FileChannel held = TraceLock.take(trace)) {
            assertTrue(held.isOpen());
            assertThrows(UsageException.class, () -> Outputs.newTrace(line, trace.toString()));
        }
        assertEquals(List.of(".lock"), names(trace));
    }

    private Path begun(List<String> files) throws IOException {
        Path trace = Files.createDirectory(dir.resolve("x.damson"));
        for (String file : files) {
            Files.createFile(trace.resolve(file));
        }
        return trace;
    }

    private static List<String> names(Path trace) throws IOException {
        try (Stream<Path> all = Files.list(trace)) {
            return all.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }
}
