package org.damson.cli.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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

/** What threads are called, through all that is made of a trace. */
final class ThreadNamesTest {
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    Path dir;

    private Path trace(String name, int pid) throws IOException {
        Path path = dir.resolve(name);
        Manifest manifest = new Manifest();
        manifest.source = "import:text";
        try (TraceSink sink = Traces.create(path, manifest, WriterOptions.BATCH)) {
            for (int i = 0; i < 10; i++) {
                Snapshot s = new Snapshot();
                s.target = pid;
                s.startNs = (1 + i) * SECOND;
                s.endNs = (2 + i) * SECOND;
                s.sampleUs = 100_000;
                s.aggrUs = 1_000_000;
                s.add(0x10000, 0x20000, 3, 0);
                sink.append(s);
            }
            Batch threads = new Batch(Table.THREADS);
            threads.add(SECOND, pid, pid, "mainthread", 0);
            threads.add(2 * SECOND, pid, pid + 1, "early", 0);
            threads.add(5 * SECOND, pid, pid + 1, "early", 1);
            threads.add(5 * SECOND, pid, pid + 1, "lateworker", 0);
            threads.add(9 * SECOND, pid, pid + 1, "lateworker", 1);
            sink.append(threads);
            Batch frames = new Batch(Table.FRAMES);
            frames.add(1, "work", "/bin/program", "", 3);
            sink.append(frames);
            Batch stacks = new Batch(Table.STACKS);
            stacks.add(1, 0, 1);
            sink.append(stacks);
            Batch samples = new Batch(Table.SAMPLES);
            for (int i = 0; i < 8; i++) {
                samples.add((2 + i) * SECOND, pid, pid + i % 2, 0, "cpu-clock", 0, SECOND, 1);
            }
            sink.append(samples);
        }
        return path;
    }

    private static String sql(Path trace) {
        return CliRun.of(
                        "sql",
                        trace,
                        "--csv",
                        "-c",
                        "SELECT name, from_ns, to_ns FROM thread_spans WHERE name <> 'mainthread' ORDER BY from_ns")
                .expect(ExitCode.OK)
                .out();
    }

    private String exported(Path trace, String format) throws IOException {
        Path out = dir.resolve(trace.getFileName() + "." + format);
        CliRun.of("export", trace, "--to", format, "-o", out).expect(ExitCode.OK);
        return new String(Files.readAllBytes(out), StandardCharsets.ISO_8859_1);
    }

    @Test
    void profilersGetTheLastNameOfEachThread() throws Exception {
        Path trace = trace("x.damson", 4711);
        for (String format : new String[] {"speedscope", "firefox"}) {
            String text = exported(trace, format);
            assertTrue(text.contains("cpu-clock, thread 4711 (mainthread) of process 4711"), format);
            assertTrue(text.contains("cpu-clock, thread 4712 (lateworker) of process 4711"), format);
            assertEquals(format.equals("firefox"), text.contains("\"processName\":\"mainthread, process 4711\""));
        }
        // A length of bytes goes before a text.
        String perfetto = exported(trace, "perfetto");
        assertTrue(perfetto.contains("\nmainthread") && perfetto.contains("\nlateworker"));
        assertFalse(perfetto.contains("early"));
        // The thread's name and that of its process, which is the first thread's.
        assertEquals(3, perfetto.split("\nmainthread", -1).length);
    }

    @Test
    void theyStayWhateverIsMadeOfATraceButForTheirNamesWhereTheseAreRedacted() throws Exception {
        Path trace = trace("x.damson", 4711);
        String all = sql(trace);
        assertTrue(all.contains("early") && all.contains("lateworker"), all);
        Path part = dir.resolve("part.damson");
        CliRun.of("slice", trace, "--time", "6s..8s", "-o", part).expect(ExitCode.OK);
        // What held before the part holds in it; what ended later is not known.
        assertTrue(sql(part).contains("early") && sql(part).contains("lateworker"), sql(part));
        assertTrue(exported(part, "speedscope").contains("(lateworker)"));
        Path merged = dir.resolve("merged.damson");
        CliRun.of("merge", trace, trace("y.damson", 5000), "-o", merged).expect(ExitCode.OK);
        String both = exported(merged, "speedscope");
        assertTrue(both.contains("4712 (lateworker)") && both.contains("5001 (lateworker)"));
        Path zip = dir.resolve("x.damson.zip");
        CliRun.of("bundle", trace, "-o", zip).expect(ExitCode.OK);
        assertTrue(exported(zip, "speedscope").contains("(lateworker)"));
        Path redacted = dir.resolve("r.damson.zip");
        CliRun.of("bundle", "--redact", trace, "-o", redacted).expect(ExitCode.OK);
        String pseudonyms = exported(redacted, "speedscope");
        assertFalse(pseudonyms.contains("worker") || pseudonyms.contains("4712"), pseudonyms);
        assertEquals(2, pseudonyms.split("thread \\d+ \\(name").length - 1, pseudonyms);
    }
}
