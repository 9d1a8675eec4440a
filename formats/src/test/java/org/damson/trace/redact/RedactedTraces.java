package org.damson.trace.redact;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.ManifestKeys;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Manifests;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.io.TempDir;

/** A trace in which something private stands in every place, and the redaction of it. */
abstract class RedactedTraces {
    static final byte[] KEY = "a key of this test, 32 bytes....".getBytes(StandardCharsets.UTF_8);
    static final long EPOCH_NS = 1_750_000_000_123_456_789L;
    static final long HEAP = 0x5581_2345_6000L;
    static final long LIBRARY = 0x7f12_89ab_c000L;
    static final long PHYSICAL = 0x1_2345_6000L;
    static final long KERNEL_TARGET = 0xffff_8881_0742_1a40L;

    @TempDir
    Path dir;

    /** Every table, every place where something private can stand. */
    Path writeTelling() throws IOException {
        Path path = dir.resolve("telling.damson");
        Manifest m = new Manifest();
        m.toolVersion = "secret-tool-build";
        m.source = "import:secret-source";
        m.toBootNs = 991_234_567_891L;
        m.toEpochNs = 992_234_567_892L;
        m.host.put("kernel", "6.12.3-secret-kernel");
        m.host.put("hostname", "secret-host");
        m.host.put("cpus", 48);
        m.recording.put("command", List.of("/opt/secret-company/secret-program", "--password", "hunter2"));
        m.recording.put("pids", List.of(48_213L, 48_214L));
        m.recording.put("exit_status", "secret-status");
        m.recording.put("ops", "paddr");
        m.recording.put(
                "damon",
                Map.of(
                        "schemes", List.of("secret-action"),
                        "cutting_schemes", List.of(0L),
                        "address_filters", true,
                        "ranges", List.of("secret-range")));
        m.recording.put("nested", Map.of("secret-key", "secret-value"));
        m.extra.put("secret-extra", "secret-extra-value");
        m.foreign.addAll(ManifestKeys.undeclared(m));
        try (TraceSink sink = Traces.create(path, m, WriterOptions.BATCH)) {
            Random random = new Random(7);
            Snapshot s = new Snapshot();
            for (int i = 0; i < 200; i++) {
                s.clear();
                s.target = i % 2 == 0 ? 48_213 : KERNEL_TARGET;
                s.startNs = EPOCH_NS + i * 100_000_000L;
                s.endNs = s.startNs + 100_000_000L;
                s.sampleUs = 5_000;
                s.aggrUs = 100_000;
                s.columns = Snapshot.HAS_AGE;
                s.add(PHYSICAL, PHYSICAL + (40 << 20), random.nextInt(21), 1);
                long middle = HEAP + 4096L * (1 + random.nextInt(5000));
                s.add(HEAP, middle, random.nextInt(21), i % 9);
                s.add(middle, HEAP + (64 << 20), random.nextInt(21), 0);
                s.add(LIBRARY, LIBRARY + (8 << 20), random.nextInt(21), 3);
                sink.append(s);
            }
            long t = EPOCH_NS + 1_234_567;
            add(sink, Table.MAPPINGS, EPOCH_NS - 5_000_000, 48_213, HEAP, HEAP + (64 << 20), "rw-p", "[heap]", 0);
            add(sink, Table.MAPPINGS, t, 48_213, LIBRARY, LIBRARY + (4 << 20), "r-xp", "/opt/secret-company/lib.so", 0);
            add(
                    sink,
                    Table.MAPPINGS,
                    t,
                    48_213,
                    LIBRARY + (4 << 20),
                    LIBRARY + (8 << 20),
                    "secret-permissions",
                    "[anon:secret-arena]",
                    0);
            add(sink, Table.SCHEMES, t, 0, 0, 0, KERNEL_TARGET, HEAP + 8192, HEAP + 12288, 3, 4, 5);
            add(sink, Table.WRITES, t, t + 100_000_000L, 48_213, HEAP + 8192, HEAP + 12288, 10, 3, 1228, 4096);
            add(sink, Table.SAMPLING, t, t + 100_000_000L, 1_000, 2_000);
            add(sink, Table.SCHEME_STATS, t, 0, 0, 0, "sz_tried", 77);
            add(sink, Table.SCHEME_STATS, t, 0, 0, 0, "secret-statistic", 78);
            add(sink, Table.TUNING, t, 0, 5_000, 100_000);
            add(sink, Table.SAMPLES, t, 48_213, 48_299, 3, "page-faults", HEAP + 4242, 1, KERNEL_TARGET);
            add(sink, Table.SAMPLES, t, 48_213, 48_299, 3, "probe_secret:main", 0x6e66_5544_3322L, 1, 9);
            add(sink, Table.STACKS, KERNEL_TARGET, 0, LIBRARY + 100);
            add(sink, Table.STACKS, 9, 0, 1);
            add(
                    sink,
                    Table.FRAMES,
                    LIBRARY + 100,
                    "secret_function",
                    "/opt/secret-company/lib.so",
                    "deadbeef5ec3e7",
                    LIBRARY + 200,
                    "/home/secret-user/secret_source.c:17");
            add(sink, Table.THREADS, t, 48_213, 48_299, "secret-worker", 0);
            add(sink, Table.MEMORY, t, 48_213, "rss", 123 << 20);
            add(sink, Table.MEMORY, t, 0, "cgroup:secret-slice", 5);
            add(sink, Table.LOSSES, t, t + 1, "recorder", 2, "snapshots: writer behind");
            add(sink, Table.LOSSES, t, t + 1, "secret-source", 2, "process 48213 died in /home/secret-user");
            add(sink, Table.DAMO, 0, 0, -1, "{\"secret-json\": \"secret-value\"}");
            add(sink, Table.CURVES, 100_000, "cold", 0, 1, 0);
        }
        return path;
    }

    static void add(TraceSink sink, Table table, Object... row) throws IOException {
        Batch batch = new Batch(table);
        batch.add(row);
        sink.append(batch);
    }

    Path redact(Path from, String name, byte[] key) throws IOException {
        return redact(from, name, key, false);
    }

    Path redact(Path from, String name, byte[] key, boolean isStrict) throws IOException {
        Path to = dir.resolve(name);
        try (TraceSource trace = Traces.open(from);
                TraceSink sink = Traces.create(to, new Manifest(), WriterOptions.BATCH)) {
            Redactor.redact(trace, sink, key, isStrict);
        }
        assertEquals(List.of(), Traces.verify(to).findings());
        Path zip = dir.resolve(name + ".zip");
        Traces.bundle(to, zip);
        return zip;
    }

    static String everything(Path trace) throws IOException {
        StringBuilder text = new StringBuilder();
        try (TraceSource source = Traces.open(trace)) {
            text.append(new String(Manifests.write(source.manifest()), StandardCharsets.UTF_8));
            for (Table table : Table.values()) {
                try (TraceSource.BatchCursor cursor = source.rows(table)) {
                    for (Batch b = cursor.next(); b != null; b = cursor.next()) {
                        for (int r = 0; r < b.rows(); r++) {
                            for (int c = 0; c < table.columns().size(); c++) {
                                text.append(b.texts(c) != null ? b.text(c, r) : Long.toString(b.get(c, r)))
                                        .append(' ');
                            }
                            text.append('\n');
                        }
                    }
                }
            }
        }
        return text.toString();
    }
}
