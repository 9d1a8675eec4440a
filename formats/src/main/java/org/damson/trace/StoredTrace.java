package org.damson.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.trace.journal.JournalDamage;
import org.damson.trace.journal.JournalReader;
import org.damson.trace.parquet.ParquetTableReader;
import org.damson.trace.parquet.RowGroups;
import org.damson.trace.parquet.RowWalk;
import org.damson.trace.parquet.RowWindows;

/** A trace directory or zip open for reading, with the whole batches of journals that no table holds yet. */
final class StoredTrace implements TraceSource {
    private static final Pattern JOURNAL = Pattern.compile("([a-z_]+)-([0-9]{6})");

    /** Few enough that a window's columns stay in the processor's cache between decoding and use. */
    static final int WINDOW_ROWS = 1 << 14;

    private static final int REGION_COUNT = Table.SNAPSHOTS.indexOf("regions");

    private final Path path;
    private final Storage storage;
    private final Manifest manifest;
    private final Map<Table, List<Batch>> journals = new EnumMap<>(Table.class);
    private final KeptSums sums = new KeptSums(this);
    private JournalDamage damage = new JournalDamage();
    private long journalBatches;
    private long incompleteRows;

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
        if (m.state != Manifest.State.RECORDING || storage.directory() == null) {
            return m;
        }
        for (int attempt = 0; attempt < 5; attempt++) {
            journals.clear();
            damage = new JournalDamage();
            journalBatches = 0;
            readJournals(m);
            Manifest again = readManifest();
            if (again.files.equals(m.files)) {
                UnlistedFiles.of(storage, m).forEach(damage::addOfSnapshots);
                if (!damage.isOfSnapshots()) {
                    damage.compare(journals, again);
                }
                if (damage.isOfSnapshots()) {
                    damage.leaveOut(journals, again);
                } else {
                    leaveOutIncomplete();
                }
                damage.report(journals, again);
                return again;
            }
            m = again;
        }
        throw new IOException(path + ": the trace changes faster than it can be read; try again");
    }

    private Manifest readManifest() throws IOException {
        Manifest m = Manifests.read(path + "/" + Manifests.NAME, storage.small(Manifests.NAME, Manifests.MAX_BYTES));
        if (m.state != Manifest.State.RECORDING) {
            for (Manifest.FileEntry f : m.files) {
                if (f.table().isDerived()) {
                    continue; // who uses it checks all of it
                }
                long size = storage.size(f.name());
                if (size != f.sizeBytes()) {
                    throw new TraceFormatException(
                            path + "/" + f.name(), "", "has " + size + " bytes, the manifest says " + f.sizeBytes());
                }
            }
        }
        return m;
    }

    /** Snapshots before regions, which a recorder writes in the other order: so no regions are missing. */
    private void readJournals(Manifest m) throws IOException {
        TreeSet<String> names =
                new TreeSet<>(Comparator.comparing((String name) -> !name.startsWith(Table.SNAPSHOTS.fileStem() + "-"))
                        .thenComparing(Comparator.naturalOrder()));
        try (Stream<Path> files = Files.list(storage.directory())) {
            files.forEach(f -> names.add(f.getFileName().toString().replaceAll("\\.(arrows|index)$", "")));
        }
        for (String name : names) {
            Matcher match = JOURNAL.matcher(name);
            Table table = match.matches() ? tableNamed(match.group(1)) : null;
            if (table == null) {
                continue;
            }
            String sealed = name + ".parquet";
            if (m.files.stream().anyMatch(f -> f.name().equals(sealed))) {
                continue;
            }
            JournalReader.Content content =
                    JournalReader.read(storage.directory(), table, Integer.parseInt(match.group(2)));
            damage.add(table, content);
            if (table == Table.SNAPSHOTS && hasRegions(content.rows()) && !names.contains(regionsOf(name))) {
                damage.addOfSnapshots(regionsOf(name) + ".arrows: is missing, though its snapshots are there");
            }
            if (content.rows().rows() > 0) {
                journals.computeIfAbsent(table, t -> new ArrayList<>()).add(content.rows());
                journalBatches++;
            }
        }
    }

    private static String regionsOf(String snapshots) {
        return snapshots.replace(Table.SNAPSHOTS.fileStem(), Table.REGIONS.fileStem());
    }

    private static boolean hasRegions(Batch heads) {
        return IntStream.range(0, heads.rows()).anyMatch(row -> heads.get(REGION_COUNT, row) > 0);
    }

    /** What is damaged in the journals, and what was left out for it. */
    JournalDamage damage() {
        return damage;
    }

    /**
     * A snapshot counts once its row is there, which a recorder writes after those of its regions, and these too. What else a
     * flush that was cut short has left is at the end of the journals.
     */
    private void leaveOutIncomplete() {
        List<Batch> heads = journals.getOrDefault(Table.SNAPSHOTS, List.of());
        List<Batch> regions = journals.getOrDefault(Table.REGIONS, List.of());
        long there = regions.stream().mapToLong(Batch::rows).sum();
        long counted = 0;
        boolean whole = true;
        for (Batch head : heads) {
            int row = 0;
            while (whole && row < head.rows()) {
                long count = head.get(REGION_COUNT, row);
                if (count < 0 || count > there - counted) {
                    whole = false;
                } else {
                    counted += count;
                    row++;
                }
            }
            incompleteRows += head.rows() - row;
            head.setRows(row);
        }
        incompleteRows += there - counted;
        for (Batch rows : regions) {
            rows.setRows((int) Math.min(rows.rows(), counted));
            counted -= rows.rows();
        }
    }

    /** Rows of journals that are left out because their snapshot is not whole. */
    long incompleteRows() {
        return incompleteRows;
    }

    private static Table tableNamed(String stem) {
        for (Table table : Table.values()) {
            if (table.fileStem().equals(stem)) {
                return table;
            }
        }
        return null;
    }

    long journalBatches() {
        return journalBatches;
    }

    long journalRows() {
        return journals.values().stream()
                .flatMap(List::stream)
                .mapToLong(Batch::rows)
                .sum();
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
        for (Batch batch : journals.getOrDefault(table, List.of())) {
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
        return new RowCursor(parts(table), table, all);
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

    /** What it keeps of sums. */
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

        RowCursor(List<RowWalk.Part> parts, Table table, boolean[] wanted) {
            walk = new RowWalk(parts, wanted);
            batch = new Batch(table);
            windows = new RowWindows(batch, WINDOW_ROWS);
        }

        @Override
        public Batch next() throws IOException {
            RowGroups.Rows rows = walk.rows();
            return rows != null && windows.next(rows) ? batch : null;
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
