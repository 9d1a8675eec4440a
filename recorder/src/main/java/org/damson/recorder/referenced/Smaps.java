package org.damson.recorder.referenced;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * One reading of {@code /proc/PID/smaps}: mappings, the bytes of each that are there, in huge pages, and marked
 * referenced, and whether it may be written and is newer than the last clear of soft-dirty bits. Reads bytes through a reused buffer; no object per line.
 */
public final class Smaps {
    private static final byte[] RSS = bytes("ss:");
    private static final byte[] REFERENCED = bytes("eferenced:");
    private static final byte[] FLAGS = bytes("VmFlags:");
    private static final byte[] ANON_HUGE = bytes("nonHugePages:");

    public int count;
    public long[] start = new long[256];
    public long[] end = new long[256];
    public long[] referenced = new long[256];
    long[] resident = new long[256];
    long[] huge = new long[256];
    boolean[] writable = new boolean[256];
    /** Mappings that came or grew since soft-dirty bits were cleared: the kernel calls each of their pages written. */
    boolean[] isNew = new boolean[256];

    private final byte[] buffer = new byte[1 << 16];
    private int at;
    private int limit;
    private InputStream in;

    /** Reads the map of a process. An ended process has none: then {@link #count} is 0 or an exception is thrown. */
    void read(String path) throws IOException {
        try (InputStream stream = Files.newInputStream(Path.of(path))) {
            parse(stream);
        }
    }

    public void parse(InputStream stream) throws IOException {
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
                residentOrReferenced();
            } else if (c == FLAGS[0] && keep) {
                flags(c);
            } else if (c == 'A' && keep) {
                c = next();
                if (c == ANON_HUGE[0]) {
                    field(c, ANON_HUGE, huge);
                } else {
                    skipUnless(c);
                }
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
        boolean mayWrite = false;
        for (int i = 0; c == ' ' && i < 3; i++) {
            int p = next();
            accessible |= p != '-';
            mayWrite |= p == 'w';
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
            resident = Arrays.copyOf(resident, count * 2);
            huge = Arrays.copyOf(huge, count * 2);
            writable = Arrays.copyOf(writable, count * 2);
            isNew = Arrays.copyOf(isNew, count * 2);
        }
        start[count] = from;
        end[count] = to;
        referenced[count] = 0;
        resident[count] = 0;
        writable[count] = mayWrite;
        isNew[count] = false;
        huge[count++] = 0;
        return true;
    }

    private void residentOrReferenced() throws IOException {
        int c = next();
        if (c == RSS[0]) {
            field(c, RSS, resident);
        } else if (c == REFERENCED[0]) {
            field(c, REFERENCED, referenced);
        } else {
            skipUnless(c);
        }
    }

    /** Reads {@code VmFlags: rd wr ... sd}. */
    private void flags(int first) throws IOException {
        int c = first;
        for (int i = 0; i < FLAGS.length; i++, c = next()) {
            if (c != FLAGS[i]) {
                skipUnless(c);
                return;
            }
        }
        while (c >= 0 && c != '\n') {
            int d = next();
            isNew[count - 1] |= c == 's' && d == 'd';
            c = d;
        }
    }

    /** Reads the rest of a line into the last mapping if it goes on as {@code name}, whose first byte was read. */
    private void field(int first, byte[] name, long[] into) throws IOException {
        int c = first;
        for (int i = 0; i < name.length; i++, c = next()) {
            if (c != name[i]) {
                skipUnless(c);
                return;
            }
        }
        while (c == ' ') {
            c = next();
        }
        long kib = 0;
        while (c >= '0' && c <= '9') {
            kib = kib * 10 + c - '0';
            c = next();
        }
        skipUnless(c);
        into[count - 1] = Math.min(kib * 1024, end[count - 1] - start[count - 1]);
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

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static int hex(int c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    }
}
