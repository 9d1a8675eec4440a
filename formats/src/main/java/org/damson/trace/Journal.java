package org.damson.trace;

import java.io.ByteArrayInputStream;
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
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.ipc.ReadChannel;
import org.apache.arrow.vector.ipc.message.MessageChannelReader;
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

    /** Of a message of an Arrow stream: a mark and the length of what follows. */
    private static final int MESSAGE_PREFIX_BYTES = 8;

    private static final int READ_BYTES = 64 << 10;

    private final Written written;
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
    static Journal create(Path dir, Table table, int segment, boolean[] present) throws IOException {
        FileChannel data = SafeFiles.create(dataFile(dir, table, segment));
        FileChannel index;
        try {
            index = SafeFiles.create(indexFile(dir, table, segment));
        } catch (IOException e) {
            data.close();
            Files.deleteIfExists(dataFile(dir, table, segment)); // so that it can be tried again
            throw e;
        }
        return new Journal(dataFile(dir, table, segment), table, present, data, index);
    }

    private Journal(Path file, Table table, boolean[] present, FileChannel data, FileChannel index) throws IOException {
        written = new Written(file, table, present.clone());
        this.table = table;
        this.present = present.clone();
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
            try (Journal journal = new Journal(null, Table.MEMORY, present, null, null)) {
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
        writeFully(index, entry(offset, bytes), indexOffset);
        written.add(bytes, offset);
        offset += bytes.length;
        indexOffset += ENTRY_BYTES;
        unwritten = null;
        return unwrittenTo;
    }

    /** The rows written so far; valid also after the journal is closed, as long as its file is there. */
    Written written() {
        return written;
    }

    /** What a journal has written, read back from its file a column at a time. */
    static final class Written implements Columns {
        private final Path file;
        private final Table table;
        private final boolean[] present;
        /** For each batch where in the file the buffers of its columns are, and its rows. */
        private final List<long[]> buffers = new ArrayList<>();

        private final List<Integer> batchRows = new ArrayList<>();
        private int rows;
        private long[] numbers = new long[0];

        private Written(Path file, Table table, boolean[] present) {
            this.file = file;
            this.table = table;
            this.present = present;
        }

        Table table() {
            return table;
        }

        @Override
        public int rows() {
            return rows;
        }

        @Override
        public boolean[] present() {
            return present.clone();
        }

        /** Notes where a batch has its columns, whose message, perhaps with the schema before it, is at {@code offset}. */
        private void add(byte[] bytes, long offset) {
            ByteBuffer messages = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            int body = 0;
            Message message;
            do {
                int header = body + MESSAGE_PREFIX_BYTES;
                body = header + messages.getInt(header - Integer.BYTES);
                message = Message.getRootAsMessage(messages.position(header));
                // The schema has no body: what follows it is the next message.
            } while (message.headerType() != MessageHeader.RecordBatch);
            RecordBatch batch = (RecordBatch) message.header(new RecordBatch());
            long[] places = new long[batch.buffersLength()];
            for (int b = 0; b < places.length; b++) {
                places[b] = offset + body + batch.buffers(b).offset();
            }
            buffers.add(places);
            batchRows.add((int) batch.length());
            rows += (int) batch.length();
        }

        /** Index of a column's first buffer, its validity; behind it are its values, or its offsets and its content. */
        private int bufferOf(int column) {
            int at = 0;
            for (int c = 0; c < column; c++) {
                if (present[c]) {
                    at += table.columns().get(c).type() == ColumnType.STRING ? 3 : 2;
                }
            }
            return at;
        }

        @Override
        public long[] numbers(int column) throws IOException {
            if (numbers.length < rows) {
                numbers = new long[rows];
            }
            boolean wide = table.columns().get(column).type() == ColumnType.INT64;
            int width = wide ? Long.BYTES : Integer.BYTES;
            int buffer = bufferOf(column) + 1;
            ByteBuffer bytes = ByteBuffer.allocate(READ_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            int row = 0;
            try (FileChannel channel = SafeFiles.open(file)) {
                for (int b = 0; b < buffers.size(); b++) {
                    int first = row;
                    int end = row + batchRows.get(b);
                    while (row < end) {
                        int n = Math.min(end - row, READ_BYTES / width);
                        long position = buffers.get(b)[buffer] + (long) (row - first) * width;
                        read(channel, bytes.clear().limit(n * width), position);
                        if (wide) {
                            bytes.asLongBuffer().get(numbers, row, n);
                        } else {
                            for (int i = 0; i < n; i++) {
                                numbers[row + i] = bytes.getInt(i * Integer.BYTES);
                            }
                        }
                        row += n;
                    }
                }
            }
            return numbers;
        }

        @Override
        public String[] texts(int column) throws IOException {
            String[] texts = new String[rows];
            Map<String, String> same = new HashMap<>(); // most columns have few words in many rows
            int buffer = bufferOf(column) + 1;
            int row = 0;
            try (FileChannel channel = SafeFiles.open(file)) {
                for (int b = 0; b < buffers.size(); b++) {
                    int n = batchRows.get(b);
                    ByteBuffer ends =
                            ByteBuffer.allocate((n + 1) * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                    read(channel, ends, buffers.get(b)[buffer]);
                    ByteBuffer content = ByteBuffer.allocate(ends.getInt(n * Integer.BYTES));
                    read(channel, content, buffers.get(b)[buffer + 1]);
                    for (int i = 0; i < n; i++) {
                        int from = ends.getInt(i * Integer.BYTES);
                        int length = ends.getInt((i + 1) * Integer.BYTES) - from;
                        String text = new String(content.array(), from, length, StandardCharsets.UTF_8);
                        texts[row + i] = same.computeIfAbsent(text, t -> t);
                    }
                    row += n;
                }
            }
            return texts;
        }

        private void read(FileChannel channel, ByteBuffer into, long position) throws IOException {
            while (into.hasRemaining()) {
                if (channel.read(into, position + into.position()) < 0) {
                    throw new IOException(file + ": shorter than it was written");
                }
            }
            into.flip();
        }
    }

    /** The index entry of a batch. */
    static ByteBuffer entry(long offset, byte[] batch) {
        ByteBuffer entry = ByteBuffer.allocate(ENTRY_BYTES);
        entry.putLong(offset).putLong(batch.length).putInt(crc(batch, 0, batch.length));
        return entry.putInt(crc(entry.array(), 0, ENTRY_BYTES - 4)).flip();
    }

    private void encode(Batch batch, int from, int to) throws IOException {
        fill(batch, from, to);
        writer.writeBatch();
        unwritten = staged.toByteArray();
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

    /** Every whole batch of a journal, as one batch of rows. Empty if there is none. */
    static Batch read(Path dir, Table table, int segment) throws IOException {
        Path file = dataFile(dir, table, segment);
        Path index = indexFile(dir, table, segment);
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
        while (entries.remaining() >= ENTRY_BYTES) {
            int at = entries.position();
            long from = entries.getLong();
            long length = entries.getLong();
            int dataCrc = entries.getInt();
            int entryCrc = entries.getInt();
            boolean whole = entryCrc == crc(index, at, ENTRY_BYTES - 4)
                    && from == end
                    && length > 0
                    && length <= data.length - from
                    && dataCrc == crc(data, (int) from, (int) length);
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
