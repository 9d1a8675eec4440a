package org.damson.trace.parquet;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A page before compression: little-endian bytes as Parquet's encodings have them; one is used for page after page. */
final class RawPage {
    private ByteBuffer raw = littleEndian(1 << 12);

    /** Empties it and makes it hold so many bytes. */
    void clear(int size) {
        if (raw.capacity() < size) {
            raw = littleEndian(size);
        }
        raw.clear();
    }

    /** Its content, compressed. */
    ColumnEncoder.Page compressed(int values, boolean small) {
        return new ColumnEncoder.Page(values, raw.position(), ZstdCodecs.compress(raw.array(), raw.position(), small));
    }

    /** Holds numbers as they are, of so many bytes each. */
    void setNumbers(long[] values, int from, int to, int width) {
        clear((to - from) * width);
        if (width == Long.BYTES) {
            raw.asLongBuffer().put(values, from, to - from);
            raw.position((to - from) * Long.BYTES);
        } else {
            for (int i = from; i < to; i++) {
                raw.putInt((int) values[i]);
            }
        }
    }

    /** Holds texts as they are, each behind its length. */
    void setTexts(List<String> values) {
        List<byte[]> all = new ArrayList<>(values.size());
        int size = 0;
        for (String text : values) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            all.add(bytes);
            size = Math.addExact(size, Integer.BYTES + bytes.length);
        }
        clear(size);
        for (byte[] bytes : all) {
            raw.putInt(bytes.length).put(bytes);
        }
    }

    /** Holds what was encoded elsewhere. */
    void set(byte[] bytes) {
        clear(bytes.length);
        raw.put(bytes);
    }

    void put(byte b) {
        raw.put(b);
    }

    void putShort(short s) {
        raw.putShort(s);
    }

    void zeros(int n) {
        int end = raw.position() + n;
        Arrays.fill(raw.array(), raw.position(), end, (byte) 0);
        raw.position(end);
    }

    void varint(long unsigned) {
        long rest = unsigned;
        while ((rest & ~0x7fL) != 0) {
            raw.put((byte) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        raw.put((byte) rest);
    }

    void zigzag(long signed) {
        varint(signed << 1 ^ signed >> 63);
    }

    /** A number as statistics have it. */
    static byte[] bytes(long value, int width) {
        ByteBuffer b = littleEndian(width);
        return (width == Long.BYTES ? b.putLong(value) : b.putInt((int) value)).array();
    }

    private static ByteBuffer littleEndian(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
