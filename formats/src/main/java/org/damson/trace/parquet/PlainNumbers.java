package org.damson.trace.parquet;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import org.damson.model.ColumnType;

/** Numbers as they are, little-endian. */
final class PlainNumbers implements PageNumbers {
    /** The values are in one of the two; the other is null. */
    private final LongBuffer longs;

    private final IntBuffer ints;

    /** The page is {@code bytes[0, end)}; the bytes are not copied. */
    PlainNumbers(byte[] bytes, int end, ColumnType type) {
        ByteBuffer page = ByteBuffer.wrap(bytes, 0, end).order(ByteOrder.LITTLE_ENDIAN);
        longs = type == ColumnType.INT64 ? page.asLongBuffer() : null;
        ints = type == ColumnType.INT64 ? null : page.asIntBuffer();
    }

    @Override
    public void read(long[] out, int at, int n) {
        if (longs != null) {
            longs.get(out, at, n);
            return;
        }
        for (int i = at; i < at + n; i++) {
            out[i] = ints.get();
        }
    }

    @Override
    public void read(int[] out, int at, int n) {
        if (ints != null) {
            ints.get(out, at, n);
            return;
        }
        for (int i = at; i < at + n; i++) {
            out[i] = (int) longs.get();
        }
    }

    @Override
    public void skip(int n) {
        if (longs != null) {
            longs.position(longs.position() + n);
        } else {
            ints.position(ints.position() + n);
        }
    }
}
