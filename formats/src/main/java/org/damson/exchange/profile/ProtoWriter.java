package org.damson.exchange.profile;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A message of Protocol Buffers as it grows: fields in the order in which they are added. */
final class ProtoWriter {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;

    private byte[] bytes = new byte[64];
    private int length;

    /** A field of type int64, uint64, uint32 or bool, or an enum. A negative int32 is written as its int64. */
    ProtoWriter varint(int field, long value) {
        raw((long) field << 3 | VARINT);
        raw(value);
        return this;
    }

    /** A field of type double. */
    ProtoWriter float64(int field, double value) {
        raw((long) field << 3 | FIXED64);
        long bits = Double.doubleToRawLongBits(value);
        for (int i = 0; i < 8; i++) {
            put((byte) (bits >>> 8 * i));
        }
        return this;
    }

    ProtoWriter bytes(int field, byte[] value) {
        return bytes(field, value, value.length);
    }

    int size() {
        return length;
    }

    /** A field of type string; also bytes that hold UTF-8. */
    ProtoWriter text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    ProtoWriter message(int field, ProtoWriter value) {
        return bytes(field, value.bytes, value.length);
    }

    /** A repeated field of integers, packed. */
    ProtoWriter packed(int field, long... values) {
        ProtoWriter all = new ProtoWriter();
        for (long v : values) {
            all.raw(v);
        }
        return message(field, all);
    }

    void writeTo(OutputStream out) throws IOException {
        out.write(bytes, 0, length);
    }

    private ProtoWriter bytes(int field, byte[] value, int n) {
        raw((long) field << 3 | BYTES);
        raw(n);
        reserve(n);
        System.arraycopy(value, 0, bytes, length, n);
        length += n;
        return this;
    }

    private void raw(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            put((byte) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        put((byte) rest);
    }

    private void put(byte b) {
        reserve(1);
        bytes[length++] = b;
    }

    private void reserve(int n) {
        if (bytes.length - length < n) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + n));
        }
    }
}
