package org.damson.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reports that are tables, on recordings, against the same formulas in SQL. */
final class TableReportCommandTest {
    @TempDir
    Path dir;

    private static double number(Statement sql, String query) throws Exception {
        try (ResultSet r = sql.executeQuery(query)) {
            assertTrue(r.next(), query);
            return r.getDouble(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"stairs", "physical", "service", "many-regions"})
    void idleAndWindowsAgreeWithDuckDb(String name) throws Exception {
        Path trace = dir.resolve("t.damson");
        CliRun.of("import", CliRun.testdata().resolve(name).resolve("tracefs.txt.gz"), "-o", trace)
                .expect(ExitCode.OK);
        ObjectMapper json = new ObjectMapper();
        JsonNode idle = json.readTree(
                CliRun.of("report", "idle", trace, "--json").expect(ExitCode.OK).out());
        JsonNode windows = json.readTree(CliRun.of("report", "windows", trace, "--json")
                .expect(ExitCode.OK)
                .out());
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement sql = connection.createStatement()) {
            sql.execute("create table r as select *, (\"end\" - start)::double as size, (end_ns - start_ns) / 1e9 as s,"
                    + " case when nr_accesses > 0 then 0 else least((age + 1) * 100000000::bigint, end_ns - min(start_ns)"
                    + " over (partition by target)) end as idle from '"
                    + trace
                    + "/regions-*.parquet'");
            double seconds = number(sql, "select sum(s) from (select distinct snapshot_id, s from r)");
            for (JsonNode row : idle.get("coldness")) {
                long least = Math.max(1, row.get("idle_at_least_ns").asLong());
                double mean = number(sql, "select sum(size * s) from r where idle >= " + least) / seconds;
                assertEquals(mean, row.get("mean_bytes").asDouble(), 0.51, row.toString());
            }
            double bandwidth = number(
                    sql, "select avg(b) from (select sum(size * nr_accesses) / 0.1 as b from r group by snapshot_id)");
            assertEquals(
                    bandwidth,
                    idle.get("bandwidth").get(0).get("mean_bytes_per_second").asDouble(),
                    0.51 + bandwidth * 1e-12);
            sql.execute(
                    "create view c as select idle, sum(size) over (order by idle, start rows unbounded preceding) /"
                            + " sum(size) over () * 100 as reached from r where snapshot_id = (select max(snapshot_id) from r)");
            for (JsonNode row : idle.get("percentiles")) {
                double p = row.get("percent_of_bytes").asDouble();
                double exact = number(sql, "select min(idle) from c where floor(reached + 1e-9) >= " + p);
                assertEquals(exact, row.get("last_idle_ns").asDouble(), row.toString());
            }
            double one = number(
                    sql,
                    "select avg(b) from (select sum(case when nr_accesses > 0 then size else 0 end) as b from r"
                            + " group by snapshot_id)");
            assertEquals(one, windows.get("windows").get(0).get("mean_bytes").asDouble(), 0.51);
        }
    }

    @Test
    void everyTableComesInEveryForm() throws Exception {
        Path trace = dir.resolve("t.damson");
        CliRun.of("import", CliRun.testdata().resolve("zigzag-damo").resolve("damon.data"), "-o", trace)
                .expect(ExitCode.OK);
        for (String report : new String[] {"idle", "windows", "objects", "footprint", "sizing", "bounds", "phases"}) {
            assertTrue(
                    CliRun.of("report", report, trace).expect(ExitCode.OK).out().startsWith("# "));
            new ObjectMapper()
                    .readTree(CliRun.of("report", report, trace, "--json")
                            .expect(ExitCode.OK)
                            .out());
            Path csv = dir.resolve(report + ".csv");
            CliRun.of("report", report, trace, "--output", csv).expect(ExitCode.OK);
            assertTrue(java.nio.file.Files.readString(csv).contains("_"), report);
        }
    }

    @Test
    void everyReportHasAPictureThatSaysWhatItShows() throws Exception {
        Map<String, List<String>> texts = new TreeMap<>(Map.of(
                "idle", List.of("damon.data: memory idle for so long", "at least 10 s", "37.5 % on average"),
                "windows", List.of("damon.data: working-set size by window length", "target 0", "224 MiB"),
                "objects", List.of("damon.data: memory by mapping, hottest first", "[vdso]", "8 KiB, heat 27.3 %"),
                "footprint", List.of("resident", "median 199.18 MiB", "system used"),
                "sizing", List.of("damon.data: needed and resident memory", "resident", "working set"),
                "regions", List.of("damon.data: regions of each snapshot", "median 13"),
                "guide", List.of("damon.data: what was monitored, by address", "190.766 MiB, heat 30.8 %"),
                "wss", List.of("damon.data: working set", "median 95.387 MiB"),
                "matrix", List.of("memory of 1 run", "rss max", "runtime 31.81 s"),
                "access", List.of("damon.data: memory by idle time, last snapshot", "330.199 MiB")));
        texts.put("curves", List.of("damon.data: memory idle for so long", "idle, and was touched", "448 MiB"));
        for (Map.Entry<String, List<String>> e : texts.entrySet()) {
            Path svg = dir.resolve(e.getKey() + ".svg");
            CliRun.of("report", e.getKey(), CliRun.testdata().resolve("zigzag-damo/damon.data"), "--output", svg)
                    .expect(ExitCode.OK);
            String picture = Files.readString(svg);
            for (String text : e.getValue()) {
                assertTrue(picture.contains(">" + text + "<"), e.getKey() + ": " + text);
            }
        }
    }

    /** stairs makes itself ready, and has ten regions of which each is hot for 2.5 s, a bit more on the machine it ran on. */
    @Test
    void phasesOfARecordingAreThoseOfItsProgram() throws Exception {
        JsonNode phases = new ObjectMapper()
                .readTree(CliRun.of("report", "phases", CliRun.testdata().resolve("stairs/tracefs.txt.gz"), "--json")
                        .expect(ExitCode.OK)
                        .out())
                .get("phases");
        assertEquals(11, phases.size(), phases.toString());
        for (int i = 1; i < 11; i++) {
            double seconds = (phases.get(i).get("end_ns").asLong()
                            - phases.get(i).get("start_ns").asLong())
                    / 1e9;
            assertTrue(seconds > 2.3 && seconds < 2.8, phases.get(i).toString());
            long hot = phases.get(i).get("hot_bytes").asLong();
            assertTrue(hot > 7_000_000 && hot < 13_000_000, phases.get(i).toString());
            // They lie one below the other.
            String hottest = phases.get(i).get("hottest").asText();
            assertTrue(
                    i < 2 || hottest.compareTo(phases.get(i - 1).get("hottest").asText()) < 0, hottest);
        }
        JsonNode turns = new ObjectMapper()
                .readTree(CliRun.of("report", "phases", CliRun.testdata().resolve("zigzag-damo/damon.data"), "--json")
                        .expect(ExitCode.OK)
                        .out())
                .get("phases");
        assertEquals(12, turns.size(), turns.toString());
    }

    @Test
    void accessDrawsItsHistogramsOnly() throws Exception {
        Path width = CliRun.testdata().resolve("damo/defects/width.damo");
        Path svg = dir.resolve("x.svg");
        CliRun.of("report", "access", width, "--style", "temperature-sz-hist", "--output", svg)
                .expect(ExitCode.OK);
        String picture = Files.readString(svg);
        // Of 4, 4 and 8 MiB the last is cold; the two others share the hottest of ten ranges.
        assertEquals(2, picture.split(">8 MiB</text", -1).length - 2, "8 MiB twice beside that of the axis");
        assertEquals(8, picture.split(">0 B</text", -1).length - 2);
        CliRun.of("report", "access", width, "--style", "hot", "--output", dir.resolve("y.svg"))
                .expect(ExitCode.USAGE);
    }

    @Test
    void severalTracesShareTheTables() throws Exception {
        Path one = CliRun.testdata().resolve("stairs/tracefs.txt.gz");
        Path other = CliRun.testdata().resolve("zigzag-damo/damon.data");
        ObjectMapper json = new ObjectMapper();
        JsonNode both = json.readTree(CliRun.of("report", "idle", one, other, "--json")
                .expect(ExitCode.OK)
                .out());
        for (Path path : List.of(one, other)) {
            JsonNode alone = json.readTree(CliRun.of("report", "idle", path, "--json")
                    .expect(ExitCode.OK)
                    .out());
            List<String> rows = new ArrayList<>();
            for (JsonNode row : both.get("coldness")) {
                if (row.path("trace").asText().equals(path.toString())) {
                    ((ObjectNode) row).remove("trace");
                    rows.add(row.toString());
                }
            }
            List<String> expected = new ArrayList<>();
            alone.get("coldness").forEach(row -> expected.add(row.toString()));
            assertEquals(expected, rows);
            assertTrue(!rows.isEmpty(), "rows of " + path);
        }
        String text = CliRun.of("report", "footprint", other, other.resolveSibling("damon.data"))
                .expect(ExitCode.USAGE)
                .err();
        assertTrue(text.contains("given twice"), text);
        CliRun.of("report", "sizing", one, other, "--output", dir.resolve("x.png"))
                .expect(ExitCode.USAGE);
    }

    @Test
    void workingSetsOfSeveralTracesAreTheSameAsOfEach() throws Exception {
        Path stairs = CliRun.testdata().resolve("stairs/tracefs.txt.gz");
        Path zigzag = CliRun.testdata().resolve("zigzag-damo/damon.data");
        ObjectMapper json = new ObjectMapper();
        JsonNode both = json.readTree(CliRun.of("report", "wss", stairs, zigzag, "--json")
                .expect(ExitCode.OK)
                .out());
        JsonNode rows = both.get("traces");
        assertEquals(2, rows.size(), both.toString());
        for (int i = 0; i < 2; i++) {
            Path trace = List.of(stairs, zigzag).get(i);
            String alone = CliRun.of("report", "wss", trace).expect(ExitCode.OK).out();
            JsonNode row = rows.get(i);
            assertEquals(trace.toString(), row.get("trace").asText());
            for (String point : List.of("0", "50", "90", "95", "99", "100")) {
                String size = org.damson.model.Units.bytes(
                        row.get("total").get("by_size").get(point).asLong());
                assertTrue(
                        alone.matches("(?s).* " + point + " +" + size + " \\|.*"), point + " " + size + "\n" + alone);
            }
        }
        CliRun picture = CliRun.of("report", "wss", stairs, zigzag, "--output", dir.resolve("x.png"));
        assertEquals(ExitCode.USAGE, picture.exit());
    }
}
