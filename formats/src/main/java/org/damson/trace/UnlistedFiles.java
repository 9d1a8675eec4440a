package org.damson.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.damson.model.Manifest;
import org.damson.model.Table;
import org.damson.trace.parquet.ParquetTableReader;

/**
 * Files of an unsealed trace with snapshots that neither its manifest nor a journal has, as an older manifest leaves them that
 * was put back. What a killed recorder leaves has its journals still, or repeats what is listed.
 */
final class UnlistedFiles {
    private static final List<Table> TABLES = List.of(Table.SNAPSHOTS, Table.REGIONS);

    private UnlistedFiles() {}

    /** One line for each. */
    static List<String> of(Storage storage, Manifest manifest) throws IOException {
        long listed = manifest.files.stream()
                .filter(f -> f.table() == Table.SNAPSHOTS)
                .mapToLong(Manifest.FileEntry::rows)
                .sum();
        List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(storage.directory())) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                Table table = tableOf(name);
                if (table != null
                        && manifest.files.stream().noneMatch(f -> f.name().equals(name))
                        && !hasJournal(file)
                        && firstSnapshot(storage, name, table) >= listed) {
                    found.add(name + ": has snapshots that nothing else has, but is not in the manifest");
                }
            }
        }
        return found;
    }

    /** Names of all files of tables that the manifest does not list, as a killed indexing leaves them. */
    static List<String> names(Storage storage, Manifest manifest) throws IOException {
        return storage.names().stream()
                .filter(name -> name.matches("[a-z_]+-[0-9]{6}\\.(parquet|arrows|index)"))
                .filter(name -> manifest.files.stream().noneMatch(f -> f.name().equals(name)))
                .filter(name -> !manifest.unknownFiles.containsKey(name))
                .sorted()
                .toList();
    }

    /** Whether this is a sealed file of an unsealed trace whose journal is not beside it. */
    static boolean isAlone(Storage storage, String name) {
        return name.endsWith(".parquet")
                && storage.directory() != null
                && !hasJournal(storage.directory().resolve(name));
    }

    private static Table tableOf(String name) {
        return TABLES.stream()
                .filter(t -> name.matches(t.fileStem() + "-[0-9]{6}\\.parquet"))
                .findFirst()
                .orElse(null);
    }

    private static boolean hasJournal(Path file) {
        String index = file.getFileName().toString().replace(".parquet", ".index");
        return Files.exists(file.resolveSibling(index), LinkOption.NOFOLLOW_LINKS);
    }

    /** Number of the first snapshot in a file; -1 if it has none, the greatest number if it cannot be read. */
    private static long firstSnapshot(Storage storage, String file, Table table) {
        boolean[] wanted = new boolean[table.columns().size()];
        Object[] into = new Object[wanted.length];
        long[] id = {-1};
        wanted[0] = true;
        into[0] = id;
        try (ParquetTableReader reader = storage.table(file, table)) {
            if (reader.rows() > 0) {
                reader.open(0, wanted).read(into, 0, 1);
            }
            return id[0];
        } catch (IOException e) {
            return Long.MAX_VALUE;
        }
    }
}
