package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.cli.command.ExitCode;
import org.damson.cli.input.TraceFiles;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Mapping;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What memory is called where addresses are used again, and where DAMON numbers its targets: by reports and by SQL alike. */
final class MappingNamesTest {
    private static final long MS = 1_000_000;
    private static final long MIB = 1 << 20;
    private static final long A = 0x7f00_0000_0000L;

    @TempDir
    Path dir;

    private Path trace;

    /**
     * Processes 70 and 71 are targets 0 and 1. Of 70 a file is gone after 300 ms, and another lies in its place, 2 MiB further up,
     * which is seen 50 ms later. All of it is accessed all the time.
     */
    @BeforeEach
    void records() throws IOException {
        trace = dir.resolve("t.damson");
        Manifest manifest = new Manifest();
        manifest.source = "damon";
        ManifestKey.PIDS_RECORDED.put(manifest, List.of(70L, 71L));
        TraceFiles.create(trace, manifest, sink -> {
            Batch mappings = new Batch(Table.MAPPINGS);
            new Mapping(70, A, A + 8 * MIB, "r--p", "/old").addTo(mappings, 0, false);
            new Mapping(71, A, A + 8 * MIB, "r--p", "/other").addTo(mappings, 0, false);
            new Mapping(70, A, A + 8 * MIB, "r--p", "/old").addTo(mappings, 300 * MS, true);
            new Mapping(70, A + 2 * MIB, A + 8 * MIB, "r--p", "/new").addTo(mappings, 350 * MS, false);
            sink.append(mappings);
            for (int i = 0; i < 12; i++) {
                Snapshot s = new Snapshot();
                s.target = i % 2;
                s.startNs = i / 2 * 100 * MS;
                s.endNs = s.startNs + 100 * MS;
                s.sampleUs = 5_000;
                s.aggrUs = 100_000;
                s.add(A, A + 8 * MIB, 20, 0);
                sink.append(s);
            }
        });
    }

    @Test
    void memoryIsCalledByWhatWasThereAtTheTime() throws IOException {
        JsonNode report = new ObjectMapper()
                .readTree(CliRun.of("report", "objects", trace, "--json")
                        .expect(ExitCode.OK)
                        .out());
        Map<String, Long> accessed = new TreeMap<>();
        report.get("objects")
                .forEach(row -> accessed.put(
                        row.get("mapping").asText(), row.get("accessed_bytes").asLong()));
        assertEquals(Map.of("/old", 4 * MIB, "/new", 3 * MIB, "(no mapping known)", MIB, "/other", 8 * MIB), accessed);
    }

    /** Two kdamonds may look at one process. */
    @Test
    void aSampleIsOneRowHoweverManyLookAtItsProcess() throws IOException {
        Path two = dir.resolve("two.damson");
        Manifest manifest = new Manifest();
        manifest.source = "damon";
        TraceFiles.create(two, manifest, sink -> {
            for (int i = 0; i < 20; i++) {
                Snapshot s = new Snapshot();
                s.kdamond = i % 2;
                s.target = 0;
                s.startNs = i / 2 * 100 * MS;
                s.endNs = s.startNs + 100 * MS;
                s.sampleUs = 5_000;
                s.aggrUs = 100_000;
                s.add(A, A + 8 * MIB, 20, 0);
                sink.append(s);
            }
            Batch mappings = new Batch(Table.MAPPINGS);
            new Mapping(70, A, A + 8 * MIB, "rw-p", "[heap]").addTo(mappings, 0, false);
            sink.append(mappings);
            Batch frames = new Batch(Table.FRAMES);
            frames.add(0L, "f", "/bin/x", "", 0L);
            sink.append(frames);
            Batch stacks = new Batch(Table.STACKS);
            stacks.add(0L, 0L, 0L);
            sink.append(stacks);
            Batch samples = new Batch(Table.SAMPLES);
            for (int i = 0; i < 10; i++) {
                samples.add(i * 100 * MS + 1, 70L, 70L, 0L, "page-faults", A + 4096, 1L, 0L);
            }
            sink.append(samples);
        });
        String rows = CliRun.of(
                        "sql",
                        two,
                        "--csv",
                        "-c",
                        "select count(*) as n, count(distinct snapshot_id) as snapshots, min(mapping) as mapping from samples_in_place")
                .expect(ExitCode.OK)
                .out();
        assertEquals("n,snapshots,mapping\n10,10,[heap]\n", rows);
    }

    @Test
    void sqlNamesItAlike() throws IOException {
        String rows = CliRun.of(
                        "sql",
                        trace,
                        "--csv",
                        "-c",
                        "select name, cast(sum(touched_bytes * duration_s) / 0.6 as bigint) as bytes from heat_by_mapping"
                                + " group by name order by name")
                .expect(ExitCode.OK)
                .out();
        assertEquals("name,bytes\n/new,3145728\n/old,4194304\n/other,8388608\n", rows);
    }
}
