package org.damson.trace.parquet;

import java.io.IOException;

/**
 * Walks a struct in Thrift's compact encoding, as footers and page headers are, without making anything of it: each length in it lies
 * within the bytes there are. Thrift's own reader allocates up to 100 MB for a length that is only claimed, and follows nested fields as
 * deep as they go.
 */
final class CompactClaims {
    /** Parquet's own structs are half as deep. */
    private static final int MAX_DEPTH = 16;

    private static final int TRUE = 1;
    private static final int FALSE = 2;
    private static final int BYTE = 3;
    private static final int I64 = 6;
    private static final int DOUBLE = 7;
    private static final int BINARY = 8;
    private static final int LIST = 9;
    private static final int SET = 10;
    private static final int MAP = 11;
    private static final int STRUCT = 12;

    private final byte[] bytes;
    private final int end;
    private int at;

    private CompactClaims(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.end = end;
        at = from;
    }

    /**
     * Where the struct ends that begins at {@code from}.
     *
     * @throws IOException if it does not end before {@code end}, or is nested too deep
     */
    static int end(byte[] bytes, int from, int end) throws IOException {
        CompactClaims walk = new CompactClaims(bytes, from, end);
        walk.struct(0);
        return walk.at;
    }

    private void struct(int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new IOException("fields nested deeper than " + MAX_DEPTH);
        }
        for (int head = next(); head != 0; head = next()) {
            if (head >>> 4 == 0) {
                varint(); // the field's number, where it is not the last one's plus some
            }
            int type = head & 15;
            if (type != TRUE && type != FALSE) { // those say it by their type
                value(type, depth);
            }
        }
    }

    private void value(int type, int depth) throws IOException {
        switch (type) {
            case TRUE, FALSE, BYTE -> over(1);
            case DOUBLE -> over(Double.BYTES);
            case BINARY -> over(varint());
            case LIST, SET -> {
                int head = next();
                long size = head >>> 4 == 15 ? varint() : head >>> 4;
                values(size, head & 15, depth);
            }
            case MAP -> {
                long size = varint();
                if (size != 0) {
                    int types = next();
                    claim(size);
                    for (long i = 0; i < size; i++) {
                        value(types >>> 4, depth + 1);
                        value(types & 15, depth + 1);
                    }
                }
            }
            case STRUCT -> struct(depth + 1);
            default -> {
                if (type <= BYTE || type > I64) {
                    throw new IOException("a field of unknown type " + type);
                }
                varint();
            }
        }
    }

    private void values(long size, int type, int depth) throws IOException {
        claim(size);
        if (depth > MAX_DEPTH) {
            throw new IOException("fields nested deeper than " + MAX_DEPTH);
        }
        for (long i = 0; i < size; i++) {
            value(type, depth + 1);
        }
    }

    /** So many bytes, or values of a byte at least, are to come. */
    private void claim(long size) throws IOException {
        if (size < 0 || size > end - at) {
            throw new IOException("a length of " + size + " in what has " + (end - at) + " bytes left");
        }
    }

    private void over(long size) throws IOException {
        claim(size);
        at += (int) size;
    }

    private long varint() throws IOException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            int b = next();
            value |= (b & 0x7fL) << shift;
            if (b < 0x80) {
                return value;
            }
        }
        throw new IOException("a number of more than 64 bits");
    }

    private int next() throws IOException {
        if (at >= end) {
            throw new IOException("ends early");
        }
        return bytes[at++] & 0xff;
    }
}
