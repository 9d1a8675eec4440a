package org.damson.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many traces in one table. */
final class MatrixCommandTest {
    private static final long MIB = 1 << 20;

    @TempDir
    Path dir;

    /** Ten snapshots of one second; the working set is {@code mib}, then twice that in the last two. */
    private Path trace(String name, long mib, boolean memory) throws IOException {
        Path path = dir.resolve(name);
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
            for (int n = 0; n < 10; n++) {
                Snapshot s = new Snapshot();
                s.startNs = n * 1_000_000_000L;
                s.endNs = s.startNs + 1_000_000_000L;
                s.sampleUs = 5_000;
                s.aggrUs = 1_000_000;
                s.add(0x7000_0000_0000L, 0x7000_0000_0000L + (n < 8 ? mib : 2 * mib) * MIB, 20, 0);
                sink.append(s);
            }
            if (memory) {
                Batch b = new Batch(Table.MEMORY);
                for (long t = 0; t < 2; t++) {
                    b.add(t, 11, "rss", (100 + 100 * t) * MIB);
                    b.add(t, 12, "rss", 50 * MIB);
                    b.add(t, 0, "mem_total", 1000 * MIB);
                    b.add(t, 0, "mem_free", (500 - 100 * t) * MIB);
                    b.add(t, 0, "pgmajfault", 1000 + 7 * t);
                    b.add(t, 0, "psi_memory_some_us", 5 + 100_000 * t);
                    b.add(t, 77, "kdamond_cpu_ns", 50_000_000L * t);
                    b.add(t, 78, "kdamond_cpu_ns", 50_000_000L * t);
                }
                sink.append(b);
            }
        }
        return path;
    }

    @Test
    void everyColumnIsWhatItSays() throws IOException {
        Path a = trace("a.damson", 10, true);
        Path b = trace("b.damson", 20, false);
        CliRun run = CliRun.of("report", "matrix", a, b, "--output", dir.resolve("m.csv"))
                .expect(ExitCode.OK);
        List<String> lines = java.nio.file.Files.readAllLines(dir.resolve("m.csv"));
        assertEquals(
                "trace,runtime_s,system_used_bytes,rss_bytes,rss_max_bytes,working_set_bytes,working_set_p50_bytes,"
                        + "working_set_p95_bytes,kdamond_cpu_percent,major_faults,memory_pressure_percent",
                lines.get(0));
        assertEquals(
                a + ",10.000000," + 550 * MIB + "," + 200 * MIB + "," + 250 * MIB + "," + 12 * MIB + "," + 10 * MIB
                        + "," + 20 * MIB + ",1.000000,7,1.000000",
                lines.get(1));
        // What was not recorded is empty, not nought.
        assertEquals(b + ",10.000000,,,," + 24 * MIB + "," + 20 * MIB + "," + 40 * MIB + ",,,", lines.get(2));
        assertEquals(3, lines.size());
        assertTrue(run.out().isEmpty(), run.out());
    }

    @Test
    void theTableSaysHowLaterTracesDifferFromTheFirst() throws IOException {
        Path a = trace("a.damson", 10, true);
        Path b = trace("b.damson", 15, true);
        String out = CliRun.of("report", "matrix", a, b).expect(ExitCode.OK).out();
        assertEquals(4, out.lines().count(), out);
        assertTrue(out.lines().skip(3).findFirst().orElseThrow().contains("+50.0 %"), out);
        assertTrue(out.contains("12 MiB") && out.contains("18 MiB") && out.contains("10.00 s"), out);
        String json =
                CliRun.of("report", "matrix", a, "--json").expect(ExitCode.OK).out();
        assertTrue(json.contains("\"working_set_bytes\":" + 12 * MIB), json);
    }

    @Test
    void recordingsOfOtherToolsAreReadAsTheyAre() {
        Path stairs = CliRun.testdata().resolve("stairs/tracefs.txt.gz");
        String out = CliRun.of("report", "matrix", stairs, stairs)
                .expect(ExitCode.OK)
                .out();
        assertTrue(out.contains("+0.0 %"), out);
        CliRun.of("report", "matrix").expect(ExitCode.USAGE);
        CliRun.of("report", "matrix", dir.resolve("none.damson")).expect(ExitCode.INPUT);
    }
}
