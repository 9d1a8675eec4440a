package org.damson.trace.parquet;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.Closeable;
import java.io.IOException;
import java.util.zip.CRC32;
import org.apache.parquet.format.PageHeader;

/**
 * Room for one page, compressed and not: megabytes, which the chunks of a column use one after another. Anew for each
 * row group they would be most of a report's garbage, and its memory would grow with the trace.
 */
final class PageBuffers implements Closeable {
    private final boolean verifyChecksums;
    private byte[] packed = new byte[0];
    private ZstdDecompressCtx zstd;

    /** The last page that was loaded is {@code plain[0, size)}. */
    byte[] plain = new byte[0];

    int size;

    PageBuffers(boolean verifyChecksums) {
        this.verifyChecksums = verifyChecksums;
    }

    /** Reads, checks and decompresses the content of a page, whose sizes were checked. */
    void load(FileRange in, PageHeader header, boolean compressed) throws IOException {
        int stored = header.getCompressed_page_size();
        size = header.getUncompressed_page_size();
        if (packed.length < stored) {
            // Pages differ a little in what they take: twice the room serves all of them.
            packed = new byte[2 * stored];
        }
        in.readFully(packed, stored);
        if (verifyChecksums && header.isSetCrc()) {
            CRC32 crc = new CRC32();
            crc.update(packed, 0, stored);
            if ((int) crc.getValue() != header.getCrc()) {
                throw new IOException("checksum of a page is wrong");
            }
        }
        if (!compressed) {
            if (stored != size) {
                throw new IOException("damaged page: wrong length");
            }
            byte[] other = plain;
            plain = packed;
            packed = other;
            return;
        }
        if (plain.length < size) {
            plain = new byte[size];
        }
        decompress(stored);
    }

    private void decompress(int stored) throws IOException {
        if (zstd == null) {
            zstd = new ZstdDecompressCtx();
        }
        try {
            if (zstd.decompressByteArray(plain, 0, size, packed, 0, stored) != size) {
                throw new IOException("damaged page: wrong length");
            }
        } catch (ZstdException e) {
            throw new IOException("damaged page: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        if (zstd != null) {
            zstd.close();
            zstd = null;
        }
    }
}
