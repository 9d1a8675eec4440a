package org.damson.trace.parquet;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.DamsonReadOptions;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.damson.model.Batch;
import org.damson.model.Column;
import org.damson.model.ColumnType;
import org.damson.model.MissingCapabilityException;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.trace.files.SafeFiles;

/** Reads row groups of one Parquet file of one table into {@link Batch}es by decoding pages directly. */
public final class ParquetTableReader implements RowGroups {
    /** Rows of a row group that a reader accepts; bounds what a lying footer can make it allocate. */
    public static final int MAX_ROW_GROUP_ROWS = 4 << 20;

    private final String name;
    private final Table table;
    private final FileChannel channel;
    private final long offset;
    private final long length;
    private final ParquetFileReader reader;
    private final boolean[] inFile;
    private final boolean verifyChecksums;
    /** By column; made when they are needed. */
    private final ColumnPages.Buffers[] buffers;

    /** Opens bytes {@code [offset, offset + length)} of {@code channel}, which this reader then owns. */
    public ParquetTableReader(String name, Table table, FileChannel channel, long offset, long length)
            throws IOException {
        this(name, table, channel, offset, length, true);
    }

    /** With a choice that fuzzing needs: behind checksums it would find nothing. */
    public ParquetTableReader(
            String name, Table table, FileChannel channel, long offset, long length, boolean verifyChecksums)
            throws IOException {
        this.name = name;
        this.table = table;
        this.channel = channel;
        this.offset = offset;
        this.length = length;
        this.verifyChecksums = verifyChecksums;
        inFile = new boolean[table.columns().size()];
        buffers = new ColumnPages.Buffers[inFile.length];
        ParquetFileReader opened = null;
        try {
            ZstdCodecs.require();
        } catch (MissingCapabilityException e) {
            channel.close();
            throw e;
        }
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

    public static ParquetTableReader open(Path file, Table table) throws IOException {
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

    /** Which columns of the table the file has. */
    public boolean[] columns() {
        return inFile.clone();
    }

    /** Hands a row group over as it is, without decoding it. */
    public void copyRowGroup(int group, ParquetTableWriter to) throws IOException {
        try {
            to.appendRowGroup(channel, offset, reader.getRowGroups().get(group));
        } catch (RuntimeException e) {
            throw damaged("row group " + group, e);
        }
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
    public Rows open(int group, boolean[] wanted, Batch into, int window) throws IOException {
        int rows = rows(group);
        try {
            return new Group(group, rows, wanted, into, Math.min(rows, window));
        } catch (RuntimeException | IOException | LinkageError e) {
            throw damaged("row group " + group, e);
        }
    }

    /** Reads the columns of a row group side by side. */
    private final class Group implements Rows {
        private final int group;
        private final Batch into;
        private final int window;
        private final ColumnPages[] pages = new ColumnPages[inFile.length];
        private int left;

        Group(int group, int rows, boolean[] wanted, Batch into, int window) throws IOException {
            this.group = group;
            this.into = into;
            this.window = window;
            left = rows;
            into.clear();
            into.reserve(window);
            List<Column> columns = table.columns();
            for (int c = 0; c < columns.size(); c++) {
                Column column = columns.get(c);
                boolean given = wanted[c] && inFile[c];
                if (given) {
                    if (buffers[c] == null) {
                        buffers[c] = new ColumnPages.Buffers();
                    }
                    pages[c] = pagesOf(group, column, buffers[c]);
                } else if (column.type() == ColumnType.STRING) {
                    Arrays.fill(into.texts(c), 0, window, "");
                } else {
                    Arrays.fill(into.longs(c), 0, window, Batch.MISSING);
                }
                if (column.optional()) {
                    into.setPresent(c, given);
                }
            }
        }

        @Override
        public boolean next() throws IOException {
            int n = Math.min(window, left);
            if (n == 0) {
                return false;
            }
            try {
                for (int c = 0; c < pages.length; c++) {
                    if (pages[c] != null) {
                        pages[c].read(into, c, 0, n);
                    }
                }
            } catch (RuntimeException | IOException | LinkageError e) {
                throw damaged("row group " + group, e);
            } catch (OutOfMemoryError e) {
                throw new TraceFormatException(name, "row group " + group, "claims more memory than there is", e);
            }
            left -= n;
            into.setRows(n);
            return true;
        }

        @Override
        public long skip(long n) throws IOException {
            int over = (int) Math.min(n, left);
            left -= over;
            try {
                // Nothing after the end of the group is of interest, so its pages are not even looked at.
                for (int c = 0; c < pages.length && left > 0; c++) {
                    if (pages[c] != null) {
                        pages[c].skip(over);
                    }
                }
            } catch (RuntimeException | IOException | LinkageError e) {
                throw damaged("row group " + group, e);
            }
            return over;
        }
    }

    private ColumnPages pagesOf(int group, Column column, ColumnPages.Buffers room) throws IOException {
        for (ColumnChunkMetaData chunk : reader.getRowGroups().get(group).getColumns()) {
            if (chunk.getPath().size() == 1 && chunk.getPath().toDotString().equals(column.name())) {
                long from = chunk.getStartingPos();
                long size = chunk.getTotalSize();
                if (from < 0 || size < 0 || from > length || size > length - from) {
                    throw new IOException("column " + column.name() + " lies outside the file");
                }
                ColumnDescriptor descriptor = reader.getFooter()
                        .getFileMetaData()
                        .getSchema()
                        .getColumnDescription(new String[] {column.name()});
                return new ColumnPages(
                        channel,
                        offset + from,
                        offset + from + size,
                        chunk.getCodec(),
                        descriptor,
                        column.type(),
                        verifyChecksums,
                        room);
            }
        }
        throw new IOException("no column " + column.name());
    }

    /** LinkageError: a damaged footer can lead parquet-java into code that wants Hadoop, which damson does not have. */
    private TraceFormatException damaged(String place, Throwable e) {
        if (e instanceof TraceFormatException already) {
            return already;
        }
        String why = e.getMessage() == null ? "not readable" : e.getMessage();
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
