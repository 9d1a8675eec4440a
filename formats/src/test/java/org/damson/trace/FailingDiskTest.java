package org.damson.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.damson.model.MissingCapabilityException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What recovering and bundling leave where the disk fails. */
final class FailingDiskTest extends StoredTraces {
    @ParameterizedTest
    @EnumSource(names = {"NO_SPACE", "IO_ERROR"})
    void recoveringOnAFailingDiskLosesNothing(FaultyFiles.Fault fault) throws IOException {
        Path dead = dead("dead.damson");
        List<Long> all = read(dead);
        boolean failed = true;
        for (int n = 1; failed; n++) {
            Path home = Files.createDirectory(dir.resolve("n" + n));
            Path trace = Files.createDirectory(home.resolve("t.damson"));
            for (Path file : list(dead)) {
                Files.copy(file, trace.resolve(file.getFileName()));
            }
            FaultyFiles files = new FaultyFiles(fault);
            files.fail(n, n);
            try {
                Traces.recover(files.path(trace));
            } catch (FileSystemException e) {
                assertFalse(e.getMessage().isEmpty());
            } catch (IOException e) {
                assertTrue(
                        e.getMessage().contains(fault == FaultyFiles.Fault.NO_SPACE ? "space" : "error"),
                        e.getMessage());
            }
            failed = files.calls() >= n;
            assertEquals(all, read(trace), "call " + n);
            for (Path left : list(home)) {
                boolean known =
                        left.equals(trace) || left.getFileName().toString().endsWith(".unrecovered");
                assertTrue(known, "call " + n + " left " + left);
            }
            // and again, with the disk in order
            Traces.recover(unsynced(trace));
            assertEquals(all, read(trace), "call " + n);
            assertEquals(List.of(), Traces.verify(trace).findings(), "call " + n);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NO_SPACE", "IO_ERROR"})
    void bundlingOnAFailingDiskLeavesNothing(FaultyFiles.Fault fault) throws IOException {
        Path trace = sealed("t.damson");
        boolean failed = true;
        for (int n = 1; failed; n++) {
            Path home = Files.createDirectory(dir.resolve("n" + n));
            FaultyFiles files = new FaultyFiles(fault);
            files.fail(n, n);
            Path zip = home.resolve("t.damson.zip");
            try {
                Traces.bundle(trace, files.path(zip));
                assertEquals(List.of(0L, 1L, 2L, 3L), read(zip));
            } catch (IOException e) {
                assertTrue(e instanceof MissingCapabilityException, "call " + n + ": " + e);
                for (Path left : list(home)) {
                    // a sync that fails after the rename leaves a bundle under its name, and that is whole
                    assertEquals(zip, left, "call " + n);
                    assertEquals(List.of(0L, 1L, 2L, 3L), read(zip));
                }
            }
            failed = files.calls() >= n;
        }
    }
}
