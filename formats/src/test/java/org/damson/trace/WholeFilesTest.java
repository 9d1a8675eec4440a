package org.damson.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files of a trace, each and the two of each journal together, that are gone, emptied, cut between batches, replaced by those of
 * another trace, another table or an earlier moment, or there twice: rows that are missing are counted, none of others are
 * read, {@code verify} finds it, and {@code recover} keeps what {@code verify} has said and the original.
 */
final class WholeFilesTest {
    private static final int ENTRY = 24;
    private static final int FLUSHES = 9;
    private static final int RANDOM_CUTS = Integer.getInteger("damson.random.cuts", 60);

    @TempDir
    Path dir;

    /** The files of a trace, by name. */
    private Map<String, byte[]> whole;

    private Map<String, byte[]> earlier;
    private Map<String, byte[]> others;

    @BeforeEach
    void record() throws IOException {
        whole = new TreeMap<>();
        earlier = new TreeMap<>();
        others = new TreeMap<>();
        record("a", 0, earlier, whole);
        record("b", 7, new TreeMap<>(), others);
    }

    /** Segments of three flushes, of which the first is sealed for certain when the third begins; it is killed in that. */
    private void record(String name, int shift, Map<String, byte[]> early, Map<String, byte[]> late)
            throws IOException {
        Path live = dir.resolve(name);
        try (TraceSink sink =
                Traces.create(unsynced(live), new Manifest(), WriterOptions.LIVE.segment(30, Long.MAX_VALUE))) {
            Snapshot s = new Snapshot();
            Batch memory = new Batch(Table.MEMORY);
            Batch threads = new Batch(Table.THREADS);
            for (int i = 0; i < FLUSHES; i++) {
                for (int n = 0; n < 4; n++) {
                    fill(s, 4 * i + n, shift);
                    sink.append(s);
                }
                memory.clear();
                memory.add(100L * i + shift, 7, "rss", 4096L * i);
                sink.append(memory);
                threads.clear();
                threads.add(100L * i + shift, 7, 7 + i, "worker", 0);
                sink.append(threads);
                sink.flush();
                if (i == FLUSHES - 2) {
                    files(live, early);
                }
            }
            files(live, late);
        }
    }

    /** The same place, without waiting for the disk. */
    private static Path unsynced(Path path) {
        return new FaultyFiles(FaultyFiles.Fault.IO_ERROR).path(path);
    }

    private static void fill(Snapshot s, int i, int shift) {
        s.clear();
        s.startNs = i * 100L + shift;
        s.endNs = s.startNs + 100;
        s.sampleUs = 5;
        s.aggrUs = 100;
        s.columns = Snapshot.HAS_AGE;
        s.add(4096, 8192, i % 20, i);
        s.add(8192, 16384, 1, i);
    }

    /** At one instant, when two segments are sealed and their journals gone. */
    private static void files(Path trace, Map<String, byte[]> into) throws IOException {
        boolean isSettled = false;
        while (!isSettled) {
            into.clear();
            try {
                for (Path file : list(trace)) {
                    if (!file.endsWith(".lock")) {
                        into.put(file.getFileName().toString(), Files.readAllBytes(file));
                    }
                }
            } catch (NoSuchFileException sealedMeanwhile) {
                continue;
            }
            byte[] manifest = into.get(Manifests.NAME);
            isSettled = Manifests.read("m", manifest).files.size() == 8
                    && into.keySet().stream().noneMatch(name -> name.matches(".*-00000[01]\\.(arrows|index)|.*part"))
                    && Arrays.equals(manifest, Files.readAllBytes(trace.resolve(Manifests.NAME)));
        }
    }

    private static List<Path> list(Path trace) throws IOException {
        try (var files = Files.list(trace)) {
            return files.sorted().toList();
        }
    }

    private record View(List<String> said, boolean isFound, List<String> rows, int losses, boolean isRefused) {}

    private static View view(Path trace) throws IOException {
        VerifyReport report = Traces.verify(trace);
        List<String> said = new ArrayList<>(report.findings());
        said.addAll(report.notes());
        List<String> rows = new ArrayList<>();
        int[] losses = {0};
        try (TraceSource source = Traces.open(trace)) {
            for (Table table : List.of(Table.MEMORY, Table.THREADS, Table.LOSSES)) {
                source.forEachRow(table, (b, r) -> {
                    if (table == Table.LOSSES) {
                        losses[0]++;
                    } else {
                        StringBuilder row = new StringBuilder(table.fileStem());
                        for (int c = 0; c < table.columns().size(); c++) {
                            row.append(' ').append(b.texts(c) != null ? b.text(c, r) : Long.toString(b.get(c, r)));
                        }
                        rows.add(row.toString());
                    }
                });
            }
            Snapshot s = new Snapshot();
            try (TraceSource.SnapshotCursor cursor = source.snapshots(TraceQuery.ALL)) {
                while (cursor.next(s)) {
                    rows.add(SeededTrace.describe(s).replaceFirst("\\d+ ", ""));
                }
            }
        } catch (TraceFormatException e) {
            assertEquals(1, e.getMessage().lines().count(), e.getMessage());
            return new View(said, true, rows, 0, true);
        }
        return new View(said, !report.findings().isEmpty(), rows, losses[0], false);
    }

    private Path write(Map<String, byte[]> files, String name) throws IOException {
        Path trace = Files.createDirectories(dir.resolve(name)).resolve("t.damson");
        Files.createDirectory(trace);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Files.write(trace.resolve(file.getKey()), file.getValue());
        }
        return trace;
    }

    /** Each damage of some files that are replaced together, by its name. A content of null is a file that is gone. */
    private Map<String, Map<String, byte[]>> damages(List<String> names) {
        Map<String, Map<String, byte[]>> all = new LinkedHashMap<>();
        String of = String.join("+", names);
        put(all, of + " gone", names, name -> null);
        put(all, of + " empty", names, name -> new byte[0]);
        put(all, of + " of another trace", names, others::get);
        put(all, of + " of another table", names, name -> whole.get(sibling(name)));
        put(all, of + " as it was", names, earlier::get);
        Map<String, byte[]> twice = new TreeMap<>();
        names.forEach(name -> twice.put(name.replaceFirst("\\d{6}", "000003"), whole.get(name)));
        if (!twice.containsKey(Manifests.NAME)) {
            all.put(of + " twice", twice);
        }
        int cuts = names.get(0).endsWith(".parquet") || names.contains(Manifests.NAME) ? 4 : 1 + entries(names.get(0));
        for (int n = 1; n < cuts; n++) {
            int at = n;
            put(all, of + " cut at " + n, names, name -> cut(name, at, cuts));
        }
        return all;
    }

    private interface Content {
        byte[] of(String name);
    }

    private void put(Map<String, Map<String, byte[]>> all, String what, List<String> names, Content content) {
        Map<String, byte[]> files = new TreeMap<>();
        names.forEach(name -> files.put(name, content.of(name)));
        boolean isOther = names.stream().anyMatch(name -> !Arrays.equals(whole.get(name), files.get(name)));
        boolean isThere = what.endsWith(" gone") || files.values().stream().noneMatch(c -> c == null);
        if (isOther && isThere) {
            all.put(what, files);
        }
    }

    private static String sibling(String name) {
        return name.startsWith("memory") ? name.replace("memory", "threads") : name.replaceFirst("[a-z]+", "memory");
    }

    private int entries(String name) {
        return whole.get(indexOf(name)).length / ENTRY;
    }

    private static String indexOf(String name) {
        return name.replace(".arrows", ".index");
    }

    /** The first {@code n} entries of an index, the batches of these of a journal, that share of another file. */
    private byte[] cut(String name, int n, int of) {
        byte[] content = whole.get(name);
        if (name.endsWith(".index")) {
            return Arrays.copyOf(content, n * ENTRY);
        }
        if (!name.endsWith(".arrows")) {
            return Arrays.copyOf(content, content.length * n / of);
        }
        ByteBuffer index = ByteBuffer.wrap(whole.get(indexOf(name)));
        return Arrays.copyOf(
                content, n == 1 ? 0 : (int) (index.getLong((n - 1) * ENTRY) + index.getLong((n - 1) * ENTRY + 8)));
    }

    private void assertNoticed(String what, Map<String, byte[]> damaged, View before, Path trace) throws IOException {
        View now = view(trace);
        TreeSet<String> lost = new TreeSet<>(before.rows);
        // A sealed file of the same length and rows is not told by who reads it, only by its digest.
        boolean isSealed = now.isFound && damaged.keySet().stream().allMatch(name -> name.endsWith(".parquet"));
        now.rows.forEach(row -> assertTrue(isSealed || before.rows.contains(row), () -> what + ": " + row));
        assertEquals(now.rows.size(), new TreeSet<>(now.rows).size(), what + ": rows twice");
        now.rows.forEach(lost::remove);
        assertFalse(now.said.equals(before.said), what + ": nothing is said of " + damaged.keySet());
        assertTrue(now.isRefused || lost.isEmpty() || now.isFound, what + ": lost and not found: " + lost);
        assertTrue(
                now.isRefused || isSealed || lost.isEmpty() || now.losses > 0,
                what + ": lost and not counted: " + lost);
    }

    /** What verify says that would be kept is, as all that could be read before. */
    private static void assertRecovered(String what, Path trace) throws IOException {
        View before = view(trace);
        RecoverReport report;
        try {
            report = Traces.recover(unsynced(trace));
        } catch (TraceFormatException e) {
            assertTrue(before.isRefused, what + ": " + e.getMessage());
            return;
        }
        View after = view(trace);
        assertFalse(after.isFound, what + ": " + after.said);
        assertEquals(sorted(before.rows), sorted(after.rows), what);
        assertEquals(before.losses, after.losses, what);
        assertEquals(before.isFound, report.lostNote().contains("the original is kept"), what + report.lostNote());
        try (TraceSource source = Traces.open(trace)) {
            String kept = "damson recover would keep " + Units.count(source.rowCount(Table.SNAPSHOTS), "snapshot")
                    + " and " + Units.count(source.rowCount(Table.REGIONS), "region");
            assertTrue(before.said.toString().contains(kept), what + ": " + before.said + " and not " + kept);
        }
    }

    private static List<String> sorted(List<String> rows) {
        return rows.stream().sorted().toList();
    }

    @Test
    void noFileOfAnUnsealedTraceIsMissedUnnoticed() throws IOException {
        View before = view(write(whole, "whole"));
        assertEquals(4 * FLUSHES + 2 * FLUSHES, before.rows.size());
        assertEquals(List.of(), Traces.verify(dir.resolve("whole/t.damson")).findings());
        List<List<String>> units = new ArrayList<>();
        whole.keySet().forEach(name -> units.add(List.of(name)));
        whole.keySet().stream()
                .filter(name -> name.endsWith(".arrows"))
                .forEach(name -> units.add(List.of(name, indexOf(name))));
        assertEquals(8 + 1 + 8 + 1 + 4, units.size(), units.toString());
        int n = 0;
        for (List<String> unit : units) {
            for (Map.Entry<String, Map<String, byte[]>> e : damages(unit).entrySet()) {
                Map<String, byte[]> files = new TreeMap<>(whole);
                files.putAll(e.getValue());
                files.values().removeIf(content -> content == null);
                Path trace = write(files, "n" + n++);
                assertNoticed(e.getKey(), e.getValue(), before, trace);
                assertRecovered(e.getKey(), trace);
            }
        }
        assertTrue(n > 150, "tried " + n);
    }

    @Test
    void noFileOfASealedTraceIsMissedUnnoticed() throws IOException {
        Map<String, byte[]> journals = whole;
        int n = 0;
        for (String kind : List.of("sealed", "zipped")) {
            Map<String, byte[]> unsealed = others;
            whole = sealed(journals, kind + "-a");
            others = sealed(unsealed, kind + "-b");
            earlier = Map.of();
            View before = kind.equals("sealed") ? view(write(whole, kind)) : view(zip(whole, kind));
            for (String name : whole.keySet()) {
                for (Map.Entry<String, Map<String, byte[]>> e :
                        damages(List.of(name)).entrySet()) {
                    Map<String, byte[]> files = new TreeMap<>(whole);
                    files.putAll(e.getValue());
                    files.values().removeIf(content -> content == null);
                    Path trace = kind.equals("sealed") ? write(files, "n" + n++) : zip(files, "n" + n++);
                    assertNoticed(kind + ": " + e.getKey(), e.getValue(), before, trace);
                }
            }
            others = unsealed;
        }
        assertTrue(n > 50, "tried " + n);
    }

    private Map<String, byte[]> sealed(Map<String, byte[]> journals, String name) throws IOException {
        Path trace = write(journals, name);
        Traces.recover(unsynced(trace));
        Map<String, byte[]> files = new TreeMap<>();
        for (Path file : list(trace)) {
            files.put(file.getFileName().toString(), Files.readAllBytes(file));
        }
        return files;
    }

    private Path zip(Map<String, byte[]> files, String name) throws IOException {
        Path zip = Files.createDirectories(dir.resolve(name)).resolve("t.damson.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            out.setMethod(ZipOutputStream.STORED);
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                CRC32 crc = new CRC32();
                crc.update(file.getValue());
                ZipEntry entry = new ZipEntry(file.getKey());
                entry.setSize(file.getValue().length);
                entry.setCrc(crc.getValue());
                out.putNextEntry(entry);
                out.write(file.getValue());
            }
        }
        return zip;
    }

    /** A recorder that is killed leaves journals that end anywhere: verify says what recover keeps of them. */
    @Test
    void whatVerifySaysThatRecoverKeepsItKeepsWhereverJournalsEnd() throws IOException {
        Random random = new Random(12);
        View before = view(write(whole, "whole"));
        List<String> journals = whole.keySet().stream()
                .filter(name -> name.matches(".*(arrows|index)"))
                .collect(Collectors.toList());
        for (int n = 0; n < RANDOM_CUTS; n++) {
            Map<String, byte[]> files = new TreeMap<>(whole);
            StringBuilder what = new StringBuilder("seed 12, " + n + ":");
            for (String name : journals) {
                if (random.nextInt(3) == 0) {
                    byte[] content = whole.get(name);
                    int length = random.nextInt(content.length + 1);
                    files.put(name, Arrays.copyOf(content, length));
                    what.append(' ').append(name).append(" to ").append(length);
                }
            }
            Path trace = write(files, "n" + n);
            View now = view(trace);
            now.rows.forEach(row -> assertTrue(before.rows.contains(row), () -> what + ": " + row));
            assertTrue(now.rows.size() == before.rows.size() || now.isFound, what + ": " + now.said);
            assertRecovered(what.toString(), trace);
        }
    }
}
