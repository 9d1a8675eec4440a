package org.damson.trace.parquet;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.util.Native;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.damson.model.MissingCapabilityException;

/** zstd and nothing else, without Hadoop. */
public final class ZstdCodecs implements CompressionCodecFactory {
    /** As far as zstd goes, some milliseconds: for row groups so short that their headers are most of them. */
    private static final int SHORT_LEVEL = 22;

    /** Costs a recorder little, and its tables still reach from snapshot to snapshot of 10,000 regions and more. */
    private static final int LEVEL = 2;

    /** Greedy: level 2's own search is faster, but its result a quarter longer where values change. */
    private static final int STRATEGY = 3;

    /** Bytes. Shorter matches are chance: they break the run that repeats at a snapshot's distance. */
    private static final int MIN_MATCH = 6;

    /** Largest page accepted when reading, uncompressed. */
    static final int MAX_PAGE_BYTES = 32 << 20;

    /** The same of numbers, of which damson writes pages of at most 2.5 MiB; a reader has one of each column in memory. */
    static final int MAX_NUMBERS_BYTES = 16 << 20;

    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName codec) {
        throw new UnsupportedOperationException("pages are compressed before they reach parquet");
    }

    /**
     * The first {@code size} bytes, compressed.
     *
     * @param small whether it shall be as small as can be, at many times the cost
     */
    static byte[] compress(byte[] bytes, int size, boolean small) {
        byte[] out = new byte[Math.toIntExact(Zstd.compressBound(size))];
        byte[] packed;
        try (ZstdCompressCtx zstd = new ZstdCompressCtx()) {
            zstd.setLevel(LEVEL).setStrategy(STRATEGY).setMinMatch(MIN_MATCH);
            packed = Arrays.copyOf(out, zstd.compressByteArray(out, 0, out.length, bytes, 0, size));
        }
        if (!small) {
            return packed;
        }
        try (ZstdCompressCtx zstd = new ZstdCompressCtx()) {
            zstd.setLevel(SHORT_LEVEL);
            int n = zstd.compressByteArray(out, 0, out.length, bytes, 0, size);
            return n < packed.length ? Arrays.copyOf(out, n) : packed;
        }
    }

    /** The bytes as one array. */
    static byte[] bytesOf(BytesInput bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(Math.toIntExact(bytes.size()));
        bytes.writeAllTo(out);
        return out.toByteArray();
    }

    /**
     * Loads the native library, which unpacks itself into a temporary file.
     *
     * @throws MissingCapabilityException if there is no room for that, or it may not be executed there: no trace is at fault
     */
    public static void require() throws MissingCapabilityException {
        try {
            Native.load();
        } catch (LinkageError e) {
            String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new MissingCapabilityException("zstd cannot be loaded: " + why, e);
        }
    }

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
        return switch (codec) {
            case ZSTD -> new Decompressor();
            case UNCOMPRESSED -> new Plain();
            default -> throw new IllegalArgumentException("pages compressed with " + codec + ", expected ZSTD");
        };
    }

    @Override
    public void release() {
        // nothing is held
    }

    private static final class Plain implements BytesInputDecompressor {
        @Override
        public BytesInput decompress(BytesInput bytes, int size) {
            return bytes;
        }

        @Override
        public void decompress(ByteBuffer input, int compressedSize, ByteBuffer output, int size) {
            output.put(input);
        }

        @Override
        public void release() {
            // nothing is held
        }
    }

    private static final class Decompressor implements BytesInputDecompressor {
        @Override
        public BytesInput decompress(BytesInput bytes, int size) throws IOException {
            if (size < 0 || size > MAX_PAGE_BYTES) {
                throw new IOException("page claims " + size + " bytes, the limit is " + MAX_PAGE_BYTES);
            }
            byte[] compressed = bytesOf(bytes);
            byte[] plain = new byte[size];
            long n = Zstd.decompressByteArray(plain, 0, size, compressed, 0, compressed.length);
            if (Zstd.isError(n) || n != size) {
                throw new IOException("damaged page: " + (Zstd.isError(n) ? Zstd.getErrorName(n) : "wrong length"));
            }
            return BytesInput.from(plain);
        }

        @Override
        public void decompress(ByteBuffer input, int compressedSize, ByteBuffer output, int size) throws IOException {
            byte[] compressed = new byte[compressedSize];
            input.get(compressed);
            output.put(bytesOf(decompress(BytesInput.from(compressed), size)));
        }

        @Override
        public void release() {
            // nothing is held
        }
    }
}
