package org.damson.trace.parquet;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;

/** Compresses and decompresses pages of memory one by one, as zram and zswap do with zstd. Not thread-safe. */
public final class PageCompression implements AutoCloseable {
    /** The fastest of zstd's levels that find as much as its others do in 4 KiB. */
    private static final int LEVEL = 1;

    private final ZstdCompressCtx packer = new ZstdCompressCtx().setLevel(LEVEL);
    private final ZstdDecompressCtx unpacker = new ZstdDecompressCtx();

    /** Bytes that {@link #compress} may need for {@code sizeBytes}. */
    public static int bound(int sizeBytes) {
        return Math.toIntExact(Zstd.compressBound(sizeBytes));
    }

    /** Compresses a page; returns the bytes that it takes in {@code packed}. */
    public int compress(byte[] page, byte[] packed) {
        return packer.compressByteArray(packed, 0, packed.length, page, 0, page.length);
    }

    /** Gives the page back. */
    public void decompress(byte[] packed, int packedBytes, byte[] page) {
        unpacker.decompressByteArray(page, 0, page.length, packed, 0, packedBytes);
    }

    @Override
    public void close() {
        packer.close();
        unpacker.close();
    }
}
