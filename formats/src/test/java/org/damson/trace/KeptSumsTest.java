package org.damson.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.model.summary.HeatSums;
import org.damson.model.summary.SnapshotSums;
import org.damson.model.summary.SummarizedSnapshots;
import org.damson.trace.files.Columns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sums that traces keep: right in every trace that is written, checked where they are used, added to older ones. */
final class KeptSumsTest {
    private static final int ACCESSED = Table.SNAPSHOTS.indexOf("accessed");

    @TempDir
    Path dir;

    @Test
    void totalsOfMappingsTouchedInPartAreNotKeptNorLookedForAgain() throws IOException {
        Path path = dir.resolve("mappings.damson");
        try (TraceSink sink = Traces.createSummed(path, new Manifest(), WriterOptions.BATCH, 1)) {
            Snapshot s = new Snapshot();
            for (int i = 0; i < 5; i++) {
                fill(s, new Random(i), 20);
                s.columns = Snapshot.HAS_REFERENCED | Snapshot.HAS_AGE;
                s.startNs = i;
                s.endNs = i + 1;
                sink.append(s);
            }
        }
        assertTrue(isKept(path, Table.HEAT_AREAS));
        assertFalse(isKept(path, Table.TARGET_SUMS));
        assertEquals(List.of(), Traces.verify(path).findings());
        assertFalse(Traces.index(path));
    }

    /** Of a version that kept heat and no totals. */
    @Test
    void anIndexAddsTheTablesThatAreNotThereYet() throws IOException {
        Path path = writeLong("heat.damson");
        Map<String, String> whole = digests(path, Table.TARGET_SUMS);
        Manifest m = manifest(path);
        m.files.removeIf(f -> f.table() == Table.TARGET_SUMS);
        new SealedTables(path, m).writeManifest();
        for (String name : whole.keySet()) {
            Files.delete(path.resolve(name));
        }
        assertTrue(isKept(path, Table.HEAT_CELLS));
        assertTrue(Traces.index(path));
        assertEquals(
                List.copyOf(whole.values()),
                List.copyOf(digests(path, Table.TARGET_SUMS).values()));
        assertEquals(List.of(), Traces.verify(path).findings());
        assertFalse(Traces.index(path));
    }

    /** A snapshot of a random kind: of DAMON or of mappings touched in part, perhaps with writes, perhaps without regions. */
    private static void fill(Snapshot s, Random random, int regions) {
        s.clear();
        s.target = random.nextInt(2);
        s.sampleUs = 5_000;
        s.aggrUs = 100_000;
        s.columns = regions < 50 && random.nextInt(10) == 0
                ? Snapshot.HAS_REFERENCED | (random.nextBoolean() ? Snapshot.HAS_WRITTEN : 0)
                : Snapshot.HAS_AGE;
        s.reserve(regions);
        long at = 1L << 40;
        for (int i = 0; i < regions; i++) {
            long end = at + 4096L * (1 + random.nextInt(1000));
            int r = s.add(at, end, Math.max(0, random.nextInt(25) - 3), 1);
            s.referencedMean[r] = random.nextInt(2) * (end - at) / 3;
            s.referencedMax[r] = s.referencedMean[r];
            s.writtenMean[r] = random.nextInt(3) - 1L;
            at = end + (i == regions / 2 ? 1L << 36 : 0);
        }
    }

    private Path write(String name, Random random, WriterOptions options, int snapshots, int regions)
            throws IOException {
        Path path = dir.resolve(name);
        try (TraceSink sink = Traces.create(path, new Manifest(), options)) {
            Snapshot s = new Snapshot();
            for (int i = 0; i < snapshots; i++) {
                fill(s, random, regions < 50 ? random.nextInt(regions) : regions);
                s.startNs = i * 100_000_000L + random.nextInt(1000);
                s.endNs = (i + 1) * 100_000_000L;
                sink.append(s);
                if (i % 7 == 0) {
                    sink.flush();
                }
            }
        }
        return path;
    }

    private Path writeLong(String name) throws IOException {
        return write(name, new Random(5), WriterOptions.BATCH, 70, 1000);
    }

    /** Makes a trace as versions without sums wrote it. */
    static void takeSumsOut(Path path) throws IOException {
        change(path, rows -> {
            for (int c = ACCESSED; c < Table.SNAPSHOTS.columns().size(); c++) {
                rows.setPresent(c, false);
            }
        });
        Manifest m = manifest(path);
        for (Manifest.FileEntry f : List.copyOf(m.files)) {
            if (f.table().isDerived()) {
                m.files.remove(f);
                Files.delete(path.resolve(f.name()));
            }
        }
        ManifestKey.SUMMED_ROWS.remove(m.recording);
        new SealedTables(path, m).writeManifest();
    }

    private interface Change {
        void of(Batch snapshots);
    }

    /** Writes the table of snapshots anew; the manifest has its digest then. */
    private static void change(Path path, Change change) throws IOException {
        Batch all = new Batch(Table.SNAPSHOTS);
        try (TraceSource trace = Traces.open(path);
                TraceSource.BatchCursor cursor = trace.rows(Table.SNAPSHOTS)) {
            for (Batch b = cursor.next(); b != null; b = cursor.next()) {
                all.append(b);
                all.setPresentAs(b);
            }
        }
        change.of(all);
        Manifest m = manifest(path);
        SealedTables sealed = new SealedTables(path, m);
        for (Manifest.FileEntry f : List.copyOf(m.files)) {
            if (f.table() == Table.SNAPSHOTS) {
                m.files.remove(f);
                Files.delete(path.resolve(f.name()));
            }
        }
        m.files.add(sealed.write(Table.SNAPSHOTS, Columns.of(all), 999));
        sealed.writeManifest();
    }

    private static Manifest manifest(Path path) throws IOException {
        try (TraceSource trace = Traces.open(path)) {
            return trace.manifest();
        }
    }

    private static boolean isKept(Path path, Table table) throws IOException {
        try (TraceSource trace = Traces.open(path)) {
            return trace.isKept(table);
        }
    }

    private static List<String> read(Path path) throws IOException {
        List<String> lines = new ArrayList<>();
        Snapshot s = new Snapshot();
        try (TraceSource trace = Traces.open(path);
                TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
            while (cursor.next(s)) {
                lines.add(SeededTrace.describe(s));
            }
        }
        return lines;
    }

    private static Map<String, String> digests(Path path, Table table) throws IOException {
        Map<String, String> digests = new TreeMap<>();
        manifest(path).files.stream().filter(f -> f.table() == table).forEach(f -> digests.put(f.name(), f.sha256()));
        return digests;
    }

    @Test
    void everyTraceKeepsTheSumsOfItsSnapshots() throws IOException {
        Random random = new Random(1);
        int summed = 0;
        for (int round = 0; round < 8; round++) {
            WriterOptions options = round % 2 == 0
                    ? WriterOptions.BATCH.segment(50 + random.nextInt(50), Long.MAX_VALUE)
                    : WriterOptions.LIVE.segment(50 + random.nextInt(50), Long.MAX_VALUE);
            Path path = write("t" + round + ".damson", random, options, 30, 20);
            assertEquals(List.of(), Traces.verify(path).findings());
            SnapshotSums sums = new SnapshotSums();
            Snapshot s = new Snapshot();
            try (TraceSource trace = Traces.open(path);
                    TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL);
                    SummarizedSnapshots kept = SummarizedSnapshots.open(trace, TraceQuery.ALL)) {
                assertTrue(trace.isKept(Table.SNAPSHOTS));
                assertEquals(List.of(), trace.refusals());
                while (cursor.next(s)) {
                    assertTrue(kept.next() && kept.hasSums());
                    sums.of(s);
                    assertTrue(sums.equalTo(kept.sums()));
                    assertEquals(s.regions, kept.regions());
                    assertEquals(plainTouched(s), kept.sums().touchedBytes());
                    summed++;
                }
                assertFalse(kept.next());
            }
        }
        assertEquals(8 * 30, summed);
    }

    private static long plainTouched(Snapshot s) {
        long sum = 0;
        for (int i = 0; i < s.regions; i++) {
            long size = s.end[i] - s.start[i];
            sum += s.nrAccesses[i] == 0
                    ? 0
                    : s.has(Snapshot.HAS_REFERENCED) ? Math.min(size, s.referencedMean[i]) : size;
        }
        return sum;
    }

    @Test
    void olderTracesAreReadAndGetSumsWhileTheirRegionsStay() throws IOException {
        Path path = writeLong("old.damson");
        List<String> before = read(path);
        takeSumsOut(path);
        assertFalse(isKept(path, Table.SNAPSHOTS));
        assertEquals(List.of(), Traces.verify(path).findings());
        assertEquals(before, read(path));
        Map<String, String> regions = digests(path, Table.REGIONS);

        assertTrue(Traces.index(path));
        assertFalse(Traces.index(path));

        for (Table table : List.of(Table.SNAPSHOTS, Table.HEAT_AREAS, Table.HEAT_CELLS, Table.TARGET_SUMS)) {
            assertTrue(isKept(path, table), table.name());
        }
        assertEquals(List.of(), Traces.verify(path).findings());
        assertEquals(before, read(path));
        assertEquals(regions, digests(path, Table.REGIONS));
        try (Stream<Path> files = Files.list(path)) {
            assertEquals(manifest(path).files.size() + 1, files.count());
        }
    }

    @Test
    void sumsOfOtherRowsAreNotUsedAndFound() throws IOException {
        Path path = write("t.damson", new Random(2), WriterOptions.BATCH, 80, 60);
        change(path, rows -> rows.set(ACCESSED, 7, rows.get(ACCESSED, 7) + 4096));
        try (TraceSource trace = Traces.open(path)) {
            assertFalse(trace.isKept(Table.SNAPSHOTS));
            assertEquals(1, trace.refusals().size());
            assertTrue(trace.refusals().get(0).contains("belong to other rows"), trace.refusals()::toString);
        }
        List<String> findings = Traces.verify(path).findings();
        assertEquals(2, findings.size(), findings::toString);
        assertTrue(findings.get(0).contains("snapshot 7: the stored sums"), findings::toString);

        // Who changes the manifest's word too is found by who reads the rows.
        Manifest m = manifest(path);
        KeptSums.bind(m);
        new SealedTables(path, m).writeManifest();
        findings = Traces.verify(path).findings();
        assertEquals(1, findings.size(), findings::toString);
        assertTrue(findings.get(0).contains("snapshot 7: the stored sums"), findings::toString);
    }

    @Test
    void damagedOrMissingHeatIsNotUsedAndMadeAnew() throws IOException {
        for (int round = 0; round < 4; round++) {
            Path path = writeLong("t" + round + ".damson");
            List<String> before = read(path);
            Path file = path.resolve("heat_cells-000000.parquet");
            byte[] bytes = Files.readAllBytes(file);
            switch (round) {
                case 0 -> Files.delete(file);
                case 1 -> Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length / 2));
                case 2 -> {
                    bytes[bytes.length / 2] ^= 1;
                    Files.write(file, bytes);
                }
                default -> {
                    bytes[bytes.length - 20] ^= 1; // of the footer, which has no checksum
                    Files.write(file, bytes);
                }
            }
            try (TraceSource trace = Traces.open(path)) {
                assertTrue(trace.isKept(Table.HEAT_AREAS));
                assertFalse(trace.isKept(Table.HEAT_CELLS));
                assertEquals(1, trace.refusals().size());
                assertTrue(trace.refusals().get(0).contains("heat_cells-000000.parquet differs"));
            }
            assertFalse(Traces.verify(path).findings().isEmpty());
            assertEquals(before, read(path));
            assertTrue(Traces.index(path));
            assertEquals(List.of(), Traces.verify(path).findings());
            assertTrue(isKept(path, Table.HEAT_CELLS));
        }
    }

    @Test
    void heatThatIsNotThatOfItsRowsIsFound() throws IOException {
        Path path = writeLong("t.damson");
        Manifest m = manifest(path);
        for (Table table : List.of(Table.HEAT_AREAS, Table.HEAT_CELLS, Table.TARGET_SUMS)) {
            Batch rows = new Batch(table);
            try (TraceSource trace = Traces.open(path);
                    TraceSource.BatchCursor cursor = trace.rows(table)) {
                for (Batch b = cursor.next(); b != null; b = cursor.next()) {
                    rows.append(b);
                }
            }
            int low = table.indexOf(table == Table.TARGET_SUMS ? "low" : "heat_low");
            rows.set(low, 1, rows.get(low, 1) ^ 1);
            m.files.removeIf(f -> f.table() == table);
            m.files.add(new SealedTables(path, m).write(table, Columns.of(rows), 5));
        }
        new SealedTables(path, m).writeManifest();
        List<String> findings = Traces.verify(path).findings();
        assertEquals(3, findings.size(), findings::toString);
        assertTrue(
                findings.get(2).contains("target_sums: the stored sums do not match its regions"), findings::toString);
        assertTrue(
                findings.get(0).contains("heat_areas: the stored sums do not match its regions"), findings::toString);
        assertTrue(
                findings.get(1).contains("heat_cells: the stored sums do not match its regions"), findings::toString);
    }

    @Test
    void heatIsReadAsItWasMade() throws IOException {
        Path path = writeLong("t.damson");
        HeatSums made = new HeatSums();
        Snapshot s = new Snapshot();
        try (TraceSource trace = Traces.open(path);
                TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
            while (cursor.next(s)) {
                made.add(s);
            }
            assertTrue(made.finish(0));
            assertEquals(made.cells().rows(), HeatSums.readCells(trace).rows());
            assertEquals(made.cells().cols(), HeatSums.readCells(trace).cols());
            assertEquals(made.areas().keySet(), HeatSums.readAreas(trace).keySet());
        }
    }

    @Test
    void recoveredMergedAndCopiedTracesKeepThem() throws IOException {
        Path from = writeLong("from.damson");
        takeSumsOut(from);
        Path copy = dir.resolve("copy.damson");
        Path merged = dir.resolve("merged.damson");
        try (TraceSource trace = Traces.open(from);
                TraceSource other = Traces.open(from)) {
            try (TraceSink sink = Traces.create(copy, new Manifest(), WriterOptions.BATCH)) {
                Traces.copy(trace, TraceQuery.ALL, sink);
            }
            try (TraceSink sink = Traces.create(merged, new Manifest(), WriterOptions.BATCH)) {
                Traces.merge(List.of(trace, other), sink);
            }
        }
        Path dead = dir.resolve("dead.damson");
        TraceSink sink = Traces.create(dead, new Manifest(), WriterOptions.LIVE);
        Snapshot s = new Snapshot();
        for (int i = 0; i < 70; i++) {
            fill(s, new Random(i), 1000);
            s.startNs = i;
            s.endNs = i + 1;
            sink.append(s);
        }
        sink.flush();
        Path left = dir.resolve("left.damson");
        Files.createDirectory(left);
        try (Stream<Path> files = Files.list(dead)) {
            for (Path f : files.toList()) {
                Files.copy(f, left.resolve(f.getFileName()));
            }
        }
        sink.close();
        assertTrue(isKept(left, Table.SNAPSHOTS), "of a trace that is being recorded, those of its journal");
        assertThrows(TraceFormatException.class, () -> Traces.index(left));
        Traces.recover(left);
        for (Path path : List.of(copy, merged, left)) {
            for (Table table : List.of(Table.SNAPSHOTS, Table.HEAT_AREAS, Table.HEAT_CELLS, Table.TARGET_SUMS)) {
                assertTrue(isKept(path, table), path + " " + table);
            }
            assertEquals(List.of(), Traces.verify(path).findings());
        }
    }

    @Test
    void shortTracesDoWithout() throws IOException {
        Path few = write("few.damson", new Random(3), WriterOptions.BATCH, 68, 60);
        Path more = write("more.damson", new Random(3), WriterOptions.BATCH, 69, 60);
        Path live = write("live.damson", new Random(3), WriterOptions.LIVE, 68, 60);
        assertFalse(isKept(few, Table.SNAPSHOTS));
        assertFalse(isKept(live, Table.SNAPSHOTS));
        assertTrue(isKept(more, Table.SNAPSHOTS));
        for (Path path : List.of(few, more, live)) {
            assertEquals(List.of(), Traces.verify(path).findings());
        }
        assertTrue(Traces.index(few));
        assertTrue(isKept(few, Table.SNAPSHOTS));
    }
}
