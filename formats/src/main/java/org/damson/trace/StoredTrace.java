package org.damson.trace;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.summary.DistinctTargets;
import org.damson.trace.journal.JournalDamage;
import org.damson.trace.journal.UnsealedRows;
import org.damson.trace.parquet.ParquetTableReader;
import org.damson.trace.parquet.RowGroups;
import org.damson.trace.parquet.RowWalk;
import org.damson.trace.parquet.RowWindows;

/** A trace directory or zip open for reading, with the whole batches of journals that no table holds yet. */
final class StoredTrace implements TraceSource {
    /** Few enough that a window's columns stay in the processor's cache between decoding and use. */
    static final int WINDOW_ROWS = 1 << 14;

    private final Path path;
    private final Storage storage;
    private final Manifest manifest;
    private final KeptSums sums = new KeptSums(this);
    private UnsealedRows unsealed;

    StoredTrace(Path path) throws IOException {
        this.path = path;
        storage = Storage.open(path);
        manifest = readWithJournals();
    }

    /**
     * Reads the manifest, then the journals it does not cover. A recorder may seal a segment in between; its journal is
     * then gone, and the new manifest has the rows.
     */
    private Manifest readWithJournals() throws IOException {
        Manifest m = readManifest();
        for (int attempt = 0; attempt < 5; attempt++) {
            boolean hasJournals = m.state == Manifest.State.RECORDING && storage.directory() != null;
            UnsealedRows rows = hasJournals ? UnsealedRows.read(storage.directory(), m) : UnsealedRows.none();
            TraceFormatException wrong = sizes(m);
            Manifest again = hasJournals ? readManifest() : m;
            if (again.files.equals(m.files)) {
                if (wrong != null) {
                    throw wrong;
                }
                if (rows.isForeign()) {
                    throw new TraceFormatException(
                            path + "/" + Manifests.NAME, "", "is not that of the journals beside it");
                }
                if (hasJournals) {
                    rows.settle(again, UnlistedFiles.of(storage, m));
                }
                unsealed = rows;
                return again;
            }
            m = again;
        }
        throw new IOException(path + ": the trace changes faster than it can be read; try again");
    }

    private Manifest readManifest() throws IOException {
        return Manifests.read(path + "/" + Manifests.NAME, storage.small(Manifests.NAME, Manifests.MAX_BYTES));
    }

    /** A file whose length differs from the manifest, as a message; null if all agree. */
    private TraceFormatException sizes(Manifest m) throws IOException {
        for (Manifest.FileEntry f : m.files) {
            if (f.table().isDerived()) {
                continue; // who uses it checks all of it
            }
            try {
                long size = storage.size(f.name());
                if (size != f.sizeBytes()) {
                    return new TraceFormatException(
                            path + "/" + f.name(), "", "has " + size + " bytes, the manifest says " + f.sizeBytes());
                }
            } catch (TraceFormatException e) {
                return e;
            }
        }
        return null;
    }

    /** Damage in the journals, and what was left out because of it. */
    JournalDamage damage() {
        return unsealed.damage();
    }

    /** Rows of journals that are left out because their snapshot is not whole. */
    long incompleteRows() {
        return unsealed.incompleteRows();
    }

    long journalBatches() {
        return unsealed.journals();
    }

    long journalRows() {
        return unsealed.rows();
    }

    Storage storage() {
        return storage;
    }

    @Override
    public String name() {
        return path.toString();
    }

    @Override
    public Manifest manifest() {
        return manifest;
    }

    /** The files of a table in order, then its journals. */
    List<RowWalk.Part> parts(Table table) {
        List<RowWalk.Part> parts = new ArrayList<>();
        manifest.files.stream()
                .filter(f -> f.table() == table)
                .sorted(Comparator.comparing(Manifest.FileEntry::name))
                .forEach(f -> parts.add(new RowWalk.Part() {
                    @Override
                    public long rows() {
                        return f.rows();
                    }

                    @Override
                    public RowGroups open() throws IOException {
                        ParquetTableReader reader = storage.table(f.name(), table);
                        if (reader.rows() != f.rows()) {
                            long rows = reader.rows();
                            reader.close();
                            throw new TraceFormatException(
                                    path + "/" + f.name(), "", "has " + rows + " rows, the manifest says " + f.rows());
                        }
                        return reader;
                    }
                }));
        for (Batch batch : unsealed.of(table)) {
            parts.add(new RowWalk.Part() {
                @Override
                public long rows() {
                    return batch.rows();
                }

                @Override
                public RowGroups open() {
                    return new InMemory(batch);
                }
            });
        }
        return parts;
    }

    @Override
    public SnapshotCursor snapshots(TraceQuery query) throws IOException {
        return new StoredSnapshots(this, query);
    }

    @Override
    public BatchCursor rows(Table table) throws IOException {
        boolean[] all = new boolean[table.columns().size()];
        Arrays.fill(all, true);
        return new RowCursor(this, table, all);
    }

    @Override
    public long rowCount(Table table) {
        return parts(table).stream().mapToLong(RowWalk.Part::rows).sum();
    }

    @Override
    public boolean isKept(Table table) throws IOException {
        return sums.of(table);
    }

    @Override
    public List<String> refusals() {
        return sums.refusals();
    }

    /** The sums that it stores. */
    KeptSums sums() {
        return sums;
    }

    @Override
    public List<TraceQuery> split(TraceQuery query, int n) throws IOException {
        long from = Math.max(0, query.fromSnapshot());
        long to = Math.min(query.toSnapshot(), lastSnapshotId() + 1);
        List<TraceQuery> queries = new ArrayList<>();
        long count = Math.max(0, to - from);
        int pieces = (int) Math.max(1, Math.min(n, count));
        for (int i = 0; i < pieces; i++) {
            queries.add(query.snapshots(from + count * i / pieces, from + count * (i + 1) / pieces));
        }
        return queries;
    }

    private long lastSnapshotId() throws IOException {
        // Ids count from 0 without gaps in everything that damson writes.
        return rowCount(Table.SNAPSHOTS) - 1;
    }

    @Override
    public void close() throws IOException {
        storage.close();
    }

    /** The rows of several parts, a window at a time. */
    static final class RowCursor implements BatchCursor {
        private final RowWalk walk;
        private final Batch batch;
        private final RowWindows windows;

        /** Of snapshots; else null. */
        private final DistinctTargets targets;

        RowCursor(StoredTrace trace, Table table, boolean[] wanted) {
            walk = new RowWalk(trace.parts(table), wanted);
            batch = new Batch(table);
            windows = new RowWindows(batch, WINDOW_ROWS);
            targets = table == Table.SNAPSHOTS ? new DistinctTargets(trace.name()) : null;
        }

        @Override
        public Batch next() throws IOException {
            RowGroups.Rows rows = walk.rows();
            if (rows == null || !windows.next(rows)) {
                return null;
            }
            if (targets != null) {
                targets.take(batch);
            }
            return batch;
        }

        @Override
        public void close() throws IOException {
            walk.close();
        }
    }

    /** Which columns of the regions table a query needs. */
    static boolean[] regionColumns(TraceQuery query) {
        boolean[] wanted = new boolean[Table.REGIONS.columns().size()];
        wanted[Table.REGIONS.indexOf("start")] = true;
        wanted[Table.REGIONS.indexOf("end")] = true;
        wanted[Table.REGIONS.indexOf("nr_accesses")] = true;
        wanted[Table.REGIONS.indexOf("age")] = (query.optionalColumns() & Snapshot.HAS_AGE) != 0;
        boolean referenced = (query.optionalColumns() & Snapshot.HAS_REFERENCED) != 0;
        wanted[Table.REGIONS.indexOf("referenced_min")] = referenced;
        wanted[Table.REGIONS.indexOf("referenced_mean")] = referenced;
        wanted[Table.REGIONS.indexOf("referenced_max")] = referenced;
        wanted[Table.REGIONS.indexOf("filter_passed")] = (query.optionalColumns() & Snapshot.HAS_FILTER_PASSED) != 0;
        wanted[Table.REGIONS.indexOf("probe_hits")] = (query.optionalColumns() & Snapshot.HAS_PROBE_HITS) != 0;
        wanted[Table.REGIONS.indexOf("written_mean")] = (query.optionalColumns() & Snapshot.HAS_WRITTEN) != 0;
        return wanted;
    }
}
