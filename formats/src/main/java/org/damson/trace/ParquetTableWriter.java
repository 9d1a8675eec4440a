package org.damson.trace;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
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
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.damson.model.Batch;
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
    static final int PAGE_ROWS = 100_000;

    /** Distinct values beyond which a dictionary is given up for plain pages. */
    private static final int MAX_DICTIONARY_BYTES = 1 << 20;

    private static final int INITIAL_BYTES = 4096;
    private static final HeapByteBufferAllocator ALLOCATOR = new HeapByteBufferAllocator();

    private final Table table;
    private final boolean[] present;
    private final MessageType schema;
    private final FileChannel channel;
    private final ParquetFileWriter writer;
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

    /** Writes rows {@code [from, to)} of {@code batch} as one row group. */
    void writeRowGroup(Batch batch, int from, int to) throws IOException {
        if (from >= to) {
            return;
        }
        writer.startBlock(to - from);
        List<Column> columns = table.columns();
        for (int c = 0; c < columns.size(); c++) {
            if (present[c]) {
                writeColumn(columns.get(c), c, batch, from, to);
            }
        }
        writer.endBlock();
    }

    private void writeColumn(Column column, int c, Batch batch, int from, int to) throws IOException {
        ColumnDescriptor descriptor = schema.getColumnDescription(new String[] {column.name()});
        ParquetSchemas.Layout layout = ParquetSchemas.layoutOf(table, column);
        writer.startColumn(descriptor, to - from, CompressionCodecName.ZSTD);
        if (layout != ParquetSchemas.Layout.DICTIONARY
                || !writeDictionaryColumn(column, c, descriptor, batch, from, to)) {
            ValuesWriter values = layout == ParquetSchemas.Layout.DELTA ? delta(column) : plain();
            for (int p = from; p < to; p += PAGE_ROWS) {
                int end = Math.min(to, p + PAGE_ROWS);
                Statistics<?> stats = fill(values, column, c, descriptor, batch, p, end);
                writePage(values.getBytes(), values.getEncoding(), stats, end - p);
                values.reset();
            }
            values.close();
        }
        writer.endColumn();
    }

    /** Returns false, with nothing written, when there are too many distinct values. */
    private boolean writeDictionaryColumn(
            Column column, int c, ColumnDescriptor descriptor, Batch batch, int from, int to) throws IOException {
        DictionaryValuesWriter values = dictionary(column);
        List<BytesInput> pages = new ArrayList<>();
        List<Statistics<?>> stats = new ArrayList<>();
        List<Integer> rows = new ArrayList<>();
        for (int p = from; p < to; p += PAGE_ROWS) {
            int end = Math.min(to, p + PAGE_ROWS);
            stats.add(fill(values, column, c, descriptor, batch, p, end));
            if (values.shouldFallBack()) {
                values.close();
                return false;
            }
            pages.add(BytesInput.from(ZstdCodecs.bytesOf(values.getBytes())));
            rows.add(end - p);
            values.reset();
        }
        DictionaryPage page = values.toDictPageAndClose();
        BytesInput raw = page.getBytes();
        int rawSize = (int) raw.size();
        writer.writeDictionaryPage(
                new DictionaryPage(ZstdCodecs.compress(raw), rawSize, page.getDictionarySize(), page.getEncoding()));
        for (int i = 0; i < pages.size(); i++) {
            writePage(pages.get(i), Encoding.RLE_DICTIONARY, stats.get(i), rows.get(i));
        }
        return true;
    }

    private void writePage(BytesInput bytes, Encoding encoding, Statistics<?> stats, int rows) throws IOException {
        int rawSize = Math.toIntExact(bytes.size());
        writer.writeDataPage(
                rows, rawSize, ZstdCodecs.compress(bytes), stats, rows, Encoding.RLE, Encoding.RLE, encoding);
    }

    private static Statistics<?> fill(
            ValuesWriter values, Column column, int c, ColumnDescriptor descriptor, Batch batch, int from, int to) {
        Statistics<?> stats = Statistics.createStats(descriptor.getPrimitiveType());
        if (column.type() == ColumnType.STRING) {
            String[] texts = batch.texts(c);
            for (int i = from; i < to; i++) {
                Binary b = Binary.fromString(texts[i]);
                values.writeBytes(b);
                stats.updateStats(b);
            }
            return stats;
        }
        long[] longs = batch.longs(c);
        long min = Long.MAX_VALUE;
        long max = Long.MIN_VALUE;
        boolean narrow = column.type() == ColumnType.INT32;
        for (int i = from; i < to; i++) {
            long v = longs[i];
            min = Math.min(min, v);
            max = Math.max(max, v);
            if (narrow) {
                values.writeInteger((int) v);
            } else {
                values.writeLong(v);
            }
        }
        if (narrow) {
            stats.updateStats((int) min);
            stats.updateStats((int) max);
        } else {
            stats.updateStats(min);
            stats.updateStats(max);
        }
        return stats;
    }

    private static ValuesWriter plain() {
        return new PlainValuesWriter(INITIAL_BYTES, PAGE_ROWS * 8, ALLOCATOR);
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
