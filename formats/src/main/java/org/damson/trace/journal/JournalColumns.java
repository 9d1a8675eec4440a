package org.damson.trace.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.damson.model.ColumnType;
import org.damson.model.Table;
import org.damson.trace.files.Columns;
import org.damson.trace.files.SafeFiles;

/** The written rows of a journal, read back from its file a column at a time. */
public final class JournalColumns implements Columns {
    /** Header of a message in an Arrow stream: a marker and the length of the rest. */
    private static final int MESSAGE_PREFIX_BYTES = 8;

    private static final int READ_BYTES = 64 << 10;

    private final Path file;
    private final Table table;
    private final boolean[] present;
    /** For each batch where in the file the buffers of its columns are, and its rows. */
    private final List<long[]> buffers = new ArrayList<>();

    private final List<Integer> batchRows = new ArrayList<>();
    private final List<Written> written = new ArrayList<>();
    private int rows;
    private long[] numbers = new long[0];

    private record Written(long offset, int length, int crc) {}

    JournalColumns(Path file, Table table, boolean[] present) {
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
    void add(byte[] bytes, long offset) {
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
        written.add(new Written(offset, bytes.length, Journal.crc(bytes, 0, bytes.length)));
        batchRows.add((int) batch.length());
        rows += (int) batch.length();
    }

    /**
     * Holds the file against what was written: after a sync that failed, a kernel may have dropped pages and say nothing more of
     * them, and what is sealed from here takes the journal's place.
     */
    @Override
    public void check() throws IOException {
        try (FileChannel channel = SafeFiles.open(file)) {
            byte[] bytes = new byte[0];
            for (Written batch : written) {
                bytes = bytes.length < batch.length ? new byte[batch.length] : bytes;
                read(channel, ByteBuffer.wrap(bytes, 0, batch.length).slice(), batch.offset);
                if (Journal.crc(bytes, 0, batch.length) != batch.crc) {
                    throw new IOException(file + ": is not what was written into it: the disk has lost some of it");
                }
            }
        }
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
                ByteBuffer ends = ByteBuffer.allocate((n + 1) * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
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
