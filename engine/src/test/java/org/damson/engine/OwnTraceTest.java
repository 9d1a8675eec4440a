package org.damson.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.damson.api.Snapshot;
import org.damson.api.Trace;
import org.damson.api.TraceWriter;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnTraceTest {
    @TempDir
    Path dir;

    /** Two snapshots of 100 ms; 64 KiB in use in the first, 192 KiB in the second: mean 128 KiB. */
    @Test
    void whatIsWrittenIsRead() throws IOException {
        Path path = dir.resolve("own.damson");
        try (TraceWriter writer = TraceWriter.create(path, 5_000, 100_000)) {
            writer.write(Snapshot.builder(7)
                    .time(0, 100)
                    .region(0x10000, 0x20000, 20, 0)
                    .region(0x20000, 0x40000, 0, 3)
                    .build());
            assertFalse(Files.exists(path), "it has its name when it is complete");
            writer.write(Snapshot.builder(7)
                    .time(100, 200)
                    .intervals(10_000, 100_000)
                    .region(0x10000, 0x40000, 1, 1)
                    .region(0xffff_ffff_ffff_0000L, 0xffff_ffff_ffff_f000L, 0, 0)
                    .build());
        }
        assertEquals(List.of(), Traces.verify(path).findings());
        try (Trace trace = Trace.open(path);
                Stream<Snapshot> all = trace.snapshots()) {
            List<Snapshot> read = all.toList();
            assertEquals(2, read.size());
            assertEquals(0x20000, read.get(0).start(1));
            assertEquals(3, read.get(0).age(1));
            assertEquals(20, read.get(0).maxAccesses());
            assertEquals(10, read.get(1).maxAccesses());
            assertEquals(0xffff_ffff_ffff_0000L, read.get(1).start(1));
            assertEquals("program", trace.info().source());
            assertTrue(trace.info().areIntervalsKnown());
            assertEquals(131_072, trace.workingSet().total().meanBytes());
        }
    }

    @Test
    void aCopyKeepsEveryColumn() throws IOException {
        Path from = dir.resolve("original.damson");
        Manifest manifest = new Manifest();
        try (TraceSink sink = Traces.create(from, manifest, WriterOptions.BATCH)) {
            org.damson.model.Snapshot s = new org.damson.model.Snapshot();
            s.kdamond = 2;
            s.endNs = 100;
            s.sampleUs = 5_000;
            s.aggrUs = 100_000;
            s.lost = 3;
            s.columns = org.damson.model.Snapshot.HAS_AGE
                    | org.damson.model.Snapshot.HAS_REFERENCED
                    | org.damson.model.Snapshot.HAS_WRITTEN;
            s.reserve(1);
            s.add(0x1000, 0x5000, 4, 5);
            s.referencedMin[0] = 0x1000;
            s.referencedMean[0] = 0x2000;
            s.referencedMax[0] = 0x3000;
            s.writtenMean[0] = 0x1000;
            sink.append(s);
        }
        Path to = dir.resolve("copy.damson");
        try (Trace trace = Trace.open(from);
                Stream<Snapshot> all = trace.snapshots();
                TraceWriter writer = TraceWriter.create(to, 5_000, 100_000)) {
            for (Snapshot s : (Iterable<Snapshot>) all::iterator) {
                assertEquals(0x2000, s.referencedBytes(0));
                writer.write(s);
            }
        }
        assertEquals(1, regions(to).size());
        assertEquals(regions(from), regions(to));
    }

    private static List<String> regions(Path path) throws IOException {
        try (TraceSource trace = Traces.open(path);
                TraceSource.BatchCursor cursor = trace.rows(Table.REGIONS)) {
            List<String> rows = new ArrayList<>();
            for (Batch b; (b = cursor.next()) != null; ) {
                for (int r = 0; r < b.rows(); r++) {
                    StringBuilder row = new StringBuilder();
                    for (int c = 0; c < b.table().columns().size(); c++) {
                        row.append(b.get(c, r)).append(' ');
                    }
                    rows.add(row.toString());
                }
            }
            return rows;
        }
    }

    @Test
    void whatBreaksARuleIsRefusedAndTheRestIsKept() throws IOException {
        Path path = dir.resolve("rules.damson");
        try (TraceWriter writer = TraceWriter.create(path, 5_000, 100_000)) {
            writer.write(Snapshot.builder(1).time(0, 100).region(0, 4096, 1, 0).build());
            for (Snapshot wrong : List.of(
                    Snapshot.builder(1).time(100, 100).build(),
                    Snapshot.builder(1).time(0, 99).build(),
                    Snapshot.builder(1).time(100, 200).intervals(0, 100).build(),
                    Snapshot.builder(1).time(100, 200).intervals(200, 100).build(),
                    Snapshot.builder(1).time(100, 200).region(4096, 4096, 0, 0).build(),
                    Snapshot.builder(1).time(100, 200).region(-4096, 4096, 0, 0).build(),
                    Snapshot.builder(1).time(100, 200).region(0, 4096, -1, 0).build(),
                    Snapshot.builder(1)
                            .time(100, 200)
                            .region(0, 8192, 0, 0)
                            .region(4096, 12288, 0, 0)
                            .build(),
                    Snapshot.builder(1)
                            .time(100, 200)
                            .region(8192, 12288, 0, 0)
                            .region(0, 4096, 0, 0)
                            .build())) {
                assertThrows(IllegalArgumentException.class, () -> writer.write(wrong), wrong::toString);
            }
        }
        try (Trace trace = Trace.open(path)) {
            assertEquals(1, trace.info().snapshots());
        }
    }

    @Test
    void whatIsGivenUpLeavesNothing() throws IOException {
        Path path = dir.resolve("given-up.damson");
        try (TraceWriter writer = TraceWriter.create(path, 5_000, 100_000)) {
            writer.write(Snapshot.builder(1).time(0, 100).region(0, 4096, 1, 0).build());
            writer.abort();
            assertThrows(
                    IllegalStateException.class,
                    () -> writer.write(Snapshot.builder(1).time(0, 100).build()));
        }
        try (Stream<Path> left = Files.list(dir)) {
            assertEquals(0, left.count());
        }
        Files.createDirectory(path);
        assertThrows(FileAlreadyExistsException.class, () -> TraceWriter.create(path, 5_000, 100_000));
        assertThrows(IllegalArgumentException.class, () -> TraceWriter.create(dir.resolve("x"), 0, 100_000));
        assertThrows(IllegalArgumentException.class, () -> TraceWriter.create(dir.resolve("x"), 5_000, 4_000));
    }
}
