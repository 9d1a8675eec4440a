package org.damson.trace;

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
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TracesTest {
    private static final int SNAPSHOTS = 300;

    @TempDir
    Path dir;

    /** Snapshot {@code i} of a seeded trace: always the same. */
    private static void fill(Snapshot s, int i) {
        Random random = new Random(1000 + i);
        s.clear();
        s.target = i % 2 == 0 ? 0 : -1;
        s.startNs = i * 100L;
        s.endNs = i * 100L + 100;
        s.sampleUs = 5_000;
        s.aggrUs = 100_000;
        s.columns = Snapshot.HAS_AGE;
        long at = i % 3 == 0 ? 0 : 0x7fff_0000_0000L;
        for (int r = 0; r < 1 + random.nextInt(40); r++) {
            long end = at + 4096L * (1 + random.nextInt(1000));
            s.add(at, end, random.nextInt(21), random.nextInt(500));
            at = end + (random.nextInt(3) == 0 ? 8192 : 0);
        }
    }

    private static void write(Path path, WriterOptions options) throws IOException {
        try (TraceSink sink = Traces.create(path, new Manifest(), options)) {
            Snapshot s = new Snapshot();
            for (int i = 0; i < SNAPSHOTS; i++) {
                fill(s, i);
                sink.append(s);
                if (i % 10 == 0) {
                    sink.flush();
                }
            }
            Batch losses = new Batch(Table.LOSSES);
            losses.add(5, 6, "ring", 7, "overrun, \"quoted\" ü");
            sink.append(losses);
        }
    }

    private static List<String> read(Path path, TraceQuery query) throws IOException {
        List<String> lines = new ArrayList<>();
        Snapshot s = new Snapshot();
        try (TraceSource trace = Traces.open(path);
                TraceSource.SnapshotCursor cursor = trace.snapshots(query)) {
            while (cursor.next(s)) {
                lines.add(describe(s));
            }
        }
        return lines;
    }

    private static String describe(Snapshot s) {
        StringBuilder b = new StringBuilder();
        b.append(s.id)
                .append(' ')
                .append(s.target)
                .append(' ')
                .append(s.startNs)
                .append(' ')
                .append(s.endNs);
        for (int r = 0; r < s.regions; r++) {
            b.append(" %x-%x:%d/%d".formatted(s.start[r], s.end[r], s.nrAccesses[r], s.age[r]));
        }
        return b.toString();
    }

    private static List<String> expected() {
        List<String> lines = new ArrayList<>();
        Snapshot s = new Snapshot();
        for (int i = 0; i < SNAPSHOTS; i++) {
            fill(s, i);
            s.id = i;
            lines.add(describe(s));
        }
        return lines;
    }

    @ParameterizedTest
    @ValueSource(longs = {100, 1000, 1 << 19})
    void returnsWhatWasWrittenThroughAnySegmentSize(long segmentRows) throws IOException {
        for (WriterOptions options : List.of(WriterOptions.LIVE, WriterOptions.BATCH)) {
            Path path = dir.resolve("t-" + options.live() + ".damson");
            write(path, options.segment(segmentRows, Long.MAX_VALUE));
            assertEquals(expected(), read(path, TraceQuery.ALL));
            assertEquals(List.of(), Traces.verify(path).findings());
        }
    }

    @Test
    void moreRowsThanAMergedFileHoldsGoIntoSeveralInTheirOrder() throws IOException {
        Path path = dir.resolve("t.damson");
        DirectorySink sink = new DirectorySink(path, new Manifest(), WriterOptions.LIVE.segment(200, Long.MAX_VALUE));
        sink.sealed.mergedRows = 1000;
        Snapshot s = new Snapshot();
        for (int i = 0; i < SNAPSHOTS; i++) {
            fill(s, i);
            if (i >= 200) {
                s.columns = 0; // other columns cannot go into the same file
            }
            sink.append(s);
        }
        sink.close();
        try (TraceSource trace = Traces.open(path)) {
            List<Manifest.FileEntry> regions = trace.manifest().files.stream()
                    .filter(f -> f.table() == Table.REGIONS)
                    .toList();
            assertEquals(3, regions.size(), regions::toString);
            assertTrue(regions.stream().allMatch(f -> f.rows() <= 1000), regions::toString);
            assertEquals(
                    1,
                    trace.manifest().files.stream()
                            .filter(f -> f.table() == Table.SNAPSHOTS)
                            .count());
        }
        assertEquals(expected().subList(0, 200), read(path, TraceQuery.ALL).subList(0, 200));
        assertEquals(SNAPSHOTS, read(path, TraceQuery.ALL).size());
        assertEquals(List.of(), Traces.verify(path).findings());
    }

    @Test
    void wholeRowGroupsAreTakenOverAsTheyAre() throws Exception {
        Path path = dir.resolve("t.damson");
        int perSnapshot = 100_000;
        try (TraceSink sink =
                Traces.create(path, new Manifest(), WriterOptions.LIVE.segment(3 * perSnapshot, Long.MAX_VALUE))) {
            Snapshot s = new Snapshot();
            for (int i = 0; i < 7; i++) {
                s.clear();
                s.startNs = i;
                s.endNs = i + 1;
                s.columns = Snapshot.HAS_AGE;
                for (int r = 0; r < perSnapshot; r++) {
                    s.add(r * 8192L, r * 8192L + 4096, (r + i) % 20, i);
                }
                sink.append(s);
            }
        }
        try (TraceSource trace = Traces.open(path)) {
            assertEquals(2, trace.manifest().files.size(), () -> trace.manifest()
                    .files
                    .toString());
        }
        assertEquals(List.of(), Traces.verify(path).findings());
        try (ParquetTableReader reader = ParquetTableReader.open(regionsOf(path), Table.REGIONS)) {
            assertEquals(3, reader.rowGroups());
            assertEquals(3 * perSnapshot, reader.rows(0));
            assertEquals(perSnapshot, reader.rows(2));
        }
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                ResultSet row = duck.createStatement()
                        .executeQuery(
                                "select count(*), sum(nr_accesses), max(snapshot_id), count(distinct start) from '"
                                        + regionsOf(path) + "'")) {
            assertTrue(row.next());
            assertEquals(7 * perSnapshot, row.getLong(1));
            assertEquals(7 * perSnapshot / 20 * 190L, row.getLong(2));
            assertEquals(6, row.getLong(3));
            assertEquals(perSnapshot, row.getLong(4));
        }
    }

    private static Path regionsOf(Path trace) throws IOException {
        try (var files = Files.list(trace)) {
            return files.filter(f -> f.getFileName().toString().startsWith("regions-"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void leavesNothingBehindButTablesAndManifest() throws IOException {
        Path path = dir.resolve("t.damson");
        write(path, WriterOptions.LIVE.segment(500, Long.MAX_VALUE));
        try (var files = Files.list(path)) {
            List<String> names = files.map(f -> f.getFileName().toString().replaceAll("[0-9]{6}", "N"))
                    .sorted()
                    .toList();
            assertEquals(
                    List.of("losses-N.parquet", "manifest.json", "regions-N.parquet", "snapshots-N.parquet"), names);
        }
    }

    @Test
    void isForItsOwnerAlone() throws IOException {
        Path path = dir.resolve("t.damson");
        write(path, WriterOptions.BATCH);
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
        try (var files = Files.list(path)) {
            for (Path f : files.toList()) {
                assertEquals(
                        "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(f)), f.toString());
            }
        }
    }

    @Test
    void duckDbReadsTheSameRows() throws Exception {
        Path path = dir.resolve("t.damson");
        write(path, WriterOptions.BATCH.segment(700, Long.MAX_VALUE));
        long rows = 0;
        long accesses = 0;
        long bytes = 0;
        long ages = 0;
        Snapshot s = new Snapshot();
        for (int i = 0; i < SNAPSHOTS; i++) {
            fill(s, i);
            rows += s.regions;
            bytes += s.bytes();
            for (int r = 0; r < s.regions; r++) {
                accesses += s.nrAccesses[r];
                ages += s.age[r];
            }
        }
        try (Connection c = DriverManager.getConnection("jdbc:duckdb:");
                Statement q = c.createStatement();
                ResultSet r = q.executeQuery("select count(*), sum(nr_accesses), sum(\"end\" - start), sum(age) from '"
                        + path + "/regions-*.parquet'")) {
            assertTrue(r.next());
            assertEquals(rows, r.getLong(1));
            assertEquals(accesses, r.getLong(2));
            assertEquals(bytes, r.getLong(3));
            assertEquals(ages, r.getLong(4));
        }
    }

    @Test
    void queriesGiveTheMatchingPart() throws IOException {
        Path path = dir.resolve("t.damson");
        write(path, WriterOptions.BATCH.segment(300, Long.MAX_VALUE));
        assertEquals(expected().subList(40, 60), read(path, TraceQuery.ALL.snapshots(40, 60)));
        assertEquals(expected().subList(10, 20), read(path, TraceQuery.ALL.time(1000, 2000)));
        assertEquals(SNAPSHOTS / 2, read(path, TraceQuery.ALL.target(-1L)).size());
        List<String> joined = new ArrayList<>();
        try (TraceSource trace = Traces.open(path)) {
            for (TraceQuery part : trace.split(TraceQuery.ALL, 7)) {
                joined.addAll(read(path, part));
            }
        }
        assertEquals(expected(), joined);
    }

    @Test
    void clipsRegionsToAnAddressRange() throws IOException {
        Path path = dir.resolve("t.damson");
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
            Snapshot s = new Snapshot();
            s.add(0, 100, 1, 0);
            s.add(100, 200, 2, 0);
            s.add(0xffff_ffff_0000_0000L, 0xffff_ffff_0000_1000L, 3, 0);
            sink.append(s);
        }
        Snapshot s = new Snapshot();
        try (TraceSource trace = Traces.open(path);
                TraceSource.SnapshotCursor cursor =
                        trace.snapshots(TraceQuery.ALL.address(50, 0xffff_ffff_0000_0800L))) {
            assertTrue(cursor.next(s));
            assertEquals(3, s.regions);
            assertEquals(50, s.start[0]);
            assertEquals(0xffff_ffff_0000_0800L, s.end[2]);
            assertFalse(s.has(Snapshot.HAS_AGE));
        }
    }

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
                String rows = (dead == regionsOnly ? left : 1) + " rows of a snapshot that was not whole are left out";
                assertTrue(report.lostNote().contains(rows), report.lostNote());
                assertEquals(expected().subList(0, 2), read(dead, TraceQuery.ALL));
                assertEquals(List.of(), Traces.verify(dead).findings());
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

    @Test
    void aBundleReadsLikeItsDirectory() throws IOException {
        Path path = dir.resolve("t.damson");
        write(path, WriterOptions.BATCH);
        Path zip = dir.resolve("t.damson.zip");
        Traces.bundle(path, zip);
        assertEquals(expected(), read(zip, TraceQuery.ALL));
        assertEquals(List.of(), Traces.verify(zip).findings());
        assertThrows(FileAlreadyExistsException.class, () -> Traces.bundle(path, zip));
    }

    @Test
    void slicesAndMergesGiveBackTheWhole() throws IOException {
        Path path = dir.resolve("t.damson");
        write(path, WriterOptions.BATCH);
        List<TraceSource> parts = new ArrayList<>();
        try (TraceSource trace = Traces.open(path)) {
            for (int i = 0; i < 3; i++) {
                Path part = dir.resolve("part" + i + ".damson");
                try (TraceSink sink = Traces.create(part, new Manifest(), WriterOptions.BATCH)) {
                    Traces.copy(trace, TraceQuery.ALL.snapshots(i * 100, i * 100 + 100), sink);
                }
                parts.add(Traces.open(part));
            }
        }
        Path merged = dir.resolve("merged.damson");
        try (TraceSink sink = Traces.create(merged, new Manifest(), WriterOptions.BATCH)) {
            Traces.merge(parts, sink);
        }
        assertEquals(expected(), read(merged, TraceQuery.ALL));
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
                manifest, Files.readString(manifest).replace("\"format_version\": 1", "\"format_version\": 99"));
        TraceFormatException e = assertThrows(TraceFormatException.class, () -> Traces.open(path));
        assertTrue(e.getMessage().contains("format version 99"), e.getMessage());
    }

    @Test
    void everyTruncationOfATableIsOneClearError() throws IOException {
        Path path = dir.resolve("t.damson");
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
            Snapshot s = new Snapshot();
            fill(s, 1);
            sink.append(s);
        }
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
        Path path = dir.resolve("t.damson");
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
            Snapshot s = new Snapshot();
            fill(s, 1);
            sink.append(s);
        }
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

    @Test
    void agesSurviveSnapshotsWithoutRegionsAroundThem() throws IOException {
        Path path = dir.resolve("gaps.damson");
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
            Snapshot s = new Snapshot();
            for (int i = 0; i < 6; i++) {
                s.clear();
                s.startNs = i;
                s.endNs = i + 1;
                if (i % 3 == 1) {
                    s.columns = Snapshot.HAS_AGE;
                    s.add(4096, 8192, 1, 7 + i);
                }
                sink.append(s);
            }
        }
        assertEquals(
                List.of("0 0 0 1", "1 0 1 2 1000-2000:1/8", "2 0 2 3", "3 0 3 4", "4 0 4 5 1000-2000:1/11", "5 0 5 6"),
                read(path, TraceQuery.ALL));
        try (Stream<Path> files = Files.list(path)) {
            assertEquals(
                    1,
                    files.filter(f -> f.getFileName().toString().startsWith("regions"))
                            .count());
        }
    }
}
