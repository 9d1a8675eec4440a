package org.damson.cli.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.damson.cli.input.TraceFiles;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.text.NativeText;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SQL over a trace of 10 snapshots of 100 ms: a hot, a warm and an idle MiB, two mappings, a stack, a loss. */
final class SqlCommandTest {
    private static final long MIB = 1 << 20;
    private static final long BASE = 0x7f0000000000L;
    private static final long START_NS = 5_000_000_000L;
    private static final String HOSTILE = "it's; COPY \u001b[31m -- '\"";

    @TempDir
    Path dir;

    private Path trace;

    @BeforeEach
    void writeTrace() throws IOException {
        trace = dir.resolve("run.damson");
        write(trace);
    }

    private static void write(Path path) throws IOException {
        Manifest m = new Manifest();
        m.source = "synthetic";
        m.attrs = new MonitoringAttrs(5_000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.RECORDED);
        m.host.put("kernel", HOSTILE);
        m.recording.put("pids", List.of(77L));
        TraceFiles.create(path, m, sink -> {
            Snapshot s = new Snapshot();
            for (int i = 0; i < 10; i++) {
                s.clear();
                s.startNs = START_NS + i * 100_000_000L;
                s.endNs = s.startNs + 100_000_000L;
                s.sampleUs = 5_000;
                s.aggrUs = 100_000;
                s.columns = Snapshot.HAS_AGE;
                s.lost = i == 7 ? 2 : 0;
                s.add(BASE, BASE + MIB, 20, i);
                s.add(BASE + MIB, BASE + 2 * MIB, i % 2 == 0 ? 5 : 0, 1);
                s.add(BASE + 2 * MIB, BASE + 3 * MIB, 0, i);
                sink.append(s);
            }
            Batch mappings = new Batch(Table.MAPPINGS);
            mappings.add(START_NS + 1, 77, BASE, BASE + 3 * MIB / 2, "rw-p", HOSTILE, 0);
            mappings.add(START_NS + 1, 77, BASE + 3 * MIB / 2, BASE + 4 * MIB, "rw-p", "[heap]", 0);
            mappings.add(START_NS + 500_000_001L, 77, BASE + 3 * MIB / 2, BASE + 4 * MIB, "rw-p", "[heap]", 1);
            sink.append(mappings);
            Batch memory = new Batch(Table.MEMORY);
            for (int i = 0; i < 10; i++) {
                memory.add(START_NS + i * 100_000_000L, 77, "rss", (4 + i) * MIB);
                memory.add(START_NS + i * 100_000_000L, 77, "vsz", 100 * MIB);
            }
            sink.append(memory);
            Batch frames = new Batch(Table.FRAMES);
            frames.add(0, "main", "prog", "", 0);
            frames.add(1, "touch", "prog", "", 16);
            frames.add(2, "", "/usr/lib/libc.so.6", "ab12", 0x1462a);
            frames.add(3, "", "", "", -16);
            sink.append(frames);
            Batch stacks = new Batch(Table.STACKS);
            stacks.add(9, 0, 1);
            stacks.add(9, 1, 0);
            stacks.add(10, 0, 2);
            stacks.add(10, 1, 3);
            sink.append(stacks);
            Batch samples = new Batch(Table.SAMPLES);
            samples.add(START_NS + 250_000_000L, 77, 77, 0, "cycles", BASE + 5, 1, 9);
            sink.append(samples);
            Batch losses = new Batch(Table.LOSSES);
            losses.add(START_NS, START_NS + 1_000_000_000L, "ring", 3, "overrun");
            sink.append(losses);
        });
    }

    private String sql(String query) {
        return CliRun.of("sql", trace, "--csv", "-c", query)
                .expect(ExitCode.PARTIAL)
                .out();
    }

    @Test
    void heatSaysBytesPercentAndIdleTime() {
        assertEquals(
                """
                at_s,mib,percent,idle_s
                0.5,1,100,
                0.5,1,25,
                0.5,1,0,0.5
                """,
                sql(
                        "select at_s, bytes / 1048576 as mib, percent, idle_s from heat where snapshot_id = 4 order by start"));
    }

    @Test
    void workingSetsAreThoseOfTheReport() {
        String over = sql("select bytes from wss order by snapshot_id");
        assertEquals("bytes\n" + "2097152\n1048576\n".repeat(5), over);
        String report =
                CliRun.of("report", "wss", trace).expect(ExitCode.PARTIAL).out();
        assertTrue(report.contains("mean 1.5 MiB"), report);
        assertEquals("mean\n1572864\n", sql("select avg(bytes) mean from wss"));
        assertEquals("b\n1048576\n", sql("select bytes b from wss_percentile(40)"));
        assertEquals(
                "b,m\n1572864,1572864\n",
                sql("select bytes b, (select median(bytes) from wss) m from wss_percentile(50)"));
    }

    @Test
    void idleBytesGapsMappingsStacksAndFootprintJoin() {
        assertEquals(
                "n,b\n6,1048576\n", sql("select count(*) n, max(bytes) b from idle_at_least(0.5) where bytes > 0"));
        assertEquals("source,count\nring,3\nsnapshot,2\n", sql("select source, count from gaps order by source"));
        // the second mapping went away in the sixth snapshot; the border between the two cuts the warm region
        assertEquals(
                "n,b\n5,524288\n",
                sql("select count(*) n, min(bytes) b from heat_by_mapping where name = '[heap]' and start < "
                        + (BASE + 2 * MIB)));
        assertEquals("pid\n77\n", sql("select pid from targets"));
        assertEquals(
                "stack,leaf,snapshot_id,here\nmain;touch,touch,2,true\n",
                sql("select stack, leaf, snapshot_id, mapping like 'it%' as here from samples_in_place"));
        assertEquals(
                "stack,leaf\n[unknown] at 0xfffffffffffffff0;libc.so.6+0x1462a,libc.so.6+0x1462a\n",
                sql("select stack, leaf from stack_texts where stack_id = 10"));
        assertEquals(
                "n,rss\n10,13631488\n", sql("select count(*) n, max(rss) rss from footprint where vsz = 104857600"));
        assertEquals(
                "n,least,most\n60,0,100\n",
                sql("select count(*) n, min(percent) least, max(percent) most from heatmap(" + BASE + ", "
                        + (BASE + 3 * MIB) + ", 6, 10)"));
        assertEquals("start,mean_percent\n0x7f0000000000,100\n", sql("select start, mean_percent from hottest(1)"));
    }

    @Test
    void everyExampleOfThePageRuns() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "SQL.md"));
        Matcher block = Pattern.compile("```sql\\n(.*?)```", Pattern.DOTALL).matcher(page);
        int found = 0;
        Path file = dir.resolve("example.sql");
        while (block.find()) {
            Files.writeString(file, block.group(1));
            CliRun run = CliRun.of("sql", trace, "-f", file).expect(ExitCode.PARTIAL);
            assertTrue(run.out().lines().count() > 2, () -> block.group(1) + "\n" + run.out());
            found++;
        }
        assertTrue(found >= 8, "examples: " + found);
        // the tables of views and macros name what there is, and all of it
        List<String> views = CliRun.of(
                        "sql",
                        trace,
                        "--csv",
                        "-c",
                        "select view_name from duckdb_views() where not internal order by 1")
                .expect(ExitCode.PARTIAL)
                .out()
                .lines()
                .skip(1)
                .toList();
        assertEquals(38, views.size(), views::toString);
        for (String view : views) {
            assertTrue(page.contains("`" + view + "`"), view);
        }
        Matcher macro = Pattern.compile("CREATE MACRO (\\w+)").matcher(SqlTables.resource("macros.sql"));
        while (macro.find()) {
            assertTrue(page.contains("`" + macro.group(1) + "("), macro.group(1));
        }
    }

    @Test
    void severalTracesAreToldApartByNameAndAnEmptyOneIsThere() throws IOException {
        Path other = dir.resolve("other.damson");
        CliRun.of("slice", trace, "--snapshots", "0..3", "-o", other).expect(ExitCode.OK);
        Path same = Files.createDirectory(dir.resolve("sub")).resolve("run.damson");
        CliRun.of("slice", trace, "--snapshots", "0..2", "-o", same).expect(ExitCode.OK);
        String query = "select t.path, count(s.snapshot_id) n from traces t left join snapshots s using (trace)"
                + " group by t.path order by n";
        assertEquals(
                "path,n\n" + same + ",2\n" + other + ",3\n" + trace + ",10\n",
                CliRun.of("sql", trace, other, same, "--csv", "-c", query)
                        .expect(ExitCode.PARTIAL)
                        .out());
        CliRun.of("sql", trace, trace, "-c", query).expect(ExitCode.USAGE);
        assertEquals("trace\nrun\n", sql("select distinct trace from regions"));
    }

    @Test
    void bundlesAndTracesStillBeingRecordedAreRead() throws IOException {
        Path zip = dir.resolve("b.damson.zip");
        Traces.bundle(trace, zip);
        assertEquals(
                "n,s\n30,sealed\n",
                CliRun.of(
                                "sql",
                                zip,
                                "--csv",
                                "-c",
                                "select count(*) n, any_value(state) s from regions join traces using (trace)")
                        .expect(ExitCode.PARTIAL)
                        .out());
        Path live = dir.resolve("live.damson");
        try (var sink = Traces.create(live, new Manifest(), WriterOptions.LIVE)) {
            Snapshot s = new Snapshot();
            s.endNs = 1;
            s.add(4096, 8192, 1, -1);
            sink.append(s);
            sink.flush();
            assertEquals(
                    "n,s,a\n1,recording,\n",
                    CliRun.of(
                                    "sql",
                                    live,
                                    "--csv",
                                    "-c",
                                    "select count(*) n, any_value(state) s, max(age) a from regions join traces"
                                            + " using (trace)")
                            .expect(ExitCode.OK)
                            .out());
            CliRun refused = CliRun.of("sql", live, "--script").expect(ExitCode.USAGE);
            assertTrue(refused.err().contains("slice"), refused.err());
        }
    }

    @Test
    void theScriptGivesAPlainDuckDbTheSame() throws Exception {
        String script =
                CliRun.of("sql", trace, "--script").expect(ExitCode.PARTIAL).out();
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duck.createStatement()) {
            statement.execute(script);
            try (ResultSet row = statement.executeQuery(
                    "select (select sum(bytes) from wss), (select host from traces), (select count(*) from heat_by_mapping)")) {
                assertTrue(row.next());
                assertEquals(15 * MIB, row.getLong(1));
                assertTrue(row.getString(2).contains("COPY"), row.getString(2));
                assertEquals(sql("select count(*) n from heat_by_mapping"), "n\n" + row.getLong(3) + "\n");
            }
        }
    }

    @Test
    void nothingOutsideTheTraceIsReadAndNothingIsWritten() throws IOException {
        Path secret = Files.writeString(dir.resolve("secret.csv"), "a\nhunter2\n");
        Path other = dir.resolve("other.damson");
        write(other);
        Path regions;
        try (var files = Files.list(trace)) {
            regions = files.filter(f -> f.getFileName().toString().startsWith("regions-"))
                    .findFirst()
                    .orElseThrow();
        }
        byte[] before = Files.readAllBytes(regions);
        for (String query : List.of(
                "select * from read_csv('" + secret + "')",
                "select * from read_text('" + secret + "')",
                "from glob('" + dir + "/*')",
                "from '" + other.resolve(regions.getFileName()) + "'",
                "copy (select 1) to '" + dir.resolve("out.csv") + "'",
                "copy (select 1 a) to '" + regions + "' (format parquet, use_tmp_file false)",
                "explain analyze copy (select 1 a) to '" + regions + "' (format parquet, use_tmp_file false)",
                "select E'\\''; copy (select 1 a) to '" + regions + "' (use_tmp_file false); --'",
                "attach '" + dir.resolve("x.db") + "'",
                "export database '" + dir.resolve("x") + "'",
                "install httpfs",
                "load httpfs",
                "set enable_external_access = true",
                "set memory_limit = '100GB'",
                "set temp_directory = '" + dir + "'",
                "create persistent secret s (type s3)",
                "pragma profiling_output = '" + dir.resolve("p") + "'")) {
            CliRun run = CliRun.of("sql", trace, "-c", query);
            assertTrue(run.exit() == ExitCode.CAPABILITY || run.exit() == ExitCode.USAGE, query + ": " + run);
            assertEquals(1, run.err().lines().count(), query + ": " + run.err());
            assertFalse(run.out().contains("hunter2"), query);
        }
        assertEquals(
                List.of("other.damson", "run.damson", "secret.csv"),
                Files.list(dir).map(f -> f.getFileName().toString()).sorted().toList());
        assertEquals(
                new String(before, StandardCharsets.ISO_8859_1),
                Files.readString(regions, StandardCharsets.ISO_8859_1));
    }

    @Test
    void errorsAreOneLineWithTheirCode() throws IOException {
        CliRun typo = CliRun.of("sql", trace, "-c", "selekt 1").expect(ExitCode.USAGE);
        assertEquals(1, typo.err().lines().count(), typo.err());
        CliRun none = CliRun.of("sql", trace, "-c", "select * from nothing").expect(ExitCode.USAGE);
        assertEquals(1, none.err().lines().count(), none.err());
        CliRun.of("sql").expect(ExitCode.USAGE);
        CliRun.of("sql", dir.resolve("missing.damson")).expect(ExitCode.INPUT);
        CliRun.of("sql", trace, "-f", dir.resolve("missing.sql")).expect(ExitCode.INPUT);
        CliRun.of("sql", trace, "--csv", "--json", "-c", "select 1").expect(ExitCode.USAGE);
        CliRun small = CliRun.of(
                        "sql",
                        trace,
                        "--memory",
                        "8M",
                        "-c",
                        "select count(distinct a || 'x') from range(30000000) r(a)")
                .expect(ExitCode.CAPABILITY);
        assertEquals(1, small.err().lines().count(), small.err());
        try (var files = Files.list(trace)) {
            Path regions = files.filter(f -> f.getFileName().toString().startsWith("regions-"))
                    .findFirst()
                    .orElseThrow();
            Files.write(regions, new byte[] {1, 2, 3});
        }
        CliRun damaged =
                CliRun.of("sql", trace, "-c", "select count(*) from regions").expect(ExitCode.INPUT);
        assertEquals(1, damaged.err().lines().count(), damaged.err());
    }

    @Test
    void aQuestionWithoutItsOptionIsNoTrace() {
        CliRun run = CliRun.of("sql", trace, "SELECT 1").expect(ExitCode.USAGE);
        assertTrue(run.err().contains("not a trace: SELECT 1 (pass queries with -c)"), run.err());
    }

    @Test
    void theShellReadsStatementsUntilTheEnd() {
        String typed =
                "select count(*) as n\n from regions; select 'a;b' as \"t;\" -- not; this\n;\n\n.tables\n.quit\nselect 5;\n";
        CliRun run = CliRun.with(Map.of(), typed.getBytes(StandardCharsets.UTF_8), "sql", trace, "--csv")
                .expect(ExitCode.PARTIAL);
        assertTrue(run.out().startsWith("n\n30\nt;\na;b\nname\n"), run.out());
        assertTrue(run.out().contains("heat_by_mapping\n"), run.out());
        assertFalse(run.out().contains("5\n5"), run.out());
        CliRun open = CliRun.with(Map.of(), "select 7 as x".getBytes(StandardCharsets.UTF_8), "sql", trace, "--json")
                .expect(ExitCode.PARTIAL);
        assertEquals("{\"x\":7}\n", open.out());
    }

    @Test
    void tablesAreAlignedAndControlCharactersShown() {
        String out = CliRun.of(
                        "sql",
                        trace,
                        "-c",
                        "select 1 as a, '" + "x\u001b[31m" + "' as name union all select 100, 'y' order by a")
                .expect(ExitCode.PARTIAL)
                .out();
        assertEquals(
                List.of("  a  name", "---  ------", "  1  x?[31m", "100  y"),
                new ArrayList<>(out.lines().toList()));
    }

    @Test
    void statementsAreCutOutsideOfQuotesAndComments() {
        assertEquals(
                List.of("a ';' \"b;\"", "/* ; */ c", "$$ ; $$"),
                SqlStatements.split("a ';' \"b;\"; ; -- nothing;\n; /* ; */ c;$$ ; $$"));
        assertTrue(SqlStatements.isComplete("select 1; -- done"));
        assertFalse(SqlStatements.isComplete("select ';"));
        assertFalse(SqlStatements.isComplete("select 1 /* ;"));
    }

    /** One statement each, with a semicolon that ends none: DuckDB is the judge. */
    @Test
    void aSemicolonWithinATextOrCommentEndsNoStatement() throws Exception {
        List<String> statements = List.of(
                "SELECT ';' AS a",
                "SELECT 'it''s; so' AS \"b;\"\"c\"",
                "SELECT $$it's; so$$ AS a",
                "SELECT $tag$a $$ ; $other$ b$tag$ AS a",
                "SELECT E'it\\'s; so' AS a",
                "SELECT e'a\\\\' || ';' AS a",
                "SELECT 1 /* ; /* ; */ ; */ + 1 AS a",
                "SELECT 1 -- ;\n + 1 AS a",
                "SELECT 'e' || 'e;' AS type",
                "SELECT 1 AS price, ';' AS e");
        for (String one : statements) {
            assertEquals(List.of(one), SqlStatements.split(one));
            assertTrue(SqlStatements.isComplete(one + ";") && !SqlStatements.isComplete(one), one);
            assertEquals(List.of(one, "SELECT 2"), SqlStatements.split(one + ";SELECT 2"));
            try (Connection c = DriverManager.getConnection("jdbc:duckdb:");
                    Statement statement = c.createStatement();
                    ResultSet rows = statement.executeQuery(one)) {
                assertTrue(rows.next(), one);
            }
        }
    }

    /** DuckDB takes some names of files for patterns, and directories such as a=b for columns. */
    @Test
    void aTraceIsFoundWhateverItsPathIsCalled() throws IOException, SQLException {
        String expected = sql("SELECT count(*), min(target), sum(age) FROM heat");
        for (String name : List.of(
                "x[1]",
                "a*b",
                "what?",
                "{a,b}",
                "b\udce4t",
                "it's \"so\"",
                "back\\slash",
                "back\\slashe[",
                "{a}[1]*",
                "target=5/age=7")) {
            String given = dir + "/" + name + "/run.damson";
            Path odd = NativeText.path(given);
            Files.createDirectories(odd.getParent());
            write(odd);
            CliRun run = CliRun.of("sql", given, "--csv", "-c", "SELECT count(*), min(target), sum(age) FROM heat");
            assertEquals(expected, run.expect(ExitCode.PARTIAL).out(), name);
            assertEquals(
                    NativeText.readable(given),
                    CliRun.of("sql", given, "--csv", "-c", "SELECT path FROM traces")
                            .expect(ExitCode.PARTIAL)
                            .out()
                            .lines()
                            .skip(1)
                            .findFirst()
                            .orElseThrow()
                            .replaceAll("^\"|\"$", "")
                            .replace("\"\"", "\""));
            CliRun script = CliRun.of("sql", given, "--script");
            if (name.matches(".*[\udce4].*|back.*e\\[")) {
                script.expect(ExitCode.USAGE);
                continue;
            }
            // A pattern must not find what stands beside it.
            String beside = name.replaceAll("[*?]", "Z").replaceAll("[\\[\\]{}]", "");
            if (!beside.equals(name)) {
                write(Files.createDirectories(dir.resolve(beside)).resolve("run.damson"));
            }
            try (Connection c = DriverManager.getConnection("jdbc:duckdb:");
                    Statement statement = c.createStatement()) {
                statement.execute(script.expect(ExitCode.PARTIAL).out());
                try (ResultSet rows =
                        statement.executeQuery("SELECT count(*) || ',' || min(target) || ',' || sum(age) FROM heat")) {
                    assertTrue(rows.next(), name);
                    assertEquals(expected.lines().skip(1).findFirst().orElseThrow(), rows.getString(1), name);
                }
            }
        }
    }
}
