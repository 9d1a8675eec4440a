package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.damson.api.Advice;
import org.damson.api.Bounds;
import org.damson.api.Comparison;
import org.damson.api.Heatmap;
import org.damson.api.Report;
import org.damson.api.Selection;
import org.damson.api.Simulation;
import org.damson.api.Trace;
import org.damson.api.WorkingSet;

/** The Java interface and the commands give the same figures of one trace, cell by cell. */
final class EmbeddedFigures {
    private static final String SCHEME = "pageout access=0..0";

    /** An answer of a command about the trace, as JSON. */
    interface Answers {
        JsonNode json(String... command) throws IOException;
    }

    private final String name;
    private final Answers answers;

    /** @param name for messages */
    EmbeddedFigures(String name, Answers answers) {
        this.name = name;
        this.answers = answers;
    }

    /** @param hasAges whether curves and what-if can be asked */
    void compare(Path path, boolean hasAges) throws IOException {
        try (Trace trace = Trace.open(path)) {
            assertEquals(
                    answers.json("info").path("snapshots").asLong(),
                    trace.info().snapshots(),
                    name);
            workingSet(trace.workingSet());
            heatmap(trace);
            for (Report.Kind kind : Report.Kind.values()) {
                if (kind == Report.Kind.GUIDE) {
                    guide(trace.report(kind));
                } else if (kind != Report.Kind.CURVES) {
                    tables(trace.report(kind));
                }
            }
            comparison(trace, path);
            if (hasAges) {
                curves(trace.report(Report.Kind.CURVES));
                simulation(trace.simulate(SCHEME));
                advice(trace.advise());
            }
        }
    }

    private void same(double expected, JsonNode found, String what) {
        if (Double.isNaN(expected)) {
            assertTrue(found.isNull(), name + ": " + what + ": " + found);
        } else {
            assertTrue(found.isNumber(), name + ": " + what + ": " + found);
            assertEquals(expected, found.asDouble(), Math.abs(expected) * 1e-12, name + ": " + what);
        }
    }

    private void workingSet(WorkingSet sizes) throws IOException {
        JsonNode wss = answers.json("report", "wss");
        assertEquals(wss.path("targets").size(), sizes.targets().size(), name);
        for (int i = 0; i < sizes.targets().size(); i++) {
            series(sizes.targets().get(i), wss.path("targets").get(i));
        }
        series(sizes.total(), wss.path("total"));
    }

    private void series(WorkingSet.Series series, JsonNode told) {
        assertEquals(told.path("label").asText(), series.label(), name);
        same(series.length(), told.path("snapshots"), "snapshots");
        same(Math.round(series.meanBytes()), told.path("mean_bytes"), "mean working set");
        told.path("by_size")
                .fields()
                .forEachRemaining(
                        p -> same(series.percentile(Integer.parseInt(p.getKey())), p.getValue(), "p" + p.getKey()));
    }

    private void heatmap(Trace trace) throws IOException {
        JsonNode told = answers.json("report", "heatmap");
        Heatmap map = trace.heatmap(
                Selection.ALL, told.path("columns").asInt(), told.path("rows").asInt());
        same(map.maxHeat(), told.path("max_heat"), "greatest heat");
        same(map.timeNs(0), told.path("from_ns"), "from");
        same(map.timeNs(map.columns()), told.path("to_ns"), "to");
        for (int row = 0; row < map.rows(); row++) {
            assertEquals(
                    told.path("addresses").get(row).asText(),
                    "0x" + Long.toHexString(map.address(row)),
                    name + ": row " + row);
            for (int column = 0; column < map.columns(); column++) {
                same(map.heat(column, row), told.path("heat").get(row).get(column), "cell " + column + ", " + row);
            }
        }
    }

    private void tables(Report report) throws IOException {
        String kind = report.kind().name().toLowerCase(Locale.ROOT);
        JsonNode told = answers.json("report", kind);
        for (Report.Table table : report.tables()) {
            assertTrue(told.has(table.name()), name + ": report " + kind + " has no " + table.name());
            assertEquals(told.path(table.name()).size(), table.rows(), name + ": " + kind + " " + table.name());
            for (int row = 0; row < table.rows(); row++) {
                for (Report.Column column : table.columns()) {
                    cell(
                            table.cell(row, column.name()),
                            told.path(table.name()).get(row).path(column.name()),
                            kind + " " + table.name() + " " + row + " " + column.name());
                }
            }
        }
        assertEquals(told.path("notes").size(), report.notes().size(), name + ": notes of " + kind);
    }

    private void cell(Object cell, JsonNode told, String what) {
        if (cell instanceof Number n) {
            same(n.doubleValue(), told, what);
        } else {
            assertEquals(cell == null ? "null" : cell, told.asText("null"), name + ": " + what);
        }
    }

    private void guide(Report report) throws IOException {
        JsonNode targets = answers.json("report", "guide").path("targets");
        Report.Table table = report.table("targets");
        assertEquals(targets.size(), table.rows(), name);
        for (int row = 0; row < table.rows(); row++) {
            JsonNode t = targets.get(row);
            assertEquals(t.path("end_ns").asLong() - t.path("start_ns").asLong(), table.cell(row, "duration_ns"), name);
            for (String column : List.of("snapshots", "regions", "lost_regions", "bytes", "mean_hot_bytes")) {
                same(table.number(row, column), t.path(column), "guide's " + column);
            }
        }
    }

    private void comparison(Trace trace, Path path) throws IOException {
        Comparison found = trace.compare(trace, 0.3);
        JsonNode told = answers.json("compare", path.toString());
        assertEquals(told.path("explanation").asText(), found.explanation(), name);
        distance(found.workingSet(), told, "working_set_distance");
        distance(found.pattern(), told, "pattern_distance");
    }

    private void distance(Comparison.Distance distance, JsonNode told, String key) {
        same(distance.value(), told.path(key), key);
        same(distance.low(), told.path(key + "_low"), key);
        same(distance.high(), told.path(key + "_high"), key);
    }

    /** The command of one trace has the curve at more ages, and the same of each. */
    private void curves(Report report) throws IOException {
        JsonNode told = answers.json("report", "curves");
        Report.Table dram = report.table("dram");
        for (int row = 0; row < dram.rows(); row++) {
            String p = "dram_p" + Math.round(dram.number(row, "percent_of_accesses"));
            same(dram.number(row, "by_heat_bytes"), told.path(p + "_by_heat_bytes"), p);
            same(dram.number(row, "by_idle_time_bytes"), told.path(p + "_by_idle_bytes"), p);
        }
        Report.Table curve = report.table("curves");
        int compared = 0;
        for (int row = 0; row < curve.rows(); row++) {
            for (JsonNode point : told.path("points")) {
                if (point.path("min_age_us").asLong() * 1000 == curve.number(row, "idle_ns")) {
                    same(curve.number(row, "cold_bytes"), point.path("cold_bytes"), "cold");
                    same(curve.number(row, "cold_bytes_max"), point.path("cold_bytes_max"), "cold at most");
                    same(curve.number(row, "back_bytes_per_second"), point.path("back_bytes_per_s"), "back");
                    same(curve.number(row, "hit_percent") / 100, point.path("hit_share"), "hits");
                    compared++;
                }
            }
        }
        assertTrue(compared > 0, name + ": no age of the curves in common");
        assertEquals(told.path("notes").size(), report.notes().size(), name + ": notes of the curves");
    }

    private void simulation(Simulation simulation) throws IOException {
        JsonNode told = answers.json("simulate", "--scheme", SCHEME);
        JsonNode outcome = told.path("outcome");
        same(simulation.fromNs(), told.path("from_ns"), "simulated from");
        same(simulation.toNs(), told.path("to_ns"), "simulated to");
        bounds(simulation.memory().savedBytes(), outcome, "out_bytes_mean");
        bounds(simulation.memory().refaultedBytes(), outcome, "refaulted_bytes");
        bounds(simulation.memory().stallNs(), outcome, "stall_ns");
        same(simulation.memory().slowdownShare().estimate(), outcome.path("slowdown"), "slowdown");
        Simulation.Scheme scheme = simulation.schemes().get(0);
        JsonNode one = told.path("schemes").get(0);
        same(scheme.triedBytes().estimate(), one.path("sz_tried"), "tried bytes");
        same(scheme.triedBytes().upper(), one.path("sz_tried_max"), "tried bytes at most");
        same(scheme.triedRegions().estimate(), one.path("nr_tried"), "tried regions");
        same(scheme.appliedBytes().estimate(), one.path("sz_applied"), "applied bytes");
    }

    private void bounds(Bounds bounds, JsonNode outcome, String key) {
        same(Math.round(bounds.lower()), outcome.path(key + "_min"), key);
        same(Math.round(bounds.estimate()), outcome.path(key), key);
        same(Math.round(bounds.upper()), outcome.path(key + "_max"), key);
    }

    private void advice(List<Advice> advice) throws IOException {
        JsonNode told = answers.json("advise");
        // What commands say on standard error comes first.
        List<Advice> without = advice.subList(advice.size() - told.size(), advice.size());
        for (int i = 0; i < told.size(); i++) {
            assertEquals(told.get(i).path("text").asText(), without.get(i).text(), name);
            for (Map.Entry<String, Object> number : without.get(i).numbers().entrySet()) {
                JsonNode found = told.get(i).path("numbers").path(number.getKey());
                if (number.getValue() instanceof Number n) {
                    same(n.doubleValue(), found, "advice's " + number.getKey());
                }
                boolean isBytes = number.getKey().contains("bytes");
                assertTrue(!isBytes || found.isIntegralNumber(), name + ": advice's " + number.getKey() + " " + found);
            }
        }
    }
}
