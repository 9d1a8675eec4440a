package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.damson.cli.command.ExitCode;
import org.damson.cli.input.TraceFiles;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Mapping;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a redacted trace answers: the same as the original, but for addresses, names, process ids and the time of its first snapshot. */
final class RedactedAnswersTest {
    private static final long SECOND = 1_000_000_000L;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Values that redaction replaces, by their names in JSON. */
    private static final Pattern REPLACED = Pattern.compile(
            "(start|end|address|.*_address|targets?|pids?|tid|name|names|object|function|module|place|symbol|trace|path|first"
                    + "|title|trained_on|label|rows|format_version|mapping|code|stack|ran_most|addresses|hottest|text|.*_place|host|recording|to_boot_ns|to_epoch_ns|tool_version|size_bytes|bytes_per_region|flush_interval_ns|.*command)");

    /** Moments of the trace's clock. */
    private static final Pattern MOMENT = Pattern.compile("(.*_)?(start|end|from|to|at|time|begin)_ns");

    private static final Pattern SPAN = Pattern.compile("-?\\d+\\.\\d{6}-\\d+\\.\\d{6}");

    private static final List<List<String>> QUESTIONS = List.of(
            words("report wss --json"),
            words("report wss --interval 1s --json"),
            words("report guide --json"),
            words("report regions --json"),
            words("report heatmap --json"),
            words("report idle --json"),
            words("report windows --json"),
            words("report objects --json"),
            words("report footprint --json"),
            words("report sizing --json"),
            words("report bounds --json"),
            words("report phases --json"),
            words("report profile --json"),
            words("report damon --json"),
            words("report curves --json"),
            words("info --json"),
            words("simulate --scheme prcl --json"),
            words("simulate --scheme access=0..0%age=1s..max%action=pageout%quota=8M/1s --json"),
            words("advise --json"),
            words("tune --scheme prcl --vary min_age=1s..9s/4s --objective saved --json"),
            words("sql -c select%count(*),%count(pid)%from%targets"),
            words("sql -c select%sum(bytes),%sum(touched_bytes),%max(idle_s)%from%heat"),
            words("report access --style recency-sz-hist"),
            words("report access --style temperature-percentiles"),
            words("report access --damo-compat --style recency-sz-hist"),
            words("report access --damo-compat --style temperature-sz-hist"),
            words("report wss --damo-compat"),
            words("report times --damo-compat"));

    @TempDir
    Path dir;

    /** Values that were compared. */
    private int compared;

    private static List<String> words(String line) {
        return Arrays.stream(line.split(" ")).map(w -> w.replace('%', ' ')).toList();
    }

    @Test
    void reportsOfTwoProcessesSayTheSame() throws Exception {
        assertEquals("", compare("processes", writeProcesses()));
        assertTrue(compared > 1000, compared + " values");
    }

    @Test
    void reportsOfTestRecordingsSayTheSame() throws Exception {
        StringBuilder all = new StringBuilder();
        for (String recording : List.of(
                "stairs/tracefs.txt.gz",
                "service/tracefs.txt.gz",
                "stairs-perf/damon.perf.data.gz",
                "stairs-perf/damon.trace.dat.gz",
                "perf-stacks/stacks.perf.data.gz",
                "damo/recordings/several-targets.damo",
                "java-hot/hot.damson")) {
            Path from = CliRun.testdata().resolve(recording);
            Path trace = dir.resolve(recording.replace('/', '-') + ".damson");
            if (recording.endsWith(".damson")) {
                trace = from;
            } else {
                CliRun.of("import", from, "-o", trace).expect(ExitCode.OK);
            }
            all.append(compare(recording.replace('/', '-'), trace));
        }
        assertEquals("", all.toString());
    }

    /** What strict costs: sizes are up to a quarter high, and neither times nor rates change. */
    @Test
    void strictlyRedactedWorkingSetsAreAtMostAQuarterHigh() throws Exception {
        Path stairs = dir.resolve("stairs.damson");
        CliRun.of("import", CliRun.testdata().resolve("stairs/tracefs.txt.gz"), "-o", stairs)
                .expect(ExitCode.OK);
        int figures = 0;
        for (Path trace : List.of(stairs, writeProcesses(), CliRun.testdata().resolve("java-hot/hot.damson"))) {
            Path zip = dir.resolve(figures + "strict.zip");
            CliRun.of("bundle", trace, "--redact=strict", "-o", zip).expect(ExitCode.OK);
            for (List<String> question : QUESTIONS) {
                assertEquals(ask(question, trace).exit(), ask(question, zip).exit(), question.toString());
            }
            List<String> question = words("report wss --json");
            List<Double> before = bytes(JSON.readTree(ask(question, trace).out()));
            List<Double> after = bytes(JSON.readTree(ask(question, zip).out()));
            assertEquals(before.size(), after.size());
            for (int i = 0; i < before.size(); i++) {
                double grown = after.get(i) / before.get(i);
                assertTrue(before.get(i) == 0 || grown >= 1 && grown <= 1.26, before.get(i) + " " + after.get(i));
                figures++;
            }
        }
        assertTrue(figures > 30, figures + " figures");
    }

    /** All sizes, also those named by their percentile, each report's in ascending order: processes come in another order. */
    private static List<Double> bytes(JsonNode node) {
        List<Double> found = new ArrayList<>();
        node.fields().forEachRemaining(f -> {
            if (f.getKey().matches(".*bytes|\\d+") && f.getValue().isNumber()) {
                found.add(f.getValue().asDouble());
            }
        });
        node.forEach(child -> found.addAll(bytes(child)));
        found.sort(null);
        return found;
    }

    /** As record --paddr writes it: what is physical has huge pages, and what cut regions makes bounds of simulations. */
    @Test
    void simulationsOfPhysicalMemoryAndOfCutRegionsKeepTheirBounds() throws Exception {
        Path imported = dir.resolve("imported.damson");
        CliRun.of("import", CliRun.testdata().resolve("physical/tracefs.txt.gz"), "-o", imported)
                .expect(ExitCode.OK);
        List<Consumer<Manifest>> recordings = List.of(
                m -> {},
                m -> ManifestKey.OPS.put(m, "paddr"),
                m -> ManifestKey.ATTACHED.put(m, true),
                m -> {
                    ManifestKey.DAMON_SCHEMES.put(m, List.of("stat"));
                    ManifestKey.CUTTING_SCHEMES.put(m, List.of());
                },
                m -> {
                    ManifestKey.DAMON_SCHEMES.put(m, List.of("stat"));
                    ManifestKey.CUTTING_SCHEMES.put(m, List.of(0L));
                    ManifestKey.ADDRESS_FILTERS.put(m, true);
                });
        StringBuilder all = new StringBuilder();
        List<String> answers = new ArrayList<>();
        for (Consumer<Manifest> recorded : recordings) {
            Path trace = dir.resolve("recorded" + answers.size() + ".damson");
            try (TraceSource source = Traces.open(imported)) {
                Manifest m = source.manifest().sameFacts();
                m.source = Manifest.Source.DAMON.text();
                ManifestKey.OPS.put(m, "vaddr");
                ManifestKey.KERNEL.put(m, "6.12.94+deb13-amd64");
                recorded.accept(m);
                TraceFiles.create(trace, m, sink -> Traces.copy(source, TraceQuery.ALL, sink));
            }
            Path zip = dir.resolve("recorded" + answers.size() + ".zip");
            CliRun.of("bundle", trace, "--redact", "-o", zip).expect(ExitCode.OK);
            for (String scheme : List.of("prcl", "access=0..0 age=1s..max action=pageout quota=8M/1s")) {
                all.append(difference(List.of("simulate", "--scheme", scheme, "--json"), trace, zip));
            }
            answers.add(ask(List.of("simulate", "--scheme", "prcl"), trace)
                    .expect(ExitCode.OK)
                    .out());
        }
        assertEquals("", all.toString());
        assertTrue(answers.stream().distinct().count() > 1, "what is recorded matters: " + answers.get(0));
    }

    private String compare(String name, Path trace) {
        StringBuilder all = new StringBuilder();
        Path zip = dir.resolve(name + ".zip");
        CliRun.of("bundle", trace, "--redact", "-o", zip).expect(ExitCode.OK);
        for (List<String> question : QUESTIONS) {
            all.append(difference(question, trace, zip));
        }
        return all.toString();
    }

    private static CliRun ask(List<String> question, Path trace) {
        List<Object> words = new ArrayList<>(question);
        words.add(question.get(0).equals("report") ? 2 : 1, trace);
        return CliRun.of(words.toArray());
    }

    private String difference(List<String> question, Path original, Path redacted) {
        CliRun a = ask(question, original);
        CliRun b = ask(question, redacted);
        if (a.exit() != b.exit()) {
            return question + ": exit " + a.exit() + " " + a.err() + ", redacted " + b.exit() + " " + b.err() + "\n";
        }
        // Notes name the file that they are about.
        List<String> one = answers(question, a.out().replace(original.toString(), "TRACE"));
        List<String> two = answers(question, b.out().replace(redacted.toString(), "TRACE"));
        compared += one.size();
        if (one.equals(two)) {
            return "";
        }
        List<String> onlyOne = new ArrayList<>(one);
        two.forEach(onlyOne::remove);
        List<String> onlyTwo = new ArrayList<>(two);
        one.forEach(onlyTwo::remove);
        return question + ":\n  " + onlyOne.subList(0, Math.min(12, onlyOne.size())) + "\n  "
                + onlyTwo.subList(0, Math.min(12, onlyTwo.size())) + "\n";
    }

    /** All values with their names, sorted: processes come in another order. */
    private static List<String> answers(List<String> question, String said) {
        List<String> found = new ArrayList<>();
        if (!question.contains("--json")) {
            said.lines().map(RedactedAnswersTest::plain).forEach(found::add);
        } else if (!said.isBlank()) {
            try {
                collect("", JSON.readTree(said), found);
            } catch (IOException e) {
                throw new AssertionError(question + said, e);
            }
        }
        found.sort(null);
        return found;
    }

    /** A line of text without addresses, targets and moments. */
    private static String plain(String line) {
        return SPAN.matcher(line.replaceAll("0x[0-9a-f]+|target (id )?\\d+| from -?\\d.*", ""))
                .replaceAll("from..to");
    }

    private static void collect(String name, JsonNode node, List<String> into) {
        if (node.isObject()) {
            node.fields().forEachRemaining(f -> {
                if (!REPLACED.matcher(f.getKey()).matches()
                        && !MOMENT.matcher(f.getKey()).matches()) {
                    collect(name + "." + f.getKey(), f.getValue(), into);
                }
            });
        } else if (node.isArray()) {
            node.forEach(n -> collect(name, n, into));
        } else {
            // A phase's heat is a mean over rows of the heatmap, which begin elsewhere in memory that has moved.
            into.add(name + "=" + (name.startsWith(".phases.hot") ? String.format("%.1e", node.asDouble()) : node));
        }
    }

    /** Two processes through referenced bits, with everything that reports look at. */
    private Path writeProcesses() throws IOException {
        Path path = dir.resolve("processes.damson");
        Manifest m = new Manifest();
        m.source = Manifest.Source.REFERENCED.text();
        m.clock = Manifest.ClockKind.MONOTONIC;
        m.toEpochNs = 1_790_000_000L * SECOND;
        m.attrs = new org.damson.model.MonitoringAttrs(
                100_000, 1_000_000, 0, 0, 0, org.damson.model.MonitoringAttrs.IntervalsOrigin.RECORDED);
        ManifestKey.KERNEL.put(m, "6.12.94+deb13-amd64");
        ManifestKey.PAGE_SIZE.put(m, 4096L);
        ManifestKey.COMMAND.put(m, List.of("/opt/acme/server", "--token", "hunter2"));
        ManifestKey.PIDS_RECORDED.put(m, List.of(4711L, 4712L));
        ManifestKey.WINDOW.put(m, 100_000L);
        ManifestKey.TLB_FLUSH.put(m, true);
        ManifestKey.SLOWDOWN.put(m, 0.01);
        long heap = 0x5581_2345_6000L;
        long arena = 0x7f10_0000_0000L;
        long library = 0x7f12_89ab_c000L;
        Random random = new Random(5);
        try (TraceSink sink = Traces.create(path, m, WriterOptions.BATCH)) {
            long t0 = 5_000 * SECOND;
            for (long pid : new long[] {4711, 4712}) {
                Batch mappings = new Batch(Table.MAPPINGS);
                new Mapping(pid, heap, heap + (48 << 20), "rw-p", "[heap]").addTo(mappings, t0 - SECOND, false);
                new Mapping(pid, arena, arena + (64 << 20), "rw-p", "[anon:acme-arena]")
                        .addTo(mappings, t0 - SECOND, false);
                new Mapping(pid, library, library + (5 << 20), "r-xp", "/opt/acme/libacme.so")
                        .addTo(mappings, t0 - SECOND, false);
                new Mapping(pid, library + (5 << 20), library + (9 << 20), "---p", "/opt/acme/libacme.so")
                        .addTo(mappings, t0 - SECOND, false);
                sink.append(mappings);
            }
            Snapshot s = new Snapshot();
            for (int i = 0; i < 60; i++) {
                long now = t0 + i * SECOND;
                for (long pid : new long[] {4711, 4712}) {
                    s.clear();
                    s.target = pid;
                    s.startNs = now;
                    s.endNs = now + SECOND;
                    s.sampleUs = 100_000;
                    s.aggrUs = 1_000_000;
                    s.columns = Snapshot.HAS_AGE | Snapshot.HAS_REFERENCED;
                    touch(s, heap, 48 << 20, i % 10 < 5 ? 10 : 0, i % 5, random);
                    touch(
                            s,
                            arena,
                            64 << 20,
                            pid == 4711 ? 8 : i < 5 ? 4 : 0,
                            pid == 4711 ? i : Math.max(0, i - 5),
                            random);
                    touch(s, library, 5 << 20, 1, i, random);
                    sink.append(s);
                }
                add(
                        sink,
                        Table.MEMORY,
                        now - SECOND / 2,
                        4711,
                        "rss",
                        (90L << 20) + random.nextInt(1 << 22) / 4096 * 4096);
                add(
                        sink,
                        Table.MEMORY,
                        now - SECOND / 2,
                        4712,
                        "rss",
                        (60L << 20) + random.nextInt(1 << 22) / 4096 * 4096);
                add(sink, Table.MEMORY, now - SECOND / 2, 4712, "vsz", 160L << 20);
                add(sink, Table.MEMORY, now - SECOND / 2, 0, "mem_total", 8_123_456_789L / 4096 * 4096);
                add(
                        sink,
                        Table.MEMORY,
                        now - SECOND / 2,
                        0,
                        "mem_available",
                        (2L << 30) + random.nextInt(1 << 28) / 4096 * 4096);
                add(sink, Table.MEMORY, now - SECOND / 2, 0, "mem_free", 1L << 30);
                add(sink, Table.MEMORY, now - SECOND / 2, 0, "psi_memory_some_us", 1000L * i * i);
                add(sink, Table.MEMORY, now - SECOND / 2, 0, "damon_stat_idle_ms_p50", 1000L * i);
                add(sink, Table.SAMPLES, now, 4711, 4711, 1, "cycles:ppp", arena + 4096L * i, 100, i % 3);
            }
            String[][] frames = {
                {"f", "/opt/acme/server"}, {"g", "/opt/acme/libacme.so"}, {"do_swap_page", "[kernel.kallsyms]"}
            };
            for (int i = 0; i < 3; i++) {
                add(sink, Table.STACKS, i, 0, i);
                add(sink, Table.STACKS, i, 1, (i + 1) % 2);
                add(sink, Table.FRAMES, i, frames[i][0], frames[i][1], "", 100L + i);
            }
            add(sink, Table.LOSSES, t0 + 10 * SECOND, t0 + 11 * SECOND, "recorder", 3, "snapshots: writer behind");
        }
        return path;
    }

    private static void touch(Snapshot s, long start, int bytes, int accesses, int age, Random random) {
        s.add(start, start + bytes, accesses, accesses == 0 ? age : 0);
        int i = s.regions - 1;
        s.referencedMean[i] = accesses == 0 ? 0 : bytes / 2 / 4096 * 4096 - 4096L * random.nextInt(100);
        s.referencedMin[i] = s.referencedMean[i] / 2;
        s.referencedMax[i] = accesses == 0 ? 0 : bytes;
    }

    private static void add(TraceSink sink, Table table, Object... row) throws IOException {
        Batch batch = new Batch(table);
        batch.add(row);
        sink.append(batch);
    }
}
