package org.damson.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.damson.cli.console.Console;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

final class OutputFileTest {
    @TempDir
    Path dir;

    private final ByteArrayOutputStream standardOutput = new ByteArrayOutputStream();
    private final Console console = new Console(
            standardOutput, OutputStream.nullOutputStream(), InputStream.nullInputStream(), Map.of(), false, false);

    @Test
    void aNewFileIsPrivateAndWhole() throws IOException {
        Path file = dir.resolve("a.csv");
        OutputFile.write(file.toString(), false, console, out -> out.write("x".getBytes()));
        assertEquals("x", Files.readString(file));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals(List.of("a.csv"), names());
    }

    @Test
    void whatKilledProcessesLeftGoesAndNothingElse() throws Exception {
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        long alive = ProcessHandle.current().parent().orElseThrow().pid();
        Files.writeString(dir.resolve("a.csv.part" + dead.pid()), "half");
        Files.writeString(dir.resolve("a.csv.part" + dead.pid() + ".gone" + dead.pid()), "put aside");
        Path kept = Files.createDirectory(dir.resolve("kept"));
        Files.writeString(kept.resolve("content"), "kept");
        Path work = Files.createDirectory(dir.resolve(".damson-bundle-" + dead.pid() + "-123"));
        Files.writeString(work.resolve("copy"), "half");
        Files.createSymbolicLink(work.resolve("link"), kept);
        List<String> others = List.of(
                "a.csv.part" + alive,
                "b.csv.part" + dead.pid(),
                "a.csv.partX",
                ".damson-bundle-" + alive + "-1",
                "kept");
        for (String name : others.subList(0, 4)) {
            Files.writeString(dir.resolve(name), "other");
        }
        Files.createSymbolicLink(dir.resolve(".damson-bundle-" + dead.pid() + "-9"), kept);
        OutputFile.write(dir.resolve("a.csv").toString(), false, console, out -> out.write('n'));
        WorkDirectory.beside(dir.resolve("x.zip"), "bundle").close();
        List<String> expected = new java.util.ArrayList<>(others);
        expected.addAll(List.of("a.csv", ".damson-bundle-" + dead.pid() + "-9"));
        assertEquals(
                expected.stream().sorted().toList(), names().stream().sorted().toList());
        assertEquals("kept", Files.readString(kept.resolve("content")));
    }

    @Test
    void dashAndNothingAreStandardOutput() throws IOException {
        OutputFile.write("-", false, console, out -> out.write('a'));
        OutputFile.write(null, false, console, out -> out.write('b'));
        assertEquals("ab", standardOutput.toString());
    }

    @Test
    @EnabledIfSystemProperty(named = "user.name", matches = "root", disabledReason = "needs root")
    void anothersPipeIsNotFedWhereEverybodyWrites() throws Exception {
        Path pipe = dir.resolve("report.csv");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        assertEquals(
                0,
                new ProcessBuilder("chown", "nobody", pipe.toString()).start().waitFor());
        Process reader = new ProcessBuilder("cat", pipe.toString()).start();
        try {
            assertEquals(
                    0,
                    new ProcessBuilder("chmod", "1777", dir.toString()).start().waitFor());
            for (boolean force : new boolean[] {false, true}) {
                UsageException e = assertThrows(
                        UsageException.class,
                        () -> OutputFile.write(pipe.toString(), force, console, out -> out.write('x')));
                assertTrue(e.getMessage().contains("another user's pipe"), e.getMessage());
            }
            assertEquals(
                    0,
                    new ProcessBuilder("chmod", "755", dir.toString()).start().waitFor());
            OutputFile.write(pipe.toString(), false, console, out -> out.write('x'));
            assertEquals("x", new String(reader.getInputStream().readAllBytes()));
        } finally {
            reader.destroy();
        }
    }

    @Test
    void aFullDiskIsToldWithTheName() {
        IOException e = assertThrows(
                IOException.class,
                () -> OutputFile.write("/dev/full", false, console, out -> out.write(new byte[1 << 20])));
        assertEquals("/dev/full: No space left on device", e.getMessage());
    }

    @Test
    void aFileThatIsThereStaysUnlessForced() throws IOException {
        Path file = dir.resolve("a.csv");
        Files.writeString(file, "old");
        assertThrows(
                UsageException.class, () -> OutputFile.write(file.toString(), false, console, out -> out.write('n')));
        assertEquals("old", Files.readString(file));
        OutputFile.write(file.toString(), true, console, out -> out.write('n'));
        assertEquals("n", Files.readString(file));
    }

    @Test
    void aFailureLeavesNothingNewAndTheOldAsItWas() throws IOException {
        Path file = dir.resolve("a.csv");
        Files.writeString(file, "old");
        assertThrows(
                IOException.class,
                () -> OutputFile.write(file.toString(), true, console, out -> {
                    out.write('n');
                    throw new IOException("on purpose");
                }));
        assertEquals("old", Files.readString(file));
        assertEquals(List.of("a.csv"), names());
    }

    @Test
    void aSymbolicLinkIsNeverWrittenThrough() throws IOException {
        Path victim = dir.resolve("victim");
        Files.writeString(victim, "precious");
        Path link = dir.resolve("link");
        Files.createSymbolicLink(link, victim);
        assertThrows(
                UsageException.class, () -> OutputFile.write(link.toString(), true, console, out -> out.write('n')));
        assertEquals("precious", Files.readString(victim));
        assertTrue(Files.isSymbolicLink(link));
    }

    @Test
    void aDeviceIsWrittenInPlace() throws IOException {
        OutputFile.write("/dev/null", false, console, out -> out.write('n'));
        assertFalse(Files.isRegularFile(Path.of("/dev/null")));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }
}
