package org.damson.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.damson.model.Manifest;
import org.damson.model.MissingCapabilityException;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.junit.jupiter.api.Test;
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
            List<String> before = names(trace);
            try {
                Traces.recover(files.path(trace));
            } catch (FileSystemException e) {
                assertFalse(e.getMessage().isEmpty());
                assertEquals(before, names(trace), "call " + n);
            } catch (IOException e) {
                assertEquals(before, names(trace), "call " + n);
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

    @Test
    void recoveringWhatNeedsNoRecoveryLeavesNoLock() throws IOException {
        Path trace = sealed("t.damson");
        List<String> before = names(trace);
        assertEquals(0, Traces.recover(trace).rowsRecovered());
        assertEquals(before, names(trace));
    }

    /** For want of room, with the name of the trace: not as a fault of what is read. */
    @ParameterizedTest
    @EnumSource(names = {"NO_SPACE", "IO_ERROR"})
    void aTraceThatCannotBeWrittenIsNamed(FaultyFiles.Fault fault) throws IOException {
        boolean failed = true;
        int failures = 0;
        for (int n = 1; failed; n++) {
            Path trace = Files.createDirectory(dir.resolve("n" + n)).resolve("t.damson");
            FaultyFiles files = new FaultyFiles(fault);
            files.fail(n, n);
            try {
                Traces.create(files.path(trace), new Manifest(), WriterOptions.LIVE)
                        .close();
            } catch (IOException e) {
                failures++;
                assertTrue(e instanceof MissingCapabilityException, "call " + n + ": " + e);
                assertTrue(e.getMessage().contains("t.damson"), "call " + n + ": " + e.getMessage());
            }
            failed = files.calls() >= n;
        }
        assertTrue(failures > 5, failures + " failures");
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

    /** Also where only the directory's sync fails, when the manifest that lists the new files is in place already. */
    @ParameterizedTest
    @EnumSource(names = {"NO_SPACE", "IO_ERROR"})
    void indexingOnAFailingDiskLosesNothing(FaultyFiles.Fault fault) throws IOException {
        Path golden = Path.of("..", "testdata", "golden", "stairs-1.damson.zip");
        boolean failed = true;
        int failures = 0;
        int withBoth = 0;
        for (int n = 1; failed; n++) {
            Path trace = dir.resolve("n" + n + ".damson");
            Traces.unpack(golden, trace);
            FaultyFiles files = new FaultyFiles(fault);
            files.fail(n, n);
            try {
                assertTrue(Traces.index(files.path(trace)));
            } catch (IOException e) {
                failures++;
                assertTrue(e instanceof MissingCapabilityException, "call " + n + ": " + e);
            }
            failed = files.calls() >= n;
            // Where the new manifest is in place and may not be on the disk, the files of both stay.
            List<String> left = unlisted(trace, "call " + n);
            assertTrue(left.isEmpty() || left.equals(List.of("snapshots-000000.parquet")), "call " + n + ": " + left);
            withBoth += left.size();
            // and again, with the disk in order
            Traces.index(unsynced(trace));
            assertFalse(Traces.index(trace), "call " + n);
            assertEquals(List.of(), unlisted(trace, "call " + n), "call " + n);
        }
        assertTrue(failures > 10, failures + " failures");
        assertEquals(1, withBoth);
    }

    /** Killed between the two renames, and while the old trace is removed. */
    @Test
    void aKilledReplacementIsFinished() throws IOException {
        Path trace = sealed("t.damson");
        Path aside = trace.resolveSibling("t.damson.replaced");
        Files.move(trace, aside);
        Traces.finishReplacing(trace);
        assertEquals(List.of(trace), list(dir));
        assertEquals(List.of(0L, 1L, 2L, 3L), read(trace));
        sealed("t.damson.replaced");
        Files.delete(aside.resolve("manifest.json"));
        Traces.finishReplacing(trace);
        assertEquals(List.of(trace), list(dir));
        assertEquals(List.of(0L, 1L, 2L, 3L), read(trace));
    }

    @Test
    void indexingRemovesWhatAKilledOneLeft() throws IOException {
        Path trace = dir.resolve("t.damson");
        Traces.unpack(Path.of("..", "testdata", "golden", "stairs-1.damson.zip"), trace);
        Traces.index(trace);
        List<String> left =
                List.of(".lock", "heat_cells-000007.parquet.part", "manifest.json.part", "snapshots-000007.parquet");
        for (String name : left) {
            Files.createFile(trace.resolve(name));
        }
        assertFalse(Traces.index(trace));
        assertEquals(List.of(), unlisted(trace, "killed"));
        // What only an older manifest does not list may be all there is of some rows.
        List<String> rows = List.of("regions-000007.parquet", "snapshots-000007.parquet");
        for (String name : rows) {
            Files.createFile(trace.resolve(name));
        }
        assertFalse(Traces.index(trace));
        assertEquals(rows, unlisted(trace, "older manifest"));
    }

    private static List<String> names(Path trace) throws IOException {
        try (Stream<Path> files = Files.list(trace)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    /** Files that are no part of the trace, which is whole. */
    private static List<String> unlisted(Path trace, String place) throws IOException {
        assertEquals(List.of(), Traces.verify(trace).findings(), place);
        List<String> names = new ArrayList<>(List.of("manifest.json"));
        try (TraceSource opened = Traces.open(trace)) {
            assertEquals(3109, opened.rowCount(Table.REGIONS), place);
            opened.manifest().files.forEach(f -> names.add(f.name()));
        }
        List<String> there = new ArrayList<>();
        list(trace).forEach(f -> there.add(f.getFileName().toString()));
        assertTrue(there.containsAll(names), place + ": " + there);
        there.removeAll(names);
        return there;
    }
}
