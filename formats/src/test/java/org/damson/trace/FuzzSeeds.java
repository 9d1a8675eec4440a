package org.damson.trace;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import org.damson.exchange.PerfDataWriter;
import org.damson.model.Batch;
import org.damson.model.ColumnType;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.trace.files.Columns;
import org.damson.trace.journal.SegmentJournals;
import org.damson.trace.parquet.ParquetTableWriter;

/** Writes the seed corpora anew: {@code FuzzSeeds DIRECTORY TESTDATA}. Small inputs, so that mutations hit something. */
public final class FuzzSeeds {
    private FuzzSeeds() {}

    public static void main(String[] args) throws IOException {
        Path to = Path.of(args[0]);
        recordings(Files.createDirectories(to.resolve("recording")), Path.of(args[1]));
        damo(Files.createDirectories(to.resolve("damo")), Path.of(args[1]));
        sideFiles(Files.createDirectories(to.resolve("sidefiles")), Path.of(args[1]));
        tables(to);
        traces(to);
    }

    private static void recordings(Path to, Path testdata) throws IOException {
        byte[] stairs = head(testdata.resolve("stairs/tracefs.txt.gz"), 40);
        Files.write(to.resolve("seed-tracefs"), stairs);
        Files.write(to.resolve("seed-physical"), head(testdata.resolve("physical/tracefs.txt.gz"), 30));
        Files.write(to.resolve("seed-perf-script"), head(testdata.resolve("stairs-perf/damon.perf.script.gz"), 30));
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write(stairs);
        }
        Files.write(to.resolve("seed-gzip"), zipped.toByteArray());
        Path binary = Files.createDirectories(to.resolveSibling("binary"));
        for (Map.Entry<String, byte[]> seed : PerfDataWriter.seeds().entrySet()) {
            Files.write(binary.resolve(seed.getKey()), seed.getValue());
        }
        Files.writeString(
                to.resolve("seed-old-and-schemes"),
                """
                kdamond.0-12 [000] d..1 10.000001: damon_aggregated: target_id=18446612682070819072 nr_regions=2 4096-8192: 3
                kdamond.0-12 [000] d..1 10.000002: damon_aggregated: target_id=18446612682070819072 nr_regions=2 8192-12288: 0 7
                kdamond.0-12 [000] d..1 10.000003: damos_before_apply: ctx_idx=0 scheme_idx=0 target_idx=0 nr_regions=2 4096-8192: 3 1
                kdamond.0-12 [000] d..1 10.000004: damon_monitor_intervals_tune: sample_us=5000
                CPU:0 [LOST 5 EVENTS]
                """);
    }

    private static void damo(Path to, Path testdata) throws IOException {
        byte[] record;
        byte[] compressed = Files.readAllBytes(testdata.resolve("zigzag-damo/damon.data"));
        try (InputStream in = new InflaterInputStream(new java.io.ByteArrayInputStream(compressed))) {
            record = in.readAllBytes();
        }
        // the first record's first snapshot, closed by hand
        String text = new String(record, StandardCharsets.UTF_8);
        int second = text.indexOf("\"start_time\"", text.indexOf("\"start_time\"") + 1);
        second = text.indexOf("\"start_time\"", second + 1);
        int end = second < 0 ? text.length() : text.lastIndexOf("}", second);
        Files.writeString(to.resolve("seed-cut"), text.substring(0, Math.min(end, 6000)));
        Files.writeString(
                to.resolve("seed-small"),
                """
                [{"kdamond_idx": "0", "context_idx": 0, "intervals": {"sample_us": "5,000", "aggr_us": "100,000",
                "ops_update_us": "1,000,000"}, "scheme_idx": null, "target_id": 0, "scheme_filters": null, "snapshots": [
                {"start_time": "1,000", "end_time": "2,000", "regions": [
                {"start": "4,096", "end": "8,192", "nr_accesses": {"samples": 3, "hz": null, "percent": null},
                "age": {"usec": null, "aggr_intervals": "5"}, "sz_filter_passed": "0 B"},
                {"start": "8,192", "end": "18,446,744,073,709,551,615", "nr_accesses": {"samples": 0}, "age": {}}],
                "total_bytes": "8,192"}]}]
                """);
    }

    /** The first 1.5 kB of each, and whole small ones written by hand beside them; where they are cut matters little to a reader of one sample after another. */
    private static void sideFiles(Path to, Path testdata) throws IOException {
        String[] kinds = {"kdamonds", "mem_footprint", "vmas", "proc_stats"};
        for (int k = 0; k < kinds.length; k++) {
            byte[] whole = Files.readAllBytes(testdata.resolve("zigzag-damo/damon.data." + kinds[k]));
            byte[] cut = Arrays.copyOf(whole, Math.min(whole.length, 1500));
            Files.write(to.resolve("seed-" + kinds[k]), prefixed(cut, (byte) k));
        }
    }

    private static byte[] head(Path file, int lines) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            String text = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
            return String.join("\n", text.lines().limit(lines).toList()).getBytes(StandardCharsets.ISO_8859_1);
        }
    }

    private static Batch rows(Table table, int n) {
        Batch batch = new Batch(table);
        for (int r = 0; r < n; r++) {
            batch.addRow();
            for (int c = 0; c < table.columns().size(); c++) {
                if (table.columns().get(c).type() == ColumnType.STRING) {
                    batch.set(c, r, "text" + r % 3);
                } else {
                    batch.set(c, r, c * 1000L + r);
                }
            }
        }
        return batch;
    }

    private static void tables(Path to) throws IOException {
        Path parquet = Files.createDirectories(to.resolve("parquet"));
        Path journal = Files.createDirectories(to.resolve("journal"));
        Path work = Files.createTempDirectory("seeds");
        for (Table table : new Table[] {Table.REGIONS, Table.SNAPSHOTS, Table.LOSSES}) {
            boolean[] present = new boolean[table.columns().size()];
            Arrays.fill(present, true);
            if (table == Table.REGIONS) {
                Arrays.fill(present, 8, 12, false);
            }
            Path file = work.resolve(table.fileStem());
            try (ParquetTableWriter writer = new ParquetTableWriter(file, table, present)) {
                writer.writeRowGroup(Columns.of(rows(table, 4)));
                writer.writeRowGroup(Columns.of(rows(table, 2)));
            }
            Files.write(parquet.resolve("seed-" + table.fileStem()), prefixed(Files.readAllBytes(file), (byte)
                    table.ordinal()));
            try (SegmentJournals journals = new SegmentJournals(work, "seeds", table.ordinal())) {
                Batch rows = rows(table, 5);
                for (int c = 0; c < present.length; c++) {
                    rows.setPresent(c, present[c]);
                }
                journals.append(rows, 0, 3);
                journals.append(rows, 3, 5);
            }
            String journalName = "%s-%06d".formatted(table.fileStem(), table.ordinal());
            byte[] data = Files.readAllBytes(work.resolve(journalName + ".arrows"));
            byte[] index = Files.readAllBytes(work.resolve(journalName + ".index"));
            byte[] both = Arrays.copyOf(data, data.length + index.length);
            System.arraycopy(index, 0, both, data.length, index.length);
            Files.write(journal.resolve("seed-" + table.fileStem()), prefixed(both, (byte) table.ordinal(), (byte)
                    index.length));
            Files.write(
                    journal.resolve("seed-" + table.fileStem() + "-right-index"),
                    prefixed(data, (byte) table.ordinal(), (byte) 0));
        }
    }

    private static byte[] prefixed(byte[] data, byte... prefix) {
        byte[] all = Arrays.copyOf(prefix, prefix.length + data.length);
        System.arraycopy(data, 0, all, prefix.length, data.length);
        return all;
    }

    private static void traces(Path to) throws IOException {
        Path manifests = Files.createDirectories(to.resolve("manifest"));
        Path bundles = Files.createDirectories(to.resolve("bundle"));
        Path work = Files.createTempDirectory("seeds").resolve("t.damson");
        Manifest m = new Manifest();
        m.toBootNs = 5L;
        m.host.put("kernel", "6.12");
        m.recording.put("command", "true");
        m.extra.put("later", Map.of("key", 1));
        try (TraceSink sink = Traces.create(work, m, WriterOptions.BATCH)) {
            Snapshot s = new Snapshot();
            for (int i = 0; i < 4; i++) {
                s.clear();
                s.startNs = i;
                s.endNs = i + 1;
                s.columns = Snapshot.HAS_AGE;
                s.add(4096, 8192, i, i);
                s.add(8192, 16384, 1, i);
                sink.append(s);
            }
            Batch losses = new Batch(Table.LOSSES);
            losses.add(0, 1, "ring", 3, "overrun");
            sink.append(losses);
        }
        Files.copy(work.resolve("manifest.json"), manifests.resolve("seed-sealed"));
        Traces.bundle(work, bundles.resolve("seed-trace"));
    }
}
