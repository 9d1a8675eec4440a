package org.damson.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.damson.api.MissingCapabilityException;
import org.damson.api.Recording;
import org.damson.api.Trace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveSessionTest {
    @TempDir
    Path dir;

    @Test
    void aCommandIsRecordedToItsEnd() throws Exception {
        Path path = dir.resolve("command.damson");
        // A duration beyond all is none.
        Recording.Options options = Recording.Options.ofCommand(path, "sh", "-c", "sleep 1; exit 3")
                .intervals(50_000, 200_000)
                .duration(Duration.ofSeconds(Long.MAX_VALUE));
        Recording.Result result;
        try (Recording recording = Recording.start(options)) {
            result = recording.await();
        }
        assertEquals(3, result.commandExit());
        assertTrue(result.snapshots() > 0, result.toString());
        try (Trace trace = Trace.open(path)) {
            assertTrue(trace.info().isComplete());
            assertEquals("referenced", trace.info().source());
            assertEquals(result.snapshots(), trace.info().snapshots());
            assertTrue(trace.workingSet().isReferenced());
        }
    }

    @Test
    void oneThatIsStoppedIsSealedAndItsProcessGoesOn() throws Exception {
        Path path = dir.resolve("stopped.damson");
        Process process = new ProcessBuilder("sleep", "30").start();
        try {
            Recording recording =
                    Recording.start(Recording.Options.of(path, process.pid()).intervals(20_000, 60_000_000));
            recording.stop();
            recording.close();
            recording.close();
            assertTrue(process.isAlive());
            assertNull(recording.await().commandExit());
            try (Trace trace = Trace.open(path)) {
                assertTrue(trace.info().isComplete());
            }
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aProgramRecordsItself() throws Exception {
        Path path = dir.resolve("self.damson");
        Recording.Options options = Recording.Options.ofThisProcess(path)
                .intervals(100_000, 200_000)
                .maxSlowdown(Double.POSITIVE_INFINITY)
                .duration(Duration.ofMillis(900));
        try (Recording recording = Recording.start(options)) {
            assertTrue(recording.await().snapshots() > 0);
        }
        try (Trace trace = Trace.open(path)) {
            assertTrue(trace.workingSet().total().percentile(100) > 0);
        }
    }

    @Test
    void whatCannotBeginIsToldByStart() throws IOException {
        Path taken = Files.createDirectory(dir.resolve("taken.damson"));
        assertThrows(
                FileAlreadyExistsException.class,
                () -> Recording.start(Recording.Options.ofCommand(taken, "sleep", "9")));
        Path none = dir.resolve("none.damson");
        assertThrows(
                IOException.class, () -> Recording.start(Recording.Options.ofCommand(none, "/nonexistent/command")));
        Process gone = new ProcessBuilder("true").start();
        long pid = gone.pid();
        gone.onExit().join();
        assertThrows(IOException.class, () -> Recording.start(Recording.Options.of(none, pid)));
        assertFalse(Files.exists(none));
    }

    /** Where {@code /sys} is not to be written, as in every test of this build. */
    @Test
    void kernelDamonThatCannotBeRecordedIsToldByStart() throws Exception {
        Path path = dir.resolve("damon.damson");
        Process process = new ProcessBuilder("sleep", "30").start();
        try {
            Recording.Options options =
                    Recording.Options.of(path, process.pid()).damon();
            MissingCapabilityException told =
                    assertThrows(MissingCapabilityException.class, () -> Recording.start(options));
            assertEquals(1, told.getMessage().lines().count(), told.getMessage());
            assertFalse(Files.exists(path));
            assertTrue(process.isAlive());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void optionsKeepTheirRules() {
        Path path = dir.resolve("x.damson");
        assertThrows(IllegalArgumentException.class, () -> Recording.Options.of(path));
        assertThrows(IllegalArgumentException.class, () -> Recording.Options.of(path, 1)
                .intervals(999, 100_000));
        assertThrows(IllegalArgumentException.class, () -> Recording.Options.of(path, 1)
                .intervals(5_000, 4_000));
        assertThrows(IllegalArgumentException.class, () -> Recording.Options.of(path, 1)
                .maxSlowdown(0));
        assertThrows(IllegalArgumentException.class, () -> Recording.Options.of(path, 1)
                .duration(Duration.ofSeconds(-1)));
        assertThrows(
                IllegalArgumentException.class,
                () -> Recording.Options.of(path, 1).damon().intervals(0, 100_000));
        Recording.Options damon = Recording.Options.of(path, 1).damon().intervals(500, 10_000);
        assertEquals(
                Recording.Source.DAMON, damon.duration(Duration.ofSeconds(1)).source());
        assertEquals(
                Recording.Source.DAMON,
                damon.followChildren(false).maxSlowdown(1).source());
        assertTrue(damon.suspendDamonStat(true).intervals(5_000, 100_000).suspendDamonStat());
        assertEquals(
                List.of("a", "b"), Recording.Options.ofCommand(path, "a", "b").command());
    }
}
