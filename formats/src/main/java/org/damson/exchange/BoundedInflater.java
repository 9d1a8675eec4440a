package org.damson.exchange;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;
import org.damson.model.TraceFormatException;

/**
 * Inflates zlib, gzip or zstd and stops at what only a bomb does. Recordings shrink about sixtyfold, zeros a thousandfold. What
 * is cut off ends where it does, and {@link #cutOff} says so.
 */
final class BoundedInflater extends FilterInputStream {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final long FREE_BYTES = 64L << 20;
    private static final long MAX_RATIO = 400;

    private final String name;
    private final String kind;
    private final Counted packed;
    private long inflated;
    private String cutOff;

    private BoundedInflater(String name, String kind, Counted packed, InputStream plain) {
        super(plain);
        this.name = name;
        this.kind = kind;
        this.packed = packed;
    }

    static BoundedInflater zlib(String name, InputStream in) {
        Counted packed = new Counted(in);
        Inflater inflater = new Inflater();
        return new BoundedInflater(name, "zlib", packed, new InflaterInputStream(packed, inflater, BUFFER_BYTES) {
            @Override
            public void close() throws IOException {
                inflater.end();
                super.close();
            }
        });
    }

    static BoundedInflater zstd(String name, InputStream in) throws IOException {
        Counted packed = new Counted(in);
        return new BoundedInflater(name, "zstd", packed, new ZstdInputStream(packed));
    }

    /** @throws TraceFormatException if it does not begin as gzip does */
    static BoundedInflater gzip(String name, InputStream in) throws IOException {
        Counted packed = new Counted(in);
        try {
            return new BoundedInflater(name, "gzip", packed, new GZIPInputStream(packed, BUFFER_BYTES));
        } catch (ZipException | EOFException e) {
            throw damaged(name, "gzip", packed, e);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int n;
        try {
            n = cutOff == null ? super.read(bytes, offset, length) : -1;
        } catch (IOException e) {
            if (e instanceof EOFException || packed.isEnded && kind.equals("zstd")) {
                cutOff = "byte " + packed.bytes + ": the " + kind + " around it ends too early";
                return -1;
            }
            if (e instanceof ZipException || e instanceof ZstdIOException) {
                throw damaged(name, kind, packed, e);
            }
            throw e;
        }
        inflated += Math.max(0, n);
        if (inflated > FREE_BYTES && inflated / MAX_RATIO > packed.bytes) {
            throw new TraceFormatException(
                    name, "byte " + packed.bytes, "inflates more than " + MAX_RATIO + "-fold: not a recording");
        }
        return n;
    }

    /** Why the input ended early, null if its end was reached. */
    String cutOff() {
        return cutOff;
    }

    @Override
    public long skip(long n) throws IOException {
        return read(new byte[(int) Math.max(0, Math.min(n, 1 << 16))]);
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private static TraceFormatException damaged(String name, String kind, Counted packed, IOException e) {
        return new TraceFormatException(name, "byte " + packed.bytes, "damaged " + kind + ": " + e.getMessage(), e);
    }

    /** Counts what is taken of the packed stream. */
    private static final class Counted extends FilterInputStream {
        private long bytes;
        private boolean isEnded;

        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            bytes += b < 0 ? 0 : 1;
            isEnded |= b < 0;
            return b;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int n = super.read(into, offset, length);
            bytes += Math.max(0, n);
            isEnded |= n < 0;
            return n;
        }
    }
}
