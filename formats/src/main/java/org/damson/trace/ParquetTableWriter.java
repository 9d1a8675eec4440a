package org.damson.trace;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.column.values.ValuesWriter;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForInteger;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForLong;
import org.apache.parquet.column.values.dictionary.DictionaryValuesWriter;
import org.apache.parquet.column.values.plain.PlainValuesWriter;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.damson.model.Column;
import org.damson.model.ColumnType;
import org.damson.model.Table;

/**
 * Writes one Parquet file of one table, one row group per call. The file is valid only after {@link #close}.
 *
 * <p>Values go straight into pages: the record API of parquet-java cannot express a mix of encodings per column and
 * costs several times the CPU.
 */
final class ParquetTableWriter implements Closeable {
    /** Rows of a page. Pages must hold many snapshots for zstd to find what repeats between them. */
    static final int PAGE_ROWS = 1 << 18;

    /** Row groups up to this long are written in every layout and as small as can be; of others so much is tried. */
    private static final int SHORT_ROWS = 1 << 15;

    private static final int PAGE_HEADER_BYTES = 30;

    /** Distinct values beyond which a dictionary is given up for plain pages. */
    private static final int MAX_DICTIONARY_BYTES = 1 << 20;

    private static final int INITIAL_BYTES = 4096;
    private static final HeapByteBufferAllocator ALLOCATOR = new HeapByteBufferAllocator();

    private final Table table;
    private final boolean[] present;
    private final MessageType schema;
    private final FileChannel channel;
    private final ParquetFileWriter writer;
    /** Values of a page as they are, before compression. */
    private byte[] plain = new byte[0];

    private boolean started;

    /**
     * Creates {@code file}, which must not exist.
     *
     * @param present which columns of the table the file has
     */
    ParquetTableWriter(Path file, Table table, boolean[] present) throws IOException {
        this.table = table;
        this.present = present.clone();
        schema = ParquetSchemas.schemaOf(table, present);
        channel = SafeFiles.create(file);
        writer = new ParquetFileWriter(
                new ChannelOutputFile(channel), schema, ParquetFileWriter.Mode.CREATE, 128 << 20, 0, 64, 64, true);
        writer.start();
        started = true;
    }

    /** Writes rows as one row group; none at all if there are none. */
    void writeRowGroup(Columns rows) throws IOException {
        if (rows.rows() == 0) {
            return;
        }
        writer.startBlock(rows.rows());
        List<Column> columns = table.columns();
        for (int c = 0; c < columns.size(); c++) {
            if (present[c]) {
                boolean text = columns.get(c).type() == ColumnType.STRING;
                writeColumn(new Values(
                        columns.get(c),
                        schema.getColumnDescription(new String[] {columns.get(c).name()}),
                        text ? null : rows.numbers(c),
                        text ? rows.texts(c) : null,
                        rows.rows()));
            }
        }
        writer.endBlock();
    }

    /** A column of a row group; {@code numbers} or {@code texts}, which may be longer, have its values. */
    private record Values(Column column, ColumnDescriptor descriptor, long[] numbers, String[] texts, int rows) {}

    /** Appends a row group of another file with the same columns. */
    void appendRowGroup(SeekableInputStream from, BlockMetaData group) throws IOException {
        writer.startBlock(group.getRowCount());
        for (ColumnDescriptor column : schema.getColumns()) {
            for (ColumnChunkMetaData chunk : group.getColumns()) {
                if (chunk.getPath().equals(ColumnPath.get(column.getPath()))) {
                    writer.appendColumnChunk(column, from, chunk, null, null, null);
                }
            }
        }
        writer.endBlock();
    }

    private void writeColumn(Values values) throws IOException {
        Encoded best = smallest(values);
        writer.startColumn(values.descriptor, values.rows, CompressionCodecName.ZSTD);
        if (best.dictionary != null) {
            writer.writeDictionaryPage(best.dictionary);
        }
        for (Page page : best.pages) {
            writer.writeDataPage(
                    page.rows,
                    page.rawSize,
                    page.bytes,
                    page.stats,
                    page.rows,
                    Encoding.RLE,
                    Encoding.RLE,
                    best.encoding);
        }
        writer.endColumn();
    }

    /** The column in the layout that takes least room: all of it if it is short, else as its first rows say. */
    private Encoded smallest(Values values) throws IOException {
        int some = Math.min(values.rows, SHORT_ROWS);
        int level = some == values.rows ? ZstdCodecs.SHORT_LEVEL : ZstdCodecs.LEVEL;
        Encoded best = null;
        ParquetSchemas.Layout layout = null;
        for (ParquetSchemas.Layout candidate : ParquetSchemas.layoutsOf(values.column)) {
            Encoded encoded = encode(candidate, values, some, level);
            if (encoded != null && (best == null || encoded.sizeBytes() < best.sizeBytes())) {
                best = encoded;
                layout = candidate;
            }
        }
        if (some < values.rows) {
            best = encode(layout, values, values.rows, level);
            // More distinct values further on than a dictionary may have.
            best = best != null ? best : encode(ParquetSchemas.Layout.PLAIN, values, values.rows, level);
        }
        return best;
    }

    /** The first {@code rows} values; null when there are too many distinct ones for a dictionary. */
    private Encoded encode(ParquetSchemas.Layout layout, Values values, int rows, int level) throws IOException {
        if (layout == ParquetSchemas.Layout.PLAIN && values.numbers != null) {
            return encodePlain(values, rows, level);
        }
        ValuesWriter to =
                switch (layout) {
                    case PLAIN -> new PlainValuesWriter(INITIAL_BYTES, PAGE_ROWS * 8, ALLOCATOR);
                    case DELTA -> delta(values.column);
                    case DICTIONARY -> dictionary(values.column);
                };
        try {
            List<Page> pages = new ArrayList<>();
            Encoding encoding = null;
            for (int from = 0, end; from < rows; from = end) {
                end = pageEnd(from, rows);
                fill(to, values, from, end);
                if (to instanceof DictionaryValuesWriter d && d.shouldFallBack()) {
                    return null;
                }
                byte[] raw = ZstdCodecs.bytesOf(to.getBytes());
                encoding = to.getEncoding();
                pages.add(page(values, from, end, raw, raw.length, level));
                to.reset();
            }
            return new Encoded(encoding, compressed(to.toDictPageAndClose(), level), pages);
        } finally {
            to.close();
        }
    }

    /** What {@link PlainValuesWriter} does value by value, in bulk. */
    private Encoded encodePlain(Values values, int rows, int level) throws IOException {
        List<Page> pages = new ArrayList<>();
        for (int from = 0, end; from < rows; from = end) {
            end = pageEnd(from, rows);
            int n = end - from;
            int size = n * (values.column.type() == ColumnType.INT32 ? Integer.BYTES : Long.BYTES);
            if (plain.length < size) {
                plain = new byte[size];
            }
            ByteBuffer bytes = ByteBuffer.wrap(plain).order(ByteOrder.LITTLE_ENDIAN);
            if (values.column.type() == ColumnType.INT32) {
                for (int i = 0; i < n; i++) {
                    bytes.putInt(i * Integer.BYTES, (int) values.numbers[from + i]);
                }
            } else {
                bytes.asLongBuffer().put(values.numbers, from, n);
            }
            pages.add(page(values, from, end, plain, size, level));
        }
        return new Encoded(Encoding.PLAIN, null, pages);
    }

    private static int pageEnd(int from, int rows) {
        // The last one takes what would make a page too short to be worth one.
        return rows - from <= PAGE_ROWS + PAGE_ROWS / 4 ? rows : from + PAGE_ROWS;
    }

    private Page page(Values values, int from, int to, byte[] raw, int size, int level) throws IOException {
        return new Page(to - from, size, ZstdCodecs.compress(raw, size, level), statistics(values, from, to));
    }

    private static DictionaryPage compressed(DictionaryPage page, int level) throws IOException {
        if (page == null) {
            return null;
        }
        byte[] raw = ZstdCodecs.bytesOf(page.getBytes());
        return new DictionaryPage(
                ZstdCodecs.compress(raw, raw.length, level), raw.length, page.getDictionarySize(), page.getEncoding());
    }

    /** A data page, compressed. */
    private record Page(int rows, int rawSize, BytesInput bytes, Statistics<?> stats) {}

    /** A column of a row group in one layout. */
    private record Encoded(Encoding encoding, DictionaryPage dictionary, List<Page> pages) {
        /** With what a page header takes. */
        long sizeBytes() {
            long sum = dictionary == null ? 0 : dictionary.getCompressedSize() + PAGE_HEADER_BYTES;
            for (Page page : pages) {
                sum += page.bytes.size() + PAGE_HEADER_BYTES;
            }
            return sum;
        }
    }

    private static void fill(ValuesWriter to, Values values, int from, int end) {
        if (values.texts != null) {
            for (int i = from; i < end; i++) {
                to.writeBytes(Binary.fromString(values.texts[i]));
            }
        } else if (values.column.type() == ColumnType.INT32) {
            for (int i = from; i < end; i++) {
                to.writeInteger((int) values.numbers[i]);
            }
        } else {
            for (int i = from; i < end; i++) {
                to.writeLong(values.numbers[i]);
            }
        }
    }

    private static Statistics<?> statistics(Values values, int from, int to) {
        Statistics<?> stats = Statistics.createStats(values.descriptor.getPrimitiveType());
        if (values.texts != null) {
            for (int i = from; i < to; i++) {
                stats.updateStats(Binary.fromString(values.texts[i]));
            }
            return stats;
        }
        long min = Long.MAX_VALUE;
        long max = Long.MIN_VALUE;
        for (int i = from; i < to; i++) {
            min = Math.min(min, values.numbers[i]);
            max = Math.max(max, values.numbers[i]);
        }
        if (values.column.type() == ColumnType.INT32) {
            stats.updateStats((int) min);
            stats.updateStats((int) max);
        } else {
            stats.updateStats(min);
            stats.updateStats(max);
        }
        return stats;
    }

    private static ValuesWriter delta(Column column) {
        return column.type() == ColumnType.INT32
                ? new DeltaBinaryPackingValuesWriterForInteger(INITIAL_BYTES, PAGE_ROWS * 8, ALLOCATOR)
                : new DeltaBinaryPackingValuesWriterForLong(INITIAL_BYTES, PAGE_ROWS * 8, ALLOCATOR);
    }

    private static DictionaryValuesWriter dictionary(Column column) {
        Encoding data = Encoding.RLE_DICTIONARY;
        Encoding dict = Encoding.PLAIN;
        return switch (column.type()) {
            case INT32 ->
                new DictionaryValuesWriter.PlainIntegerDictionaryValuesWriter(
                        MAX_DICTIONARY_BYTES, data, dict, ALLOCATOR);
            case INT64 ->
                new DictionaryValuesWriter.PlainLongDictionaryValuesWriter(MAX_DICTIONARY_BYTES, data, dict, ALLOCATOR);
            case STRING ->
                new DictionaryValuesWriter.PlainBinaryDictionaryValuesWriter(
                        MAX_DICTIONARY_BYTES, data, dict, ALLOCATOR);
        };
    }

    /** Writes the footer and makes the content durable. */
    @Override
    public void close() throws IOException {
        if (!started) {
            return;
        }
        started = false;
        try {
            writer.end(Map.of("damson.table", table.fileStem()));
        } finally {
            channel.close();
        }
    }

    /** Gives parquet-java a channel that was opened with our own rules. */
    private static final class ChannelOutputFile implements OutputFile {
        private final FileChannel channel;

        ChannelOutputFile(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public PositionOutputStream create(long blockSizeHint) {
            return new ChannelStream(channel);
        }

        @Override
        public PositionOutputStream createOrOverwrite(long blockSizeHint) {
            return create(blockSizeHint);
        }

        @Override
        public boolean supportsBlockSize() {
            return false;
        }

        @Override
        public long defaultBlockSize() {
            return 0;
        }
    }

    private static final class ChannelStream extends PositionOutputStream {
        private final FileChannel channel;
        private final ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
        private long position;

        ChannelStream(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public long getPos() {
            return position;
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

        @Override
        public void flush() throws IOException {
            buffer.flip();
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            buffer.clear();
        }

        @Override
        public void close() throws IOException {
            if (channel.isOpen()) {
                flush();
                channel.force(true);
            }
        }
    }
}
