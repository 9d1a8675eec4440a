package org.damson.trace;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Table;
import org.damson.model.summary.TraceSums;
import org.damson.trace.files.Columns;
import org.damson.trace.files.SafeFiles;
import org.damson.trace.files.Sha256;
import org.damson.trace.files.TimeRange;
import org.damson.trace.parquet.Gathered;
import org.damson.trace.parquet.ParquetTableReader;
import org.damson.trace.parquet.ParquetTableWriter;

/**
 * The Parquet files of a trace directory that is being written, and the manifest that lists them. A file is part of the
 * trace from the moment the manifest that names it is in place; files are never changed, only replaced by a merged one.
 */
final class SealedTables {
    /** Most rows of a file that close makes of several segments. */
    private static final long MERGED_ROWS = 24_000_000;

    /** Most rows of a row group that close makes of smaller ones. */
    private static final int GROUP_ROWS = 1 << 18;

    /** Row groups of this many rows are taken over as they are, which costs next to nothing. */
    private static final int WHOLE_GROUP_ROWS = 1 << 17;

    /** From so many regions on, sums that take more than their share of the trace are left out. */
    private static final long LONG_TRACE_REGIONS = 1_000_000;

    private final Path dir;
    private final Manifest manifest;

    /** Rows of a merged file; tests take fewer. */
    long mergedRows = MERGED_ROWS;

    /** @param manifest guarded by itself: others may add facts to it meanwhile */
    SealedTables(Path dir, Manifest manifest) {
        this.dir = dir;
        this.manifest = manifest;
    }

    /** Writes the rows of a segment as a file of their table; {@link #publish} makes it part of the trace. */
    Manifest.FileEntry write(Table table, Columns rows, int number) throws IOException {
        Path file = fileOf(table, number);
        Path part = SafeFiles.part(file);
        Files.deleteIfExists(part); // of an attempt that failed
        try (ParquetTableWriter writer = new ParquetTableWriter(part, table, rows.present())) {
            writer.writeRowGroup(rows);
        }
        try {
            SafeFiles.publish(part, file);
        } catch (IOException e) {
            Files.deleteIfExists(file); // where only the directory could not be synced
            throw e;
        }
        TimeRange range = new TimeRange(table);
        range.add(rows);
        return entry(file, table, rows.rows(), range.fromNs(), range.toNs());
    }

    /**
     * Writes what is to be kept of sums over all snapshots, if anything is; the caller adds the files to the manifest.
     *
     * @param number of the files
     */
    List<Manifest.FileEntry> write(TraceSums sums, int number) throws IOException {
        long traceBytes;
        long regions;
        synchronized (manifest) {
            traceBytes = manifest.files.stream()
                    .mapToLong(Manifest.FileEntry::sizeBytes)
                    .sum();
            regions = manifest.files.stream()
                    .filter(f -> f.table() == Table.REGIONS)
                    .mapToLong(Manifest.FileEntry::rows)
                    .sum();
        }
        List<Manifest.FileEntry> made = new ArrayList<>();
        Map<Table, Batch> rows = sums.rows();
        try {
            for (Map.Entry<Table, Batch> e : rows.entrySet()) {
                Manifest.FileEntry file = write(e.getKey(), Columns.of(e.getValue()), number);
                if (regions >= LONG_TRACE_REGIONS && file.sizeBytes() > TraceSums.mostShare(e.getKey()) * traceBytes) {
                    Files.delete(dir.resolve(file.name())); // of rows that hardly change: they are as quickly read
                } else {
                    made.add(file);
                }
            }
            return made;
        } catch (IOException e) {
            for (Table table : rows.keySet()) {
                Files.deleteIfExists(fileOf(table, number));
                Files.deleteIfExists(SafeFiles.part(fileOf(table, number)));
            }
            throw e;
        }
    }

    private Path fileOf(Table table, int number) {
        return dir.resolve("%s-%06d.parquet".formatted(table.fileStem(), number));
    }

    private static Manifest.FileEntry entry(Path file, Table table, long rows, long fromNs, long toNs)
            throws IOException {
        return new Manifest.FileEntry(
                file.getFileName().toString(), table, rows, fromNs, toNs, sha256(file), Files.size(file));
    }

    /** Adds files to the manifest; if that fails, none. */
    void publish(List<Manifest.FileEntry> entries) throws IOException {
        synchronized (manifest) {
            manifest.files.addAll(entries);
            try {
                writeManifest();
            } catch (IOException e) {
                manifest.files.removeAll(entries); // they will be sealed again
                throw e;
            }
        }
    }

    void writeManifest() throws IOException {
        Path file = dir.resolve(Manifests.NAME);
        Path part = SafeFiles.part(file);
        Files.deleteIfExists(part);
        byte[] text;
        synchronized (manifest) {
            text = Manifests.write(manifest);
        }
        try (FileChannel channel = SafeFiles.create(part)) {
            ByteBuffer bytes = ByteBuffer.wrap(text);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        SafeFiles.publish(part, file);
    }

    /** Rewrites the segments of each table as few files with full row groups: fewer, smaller, better compressed. */
    void merge() throws IOException {
        List<Manifest.FileEntry> before = List.copyOf(manifest.files);
        List<Manifest.FileEntry> after = new ArrayList<>();
        List<String> merged = new ArrayList<>();
        int number = 0;
        for (Manifest.FileEntry f : before) {
            number = Math.max(number, Integer.parseInt(f.name().replaceAll("\\D", "")) + 1);
        }
        for (Table table : Table.values()) {
            List<Manifest.FileEntry> files =
                    before.stream().filter(f -> f.table() == table).toList();
            List<Run> runs = runs(table, files);
            if (runs.size() == files.size()) {
                after.addAll(files);
                continue;
            }
            // All of them anew, also what stays alone: files are read in the order of their numbers.
            for (int r = 0; r < runs.size(); r++) {
                after.add(merge(table, runs.get(r), number + r));
            }
            files.forEach(f -> merged.add(f.name()));
        }
        if (merged.isEmpty()) {
            return;
        }
        synchronized (manifest) {
            manifest.files.clear();
            manifest.files.addAll(after);
            writeManifest();
        }
        for (String name : merged) {
            Files.deleteIfExists(dir.resolve(name));
        }
    }

    /** Neighbours with the same columns, and together no more rows than a merged file has. */
    private record Run(boolean[] columns, List<Manifest.FileEntry> files) {}

    private List<Run> runs(Table table, List<Manifest.FileEntry> files) throws IOException {
        List<Run> runs = new ArrayList<>();
        Run run = null;
        long rows = 0;
        for (Manifest.FileEntry f : files) {
            boolean[] has;
            try (ParquetTableReader reader = ParquetTableReader.open(dir.resolve(f.name()), table)) {
                has = reader.columns();
            }
            if (run == null || !Arrays.equals(run.columns, has) || rows + f.rows() > mergedRows) {
                run = new Run(has, new ArrayList<>());
                runs.add(run);
                rows = 0;
            }
            run.files.add(f);
            rows += f.rows();
        }
        return runs;
    }

    private Manifest.FileEntry merge(Table table, Run run, int number) throws IOException {
        Path file = fileOf(table, number);
        Path part = SafeFiles.part(file);
        long rows = 0;
        long fromNs = Long.MAX_VALUE;
        long toNs = Long.MIN_VALUE;
        Gathered small = new Gathered(table, run.columns);
        try (ParquetTableWriter writer = new ParquetTableWriter(part, table, run.columns)) {
            for (Manifest.FileEntry entry : run.files) {
                Path from = dir.resolve(entry.name());
                rows += entry.rows();
                fromNs = Math.min(fromNs, entry.fromNs());
                toNs = Math.max(toNs, entry.toNs());
                try (ParquetTableReader reader = ParquetTableReader.open(from, table)) {
                    for (int g = 0; g < reader.rowGroups(); g++) {
                        int n = reader.rows(g);
                        if (n >= WHOLE_GROUP_ROWS) {
                            small.writeTo(writer);
                            reader.copyRowGroup(g, writer);
                            continue;
                        }
                        if (small.rows() + n > GROUP_ROWS) {
                            small.writeTo(writer);
                        }
                        small.add(from, g, n);
                    }
                }
            }
            small.writeTo(writer);
        }
        SafeFiles.publish(part, file);
        return entry(file, table, rows, fromNs, toNs);
    }

    /** Merging only saves space: without room for it the segments stay as they are. */
    void mergeIfThereIsRoom() throws IOException {
        List<Manifest.FileEntry> before = List.copyOf(manifest.files);
        try {
            merge();
        } catch (IOException e) {
            synchronized (manifest) {
                manifest.files.clear();
                manifest.files.addAll(before);
                // Either list may be on disk now, so no file goes before the old one is there for certain.
                writeManifest();
            }
            Set<String> kept = before.stream().map(Manifest.FileEntry::name).collect(Collectors.toSet());
            try (Stream<Path> files = Files.list(dir)) {
                for (Path file : files.toList()) {
                    String name = file.getFileName().toString();
                    if (name.endsWith(".parquet") && !kept.contains(name) || name.endsWith(".parquet.part")) {
                        Files.deleteIfExists(file);
                    }
                }
            }
        }
    }

    static String sha256(Path file) throws IOException {
        try (FileChannel channel = SafeFiles.open(file)) {
            return Sha256.hex(channel, 0, channel.size());
        }
    }
}
