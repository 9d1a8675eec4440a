package org.damson.trace;

import static org.damson.trace.SeededTrace.expected;
import static org.damson.trace.SeededTrace.fill;
import static org.damson.trace.SeededTrace.read;
import static org.damson.trace.SeededTrace.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Traces that are cut short, damaged, newer than this version or in the way. */
final class DamagedTraceTest {
    @TempDir
    Path dir;

    @Test
    void readsATraceThatIsStillBeingRecordedAndRecoversOneWhoseRecorderDied() throws IOException {
        Path path = dir.resolve("t.damson");
        TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.LIVE.segment(400, Long.MAX_VALUE));
        Snapshot s = new Snapshot();
        for (int i = 0; i < 100; i++) {
            fill(s, i);
            sink.append(s);
        }
        sink.flush();
        fill(s, 100);
        sink.append(s);
        assertEquals(expected().subList(0, 100), read(path, TraceQuery.ALL));
        IOException busy = assertThrows(IOException.class, () -> Traces.recover(path));
        assertTrue(busy.getMessage().contains("another damson"), busy.getMessage());

        // What a killed recorder leaves: the same files, and no lock.
        Path dead = copiedAtOneInstant(path);
        Path torn = Files.list(dead)
                .filter(f -> f.getFileName().toString().matches("regions-.*\\.index"))
                .max(Path::compareTo)
                .orElseThrow();
        Files.write(torn, new byte[] {1, 2, 3}, java.nio.file.StandardOpenOption.APPEND);
        assertEquals(expected().subList(0, 100), read(dead, TraceQuery.ALL));
        RecoverReport report = Traces.recover(dead);
        assertTrue(report.rowsRecovered() > 0);
        assertEquals(expected().subList(0, 100), read(dead, TraceQuery.ALL));
        assertEquals(List.of(), Traces.verify(dead).findings());
        try (TraceSource trace = Traces.open(dead)) {
            assertEquals(Manifest.State.RECOVERED, trace.manifest().state);
        }
        sink.close();
        assertEquals(expected().subList(0, 101), read(path, TraceQuery.ALL));
    }

    @Test
    void aSnapshotOfAFlushThatWasCutShortIsLeftOutAndCounted() throws IOException {
        Path path = dir.resolve("t.damson");
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.LIVE)) {
            Snapshot s = new Snapshot();
            fill(s, 0);
            sink.append(s);
            fill(s, 1);
            sink.append(s);
            sink.flush();
            Path regionsOnly = copiedAtOneInstant(path);
            Path snapshotsOnly = dir.resolve("snapshots-only.damson");
            Files.createDirectory(snapshotsOnly);
            for (Path f : files(regionsOnly)) {
                Files.copy(f, snapshotsOnly.resolve(f.getFileName()));
            }
            fill(s, 2);
            sink.append(s);
            sink.flush();
            // A kill between the writes of the two journals; and what a loss of power may leave of them.
            for (String end : List.of(".arrows", ".index")) {
                for (Path dead : List.of(regionsOnly, snapshotsOnly)) {
                    String name = (dead == regionsOnly ? "regions" : "snapshots") + "-000000" + end;
                    Files.copy(path.resolve(name), dead.resolve(name), StandardCopyOption.REPLACE_EXISTING);
                }
            }
            long left = s.regions;
            for (Path dead : List.of(regionsOnly, snapshotsOnly)) {
                assertEquals(expected().subList(0, 2), read(dead, TraceQuery.ALL));
                assertEquals(List.of(), Traces.verify(dead).findings());
                RecoverReport report = Traces.recover(dead);
                String rows = "left out: " + Units.count(dead == regionsOnly ? left : 1, "row")
                        + " of an incomplete snapshot";
                assertTrue(report.lostNote().contains(rows), report.lostNote());
                assertEquals(expected().subList(0, 2), read(dead, TraceQuery.ALL));
                assertEquals(List.of(), Traces.verify(dead).findings());
            }
        }
    }

    @Test
    void refusesToOverwriteAndToWriteThroughALink() throws IOException {
        Path link = dir.resolve("link.damson");
        Files.createSymbolicLink(link, dir.resolve("elsewhere"));
        assertThrows(FileAlreadyExistsException.class, () -> write(link, WriterOptions.BATCH));
        assertFalse(Files.exists(dir.resolve("elsewhere")));
    }

    @Test
    void aManifestThatListsFilesMakesNoNewTrace() throws IOException {
        Path old = dir.resolve("old.damson");
        write(old, WriterOptions.BATCH);
        Path path = dir.resolve("new.damson");
        try (TraceSource trace = Traces.open(old)) {
            for (WriterOptions options : List.of(WriterOptions.LIVE, WriterOptions.BATCH)) {
                IllegalArgumentException e = assertThrows(
                        IllegalArgumentException.class, () -> Traces.create(path, trace.manifest(), options));
                assertTrue(e.getMessage().contains("already lists 3 files"), e.getMessage());
            }
        }
        try (var left = Files.list(dir)) {
            assertEquals(List.of(old), left.toList());
        }
    }

    @Test
    void saysThatANewerFormatIsNewer() throws IOException {
        Path path = dir.resolve("t.damson");
        write(path, WriterOptions.BATCH);
        Path manifest = path.resolve("manifest.json");
        Files.writeString(
                manifest, Files.readString(manifest).replace("\"format_version\": 2", "\"format_version\": 99"));
        TraceFormatException e = assertThrows(TraceFormatException.class, () -> Traces.open(path));
        assertTrue(e.getMessage().contains("format version 99"), e.getMessage());
    }

    @Test
    void aTableOfANewerVersionIsNamedAndLeftAlone() throws IOException {
        Path path = oneSnapshot();
        Path manifest = path.resolve("manifest.json");
        String text = Files.readString(manifest);
        int files = text.indexOf("\"files\": [\n") + "\"files\": [\n".length();
        String newer = text.substring(0, files)
                + "{\"name\":\"colours-000000.parquet\",\"table\":\"colours\",\"rows\":7,\"from_ns\":0,\"to_ns\":0,"
                + "\"sha256\":\"00\",\"size_bytes\":5},\n" + text.substring(files);
        Files.write(manifest, Manifests.withDigest(newer.replaceAll(",\n\"digest\": \"[0-9a-f]+\"", "")));
        try (TraceSource trace = Traces.open(path)) {
            assertEquals(Map.of("colours-000000.parquet", "colours"), trace.manifest().unknownFiles);
            assertEquals(1, trace.rowCount(Table.SNAPSHOTS));
        }
        VerifyReport report = Traces.verify(path);
        assertEquals(List.of(), report.findings());
        assertTrue(
                report.notes().toString().contains("table colours was written by a newer damson"),
                report.notes()::toString);
        Files.writeString(path.resolve("colours-000000.parquet"), "12345");
        Path zip = dir.resolve("b.damson.zip");
        Traces.bundle(path, zip);
        try (ZipFile bundle = new ZipFile(zip.toFile())) {
            assertEquals(5, bundle.getEntry("colours-000000.parquet").getSize());
        }
        assertEquals(List.of(), Traces.verify(zip).findings());
    }

    private Path oneSnapshot() throws IOException {
        Path path = dir.resolve("t.damson");
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
            Snapshot s = new Snapshot();
            fill(s, 1);
            sink.append(s);
        }
        return path;
    }

    @Test
    void everyTruncationOfATableIsOneClearError() throws IOException {
        Path path = oneSnapshot();
        Path regions = path.resolve("regions-000000.parquet");
        byte[] whole = Files.readAllBytes(regions);
        for (int n = 0; n < whole.length; n++) {
            Files.write(regions, java.util.Arrays.copyOf(whole, n));
            int length = n;
            TraceFormatException e = assertThrows(
                    TraceFormatException.class, () -> read(path, TraceQuery.ALL), () -> "cut to " + length);
            assertEquals(1, e.getMessage().lines().count());
        }
    }

    @Test
    void everyFlippedBitOfATableIsFoundByVerifyAndNeverCrashesAReader() throws IOException {
        Path path = oneSnapshot();
        Path regions = path.resolve("regions-000000.parquet");
        byte[] whole = Files.readAllBytes(regions);
        for (int bit = 0; bit < whole.length * 8; bit++) {
            byte[] damaged = whole.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(regions, damaged);
            try {
                read(path, TraceQuery.ALL);
            } catch (TraceFormatException e) {
                assertEquals(1, e.getMessage().lines().count());
            }
            if (bit % 97 == 0) {
                int at = bit;
                assertFalse(Traces.verify(path).findings().isEmpty(), () -> "bit " + at);
            }
        }
    }

    /**
     * A copy of a live trace without its lock. The sealer goes on renaming and removing files meanwhile, which a kill
     * would have stopped: a copy counts only if the same files were there before and after it.
     */
    private Path copiedAtOneInstant(Path live) throws IOException {
        for (int attempt = 0; ; attempt++) {
            Path copy = dir.resolve("dead-" + attempt + ".damson");
            Files.createDirectory(copy);
            List<Path> before = files(live);
            try {
                for (Path f : before) {
                    Files.copy(f, copy.resolve(f.getFileName()));
                }
            } catch (NoSuchFileException sealedMeanwhile) {
                continue;
            }
            if (files(live).equals(before)) {
                return copy;
            }
        }
    }

    private static List<Path> files(Path trace) throws IOException {
        try (var files = Files.list(trace)) {
            return files.filter(f -> !f.getFileName().toString().equals(".lock"))
                    .sorted()
                    .toList();
        }
    }
}
