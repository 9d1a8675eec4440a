package org.damson.trace;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ReadChannel;
import org.apache.arrow.vector.ipc.message.MessageChannelReader;
import org.damson.model.Batch;
import org.damson.model.Column;
import org.damson.model.ColumnType;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;

/**
 * Reads back a {@link Journal}, also one that was cut short: every batch that its index vouches for. Nothing is allocated
 * for what a damaged one only claims.
 */
final class JournalReader {
    private static final long MAX_JOURNAL_BYTES = 1L << 30;

    private JournalReader() {}

    /** Every whole batch of a journal, as one batch of rows. Empty if there is none. */
    static Batch read(Path dir, Table table, int segment) throws IOException {
        Path file = Journal.dataFile(dir, table, segment);
        Path index = Journal.indexFile(dir, table, segment);
        if (!Files.exists(index, LinkOption.NOFOLLOW_LINKS) || !Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return new Batch(table);
        }
        return parse(file.toString(), table, readAll(file), readAll(index));
    }

    /** What {@link #read} does, on bytes. */
    static Batch parse(String name, Table table, byte[] data, byte[] index) throws IOException {
        Batch rows = new Batch(table);
        int whole = wholeBytes(data, index);
        if (whole == 0) {
            return rows;
        }
        // bodies are read into one buffer rounded up to a power of two; the rest are bitmaps
        try (RootAllocator memory = new RootAllocator(4L * whole + (1 << 20));
                ArrowStreamReader reader =
                        new ArrowStreamReader(new MessageChannelReader(new Claims(data, whole), memory), memory)) {
            while (reader.loadNextBatch()) {
                int n = reader.getVectorSchemaRoot().getRowCount();
                if (n < 0 || rows.rows() + (long) n > whole / 4) {
                    throw new TraceFormatException(name, "", "damaged journal: more rows than there are bytes for");
                }
                copy(name, reader.getVectorSchemaRoot(), rows);
            }
        } catch (RuntimeException | IOException | AssertionError | StackOverflowError e) {
            // Arrow asserts some of what it reads, and follows nested fields as deep as they claim to go.
            throw damaged(name, e);
        }
        return rows;
    }

    /** Holds the lengths that precede the messages against what there is, before anything is allocated for them. */
    private static final class Claims extends ReadChannel {
        private final int whole;

        Claims(byte[] data, int whole) {
            super(Channels.newChannel(new ByteArrayInputStream(data, 0, whole)));
            this.whole = whole;
        }

        @Override
        public int readFully(ByteBuffer buffer) throws IOException {
            int at = buffer.position();
            int n = super.readFully(buffer);
            if (n == Integer.BYTES && buffer.position() == buffer.limit()) {
                int claimed = Integer.reverseBytes(buffer.getInt(at));
                if (claimed > whole - bytesRead()) {
                    throw new IOException("message claims " + claimed + " bytes of " + (whole - bytesRead()));
                }
            }
            return n;
        }
    }

    private static TraceFormatException damaged(String name, Throwable e) {
        if (e instanceof TraceFormatException already) {
            return already;
        }
        String why = e.getMessage() == null
                ? e.getClass().getSimpleName()
                : e.getMessage().lines().findFirst().orElse("");
        return new TraceFormatException(name, "", "damaged journal: " + why, e);
    }

    /** Length of the batches that the index vouches for. */
    private static int wholeBytes(byte[] data, byte[] index) {
        ByteBuffer entries = ByteBuffer.wrap(index);
        long end = 0;
        while (entries.remaining() >= Journal.ENTRY_BYTES) {
            int at = entries.position();
            long from = entries.getLong();
            long length = entries.getLong();
            int dataCrc = entries.getInt();
            int entryCrc = entries.getInt();
            boolean whole = entryCrc == Journal.crc(index, at, Journal.ENTRY_BYTES - 4)
                    && from == end
                    && length > 0
                    && length <= data.length - from
                    && dataCrc == Journal.crc(data, (int) from, (int) length);
            if (!whole) {
                break;
            }
            end += length;
        }
        return (int) end;
    }

    private static byte[] readAll(Path file) throws IOException {
        try (FileChannel channel = SafeFiles.open(file)) {
            long size = channel.size();
            if (size > MAX_JOURNAL_BYTES) {
                throw new TraceFormatException(file.toString(), "", "journal of " + size + " bytes is too large");
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) size);
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // until full or the end
            }
            return Arrays.copyOf(bytes.array(), bytes.position());
        }
    }

    private static void copy(String name, VectorSchemaRoot from, Batch to) throws IOException {
        int n = from.getRowCount();
        int first = to.rows();
        to.reserve(first + n);
        List<Column> columns = to.table().columns();
        for (int c = 0; c < columns.size(); c++) {
            Column column = columns.get(c);
            FieldVector vector = from.getVector(column.name());
            if (vector == null) {
                if (!column.optional()) {
                    throw new TraceFormatException(name, "", "journal has no column " + column.name());
                }
                to.setPresent(c, false);
                Arrays.fill(to.longs(c), first, first + n, Batch.MISSING);
            } else if (vector instanceof BigIntVector longs && column.type() == ColumnType.INT64) {
                for (int i = 0; i < n; i++) {
                    to.set(c, first + i, longs.get(i));
                }
            } else if (vector instanceof IntVector ints && column.type() == ColumnType.INT32) {
                for (int i = 0; i < n; i++) {
                    to.set(c, first + i, ints.get(i));
                }
            } else if (vector instanceof VarCharVector texts && column.type() == ColumnType.STRING) {
                for (int i = 0; i < n; i++) {
                    to.set(c, first + i, text(name, texts, i));
                }
            } else {
                throw new TraceFormatException(name, "", "journal column " + column.name() + " has the wrong type");
            }
        }
        to.setRows(first + n);
    }

    /** Offsets that only rise within the data keep all texts together no larger than the journal. */
    private static String text(String name, VarCharVector texts, int i) throws IOException {
        int start = texts.getStartOffset(i);
        int end = texts.getEndOffset(i);
        if (start < 0 || end < start || end > texts.getDataBuffer().capacity()) {
            throw new TraceFormatException(name, "", "damaged journal: a text lies outside the data");
        }
        byte[] bytes = new byte[end - start];
        texts.getDataBuffer().getBytes(start, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
