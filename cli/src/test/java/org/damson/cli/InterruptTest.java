package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C in the middle of long work: one line, status 130, and nothing left. */
@Timeout(120)
final class InterruptTest {
    @TempDir
    Path dir;

    private Path results;
    private Path temporary;

    @BeforeEach
    void makeDirectories() throws IOException {
        results = Files.createDirectory(dir.resolve("results"));
        temporary = Files.createDirectory(dir.resolve("temporary"));
    }

    private Process start(Object... args) throws IOException {
        List<String> line = new ArrayList<>(List.of("env", "--default-signal"));
        line.addAll(DamsonProcess.line(args));
        line.add(3, "-Djava.io.tmpdir=" + temporary);
        return new ProcessBuilder(line)
                .redirectError(dir.resolve("err").toFile())
                .redirectOutput(dir.resolve("out").toFile())
                .start();
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(p -> !p.equals(directory)).toList();
        }
    }

    /** Until something of that name is there. */
    private static void await(Process p, Path directory, Predicate<String> name) throws Exception {
        while (true) {
            try (Stream<Path> all = Files.walk(directory)) {
                if (all.anyMatch(f -> name.test(f.getFileName().toString()))) {
                    return;
                }
            } catch (java.io.UncheckedIOException e) {
                // gone while it was looked at
            }
            if (!p.isAlive()) {
                throw new AssertionError("ended before it could be interrupted");
            }
            Thread.onSpinWait(); // so that the signal comes while it is still being made
        }
    }

    private void interrupt(Process p) throws Exception {
        DamsonProcess.send("INT", p);
        assertEquals(ExitCode.INTERRUPTED, p.waitFor());
        List<String> said = Files.readAllLines(dir.resolve("err")).stream()
                .filter(l -> !l.startsWith("note: "))
                .toList();
        assertEquals(List.of("damson: interrupted"), said);
        assertEquals("", Files.readString(dir.resolve("out")));
        assertEquals(List.of(), files(results));
        assertEquals(List.of(), files(temporary));
    }

    @Test
    void anImportLeavesNothing() throws Exception {
        Process p = start("import", "-", "-o", results.resolve("new.damson"));
        // More than is kept back for putting snapshots in order, and no end of it.
        try (OutputStream to = p.getOutputStream();
                GZIPInputStream from = new GZIPInputStream(
                        Files.newInputStream(CliRun.testdata().resolve("many-regions/tracefs.txt.gz")))) {
            from.transferTo(to);
            to.flush();
            await(p, results, name -> name.matches("new\\.damson\\.part[0-9]+"));
            interrupt(p);
        }
    }

    @Test
    void aTuningOfAnotherToolsRecordingLeavesNothing() throws Exception {
        Path recording = CliRun.testdata().resolve("stairs/tracefs.txt.gz");
        Process p = start(
                "tune",
                recording,
                "--scheme",
                "prcl",
                "--vary",
                "min_age=0s..10s/1ms",
                "--vary",
                "min_size=4K..1G/*2",
                "--evaluations",
                "1000000",
                "--all",
                "--output",
                results.resolve("tuned.csv"));
        await(p, temporary, "import.damson"::equals);
        assertFalse(files(temporary).isEmpty());
        Thread.sleep(1000);
        interrupt(p);
    }
}
