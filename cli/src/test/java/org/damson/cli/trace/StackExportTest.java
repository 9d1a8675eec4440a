package org.damson.cli.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.damson.analyzer.workingset.WorkingSet;
import org.damson.analyzer.workingset.WorkingSetOptions;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What profilers' formats hold, decoded here by what is public of them, is what the tables hold: each sample once, its
 * stack, its weight, in order of time.
 */
final class StackExportTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> FORMATS = List.of("speedscope", "collapsed", "pprof", "perfetto", "firefox");

    /** A sample as the tables have it; frames from root to leaf. */
    private record Sample(long timeNs, int pid, int tid, String event, long weight, List<String> stack) {
        String thread() {
            return event + ", thread " + tid + " of process " + pid;
        }
    }

    @TempDir
    static Path dir;

    /** The generator's call stacks beside what DAMON saw of it, on one clock. */
    private static Path stairs;

    /** Two events and processes, no order, frames without a function, a stack that is not there, weights of 64 bits. */
    private static Path odd;

    @BeforeAll
    static void makeTraces() throws IOException {
        stairs = dir.resolve("stairs.damson");
        List<Path> parts = new ArrayList<>();
        for (String name : List.of("cpu.perf.script.gz", "damon.perf.script.gz")) {
            parts.add(dir.resolve(name + ".damson"));
            CliRun.of(
                            "import",
                            CliRun.testdata().resolve("stairs-perf").resolve(name),
                            "-o",
                            parts.get(parts.size() - 1))
                    .expect(ExitCode.OK);
        }
        CliRun.of("merge", parts.get(0), parts.get(1), "-o", stairs).expect(ExitCode.OK);
        odd = dir.resolve("odd.damson");
        Manifest manifest = new Manifest();
        manifest.source = "import:text";
        manifest.toEpochNs = 1_700_000_000_000_000_000L;
        try (TraceSink sink = Traces.create(odd, manifest, WriterOptions.BATCH)) {
            sink.append(batch(
                    Table.FRAMES,
                    new Object[] {7, "leaf; of \u001b[31m<b>", "/usr/lib/libx.so", "aabb", 12},
                    new Object[] {8, "", "/opt/a b/libx.so", "00ff10", 0x1234},
                    new Object[] {9, "", "", "", 0x7f0000001000L},
                    new Object[] {10, "main", "", "", 3},
                    new Object[] {11, "", "/usr/lib/libx.so", "", 0x7f0000002000L}));
            sink.append(batch(
                    Table.STACKS,
                    new Object[] {100, 0, 7},
                    new Object[] {100, 1, 8},
                    new Object[] {100, 2, 10},
                    new Object[] {200, 1, 10},
                    new Object[] {200, 0, 9},
                    new Object[] {300, 0, 11},
                    new Object[] {300, 1, 77}));
            sink.append(batch(
                    Table.SAMPLES,
                    new Object[] {5_000_000_000L, 1, 2, 0, "cpu-clock:u", 0, 1_000_000, 100},
                    new Object[] {4_000_000_000L, 1, 1, 1, "cpu-clock:u", 0, 1_000_001, 200},
                    new Object[] {6_000_000_000L, 1, 2, -1, "cycles", 0, Long.MAX_VALUE - 5, 100},
                    new Object[] {6_000_000_000L, 1, 2, 0, "cpu-clock:u", 0, 1_000_002, 100},
                    new Object[] {7_000_000_000L, 3, 3, 0, "cycles", 0, 5, 300},
                    new Object[] {8_000_000_000L, 3, 3, 0, "cycles", 0, 0, 400}));
        }
    }

    private static Batch batch(Table table, Object[]... rows) {
        Batch batch = new Batch(table);
        for (Object[] row : rows) {
            batch.add(row);
        }
        return batch;
    }

    /** From the tables, row by row, in order of time. */
    private static List<Sample> samples(Path path) throws IOException {
        List<Sample> samples = new ArrayList<>();
        try (TraceSource trace = Traces.open(path)) {
            Map<Long, String> frames = new HashMap<>();
            trace.forEachRow(
                    Table.FRAMES, (b, r) -> frames.put(b.get(0, r), name(b.text(1, r), b.text(2, r), b.get(4, r))));
            Map<Long, TreeMap<Long, String>> stacks = new HashMap<>();
            trace.forEachRow(Table.STACKS, (b, r) -> stacks.computeIfAbsent(
                            b.get(0, r), s -> new TreeMap<>(Comparator.reverseOrder()))
                    .put(b.get(1, r), frames.getOrDefault(b.get(2, r), "[missing frame]")));
            trace.forEachRow(
                    Table.SAMPLES,
                    (b, r) -> samples.add(new Sample(
                            b.get(0, r),
                            (int) b.get(1, r),
                            (int) b.get(2, r),
                            b.text(4, r),
                            b.get(6, r),
                            stacks.containsKey(b.get(7, r))
                                    ? List.copyOf(stacks.get(b.get(7, r)).values())
                                    : List.of("[no call stack]"))));
        }
        samples.sort(Comparator.comparingLong(Sample::timeNs));
        return samples;
    }

    private static String name(String function, String module, long offset) {
        if (!function.isEmpty()) {
            return function.replace('\u001b', '?');
        }
        String file = module.isEmpty() ? "[unknown]" : module.substring(module.lastIndexOf('/') + 1);
        return file + (module.isEmpty() || offset >= 1L << 40 ? " at 0x" : "+0x") + Long.toHexString(offset);
    }

    private static byte[] export(Path trace, String format, Object... more) {
        List<Object> words = new ArrayList<>(List.of("export", trace, "--to", format));
        words.addAll(List.of(more));
        return CliRun.of(words.toArray()).expect(ExitCode.OK).outBytes();
    }

    private static <K> Map<K, List<Sample>> by(List<Sample> samples, java.util.function.Function<Sample, K> key) {
        Map<K, List<Sample>> groups = new HashMap<>();
        samples.forEach(s ->
                groups.computeIfAbsent(key.apply(s), k -> new ArrayList<>()).add(s));
        return groups;
    }

    @Test
    void speedscopeHoldsEachSampleInOrderOfTime() throws IOException {
        for (Path trace : List.of(stairs, odd)) {
            JsonNode file = JSON.readTree(export(trace, "speedscope"));
            structure(file);
            Map<String, List<Sample>> expected = by(samples(trace), Sample::thread);
            assertEquals(expected.size(), file.get("profiles").size());
            for (JsonNode profile : file.get("profiles")) {
                List<Sample> of = expected.get(profile.get("name").asText().replaceFirst(" [(].*[)]", ""));
                assertEquals(of.size(), profile.get("samples").size());
                for (int i = 0; i < of.size(); i++) {
                    List<String> stack = new ArrayList<>();
                    profile.get("samples")
                            .get(i)
                            .forEach(f -> stack.add(file.at("/shared/frames/" + f.asInt() + "/name")
                                    .asText()));
                    assertEquals(of.get(i).stack, stack);
                    assertEquals(of.get(i).weight, profile.get("weights").get(i).asLong());
                }
                boolean clock = of.get(0).event.startsWith("cpu-clock");
                assertEquals(clock ? "nanoseconds" : "none", profile.get("unit").asText());
            }
        }
        JsonNode frames = JSON.readTree(export(odd, "speedscope")).at("/shared/frames");
        assertTrue(frames.toString().contains("/opt/a b/libx.so (build id 00ff10)"), frames.toString());
    }

    /** What speedscope's published schema asks of a file with sampled profiles. */
    private static void structure(JsonNode file) {
        assertEquals(
                "https://www.speedscope.app/file-format-schema.json",
                file.get("$schema").asText());
        assertTrue(file.get("name").isTextual() && file.get("exporter").isTextual());
        int frames = file.at("/shared/frames").size();
        assertTrue(file.at("/shared/frames").isArray() && file.get("profiles").isArray());
        for (JsonNode frame : file.at("/shared/frames")) {
            assertTrue(frame.get("name").isTextual());
            frame.fieldNames()
                    .forEachRemaining(f ->
                            assertTrue(Set.of("name", "file", "line", "col").contains(f), f));
            assertTrue(!frame.has("file") || frame.get("file").isTextual());
        }
        for (JsonNode profile : file.get("profiles")) {
            assertEquals("sampled", profile.get("type").asText());
            assertTrue(profile.get("name").isTextual());
            assertTrue(Set.of("none", "nanoseconds", "microseconds", "milliseconds", "seconds", "bytes")
                    .contains(profile.get("unit").asText()));
            assertTrue(profile.get("startValue").isNumber()
                    && profile.get("endValue").isNumber());
            assertTrue(profile.get("endValue").asDouble()
                    >= profile.get("startValue").asDouble());
            assertEquals(profile.get("samples").size(), profile.get("weights").size());
            profile.get("weights").forEach(w -> assertTrue(w.isIntegralNumber() && w.asLong() >= 0));
            profile.get("samples")
                    .forEach(stack -> stack.forEach(
                            f -> assertTrue(f.isInt() && f.asInt() >= 0 && f.asInt() < frames, f.toString())));
            assertEquals(
                    Set.of("type", "name", "unit", "startValue", "endValue", "samples", "weights"), names(profile));
        }
    }

    private static Set<String> names(JsonNode object) {
        Set<String> names = new HashSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    @Test
    void collapsedCountsEachSample() throws IOException {
        Map<String, Long> expected = new TreeMap<>();
        samples(stairs).forEach(s -> expected.merge(String.join(";", s.stack), 1L, Long::sum));
        assertEquals(expected, collapsed(export(stairs, "collapsed")));
        assertEquals(
                Map.of(
                        "cpu-clock:u;main;libx.so+0x1234 (build id 00ff10);leaf: of ?[31m<b>", 2L,
                        "cpu-clock:u;main;[unknown] at 0x7f0000001000", 1L,
                        "cycles;main;libx.so+0x1234 (build id 00ff10);leaf: of ?[31m<b>", 1L,
                        "cycles;[missing frame];libx.so at 0x7f0000002000", 1L,
                        "cycles;[no call stack]", 1L),
                collapsed(export(odd, "collapsed")));
    }

    private static Map<String, Long> collapsed(byte[] bytes) {
        Map<String, Long> counts = new TreeMap<>();
        for (String line : new String(bytes, java.nio.charset.StandardCharsets.UTF_8).split("\n")) {
            int space = line.lastIndexOf(' ');
            assertEquals(null, counts.put(line.substring(0, space), Long.parseLong(line.substring(space + 1))), line);
        }
        return counts;
    }

    @Test
    void pprofSumsEachSampleOnce() throws IOException {
        for (Path trace : List.of(stairs, odd)) {
            Proto profile =
                    new Proto(new GZIPInputStream(new ByteArrayInputStream(export(trace, "pprof"))).readAllBytes());
            List<String> strings = profile.bytes(6).stream()
                    .map(b -> new String(b, java.nio.charset.StandardCharsets.UTF_8))
                    .toList();
            assertEquals("", strings.get(0));
            List<String> types = profile.messages(1).stream()
                    .map(t -> strings.get((int) t.number(1)) + "/" + strings.get((int) t.number(2)))
                    .toList();
            assertEquals(
                    trace == stairs
                            ? List.of("samples/count", "cpu-clock/nanoseconds")
                            : List.of("samples/count", "cpu-clock:u/nanoseconds", "cycles/count"),
                    types);
            Map<Long, String> functions = new HashMap<>();
            profile.messages(5).forEach(f -> functions.put(f.number(1), strings.get((int) f.number(2))));
            Set<Long> mappings = new HashSet<>();
            profile.messages(3).forEach(m -> assertTrue(mappings.add(m.number(1)) && m.number(1) > 0));
            Map<Long, String> locations = new HashMap<>();
            for (Proto location : profile.messages(4)) {
                assertTrue(!location.has(2) || mappings.contains(location.number(2)));
                String function = functions.get(location.message(4).number(1));
                assertEquals(null, locations.put(location.number(1), function));
            }
            Map<List<Object>, List<Long>> found = new HashMap<>();
            for (Proto sample : profile.messages(2)) {
                List<String> stack = new ArrayList<>(
                        sample.numbers(1).stream().map(locations::get).toList());
                Collections.reverse(stack);
                Map<String, Long> labels = new HashMap<>();
                sample.messages(3).forEach(l -> labels.put(strings.get((int) l.number(1)), l.number(3)));
                // Stacks of the same functions at other places in them are stacks of their own.
                found.merge(
                        List.of(stack, labels.get("pid"), labels.get("tid")),
                        sample.numbers(2),
                        (a, b) -> IntStream.range(0, a.size())
                                .mapToObj(v -> a.get(v) + b.get(v))
                                .toList());
            }
            Map<List<Object>, List<Long>> expected = new HashMap<>();
            by(samples(trace), s -> List.<Object>of(s.stack, (long) s.pid, (long) s.tid))
                    .forEach((key, of) -> {
                        List<Long> values = new ArrayList<>(List.of((long) of.size()));
                        for (String type : types.subList(1, types.size())) {
                            values.add(of.stream()
                                    .filter(s -> type.startsWith(s.event + "/"))
                                    .mapToLong(Sample::weight)
                                    .sum());
                        }
                        expected.put(key, values);
                    });
            assertEquals(expected, found);
        }
    }

    @Test
    void perfettoHasEachSampleAndTheWorkingSetBesideIt() throws IOException {
        for (Path trace : List.of(stairs, odd)) {
            Map<Long, String> events = new HashMap<>();
            Map<List<Long>, String> names = new HashMap<>();
            Map<List<Long>, String> frames = new HashMap<>();
            Map<List<Long>, List<String>> stacks = new HashMap<>();
            Map<Long, String> tracks = new HashMap<>();
            Map<String, List<double[]>> counters = new HashMap<>();
            List<Sample> found = new ArrayList<>();
            Map<List<Long>, Long> counts = new HashMap<>();
            Set<String> buildIds = new HashSet<>();
            for (Proto packet : new Proto(export(trace, "perfetto")).messages(1)) {
                long sequence = packet.number(10);
                if (packet.has(59)) {
                    assertEquals(1, packet.number(13));
                    events.put(
                            sequence, packet.message(59).message(12).message(1).text(10));
                }
                for (Proto data : packet.messages(12)) {
                    data.messages(5).forEach(s -> names.put(List.of(sequence, s.number(1)), s.text(2)));
                    data.messages(16)
                            .forEach(s -> buildIds.add(
                                    HexFormat.of().formatHex(s.bytes(2).get(0))));
                    data.messages(6)
                            .forEach(f -> frames.put(
                                    List.of(sequence, f.number(1)), names.get(List.of(sequence, f.number(2)))));
                    data.messages(7)
                            .forEach(s -> stacks.put(
                                    List.of(sequence, s.number(1)),
                                    s.numbers(2).stream()
                                            .map(f -> frames.get(List.of(sequence, f)))
                                            .toList()));
                }
                packet.messages(60).forEach(t -> tracks.put(t.number(1), t.text(2)));
                packet.messages(11).forEach(e -> {
                    assertEquals(4, e.number(9));
                    counters.computeIfAbsent(tracks.get(e.number(11)), t -> new ArrayList<>())
                            .add(new double[] {packet.number(8), e.float64(44)});
                });
                for (Proto s : packet.messages(66)) {
                    List<Long> counted = List.of(sequence, s.number(1));
                    long weight = s.number(6) - counts.getOrDefault(counted, 0L);
                    counts.put(counted, s.number(6));
                    found.add(new Sample(
                            packet.number(8),
                            (int) s.number(2),
                            (int) s.number(3),
                            events.get(sequence),
                            weight,
                            stacks.get(List.of(sequence, s.number(4)))));
                }
            }
            assertEquals(samples(trace), found);
            if (trace == stairs) {
                counters(trace, counters);
            } else {
                assertEquals(Map.of(), counters);
                assertEquals(Set.of("aabb", "00ff10"), buildIds);
            }
        }
    }

    private static void counters(Path path, Map<String, List<double[]>> counters) throws IOException {
        try (TraceSource trace = Traces.open(path)) {
            WorkingSetResult.Series expected = WorkingSet.compute(trace, TraceQuery.ALL, WorkingSetOptions.DEFAULTS)
                    .total();
            String name = counters.keySet().stream()
                    .filter(n -> n.startsWith("working set"))
                    .findFirst()
                    .orElseThrow();
            List<double[]> found = counters.get(name);
            assertEquals(expected.length() + 1, found.size());
            for (int i = 0; i < expected.length(); i++) {
                assertEquals(expected.startNs(i), (long) found.get(i)[0]);
                assertEquals(expected.size(i), (long) found.get(i)[1]);
            }
        }
        // Ten buffers, each hot in its turn: some part of the memory is hot at one time and cold at another.
        List<List<double[]>> heats = counters.entrySet().stream()
                .filter(e -> e.getKey().startsWith("heat in %"))
                .map(Map.Entry::getValue)
                .toList();
        assertEquals(16, heats.size());
        for (List<double[]> heat : heats) {
            heat.forEach(v -> assertTrue(v[1] >= 0 && v[1] <= 100, v[1] + " %"));
        }
        assertTrue(heats.stream()
                .anyMatch(h -> h.stream().anyMatch(v -> v[1] > 50) && h.stream().anyMatch(v -> v[1] < 5)));
    }

    @Test
    void firefoxHoldsEachSampleOfEachThread() throws IOException {
        for (Path trace : List.of(stairs, odd)) {
            JsonNode file = JSON.readTree(export(trace, "firefox"));
            Map<String, List<Sample>> expected = by(samples(trace), Sample::thread);
            long origin = samples(trace).get(0).timeNs;
            assertEquals(48, file.at("/meta/preprocessedProfileVersion").asInt());
            assertEquals(expected.size(), file.get("threads").size());
            for (JsonNode thread : file.get("threads")) {
                for (String table : List.of(
                        "samples",
                        "markers",
                        "stackTable",
                        "frameTable",
                        "funcTable",
                        "resourceTable",
                        "nativeSymbols")) {
                    int length = thread.at("/" + table + "/length").asInt();
                    thread.get(table)
                            .forEach(column -> assertTrue(
                                    !column.isArray() || column.size() == length, () -> table + ": " + column));
                }
                List<Sample> of = expected.get(thread.get("name").asText().replaceFirst(" [(].*[)]", ""));
                JsonNode samples = thread.get("samples");
                assertEquals(of.size(), samples.get("length").asInt());
                boolean clock = of.get(0).event.startsWith("cpu-clock");
                assertEquals(
                        clock ? "tracing-ms" : "samples",
                        samples.get("weightType").asText());
                for (int i = 0; i < of.size(); i++) {
                    assertEquals(
                            (of.get(i).timeNs - origin) / 1e6,
                            samples.get("time").get(i).asDouble(),
                            1e-6);
                    assertEquals(
                            of.get(i).stack,
                            firefoxStack(thread, samples.get("stack").get(i).asInt()));
                    if (clock) {
                        assertEquals(
                                of.get(i).weight / 1e6,
                                samples.get("weight").get(i).asDouble(),
                                1e-9);
                    }
                }
            }
            for (JsonNode lib : file.get("libs")) {
                assertFalse(lib.get("path").asText().isEmpty());
            }
        }
        JsonNode libs = JSON.readTree(export(odd, "firefox")).get("libs");
        assertEquals(Set.of("aabb", "00ff10", ""), new HashSet<>(libs.findValuesAsText("codeId")));
    }

    private static List<String> firefoxStack(JsonNode thread, int node) {
        List<String> stack = new ArrayList<>();
        for (JsonNode at = thread.get("stackTable").get("frame").get(node); at != null; ) {
            int function = thread.get("frameTable").get("func").get(at.asInt()).asInt();
            int name = thread.get("funcTable").get("name").get(function).asInt();
            stack.add(thread.get("stringArray").get(name).asText());
            JsonNode prefix = thread.get("stackTable").get("prefix").get(node);
            node = prefix.isNull() ? -1 : prefix.asInt();
            at = node < 0 ? null : thread.get("stackTable").get("frame").get(node);
        }
        Collections.reverse(stack);
        return stack;
    }

    @Test
    void takesATimeAndRefusesWhatHasNoStacks() throws IOException {
        List<Sample> all = samples(odd);
        JsonNode file = JSON.readTree(export(odd, "speedscope", "--time", "1s..3s"));
        int found = 0;
        for (JsonNode profile : file.get("profiles")) {
            found += profile.get("samples").size();
        }
        // Of a trace without snapshots time counts from the first sample; the end is exclusive.
        assertEquals(
                all.stream()
                        .filter(s -> s.timeNs >= 5_000_000_000L && s.timeNs < 7_000_000_000L)
                        .count(),
                found);
        Path damon = dir.resolve("damon.perf.script.gz.damson");
        for (String format : FORMATS) {
            CliRun none =
                    CliRun.of("export", odd, "--to", format, "--time", "9s..").expect(ExitCode.USAGE);
            assertTrue(none.err().contains("there are 6 samples in 0.000s..4.000s"), none.err());
            CliRun run = CliRun.of("export", damon, "--to", format);
            run.expect(format.equals("perfetto") ? ExitCode.OK : ExitCode.INPUT);
        }
        CliRun.of("export", odd, "--to", "csv", "--time", "1s..2s").expect(ExitCode.USAGE);
    }
}
