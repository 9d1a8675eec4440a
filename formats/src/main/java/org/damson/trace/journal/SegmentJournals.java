package org.damson.trace.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.trace.files.Columns;

/** The journals of a segment that is being written, and the list of their batches. */
public final class SegmentJournals implements Closeable {
    private final Path dir;
    private final String trace;
    private final int number;
    private final Map<Table, Journal> journals = new EnumMap<>(Table.class);
    private BatchList list;
    private boolean isClosed;

    /** @param trace what no other trace is called, for the manifest too */
    public SegmentJournals(Path dir, String trace, int number) {
        this.dir = dir;
        this.trace = trace;
        this.number = number;
    }

    /** As {@link Journal#warm}. */
    public static void warm() {
        Journal.warm();
    }

    /** As {@link Journal#append}; makes the journal if it is not there. */
    public int append(Batch batch, int from, int to) throws IOException {
        Journal journal = journals.get(batch.table());
        if (journal == null) {
            journal = create(batch.table(), batch.present());
        }
        return journal.append(batch, from, to);
    }

    private synchronized Journal create(Table table, boolean[] present) throws IOException {
        // Before the first journal: without it nobody can say that one is missing.
        list = list == null ? BatchList.create(dir, trace, number) : list;
        Journal journal = Journal.create(dir, table, number, present, list);
        journals.put(table, journal);
        return journal;
    }

    /** Rows of a table that are written. */
    public int rows(Table table) {
        Journal journal = journals.get(table);
        return journal == null ? 0 : journal.written().rows();
    }

    /** What is written, by table. */
    public Map<Table, Columns> written() {
        Map<Table, Columns> written = new EnumMap<>(Table.class);
        journals.forEach((table, journal) -> written.put(table, journal.written()));
        return written;
    }

    /** Brings all that is written to the disk. Another thread may create a journal meanwhile, which is left to the next call. */
    public void force() throws IOException {
        Map<Table, Journal> open;
        BatchList listed;
        synchronized (this) {
            open = new EnumMap<>(journals);
            listed = list;
        }
        for (Journal journal : open.values()) {
            journal.force();
        }
        if (listed != null) {
            listed.force();
        }
    }

    /** Closes all files, also when one fails; the second time nothing. */
    @Override
    public void close() throws IOException {
        if (isClosed) {
            return;
        }
        isClosed = true;
        IOException failure = null;
        for (Journal journal : journals.values()) {
            failure = closed(journal, failure);
        }
        if (list != null) {
            failure = closed(list, failure);
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static IOException closed(Closeable file, IOException before) {
        try {
            file.close();
            return before;
        } catch (IOException e) {
            return e;
        }
    }

    /** Deletes the files, the list last. */
    public void delete() throws IOException {
        for (Table table : journals.keySet()) {
            Journal.delete(dir, table, number);
        }
        BatchList.delete(dir, number);
    }
}
