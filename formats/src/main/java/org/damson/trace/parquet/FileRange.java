package org.damson.trace.parquet;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** A range of a file as a stream; small reads go through a buffer, large ones straight to the file. */
final class FileRange extends InputStream {
    private final FileChannel channel;
    private final long end;
    private final ByteBuffer buffer;

    /** File position of the end of {@link #buffer}. */
    private long position;

    /** The bytes {@code [from, to)}. */
    FileRange(FileChannel channel, long from, long to, int bufferBytes) {
        this.channel = channel;
        buffer = ByteBuffer.allocate(bufferBytes).limit(0);
        this.position = from;
        this.end = to;
    }

    @Override
    public int read() throws IOException {
        return fill() ? buffer.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (!fill()) {
            return -1;
        }
        int n = Math.min(length, buffer.remaining());
        buffer.get(into, offset, n);
        return n;
    }

    private boolean fill() throws IOException {
        if (!buffer.hasRemaining()) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), end - position));
            readInto(buffer);
            buffer.flip();
        }
        return buffer.hasRemaining();
    }

    /** The next bytes, as many as go into the buffer; they are still to come. */
    ByteBuffer peek() throws IOException {
        buffer.compact();
        buffer.limit((int) Math.min(buffer.capacity(), buffer.position() + (end - position)));
        readInto(buffer);
        return buffer.flip();
    }

    void readFully(byte[] into, int length) throws IOException {
        int n = Math.min(length, buffer.remaining());
        buffer.get(into, 0, n);
        if (length - n > end - position) {
            throw new IOException("pages end early");
        }
        ByteBuffer rest = ByteBuffer.wrap(into, n, length - n);
        readInto(rest);
        if (rest.hasRemaining()) {
            throw new IOException("pages end early");
        }
    }

    private void readInto(ByteBuffer to) throws IOException {
        while (to.hasRemaining()) {
            int n = channel.read(to, position);
            if (n < 0) {
                return;
            }
            position += n;
        }
    }

    void skipFully(int length) throws IOException {
        int n = Math.min(length, buffer.remaining());
        buffer.position(buffer.position() + n);
        position += length - n;
        if (position > end) {
            throw new IOException("pages end early");
        }
    }
}
