package org.damson.trace;

import static org.damson.trace.SeededTrace.expected;
import static org.damson.trace.SeededTrace.fill;
import static org.damson.trace.SeededTrace.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Traces of a killed recorder with files that are whole, but those of another trace or time, in another order, or gone. */
final class MixedFilesTest {
    private static final int ENTRY = 24;
    private static final int SNAPSHOTS = 40;

    @TempDir
    Path dir;

    /** What a killed recorder leaves: a batch for each ten snapshots, none sealed. */
    private Path dead(String name, int shiftNs) throws IOException {
        Path live = dir.resolve("live-" + name);
        Path dead = dir.resolve(name);
        try (TraceSink sink = Traces.create(live, new Manifest(), WriterOptions.LIVE)) {
            Snapshot s = new Snapshot();
            for (int i = 0; i < SNAPSHOTS; i++) {
                fill(s, i);
                s.startNs += shiftNs;
                s.endNs += shiftNs;
                sink.append(s);
                if (i % 10 == 9) {
                    sink.flush();
                }
            }
            Files.createDirectory(dead);
            for (Path file : files(live)) {
                Files.copy(file, dead.resolve(file.getFileName()));
            }
        }
        return dead;
    }

    private static List<Path> files(Path trace) throws IOException {
        try (var all = Files.list(trace)) {
            return all.filter(f -> !f.getFileName().toString().equals(".lock")).toList();
        }
    }

    private static void put(Path from, Path to, String prefix) throws IOException {
        for (Path file : files(from)) {
            if (file.getFileName().toString().startsWith(prefix)) {
                Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /** Nothing but rows that were written, verify finds it, and a recovery keeps the original. */
    private void assertFound(Path dead, String how) throws IOException {
        List<String> rows;
        try {
            rows = read(dead, TraceQuery.ALL);
        } catch (TraceFormatException e) {
            return; // every reader refuses it
        }
        List<String> written = expected().subList(0, SNAPSHOTS).stream()
                .map(line -> line.substring(line.indexOf(' ')))
                .toList();
        rows.forEach(line -> assertTrue(written.contains(line.substring(line.indexOf(' '))), how + ": " + line));
        assertFalse(Traces.verify(dead).findings().isEmpty(), how);
        RecoverReport report = Traces.recover(dead);
        assertTrue(report.lostNote().contains("the original is kept"), how + ": " + report.lostNote());
        assertEquals(List.of(), Traces.verify(dead).findings(), how);
    }

    @Test
    void journalsOfAnotherTraceAreNotTakenForItsOwn() throws IOException {
        Path other = dead("other.damson", 7);
        for (String table : List.of("regions-", "snapshots-")) {
            Path dead = dead(table + ".damson", 0);
            put(other, dead, table);
            if (table.equals("snapshots-")) {
                assertEquals(List.of(), read(dead, TraceQuery.ALL));
            }
            assertFound(dead, table);
        }
    }

    @Test
    void filesThatAreGoneAreMissed() throws IOException {
        for (String gone :
                List.of("regions-000000.index", "snapshots-000000.index", "regions-000000.arrows", "regions-")) {
            Path dead = dead("gone-" + gone + ".damson", 0);
            for (Path file : files(dead)) {
                if (file.getFileName().toString().startsWith(gone)) {
                    Files.delete(file);
                }
            }
            assertFound(dead, gone);
        }
    }

    @Test
    void anOlderManifestThatWasPutBackHidesNothing() throws IOException {
        Path path = dir.resolve("old.damson");
        byte[] older;
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.LIVE.segment(400, Long.MAX_VALUE))) {
            older = Files.readAllBytes(path.resolve("manifest.json"));
            Snapshot s = new Snapshot();
            for (int i = 0; i < SNAPSHOTS; i++) {
                fill(s, i);
                sink.append(s);
            }
        }
        Files.write(path.resolve("manifest.json"), older);
        assertFound(path, "older manifest");
        assertEquals(
                1,
                Files.list(dir)
                        .filter(p -> p.toString().endsWith(".unrecovered"))
                        .count());
    }

    @Test
    void whatIsNoPartOfASealedTraceIsNamed() throws IOException {
        Path path = dir.resolve("sealed.damson");
        SeededTrace.write(path, WriterOptions.BATCH);
        assertEquals(List.of(), Traces.verify(path).notes());
        Files.copy(path.resolve("snapshots-000000.parquet"), path.resolve("snapshots-000001.parquet"));
        VerifyReport report = Traces.verify(path);
        assertEquals(List.of(), report.findings());
        assertTrue(
                report.notes().toString().contains("snapshots-000001.parquet is not in the manifest"),
                report.notes()::toString);
    }

    @Test
    void batchesInAnotherOrderOrTwiceAreFound() throws IOException {
        int[][] orders = {{0, 0, 1, 2, 3}, {1, 0, 2, 3}, {0, 1, 3, 2}, {0, 2, 3}, {3, 2, 1, 0}, {0, 1, 1, 2, 3}};
        int[] whole = {0, 1, 2, 3};
        for (int[] order : orders) {
            String name = java.util.Arrays.toString(order).replaceAll("\\D", "");
            for (List<String> tables :
                    List.of(List.of("regions"), List.of("snapshots"), List.of("regions", "snapshots"))) {
                Path dead = dead(name + "-" + String.join("-", tables) + ".damson", 0);
                for (String table : tables) {
                    rearrange(dead, table, order);
                }
                assertFound(dead, name + " of " + tables);
            }
        }
        Path same = dead("same.damson", 0);
        rearrange(same, "regions", whole);
        assertEquals(expected().subList(0, SNAPSHOTS), read(same, TraceQuery.ALL));
        assertEquals(List.of(), Traces.verify(same).findings());
    }

    /** The same batches in another order, with an index that is right. */
    private static void rearrange(Path trace, String table, int[] order) throws IOException {
        Path dataFile = trace.resolve(table + "-000000.arrows");
        Path indexFile = trace.resolve(table + "-000000.index");
        byte[] data = Files.readAllBytes(dataFile);
        ByteBuffer index = ByteBuffer.wrap(Files.readAllBytes(indexFile));
        List<byte[]> batches = new ArrayList<>();
        for (int at = ENTRY; at < index.limit(); at += ENTRY) {
            byte[] batch = new byte[(int) index.getLong(at + 8)];
            System.arraycopy(data, (int) index.getLong(at), batch, 0, batch.length);
            batches.add(batch);
        }
        ByteArrayOutputStream newData = new ByteArrayOutputStream();
        ByteArrayOutputStream newIndex = new ByteArrayOutputStream();
        newIndex.write(index.array(), 0, ENTRY);
        for (int i : order) {
            byte[] batch = batches.get(i);
            ByteBuffer entry = ByteBuffer.allocate(ENTRY);
            entry.putLong(newData.size()).putLong(batch.length).putInt(crc(batch, batch.length));
            newIndex.writeBytes(entry.putInt(crc(entry.array(), ENTRY - 4)).array());
            newData.writeBytes(batch);
        }
        Files.write(dataFile, newData.toByteArray());
        Files.write(indexFile, newIndex.toByteArray());
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
