package org.damson.trace.parquet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.values.ValuesWriter;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForInteger;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForLong;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridEncoder;
import org.damson.model.ColumnType;
import org.junit.jupiter.api.Test;

/** Pages that parquet-java's own encoders wrote, in widths that damson's do not use too, decode to what went in. */
class PageNumbersTest {
    private static final HeapByteBufferAllocator HEAP = HeapByteBufferAllocator.getInstance();

    private final SplittableRandom random = new SplittableRandom(5);

    private interface Decoder {
        PageNumbers open(byte[] bytes, int end);
    }

    @Test
    void differencesOfAnyWidthComeBack() throws Exception {
        for (int bits = 0; bits <= 64; bits++) {
            for (int count : new int[] {1, 2, 127, 128, 129, 1000, 3000}) {
                long[] values = new long[count];
                long base = random.nextLong();
                for (int i = 0; i < count; i++) {
                    long noise = bits == 0 ? 0 : random.nextLong() >>> (64 - bits);
                    values[i] = (random.nextInt(9) == 0 ? base : i == 0 ? 0 : values[i - 1]) + noise;
                }
                try (ValuesWriter writer = new DeltaBinaryPackingValuesWriterForLong(128, 4, 1 << 10, 1 << 20, HEAP)) {
                    for (long v : values) {
                        writer.writeLong(v);
                    }
                    check(ZstdCodecs.bytesOf(writer.getBytes()), values, (b, end) -> new DeltaNumbers(b, end, false));
                }
            }
        }
    }

    @Test
    void differencesOfNarrowValuesWrap() throws Exception {
        for (int bits = 1; bits <= 32; bits++) {
            long[] values = new long[1500];
            for (int i = 0; i < values.length; i++) {
                values[i] = i % 100 == 7 ? Integer.MIN_VALUE : random.nextInt() >> (32 - bits);
            }
            try (ValuesWriter writer = new DeltaBinaryPackingValuesWriterForInteger(256, 2, 1 << 10, 1 << 20, HEAP)) {
                for (long v : values) {
                    writer.writeInteger((int) v);
                }
                check(ZstdCodecs.bytesOf(writer.getBytes()), values, (b, end) -> new DeltaNumbers(b, end, true));
            }
        }
    }

    @Test
    void indicesOfAnyWidthComeBack() throws Exception {
        for (int width = 0; width <= 20; width++) {
            long[] dictionary = random.longs(1 << width).toArray();
            long[] values = new long[2000];
            try (RunLengthBitPackingHybridEncoder encoder =
                    new RunLengthBitPackingHybridEncoder(width, 1 << 10, 1 << 20, HEAP)) {
                int index = 0;
                for (int i = 0; i < values.length; i++) {
                    boolean runs = i / 300 % 2 == 0;
                    index = runs && random.nextInt(40) > 0 ? index : random.nextInt(1 << width);
                    encoder.writeInt(index);
                    values[i] = dictionary[index];
                }
                byte[] indices = ZstdCodecs.bytesOf(encoder.toBytes());
                byte[] page = new byte[indices.length + 1];
                page[0] = (byte) width;
                System.arraycopy(indices, 0, page, 1, indices.length);
                check(page, values, (b, end) -> new RunLengths(b, end, dictionary));
            }
        }
    }

    @Test
    void plainNumbersComeBack() {
        long[] values = random.longs(500).toArray();
        ByteBuffer page = ByteBuffer.allocate(4000).order(ByteOrder.LITTLE_ENDIAN);
        page.asLongBuffer().put(values);
        check(page.array(), values, (b, end) -> new PlainNumbers(b, end, ColumnType.INT64));
        page.clear();
        for (int i = 0; i < values.length; i++) {
            values[i] = (int) values[i];
            page.putInt((int) values[i]);
        }
        check(page.array(), values, (b, end) -> new PlainNumbers(b, end, ColumnType.INT32));
    }

    /** Reads whole, and in pieces with steps over some; and what is cut off at any byte ends in no other value. */
    private void check(byte[] page, long[] values, Decoder decoder) {
        // What lies behind the end of a page is the rest of an earlier one.
        byte[] room = Arrays.copyOf(page, page.length + 64);
        Arrays.fill(room, page.length, room.length, (byte) 0x55);
        long[] whole = new long[values.length];
        decoder.open(room, page.length).read(whole, 0, values.length);
        assertArrayEquals(values, whole);
        long[] wide = values.clone();
        int[] narrow = Arrays.stream(values).mapToInt(v -> (int) v).toArray();
        PageNumbers numbers = decoder.open(room, page.length);
        for (int i = 0; i < values.length; ) {
            int n = Math.min(values.length - i, random.nextInt(1, 400));
            switch (random.nextInt(3)) {
                case 0 -> numbers.skip(n);
                case 1 -> {
                    Arrays.fill(wide, i, i + n, 0);
                    numbers.read(wide, i, n);
                }
                default -> {
                    Arrays.fill(narrow, i, i + n, 0);
                    numbers.read(narrow, i, n);
                }
            }
            i += n;
        }
        assertArrayEquals(values, wide);
        assertArrayEquals(Arrays.stream(values).mapToInt(v -> (int) v).toArray(), narrow);
        int end = random.nextInt(page.length);
        long[] cut = new long[values.length];
        try {
            decoder.open(Arrays.copyOf(room, room.length), end).read(cut, 0, values.length);
            assertArrayEquals(values, cut);
        } catch (IndexOutOfBoundsException | IllegalArgumentException | BufferUnderflowException e) {
            // as it should
        }
    }
}
