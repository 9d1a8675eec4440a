package org.damson.exchange.perf;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.damson.exchange.build.BinaryInput;
import org.damson.model.TraceFormatException;

/** The records of a {@code perf.data}, or of one file of {@code perf record --threads}, compressed or not. */
final class PerfRecords implements Closeable {
    static final int MAX_BYTES = 1 << 16;
    private static final int COMPRESSED = 81;
    private static final int COMPRESSED2 = 83;

    /** Limit on the inflation ratio, after the first bytes; perf's records compress up to thirtyfold. */
    private static final long MAX_RATIO = 400;

    private static final int MAX_MESSAGE_BYTES = 4096;
    private static final long FREE_BYTES = 64L << 20;

    /** Takes the records. */
    interface Taker {
        /** Takes the record at {@code at} in {@code b}. */
        void take(int type, ByteBuffer b, int at, int length) throws IOException;
    }

    private final BinaryInput in;
    private final long end;
    private final ByteBuffer record;
    private final Taker plain;
    private final Taker unpacked;

    /** Time of the newest record, to merge several files. */
    long newestNs = Long.MIN_VALUE;

    // The compressed part, one stream over all records: what is inflated and no whole record yet waits here.
    private ZstdDecompressCtx zstd;
    private ByteBuffer deflated;
    private ByteBuffer inflated;
    private String cutOff;
    private long deflatedBytes;
    private long inflatedBytes;

    /**
     * Reads from where {@code in} is.
     *
     * @param record of {@link #MAX_BYTES}, to be used while {@link #next} runs
     * @param plain what takes records that were not compressed; the input stands after them then
     * @param unpacked what takes the others
     */
    PerfRecords(BinaryInput in, long end, ByteBuffer record, Taker plain, Taker unpacked) {
        this.in = in;
        this.end = end;
        this.record = record;
        this.plain = plain;
        this.unpacked = unpacked;
    }

    BinaryInput input() {
        return in;
    }

    /** Why reading stopped before the end; null if the end was reached. */
    String cutOff() {
        return cutOff;
    }

    private boolean cutOff(String why) {
        cutOff = "byte " + in.position() + ": " + why;
        return false;
    }

    /** Reads one record, or one compressed block of records; false if there is no complete one left. */
    boolean next() throws IOException {
        if (in.position() >= end) {
            return inflatedBytes > 0 && inflated.position() > 0 && cutOff("the compressed data ends within a record");
        }
        if (end - in.position() < 8) {
            return cutOff("cut off within a record");
        }
        int type = (int) in.u32();
        in.u16();
        int length = in.u16();
        in.seek(in.position() - 8);
        if (length < 8 || length > end - in.position()) {
            return cutOff("a record of " + length + " bytes, " + (end - in.position()) + " are left");
        }
        in.read(record.clear().limit(length));
        record.flip();
        if (type == COMPRESSED) {
            inflate(8, length - 8);
        } else if (type == COMPRESSED2) {
            long bytes = length < 16 ? -1 : record.getLong(8);
            if (bytes < 0 || bytes > length - 16) {
                throw in.bad("compressed data of " + Long.toUnsignedString(bytes) + " bytes");
            }
            inflate(16, (int) bytes);
        } else {
            plain.take(type, record, 0, length);
        }
        return true;
    }

    /** The short text found in place of a record, such as a message of perf in a pipe; else empty. */
    String textBehind() throws IOException {
        long left = end - in.position();
        if (left > MAX_MESSAGE_BYTES) {
            return "";
        }
        byte[] bytes = new byte[(int) left];
        in.bytes(bytes.length).get(bytes);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        return text.chars().allMatch(c -> c >= ' ' && c < 127 || c == '\n' || c == '\t' || c == '\r') ? text : "";
    }

    /** Inflates the next block and takes the complete records in it. */
    private void inflate(int at, int length) throws IOException {
        if (zstd == null) {
            zstd = new ZstdDecompressCtx();
            ByteOrder order = in.order();
            deflated = ByteBuffer.allocateDirect(MAX_BYTES);
            inflated = ByteBuffer.allocateDirect(4 * MAX_BYTES).order(order);
        }
        deflated.clear().put(record.slice(at, length)).flip();
        deflatedBytes += length;
        boolean more = true;
        while (more) {
            int before = inflated.position();
            int had = deflated.remaining();
            try {
                zstd.decompressDirectByteBufferStream(inflated, deflated);
            } catch (ZstdException e) {
                throw new TraceFormatException(
                        in.name(), "byte " + in.position(), "damaged zstd: " + e.getMessage(), e);
            }
            inflatedBytes += inflated.position() - before;
            if (inflatedBytes > FREE_BYTES && inflatedBytes / MAX_RATIO > deflatedBytes) {
                throw in.bad("inflates more than " + MAX_RATIO + "-fold: not a recording");
            }
            // There may be more until all is taken in and some room was left.
            more = deflated.hasRemaining() || !inflated.hasRemaining();
            if (more && inflated.position() == before && deflated.remaining() == had) {
                throw in.bad("damaged zstd: it does not go on");
            }
            takeInflated();
        }
    }

    private void takeInflated() throws IOException {
        inflated.flip();
        int at = 0;
        while (inflated.limit() - at >= 8) {
            int length = inflated.getShort(at + 6) & 0xffff;
            if (length < 8) {
                throw in.bad("a compressed record of " + length + " bytes");
            }
            if (length > inflated.limit() - at) {
                break;
            }
            unpacked.take(inflated.getInt(at), inflated, at, length);
            at += length;
        }
        inflated.position(at).compact();
    }

    @Override
    public void close() {
        if (zstd != null) {
            zstd.close();
        }
    }
}
