package org.damson.recorder;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * One reading of {@code /proc/PID/smaps}: mappings and the bytes of each that are marked referenced. Reads bytes
 * through a reused buffer; no object per line.
 */
final class Smaps {
    private static final byte[] REFERENCED = {'R', 'e', 'f', 'e', 'r', 'e', 'n', 'c', 'e', 'd', ':'};

    int count;
    long[] start = new long[256];
    long[] end = new long[256];
    long[] referenced = new long[256];

    private final byte[] buffer = new byte[1 << 16];
    private int at;
    private int limit;
    private InputStream in;

    /** Reads the map of a process. An ended process has none: then {@link #count} is 0 or an exception is thrown. */
    void read(String path) throws IOException {
        try (InputStream stream = new FileInputStream(path)) {
            parse(stream);
        }
    }

    void parse(InputStream stream) throws IOException {
        in = stream;
        at = 0;
        limit = 0;
        count = 0;
        boolean keep = false;
        int c;
        while ((c = next()) >= 0) {
            if (c == '\n') {
                continue;
            }
            if (hex(c) >= 0) {
                keep = header(c);
            } else if (c == 'R' && keep) {
                keep = !field();
            } else {
                skipLine();
            }
        }
    }

    /** Reads {@code start-end rwxp ...}; true if the mapping counts. */
    private boolean header(int first) throws IOException {
        long from = hex(first);
        int c;
        int d;
        while ((d = hex(c = next())) >= 0) {
            from = from << 4 | d;
        }
        if (c != '-') {
            skipUnless(c);
            return false;
        }
        long to = 0;
        while ((d = hex(c = next())) >= 0) {
            to = to << 4 | d;
        }
        boolean accessible = false;
        for (int i = 0; c == ' ' && i < 3; i++) {
            int p = next();
            accessible |= p != '-';
            if (p < 0 || p == '\n') {
                return false;
            }
        }
        skipUnless(c);
        // Guard areas have no pages; [vsyscall] is in the kernel's half. The map may change while it is read.
        if (c != ' ' || !accessible || from < 0 || to <= from || count > 0 && from < end[count - 1]) {
            return false;
        }
        if (count == start.length) {
            start = Arrays.copyOf(start, count * 2);
            end = Arrays.copyOf(end, count * 2);
            referenced = Arrays.copyOf(referenced, count * 2);
        }
        start[count] = from;
        end[count] = to;
        referenced[count++] = 0;
        return true;
    }

    /** Reads the rest of a line that began with R; true if it was the referenced bytes. */
    private boolean field() throws IOException {
        for (int i = 1; i < REFERENCED.length; i++) {
            int c = next();
            if (c != REFERENCED[i]) {
                skipUnless(c);
                return false;
            }
        }
        int c = next();
        while (c == ' ') {
            c = next();
        }
        long kib = 0;
        while (c >= '0' && c <= '9') {
            kib = kib * 10 + c - '0';
            c = next();
        }
        skipUnless(c);
        referenced[count - 1] = Math.min(kib * 1024, end[count - 1] - start[count - 1]);
        return true;
    }

    private void skipUnless(int last) throws IOException {
        if (last != '\n' && last >= 0) {
            skipLine();
        }
    }

    private void skipLine() throws IOException {
        int c;
        do {
            c = next();
        } while (c >= 0 && c != '\n');
    }

    private int next() throws IOException {
        if (at == limit) {
            limit = in.read(buffer);
            at = 0;
            if (limit <= 0) {
                limit = 0;
                return -1;
            }
        }
        return buffer[at++];
    }

    private static int hex(int c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    }
}
