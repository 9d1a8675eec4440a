package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.damson.cli.command.ExitCode;

/** All reports of one trace, and that figures of one name are the same in each (docs/FIGURES.md). */
final class FigureComparison {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String name;
    private final Path trace;
    private final JsonNode info;
    private final double lengthNs;

    /** @param name for messages */
    FigureComparison(String name, Path trace) throws IOException {
        this.name = name;
        this.trace = trace;
        info = json("info");
        lengthNs = info.path("duration_ns").asDouble();
    }

    long snapshots() {
        return info.path("snapshots").asLong();
    }

    private JsonNode json(String... command) throws IOException {
        List<Object> args = new ArrayList<>(List.of((Object[]) command));
        args.add(trace);
        args.add("--json");
        CliRun run = CliRun.of(args.toArray());
        assertTrue(run.exit() == ExitCode.OK || run.exit() == ExitCode.PARTIAL, name + " " + args + ": " + run.err());
        return JSON.readTree(run.out());
    }

    private void same(double expected, JsonNode found, String what) {
        assertTrue(found.isIntegralNumber(), name + ": " + what + " is not an integer: " + found);
        assertEquals(expected, found.asDouble(), 1, name + ": " + what);
    }

    private void within(double least, JsonNode found, double most, String what) {
        if (!found.isNull() && !found.isMissingNode()) {
            assertTrue(found.asDouble() >= least && found.asDouble() <= most, name + ": " + what + ": " + found);
        }
    }

    void compare() throws IOException {
        JsonNode wss = json("report", "wss");
        JsonNode total = wss.path("total");
        sizesOf(wss, total);
        againstOthers(info, total);
        targets(wss);
        idle(wss);
        sql(info, wss);
        comparedWithItself(total);
        shares();
    }

    private void sizesOf(JsonNode wss, JsonNode total) {
        for (JsonNode t : wss.path("targets")) {
            double before = 0;
            for (JsonNode size : t.path("by_size")) {
                within(before, size, Double.MAX_VALUE, "percentiles ascend");
                before = size.asDouble();
            }
        }
        within(
                total.path("by_size").path("0").asDouble(),
                total.path("mean_bytes"),
                total.path("by_size").path("100").asDouble() + 1,
                "the mean lies between least and greatest");
    }

    private void againstOthers(JsonNode info, JsonNode total) throws IOException {
        JsonNode bySize = total.path("by_size");
        JsonNode matrix = json("report", "matrix").path(0);
        same(total.path("mean_bytes").asDouble(), matrix.path("working_set_bytes"), "mean working set");
        same(bySize.path("50").asDouble(), matrix.path("working_set_p50_bytes"), "median working set");
        same(bySize.path("95").asDouble(), matrix.path("working_set_p95_bytes"), "p95 working set");
        assertEquals(lengthNs, matrix.path("runtime_s").asDouble() * 1e9, 1e3, name + ": runtime");
        Map<String, JsonNode> footprint = new HashMap<>();
        json("report", "footprint")
                .path("percentiles")
                .forEach(r -> footprint.put(r.path("size").asText(), r));
        for (JsonNode row : json("report", "sizing").path("sizing")) {
            String p = "" + row.path("percent_of_time").asInt();
            same(bySize.path(p).asDouble(), row.path("working_set_bytes"), "sizing p" + p);
            if (!row.path("resident_bytes").isNull()) {
                same(footprint.get("rss").path("p" + p + "_bytes").asDouble(), row.path("resident_bytes"), "rss p" + p);
                within(0, matrix.path("rss_bytes"), matrix.path("rss_max_bytes").asDouble(), "mean rss");
            }
            if (!row.path("system_used_bytes").isNull()) {
                JsonNode used = footprint.get("system used");
                same(used.path("p" + p + "_bytes").asDouble(), row.path("system_used_bytes"), "system used p" + p);
                within(
                        used.path("p0_bytes").asDouble(),
                        matrix.path("system_used_bytes"),
                        used.path("p100_bytes").asDouble() + 1,
                        "mean of system used");
            }
        }
    }

    /** Figures by target. */
    private void targets(JsonNode wss) throws IOException {
        boolean referenced = wss.path("referenced").asBoolean();
        Map<String, JsonNode> sizes = new HashMap<>();
        wss.path("targets").forEach(t -> sizes.put(t.path("label").asText(), t));
        for (JsonNode row : json("report", "bounds").path("bounds")) {
            String p = "" + row.path("percent_of_time").asInt();
            JsonNode size =
                    sizes.get(row.path("target").asText()).path("by_size").path(p);
            same(size.asDouble(), row.path("whole_bytes"), "regions whole p" + p);
            within(
                    row.path("low_bytes").asDouble(),
                    row.path("estimate_bytes"),
                    row.path("high_bytes").asDouble(),
                    "the estimate lies within its bounds");
        }
        for (JsonNode row : json("report", "windows").path("windows")) {
            within(0, row.path("window_ns"), lengthNs, "a window is no longer than the recording");
            within(0, row.path("percent_of_accessed"), 100.000001, "share");
            if (row.path("snapshots").asLong() == 1 && !referenced) {
                JsonNode t = sizes.get(row.path("target").asText());
                same(t.path("mean_bytes").asDouble(), row.path("mean_bytes"), "the window of one snapshot");
            }
        }
        for (JsonNode t : json("report", "guide").path("targets")) {
            same(sizes.get(t.path("label").asText()).path("snapshots").asDouble(), t.path("snapshots"), "snapshots");
            within(0, t.path("mean_hot_bytes"), t.path("bytes").asDouble(), "hot memory is monitored memory");
            double most = sizes.get(t.path("label").asText())
                    .path("by_size")
                    .path("100")
                    .asDouble();
            within(0, sizes.get(t.path("label").asText()).path("mean_bytes"), most + 1, "mean");
            assertTrue(most <= t.path("bytes").asDouble(), name + ": the working set is monitored memory");
        }
    }

    private void idle(JsonNode wss) throws IOException {
        JsonNode idle = json("report", "idle");
        String target = "";
        double before = 0;
        double lastBefore = 0;
        for (JsonNode row : idle.path("percentiles")) {
            boolean first = !row.path("target").asText().equals(target);
            target = row.path("target").asText();
            before = first ? 0 : before;
            lastBefore = first ? 0 : lastBefore;
            within(before, row.path("idle_ns"), lengthNs, "idle times ascend within the recording");
            within(lastBefore, row.path("last_idle_ns"), lengthNs, "idle times ascend within the recording");
            before = row.path("idle_ns").asDouble();
            lastBefore = row.path("last_idle_ns").asDouble();
        }
        for (JsonNode row : idle.path("coldness")) {
            within(0, row.path("idle_at_least_ns"), lengthNs, "idle for no longer than the recording");
            within(0, row.path("percent_of_bytes"), 100.000001, "share");
        }
        for (JsonNode row : idle.path("before")) {
            within(0, row.path("at_least_ns"), lengthNs, "at least");
        }
        for (JsonNode row : idle.path("series")) {
            row.fields().forEachRemaining(f -> {
                if (f.getKey().startsWith("idle_")) {
                    within(0, f.getValue(), lengthNs, f.getKey());
                }
            });
        }
        for (JsonNode row : json("report", "objects").path("objects")) {
            within(0, row.path("accessed_bytes"), row.path("monitored_bytes").asDouble() + 1, "accessed is monitored");
            within(0, row.path("heat_percent"), 100.000001, "heat");
            within(0, row.path("longest_unused_ns"), lengthNs, "longest unused");
        }
    }

    private void sql(JsonNode info, JsonNode wss) throws IOException {
        String query = "SELECT count(*) AS n, avg(bytes) AS mean, min(bytes) AS least, median(bytes) AS middle,"
                + " quantile_cont(bytes, 0.95) AS p95, max(bytes) AS greatest, (SELECT count(*) FROM regions) AS regions,"
                + " (SELECT coalesce(max(idle_s), 0) FROM heat) AS idle_s, (SELECT coalesce(min(idle_s), 0) FROM heat)"
                + " AS least_s, (SELECT median(n) FROM (SELECT count(r.snapshot_id) AS n FROM snapshots s LEFT JOIN"
                + " regions r USING (snapshot_id) GROUP BY s.snapshot_id)) AS median_regions FROM wss";
        JsonNode all =
                JSON.readTree(CliRun.of("sql", trace, "--json", "-c", query).out());
        assertEquals(info.path("regions").asLong(), all.path("regions").asLong(), name);
        assertEquals(info.path("snapshots").asLong(), all.path("n").asLong(), name);
        assertEquals(
                info.path("median_regions").asDouble(),
                all.path("median_regions").asDouble(),
                0.5,
                name);
        if (!wss.path("referenced").asBoolean()) {
            longestIdle(all.path("idle_s").asDouble());
        }
        within(0, all.path("least_s"), lengthNs / 1e9, "idle_s of SQL");
        within(0, all.path("idle_s"), lengthNs / 1e9, "idle_s of SQL");
        if (wss.path("targets").size() == 1) {
            idleMemory();
            JsonNode t = wss.path("total");
            assertEquals(all.path("mean").asDouble(), t.path("mean_bytes").asDouble(), 1, name);
            for (String[] pair :
                    new String[][] {{"least", "0"}, {"middle", "50"}, {"p95", "95"}, {"greatest", "100"}}) {
                same(all.path(pair[0]).asDouble(), t.path("by_size").path(pair[1]), "SQL's " + pair[0]);
            }
        }
    }

    /** Memory idle for at least so long, mean over time: every third of the lengths, in one query. */
    private void idleMemory() throws IOException {
        List<JsonNode> coldness = new ArrayList<>();
        json("report", "idle").path("coldness").forEach(coldness::add);
        for (int i = coldness.size() - 1; i >= 0; i--) {
            if (i % 3 != 0) {
                coldness.remove(i);
            }
        }
        List<String> queries = new ArrayList<>();
        for (JsonNode row : coldness) {
            queries.add("SELECT " + queries.size() + " AS step, sum(i.bytes * (s.end_ns - o.begin_ns)) / sum(s.end_ns -"
                    + " o.begin_ns) AS mean FROM idle_at_least("
                    + row.path("idle_at_least_ns").asLong() / 1e9
                    + ") i JOIN snapshots s USING (snapshot_id) JOIN snapshot_order o USING (snapshot_id)");
        }
        if (queries.isEmpty()) {
            return;
        }
        String query = String.join(" UNION ALL ", queries) + " ORDER BY step";
        String[] found = CliRun.of("sql", trace, "--json", "-c", query).out().split("\n");
        assertEquals(coldness.size(), found.length, name);
        for (int i = 0; i < found.length; i++) {
            JsonNode row = coldness.get(i);
            double mean = JSON.readTree(found[i]).path("mean").asDouble();
            assertEquals(row.path("mean_bytes").asDouble(), mean, 1, name + ": " + row);
        }
    }

    /** Idle times within a thousandth share a bin, which stands for the least of them. */
    private void longestIdle(double idleS) throws IOException {
        double most = 0;
        for (JsonNode row : json("report", "idle").path("percentiles")) {
            most = Math.max(most, row.path("idle_ns").asDouble() / 1e9);
        }
        assertEquals(idleS, most, idleS / 1000 + 1e-9, name + ": the longest idle time, by SQL and by report idle");
    }

    private void comparedWithItself(JsonNode total) throws IOException {
        JsonNode compared =
                JSON.readTree(CliRun.of("compare", trace, trace, "--json").out());
        for (JsonNode size : compared.path("working_set")) {
            JsonNode expected = size.has("percentile")
                    ? total.path("by_size").path("" + size.path("percentile").asInt())
                    : total.path("mean_bytes");
            same(expected.asDouble(), size.path("a_bytes"), "compare's sizes");
            same(expected.asDouble(), size.path("b_bytes"), "compare's sizes");
            within(Double.NEGATIVE_INFINITY, size.path("difference_low_bytes"), 0, "the interval holds the difference");
            within(0, size.path("difference_high_bytes"), Double.MAX_VALUE, "the interval holds the difference");
        }
        for (String distance : List.of("pattern_distance", "working_set_distance", "heat_distance", "mapped_heat")) {
            within(0, compared.path(distance), 1, distance);
            double value = compared.path(distance).asDouble();
            within(0, compared.path(distance + "_low"), value, distance + " low");
            within(value, compared.path(distance + "_high"), 1, distance + " high");
        }
    }

    /** Curves, a simulation and advice speak of the same time and memory, where there are ages. */
    void compareWhatIf() throws IOException {
        CliRun run = CliRun.of("report", "curves", trace, "--json");
        new EmbeddedFigures(name, this::json).compare(trace, run.exit() != ExitCode.INPUT);
        if (run.exit() == ExitCode.INPUT) {
            assertTrue(
                    run.err().contains("no ages")
                            || run.err().contains("no intervals")
                            || run.err().contains("acted")
                            || run.err().contains("no regions"),
                    name + ": " + run.err());
            return;
        }
        JsonNode curves = JSON.readTree(run.out());
        double monitored = 0;
        for (JsonNode t : json("report", "guide").path("targets")) {
            monitored += t.path("bytes").asDouble();
        }
        within(0, curves.path("touched_within_bytes"), monitored + 1, "touched within is monitored");
        JsonNode monitoredTime = monitored();
        assertEquals(
                monitoredTime.path("covered_s").asDouble(),
                curves.path("seconds").asDouble(),
                1e-6,
                name + ": time with a snapshot");
        for (JsonNode p : curves.path("points")) {
            within(p.path("cold_bytes").asDouble(), p.path("cold_bytes_max"), monitored + 1, "cold is monitored");
            within(0, p.path("hit_share"), 1, "hits");
        }
        JsonNode simulated = json("simulate", "--scheme", "pageout access=0..0");
        JsonNode outcome = simulated.path("outcome");
        double simulatedNs =
                simulated.path("to_ns").asLong() - simulated.path("from_ns").asLong();
        double simulatedLengthNs = monitoredTime.path("length_ns").asDouble();
        assertEquals(simulatedLengthNs, simulatedNs, 1, name + ": simulated time");
        assertEquals(simulatedLengthNs / 1e9, outcome.path("seconds").asDouble(), 1e-6, name + ": time of the outcome");
        within(0, outcome.path("out_bytes_mean_max"), monitored + 1, "what is out is monitored");
        within(0, outcome.path("working_set_bytes_mean"), monitored + 1, "the working set is monitored");
        for (JsonNode a : json("advise")) {
            JsonNode numbers = a.path("numbers");
            if (numbers.has("seconds") && numbers.has("regions")) {
                assertEquals(
                        simulatedLengthNs / 1e9, numbers.path("seconds").asDouble(), 1e-6, name + ": advice's time");
            }
            if (a.path("kind").asText().equals("dram")) {
                same(numbers.path("p95_bytes").asDouble(), curves.path("dram_p95_by_heat_bytes"), "DRAM for 95 %");
                same(numbers.path("p99_bytes").asDouble(), curves.path("dram_p99_by_heat_bytes"), "DRAM for 99 %");
                within(0, numbers.path("touched_bytes"), monitored + 1, "touched is monitored");
            }
        }
    }

    /** By SQL, of snapshots that are not of a scheme's own: time in which there was one of any target, and from the first to the last. */
    private JsonNode monitored() throws IOException {
        String query =
                "WITH s AS (SELECT begin_ns, end_ns, max(end_ns) OVER (ORDER BY begin_ns, o.snapshot_id ROWS BETWEEN"
                        + " UNBOUNDED PRECEDING AND 1 PRECEDING) AS until FROM snapshot_order o JOIN snapshots s USING (snapshot_id)"
                        + " WHERE s.scheme = -1) SELECT sum(greatest(0, end_ns - greatest(begin_ns, coalesce(until, begin_ns)))) / 1e9 AS"
                        + " covered_s, max(end_ns) - min(begin_ns) AS length_ns FROM s";
        return JSON.readTree(CliRun.of("sql", trace, "--json", "-c", query).out());
    }

    private void shares() throws IOException {
        JsonNode map = json("report", "heatmap");
        for (JsonNode row : map.path("heat")) {
            for (JsonNode cell : row) {
                within(0, cell, 1, "heat of a cell");
            }
        }
    }
}
