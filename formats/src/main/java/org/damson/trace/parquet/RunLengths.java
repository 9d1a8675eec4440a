package org.damson.trace.parquet;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Numbers as dictionary indices, Parquet's hybrid of run lengths and bit packing. damson's own pages are one run of indices of one
 * or two bytes, which are looked up in loops of their own. Damaged input ends in an {@link IndexOutOfBoundsException} or
 * {@link IllegalArgumentException}.
 */
final class RunLengths implements PageNumbers {
    private final byte[] bytes;
    private final ByteBuffer words;
    private final int end;
    private final int width;
    private final long mask;
    private final long[] dictionary;
    private int at;

    /** Values left of the current run: the same index, or packed ones from a bit on. */
    private int left;

    private boolean packed;
    private int index;
    private long bit;

    /** The page is {@code bytes[0, end)}; the bytes are not copied. */
    RunLengths(byte[] bytes, int end, long[] dictionary) {
        this.bytes = bytes;
        this.end = end;
        this.dictionary = dictionary;
        words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        width = end == 0 ? 0 : bytes[at++];
        if (width < 0 || width > 32) {
            throw new IllegalArgumentException("dictionary indices of " + width + " bits");
        }
        mask = (1L << width) - 1;
    }

    @Override
    public void read(long[] out, int from, int n) {
        for (int i = from; i < from + n; ) {
            int some = inRun(from + n - i);
            int b = (int) (bit >>> 3);
            if (!packed) {
                Arrays.fill(out, i, i + some, dictionary[index]);
            } else if (width == 8) {
                for (int k = 0; k < some; k++) {
                    out[i + k] = dictionary[bytes[b + k] & 0xff];
                }
            } else if (width == 16) {
                for (int k = 0; k < some; k++) {
                    out[i + k] = dictionary[words.getShort(b + 2 * k) & 0xffff];
                }
            } else {
                for (int k = 0; k < some; k++) {
                    out[i + k] = dictionary[unpack(k)];
                }
            }
            i += some;
            step(some);
        }
    }

    @Override
    public void read(int[] out, int from, int n) {
        for (int i = from; i < from + n; ) {
            int some = inRun(from + n - i);
            if (!packed) {
                Arrays.fill(out, i, i + some, (int) dictionary[index]);
            } else if (width == 8) {
                bytes(out, i, some);
            } else {
                for (int k = 0; k < some; k++) {
                    out[i + k] = (int) dictionary[unpack(k)];
                }
            }
            i += some;
            step(some);
        }
    }

    /** Every report goes through here for every region. */
    private void bytes(int[] out, int from, int n) {
        byte[] page = bytes;
        long[] values = dictionary;
        int at = (int) (bit >>> 3) - from;
        for (int i = from; i < from + n; i++) {
            out[i] = (int) values[page[at + i] & 0xff];
        }
    }

    @Override
    public void skip(int n) {
        for (int over = n; over > 0; ) {
            int some = inRun(over);
            over -= some;
            step(some);
        }
    }

    /** Number of next indices in the current run, at most {@code most}. */
    private int inRun(int most) {
        if (left == 0) {
            nextRun();
        }
        return Math.min(left, most);
    }

    private void step(int n) {
        left -= n;
        bit += (long) n * width;
    }

    /** The index that comes {@code k} after the next one. */
    private int unpack(int k) {
        long from = bit + (long) k * width;
        int b = (int) (from >>> 3);
        long bits = 0;
        // 32 bits that begin within a byte reach into a fifth one.
        for (int i = 0; i < 5 && b + i < end; i++) {
            bits |= (bytes[b + i] & 0xffL) << 8 * i;
        }
        return (int) (bits >>> (from & 7) & mask);
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
            bit = at * 8L;
            at += count * width;
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
