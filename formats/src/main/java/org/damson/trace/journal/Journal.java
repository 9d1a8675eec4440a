package org.damson.trace.journal;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.damson.model.Batch;
import org.damson.model.Column;
import org.damson.model.Table;
import org.damson.trace.files.SafeFiles;

/**
 * Append-only journal of one table and segment: {@code TABLE-NNNNNN.arrows}, a plain Arrow IPC stream, and beside it
 * {@code TABLE-NNNNNN.index}, one 24-byte entry per batch:
 *
 * <pre>
 *   offset INT64 | length INT64 | CRC32C of the bytes INT32 | CRC32C of the 20 bytes before INT32   (big-endian)
 * </pre>
 *
 * The first entry is not of a batch: its offset is -1 and its length a bit for each column that is present, from which a
 * reader makes the stream's schema anew when the batch that holds it is damaged; in the place of a batch's checksum is the mark
 * of the trace, table and segment. A batch counts once its entry is whole and both checksums agree. {@link BatchList} says which
 * there must be.
 */
final class Journal implements Closeable {
    static final int ENTRY_BYTES = 24;
    static final long HEAD_OFFSET = -1;

    private final JournalColumns written;
    private final Table table;
    private final boolean[] present;
    private final BatchList list;
    private final FileChannel data;
    private final FileChannel index;
    private final RootAllocator allocator = new RootAllocator();
    private final VectorSchemaRoot root;
    private final ByteArrayOutputStream staged = new ByteArrayOutputStream();
    private final ArrowStreamWriter writer;
    private long offset;
    private long indexOffset;
    private int batches;
    /** A batch that could not be written yet, and the row after its last. */
    private byte[] unwritten;

    private int unwrittenRows;
    private int unwrittenTo;

    /** Creates both files; neither may exist. What is written is listed too. */
    static Journal create(Path dir, Table table, int segment, boolean[] present, BatchList list) throws IOException {
        FileChannel data = SafeFiles.create(dataFile(dir, table, segment));
        FileChannel index;
        try {
            index = SafeFiles.create(indexFile(dir, table, segment));
        } catch (IOException e) {
            data.close();
            Files.deleteIfExists(dataFile(dir, table, segment)); // so that it can be tried again
            throw e;
        }
        return new Journal(dataFile(dir, table, segment), table, present, data, index, list);
    }

    private Journal(Path file, Table table, boolean[] present, FileChannel data, FileChannel index, BatchList list)
            throws IOException {
        written = new JournalColumns(file, table, present.clone());
        this.table = table;
        this.present = present.clone();
        this.list = list;
        this.data = data;
        this.index = index;
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

    /**
     * Does once, before recording begins, what the first batch would otherwise do while rows wait: loading and starting
     * Arrow takes seconds on a busy machine.
     */
    static void warm() {
        Warm.once();
    }

    private static final class Warm {
        static {
            Batch row = new Batch(Table.MEMORY);
            row.addRow();
            boolean[] present = new boolean[Table.MEMORY.columns().size()];
            Arrays.fill(present, true);
            try (Journal journal = new Journal(null, Table.MEMORY, present, null, null, null)) {
                journal.encode(row, 0, 1);
            } catch (IOException e) {
                throw new UncheckedIOException(e); // it writes to memory only
            }
        }

        static void once() {
            // the initializer did it
        }
    }

    static Path dataFile(Path dir, Table table, int segment) {
        return dir.resolve("%s-%06d.arrows".formatted(table.fileStem(), segment));
    }

    static Path indexFile(Path dir, Table table, int segment) {
        return dir.resolve("%s-%06d.index".formatted(table.fileStem(), segment));
    }

    /**
     * Writes rows {@code [from, to)} as one batch; they survive the death of this process when this returns. After a
     * failure the call may be repeated: what was not written then is written first, at its place.
     *
     * @return the row after the last one written, which is less than {@code to} when an earlier failure was made good
     */
    int append(Batch batch, int from, int to) throws IOException {
        if (unwritten == null) {
            encode(batch, from, to);
        }
        byte[] bytes = unwritten;
        writeFully(data, ByteBuffer.wrap(bytes), offset);
        ByteBuffer entries = ByteBuffer.allocate(2 * ENTRY_BYTES);
        if (indexOffset == 0) {
            entries.put(head(present, list.markOf(table)));
        }
        entries.put(entry(offset, bytes)).flip();
        int length = entries.remaining();
        writeFully(index, entries, indexOffset);
        list.add(table, batches, unwrittenRows, bytes);
        written.add(bytes, offset);
        batches++;
        offset += bytes.length;
        indexOffset += length;
        unwritten = null;
        return unwrittenTo;
    }

    /** The rows written so far; valid also after the journal is closed, as long as its file is there. */
    JournalColumns written() {
        return written;
    }

    /** The first entry of an index. */
    private static ByteBuffer head(boolean[] present, int mark) {
        ByteBuffer head = ByteBuffer.allocate(ENTRY_BYTES);
        head.putLong(HEAD_OFFSET).putLong(bits(present)).putInt(mark);
        return head.putInt(crc(head.array(), 0, ENTRY_BYTES - 4)).flip();
    }

    private static long bits(boolean[] present) {
        long bits = 0;
        for (int c = 0; c < present.length; c++) {
            bits |= present[c] ? 1L << c : 0;
        }
        return bits;
    }

    /** The bytes that a journal of these columns begins with, before its first batch. */
    static byte[] schema(Table table, boolean[] present) throws IOException {
        try (Journal journal = new Journal(null, table, present, null, null, null)) {
            return journal.staged.toByteArray();
        }
    }

    /** The index entry of a batch. */
    static ByteBuffer entry(long offset, byte[] batch) {
        return entry(offset, batch.length, crc(batch, 0, batch.length));
    }

    static ByteBuffer entry(long offset, int length, int crc) {
        ByteBuffer entry = ByteBuffer.allocate(ENTRY_BYTES);
        entry.putLong(offset).putLong(length).putInt(crc);
        return entry.putInt(crc(entry.array(), 0, ENTRY_BYTES - 4)).flip();
    }

    private void encode(Batch batch, int from, int to) throws IOException {
        fill(batch, from, to);
        writer.writeBatch();
        unwritten = staged.toByteArray();
        unwrittenRows = to - from;
        unwrittenTo = to;
        staged.reset();
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
                setAllValid(longs.getValidityBuffer(), n);
                values(longs.getDataBuffer(), n * Long.BYTES).asLongBuffer().put(batch.longs(c), from, n);
            } else if (vector instanceof IntVector ints) {
                ints.allocateNew(n);
                setAllValid(ints.getValidityBuffer(), n);
                IntBuffer values =
                        values(ints.getDataBuffer(), n * Integer.BYTES).asIntBuffer();
                long[] numbers = batch.longs(c);
                for (int i = 0; i < n; i++) {
                    values.put(i, (int) numbers[from + i]);
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

    /** In bulk: cell by cell Arrow takes ten times as long. */
    private static ByteBuffer values(ArrowBuf buffer, int bytes) {
        return buffer.nioBuffer(0, bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void setAllValid(ArrowBuf bitmap, int n) {
        bitmap.setOne(0L, n / 8);
        if (n % 8 != 0) {
            bitmap.setByte(n / 8, (1 << n % 8) - 1);
        }
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

    static void writeFully(FileChannel channel, ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    static int crc(byte[] bytes, int from, int length) {
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
            if (d != null) {
                d.force(false);
                i.force(false);
            }
        }
    }

    static void delete(Path dir, Table table, int segment) throws IOException {
        Files.deleteIfExists(dataFile(dir, table, segment));
        Files.deleteIfExists(indexFile(dir, table, segment));
    }
}
