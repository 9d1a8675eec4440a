package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * On traces of referenced bits, whose regions are mappings touched in part, no figure of any report is more than was
 * resident; what names a mapping's own size, or an upper bound that is made of whole mappings, is no more than was mapped.
 */
final class ResidentBoundTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long BASE = 0x7f0000000000L;

    /** What is about addresses, by command: bounded by what was mapped. */
    private static final Map<String, Set<String>> OF_MAPPINGS = Map.of(
            "report trace", Set.of("bytes"),
            "report access", Set.of("total_bytes"),
            "report objects", Set.of("monitored_bytes"),
            "report windows", Set.of("at_most_bytes"),
            "report guide", Set.of("bytes", "size_bytes"),
            "report regions", Set.of("bytes", "total_bytes", "mean_region_bytes", "median_region_bytes"),
            "report matrix", Set.of("monitored_bytes"),
            "advise", Set.of("bytes", "bloat_bytes"),
            "simulate", Set.of("sz_tried", "sz_applied", "sz_tried_max", "sz_applied_max", "undecided_bytes"),
            "info", Set.of("bytes", "size_bytes", "monitored_bytes"));

    /** Of call stacks, and of the probes of DAMON. */
    private static final Set<String> NOT_OF_BITS = Set.of("report profile", "report attrs");

    /** Rates, what moved in the whole recording, disk space and the system's own memory: no memory of the program at one time. */
    private static boolean isOther(String name) {
        return name.contains("per_s")
                || name.contains("per_second")
                || name.contains("refaulted")
                || name.startsWith("paged_out")
                || name.startsWith("written_back")
                || name.startsWith("system")
                || name.startsWith("percent")
                || name.startsWith("disk")
                || name.startsWith("file");
    }

    @TempDir
    Path dir;

    private final List<String> tooLarge = new ArrayList<>();
    private double resident;
    private double mapped;

    /** Random processes: mappings that grow and go idle, samples of any share, resident bytes between touched and mapped. */
    private Path random(long seed) throws Exception {
        Random r = new Random(seed);
        Path path = dir.resolve(seed + ".damson");
        Manifest m = new Manifest();
        m.source = "referenced";
        int targets = 1 + r.nextInt(2);
        int areas = 3 + r.nextInt(6);
        try (TraceSink sink = Traces.create(path, m, WriterOptions.BATCH)) {
            Batch mappings = new Batch(Table.MAPPINGS);
            Batch memory = new Batch(Table.MEMORY);
            long[][] size = new long[targets][areas];
            double[][] share = new double[targets][];
            int[][] age = new int[targets][areas];
            for (int t = 0; t < targets; t++) {
                share[t] = r.doubles(areas, 0.02, 0.6).toArray();
                for (int a = 0; a < areas; a++) {
                    size[t][a] = 4096L * (1 + r.nextInt(1 << (4 + r.nextInt(13))));
                    long start = BASE + a * (1L << 32);
                    mappings.add(0, 7 + t, start, start + size[t][a], "rw-p", a % 2 == 0 ? "" : "/lib/x.so", 0);
                }
            }
            sink.append(mappings);
            double[] most = new double[targets];
            for (int n = 0; n < 30; n++) {
                for (int t = 0; t < targets; t++) {
                    long rss = 0;
                    Snapshot s = new Snapshot();
                    s.target = 7 + t;
                    s.startNs = n * 1_000_000_000L;
                    s.endNs = s.startNs + 1_000_000_000L;
                    s.sampleUs = 100_000;
                    s.aggrUs = 1_000_000;
                    s.columns = Snapshot.HAS_AGE | Snapshot.HAS_REFERENCED;
                    s.reserve(areas);
                    for (int a = 0; a < areas; a++) {
                        long start = BASE + a * (1L << 32);
                        long in = (long) (size[t][a] * share[t][a] * (0.5 + r.nextDouble() / 2)) & -4096;
                        rss += in;
                        boolean idle = in == 0 || r.nextInt(4) == 0;
                        age[t][a] = idle ? age[t][a] + 1 : 0;
                        int i = s.add(start, start + size[t][a], idle ? 0 : 1 + r.nextInt(10), age[t][a]);
                        s.referencedMax[i] = idle ? 0 : (long) (in * r.nextDouble());
                        s.referencedMean[i] = (long) (s.referencedMax[i] * r.nextDouble());
                    }
                    memory.add(s.startNs, 7 + t, "rss", rss);
                    most[t] = Math.max(most[t], rss);
                    sink.append(s);
                }
            }
            sink.append(memory);
            for (int t = 0; t < targets; t++) {
                resident += most[t];
                mapped += java.util.Arrays.stream(size[t]).sum();
            }
        }
        return path;
    }

    /** Commands that tell of memory, with what they need. */
    private static List<List<Object>> commands(Path trace) {
        List<List<Object>> all = new ArrayList<>();
        for (Command c : Commands.visible()) {
            if (c.name().startsWith("report ") && c.hasJson() && !NOT_OF_BITS.contains(c.name())) {
                List<Object> words = new ArrayList<>(List.of((Object[]) c.name().split(" ")));
                words.add(trace);
                all.add(words);
            }
        }
        all.add(List.of("info", trace));
        all.add(List.of("compare", trace, trace));
        all.add(List.of("advise", trace));
        all.add(List.of("simulate", trace, "--scheme", "pageout access=0..0 age=3s..max"));
        all.add(List.of("simulate", trace, "--scheme", "pageout access=0..max"));
        for (String sql : List.of(
                "SELECT bytes AS wss_bytes FROM wss",
                "SELECT sum(touched_bytes) AS touched_bytes FROM heat GROUP BY trace, snapshot_id",
                "SELECT sum(touched_bytes) AS touched_bytes FROM heat_by_mapping GROUP BY trace, snapshot_id",
                "SELECT sum(mean_touched_bytes) AS touched_bytes FROM hottest(100)",
                "SELECT sum(bytes) AS idle_bytes FROM idle GROUP BY trace, snapshot_id",
                "SELECT bytes AS idle_bytes, of_bytes AS of_these_bytes FROM idle_at_least(0)",
                "SELECT bytes AS p_bytes FROM wss_percentile(100)")) {
            all.add(List.of("sql", trace, "-c", sql));
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void noFigureIsMoreThanWasResidentOrMapped(long seed) throws Exception {
        Path trace = random(seed);
        assertTrue(resident < 0.7 * mapped, "the trace tells them apart");
        int figures = 0;
        int commands = 0;
        for (List<Object> words : commands(trace)) {
            List<Object> args = new ArrayList<>(words);
            args.add("--json");
            CliRun run = CliRun.of(args.toArray());
            assertEquals(ExitCode.OK, run.exit(), words + ": " + run.err());
            String verb = words.get(0).equals("report")
                    ? "report " + words.get(1)
                    : words.get(0).toString();
            try (var values = JSON.readerFor(JsonNode.class).<JsonNode>readValues(run.out())) {
                while (values.hasNext()) {
                    figures += check(verb, "", values.next());
                }
            }
            commands++;
        }
        assertEquals(List.of(), tooLarge);
        assertTrue(figures > 200 && commands > 25, figures + " figures of " + commands + " commands");
    }

    @ParameterizedTest
    @ValueSource(longs = {5, 6})
    void sqlAndReportIdleCountTheSameMemory(long seed) throws Exception {
        Path trace = random(seed);
        JsonNode report = JSON.readTree(
                CliRun.of("report", "idle", trace, "--json").expect(ExitCode.OK).out());
        int compared = 0;
        for (JsonNode row : report.path("coldness")) {
            long ns = row.path("idle_at_least_ns").asLong();
            String target = row.path("target").asText().replace("target ", "");
            String sql = "SELECT bytes AS b FROM idle_at_least(" + ns / 1e9 + ") WHERE target = " + target
                    + " ORDER BY snapshot_id DESC LIMIT 1";
            JsonNode same = JSON.readTree(CliRun.of("sql", trace, "--json", "-c", sql)
                    .expect(ExitCode.OK)
                    .out());
            assertEquals(row.path("last_bytes").asDouble(), same.path("b").asDouble(), 2, row + "");
            compared++;
        }
        assertTrue(compared >= 2, compared + " rows");
    }

    /** Every number under a name that ends in bytes, however deep; returns how many. */
    private int check(String verb, String name, JsonNode node) {
        if (node.isObject()) {
            int n = 0;
            if (node.path("size").asText().matches("mem_.*|vsz|system used")) {
                return 0; // counters that are not resident memory of the program
            }
            for (var fields = node.fields(); fields.hasNext(); ) {
                var f = fields.next();
                boolean isSizes = f.getKey().equals("by_size") || f.getKey().equals("by_time");
                boolean isPart = f.getKey().matches("\\d+|least|likely|most|done|nothing|min|max|mean");
                n += check(verb, isSizes ? "wss_bytes" : isPart ? name : f.getKey(), f.getValue());
            }
            return n;
        }
        if (node.isArray()) {
            int n = 0;
            for (JsonNode child : node) {
                n += check(verb, name, child);
            }
            return n;
        }
        boolean isSize = name.contains("bytes") || name.startsWith("sz_");
        if (!node.isNumber() || !isSize || isOther(name)) {
            return 0;
        }
        boolean isOfMappings = OF_MAPPINGS.getOrDefault(verb, Set.of()).contains(name);
        double most =
                isOfMappings ? mapped * (name.startsWith("sz_") || name.startsWith("undecided") ? 30 : 1) : resident;
        if (node.asDouble() > most + 1) {
            tooLarge.add(verb + ": " + name + " = " + node + " of " + most);
        }
        return 1;
    }
}
