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
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.SeekableInputStream;
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

    private void writeColumn(Column column, int c, Batch batch, int from, int to) throws IOException {
        ColumnDescriptor descriptor = schema.getColumnDescription(new String[] {column.name()});
        Encoded best = smallest(column, c, descriptor, batch, from, to);
        writer.startColumn(descriptor, to - from, CompressionCodecName.ZSTD);
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
    private static Encoded smallest(Column column, int c, ColumnDescriptor descriptor, Batch batch, int from, int to)
            throws IOException {
        int some = Math.min(to, from + SHORT_ROWS);
        int level = some == to ? ZstdCodecs.SHORT_LEVEL : ZstdCodecs.LEVEL;
        Encoded best = null;
        ParquetSchemas.Layout layout = null;
        for (ParquetSchemas.Layout candidate : ParquetSchemas.layoutsOf(column)) {
            Encoded encoded = encode(candidate, column, c, descriptor, batch, from, some, level);
            if (encoded != null && (best == null || encoded.sizeBytes() < best.sizeBytes())) {
                best = encoded;
                layout = candidate;
            }
        }
        if (some < to) {
            best = encode(layout, column, c, descriptor, batch, from, to, level);
            // More distinct values further on than a dictionary may have.
            best = best != null
                    ? best
                    : encode(ParquetSchemas.Layout.PLAIN, column, c, descriptor, batch, from, to, level);
        }
        return best;
    }

    /** Returns null when there are too many distinct values for a dictionary. */
    private static Encoded encode(
            ParquetSchemas.Layout layout,
            Column column,
            int c,
            ColumnDescriptor descriptor,
            Batch batch,
            int from,
            int to,
            int level)
            throws IOException {
        ValuesWriter values =
                switch (layout) {
                    case PLAIN -> new PlainValuesWriter(INITIAL_BYTES, PAGE_ROWS * 8, ALLOCATOR);
                    case DELTA -> delta(column);
                    case DICTIONARY -> dictionary(column);
                };
        try {
            List<Page> pages = new ArrayList<>();
            Encoding encoding = null;
            for (int p = from; p < to; p += PAGE_ROWS) {
                int end = Math.min(to, p + PAGE_ROWS);
                Statistics<?> stats = fill(values, column, c, descriptor, batch, p, end);
                if (values instanceof DictionaryValuesWriter d && d.shouldFallBack()) {
                    return null;
                }
                BytesInput raw = values.getBytes();
                int rawSize = Math.toIntExact(raw.size());
                encoding = values.getEncoding();
                pages.add(new Page(end - p, rawSize, ZstdCodecs.compress(raw, level), stats));
                values.reset();
            }
            return new Encoded(encoding, compressed(values.toDictPageAndClose(), level), pages);
        } finally {
            values.close();
        }
    }

    private static DictionaryPage compressed(DictionaryPage page, int level) throws IOException {
        if (page == null) {
            return null;
        }
        BytesInput raw = page.getBytes();
        return new DictionaryPage(
                ZstdCodecs.compress(raw, level),
                Math.toIntExact(raw.size()),
                page.getDictionarySize(),
                page.getEncoding());
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
