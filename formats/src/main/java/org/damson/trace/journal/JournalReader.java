package org.damson.trace.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
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
import org.apache.arrow.vector.util.ByteArrayReadableSeekableByteChannel;
import org.damson.model.Batch;
import org.damson.model.Column;
import org.damson.model.ColumnType;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.trace.files.SafeFiles;
import org.damson.trace.parquet.ParquetTableReader;

/**
 * Reads back a {@link Journal}, also one that was cut short or damaged: every batch that its index vouches for, what is
 * missing between them, and what follows the last. Nothing is allocated for what a damaged one only claims.
 */
final class JournalReader {
    private static final long MAX_JOURNAL_BYTES = 1L << 30;

    /** What the batch at hand may take; a recorder's have some ten thousand rows. */
    private static final long MAX_BATCH_BYTES = 256L << 20;

    /** What says where a batch's columns lie, some KiB. */
    private static final long MAX_HEAD_BYTES = 1L << 20;

    /** More batches than a segment has rows. */
    static final int MAX_INDEX_BYTES = 4 << 20;

    /**
     * What a journal holds.
     *
     * @param rows those of its whole batches, in their order
     * @param gaps where batches are missing that were written
     * @param notes damage that cost no row
     * @param tornBytes bytes after the last batch that the index knows: of a write that was cut short
     */
    record Content(Batch rows, List<Gap> gaps, List<String> notes, long tornBytes) {}

    /**
     * Batches that are missing: numbers {@code from} to {@code to}, exclusive.
     *
     * @param beforeRow the first row after them
     * @param cause for people, with the file's name
     */
    record Gap(int beforeRow, int from, int to, String cause) {}

    private JournalReader() {}

    /**
     * Reads a journal that may be written meanwhile.
     *
     * @param listed what it must have, read before it
     */
    static Content read(Path dir, Table table, int segment, ListedBatches listed) throws IOException {
        Path file = Journal.dataFile(dir, table, segment);
        Path indexFile = Journal.indexFile(dir, table, segment);
        int batches = listed.count(table);
        String name = file.getFileName().toString();
        // The index first: what it knows of has been written before it.
        byte[] own = readAll(indexFile, Long.MAX_VALUE, MAX_INDEX_BYTES);
        boolean isThere = Files.exists(file, LinkOption.NOFOLLOW_LINKS);
        if (!isThere && batches > 0) {
            return nothing(table, batches, name + ": is missing");
        }
        if (listed.isOfAnother(table, own)) {
            return nothing(table, batches, name + ": is not of this trace and segment");
        }
        byte[] index = listed.completed(table, own, indexFile.getFileName().toString());
        if (index.length == 0
                && !Files.exists(indexFile, LinkOption.NOFOLLOW_LINKS)
                && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                && Files.size(file) > 0) {
            // It is created before the first byte of a batch is written.
            return nothing(table, 0, name + ": its index is missing");
        }
        long known = JournalIndex.end(index);
        Content content;
        try (JournalBytes data = new JournalBytes(isThere ? SafeFiles.open(file) : nothing(), known)) {
            if (data.size() > MAX_JOURNAL_BYTES) {
                throw new TraceFormatException(name, "", "journal of " + data.size() + " bytes is too large");
            }
            content = parse(name, table, data, index);
        }
        long unread = isThere ? Files.size(file) - known : 0;
        return unread <= 0
                ? content
                : new Content(content.rows, content.gaps, content.notes, content.tornBytes + unread);
    }

    private static Content nothing(Table table, int batches, String cause) {
        return new Content(new Batch(table), List.of(new Gap(0, 0, batches, cause)), List.of(), 0);
    }

    private static SeekableByteChannel nothing() {
        return new ByteArrayReadableSeekableByteChannel(new byte[0]);
    }

    /** What {@link #read} does, on bytes. */
    static Content parse(String name, Table table, JournalBytes data, byte[] index) throws IOException {
        JournalIndex known = JournalIndex.of(name, data, index);
        List<JournalIndex.Batch> whole = known.whole();
        if (whole.isEmpty()) {
            return new Content(new Batch(table), known.gaps(i -> 0), known.notes(), known.tornBytes());
        }
        byte[] schema = new byte[0];
        if (whole.get(0).offset() != 0) {
            if (known.present() == 0) {
                List<Gap> all = new ArrayList<>(known.gaps(i -> 0));
                all.add(new Gap(0, -1, 0, name + ": its columns are damaged, and no copy of them is in the index"));
                return new Content(new Batch(table), all, known.notes(), known.tornBytes());
            }
            boolean[] present = new boolean[table.columns().size()];
            for (int c = 0; c < present.length; c++) {
                present[c] = (known.present() >>> c & 1) != 0;
            }
            schema = Journal.schema(table, present);
        }
        int[] rowsBefore = new int[whole.size() + 1];
        Batch rows = rows(name, table, new Stream(schema, data, whole), rowsBefore);
        return new Content(rows, known.gaps(i -> rowsBefore[i]), known.notes(), known.tornBytes());
    }

    /** @param rowsBefore takes for each batch, and for the end, how many rows come before it */
    private static Batch rows(String name, Table table, Stream data, int[] rowsBefore) throws IOException {
        OpenBuffers.require("reading a trace that is not sealed");
        Batch rows = new Batch(table);
        int batch = 0;
        // bodies are read into one buffer rounded up to a power of two; the rest are bitmaps
        long room = Math.min(4 * data.size + (1 << 20), MAX_BATCH_BYTES);
        try (RootAllocator memory = new RootAllocator(room);
                ArrowStreamReader reader =
                        new ArrowStreamReader(new MessageChannelReader(new Claims(data), memory), memory)) {
            while (reader.loadNextBatch()) {
                int n = reader.getVectorSchemaRoot().getRowCount();
                if (n < 0 || rows.rows() + (long) n > Math.min(data.size / 4, ParquetTableReader.MAX_ROW_GROUP_ROWS)) {
                    throw new TraceFormatException(
                            name, "", "damaged journal: more rows than there are bytes for, or than a segment has");
                }
                copy(name, reader.getVectorSchemaRoot(), rows);
                batch++;
                if (batch < rowsBefore.length) {
                    rowsBefore[batch] = rows.rows();
                }
            }
        } catch (RuntimeException | IOException | AssertionError | StackOverflowError e) {
            // Arrow asserts some of what it reads, and follows nested fields as deep as they claim to go.
            throw damaged(name, e);
        }
        return rows;
    }

    /** A schema and the whole batches after it, one after another. */
    private static final class Stream implements ReadableByteChannel {
        private final ByteBuffer schema;
        private final JournalBytes data;
        private final Iterator<JournalIndex.Batch> next;
        private final long size;
        private long at;
        private int left;

        /** @param schema empty if the first batch has it */
        Stream(byte[] schema, JournalBytes data, List<JournalIndex.Batch> whole) {
            this.schema = ByteBuffer.wrap(schema);
            this.data = data;
            next = whole.iterator();
            size = schema.length
                    + whole.stream().mapToLong(JournalIndex.Batch::length).sum();
        }

        @Override
        public int read(ByteBuffer to) throws IOException {
            int wanted = to.remaining();
            if (schema.hasRemaining()) {
                int n = Math.min(wanted, schema.remaining());
                to.put(schema.slice(schema.position(), n));
                schema.position(schema.position() + n);
                return n;
            }
            while (left == 0 && next.hasNext()) {
                JournalIndex.Batch batch = next.next();
                at = batch.offset();
                left = batch.length();
            }
            if (left == 0) {
                return -1;
            }
            int n = Math.min(wanted, left);
            int limit = to.limit();
            data.read(at, to.limit(to.position() + n));
            to.limit(limit);
            at += n;
            left -= n;
            return n;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // whose bytes they are closes them
        }
    }

    /** Holds the lengths that precede the messages against what there is, before anything is allocated for them. */
    private static final class Claims extends ReadChannel {
        private final long whole;

        Claims(Stream data) {
            super(data);
            whole = data.size;
        }

        @Override
        public int readFully(ByteBuffer buffer) throws IOException {
            int at = buffer.position();
            int n = super.readFully(buffer);
            if (n == Integer.BYTES && buffer.position() == buffer.limit()) {
                int claimed = Integer.reverseBytes(buffer.getInt(at));
                long most = Math.min(whole - bytesRead(), MAX_HEAD_BYTES);
                if (claimed > most) {
                    throw new IOException("message claims " + claimed + " bytes of " + most);
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
                ? "not readable"
                : e.getMessage().lines().findFirst().orElse("");
        return new TraceFormatException(name, "", "damaged journal: " + why, e);
    }

    /**
     * Its first {@code most} bytes; nothing if it is not there.
     *
     * @param limit what may be read at all
     */
    static byte[] readAll(Path file, long most, long limit) throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return new byte[0];
        }
        try (FileChannel channel = SafeFiles.open(file)) {
            long size = Math.min(most, channel.size());
            if (size > limit) {
                throw new TraceFormatException(file.toString(), "", "journal of " + size + " bytes is too large");
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) size);
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // until full or the end
            }
            return bytes.hasRemaining() ? Arrays.copyOf(bytes.array(), bytes.position()) : bytes.array();
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
                if (column.type() == ColumnType.STRING) {
                    Arrays.fill(to.texts(c), first, first + n, "");
                } else {
                    Arrays.fill(to.longs(c), first, first + n, Batch.MISSING);
                }
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
