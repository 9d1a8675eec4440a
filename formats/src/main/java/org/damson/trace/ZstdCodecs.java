package org.damson.trace;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/** zstd and nothing else, without Hadoop. */
final class ZstdCodecs implements CompressionCodecFactory {
    /** What costs a recorder little and still finds the bounds that repeat from snapshot to snapshot. */
    static final int LEVEL = 3;

    /** As far as zstd goes within milliseconds: for row groups so short that their headers are most of them. */
    static final int SHORT_LEVEL = 19;

    /** Largest page accepted when reading, uncompressed; damson writes pages of at most 1 MiB rows x 8 bytes. */
    static final int MAX_PAGE_BYTES = 64 << 20;

    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName codec) {
        throw new UnsupportedOperationException("pages are compressed before they reach parquet");
    }

    /** The first {@code size} bytes, compressed. */
    static BytesInput compress(byte[] bytes, int size, int level) throws IOException {
        byte[] out = new byte[Math.toIntExact(Zstd.compressBound(size))];
        long n = Zstd.compressByteArray(out, 0, out.length, bytes, 0, size, level);
        if (Zstd.isError(n)) {
            throw new IOException("cannot compress: " + Zstd.getErrorName(n));
        }
        return BytesInput.from(Arrays.copyOf(out, (int) n));
    }

    /** The bytes as one array. */
    static byte[] bytesOf(BytesInput bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(Math.toIntExact(bytes.size()));
        bytes.writeAllTo(out);
        return out.toByteArray();
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
