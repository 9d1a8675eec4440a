package org.damson.analyzer.page;

import java.io.ByteArrayOutputStream;

/** Bytes for a page. The same input gives the same bytes on every Java, which a compressor of the platform's does not promise. */
public final class Packed {
    private static final int MAX_LITERALS = 128;
    private static final int MAX_RUN = 129;

    private Packed() {}

    /**
     * Runs of equal bytes in short: a byte {@code n} below 128 is followed by {@code n + 1} bytes as they are, one from 128 on
     * by a byte that stands {@code n - 126} times.
     */
    public static byte[] runs(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length / 8 + 16);
        int literals = 0;
        for (int i = 0; i < bytes.length; ) {
            int end = i + 1;
            while (end < bytes.length && bytes[end] == bytes[i] && end - i < MAX_RUN) {
                end++;
            }
            if (end - i < 3) {
                i = end;
                continue;
            }
            literals(bytes, literals, i, out);
            out.write(end - i + 126);
            out.write(bytes[i]);
            i = end;
            literals = end;
        }
        literals(bytes, literals, bytes.length, out);
        return out.toByteArray();
    }

    private static void literals(byte[] bytes, int from, int to, ByteArrayOutputStream out) {
        for (int at = from; at < to; at += MAX_LITERALS) {
            int n = Math.min(MAX_LITERALS, to - at);
            out.write(n - 1);
            out.write(bytes, at, n);
        }
    }

    /** Appends a number of 0 or more, seven bits a byte, the lowest first; the last byte is below 128. */
    static void varint(long value, ByteArrayOutputStream out) {
        long rest = value;
        while (rest > 127) {
            out.write((int) (rest & 127 | 128));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
