package org.damson.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.Util;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceSink;
import org.damson.trace.files.Columns;
import org.damson.trace.files.SafeFiles;
import org.damson.trace.parquet.ParquetTableReader;
import org.damson.trace.parquet.ParquetTableWriter;
import org.junit.jupiter.api.Test;

/** Damage of every kind: one clear line, bounded memory, and nothing read that was not written. */
final class BadInputTest extends StoredTraces {
    private static final long TEN_GB = 10_000_000_000L;

    /** What reading a trace of a few kilobytes may allocate, whatever it claims. */
    private static final long MAX_BYTES = 64 << 20;

    @Test
    void aBundleCutAtAnyByteIsRefused() throws IOException {
        Path zip = dir.resolve("t.damson.zip");
        Traces.bundle(sealed("t.damson"), zip);
        byte[] whole = Files.readAllBytes(zip);
        for (int n = 0; n < whole.length; n++) {
            Files.write(zip, Arrays.copyOf(whole, n));
            assertTrue(isRefused(zip, List.of(), "cut to " + n), "cut to " + n);
        }
    }

    @Test
    void aManifestCutOrWithAnyBitFlippedIsRefusedOrStillTrue() throws IOException {
        Path trace = sealed("t.damson");
        Path manifest = trace.resolve(Manifests.NAME);
        byte[] whole = Files.readAllBytes(manifest);
        List<Long> all = List.of(0L, 1L, 2L, 3L);
        for (int n = 0; n < whole.length - 1; n++) {
            Files.write(manifest, Arrays.copyOf(whole, n));
            assertTrue(isRefused(trace, all, "cut to " + n), "cut to " + n);
        }
        for (int bit = 0; bit < whole.length * 8; bit++) {
            byte[] damaged = whole.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(manifest, damaged);
            isRefused(trace, all, "bit " + bit);
        }
    }

    @Test
    void aBitFlippedInTheFrameOfABundleIsRefusedOrHarmless() throws IOException {
        Path zip = dir.resolve("t.damson.zip");
        Traces.bundle(sealed("t.damson"), zip);
        byte[] whole = Files.readAllBytes(zip);
        // the tables' own bytes have a test of their own; here it is the zip's records around them
        int central = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt(whole.length - 6);
        for (int at = 0; at < whole.length; at = at == 64 ? central : at + 1) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] damaged = whole.clone();
                damaged[at] ^= (byte) (1 << bit);
                Files.write(zip, damaged);
                isRefused(zip, List.of(0L, 1L, 2L, 3L), "byte " + at + " bit " + bit);
            }
        }
    }

    @Test
    void aJournalCutOrDamagedAnywhereGivesWholeBatchesFromItsBeginning() throws IOException {
        Path trace = dead("t.damson");
        List<Long> all = List.of(0L, 1L, 2L, 3L, 4L, 5L);
        assertEquals(all, read(trace));
        for (Path file : list(trace)) {
            if (file.endsWith(Manifests.NAME)) {
                continue;
            }
            byte[] whole = Files.readAllBytes(file);
            for (int n = 0; n < whole.length; n++) {
                Files.write(file, Arrays.copyOf(whole, n));
                isRefused(trace, all, file.getFileName() + " cut to " + n);
            }
            for (int at = 0; at < whole.length; at++) {
                byte[] damaged = whole.clone();
                damaged[at] ^= (byte) (1 << at % 8);
                Files.write(file, damaged);
                isRefused(trace, all, file.getFileName() + " byte " + at);
            }
            Files.write(file, whole);
        }
        assertEquals(all, read(trace));
    }

    /** Changes the footer of a Parquet file. */
    private static void lie(Path file, Consumer<FileMetaData> lie) throws IOException {
        byte[] whole = Files.readAllBytes(file);
        int length = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt(whole.length - 8);
        int from = whole.length - 8 - length;
        FileMetaData meta = Util.readFileMetaData(new ByteArrayInputStream(whole, from, length));
        lie.accept(meta);
        ByteArrayOutputStream footer = new ByteArrayOutputStream();
        Util.writeFileMetaData(meta, footer);
        ByteBuffer out = ByteBuffer.allocate(from + footer.size() + 8).order(ByteOrder.LITTLE_ENDIAN);
        out.put(whole, 0, from).put(footer.toByteArray()).putInt(footer.size()).put("PAR1".getBytes());
        Files.write(file, out.array());
    }

    @Test
    void aFooterThatClaimsTenGigabytesIsRefusedWithoutRoomForThem() throws IOException {
        List<Consumer<FileMetaData>> lies = List.of(
                m -> m.setNum_rows(TEN_GB),
                m -> m.getRow_groups().get(0).setNum_rows(TEN_GB),
                m -> m.getRow_groups().get(0).setNum_rows(ParquetTableReader.MAX_ROW_GROUP_ROWS),
                m -> m.getRow_groups().get(0).setNum_rows(-1),
                m -> m.getRow_groups().get(0).setTotal_byte_size(TEN_GB),
                m -> m.getRow_groups().get(0).getColumns().forEach(c -> c.getMeta_data()
                        .setTotal_compressed_size(TEN_GB)),
                m -> m.getRow_groups().get(0).getColumns().forEach(c -> c.getMeta_data()
                        .setTotal_uncompressed_size(TEN_GB)),
                m -> m.getRow_groups().get(0).getColumns().forEach(c -> c.getMeta_data()
                        .setData_page_offset(TEN_GB)),
                m -> m.getRow_groups().get(0).getColumns().forEach(c -> c.getMeta_data()
                        .setDictionary_page_offset(-5)),
                m -> m.getRow_groups().get(0).getColumns().remove(0),
                m -> m.getSchema().get(1).setName("other"),
                m -> m.getSchema().get(0).setNum_children(Integer.MAX_VALUE));
        for (int i = 0; i < lies.size(); i++) {
            Path trace = sealed("t" + i + ".damson");
            for (String table : List.of("regions-000000.parquet", "snapshots-000000.parquet")) {
                Path file = trace.resolve(table);
                byte[] whole = Files.readAllBytes(file);
                lie(file, lies.get(i));
                String place = "lie " + i + " in " + table;
                assertBounded(place, () -> isRefused(trace, List.of(0L, 1L, 2L, 3L), place));
                assertFalse(Traces.verify(trace).findings().isEmpty(), place);
                Files.write(file, whole);
            }
        }
    }

    @Test
    void aFooterLengthBeyondTheFileIsRefused() throws IOException {
        Path trace = sealed("t.damson");
        Path file = trace.resolve("regions-000000.parquet");
        byte[] whole = Files.readAllBytes(file);
        for (int claim : new int[] {Integer.MAX_VALUE, -1, whole.length, whole.length - 11}) {
            ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).putInt(whole.length - 8, claim);
            Files.write(file, whole);
            assertBounded("footer of " + claim, () -> assertTrue(isRefused(trace, List.of(), "footer of " + claim)));
        }
    }

    @Test
    void aManifestThatClaimsRowsAndBytesIsNotBelieved() throws IOException {
        Path trace = sealed("t.damson");
        Path manifest = trace.resolve(Manifests.NAME);
        String text = Files.readString(manifest);
        Files.write(manifest, forged(text.replaceAll("\"rows\":[0-9]+", "\"rows\":" + TEN_GB)));
        assertBounded("rows", () -> assertTrue(isRefused(trace, List.of(), "rows")));
        Files.write(manifest, forged(text.replaceAll("\"size_bytes\":[0-9]+", "\"size_bytes\":" + TEN_GB)));
        assertBounded("bytes", () -> assertTrue(isRefused(trace, List.of(), "bytes")));
    }

    /** With a digest that is right, as whoever lies on purpose makes it. */
    private static byte[] forged(String manifest) {
        return Manifests.withDigest(manifest.replaceAll(",\n\"digest\": \"[0-9a-f]+\"", ""));
    }

    private interface Action {
        void run() throws IOException;
    }

    private static void assertBounded(String place, Action action) throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long id = Thread.currentThread().getId();
        long before = threads.getThreadAllocatedBytes(id);
        action.run();
        long allocated = threads.getThreadAllocatedBytes(id) - before;
        assertTrue(allocated < MAX_BYTES, () -> place + ": " + allocated + " bytes allocated");
    }

    @Test
    void aTraceStillBeingRecordedIsNotBundledNorRecovered() throws IOException {
        Path path = dir.resolve("t.damson");
        Path zip = dir.resolve("t.damson.zip");
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.LIVE)) {
            fill(sink, 2);
            sink.flush();
            assertThrows(TraceFormatException.class, () -> Traces.bundle(path, zip));
            assertThrows(IOException.class, () -> Traces.recover(path));
            assertEquals(List.of(path), list(dir));
            assertEquals(List.of(0L, 1L), read(path));
        }
        assertEquals(List.of(0L, 1L), read(path));
    }

    @Test
    void aSealedSegmentThatIsNotThereIsSaid() throws IOException {
        Path trace = sealed("t.damson");
        Files.delete(trace.resolve("regions-000000.parquet"));
        TraceFormatException e = assertThrows(TraceFormatException.class, () -> read(trace));
        assertTrue(e.getMessage().contains("missing"), e.getMessage());
        assertFalse(Traces.verify(trace).findings().isEmpty());
    }

    @Test
    void aJournalIsNotReadBeyondWhatItsIndexSpeaksOf() throws Exception {
        Path trace = dead("t.damson");
        List<Long> rows = read(trace);
        Path journal = trace.resolve("regions-000000.arrows");
        long whole = Files.size(journal);
        try (FileChannel channel = FileChannel.open(journal, java.nio.file.StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[1]), TEN_GB - 1); // sparse
        }
        assertBounded("sparse", () -> assertEquals(rows, read(trace)));
        List<String> notes = Traces.verify(trace).notes();
        assertTrue(notes.get(0).startsWith(String.format("left out: %,d bytes", TEN_GB - whole)), notes.toString());
    }

    @Test
    void whatWasPackedBeforeItWasSealedIsAFinding() throws Exception {
        Path trace = dead("t.damson");
        Path zip = dir.resolve("t.damson.zip");
        try (var out = new java.util.zip.ZipOutputStream(Files.newOutputStream(zip))) {
            out.setMethod(java.util.zip.ZipOutputStream.STORED);
            for (Path file : list(trace)) {
                byte[] bytes = Files.readAllBytes(file);
                var entry = new java.util.zip.ZipEntry(file.getFileName().toString());
                var crc = new java.util.zip.CRC32();
                crc.update(bytes);
                entry.setSize(bytes.length);
                entry.setCrc(crc.getValue());
                out.putNextEntry(entry);
                out.write(bytes);
            }
        }
        assertTrue(Traces.verify(zip).findings().toString().contains("damson recover"), Traces.verify(zip)::toString);
    }

    @Test
    void onePageMayNotClaimMoreThanItsLimit() throws IOException {
        // the header of the first page of the first column: its uncompressed size is patched through the whole file
        Path file = dir.resolve("t.parquet");
        boolean[] all = new boolean[Table.LOSSES.columns().size()];
        Arrays.fill(all, true);
        Batch rows = new Batch(Table.LOSSES);
        rows.add(1, 2, "ring", 3, "overrun");
        try (ParquetTableWriter writer = new ParquetTableWriter(file, Table.LOSSES, all)) {
            writer.writeRowGroup(Columns.of(rows));
        }
        byte[] whole = Files.readAllBytes(file);
        var header = Util.readPageHeader(new ByteArrayInputStream(whole, 4, whole.length - 4));
        int before = headerBytes(header).length;
        header.setUncompressed_page_size(Integer.MAX_VALUE);
        byte[] lying = headerBytes(header);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(whole, 0, 4);
        out.write(lying);
        out.write(whole, 4 + before, whole.length - 4 - before);
        byte[] damaged = out.toByteArray();
        Path lied = dir.resolve("lied.parquet");
        Files.write(lied, damaged);
        int shift = lying.length - before;
        lie(lied, m -> m.getRow_groups().get(0).getColumns().forEach(c -> {
            var data = c.getMeta_data();
            boolean first = data.getPath_in_schema().get(0).equals("from_ns");
            data.setTotal_compressed_size(data.getTotal_compressed_size() + (first ? shift : 0));
            if (!first) {
                data.setData_page_offset(data.getData_page_offset() + shift);
                if (data.isSetDictionary_page_offset()) {
                    data.setDictionary_page_offset(data.getDictionary_page_offset() + shift);
                }
            } else if (data.isSetDictionary_page_offset()) {
                data.setData_page_offset(data.getData_page_offset() + shift);
            }
        }));
        assertBounded("page", () -> {
            FileChannel channel = SafeFiles.open(lied);
            try (ParquetTableReader reader =
                    new ParquetTableReader("t", Table.LOSSES, channel, 0, Files.size(lied), false)) {
                TraceFormatException e =
                        assertThrows(TraceFormatException.class, () -> reader.read(0, all, new Batch(Table.LOSSES)));
                assertTrue(e.getMessage().contains("page claims 2147483647 bytes"), e.getMessage());
            }
        });
    }

    private static byte[] headerBytes(org.apache.parquet.format.PageHeader header) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Util.writePageHeader(header, out);
        return out.toByteArray();
    }
}
