package org.damson.trace.parquet;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.values.ValuesWriter;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForInteger;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForLong;
import org.apache.parquet.format.Encoding;
import org.damson.model.Column;
import org.damson.model.ColumnType;

/** Turns a column of a row group into compressed pages, in the layout that takes least room; see docs/ENCODINGS.md. */
final class ColumnEncoder {
    /** Rows of a page. Pages must hold many snapshots for zstd to find what repeats between them. */
    static final int PAGE_ROWS = 1 << 18;

    /** Row groups up to this long are written in every layout and as small as can be. */
    private static final int SHORT_ROWS = 1 << 15;

    /** Rows of a longer row group that are tried. */
    private static final int SAMPLE_ROWS = 1 << 14;

    private static final int PAGE_HEADER_BYTES = 25;

    /** Distinct values beyond which a dictionary is given up: what two bytes can count. */
    private static final int MAX_DISTINCT = 1 << 16;

    private static final int MAX_DICTIONARY_BYTES = 1 << 20;

    /** Three bytes each at most, and four more for each text: less than half of {@link ZstdCodecs#MAX_PAGE_BYTES}. */
    private static final int MAX_PAGE_CHARS = 4 << 20;

    /** Values of a block of {@link Layout#WIDE_STEPS}; what stands between blocks is what zstd does not see repeat. */
    private static final int BLOCK_VALUES = 1 << 14;

    /** Three bytes: fastparquet, which pandas may use, misreads longer ones. */
    private static final long MAX_STEP = (1 << 24) - 1;

    /** How values lie in their pages before compression. */
    private enum Layout {
        /** Plain values: zstd finds what repeats at the same distance from snapshot to snapshot. */
        PLAIN(Encoding.PLAIN),
        /** Indices of distinct values, of whole bytes, unlike other writers', whose packed bits zstd cannot compress. */
        DICTIONARY(Encoding.RLE_DICTIONARY),
        /** Differences, packed into as few bits as possible: values that mostly step alike. */
        STEPS(Encoding.DELTA_BINARY_PACKED),
        /** Differences of whole bytes, all of one width: of ages they repeat, as all neighbours grow older together. */
        WIDE_STEPS(Encoding.DELTA_BINARY_PACKED);

        final Encoding encoding;

        Layout(Encoding encoding) {
            this.encoding = encoding;
        }
    }

    /**
     * A compressed page.
     *
     * @param values number of values
     * @param rawSize bytes before compression
     */
    record Page(int values, int rawSize, byte[] bytes) {}

    /**
     * A column of a row group.
     *
     * @param dictionary null if the encoding needs none
     * @param min least value as Parquet's statistics have it, null for text
     */
    record Chunk(Encoding encoding, Page dictionary, List<Page> pages, byte[] min, byte[] max) {
        /** With what the page headers take. */
        long sizeBytes() {
            long sum = dictionary == null ? 0 : dictionary.bytes.length + PAGE_HEADER_BYTES;
            for (Page page : pages) {
                sum += page.bytes.length + PAGE_HEADER_BYTES;
            }
            return sum;
        }
    }

    private Column column;
    /** The values are in one of the two; the other is null. Both may be longer than the row group. */
    private long[] numbers;

    private String[] texts;

    // Of the steps that were looked at last.
    private long least;
    private long greatest;

    private final RawPage raw = new RawPage();

    /** The first {@code rows} numbers of a column. */
    Chunk encode(Column of, long[] values, int rows) throws IOException {
        column = of;
        numbers = values;
        texts = null;
        return smallest(rows);
    }

    /** The first {@code rows} texts of a column. */
    Chunk encode(String[] values, int rows) throws IOException {
        numbers = null;
        texts = values;
        return smallest(rows);
    }

    /** A short row group is tried whole; for a longer one the first rows decide. */
    private Chunk smallest(int rows) throws IOException {
        boolean all = rows <= SHORT_ROWS;
        Chunk best = null;
        Layout layout = Layout.PLAIN;
        for (Layout candidate : layouts()) {
            Chunk chunk = encode(candidate, all ? rows : SAMPLE_ROWS, all);
            if (chunk != null && (best == null || chunk.sizeBytes() < best.sizeBytes())) {
                best = chunk;
                layout = candidate;
            }
        }
        if (!all) {
            best = encode(layout, rows, false);
            // Further on there may be values that do not go into this layout.
            best = best != null ? best : encode(Layout.PLAIN, rows, false);
        }
        return best;
    }

    /** The layouts a column may have. Of equally small ones the first is taken. */
    private List<Layout> layouts() {
        if (texts != null) {
            return List.of(Layout.PLAIN, Layout.DICTIONARY);
        }
        return switch (column.name()) {
            // Every report reads these, and differences take several times as long to decode.
            case "start", "end" -> List.of(Layout.PLAIN);
            case "nr_accesses" -> List.of(Layout.PLAIN, Layout.DICTIONARY);
            default -> List.of(Layout.PLAIN, Layout.DICTIONARY, Layout.STEPS, Layout.WIDE_STEPS);
        };
    }

    /** The first {@code rows} values; null if they do not go into this layout. */
    private Chunk encode(Layout layout, int rows, boolean small) throws IOException {
        int[] indices = null;
        Page dictionary = null;
        if (layout == Layout.DICTIONARY) {
            indices = new int[rows];
            int distinct = texts != null ? distinctTexts(indices) : distinctNumbers(indices);
            if (distinct == 0) {
                return null;
            }
            dictionary = raw.compressed(distinct, small);
        }
        List<Page> pages = new ArrayList<>();
        for (int from = 0, end; from < rows; from = end) {
            // The last one takes what would make a page too short to be worth one.
            end = rows - from <= PAGE_ROWS + PAGE_ROWS / 4 ? rows : from + PAGE_ROWS;
            if (texts != null && layout == Layout.PLAIN) {
                end = endOfTexts(from, end);
            }
            boolean done =
                    switch (layout) {
                        case PLAIN -> plain(from, end);
                        case DICTIONARY -> indices(indices, from, end, dictionary.values() <= 1 << 8 ? 1 : 2);
                        case STEPS -> steps(from, end);
                        case WIDE_STEPS -> wideSteps(from, end);
                    };
            if (!done) {
                return null;
            }
            pages.add(raw.compressed(end - from, small));
        }
        if (texts != null) {
            return new Chunk(layout.encoding, dictionary, pages, null, null);
        }
        long min = Long.MAX_VALUE;
        long max = Long.MIN_VALUE;
        for (int i = 0; i < rows; i++) {
            min = Math.min(min, numbers[i]);
            max = Math.max(max, numbers[i]);
        }
        return new Chunk(layout.encoding, dictionary, pages, RawPage.bytes(min, width()), RawPage.bytes(max, width()));
    }

    private int width() {
        return column.type() == ColumnType.INT32 ? Integer.BYTES : Long.BYTES;
    }

    private boolean plain(int from, int to) {
        if (texts != null) {
            raw.setTexts(Arrays.asList(texts).subList(from, to));
        } else {
            raw.setNumbers(numbers, from, to, width());
        }
        return true;
    }

    /** Puts the distinct numbers in the order in which they come; returns how many, or 0 if they are too many. */
    private int distinctNumbers(int[] indices) {
        int mask = 2 * MAX_DISTINCT - 1;
        int[] slots = new int[mask + 1]; // index + 1 of the number that hashes there
        long[] distinct = new long[64];
        int count = 0;
        for (int i = 0; i < indices.length; i++) {
            long v = numbers[i];
            int slot = (int) ((v * 0x9E37_79B9_7F4A_7C15L) >>> 47) & mask;
            while (slots[slot] != 0 && distinct[slots[slot] - 1] != v) {
                slot = (slot + 1) & mask;
            }
            if (slots[slot] == 0) {
                if (count == MAX_DISTINCT) {
                    return 0;
                }
                if (count == distinct.length) {
                    distinct = Arrays.copyOf(distinct, 2 * count);
                }
                distinct[count++] = v;
                slots[slot] = count;
            }
            indices[i] = slots[slot] - 1;
        }
        raw.setNumbers(distinct, 0, count, width());
        return count;
    }

    /** A page of texts ends where it would become larger than readers take. */
    private int endOfTexts(int from, int to) {
        long chars = texts[from].length();
        int end = from + 1;
        while (end < to && chars + texts[end].length() <= MAX_PAGE_CHARS) {
            chars += texts[end].length();
            end++;
        }
        return end;
    }

    private int distinctTexts(int[] indices) {
        Map<String, Integer> known = new HashMap<>();
        List<String> distinct = new ArrayList<>();
        long bytes = 0;
        for (int i = 0; i < indices.length; i++) {
            String text = texts[i];
            Integer index = known.get(text);
            if (index == null) {
                bytes += Integer.BYTES + text.length();
                if (distinct.size() == MAX_DISTINCT || bytes > MAX_DICTIONARY_BYTES) {
                    return 0;
                }
                index = distinct.size();
                known.put(text, index);
                distinct.add(text);
            }
            indices[i] = index;
        }
        raw.setTexts(distinct);
        return distinct.size();
    }

    /** One run of packed indices, of 8 or 16 bits each. */
    private boolean indices(int[] indices, int from, int to, int bytes) {
        int groups = (to - from + 7) / 8;
        raw.clear(1 + 5 + groups * 8 * bytes);
        raw.put((byte) (8 * bytes));
        raw.varint((long) groups << 1 | 1);
        for (int i = from; i < to; i++) {
            if (bytes == 1) {
                raw.put((byte) indices[i]);
            } else {
                raw.putShort((short) indices[i]);
            }
        }
        raw.zeros((groups * 8 - (to - from)) * bytes);
        return true;
    }

    private boolean steps(int from, int to) throws IOException {
        boolean narrow = column.type() == ColumnType.INT32;
        if (!spread(from, to, narrow)) {
            return false;
        }
        HeapByteBufferAllocator heap = HeapByteBufferAllocator.getInstance();
        try (ValuesWriter values = narrow
                ? new DeltaBinaryPackingValuesWriterForInteger(1 << 12, PAGE_ROWS * Long.BYTES, heap)
                : new DeltaBinaryPackingValuesWriterForLong(1 << 12, PAGE_ROWS * Long.BYTES, heap)) {
            for (int i = from; i < to; i++) {
                if (narrow) {
                    values.writeInteger((int) numbers[i]);
                } else {
                    values.writeLong(numbers[i]);
                }
            }
            raw.set(ZstdCodecs.bytesOf(values.getBytes()));
            return true;
        }
    }

    /**
     * Finds the least and the greatest step; false if they are further apart than readers can unpack.
     *
     * @param wraps whether steps are of 32 bits, as the values are
     */
    private boolean spread(int from, int to, boolean wraps) {
        least = to - from > 1 ? Long.MAX_VALUE : 0;
        greatest = to - from > 1 ? Long.MIN_VALUE : 0;
        for (int i = from + 1; i < to; i++) {
            long step = numbers[i] - numbers[i - 1];
            step = wraps ? (int) step : step;
            least = Math.min(least, step);
            greatest = Math.max(greatest, step);
        }
        return greatest - least >= 0 && greatest - least <= MAX_STEP;
    }

    /** Steps of up to three bytes; of others says false. */
    private boolean wideSteps(int from, int to) {
        if (!spread(from, to, false) || least < -MAX_STEP || greatest > MAX_STEP) {
            return false; // also whatever overflowed and looks long; what overflowed and looks short wraps back
        }
        int bytes = (Long.SIZE - Long.numberOfLeadingZeros(greatest - least) + 7) / 8;
        int count = to - from - 1;
        int block = Math.min(BLOCK_VALUES, Math.max(128, (count + 127) / 128 * 128));
        int blocks = (count + block - 1) / block;
        raw.clear(40 + blocks * (11 + block * bytes));
        raw.varint(block);
        raw.varint(1); // miniblocks of a block
        raw.varint(count + 1L);
        raw.zigzag(numbers[from]);
        for (int first = from + 1; first < to; first += block) {
            raw.zigzag(least);
            raw.put((byte) (8 * bytes));
            int end = Math.min(to, first + block);
            for (int i = first; i < end && bytes > 0; i++) {
                int rest = (int) (numbers[i] - numbers[i - 1] - least);
                for (int k = 0; k < bytes; k++) {
                    raw.put((byte) (rest >>> 8 * k));
                }
            }
            raw.zeros((block - (end - first)) * bytes);
        }
        return true;
    }
}
