package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.InflaterInputStream;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What damson says of a recording, against DuckDB: over the recording's own text, and over the Parquet that damson made of it.
 * The formulas are written here a second time, in SQL.
 */
final class DuckDbAgreesTest {
    private static final int[] PERCENTS = {0, 5, 25, 50, 75, 95, 100};

    private final ObjectMapper json = new ObjectMapper();

    /** Each recording is imported once. */
    @TempDir
    static Path imported;

    @TempDir
    Path dir;

    private Path trace;
    private Connection connection;
    private Statement sql;

    static List<String> texts() {
        return List.of(
                "stairs/tracefs.txt.gz",
                "physical/tracefs.txt.gz",
                "service/tracefs.txt.gz",
                "many-regions/tracefs.txt.gz",
                "stairs-perf/damon.perf.script.gz");
    }

    static List<String> recordings() {
        return Stream.concat(
                        texts().stream(),
                        Stream.of(
                                "stairs-perf/damon.perf.data.gz",
                                "stairs-perf/damon.trace.dat.gz",
                                "zigzag-damo/damon.data"))
                .toList();
    }

    @BeforeEach
    void connect() throws SQLException {
        connection = DriverManager.getConnection("jdbc:duckdb:");
        sql = connection.createStatement();
    }

    @AfterEach
    void disconnect() throws SQLException {
        sql.close();
        connection.close();
    }

    private void importRecording(String name) throws SQLException {
        trace = imported.resolve(name.replace('/', '-') + ".damson");
        if (!Files.exists(trace)) {
            CliRun.of("import", CliRun.testdata().resolve(name), "-o", trace).expect(ExitCode.OK);
        }
        for (String table : List.of("regions", "snapshots")) {
            sql.execute("create view " + table + " as select * from '" + trace + "/" + table + "-*.parquet'");
        }
    }

    private JsonNode damson(Object... args) throws IOException {
        return json.readTree(CliRun.of(args).expect(ExitCode.OK).out());
    }

    private double number(String query) throws SQLException {
        try (ResultSet r = sql.executeQuery(query)) {
            assertTrue(r.next(), query);
            return r.getDouble(1);
        }
    }

    private long whole(String query) throws SQLException {
        try (ResultSet r = sql.executeQuery(query)) {
            assertTrue(r.next(), query);
            return r.getLong(1);
        }
    }

    /** Rows of either relation that the other has not, counted as often as they occur. */
    private void assertSameRows(String a, String b, long atLeast) throws SQLException {
        assertTrue(whole("select count(*) from (" + a + ")") >= atLeast, a);
        assertEquals(0, whole("select count(*) from ((" + a + ") except all (" + b + "))"), a);
        assertEquals(0, whole("select count(*) from ((" + b + ") except all (" + a + "))"), b);
    }

    @ParameterizedTest
    @MethodSource("texts")
    void everyRegionOfTheTextIsARow(String name) throws Exception {
        importRecording(name);
        sql.execute("create table lines as select l from read_csv('"
                + CliRun.testdata().resolve(name) + "', columns = {'l': 'VARCHAR'}, delim = '\u0001', header = false,"
                + " quote = '', escape = '', compression = 'gzip')");
        String number = "cast(regexp_extract(l, '%s', 1) as bigint)";
        assertSameRows(
                "select " + number.formatted("target_id=(\\d+)") + " as target, "
                        + number.formatted(" (\\d+)-\\d+: ") + " as s, " + number.formatted("-(\\d+): \\d+ \\d+")
                        + " as e, " + number.formatted("-\\d+: (\\d+) \\d+") + " as n, "
                        + number.formatted("-\\d+: \\d+ (\\d+)")
                        + " as a from lines where l like '%damon_aggregated:%'",
                "select target, start, \"end\", nr_accesses, age from regions",
                3000);
        if (whole("select count(*) from lines where l like '%damos_before_apply:%'") > 0) {
            assertSameRows(
                    "select " + number.formatted("scheme_idx=(\\d+)") + " as scheme, "
                            + number.formatted(" (\\d+)-\\d+: ") + " as s, " + number.formatted("-\\d+: \\d+ (\\d+)")
                            + " as a from lines where l like '%damos_before_apply:%'",
                    "select scheme, start, age from '" + trace + "/schemes-*.parquet'",
                    1000);
        }
    }

    @Test
    void everyRegionOfDamosJsonIsARow() throws Exception {
        importRecording("zigzag-damo/damon.data");
        Path plain = dir.resolve("damon.json");
        try (InputStream in =
                new InflaterInputStream(Files.newInputStream(CliRun.testdata().resolve("zigzag-damo/damon.data")))) {
            Files.copy(in, plain);
        }
        sql.execute("create table snaps as select unnest(snapshots) as s from read_json('" + plain + "')");
        String number = "cast(replace(cast(%s as varchar), ',', '') as bigint)";
        assertSameRows(
                "select " + number.formatted("s.end_time") + " as t, " + number.formatted("r.start") + " as f, "
                        + number.formatted("r.\"end\"") + " as e, r.nr_accesses.samples as n, "
                        + number.formatted("r.age.aggr_intervals")
                        + " as a from (select s, unnest(s.regions) as r from snaps)",
                "select end_ns, start, \"end\", nr_accesses, age from regions",
                2000);
        assertSameRows(
                "select " + number.formatted("s.start_time") + " as f, " + number.formatted("s.end_time") + " as t, "
                        + number.formatted("s.total_bytes") + " as b from snaps",
                "select start_ns, end_ns, bytes from snapshots",
                100);
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void infoCountsWhatIsThere(String name) throws Exception {
        importRecording(name);
        JsonNode info = damson("info", trace, "--json");
        assertEquals(
                whole("select count(*) from snapshots"), info.path("snapshots").asLong());
        assertEquals(whole("select count(*) from regions"), info.path("regions").asLong());
        assertEquals(
                whole("select min(start_ns) from snapshots"),
                info.path("start_ns").asLong());
        assertEquals(
                whole("select max(end_ns) from snapshots"), info.path("end_ns").asLong());
        assertEquals(
                whole("select sum(lost) from snapshots"),
                info.path("lost_regions").asLong());
        assertEquals(
                whole("select count(distinct target) from snapshots"),
                info.path("targets").size());
        for (var rows = info.path("rows").fields(); rows.hasNext(); ) {
            var table = rows.next();
            assertEquals(
                    whole("select count(*) from '" + trace + "/" + table.getKey() + "-*.parquet'"),
                    table.getValue().asLong());
        }
        assertEquals(
                0,
                whole("select count(*) from snapshots s where regions <>"
                        + " (select count(*) from regions r where r.snapshot_id = s.snapshot_id)"));
    }

    /** Bytes of regions seen accessed often enough; percentiles are DuckDB's, over the snapshots. */
    @ParameterizedTest
    @MethodSource("recordings")
    void workingSetsAreTheBytesOfAccessedRegions(String name) throws Exception {
        importRecording(name);
        for (long[] least : new long[][] {{1, 0}, {5, 16_384}}) {
            JsonNode target = damson(
                            "report", "wss", trace, "--json", "--min-accesses", least[0], "--min-size", least[1])
                    .path("targets")
                    .path(0);
            sql.execute("create or replace table wss as select s.snapshot_id as id, coalesce(sum(r.\"end\" - r.start)"
                    + " filter (r.nr_accesses >= " + least[0] + " and r.\"end\" - r.start >= " + least[1]
                    + "), 0) as size from snapshots s left join regions r on r.snapshot_id = s.snapshot_id group by 1");
            long n = whole("select count(*) from wss");
            assertEquals(n, target.path("snapshots").asLong());
            assertEquals(
                    number("select avg(size) from wss"),
                    target.path("mean_bytes").asDouble(),
                    1);
            for (int p : PERCENTS) {
                long rank = Math.min(n - 1, p * n / 100);
                assertEquals(
                        whole("select round(quantile_cont(size, " + p + " / 100.0)) from wss"),
                        target.path("by_size").path("" + p).asLong(),
                        p + " % by size");
                assertEquals(
                        whole("select size from wss order by id limit 1 offset " + rank),
                        target.path("by_time").path("" + p).asLong(),
                        p + " % by time");
            }
        }
    }

    /**
     * A cell is the share of samples that found an access, averaged over the bytes and the time that were monitored in it: damo's
     * sum over overlaps, each snapshot counted once, for its own time, and cells without monitoring left empty.
     */
    @ParameterizedTest
    @MethodSource("recordings")
    void heatmapCellsAreTheMeanOverWhatOverlapsThem(String name) throws Exception {
        importRecording(name);
        int cols = 7;
        int rows = 5;
        JsonNode map =
                damson("report", "heatmap", "--scope", "hottest", trace, "--json", "--cols", cols, "--rows", rows);
        assertEquals(
                whole("select min(start_ns) from snapshots"),
                map.path("from_ns").asLong());
        assertEquals(
                whole("select max(end_ns) from snapshots"), map.path("to_ns").asLong());
        JsonNode area = map.path("areas").path(0);
        long from = Long.decode(area.path("start").asText());
        long to = Long.decode(area.path("end").asText());
        sql.execute("create table heats as select r.start_ns, r.end_ns, r.start, r.\"end\" as stop,"
                + " r.nr_accesses * s.sample_us / s.aggr_us as heat"
                + " from regions r join snapshots s on r.snapshot_id = s.snapshot_id");
        String inside = "sum(heat * (least(stop, %1$d) - greatest(start, %2$d)) * (end_ns - start_ns) / 1e9)"
                + " filter (stop > %2$d and start < %1$d)";
        double areaHeat = area.path("heat_byte_seconds").asDouble();
        assertEquals(number("select " + inside.formatted(to, from) + " from heats"), areaHeat, areaHeat * 1e-9);
        assertTrue(areaHeat * (1 + 1e-9) >= hottestIsland(), "an island hotter than the area shown");

        sql.execute(
                "create table cells as with grid as (select c, r, " + map.path("from_ns") + " + c * w as t0, "
                        + map.path("from_ns") + " + (c + 1) * w as t1, " + from + " + r * h as a0, " + from
                        + " + (r + 1) * h as a1 from (select ("
                        + map.path("to_ns") + " - " + map.path("from_ns") + ")::double / " + cols + " as w, (" + to
                        + " - "
                        + from + ")::double / " + rows + " as h), range(" + cols + ") as cs(c), range(" + rows
                        + ") as rs(r)),"
                        + " parts as (select c, r, heat, (least(end_ns, t1) - greatest(start_ns, t0))"
                        + " * (least(stop, a1) - greatest(start, a0)) as weight from heats join grid on start_ns < t1"
                        + " and end_ns > t0 and start < a1 and stop > a0)"
                        + " select c, r, sum(heat * weight) / sum(weight) as heat from parts group by c, r having sum(weight) > 0");
        int filled = 0;
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < cols; c++) {
                JsonNode cell = map.path("heat").path(r).path(c);
                String where = " from cells where c = " + c + " and r = " + r;
                String place = "column " + c + ", row " + r;
                if (cell.isNumber()) {
                    filled++;
                    assertEquals(number("select heat" + where), cell.asDouble(), 1e-6, place);
                } else {
                    assertEquals(0, whole("select count(*)" + where), place);
                }
            }
        }
        assertTrue(filled > cols * rows / 2, filled + " cells");
    }

    /** Heat of the hottest range of addresses without a gap at any time. */
    private double hottestIsland() throws SQLException {
        return number(
                "with marked as (select *, start > max(stop) over (order by start rows between unbounded preceding"
                        + " and 1 preceding) as fresh from heats),"
                        + " islands as (select *, sum(coalesce(fresh, false)::int) over (order by start rows unbounded preceding)"
                        + " as island from marked)"
                        + " select max(h) from (select sum(heat * (stop - start) * (end_ns - start_ns) / 1e9) as h"
                        + " from islands group by island)");
    }

    /** What the pages tell people to type. */
    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/FORMAT.md"})
    void queriesOfTheDocumentsRunAsTheyAre(String page) throws Exception {
        importRecording("stairs/tracefs.txt.gz");
        List<String> queries = new ArrayList<>();
        Matcher shell = Pattern.compile("(?m)^\\$? ?duckdb -c \"((?:[^\"\\\\]|\\\\.)*)\"$")
                .matcher(Files.readString(Path.of("..", page)));
        while (shell.find()) {
            queries.add(shell.group(1).replace("\\\"", "\""));
        }
        assertTrue(!queries.isEmpty(), "no query in " + page);
        for (String query : queries) {
            // The README's own recording is of referenced bits, whose columns an import of DAMON's lacks.
            Path referenced = CliRun.testdata().resolve("java-hot/hot.damson");
            String here = query.replace("'stairs.damson/", "'" + referenced + "/")
                    .replaceAll("'(?!/)[\\w-]+\\.damson/", "'" + trace + "/");
            assertTrue(!here.equals(query), query);
            try (ResultSet r = sql.executeQuery(here)) {
                assertTrue(r.next(), query);
            }
        }
    }
}
