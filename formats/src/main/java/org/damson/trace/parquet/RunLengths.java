package org.damson.trace.parquet;

import java.util.Arrays;

/**
 * Decodes a page of dictionary indices, Parquet's hybrid of run lengths and bit packing, many values at a time. Damaged
 * input ends in an {@link IndexOutOfBoundsException} or {@link IllegalArgumentException}.
 */
final class RunLengths {
    private final byte[] bytes;
    private final int end;
    private final int width;
    private final long mask;
    private int at;

    /** Values left of the current run, and what they are: the same index, or groups of eight. */
    private int left;

    private boolean packed;
    private int index;
    private final int[] group = new int[8];
    private int inGroup = 8;

    /** The page is {@code bytes[0, end)}; the bytes are not copied. */
    RunLengths(byte[] bytes, int end) {
        this.bytes = bytes;
        this.end = end;
        width = end == 0 ? 0 : bytes[at++];
        if (width < 0 || width > 32) {
            throw new IllegalArgumentException("dictionary indices of " + width + " bits");
        }
        mask = (1L << width) - 1;
    }

    /** The dictionary's values of the next {@code n} indices. */
    void read(long[] dictionary, long[] out, int from, int n) {
        int i = from;
        int to = from + n;
        while (i < to) {
            if (left == 0) {
                nextRun();
            }
            int some = Math.min(left, to - i);
            if (!packed) {
                Arrays.fill(out, i, i + some, dictionary[index]);
            } else {
                unpack(dictionary, out, i, some);
            }
            i += some;
            left -= some;
        }
    }

    private void unpack(long[] dictionary, long[] out, int from, int n) {
        int i = from;
        int to = from + n;
        while (i < to) {
            if (inGroup == 8) {
                nextGroup();
            }
            int some = Math.min(8 - inGroup, to - i);
            for (int k = 0; k < some; k++) {
                out[i + k] = dictionary[group[inGroup + k]];
            }
            inGroup += some;
            i += some;
        }
    }

    void skip(int n) {
        int over = n;
        while (over > 0) {
            if (left == 0) {
                nextRun();
            }
            int some = Math.min(left, over);
            for (int k = 0; packed && k < some; k++) {
                if (inGroup == 8) {
                    nextGroup();
                }
                inGroup++;
            }
            left -= some;
            over -= some;
        }
    }

    private void nextGroup() {
        long bits = 0;
        int have = 0;
        for (int k = 0; k < 8; k++) {
            while (have < width) {
                bits |= (bytes[at++] & 0xffL) << have;
                have += 8;
            }
            group[k] = (int) (bits & mask);
            bits >>>= width;
            have -= width;
        }
        inGroup = 0;
    }

    private void nextRun() {
        int header = varint();
        int count = header >>> 1;
        packed = (header & 1) == 1;
        if (packed) {
            if ((long) count * width > end - at) {
                throw new IndexOutOfBoundsException("packed indices end early");
            }
            left = Math.multiplyExact(count, 8);
            inGroup = 8;
        } else {
            left = count;
            index = 0;
            for (int b = 0; b < (width + 7) / 8; b++) {
                index |= next() << (8 * b);
            }
        }
        if (left <= 0) {
            throw new IllegalArgumentException("an empty run of indices");
        }
    }

    private int varint() {
        int value = 0;
        for (int shift = 0; shift < 32; shift += 7) {
            int b = next();
            value |= (b & 0x7f) << shift;
            if (b < 0x80) {
                return value;
            }
        }
        throw new IllegalArgumentException("a run length of more than 32 bits");
    }

    private int next() {
        if (at >= end) {
            throw new IndexOutOfBoundsException("indices end early");
        }
        return bytes[at++] & 0xff;
    }
}
