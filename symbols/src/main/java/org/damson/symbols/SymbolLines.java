package org.damson.symbols;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Lines of a file that lists symbols, of unknown origin: of a line that is too long only so much is taken, and after so many bytes the
 * file ends.
 */
final class SymbolLines implements Closeable {
    static final int MAX_LINE = 4096;
    private static final long MAX_BYTES = 1L << 28;

    private final InputStream in;
    private final byte[] buffer = new byte[1 << 16];
    private final byte[] line = new byte[MAX_LINE];
    private int at;
    private int end;
    private long read;

    SymbolLines(InputStream in) {
        this.in = in;
    }

    /** -1 at the end. */
    private int nextByte() throws IOException {
        if (at == end) {
            end = read >= MAX_BYTES ? -1 : in.read(buffer);
            at = 0;
            if (end <= 0) {
                end = 0;
                return -1;
            }
            read += end;
        }
        return buffer[at++] & 0xff;
    }

    /** The next line without its end; null at the end. */
    String next() throws IOException {
        int length = 0;
        int c = nextByte();
        if (c < 0) {
            return null;
        }
        for (; c >= 0 && c != '\n'; c = nextByte()) {
            if (length < MAX_LINE) {
                line[length++] = (byte) c;
            }
        }
        return new String(line, 0, length, StandardCharsets.UTF_8);
    }

    /** Whether there was more than is taken of any file. */
    boolean isCutShort() {
        return read >= MAX_BYTES;
    }

    /** A hexadecimal number that begins at {@code from} and ends before a blank; -1 if there is none. */
    static long hex(String text, int from, int to) {
        int begin = text.startsWith("0x", from) ? from + 2 : from;
        if (to <= begin || to - begin > 16) {
            return -1;
        }
        long value = 0;
        for (int i = begin; i < to; i++) {
            int digit = Character.digit(text.charAt(i), 16);
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
