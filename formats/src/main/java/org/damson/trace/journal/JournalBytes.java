package org.damson.trace.journal;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.zip.CRC32C;

/** The bytes of a journal as far as its index speaks of them. They are read where they are asked for: a file may be sparse. */
final class JournalBytes implements Closeable {
    private static final int BUFFER_BYTES = 64 << 10;

    private final SeekableByteChannel channel;
    private final long size;

    /** The first {@code most} bytes of a channel, which this then owns. */
    JournalBytes(SeekableByteChannel channel, long most) throws IOException {
        this.channel = channel;
        size = Math.min(most, channel.size());
    }

    long size() {
        return size;
    }

    /** The CRC32C of a part. */
    int crc(long offset, long length) throws IOException {
        CRC32C crc = new CRC32C();
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(BUFFER_BYTES, length));
        for (long at = offset; at < offset + length; at += buffer.limit()) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), offset + length - at));
            read(at, buffer);
            crc.update(buffer.flip());
        }
        return (int) crc.getValue();
    }

    /** Fills a buffer from {@code offset} on. */
    void read(long offset, ByteBuffer into) throws IOException {
        channel.position(offset);
        while (into.hasRemaining()) {
            if (channel.read(into) < 0) {
                throw new EOFException("became shorter");
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
