package org.damson.trace.parquet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.KeyValue;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Statistics;
import org.apache.parquet.format.Util;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.trace.files.Columns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lengths that footers and page headers only claim. */
class CompactClaimsTest {
    /** A list of structs of two texts, field 5; then nothing more. */
    private static final int LIST_OF_STRUCTS = 0x59;

    @TempDir
    Path dir;

    private static byte[] footer() throws IOException {
        FileMetaData footer = new FileMetaData(1, List.of(new SchemaElement("root")), 7, List.of());
        KeyValue pair = new KeyValue("key");
        pair.setValue("value");
        footer.setKey_value_metadata(List.of(pair, pair));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Util.writeFileMetaData(footer, out);
        return out.toByteArray();
    }

    private static byte[] pageHeader(int statisticsBytes) throws IOException {
        DataPageHeader data = new DataPageHeader(3, Encoding.PLAIN, Encoding.RLE, Encoding.RLE);
        Statistics statistics = new Statistics();
        statistics.setMin_value(new byte[statisticsBytes]);
        data.setStatistics(statistics);
        PageHeader header = new PageHeader(PageType.DATA_PAGE, 8, 8);
        header.setData_page_header(data);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Util.writePageHeader(header, out);
        return out.toByteArray();
    }

    @Test
    void endsWhereTheStructEnds() throws IOException {
        for (byte[] whole : List.of(footer(), pageHeader(1), pageHeader(300))) {
            assertEquals(whole.length, CompactClaims.end(whole, 0, whole.length));
            byte[] more = Arrays.copyOf(whole, whole.length + 9);
            assertEquals(whole.length, CompactClaims.end(more, 0, more.length));
            for (int n = 0; n < whole.length; n++) {
                int length = n;
                assertThrows(IOException.class, () -> CompactClaims.end(whole, 0, length), "cut to " + n);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x58, LIST_OF_STRUCTS, 0x5a, 0x5b})
    void refusesWhatIsLongerThanThereIs(int field) {
        byte[] bytes = new byte[64];
        bytes[0] = (byte) field;
        int at = 1;
        if (field != 0x58 && field != 0x5b) {
            bytes[at++] = (byte) 0xfc;
        }
        for (int i = 0; i < 4; i++) {
            bytes[at++] = (byte) 0xff;
        }
        bytes[at++] = 7;
        bytes[at] = (byte) 0xcc; // of a map, its types
        IOException e = assertThrows(IOException.class, () -> CompactClaims.end(bytes, 0, bytes.length));
        assertTrue(e.getMessage().startsWith("a length of 2147483647"), e.getMessage());
    }

    @Test
    void refusesFieldsInFieldsWithoutEnd() {
        byte[] structs = new byte[100_000];
        Arrays.fill(structs, (byte) 0x1c);
        byte[] lists = new byte[100_000];
        Arrays.fill(lists, (byte) 0x19);
        for (byte[] deep : List.of(structs, lists)) {
            IOException e = assertThrows(IOException.class, () -> CompactClaims.end(deep, 0, deep.length));
            assertTrue(e.getMessage().startsWith("fields nested deeper"), e.getMessage());
        }
    }

    /** Of forty texts of a megabyte, which are one row group, few are made at a time. */
    @Test
    void longTextsAreReadAFewAtATime() throws IOException {
        Batch rows = new Batch(Table.LOSSES);
        for (int i = 0; i < 40; i++) {
            rows.add(i, i, "s", 1, i + "x".repeat(1 << 20));
        }
        Path file = dir.resolve("texts");
        boolean[] all = new boolean[Table.LOSSES.columns().size()];
        Arrays.fill(all, true);
        try (ParquetTableWriter writer = new ParquetTableWriter(file, Table.LOSSES, all)) {
            writer.writeRowGroup(Columns.of(rows));
        }
        Batch some = new Batch(Table.LOSSES);
        RowWindows windows = new RowWindows(some, 1 << 14);
        int row = 0;
        try (ParquetTableReader reader = ParquetTableReader.open(file, Table.LOSSES)) {
            RowGroups.Rows left = reader.open(0, all);
            while (windows.next(left)) {
                assertTrue(some.rows() <= 2, some.rows() + " rows at a time");
                for (int r = 0; r < some.rows(); r++, row++) {
                    assertEquals(row, some.get(0, r));
                    assertEquals(rows.text(4, row), some.text(4, r));
                }
            }
        }
        assertEquals(40, row);
    }

    /** A footer that says that it is a GiB long, as a sparse file may have. */
    @Test
    void aFooterOfAGigabyteIsNotRead() throws IOException {
        Path file = dir.resolve("sparse");
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long footer = 1L << 30;
            out.write(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, (int) footer), footer + 4);
            out.write(ByteBuffer.wrap(ParquetFooter.MAGIC), footer + 8);
        }
        assertEquals((1L << 30) + 12, Files.size(file));
        TraceFormatException e =
                assertThrows(TraceFormatException.class, () -> ParquetTableReader.open(file, Table.LOSSES));
        assertTrue(e.getMessage().contains("footer claims 1073741824 bytes"), e.getMessage());
    }
}
