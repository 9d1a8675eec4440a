package org.damson.trace;

import static org.damson.trace.SeededTrace.SNAPSHOTS;
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
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.parquet.ParquetTableReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TracesTest {
    @TempDir
    Path dir;

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
