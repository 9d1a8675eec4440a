package org.damson.trace;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.damson.model.Batch;
import org.damson.model.Column;
import org.damson.model.ColumnType;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;

/**
 * Append-only journal of one table and segment: {@code TABLE-NNNNNN.arrows}, a plain Arrow IPC stream, and beside it
 * {@code TABLE-NNNNNN.index}, one 24-byte entry per batch:
 *
 * <pre>
 *   offset INT64 | length INT64 | CRC32C of the bytes INT32 | CRC32C of the 20 bytes before INT32   (big-endian)
 * </pre>
 *
 * A batch counts once its entry is whole and both checksums agree; everything after the first that does not is ignored.
 */
final class Journal implements Closeable {
    private static final int ENTRY_BYTES = 24;
    private static final long MAX_JOURNAL_BYTES = 1L << 30;

    private final Table table;
    private final boolean[] present;
    private final FileChannel data;
    private final FileChannel index;
    private final RootAllocator allocator = new RootAllocator();
    private final VectorSchemaRoot root;
    private final ByteArrayOutputStream staged = new ByteArrayOutputStream();
    private final ArrowStreamWriter writer;
    private long offset;
    private long indexOffset;
    /** A batch that could not be written yet, and the row after its last. */
    private byte[] unwritten;

    private int unwrittenTo;

    /** Creates both files; neither may exist. */
    Journal(Path dir, Table table, int segment, boolean[] present) throws IOException {
        this.table = table;
        this.present = present.clone();
        data = SafeFiles.create(dataFile(dir, table, segment));
        try {
            index = SafeFiles.create(indexFile(dir, table, segment));
        } catch (IOException e) {
            data.close();
            Files.deleteIfExists(dataFile(dir, table, segment)); // so that it can be tried again
            throw e;
        }
        List<Field> fields = new ArrayList<>();
        for (int c = 0; c < present.length; c++) {
            if (present[c]) {
                fields.add(field(table.columns().get(c)));
            }
        }
        root = VectorSchemaRoot.create(new Schema(fields), allocator);
        writer = new ArrowStreamWriter(root, null, Channels.newChannel(staged));
        writer.start();
    }

    static Path dataFile(Path dir, Table table, int segment) {
        return dir.resolve("%s-%06d.arrows".formatted(table.fileStem(), segment));
    }

    static Path indexFile(Path dir, Table table, int segment) {
        return dir.resolve("%s-%06d.index".formatted(table.fileStem(), segment));
    }

    boolean accepts(boolean[] columns) {
        return Arrays.equals(present, columns);
    }

    /**
     * Writes rows {@code [from, to)} as one batch; they survive the death of this process when this returns. After a
     * failure the call may be repeated: what was not written then is written first, at its place.
     *
     * @return the row after the last one written, which is less than {@code to} when an earlier failure was made good
     */
    int append(Batch batch, int from, int to) throws IOException {
        if (unwritten == null) {
            fill(batch, from, to);
            writer.writeBatch();
            unwritten = staged.toByteArray();
            unwrittenTo = to;
            staged.reset();
        }
        byte[] bytes = unwritten;
        writeFully(data, ByteBuffer.wrap(bytes), offset);
        ByteBuffer entry = ByteBuffer.allocate(ENTRY_BYTES);
        entry.putLong(offset).putLong(bytes.length).putInt(crc(bytes, 0, bytes.length));
        entry.putInt(crc(entry.array(), 0, ENTRY_BYTES - 4));
        writeFully(index, entry.flip(), indexOffset);
        offset += bytes.length;
        indexOffset += ENTRY_BYTES;
        unwritten = null;
        return unwrittenTo;
    }

    void force() throws IOException {
        data.force(false);
        index.force(false);
    }

    private void fill(Batch batch, int from, int to) {
        int n = to - from;
        int v = 0;
        for (int c = 0; c < present.length; c++) {
            if (!present[c]) {
                continue;
            }
            FieldVector vector = root.getVector(v++);
            if (vector instanceof BigIntVector longs) {
                longs.allocateNew(n);
                for (int i = 0; i < n; i++) {
                    longs.set(i, batch.get(c, from + i));
                }
            } else if (vector instanceof IntVector ints) {
                ints.allocateNew(n);
                for (int i = 0; i < n; i++) {
                    ints.set(i, (int) batch.get(c, from + i));
                }
            } else {
                VarCharVector texts = (VarCharVector) vector;
                texts.allocateNew(n);
                for (int i = 0; i < n; i++) {
                    texts.setSafe(i, batch.text(c, from + i).getBytes(StandardCharsets.UTF_8));
                }
            }
            vector.setValueCount(n);
        }
        root.setRowCount(n);
    }

    private static Field field(Column column) {
        ArrowType type =
                switch (column.type()) {
                    case INT32 -> new ArrowType.Int(32, true);
                    case INT64 -> new ArrowType.Int(64, true);
                    case STRING -> ArrowType.Utf8.INSTANCE;
                };
        return new Field(column.name(), FieldType.notNullable(type), null);
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    private static int crc(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    /** Ends the stream properly and closes the files. */
    @Override
    public void close() throws IOException {
        writer.close();
        root.close();
        allocator.close();
        try (FileChannel d = data;
                FileChannel i = index) {
            d.force(false);
            i.force(false);
        }
    }

    static void delete(Path dir, Table table, int segment) throws IOException {
        Files.deleteIfExists(dataFile(dir, table, segment));
        Files.deleteIfExists(indexFile(dir, table, segment));
    }

    /** Every whole batch of a journal, as one batch of rows. Empty if there is none. */
    static Batch read(Path dir, Table table, int segment) throws IOException {
        Batch rows = new Batch(table);
        Path file = dataFile(dir, table, segment);
        byte[] bytes = wholeBatches(file, indexFile(dir, table, segment));
        if (bytes.length == 0) {
            return rows;
        }
        try (RootAllocator memory = new RootAllocator(MAX_JOURNAL_BYTES);
                ArrowStreamReader reader = new ArrowStreamReader(new ByteArrayInputStream(bytes), memory)) {
            while (reader.loadNextBatch()) {
                copy(file, reader.getVectorSchemaRoot(), rows);
            }
        } catch (RuntimeException | IOException e) {
            throw new TraceFormatException(file.toString(), "", "damaged journal: " + e.getMessage(), e);
        }
        return rows;
    }

    private static byte[] wholeBatches(Path data, Path index) throws IOException {
        if (!Files.exists(index) || !Files.exists(data)) {
            return new byte[0];
        }
        byte[] bytes = readAll(data);
        ByteBuffer entries = ByteBuffer.wrap(readAll(index));
        long end = 0;
        while (entries.remaining() >= ENTRY_BYTES) {
            int at = entries.position();
            long from = entries.getLong();
            long length = entries.getLong();
            int dataCrc = entries.getInt();
            int entryCrc = entries.getInt();
            boolean whole = entryCrc == crc(entries.array(), at, ENTRY_BYTES - 4)
                    && from == end
                    && length > 0
                    && length <= bytes.length - from
                    && dataCrc == crc(bytes, (int) from, (int) length);
            if (!whole) {
                break;
            }
            end += length;
        }
        return Arrays.copyOf(bytes, (int) end);
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

    private static void copy(Path file, VectorSchemaRoot from, Batch to) throws IOException {
        int n = from.getRowCount();
        int first = to.rows();
        to.reserve(first + n);
        List<Column> columns = to.table().columns();
        for (int c = 0; c < columns.size(); c++) {
            Column column = columns.get(c);
            FieldVector vector = from.getVector(column.name());
            if (vector == null) {
                if (!column.optional()) {
                    throw new TraceFormatException(file.toString(), "", "journal has no column " + column.name());
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
                    to.set(c, first + i, new String(texts.get(i), StandardCharsets.UTF_8));
                }
            } else {
                throw new TraceFormatException(
                        file.toString(), "", "journal column " + column.name() + " has the wrong type");
            }
        }
        to.setRows(first + n);
    }
}
