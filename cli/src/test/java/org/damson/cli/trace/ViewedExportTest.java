package org.damson.cli.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the viewers make of the exports, by the rules that their own sources have: what they would drop, hide or show first. The trace
 * is as {@code record --stacks} makes it: the clock and page faults of a process with two threads, functions that are seen at several
 * places, a frame in no file that is known.
 */
final class ViewedExportTest {
    private static final int PID = 5;
    private static final int WORKER = 6;

    @TempDir
    static Path dir;

    private static Path trace;

    @BeforeAll
    static void write() throws IOException {
        trace = dir.resolve("viewed.damson");
        Manifest manifest = new Manifest();
        manifest.source = "import:text";
        try (TraceSink sink = Traces.create(trace, manifest, WriterOptions.BATCH)) {
            sink.append(batch(
                    Table.FRAMES,
                    new Object[] {7, "clear_page", "[kernel.kallsyms]", "", 4, ""},
                    new Object[] {1, "main", "/bin/app", "aabb", 0x10, "/src/app.c:7"},
                    new Object[] {2, "main", "/bin/app", "aabb", 0x24, "/src/app.c:9"},
                    new Object[] {3, "fill", "/bin/app", "aabb", 4, "/src/fill.c:3"},
                    new Object[] {4, "", "", "", 0x7f0000001000L, ""},
                    new Object[] {5, "", "/lib/libm.so.6", "ccdd", 0x500, ""},
                    new Object[] {6, "sqrt", "/lib/libm.so.6", "ccdd", 3, ""}));
            sink.append(batch(
                    Table.STACKS,
                    new Object[] {10, 0, 7},
                    new Object[] {10, 1, 3},
                    new Object[] {10, 2, 1},
                    new Object[] {11, 0, 3},
                    new Object[] {11, 1, 2},
                    new Object[] {12, 0, 5},
                    new Object[] {12, 1, 4},
                    new Object[] {12, 2, 6},
                    new Object[] {12, 3, 2}));
            Batch samples = new Batch(Table.SAMPLES);
            for (int i = 0; i < 9; i++) {
                long timeNs = 1_000_000_000L + i * 10_000_000L;
                boolean isWorker = i % 3 == 0;
                samples.add(timeNs, PID, isWorker ? WORKER : PID, -1, "cpu-clock", 0, 10_000_000, 10 + i % 3);
                samples.add(timeNs, PID, PID, 0, "page-faults", 0x100000 + i, 1, 10);
                samples.add(timeNs, PID, PID, 0, "page-faults", 0x900000 + i, 1, 10);
            }
            sink.append(samples);
        }
    }

    private static Batch batch(Table table, Object[]... rows) {
        Batch batch = new Batch(table);
        for (Object[] row : rows) {
            batch.add(row);
        }
        return batch;
    }

    private static byte[] export(String format) {
        return CliRun.of("export", trace, "--to", format).expect(ExitCode.OK).outBytes();
    }

    /** Each frame of the file is a function of its own to speedscope, by its place, whatever its name is. */
    @Test
    void speedscopeHasOneFrameForEachFunction() throws IOException {
        JsonNode file = new ObjectMapper().readTree(export("speedscope"));
        Set<JsonNode> frames = new HashSet<>();
        file.at("/shared/frames").forEach(f -> assertTrue(frames.add(f), "twice: " + f));
        assertEquals(6, frames.size());
        // It opens with the thread that has most samples of the clock, not with the page faults of which there are
        // more.
        JsonNode first = file.get("profiles").get(file.get("activeProfileIndex").asInt());
        assertEquals("cpu-clock, thread 5 of process 5", first.get("name").asText());
        assertEquals(6, first.get("samples").size());
    }

    /** Without a default, pprof shows the last kind of value. */
    @Test
    void pprofShowsWhatRanFirstAndKnowsItsLines() throws IOException {
        Proto profile = new Proto(new GZIPInputStream(new ByteArrayInputStream(export("pprof"))).readAllBytes());
        List<String> strings = profile.bytes(6).stream()
                .map(b -> new String(b, StandardCharsets.UTF_8))
                .toList();
        assertEquals("cpu-clock", strings.get((int) profile.number(14)));
        Map<Long, Proto> functions = new HashMap<>();
        profile.messages(5).forEach(f -> functions.put(f.number(1), f));
        Set<String> lines = new HashSet<>();
        for (Proto location : profile.messages(4)) {
            Proto line = location.message(4);
            Proto function = functions.get(line.number(1));
            lines.add(strings.get((int) function.number(2)) + " " + strings.get((int) function.number(4)) + ":"
                    + line.number(2));
        }
        assertEquals(
                Set.of(
                        "main /src/app.c:7",
                        "main /src/app.c:9",
                        "fill /src/fill.c:3",
                        "clear_page :0",
                        "[unknown] at 0x7f0000001000 :0",
                        "libm.so.6+0x500 :0",
                        "sqrt :0"),
                lines);
        // The first file names the profile in pprof.
        assertEquals("/bin/app", strings.get((int) profile.messages(3).get(0).number(5)));
        // Of a file whose every place has a name pprof is not to look anything up; of the other it may.
        Map<String, Long> named = new HashMap<>();
        profile.messages(3).forEach(m -> named.put(strings.get((int) m.number(5)), m.number(7)));
        assertEquals(Map.of("/bin/app", 1L, "/lib/libm.so.6", 0L, "[kernel.kallsyms]", 1L), named);
    }

    /** The trace processor drops the whole stack of a sample if a frame of it has no mapping; it takes an unknown CPU for the first. */
    @Test
    void perfettoKeepsEveryStackAndCountsUpwards() throws IOException {
        Set<List<Long>> mappings = new HashSet<>();
        Map<List<Long>, Long> counted = new HashMap<>();
        int samples = 0;
        for (Proto packet : new Proto(export("perfetto")).messages(1)) {
            long sequence = packet.number(10);
            for (Proto data : packet.messages(12)) {
                data.messages(19).forEach(m -> mappings.add(List.of(sequence, m.number(1))));
            }
        }
        for (Proto packet : new Proto(export("perfetto")).messages(1)) {
            long sequence = packet.number(10);
            for (Proto data : packet.messages(12)) {
                data.messages(6)
                        .forEach(f -> assertTrue(
                                mappings.contains(List.of(sequence, f.number(3))),
                                "no mapping of frame " + f.number(1)));
            }
            for (Proto sample : packet.messages(66)) {
                List<Long> counter = List.of(sequence, sample.number(1));
                assertTrue(sample.number(6) >= counted.getOrDefault(counter, 0L));
                counted.put(counter, sample.number(6));
                samples++;
            }
        }
        assertEquals(27, samples);
        assertTrue(counted.containsValue(90_000_000L), counted.toString());
    }

    /** 3,000 events, each of one stack in a file of its own: what an export takes grows with the samples, not with their square. */
    @Test
    void manyEventsAndFilesTakeNoMoreThanTheirSamples() throws IOException {
        Path many = dir.resolve("many.damson");
        Manifest manifest = new Manifest();
        manifest.source = "import:text";
        int n = 3000;
        try (TraceSink sink = Traces.create(many, manifest, WriterOptions.BATCH)) {
            Batch frames = new Batch(Table.FRAMES);
            Batch stacks = new Batch(Table.STACKS);
            Batch samples = new Batch(Table.SAMPLES);
            for (int i = 0; i < n; i++) {
                frames.add(i, "f" + i, "/lib/" + i + ".so", "", 1, "");
                stacks.add(i, 0, i);
                samples.add(i, 1, 1, 0, "event" + i, 0, 1, i);
            }
            sink.append(frames);
            sink.append(stacks);
            sink.append(samples);
        }
        for (String format : List.of("perfetto", "firefox", "speedscope", "collapsed")) {
            byte[] out = CliRun.of("export", many, "--to", format)
                    .expect(ExitCode.OK)
                    .outBytes();
            assertTrue(out.length < n * 4000, format + ": " + out.length + " bytes");
        }
        CliRun run = CliRun.of("export", many, "--to", "pprof").expect(ExitCode.INPUT);
        assertTrue(run.err().contains("for pprof; --time A..B takes a part"), run.err());
    }

    /** The profiler has one track for a process's main thread: of several that claim to be it, all but the last are shown nowhere. */
    @Test
    void firefoxShowsEveryThread() throws IOException {
        JsonNode file = new ObjectMapper().readTree(export("firefox"));
        Map<String, String> main = new HashMap<>();
        for (JsonNode thread : file.get("threads")) {
            if (thread.get("isMainThread").asBoolean()) {
                String pid = thread.get("pid").asText();
                assertEquals(null, main.put(pid, thread.get("name").asText()), "a second main thread of " + pid);
            }
        }
        assertEquals(Map.of("5", "cpu-clock, thread 5 of process 5"), main);
        int selected = file.at("/meta/initialSelectedThreads/0").asInt();
        assertEquals(
                "cpu-clock, thread 5 of process 5",
                file.get("threads").get(selected).get("name").asText());
    }
}
