package org.damson.trace.parquet;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.ColumnOrder;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DictionaryPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Statistics;
import org.apache.parquet.format.StringType;
import org.apache.parquet.format.TypeDefinedOrder;
import org.apache.parquet.format.Util;
import org.damson.model.Column;
import org.damson.model.ColumnType;
import org.damson.model.Table;
import org.damson.trace.files.Columns;
import org.damson.trace.files.SafeFiles;

/**
 * Writes one Parquet file of one table, one row group per call. The file is valid only after {@link #close}.
 *
 * <p>Pages and footer are written directly: of a short trace most is what parquet-java's file writer says twice there
 * (statistics in two forms and in an index, sizes by encoding), and its record API cannot express the pages.
 */
public final class ParquetTableWriter implements Closeable {
    private final Table table;
    private final boolean[] present;
    private final FileChannel channel;
    private final ChannelStream out;
    private final FileMetaData footer;
    private final ColumnEncoder encoder = new ColumnEncoder();
    private boolean open = true;

    /**
     * Creates {@code file}, which must not exist.
     *
     * @param present which columns of the table the file has
     */
    public ParquetTableWriter(Path file, Table table, boolean[] present) throws IOException {
        this.table = table;
        this.present = present.clone();
        footer = new FileMetaData(1, schema(), 0, new ArrayList<>());
        channel = SafeFiles.create(file);
        out = new ChannelStream(channel);
        out.write(ParquetFooter.MAGIC);
    }

    private List<SchemaElement> schema() {
        List<SchemaElement> schema = new ArrayList<>();
        schema.add(new SchemaElement(table.fileStem()));
        for (Column column : columns()) {
            SchemaElement element = new SchemaElement(column.name());
            element.setType(ParquetFooter.typeOf(column.type()));
            element.setRepetition_type(FieldRepetitionType.REQUIRED);
            if (column.type() == ColumnType.STRING) {
                element.setConverted_type(ConvertedType.UTF8);
                element.setLogicalType(LogicalType.STRING(new StringType()));
            }
            schema.add(element);
        }
        schema.get(0).setNum_children(schema.size() - 1);
        return schema;
    }

    /** The columns of the file. */
    private List<Column> columns() {
        List<Column> columns = new ArrayList<>();
        for (int c = 0; c < present.length; c++) {
            if (present[c]) {
                columns.add(table.columns().get(c));
            }
        }
        return columns;
    }

    /** Writes rows as one row group; none at all if there are none. */
    public void writeRowGroup(Columns rows) throws IOException {
        if (rows.rows() == 0) {
            return;
        }
        List<ColumnMetaData> chunks = new ArrayList<>();
        for (int c = 0; c < present.length; c++) {
            if (present[c]) {
                Column column = table.columns().get(c);
                chunks.add(write(
                        column,
                        column.type() == ColumnType.STRING
                                ? encoder.encode(rows.texts(c), rows.rows())
                                : encoder.encode(column, rows.numbers(c), rows.rows()),
                        rows.rows()));
            }
        }
        add(chunks, rows.rows());
    }

    private ColumnMetaData write(Column column, ColumnEncoder.Chunk chunk, int rows) throws IOException {
        long began = out.position;
        long rawBytes = 0;
        List<Encoding> encodings = new ArrayList<>(List.of(chunk.encoding()));
        if (chunk.dictionary() != null) {
            ColumnEncoder.Page page = chunk.dictionary();
            encodings.add(Encoding.PLAIN);
            PageHeader header = header(PageType.DICTIONARY_PAGE, page);
            header.setDictionary_page_header(new DictionaryPageHeader(page.values(), Encoding.PLAIN));
            rawBytes += write(header, page);
        }
        long data = out.position;
        for (ColumnEncoder.Page page : chunk.pages()) {
            PageHeader header = header(PageType.DATA_PAGE, page);
            header.setData_page_header(new DataPageHeader(page.values(), chunk.encoding(), Encoding.RLE, Encoding.RLE));
            rawBytes += write(header, page);
        }
        ColumnMetaData meta = new ColumnMetaData(
                ParquetFooter.typeOf(column.type()),
                encodings,
                List.of(column.name()),
                CompressionCodec.ZSTD,
                rows,
                rawBytes,
                out.position - began,
                data);
        if (chunk.dictionary() != null) {
            meta.setDictionary_page_offset(began);
        }
        setStatistics(meta, chunk.min(), chunk.max());
        return meta;
    }

    private static PageHeader header(PageType type, ColumnEncoder.Page page) {
        PageHeader header = new PageHeader(type, page.rawSize(), page.bytes().length);
        CRC32 crc = new CRC32();
        crc.update(page.bytes());
        header.setCrc((int) crc.getValue());
        return header;
    }

    /** Returns how many bytes it would be without compression. */
    private long write(PageHeader header, ColumnEncoder.Page page) throws IOException {
        long began = out.position;
        Util.writePageHeader(header, out);
        long headerBytes = out.position - began;
        out.write(page.bytes());
        return headerBytes + page.rawSize();
    }

    private static void setStatistics(ColumnMetaData meta, byte[] min, byte[] max) {
        if (min != null && max != null) {
            Statistics statistics = new Statistics();
            statistics.setMin_value(min);
            statistics.setMax_value(max);
            meta.setStatistics(statistics);
        }
    }

    private void add(List<ColumnMetaData> chunks, long rows) {
        List<ColumnChunk> columns = new ArrayList<>();
        long rawBytes = 0;
        for (ColumnMetaData meta : chunks) {
            ColumnChunk chunk = new ColumnChunk(0); // where a copy of the metadata would be
            chunk.setMeta_data(meta);
            columns.add(chunk);
            rawBytes += meta.getTotal_uncompressed_size();
        }
        footer.addToRow_groups(new RowGroup(columns, rawBytes, rows));
        footer.setNum_rows(footer.getNum_rows() + rows);
    }

    /** Appends a row group of another file with the same columns, whose first byte is at {@code offset} of {@code from}. */
    void appendRowGroup(FileChannel from, long offset, RowGroup group) throws IOException {
        List<ColumnMetaData> chunks = new ArrayList<>();
        for (Column column : columns()) {
            ColumnMetaData chunk = ParquetFooter.chunk(group, column.name());
            if (chunk != null) {
                chunks.add(append(from, offset, column, chunk));
            }
        }
        add(chunks, group.getNum_rows());
    }

    private ColumnMetaData append(FileChannel from, long offset, Column column, ColumnMetaData chunk)
            throws IOException {
        long start = ParquetFooter.start(chunk);
        long moved = out.position - start;
        out.copy(from, offset + start, chunk.getTotal_compressed_size());
        ColumnMetaData meta = new ColumnMetaData(
                ParquetFooter.typeOf(column.type()),
                chunk.getEncodings(),
                List.of(column.name()),
                chunk.getCodec(),
                chunk.getNum_values(),
                chunk.getTotal_uncompressed_size(),
                chunk.getTotal_compressed_size(),
                chunk.getData_page_offset() + moved);
        if (chunk.isSetDictionary_page_offset() && chunk.getDictionary_page_offset() > 0) {
            meta.setDictionary_page_offset(chunk.getDictionary_page_offset() + moved);
        }
        if (chunk.isSetStatistics()) {
            setStatistics(
                    meta,
                    chunk.getStatistics().getMin_value(),
                    chunk.getStatistics().getMax_value());
        }
        return meta;
    }

    /** Writes the footer and makes the content durable. */
    @Override
    public void close() throws IOException {
        if (!open) {
            return;
        }
        open = false;
        try (channel) {
            // Without the orders, readers do not believe the statistics.
            List<ColumnOrder> orders = new ArrayList<>();
            columns().forEach(column -> orders.add(ColumnOrder.TYPE_ORDER(new TypeDefinedOrder())));
            footer.setColumn_orders(orders);
            footer.setCreated_by("damson version " + 1);
            long began = out.position;
            Util.writeFileMetaData(footer, out);
            ByteBuffer tail = ByteBuffer.allocate(Integer.BYTES).order(java.nio.ByteOrder.LITTLE_ENDIAN);
            out.write(tail.putInt(Math.toIntExact(out.position - began)).array());
            out.write(ParquetFooter.MAGIC);
            out.flush();
            channel.force(true);
        }
    }

    /** Buffers small writes to a channel and counts. */
    private static final class ChannelStream extends OutputStream {
        private final FileChannel channel;
        private final ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
        private long position;

        ChannelStream(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public void write(int b) throws IOException {
            if (!buffer.hasRemaining()) {
                flush();
            }
            buffer.put((byte) b);
            position++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            int done = 0;
            while (done < length) {
                if (!buffer.hasRemaining()) {
                    flush();
                }
                int n = Math.min(buffer.remaining(), length - done);
                buffer.put(bytes, offset + done, n);
                done += n;
            }
            position += length;
        }

        void copy(FileChannel from, long offset, long length) throws IOException {
            long end = offset + length;
            for (long at = offset; at < end; ) {
                flush();
                buffer.limit((int) Math.min(buffer.capacity(), end - at));
                int n = from.read(buffer, at);
                buffer.limit(buffer.capacity());
                if (n < 0) {
                    throw new IOException("column chunk ends early");
                }
                at += n;
                position += n;
            }
        }

        @Override
        public void flush() throws IOException {
            buffer.flip();
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            buffer.clear();
        }
    }
}
