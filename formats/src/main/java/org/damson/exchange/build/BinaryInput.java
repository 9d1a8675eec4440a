package org.damson.exchange.build;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.damson.model.TraceFormatException;

/**
 * Reads numbers and strings of a binary file, of either byte order, at any place of it. What comes from a pipe is first put
 * into a temporary file. Nothing is allocated for what the file says of itself before the file is known to be that long.
 */
public final class BinaryInput implements Closeable {
    private static final int WINDOW_BYTES = 1 << 16;
    private static final int MAX_STRING_BYTES = 1 << 12;

    private final String name;
    private final FileChannel file;
    private final byte[] memory;
    private final long size;
    private ByteBuffer window;
    private long windowStart;
    private long position;

    private BinaryInput(String name, FileChannel file, byte[] memory, long size) {
        this.name = name;
        this.file = file;
        this.memory = memory;
        this.size = size;
        window = memory == null
                ? ByteBuffer.allocate(WINDOW_BYTES).limit(0)
                : ByteBuffer.wrap(memory).asReadOnlyBuffer();
        window.order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Input from a stream, which the caller closes, or directly from its file where there is one. */
    public static BinaryInput of(String name, InputStream in, Path path) throws IOException {
        if (path != null && Files.isRegularFile(path)) {
            FileChannel whole = FileChannel.open(path, StandardOpenOption.READ);
            return new BinaryInput(name, whole, null, whole.size());
        }
        FileChannel file = SnapshotSorter.temporaryFile();
        try {
            byte[] bytes = new byte[WINDOW_BYTES];
            for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
                ByteBuffer from = ByteBuffer.wrap(bytes, 0, n);
                while (from.hasRemaining()) {
                    file.write(from);
                }
            }
            return new BinaryInput(name, file, null, file.size());
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Input from a decompressed part of a file. */
    public static BinaryInput of(String name, byte[] bytes, ByteOrder order) {
        BinaryInput input = new BinaryInput(name, null, bytes, bytes.length);
        input.order(order);
        return input;
    }

    public String name() {
        return name;
    }

    public long size() {
        return size;
    }

    public void order(ByteOrder order) {
        window.order(order);
    }

    public ByteOrder order() {
        return window.order();
    }

    public long position() {
        return position;
    }

    /** Moves to an offset, which may be the end. */
    public void seek(long to) throws TraceFormatException {
        if (to < 0 || to > size) {
            throw bad("points to byte " + Long.toUnsignedString(to) + " of " + size);
        }
        position = to;
    }

    public void skip(long bytes) throws TraceFormatException {
        if (bytes < 0 || bytes > size - position) {
            throw bad(
                    "cut off: " + Long.toUnsignedString(bytes) + " bytes should follow, " + (size - position) + " do");
        }
        position += bytes;
    }

    public int u8() throws IOException {
        return window.get(take(1)) & 0xff;
    }

    public int u16() throws IOException {
        return window.getShort(take(2)) & 0xffff;
    }

    public long u32() throws IOException {
        return window.getInt(take(4)) & 0xffffffffL;
    }

    public long u64() throws IOException {
        return window.getLong(take(8));
    }

    /** Reads {@code length} bytes, in the byte order of the file. */
    public ByteBuffer bytes(int length) throws IOException {
        long from = position;
        skip(length);
        ByteBuffer bytes = ByteBuffer.allocate(length).order(order());
        readFully(bytes, from);
        return bytes.flip();
    }

    /** Fills {@code to}, up to its limit, from the current offset. */
    public void read(ByteBuffer to) throws IOException {
        long from = position;
        skip(to.remaining());
        readFully(to, from);
    }

    /** A string of this many bytes, padded with zeros. */
    public String text(int length) throws IOException {
        ByteBuffer bytes = bytes(length);
        int n = 0;
        while (n < length && bytes.get(n) != 0) {
            n++;
        }
        return new String(bytes.array(), 0, n, StandardCharsets.ISO_8859_1);
    }

    /** A string terminated by a zero byte. */
    public String text() throws IOException {
        StringBuilder b = new StringBuilder();
        for (int c = u8(); c != 0; c = u8()) {
            if (b.length() == MAX_STRING_BYTES) {
                throw bad("a name longer than " + MAX_STRING_BYTES + " bytes");
            }
            b.append((char) c);
        }
        return b.toString();
    }

    /** An error at the current offset. */
    public TraceFormatException bad(String rule) {
        return new TraceFormatException(name, "byte " + position, rule);
    }

    /** Index in the window of the next {@code n} bytes. */
    private int take(int n) throws IOException {
        long from = position;
        skip(n);
        if (memory == null && (from < windowStart || from + n > windowStart + window.limit())) {
            window.clear().limit((int) Math.min(WINDOW_BYTES, size - from));
            ByteBuffer fill = window.duplicate();
            readFully(fill, from);
            windowStart = from;
        }
        return (int) (from - windowStart);
    }

    private void readFully(ByteBuffer to, long from) throws IOException {
        if (memory != null) {
            to.put(memory, (int) from, to.remaining());
            return;
        }
        long at = from;
        while (to.hasRemaining()) {
            int n = file.read(to, at);
            if (n < 0) {
                throw bad("the file became shorter while it was read");
            }
            at += n;
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
