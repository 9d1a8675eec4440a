package org.damson.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Flips bits and cuts files of traces of each kind: sealed, unsealed and zipped, with call stacks, sums, merged, sliced, recovered, and of a series. Damage is silent when {@code verify} says what it
 * says of the whole trace, or when a reader gets other rows without an error and without the trace saying that it is
 * damaged. {@code testing/damage.sh} runs it at length: {@code -Ddamson.flips} of each kind, {@code -Ddamson.cuts} (every N-th
 * length), {@code -Ddamson.damage.seed}, {@code -Ddamson.damage.kinds}.
 */
final class DamageCampaignTest {
    private static final int FLIPS = Integer.getInteger("damson.flips", 100);
    private static final int CUTS = Integer.getInteger("damson.cuts", 499);
    private static final long SEED = Long.getLong("damson.damage.seed", 1);
    private static final List<String> KINDS =
            List.of(System.getProperty("damson.damage.kinds", "").split(" "));
    private static final int SNAPSHOTS = 60;
    private static final int PER_FLUSH = 10;

    @TempDir
    Path dir;

    private final Map<String, Path> traces = new TreeMap<>();

    @BeforeEach
    void write() throws IOException {
        Path live = dir.resolve("live.damson");
        Path dead = dir.resolve("unsealed.damson");
        try (TraceSink sink = Traces.create(live, facts(), WriterOptions.LIVE)) {
            fill(sink);
            sink.flush();
            copyDead(live, dead);
        }
        Path sealed = dir.resolve("sealed.damson");
        try (TraceSink sink = Traces.create(sealed, facts(), WriterOptions.BATCH)) {
            fill(sink);
        }
        Path zip = dir.resolve("zipped.damson.zip");
        Traces.bundle(sealed, zip);
        traces.put("sealed", sealed);
        traces.put("unsealed", dead);
        traces.put("zipped", zip);
        writeOthers();
    }

    /** What other commands make of traces, with rows in every table. */
    private void writeOthers() throws IOException {
        Path summed = dir.resolve("summed.damson");
        try (TraceSink sink = Traces.createSummed(summed, facts(), WriterOptions.BATCH, 1)) {
            fill(sink);
        }
        Path stacks = dir.resolve("stacks.damson");
        Path live = dir.resolve("live-stacks.damson");
        try (TraceSink sink = Traces.create(stacks, facts(), WriterOptions.BATCH);
                TraceSink second = Traces.create(live, facts(), WriterOptions.LIVE)) {
            for (TraceSink to : List.of(sink, second)) {
                fill(to);
                for (Table table : Table.values()) {
                    if (table != Table.SNAPSHOTS && table != Table.REGIONS && !table.isDerived()) {
                        to.append(rows(table));
                    }
                }
                to.flush();
            }
            copyDead(live, dir.resolve("unsealed-stacks.damson"));
        }
        Path merged = dir.resolve("merged.damson");
        Path sliced = dir.resolve("sliced.damson");
        try (TraceSource one = Traces.open(stacks);
                TraceSource other = Traces.open(traces.get("sealed"));
                TraceSink both = Traces.create(merged, facts(), WriterOptions.BATCH);
                TraceSink part = Traces.create(sliced, facts(), WriterOptions.BATCH)) {
            Traces.merge(List.of(one, other), both);
            Traces.copy(one, TraceQuery.ALL.time(1000, 4000), part);
        }
        for (String kind : List.of("summed", "stacks", "unsealed-stacks", "merged", "sliced")) {
            traces.put(kind, dir.resolve(kind + ".damson"));
        }
        traces.put("recovered", recovered());
        Path series = dir.resolve("series");
        Files.createDirectory(series);
        copyDead(stacks, series.resolve("1.damson"));
        copyDead(summed, series.resolve("2.damson"));
        copyDead(traces.get("unsealed"), series.resolve("3.damson"));
        traces.put("series", series);
    }

    /** What is left of a killed recording of which a batch is damaged: it has a loss, and says that it is not all. */
    private Path recovered() throws IOException {
        Path damaged = dir.resolve("recovered.damson");
        copyDead(traces.get("unsealed"), damaged);
        Path journal = damaged.resolve("regions-000000.arrows");
        byte[] content = Files.readAllBytes(journal);
        content[content.length / 2] ^= 1;
        Files.write(journal, content);
        Traces.recover(damaged);
        return damaged;
    }

    /** What is left of a trace whose recorder is killed. */
    private static void copyDead(Path live, Path dead) throws IOException {
        Files.createDirectory(dead);
        for (Path f : files(live)) {
            if (!f.getFileName().toString().equals(".lock")) {
                Files.copy(f, dead.resolve(f.getFileName()));
            }
        }
    }

    /** Forty rows, with numbers and texts that differ. */
    private static Batch rows(Table table) {
        Batch batch = new Batch(table);
        for (int i = 0; i < 40; i++) {
            int row = batch.addRow();
            for (int c = 0; c < table.columns().size(); c++) {
                if (batch.texts(c) != null) {
                    batch.set(c, row, table.columns().get(c).name() + i);
                } else {
                    batch.set(c, row, c == 0 ? i * 100L : i);
                }
            }
        }
        return batch;
    }

    private static Manifest facts() {
        Manifest m = new Manifest();
        m.source = "referenced";
        m.recording.put("command", "a b c");
        m.host.put("cpus", 2L);
        return m;
    }

    private static void fill(TraceSink sink) throws IOException {
        Snapshot s = new Snapshot();
        Batch memory = new Batch(Table.MEMORY);
        for (int i = 0; i < SNAPSHOTS; i++) {
            SeededTrace.fill(s, i);
            sink.append(s);
            memory.clear();
            memory.add(i * 100L, 7, "rss", i * 4096L);
            sink.append(memory);
            if (i % PER_FLUSH == PER_FLUSH - 1) {
                sink.flush();
            }
        }
    }

    /** What can be seen of a trace, or of a series. */
    private record View(List<String> verified, List<String> rows, boolean isSaid, boolean isRefused) {}

    private static View view(Path path) throws IOException {
        if (!path.getFileName().toString().equals("series")) {
            return viewOfOne(path);
        }
        View all = new View(new ArrayList<>(), new ArrayList<>(), false, false);
        for (Path trace : Traces.inSeries(path)) {
            View one = viewOfOne(trace);
            all.verified.addAll(one.verified);
            all.rows.addAll(one.rows);
            all = new View(all.verified, all.rows, all.isSaid || one.isSaid, all.isRefused || one.isRefused);
        }
        return all;
    }

    private static View viewOfOne(Path trace) throws IOException {
        VerifyReport report = Traces.verify(trace);
        List<String> verified = new ArrayList<>(report.findings());
        verified.addAll(report.notes());
        List<String> rows = new ArrayList<>();
        try (TraceSource source = Traces.open(trace)) {
            Manifest m = source.manifest();
            rows.add(m.source + m.recording + m.host + m.attrs + m.clock + m.state);
            for (Table table : Table.values()) {
                if (table == Table.REGIONS || table == Table.SNAPSHOTS) {
                    continue;
                }
                source.forEachRow(table, (b, r) -> {
                    StringBuilder row = new StringBuilder(table.fileStem());
                    for (int c = 0; c < table.columns().size(); c++) {
                        row.append(' ').append(b.texts(c) != null ? b.text(c, r) : Long.toString(b.get(c, r)));
                    }
                    rows.add(row.toString());
                });
            }
            Snapshot s = new Snapshot();
            try (TraceSource.SnapshotCursor cursor = source.snapshots(TraceQuery.ALL)) {
                while (cursor.next(s)) {
                    rows.add(SeededTrace.describe(s) + s.sampleUs + s.aggrUs + s.kdamond + s.lost);
                }
            }
            return new View(verified, rows, m.recording.containsKey(ManifestKey.DAMAGE.path()), false);
        } catch (TraceFormatException e) {
            assertEquals(1, e.getMessage().lines().count(), e.getMessage());
            return new View(verified, rows, true, true);
        }
    }

    private static List<Path> files(Path trace) throws IOException {
        if (Files.isRegularFile(trace)) {
            return List.of(trace);
        }
        try (var files = Files.walk(trace)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static final class Row {
        int tried;
        int refused;
        int found;
        int silent;
        int misread;
    }

    /** One damage; how it must have been noticed. */
    private void damage(Path trace, Path file, byte[] damaged, View whole, Row row, String what) throws IOException {
        byte[] before = Files.readAllBytes(file);
        Files.write(file, damaged);
        try {
            View now = view(trace);
            row.tried++;
            row.refused += now.isRefused ? 1 : 0;
            boolean isFound = now.isRefused || !now.verified.equals(whole.verified);
            row.found += isFound && !now.isRefused ? 1 : 0;
            if (!isFound) {
                row.silent++;
                System.out.println("SILENT: " + what);
            }
            boolean isSaid = now.isRefused || now.isSaid && !whole.isSaid;
            if (!isSaid && !now.rows.equals(whole.rows) && !isTorn(now)) {
                row.misread++;
                System.out.println("MISREAD: " + what);
            }
        } finally {
            Files.write(file, before);
        }
    }

    /** The end of a journal that was cut off, which a killed recorder leaves too: verify and recover say how much. */
    private static boolean isTorn(View v) {
        return v.verified.stream().anyMatch(line -> line.contains("cut short"));
    }

    @Test
    void noFlipAndNoCutIsSilent() throws IOException {
        Map<String, Row> table = new TreeMap<>();
        Random random = new Random(SEED);
        for (Map.Entry<String, Path> e : traces.entrySet()) {
            if (!KINDS.contains(e.getKey()) && !KINDS.contains("")) {
                continue;
            }
            Path trace = e.getValue();
            View whole = view(trace);
            List<Path> files = files(trace);
            long bytes = files.stream().mapToLong(DamageCampaignTest::size).sum();
            Row flips = table.computeIfAbsent("flips, " + e.getKey(), k -> new Row());
            for (int n = 0; n < FLIPS; n++) {
                long at = (long) (random.nextDouble() * bytes);
                for (Path file : files) {
                    if (at < size(file)) {
                        byte[] damaged = Files.readAllBytes(file);
                        int bit = random.nextInt(8);
                        damaged[(int) at] ^= (byte) (1 << bit);
                        damage(trace, file, damaged, whole, flips, file.getFileName() + " byte " + at + " bit " + bit);
                        break;
                    }
                    at -= size(file);
                }
            }
            Row cuts = table.computeIfAbsent("cuts, " + e.getKey(), k -> new Row());
            for (Path file : files) {
                byte[] content = Files.readAllBytes(file);
                for (int n = content.length - 1; n >= 0; n -= n == content.length - 1 ? 1 : CUTS) {
                    damage(trace, file, Arrays.copyOf(content, n), whole, cuts, file.getFileName() + " cut to " + n);
                }
            }
        }
        System.out.println(
                "| damage | tried | refused by every reader | found by verify | silent | other rows unsaid |");
        System.out.println("|---|---|---|---|---|---|");
        table.forEach((name, r) -> System.out.println("| " + name + " | " + r.tried + " | " + r.refused + " | "
                + r.found + " | " + r.silent + " | " + r.misread + " |"));
        table.forEach((name, r) -> assertEquals(0, r.silent + r.misread, name));
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Any bit of a journal or its index: the batch that holds it may be missing, and nothing else. */
    @Test
    void aFlippedBitCostsItsBatchAndNoOtherAndIsCounted() throws IOException {
        Path dead = traces.get("unsealed");
        List<String> whole = SeededTrace.read(dead, TraceQuery.ALL);
        assertEquals(SNAPSHOTS, whole.size());
        Random random = new Random(SEED);
        for (String name : List.of(
                "regions-000000.arrows", "regions-000000.index", "snapshots-000000.arrows", "snapshots-000000.index")) {
            Path file = dead.resolve(name);
            byte[] content = Files.readAllBytes(file);
            for (int n = 0; n < Math.max(20, FLIPS / 20); n++) {
                byte[] damaged = content.clone();
                int at = random.nextInt(content.length);
                damaged[at] ^= (byte) (1 << random.nextInt(8));
                Files.write(file, damaged);
                String place = name + " byte " + at;
                List<String> left = new ArrayList<>();
                SeededTrace.read(dead, TraceQuery.ALL).forEach(line -> left.add(line.substring(line.indexOf(' '))));
                int lost = SNAPSHOTS - left.size();
                assertTrue(lost == 0 || lost == PER_FLUSH, place + ": " + lost);
                assertTrue(
                        whole.stream()
                                .map(l -> l.substring(l.indexOf(' ')))
                                .toList()
                                .containsAll(left),
                        place);
                assertEquals(
                        name.endsWith(".index") ? 0 : PER_FLUSH, lost, place + ": an index entry has two checksums");
                assertFalse(Traces.verify(dead).findings().isEmpty(), place);
                assertEquals(lost == 0 ? 0 : 1, losses(dead).size(), place);
                if (n % 10 == 0) {
                    recovers(dead, file, content, left, lost, place);
                }
            }
            Files.write(file, content);
        }
    }

    private void recovers(Path dead, Path file, byte[] content, List<String> left, int lost, String place)
            throws IOException {
        Path copy = dir.resolve("copy.damson");
        Files.createDirectory(copy);
        for (Path f : files(dead)) {
            Files.copy(f, copy.resolve(f.getFileName()));
        }
        RecoverReport report = Traces.recover(copy);
        Path original = dir.resolve("copy.damson.unrecovered");
        assertTrue(report.lostNote().contains(original.toString()), report.lostNote());
        assertEquals(
                files(dead).size(),
                files(original).stream().filter(f -> !f.endsWith(".lock")).count(),
                place);
        List<String> recovered = new ArrayList<>();
        SeededTrace.read(copy, TraceQuery.ALL).forEach(line -> recovered.add(line.substring(line.indexOf(' '))));
        assertEquals(left, recovered, place);
        assertEquals(List.of(), Traces.verify(copy).findings(), place);
        assertFalse(Traces.verify(copy).notes().isEmpty(), place);
        assertEquals(lost == 0 ? 0 : 1, losses(copy).size(), place);
        for (Path made : List.of(copy, original)) {
            for (Path f : files(made)) {
                Files.delete(f);
            }
            Files.delete(made);
        }
    }

    private static List<String> losses(Path trace) throws IOException {
        List<String> causes = new ArrayList<>();
        try (TraceSource source = Traces.open(trace)) {
            source.forEachRow(Table.LOSSES, (b, r) -> causes.add(b.text(Table.LOSSES.indexOf("cause"), r)));
        }
        return causes;
    }

    @Test
    void anUnsealedTraceSaysThatItNeedsRecoverAndWhatThatKeeps() throws IOException {
        VerifyReport report = Traces.verify(traces.get("unsealed"));
        assertEquals(List.of(), report.findings());
        assertTrue(
                report.notes().get(0).startsWith("its recorder died: damson recover would keep 60 snapshots"),
                report.notes().toString());
    }
}
