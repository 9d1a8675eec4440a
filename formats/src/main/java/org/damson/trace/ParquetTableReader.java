package org.damson.trace;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.DamsonReadOptions;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Dictionary;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.ValuesType;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.column.values.ValuesReader;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.damson.model.Batch;
import org.damson.model.Column;
import org.damson.model.ColumnType;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;

/** Reads row groups of one Parquet file of one table into {@link Batch}es by decoding pages directly. */
final class ParquetTableReader implements RowGroups {
    /** Rows of a row group that a reader accepts; bounds what a lying footer can make it allocate. */
    static final int MAX_ROW_GROUP_ROWS = 4 << 20;

    private final String name;
    private final Table table;
    private final FileChannel channel;
    private final ParquetFileReader reader;
    private final boolean[] inFile;

    /** Opens bytes {@code [offset, offset + length)} of {@code channel}, which this reader then owns. */
    ParquetTableReader(String name, Table table, FileChannel channel, long offset, long length) throws IOException {
        this.name = name;
        this.table = table;
        this.channel = channel;
        inFile = new boolean[table.columns().size()];
        ParquetFileReader opened = null;
        try {
            checkFooterLength(offset, length);
            opened = new ParquetFileReader(
                    new ChannelInputFile(channel, offset, length), DamsonReadOptions.create(new ZstdCodecs()));
            checkSchema(opened.getFooter().getFileMetaData().getSchema());
        } catch (RuntimeException | IOException | LinkageError e) {
            if (opened != null) {
                opened.close();
            }
            channel.close();
            throw damaged("footer", e);
        } catch (OutOfMemoryError e) {
            channel.close();
            throw new TraceFormatException(name, "footer", "claims more memory than there is", e);
        }
        reader = opened;
    }

    static ParquetTableReader open(Path file, Table table) throws IOException {
        FileChannel channel = SafeFiles.open(file);
        return new ParquetTableReader(file.toString(), table, channel, 0, channel.size());
    }

    private void checkFooterLength(long offset, long length) throws IOException {
        if (length < 12) {
            throw new IOException("too short for a Parquet file");
        }
        ByteBuffer tail = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        while (tail.hasRemaining() && channel.read(tail, offset + length - 8 + tail.position()) >= 0) {
            // until full
        }
        int footer = tail.getInt(0);
        if (footer < 0 || footer > length - 12) {
            throw new IOException("footer claims " + (footer & 0xffffffffL) + " bytes in a file of " + length);
        }
    }

    private void checkSchema(MessageType schema) throws IOException {
        List<Column> columns = table.columns();
        for (int c = 0; c < columns.size(); c++) {
            Column column = columns.get(c);
            if (!schema.containsField(column.name())) {
                if (!column.optional()) {
                    throw new IOException("no column " + column.name());
                }
                continue;
            }
            Type type = schema.getType(column.name());
            PrimitiveTypeName wanted =
                    switch (column.type()) {
                        case INT32 -> PrimitiveTypeName.INT32;
                        case INT64 -> PrimitiveTypeName.INT64;
                        case STRING -> PrimitiveTypeName.BINARY;
                    };
            if (!type.isPrimitive()
                    || !type.isRepetition(Type.Repetition.REQUIRED)
                    || type.asPrimitiveType().getPrimitiveTypeName() != wanted) {
                throw new IOException("column " + column.name() + " is " + type + ", expected required " + wanted);
            }
            inFile[c] = true;
        }
    }

    @Override
    public boolean has(int column) {
        return inFile[column];
    }

    @Override
    public int rowGroups() {
        return reader.getRowGroups().size();
    }

    @Override
    public int rows(int group) throws IOException {
        long rows = reader.getRowGroups().get(group).getRowCount();
        if (rows < 0 || rows > MAX_ROW_GROUP_ROWS) {
            throw new TraceFormatException(name, "row group " + group, "claims " + rows + " rows");
        }
        return (int) rows;
    }

    @Override
    public long rows() throws IOException {
        long sum = 0;
        for (int g = 0; g < rowGroups(); g++) {
            sum += rows(g);
        }
        return sum;
    }

    @Override
    public void read(int group, boolean[] wanted, Batch into) throws IOException {
        int rows = rows(group);
        try {
            BlockMetaData block = reader.getRowGroups().get(group);
            List<Column> columns = table.columns();
            List<ColumnDescriptor> projection = new ArrayList<>();
            MessageType schema = reader.getFooter().getFileMetaData().getSchema();
            for (int c = 0; c < columns.size(); c++) {
                if (wanted[c] && inFile[c]) {
                    projection.add(schema.getColumnDescription(
                            new String[] {columns.get(c).name()}));
                }
            }
            if (block.getTotalByteSize() < 0) {
                throw new IOException("negative size");
            }
            into.clear();
            into.reserve(rows);
            reader.setRequestedSchema(projection);
            try (PageReadStore pages = reader.readRowGroup(group)) {
                for (int c = 0; c < columns.size(); c++) {
                    boolean given = wanted[c] && inFile[c];
                    if (given) {
                        ColumnDescriptor d = schema.getColumnDescription(
                                new String[] {columns.get(c).name()});
                        readColumn(d, pages.getPageReader(d), columns.get(c).type(), into, c, rows);
                    } else if (columns.get(c).type() == ColumnType.STRING) {
                        Arrays.fill(into.texts(c), 0, rows, "");
                    } else {
                        Arrays.fill(into.longs(c), 0, rows, Batch.MISSING);
                    }
                    if (columns.get(c).optional()) {
                        into.setPresent(c, given);
                    }
                }
            }
            into.setRows(rows);
        } catch (RuntimeException | IOException | LinkageError e) {
            throw damaged("row group " + group, e);
        } catch (OutOfMemoryError e) {
            throw new TraceFormatException(name, "row group " + group, "claims more memory than there is", e);
        }
    }

    private static void readColumn(
            ColumnDescriptor descriptor, PageReader pages, ColumnType type, Batch into, int c, int rows)
            throws IOException {
        DictionaryPage dictionaryPage = pages.readDictionaryPage();
        Dictionary dictionary =
                dictionaryPage == null ? null : dictionaryPage.getEncoding().initDictionary(descriptor, dictionaryPage);
        Object[] decoded =
                type == ColumnType.STRING && dictionary != null ? new Object[dictionary.getMaxId() + 1] : null;
        int row = 0;
        while (row < rows) {
            DataPage page = pages.readPage();
            if (!(page instanceof DataPageV1 v1)) {
                throw new IOException(page == null ? "pages end early" : "data page version 2, expected 1");
            }
            int n = v1.getValueCount();
            if (n <= 0 || n > rows - row) {
                throw new IOException("page claims " + n + " values, " + (rows - row) + " are left");
            }
            Encoding encoding = v1.getValueEncoding();
            if (encoding == Encoding.PLAIN && type == ColumnType.INT64) {
                ByteBuffer bytes =
                        ByteBuffer.wrap(ZstdCodecs.bytesOf(v1.getBytes())).order(ByteOrder.LITTLE_ENDIAN);
                bytes.asLongBuffer().get(into.longs(c), row, n);
            } else {
                ValuesReader values = encoding.usesDictionary()
                        ? encoding.getDictionaryBasedValuesReader(descriptor, ValuesType.VALUES, dictionary)
                        : encoding.getValuesReader(descriptor, ValuesType.VALUES);
                values.initFromPage(n, ByteBufferInputStream.wrap(ByteBuffer.wrap(ZstdCodecs.bytesOf(v1.getBytes()))));
                readValues(values, type, dictionary, decoded, encoding, into, c, row, n);
            }
            row += n;
        }
    }

    private static void readValues(
            ValuesReader values,
            ColumnType type,
            Dictionary dictionary,
            Object[] decoded,
            Encoding encoding,
            Batch into,
            int c,
            int row,
            int n) {
        switch (type) {
            case INT32 -> {
                long[] out = into.longs(c);
                for (int i = row; i < row + n; i++) {
                    out[i] = values.readInteger();
                }
            }
            case INT64 -> {
                long[] out = into.longs(c);
                for (int i = row; i < row + n; i++) {
                    out[i] = values.readLong();
                }
            }
            case STRING -> {
                String[] out = into.texts(c);
                boolean shared = decoded != null && encoding.usesDictionary();
                for (int i = row; i < row + n; i++) {
                    if (shared) {
                        int id = values.readValueDictionaryId();
                        if (decoded[id] == null) {
                            decoded[id] = dictionary.decodeToBinary(id).toStringUsingUTF8();
                        }
                        out[i] = (String) decoded[id];
                    } else {
                        out[i] = values.readBytes().toStringUsingUTF8();
                    }
                }
            }
        }
    }

    /** LinkageError: a damaged footer can lead parquet-java into code that wants Hadoop, which damson does not have. */
    private TraceFormatException damaged(String place, Throwable e) {
        if (e instanceof TraceFormatException already) {
            return already;
        }
        String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new TraceFormatException(
                name, place, "damaged Parquet: " + why.lines().findFirst().orElse(""), e);
    }

    @Override
    public void close() throws IOException {
        reader.close();
        channel.close();
    }

    /** A window of a channel as parquet-java's input; its own local file reads byte by byte. */
    private static final class ChannelInputFile implements InputFile {
        private final FileChannel channel;
        private final long offset;
        private final long length;

        ChannelInputFile(FileChannel channel, long offset, long length) {
            this.channel = channel;
            this.offset = offset;
            this.length = length;
        }

        @Override
        public long getLength() {
            return length;
        }

        @Override
        public SeekableInputStream newStream() throws IOException {
            channel.position(offset);
            return new DelegatingSeekableInputStream(Channels.newInputStream(channel)) {
                @Override
                public long getPos() throws IOException {
                    return channel.position() - offset;
                }

                @Override
                public void seek(long position) throws IOException {
                    if (position < 0 || position > length) {
                        throw new IOException("offset " + position + " outside a file of " + length + " bytes");
                    }
                    channel.position(offset + position);
                }
            };
        }
    }
}
