package org.damson.trace.parquet;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.util.Native;
import com.github.luben.zstd.util.ZstdVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.parquet.bytes.BytesInput;
import org.damson.model.MissingCapabilityException;
import org.damson.trace.files.SafeFiles;

/** How pages are compressed: with zstd and nothing else. */
public final class ZstdCodecs {
    /** zstd's highest level, which takes some milliseconds: for row groups so short that headers are most of them. */
    private static final int SHORT_LEVEL = 22;

    /** Costs a recorder little, and its tables still reach from snapshot to snapshot of 10,000 regions and more. */
    private static final int LEVEL = 2;

    /** Greedy: level 2's own search is faster, but its result a quarter longer where values change. */
    private static final int STRATEGY = 3;

    /** Bytes. Shorter matches are chance: they break the run that repeats at a snapshot's distance. */
    private static final int MIN_MATCH = 6;

    /** Largest page of texts accepted when reading, uncompressed. */
    static final int MAX_PAGE_BYTES = 32 << 20;

    /** The same of numbers, of which damson writes pages of at most 2.5 MiB; a reader has one of each column in memory. */
    static final int MAX_NUMBERS_BYTES = 4 << 20;

    /** zstd-jni's property that says where its library is. */
    private static final String UNPACKED = "ZstdNativePath";

    private ZstdCodecs() {}

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
            load();
        } catch (LinkageError e) {
            throw MissingCapabilityException.notLoaded("zstd", e);
        }
    }

    private static void load() {
        try {
            Native.load();
        } catch (LinkageError e) {
            if (System.clearProperty(UNPACKED) == null) {
                throw e;
            }
            Native.load(); // what was unpacked before is of no use any more: unpacked again
        }
    }

    /**
     * Leaves the native library in a new file, for later starts that {@link #UNPACKED} tells of it: to unpack it takes longer than to
     * report on a short trace.
     */
    public static void unpack(Path file) throws IOException {
        String machine = System.getProperty("os.arch");
        String resource = "/linux/" + machine + "/libzstd-jni-" + ZstdVersion.VERSION + ".so";
        try (InputStream in = Native.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("no zstd library for " + machine);
            }
            try (FileChannel out = SafeFiles.create(file)) {
                ByteBuffer bytes = ByteBuffer.wrap(in.readAllBytes());
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
            }
        }
    }
}
