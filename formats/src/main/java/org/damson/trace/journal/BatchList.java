package org.damson.trace.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.damson.model.Table;
import org.damson.trace.files.SafeFiles;

/**
 * What the journals of a segment must hold: {@code batches-NNNNNN.index}, one 24-byte entry per batch of any table, in the
 * order in which they were written:
 *
 * <pre>
 *   CRC32C of the table's name INT32 | number in its journal INT32 | rows INT32 | length INT32
 *   | CRC32C of the bytes INT32 | CRC32C of the 20 bytes before INT32   (big-endian)
 * </pre>
 *
 * The first entry is not of a batch: its number is -1, and in the place of a batch's checksum it has {@link #mark}. An entry is
 * written after its batch and the batch's own index entry, so a killed recorder leaves at most one batch of a table that is
 * not listed.
 */
final class BatchList implements Closeable {
    static final String NAME = "batches";
    static final int HEAD_NUMBER = -1;

    private final String trace;
    private final int segment;
    private final FileChannel channel;
    private long offset;

    /** Creates the file, which may not exist. */
    static BatchList create(Path dir, String trace, int segment) throws IOException {
        return new BatchList(trace, segment, SafeFiles.create(fileOf(dir, segment)));
    }

    private BatchList(String trace, int segment, FileChannel channel) {
        this.trace = trace;
        this.segment = segment;
        this.channel = channel;
    }

    static Path fileOf(Path dir, int segment) {
        return dir.resolve("%s-%06d.index".formatted(NAME, segment));
    }

    /** Marks a file of a segment's journals as belonging there, and to this trace. */
    static int mark(String trace, String table, int segment) {
        return crc("%s/%s-%06d".formatted(trace, table, segment));
    }

    static int nameOf(Table table) {
        return crc(table.fileStem());
    }

    private static int crc(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return Journal.crc(bytes, 0, bytes.length);
    }

    /** The mark of the journal of a table beside this list. */
    int markOf(Table table) {
        return mark(trace, table.fileStem(), segment);
    }

    /** Lists a batch; after a failure the call may be repeated. */
    void add(Table table, int number, int rows, byte[] batch) throws IOException {
        ByteBuffer entries = ByteBuffer.allocate(2 * Journal.ENTRY_BYTES);
        if (offset == 0) {
            put(entries, 0, HEAD_NUMBER, 0, 0, mark(trace, NAME, segment));
        }
        put(entries, nameOf(table), number, rows, batch.length, Journal.crc(batch, 0, batch.length));
        int length = entries.flip().remaining();
        Journal.writeFully(channel, entries, offset);
        offset += length;
    }

    private static void put(ByteBuffer to, int table, int number, int rows, int length, int crc) {
        int at = to.position();
        to.putInt(table).putInt(number).putInt(rows).putInt(length).putInt(crc);
        to.putInt(Journal.crc(to.array(), at, Journal.ENTRY_BYTES - Integer.BYTES));
    }

    void force() throws IOException {
        channel.force(false);
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            channel.force(false);
        }
    }

    static void delete(Path dir, int segment) throws IOException {
        Files.deleteIfExists(fileOf(dir, segment));
    }
}
