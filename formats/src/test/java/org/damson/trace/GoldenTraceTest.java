package org.damson.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.damson.exchange.Importers;
import org.damson.exchange.build.ImportOptions;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Traces that earlier versions wrote are read for ever. */
class GoldenTraceTest {
    private static final Path DATA = Path.of("..", "testdata");

    @TempDir
    Path dir;

    /** {@code stairs-N} is of format version N: there is one of each. */
    @Test
    void thereIsATraceOfEachVersion() throws IOException {
        for (int version = 1; version <= Manifest.FORMAT_VERSION; version++) {
            try (TraceSource trace = Traces.open(golden(version))) {
                assertEquals(version, trace.manifest().formatVersion);
            }
        }
    }

    private static Path golden(int version) {
        return DATA.resolve("golden/stairs-" + version + ".damson.zip");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void eachAsFirstWrittenHasTheRowsOfItsRecording(int version) throws IOException {
        Path golden = golden(version);
        assertEquals(List.of(), Traces.verify(golden).findings());
        Path anew = dir.resolve("stairs.damson");
        Importers.importFile(
                DATA.resolve("stairs/tracefs.txt.gz"),
                ImportOptions.NONE,
                manifest -> Traces.create(anew, manifest, WriterOptions.BATCH));
        assertEquals(3109, rows(golden, Table.REGIONS).size());
        // Sums are of later versions.
        for (Table table : Table.values()) {
            assertEquals(rows(anew, table), rows(golden, table));
        }
    }

    /** What a recorder that died left: {@code stairs-N.journal.zip} is of format version N. Journals are kept from version 2 on. */
    @ParameterizedTest
    @ValueSource(ints = {2})
    void aJournalIsReadAndRecovered(int version) throws IOException {
        Path journal = unpacked(version);
        Path anew = dir.resolve("stairs.damson");
        Importers.importFile(
                DATA.resolve("stairs/tracefs.txt.gz"),
                ImportOptions.NONE,
                manifest -> Traces.create(anew, manifest, WriterOptions.BATCH));
        try (TraceSource trace = Traces.open(journal)) {
            assertEquals(Manifest.State.RECORDING, trace.manifest().state);
            assertEquals(version, trace.manifest().formatVersion);
        }
        for (Table table : Table.values()) {
            assertEquals(rows(anew, table), rows(journal, table));
        }
        Traces.recover(journal);
        try (TraceSource trace = Traces.open(journal)) {
            assertEquals(Manifest.State.RECOVERED, trace.manifest().state);
        }
        assertEquals(List.of(), Traces.verify(journal).findings());
        for (Table table : Table.values()) {
            assertEquals(rows(anew, table), rows(journal, table));
        }
    }

    @Test
    void thereIsAJournalOfEachVersionSinceTheyAreKept() {
        for (int version = 2; version <= Manifest.FORMAT_VERSION; version++) {
            assertTrue(Files.exists(DATA.resolve("golden/stairs-" + version + ".journal.zip")), "version " + version);
        }
    }

    private Path unpacked(int version) throws IOException {
        Path to = Files.createDirectory(dir.resolve("journal.damson"));
        try (ZipInputStream zip =
                new ZipInputStream(Files.newInputStream(DATA.resolve("golden/stairs-" + version + ".journal.zip")))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Files.copy(zip, to.resolve(entry.getName()));
            }
        }
        return to;
    }

    private static List<String> rows(Path path, Table table) throws IOException {
        List<String> rows = new ArrayList<>();
        try (TraceSource trace = Traces.open(path);
                TraceSource.BatchCursor cursor = trace.rows(table)) {
            for (Batch b = cursor.next(); b != null; b = cursor.next()) {
                for (int r = 0; r < b.rows(); r++) {
                    StringBuilder row = new StringBuilder();
                    for (int c = 0; c < table.columns().size(); c++) {
                        if (table == Table.SNAPSHOTS && table.columns().get(c).optional()) {
                            continue;
                        }
                        row.append(b.texts(c) != null ? b.text(c, r) : Long.toString(b.get(c, r)))
                                .append(' ');
                    }
                    rows.add(row.toString());
                }
            }
        }
        return rows;
    }
}
