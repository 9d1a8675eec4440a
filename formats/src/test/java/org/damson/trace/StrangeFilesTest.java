package org.damson.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.damson.model.TraceFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Links, pipes, directories and other people's files in place of a trace's. */
final class StrangeFilesTest extends StoredTraces {
    @Test
    void linksAndDirectoriesInPlaceOfFilesAreRefused() throws IOException {
        Path trace = sealed("t.damson");
        Path regions = trace.resolve("regions-000000.parquet");
        Path elsewhere = dir.resolve("elsewhere");
        Files.move(regions, elsewhere);
        Files.createSymbolicLink(regions, elsewhere);
        assertTrue(isRefused(trace, List.of(), "a link as table"));
        Files.delete(regions);
        Files.createDirectories(regions.resolve("nested/nested"));
        assertTrue(isRefused(trace, List.of(), "a directory as table"));
        Path manifest = trace.resolve(Manifests.NAME);
        Files.move(manifest, dir.resolve("manifest"));
        Files.createSymbolicLink(manifest, dir.resolve("manifest"));
        assertTrue(isRefused(trace, List.of(), "a link as manifest"));
        assertTrue(isRefused(Files.createDirectory(dir.resolve("empty")), List.of(), "an empty directory"));
    }

    @Test
    void directoriesAndFilesOfOthersInATraceAreLeftAlone() throws IOException {
        Path trace = dead("t.damson");
        Files.createDirectories(trace.resolve("nested/regions-000009.arrows"));
        Files.writeString(trace.resolve("notes.txt"), "mine");
        List<Long> all = read(trace);
        RecoverReport report = Traces.recover(unsynced(trace));
        assertEquals(all, read(trace));
        Path aside = dir.resolve("t.damson.unrecovered");
        assertTrue(report.lostNote().contains(aside.toString()), report.lostNote());
        assertEquals("mine", Files.readString(aside.resolve("notes.txt")));
        assertTrue(Files.isDirectory(aside.resolve("nested/regions-000009.arrows")));
        assertEquals(2, list(aside).size());
    }

    /** The exception of a file that may not be read has its name alone, and each table would name it again. */
    @Test
    void aFileThatMayNotBeReadIsAFindingOnce() {
        List<String> findings = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Verification.add(findings, new AccessDeniedException("t.damson/regions-000000.parquet"));
        }
        Verification.add(findings, new IOException("t.damson: cut off"));
        assertEquals(List.of("t.damson/regions-000000.parquet: permission denied", "t.damson: cut off"), findings);
    }

    /** Opening a pipe waits for whoever writes into it; a trace from a stranger may hold one under any name. */
    @Test
    @Timeout(60)
    void aPipeInPlaceOfAnyFileIsRefusedAtOnce() throws Exception {
        for (String kind : List.of("sealed", "dead")) {
            Path whole = kind.equals("sealed") ? sealed("s.damson") : dead("d.damson");
            List<Path> files = new ArrayList<>(list(whole));
            files.add(whole.resolve(".lock"));
            for (Path file : files) {
                Path trace = Files.createDirectory(dir.resolve(kind + file.getFileName()));
                for (Path each : list(whole)) {
                    Files.copy(each, trace.resolve(each.getFileName()));
                }
                Path pipe = trace.resolve(file.getFileName());
                Files.deleteIfExists(pipe);
                assertEquals(
                        0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
                String place = kind + " " + file.getFileName();
                boolean isLock = file.endsWith(".lock");
                if (!isLock) {
                    assertFalse(Traces.verify(trace).findings().isEmpty(), place);
                }
                try {
                    read(trace);
                    assertTrue(isLock, place);
                } catch (TraceFormatException e) {
                    assertTrue(e.getMessage().contains("regular file"), e.getMessage());
                }
                if (kind.equals("dead")) {
                    IOException e = assertThrows(IOException.class, () -> Traces.recover(trace), place);
                    assertTrue(e.getMessage().contains("regular file"), e.getMessage());
                }
            }
        }
    }

    @Test
    void aJournalIsReadThroughNoLink() throws IOException {
        Path trace = dead("t.damson");
        for (Path file : list(trace)) {
            if (file.toString().endsWith(".arrows")) {
                Path moved = dir.resolve(file.getFileName());
                Files.move(file, moved);
                Files.createSymbolicLink(file, moved);
                assertTrue(Files.isSymbolicLink(file) && Files.exists(file, LinkOption.NOFOLLOW_LINKS));
            }
        }
        assertThrows(IOException.class, () -> read(trace));
    }
}
