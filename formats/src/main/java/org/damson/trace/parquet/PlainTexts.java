package org.damson.trace.parquet;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Texts of a page, each behind its length. A length that is not there ends in an {@link IndexOutOfBoundsException}. */
final class PlainTexts {
    private final ByteBuffer bytes;

    /** The page is {@code bytes[0, end)}; the bytes are not copied. */
    PlainTexts(byte[] bytes, int end) {
        this.bytes = ByteBuffer.wrap(bytes, 0, end).order(ByteOrder.LITTLE_ENDIAN);
    }

    void read(String[] out, int at, int n) {
        for (int i = at; i < at + n; i++) {
            int length = length(bytes.position());
            out[i] = new String(bytes.array(), bytes.position() + Integer.BYTES, length, StandardCharsets.UTF_8);
            bytes.position(bytes.position() + Integer.BYTES + length);
        }
    }

    void skip(int n) {
        for (int i = 0; i < n; i++) {
            bytes.position(bytes.position() + Integer.BYTES + length(bytes.position()));
        }
    }

    /** How many of the next {@code n} texts take no more than so many bytes together; one at least. */
    int fitting(int n, int mostBytes) {
        int at = bytes.position();
        for (int i = 0; i < n; i++) {
            at += Integer.BYTES + length(at);
            if (at - bytes.position() > mostBytes) {
                return Math.max(i, 1);
            }
        }
        return n;
    }

    private int length(int at) {
        int left = bytes.limit() - at - Integer.BYTES;
        int length = left < 0 ? -1 : bytes.getInt(at);
        if (length < 0 || length > left) {
            throw new IndexOutOfBoundsException("texts end early");
        }
        return length;
    }
}
