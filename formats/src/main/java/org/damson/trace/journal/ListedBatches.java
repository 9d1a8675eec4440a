package org.damson.trace.journal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.damson.model.Table;

/**
 * A {@link BatchList} read back: which batches the journals of a segment must have. It is a second copy of their indexes, from which
 * they are made good.
 */
final class ListedBatches {
    private static final int ENTRY = Journal.ENTRY_BYTES;

    private record Listed(int rows, int length, int crc) {}

    private final String name;
    private final String trace;
    private final int segment;
    private final Map<Table, NavigableMap<Integer, Listed>> batches = new EnumMap<>(Table.class);
    private final List<String> found = new ArrayList<>();
    private boolean isKnown;
    private int damaged;
    private long unlisted;
    private long tornBytes;

    private ListedBatches(String trace, int segment, String name) {
        this.name = name;
        this.trace = trace;
        this.segment = segment;
    }

    /** @param trace what the manifest says that journals are marked with; null for recorders that did not mark and list them */
    static ListedBatches read(Path dir, String trace, int segment) throws IOException {
        Path file = BatchList.fileOf(dir, segment);
        ListedBatches listed =
                new ListedBatches(trace, segment, file.getFileName().toString());
        if (trace == null) {
            return listed;
        }
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            listed.found.add(listed.name + ": is missing");
            return listed;
        }
        listed.take(JournalReader.readAll(file, Long.MAX_VALUE, JournalReader.MAX_INDEX_BYTES));
        return listed;
    }

    private void take(byte[] bytes) {
        Map<Integer, Table> tables = new TreeMap<>();
        for (Table table : Table.values()) {
            tables.put(BatchList.nameOf(table), table);
        }
        ByteBuffer entries = ByteBuffer.wrap(bytes);
        isKnown = true;
        for (int at = 0; at + ENTRY <= bytes.length; at += ENTRY) {
            boolean isWhole =
                    entries.getInt(at + ENTRY - Integer.BYTES) == Journal.crc(bytes, at, ENTRY - Integer.BYTES);
            int number = entries.getInt(at + 4);
            Table table = tables.get(entries.getInt(at));
            if (!isWhole || at > 0 && (table == null || number < 0)) {
                damaged++;
            } else if (at > 0) {
                batches.computeIfAbsent(table, t -> new TreeMap<>())
                        .put(
                                number,
                                new Listed(entries.getInt(at + 8), entries.getInt(at + 12), entries.getInt(at + 16)));
            } else if (number != BatchList.HEAD_NUMBER
                    || entries.getInt(at + 16) != BatchList.mark(trace, BatchList.NAME, segment)) {
                found.add(name + ": is not of this trace and segment");
                isKnown = false;
                return;
            }
        }
        tornBytes = bytes.length % ENTRY;
        if (damaged > 0) {
            found.add(name + ": entries damaged: " + damaged);
        }
    }

    /** Problems of the list, or of the indexes compared with it. */
    List<String> found() {
        return found;
    }

    /** Whether this is the list of another trace or segment. */
    boolean isForeign() {
        return trace != null && !isKnown && !found.get(0).endsWith("missing");
    }

    /** Bytes at its end of an entry that was not written whole. */
    long tornBytes() {
        return tornBytes;
    }

    /** Batches at the ends of journals that are not listed, as a recorder leaves them that is killed while it writes. */
    long unlisted() {
        return unlisted;
    }

    /** Tables that have batches. */
    Set<Table> tables() {
        return batches.isEmpty() ? EnumSet.noneOf(Table.class) : EnumSet.copyOf(batches.keySet());
    }

    /** The expected number of batches of a table. */
    int count(Table table) {
        return batches.containsKey(table) ? batches.get(table).lastKey() + 1 : 0;
    }

    /** Rows of batches {@code [from, to)}; -1 if that is not known. */
    long rows(Table table, int from, int to) {
        Map<Integer, Listed> of = batches.getOrDefault(table, new TreeMap<>());
        long rows = 0;
        for (int number = from; number < to; number++) {
            Listed batch = of.get(number);
            if (batch == null) {
                return -1;
            }
            rows += batch.rows;
        }
        return from < 0 ? -1 : rows;
    }

    /** Whether an index says itself that it is of another trace, table or segment. */
    boolean isOfAnother(Table table, byte[] index) {
        return trace != null
                && index.length >= ENTRY
                && isWhole(index, 0)
                && ByteBuffer.wrap(index).getLong(0) == Journal.HEAD_OFFSET
                && ByteBuffer.wrap(index).getInt(16) != BatchList.mark(trace, table.fileStem(), segment);
    }

    /** An index with the entries that it must have; what it did not have is found. */
    byte[] completed(Table table, byte[] index, String indexName) {
        if (!isKnown) {
            return index;
        }
        NavigableMap<Integer, Listed> of = batches.getOrDefault(table, new TreeMap<>());
        int there = Math.max(0, index.length / ENTRY - 1);
        int listed = count(table);
        if (listed == 0) {
            noteUnlisted(there, indexName);
            return index;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(index, 0, index.length < ENTRY ? 0 : ENTRY);
        long offset = 0;
        int taken = 0;
        for (int number = 0; number < listed; number++) {
            int at = (number + 1) * ENTRY;
            Listed batch = of.get(number);
            boolean isOwn = number < there;
            if (batch == null && !isOwn) {
                break;
            }
            byte[] right = batch == null ? null : entry(offset, batch);
            offset += batch != null ? batch.length : ByteBuffer.wrap(index).getLong(at + 8);
            if (!isOwn) {
                taken++;
                out.writeBytes(right);
            } else if (right == null || ByteBuffer.wrap(right).equals(ByteBuffer.wrap(index, at, ENTRY))) {
                out.write(index, at, ENTRY);
            } else {
                found.add(indexName + ": index entry " + (number + 1)
                        + (isWhole(index, at) ? " is not that of the batch that was written" : " is damaged"));
                out.writeBytes(right);
            }
        }
        if (taken > 0) {
            found.add(indexName + ": " + (index.length == 0 ? "is missing or empty" : "is cut short")
                    + ": entries taken from " + name + ": " + taken);
            return out.toByteArray();
        }
        int from = (listed + 1) * ENTRY;
        if (index.length > from) {
            out.write(index, from, index.length - from);
        }
        noteUnlisted(there - listed, indexName);
        return out.toByteArray();
    }

    private void noteUnlisted(int more, String indexName) {
        if (more > 1 + damaged) {
            found.add(name + ": is cut short or older than " + indexName + ": " + more + " batches are not listed");
        } else if (more > damaged) {
            unlisted++;
        }
    }

    private static boolean isWhole(byte[] index, int at) {
        return ByteBuffer.wrap(index).getInt(at + ENTRY - Integer.BYTES)
                == Journal.crc(index, at, ENTRY - Integer.BYTES);
    }

    private static byte[] entry(long offset, Listed batch) {
        return Journal.entry(offset, batch.length, batch.crc).array();
    }
}
