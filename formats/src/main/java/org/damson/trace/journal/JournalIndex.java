package org.damson.trace.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Which batches of a {@link Journal} are whole, by its index. A batch whose entry is damaged is still proven by either
 * checksum in it; one that is damaged itself does not hide those after it, whose places their own entries tell.
 */
final class JournalIndex {
    /** A whole batch. */
    record Batch(long offset, int length) {}

    /** Batches that are not whole, with none between them that is: numbers {@code from} to {@code to}, exclusive. */
    private record Missing(int beforeBatch, int from, int to, String cause) {}

    private record Entry(long offset, long length, int dataCrc, int entryCrc, boolean isWhole) {}

    /** Upper bound on the bytes of batches with damaged entries at the end. A recorder's batches are a few MiB at most. */
    private static final long MAX_UNKNOWN_BYTES = 32 << 20;

    private final String name;
    private final JournalBytes data;
    private final List<Batch> whole = new ArrayList<>();
    private final List<Missing> missing = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private long present;
    private long tornBytes;

    private JournalIndex(String name, JournalBytes data) {
        this.name = name;
        this.data = data;
    }

    static JournalIndex of(String name, JournalBytes data, byte[] index) throws IOException {
        JournalIndex known = new JournalIndex(name, data);
        known.look(entries(index), index.length % Journal.ENTRY_BYTES);
        return known;
    }

    List<Batch> whole() {
        return whole;
    }

    /** A bit for each column that is present; 0 if the index does not say. */
    long present() {
        return present;
    }

    List<String> notes() {
        return notes;
    }

    long tornBytes() {
        return tornBytes;
    }

    /** @param rowsBefore how many rows come before a whole batch, by its place */
    List<JournalReader.Gap> gaps(IntUnaryOperator rowsBefore) {
        return missing.stream()
                .map(m -> new JournalReader.Gap(
                        rowsBefore.applyAsInt(m.beforeBatch),
                        m.from,
                        m.to,
                        m.to - m.from == 1 ? m.cause : m.cause + ", and " + (m.to - m.from - 1) + " more after it"))
                .toList();
    }

    /**
     * How far into the journal the batches reach that the index speaks of. What lies behind was not written whole; it may
     * be anything, and of any length.
     */
    static long end(byte[] index) {
        boolean isDamaged = false;
        long end = 0;
        for (Entry e : entries(index)) {
            isDamaged |= !e.isWhole;
            if (e.isWhole && e.offset >= 0 && e.length > 0 && e.length < Long.MAX_VALUE - e.offset) {
                end = Math.max(end, e.offset + e.length);
            }
        }
        return isDamaged ? Math.min(end, Long.MAX_VALUE - MAX_UNKNOWN_BYTES) + MAX_UNKNOWN_BYTES : end;
    }

    private static List<Entry> entries(byte[] index) {
        List<Entry> entries = new ArrayList<>();
        ByteBuffer bytes = ByteBuffer.wrap(index);
        while (bytes.remaining() >= Journal.ENTRY_BYTES) {
            int at = bytes.position();
            long offset = bytes.getLong();
            long length = bytes.getLong();
            int dataCrc = bytes.getInt();
            int entryCrc = bytes.getInt();
            boolean isWhole = entryCrc == Journal.crc(index, at, Journal.ENTRY_BYTES - 4);
            entries.add(new Entry(offset, length, dataCrc, entryCrc, isWhole));
        }
        return entries;
    }

    private void look(List<Entry> entries, int tornIndexBytes) throws IOException {
        int first = takeHead(entries);
        long end = 0;
        boolean isEndKnown = true;
        for (int i = first; i < entries.size(); i++) {
            Entry e = entries.get(i);
            if (!e.isWhole) {
                long next = nextOffset(entries, i + 1);
                if (isEndKnown && isProven(e, end, next)) {
                    notes.add(name + ": index entry " + i + " is damaged, its batch is whole");
                    end = whole.get(whole.size() - 1).offset + whole.get(whole.size() - 1).length;
                } else {
                    miss(i - first, "index entry " + i + " is damaged");
                    isEndKnown = false;
                }
                continue;
            }
            boolean fits = e.offset >= end
                    && (e.offset == end || !isEndKnown)
                    && e.length > 0
                    && e.length <= Long.MAX_VALUE - e.offset;
            if (!fits) {
                miss(i - first, "index entry " + i + " contradicts the one before");
                continue;
            }
            end = e.offset + e.length;
            isEndKnown = true;
            if (e.offset > data.size() || e.length > data.size() - e.offset) {
                miss(i - first, "is cut off before the end of its batch " + i);
            } else if (e.dataCrc != data.crc(e.offset, e.length)) {
                miss(i - first, "batch " + i + " (bytes " + e.offset + " to " + end + ") is damaged");
            } else {
                whole.add(new Batch(e.offset, (int) e.length));
            }
        }
        tornBytes = tornIndexBytes + (isEndKnown ? Math.max(0, data.size() - end) : 0);
    }

    private void miss(int number, String cause) {
        int last = missing.size() - 1;
        if (last >= 0 && missing.get(last).beforeBatch == whole.size()) {
            Missing before = missing.get(last);
            missing.set(last, new Missing(whole.size(), before.from, number + 1, before.cause));
        } else {
            missing.add(new Missing(whole.size(), number, number + 1, name + ": " + cause));
        }
    }

    /** Returns where the entries of batches begin. */
    private int takeHead(List<Entry> entries) {
        if (entries.isEmpty()) {
            return 0;
        }
        Entry head = entries.get(0);
        if (head.isWhole && head.offset == Journal.HEAD_OFFSET) {
            present = head.length;
            return 1;
        }
        // An entry of a batch has offset 0 here; whatever else stands there was the head.
        boolean isBatch = head.offset == 0 && (head.isWhole || nextOffset(entries, 1) != 0);
        if (isBatch) {
            return 0;
        }
        notes.add(name + ": the head of its index is damaged");
        return 1;
    }

    /** Offset of the next batch whose entry is whole; the end of the data if there is none. */
    private long nextOffset(List<Entry> entries, int from) {
        return from < entries.size() && entries.get(from).isWhole
                ? entries.get(from).offset
                : from < entries.size() ? -1 : data.size();
    }

    /** Takes a batch whose entry is damaged if one of the checksums in it proves it all the same. */
    private boolean isProven(Entry e, long offset, long next) throws IOException {
        for (long end : new long[] {next, offset + e.length}) {
            if (end <= offset || end > data.size()) {
                continue;
            }
            int length = (int) (end - offset);
            ByteBuffer right = Journal.entry(offset, length, data.crc(offset, length));
            if (right.getInt(16) == e.dataCrc || right.getInt(20) == e.entryCrc) {
                whole.add(new Batch(offset, length));
                return true;
            }
        }
        return false;
    }
}
