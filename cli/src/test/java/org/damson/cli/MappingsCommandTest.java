package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands over a real recording whose regions are mappings: a Java program with 24 MiB in use all the time and 96 MiB filled
 * once, 175 MB resident at most.
 */
final class MappingsCommandTest {
    private static final double MIB = 1 << 20;
    private static final double MAX_RESIDENT = 174_739_456;

    private final ObjectMapper json = new ObjectMapper();
    private final Path trace = CliRun.testdata().resolve("java-hot/hot.damson");

    @TempDir
    Path dir;

    private List<Double> column(String sql) throws Exception {
        List<Double> all = new ArrayList<>();
        JsonNode rows = json.readTree("["
                + CliRun.of("sql", trace, "--json", "-c", sql)
                        .expect(ExitCode.OK)
                        .out()
                        .strip()
                        .replace("\n", ",") + "]");
        for (JsonNode row : rows) {
            all.add(row.elements().next().asDouble());
        }
        return all;
    }

    private double wss(int percentile) throws Exception {
        JsonNode r = json.readTree(
                CliRun.of("report", "wss", trace, "--json").expect(ExitCode.OK).out());
        JsonNode bytes = r.at("/targets/0/by_size/" + percentile);
        assertTrue(bytes.isNumber(), r.toString());
        return bytes.asDouble();
    }

    private static double median(List<Double> ascending) {
        int n = ascending.size();
        return (ascending.get((n - 1) / 2) + ascending.get(n / 2)) / 2;
    }

    @Test
    void sqlCountsTheBytesThatReportWssCounts() throws Exception {
        List<Double> view = column("SELECT CAST(bytes AS DOUBLE) FROM wss ORDER BY bytes");
        List<Double> heat =
                column("SELECT CAST(sum(touched_bytes) AS DOUBLE) s FROM heat GROUP BY snapshot_id ORDER BY s");
        List<Double> byHeat =
                column("SELECT CAST(sum(bytes * percent / 100) AS DOUBLE) s FROM heat GROUP BY snapshot_id ORDER BY s");
        assertEquals(22, view.size());
        assertEquals(view, heat);
        for (int i = 0; i < view.size(); i++) {
            assertEquals(view.get(i), byHeat.get(i), 1 + view.get(i) * 1e-9);
        }
        assertEquals(wss(50), median(view), 1);
        assertEquals(wss(100), view.get(view.size() - 1));
        assertEquals(
                wss(50),
                column("SELECT CAST(bytes AS DOUBLE) FROM wss_percentile(50)").get(0));
        assertEquals(24.3 * MIB, wss(50), 0.1 * MIB);
    }

    @Test
    void whatIsHottestInSqlIsWhatWasTouched() throws Exception {
        // The heap mapping is first, with its 24 MiB and start-up, not with its 256 MiB.
        double hottest = column("SELECT mean_touched_bytes FROM hottest(1)").get(0);
        assertEquals(25 * MIB, hottest, 2 * MIB);
        for (double touched : column("SELECT touched_bytes FROM heat_by_mapping")) {
            assertTrue(touched <= MAX_RESIDENT);
        }
        for (double percent : column("SELECT percent FROM heat")) {
            assertTrue(percent >= 0 && percent <= 100);
        }
    }

    /** The lines for DuckDB of README.md, with a DuckDB of one's own. */
    @Test
    void theReadmesLinesCountTheSame() throws Exception {
        Matcher m = Pattern.compile("duckdb -c \"(.*)'stairs\\.damson/([^\"]*)\"")
                .matcher(Files.readString(Path.of("..", "README.md")));
        int lines = 0;
        while (m.find()) {
            List<Double> sizes = new ArrayList<>();
            try (Connection c = DriverManager.getConnection("jdbc:duckdb:");
                    Statement s = c.createStatement();
                    ResultSet r = s.executeQuery(m.group(1) + "'" + trace + "/" + m.group(2))) {
                while (r.next()) {
                    sizes.add(r.getDouble("wss"));
                }
            }
            Collections.sort(sizes);
            assertEquals(wss(50), median(sizes), 1);
            assertEquals(wss(100), sizes.get(sizes.size() - 1));
            lines++;
        }
        assertTrue(lines > 0, "README.md has such a line");
    }

    @Test
    void textAndJsonAdviseTheSame() throws Exception {
        for (Path t : List.of(trace, imported())) {
            String text = CliRun.of("advise", t).expect(ExitCode.OK).out();
            JsonNode all = json.readTree(
                    CliRun.of("advise", t, "--json").expect(ExitCode.OK).out());
            boolean gains = false;
            for (JsonNode a : all) {
                assertTrue(text.contains("- " + a.path("text").asText()), a.toString());
                if (a.has("gain")) {
                    gains = true;
                    assertTrue(
                            text.contains(
                                    "confidence: " + a.at("/gain/confidence").asText() + " ("),
                            a.toString());
                    assertTrue(text.contains("cost: " + a.at("/gain/cost").asText()), a.toString());
                    assertTrue(
                            a.at("/gain/done").asDouble()
                                    > a.at("/gain/nothing").asDouble(),
                            a.toString());
                }
            }
            assertEquals(gains, text.contains("Something can be gained"), text);
            assertEquals(!gains, text.contains("There is nothing to gain"), text);
        }
    }

    private Path imported() {
        Path t = dir.resolve("service.damson");
        CliRun.of("import", CliRun.testdata().resolve("service/tracefs.txt.gz"), "-o", t)
                .expect(ExitCode.OK);
        return t;
    }

    @Test
    void whatMappingsCannotTellIsRefusedWithItsReason() {
        for (String[] question : new String[][] {
            {"simulate", trace.toString(), "--scheme", "migrate_hot access=25%..max target_nid=0", "--fast-tier", "64M"
            },
            {"simulate", trace.toString(), "--sweep", "min_age=0s..5s/1s"}
        }) {
            String err = CliRun.of((Object[]) question).expect(ExitCode.INPUT).err();
            assertTrue(err.contains("mapping") && err.contains("record with kernel DAMON"), err);
        }
        CliRun run = CliRun.of("simulate", trace, "--scheme", "pageout access=0..0 age=5s..max")
                .expect(ExitCode.OK);
        assertFalse(run.out().contains("what was tried is exact"), run.out());
        assertTrue(run.out().contains("which part of one was touched is not recorded"), run.out());
    }
}
