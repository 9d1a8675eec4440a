package org.damson.damon;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.damson.model.InvalidInputException;
import org.damson.model.TraceFormatException;

/**
 * Decoder of pages read from {@code trace_pipe_raw}: a header (time stamp, committed bytes, missed events), then entries
 * whose time is the sum of the deltas before them.
 *
 * <p>An entry starts with one word: 5 bits type, 27 bits time delta. Types 1 to 28 are records of that many words, 0 a
 * record whose length is the next word, 29 padding (to the end of the page if its delta is 0, else of the length in the
 * next word), 30 a longer delta, 31 an absolute time of 59 bits.
 */
public final class RingPage {
    /** Takes what a page holds, in its order. */
    public interface Visitor {
        /** One record: {@code length} bytes at {@code offset} of {@code page}. */
        void event(long timeNs, ByteBuffer page, int offset, int length);

        /**
         * Events that were overwritten before they could be read.
         *
         * @param count how many, -1 if the kernel does not say
         * @param beforeNs time stamp of the page that comes after them
         */
        void missed(long count, long beforeNs);
    }

    private static final int TYPE_BITS = 5;
    private static final int DELTA_BITS = 27;
    private static final int MAX_DATA_TYPE = 28;
    private static final int PADDING = 29;
    private static final int TIME_EXTEND = 30;
    private static final long ABSOLUTE_MASK = (1L << 59) - 1;

    private static final int MISSED_EVENTS = 1 << 31;
    private static final int MISSED_STORED = 1 << 30;
    private static final int COMMIT_MASK = MISSED_STORED - 1;

    private final EventFormat.Field timestamp;
    private final EventFormat.Field commit;
    private final int dataOffset;
    private final int dataSize;
    private final boolean bigEndian;

    private RingPage(
            EventFormat.Field timestamp, EventFormat.Field commit, int dataOffset, int dataSize, boolean bigEndian) {
        this.timestamp = timestamp;
        this.commit = commit;
        this.dataOffset = dataOffset;
        this.dataSize = dataSize;
        this.bigEndian = bigEndian;
    }

    /**
     * A decoder of the layout that {@code events/header_page} describes.
     *
     * @param where names the file in errors
     */
    public static RingPage of(String where, String headerPage, ByteOrder order) throws TraceFormatException {
        List<EventFormat.Field> fields = new ArrayList<>();
        for (String line : headerPage.split("\n")) {
            if (line.strip().startsWith("field:")) {
                try {
                    fields.add(EventFormat.field(line));
                } catch (InvalidInputException | NumberFormatException e) {
                    throw new TraceFormatException(where, "", e.getMessage());
                }
            }
        }
        EventFormat all = new EventFormat("header_page", 0, fields);
        EventFormat.Field timestamp = all.find("timestamp");
        EventFormat.Field commit = all.find("commit");
        EventFormat.Field data = all.find("data");
        boolean usable = timestamp != null
                && commit != null
                && data != null
                && timestamp.size() == 8
                && (commit.size() == 8 || commit.size() == 4)
                && data.offset() >= Math.max(timestamp.end(), commit.end())
                && data.size() >= 64;
        if (!usable) {
            throw new TraceFormatException(where, "", "a page header has timestamp, commit and data");
        }
        return new RingPage(timestamp, commit, data.offset(), data.size(), order == ByteOrder.BIG_ENDIAN);
    }

    /** Bytes of a whole page. */
    public int size() {
        return dataOffset + dataSize;
    }

    /** Where the entries begin. */
    public int dataOffset() {
        return dataOffset;
    }

    /**
     * Decodes one page.
     *
     * @param length bytes of {@code page} that are filled, from 0
     * @return null, or what is wrong with the page from where on it was not decoded
     */
    public String decode(ByteBuffer page, int length, Visitor to) {
        if (length < dataOffset) {
            return "page of " + length + " bytes is shorter than its header";
        }
        long timeNs = timestamp.read(page, 0);
        int header = commitWord(page);
        int end = dataOffset + (header & COMMIT_MASK);
        if (end > length) {
            return "page says it holds " + (header & COMMIT_MASK) + " bytes, has " + (length - dataOffset);
        }
        if ((header & MISSED_EVENTS) != 0) {
            boolean stored = (header & MISSED_STORED) != 0 && end + commit.size() <= length;
            to.missed(stored ? missedCount(page, end) : -1, timeNs);
        }
        return entries(page, end, timeNs, to);
    }

    /** Decodes what is between a page's header and {@code end}. */
    private String entries(ByteBuffer page, int end, long startNs, Visitor to) {
        long timeNs = startNs;
        int at = dataOffset;
        while (at < end) {
            if (end - at < 4) {
                return "cut entry at " + at;
            }
            int word = page.getInt(at);
            int type = bigEndian ? word >>> DELTA_BITS : word & ((1 << TYPE_BITS) - 1);
            long delta = bigEndian ? word & ((1 << DELTA_BITS) - 1) : word >>> TYPE_BITS;
            int body = at + 4;
            if (type >= 1 && type <= MAX_DATA_TYPE) {
                int size = type * 4;
                if (size > end - body) {
                    return "record beyond the end at " + at;
                }
                timeNs += delta;
                to.event(timeNs, page, body, size);
                at = body + size;
                continue;
            }
            if (type == PADDING && delta == 0) {
                return null; // the rest of the page is empty
            }
            if (end - body < 4) {
                return "cut entry at " + at;
            }
            int next = page.getInt(body);
            if (type == TIME_EXTEND) {
                timeNs += ((next & 0xffffffffL) << DELTA_BITS) + delta;
                at = body + 4;
            } else if (type == PADDING || type == 0) {
                // The length counts from the length word on.
                if (next < 4 || next > end - body) {
                    return (type == PADDING ? "padding" : "record") + " beyond the end at " + at;
                }
                timeNs += delta;
                if (type == PADDING) { // a discarded record
                    at = body + next;
                    continue;
                }
                to.event(timeNs, page, body + 4, next - 4);
                at = Math.min(end, body + ((next + 3) & ~3)); // records are whole words
            } else {
                long absolute = ((next & 0xffffffffL) << DELTA_BITS) + delta;
                timeNs = (timeNs & ~ABSOLUTE_MASK) | (absolute & ABSOLUTE_MASK);
                at = body + 4;
            }
        }
        return null;
    }

    /** The stored count; -1, unknown, if it cannot be one. */
    private long missedCount(ByteBuffer page, int at) {
        return commit.size() == 8 ? Math.max(-1, page.getLong(at)) : page.getInt(at) & 0xffffffffL;
    }

    private int commitWord(ByteBuffer page) {
        // The flags are in the low 32 bits, whatever the width of the field.
        return (int) commit.read(page, 0);
    }
}
