package org.damson.trace.parquet;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Differences packed into as few bits as possible, Parquet's DELTA_BINARY_PACKED. damson's own pages have differences of whole
 * bytes, or of none where all are alike, which are unpacked in loops of their own.
 */
final class DeltaNumbers implements PageNumbers {
    private final byte[] bytes;
    private final ByteBuffer words;
    private final int end;
    private final boolean narrow;

    /** Values of a miniblock, and miniblocks of a block. */
    private final int miniValues;

    private final int miniblocks;

    /** Where the next header, or the next miniblock, begins. */
    private int at;

    /** Where the widths of the block's miniblocks are, and the miniblock that comes next. */
    private int widthsAt;

    private int mini;
    private long least;

    /** The current miniblock: bits of a difference, differences left, and the offset of the next one in bits. */
    private int width;

    private int inMini;
    private long bit;

    /** Values left of the page; the first one is not a difference. */
    private int left;

    private boolean first = true;
    private long value;

    private long[] wide = new long[0];

    /**
     * The page is {@code bytes[0, end)}; the bytes are not copied.
     *
     * @param narrow whether values are of 32 bits
     */
    DeltaNumbers(byte[] bytes, int end, boolean narrow) {
        this.bytes = bytes;
        this.end = end;
        this.narrow = narrow;
        words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long block = varint();
        long minis = varint();
        long count = varint();
        if (minis <= 0 || block <= 0 || block > Integer.MAX_VALUE || block % minis != 0 || count < 0) {
            throw new IllegalArgumentException("blocks of " + block + " differences in " + minis);
        }
        miniblocks = (int) minis;
        miniValues = (int) (block / minis);
        mini = miniblocks;
        left = (int) Math.min(count, Integer.MAX_VALUE);
        value = zigzag(varint());
    }

    @Override
    public void read(long[] out, int from, int n) {
        take(n);
        int i = from;
        int to = from + n;
        if (first && n > 0) {
            out[i++] = value;
            first = false;
        }
        while (i < to) {
            int some = inMini(to - i);
            unpack(out, i, some);
            i += some;
        }
        for (int k = from; narrow && k < to; k++) {
            out[k] = (int) out[k];
        }
    }

    @Override
    public void read(int[] out, int from, int n) {
        if (wide.length < n) {
            wide = new long[Math.max(n, 1024)];
        }
        read(wide, 0, n);
        for (int k = 0; k < n; k++) {
            out[from + k] = (int) wide[k];
        }
    }

    @Override
    public void skip(int n) {
        int over = n;
        while (over > 0) {
            int some = Math.min(over, 1024);
            if (wide.length < some) {
                wide = new long[1024];
            }
            read(wide, 0, some);
            over -= some;
        }
    }

    private void take(int n) {
        if (n > left) {
            throw new IndexOutOfBoundsException("differences end early");
        }
        left -= n;
    }

    /** Number of next differences in the current miniblock, at most {@code most}. */
    private int inMini(int most) {
        if (inMini == 0) {
            nextMini();
        }
        int some = Math.min(inMini, most);
        if (bit + (long) some * width > end * 8L) {
            throw new IndexOutOfBoundsException("differences end early");
        }
        inMini -= some;
        return some;
    }

    private void nextMini() {
        if (mini == miniblocks) {
            least = zigzag(varint());
            widthsAt = at;
            at = Math.addExact(at, miniblocks);
            mini = 0;
        }
        if (at > end) {
            throw new IndexOutOfBoundsException("differences end early");
        }
        width = bytes[widthsAt + mini++] & 0xff;
        if (width > Long.SIZE) {
            throw new IllegalArgumentException("differences of " + width + " bits");
        }
        inMini = miniValues;
        bit = at * 8L;
        // What is behind the last value may be left out.
        at = (int) Math.min(end, at + ((long) miniValues * width + 7) / 8);
    }

    private void unpack(long[] out, int from, int n) {
        long v = value;
        long base = least;
        int b = (int) (bit >>> 3);
        switch (width) {
            case 0 -> {
                for (int k = 0; k < n; k++) {
                    v += base;
                    out[from + k] = v;
                }
            }
            case 8 -> {
                for (int k = 0; k < n; k++) {
                    v += base + (bytes[b + k] & 0xff);
                    out[from + k] = v;
                }
            }
            case 16 -> {
                for (int k = 0; k < n; k++) {
                    v += base + (words.getShort(b + 2 * k) & 0xffff);
                    out[from + k] = v;
                }
            }
            default -> {
                for (int k = 0; k < n; k++) {
                    v += base + bits(bit + (long) k * width);
                    out[from + k] = v;
                }
            }
        }
        value = v;
        bit += (long) n * width;
    }

    /** The difference that begins at a bit. */
    private long bits(long from) {
        int b = (int) (from >>> 3);
        int shift = (int) (from & 7);
        long bits = word(b) >>> shift;
        if (shift + width > Long.SIZE) {
            bits |= (bytes[b + Long.BYTES] & 0xffL) << (Long.SIZE - shift);
        }
        return width == Long.SIZE ? bits : bits & ((1L << width) - 1);
    }

    /** Eight bytes, as far as there are so many. */
    private long word(int b) {
        if (b + Long.BYTES <= bytes.length) {
            return words.getLong(b);
        }
        long word = 0;
        for (int k = 0; b + k < bytes.length; k++) {
            word |= (bytes[b + k] & 0xffL) << 8 * k;
        }
        return word;
    }

    private long varint() {
        long v = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            if (at >= end) {
                throw new IndexOutOfBoundsException("differences end early");
            }
            int b = bytes[at++];
            v |= (b & 0x7fL) << shift;
            if (b >= 0) {
                return v;
            }
        }
        throw new IllegalArgumentException("a number of more than 64 bits");
    }

    private static long zigzag(long v) {
        return v >>> 1 ^ -(v & 1);
    }
}
