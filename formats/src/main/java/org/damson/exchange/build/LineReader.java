package org.damson.exchange.build;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Lines of a byte stream, of bounded length, whatever ends them. */
public final class LineReader {
    /** Longer lines are not events of any tracer. */
    static final int MAX_LINE_BYTES = 64 << 10;

    /** So much of what is not a line is passed over at a time: a device without an end has no end of line either. */
    static final long MAX_PASSED_BYTES = 1L << 30;

    private final InputStream in;
    private final byte[] buffer = new byte[64 << 10];
    private final byte[] line = new byte[MAX_LINE_BYTES];
    private int position;
    private int limit;
    private long number;
    private String wrong;

    public LineReader(InputStream in) {
        this.in = in;
    }

    /** Number of the line last returned, from 1. */
    public long number() {
        return number;
    }

    /** Why the line last returned is not a line of text, but only its beginning; null if it is one. */
    public String wrong() {
        return wrong;
    }

    /** The next line without its end, or null. */
    public String next() throws IOException {
        int n = 0;
        long passed = 0;
        wrong = null;
        while (true) {
            if (position == limit) {
                limit = in.read(buffer);
                position = 0;
                if (limit <= 0) {
                    limit = 0;
                    return n == 0 && wrong == null ? null : text(n);
                }
            }
            byte b = buffer[position++];
            if (b == '\n') {
                return text(n);
            }
            if (b == 0) {
                wrong = "a zero byte";
            } else if (n == MAX_LINE_BYTES && wrong == null) {
                wrong = "longer than " + MAX_LINE_BYTES + " bytes";
            }
            if (wrong == null) {
                line[n++] = b;
            } else if (++passed == MAX_PASSED_BYTES) {
                return text(n);
            }
        }
    }

    private String text(int n) {
        number++;
        int end = n > 0 && line[n - 1] == '\r' ? n - 1 : n;
        return new String(line, 0, end, StandardCharsets.ISO_8859_1);
    }
}
