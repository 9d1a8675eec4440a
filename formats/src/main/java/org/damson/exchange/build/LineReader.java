package org.damson.exchange.build;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.damson.model.TraceFormatException;

/** Lines of a byte stream, of bounded length, whatever ends them. */
public final class LineReader {
    /** Longer lines are no event of any tracer. */
    static final int MAX_LINE_BYTES = 64 << 10;

    private final String name;
    private final InputStream in;
    private final byte[] buffer = new byte[64 << 10];
    private final byte[] line = new byte[MAX_LINE_BYTES];
    private int position;
    private int limit;
    private long number;

    public LineReader(String name, InputStream in) {
        this.name = name;
        this.in = in;
    }

    /** Number of the line last returned, from 1. */
    public long number() {
        return number;
    }

    /** The next line without its end, or null. */
    public String next() throws IOException {
        int n = 0;
        while (true) {
            if (position == limit) {
                limit = in.read(buffer);
                position = 0;
                if (limit <= 0) {
                    limit = 0;
                    return n == 0 ? null : text(n);
                }
            }
            byte b = buffer[position++];
            if (b == '\n') {
                return text(n);
            }
            if (n == MAX_LINE_BYTES) {
                throw new TraceFormatException(
                        name, "line " + (number + 1), "longer than " + MAX_LINE_BYTES + " bytes");
            }
            if (b == 0) {
                throw new TraceFormatException(name, "line " + (number + 1), "a zero byte: not a text recording");
            }
            line[n++] = b;
        }
    }

    private String text(int n) {
        number++;
        int end = n > 0 && line[n - 1] == '\r' ? n - 1 : n;
        return new String(line, 0, end, StandardCharsets.ISO_8859_1);
    }
}
