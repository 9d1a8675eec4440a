package org.damson.exchange.perf;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.damson.exchange.build.BinaryInput;

/** The compression of a {@code trace.dat} of version 7, and the inflation of its sections. */
enum TracingCompression {
    NONE,
    ZSTD,
    ZLIB;

    private static final int MAX_SECTION_BYTES = 1 << 26;

    /** Reads the name and the version of a compression. */
    static TracingCompression read(BinaryInput in) throws IOException {
        String name = in.text();
        in.text(); // its version
        return switch (name) {
            case "none" -> NONE;
            case "zstd" -> ZSTD;
            case "zlib" -> ZLIB;
            default -> throw in.bad("compressed with something else than zstd or zlib");
        };
    }

    /** Content of a section, inflated if it is compressed. */
    BinaryInput section(BinaryInput in, long at) throws IOException {
        in.seek(at);
        in.u16();
        boolean compressed = (in.u16() & 1) != 0;
        in.u32(); // what it is called
        long length = in.u64();
        if (compressed) {
            return BinaryInput.of(in.name(), inflate(in, MAX_SECTION_BYTES).array(), in.order());
        }
        if (length < 0 || length > MAX_SECTION_BYTES) {
            throw in.bad("a section of " + Long.toUnsignedString(length) + " bytes");
        }
        return BinaryInput.of(in.name(), in.bytes((int) length).array(), in.order());
    }

    /**
     * Inflates what is here: two sizes, then the data.
     *
     * @param maxBytes of the data, before and after
     */
    ByteBuffer inflate(BinaryInput from, int maxBytes) throws IOException {
        long deflated = from.u32();
        long length = from.u32();
        if (length > maxBytes || deflated > maxBytes) {
            throw from.bad("compressed data of " + deflated + " bytes that become " + length);
        }
        byte[] data = from.bytes((int) deflated).array();
        byte[] to = new byte[(int) length];
        if (!inflate(data, to)) {
            throw from.bad("damaged " + name().toLowerCase(Locale.ROOT));
        }
        return ByteBuffer.wrap(to).order(from.order());
    }

    private boolean inflate(byte[] data, byte[] to) {
        if (this == ZSTD) {
            try {
                return Zstd.decompressByteArray(to, 0, to.length, data, 0, data.length) == to.length;
            } catch (ZstdException e) {
                return false;
            }
        }
        Inflater zlib = new Inflater();
        try {
            zlib.setInput(data);
            return zlib.inflate(to) == to.length;
        } catch (DataFormatException e) {
            return false;
        } finally {
            zlib.end();
        }
    }
}
