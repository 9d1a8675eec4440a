package org.damson.exchange;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.damson.model.TraceFormatException;

/** Inflates a zlib stream and stops at what only a bomb does. Recordings shrink about sixtyfold, zeros a thousandfold. */
final class BoundedInflater extends InflaterInputStream {
    private static final long FREE_BYTES = 64L << 20;
    private static final long MAX_RATIO = 400;

    private final String name;

    BoundedInflater(String name, InputStream in) {
        super(in, new Inflater(), 1 << 16);
        this.name = name;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int n;
        try {
            n = super.read(bytes, offset, length);
        } catch (java.util.zip.ZipException | java.io.EOFException e) {
            throw new TraceFormatException(name, "byte " + inf.getBytesRead(), "damaged zlib: " + e.getMessage(), e);
        }
        if (inf.getBytesWritten() > FREE_BYTES && inf.getBytesWritten() / MAX_RATIO > inf.getBytesRead()) {
            throw new TraceFormatException(
                    name, "byte " + inf.getBytesRead(), "inflates more than " + MAX_RATIO + "-fold: not a recording");
        }
        return n;
    }

    @Override
    public void close() throws IOException {
        inf.end();
        super.close();
    }
}
