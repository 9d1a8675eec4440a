package org.damson.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.damson.cli.command.ExitCode;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sweep over many traces is the sum of what {@code simulate --sweep} says of each. */
final class FleetSweepTest {
    private static final long DAY_S = 1_795_996_800L;
    private static final List<String> GRID =
            List.of("--sweep", "min_age=0s..2s/250ms", "--sweep", "max_access=0,1,5,20", "--sweep", "min_size=0,2M,4M");

    @TempDir
    Path dir;

    /** One trace's CSV without its header: thresholds, then regions and bytes tried. */
    private static List<String> single(Path trace) {
        List<Object> words = new ArrayList<>(List.of("simulate", trace));
        words.addAll(GRID);
        return Damson.run(words.toArray())
                .expect(ExitCode.OK)
                .out()
                .lines()
                .skip(1)
                .toList();
    }

    private static Damson fleet(Object... more) {
        List<Object> words = new ArrayList<>(List.of("fleet", "sweep"));
        words.addAll(Arrays.asList(more));
        words.addAll(GRID);
        return Damson.run(words.toArray());
    }

    /** By service, intervals and thresholds: traces, regions, bytes. */
    private static void add(TreeMap<String, BigInteger[]> sums, String group, Path trace) {
        for (String line : single(trace)) {
            String[] cells = line.split(",");
            String key = group + "," + String.join(",", Arrays.copyOf(cells, 3));
            BigInteger[] sum = sums.computeIfAbsent(
                    key, k -> new BigInteger[] {BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO});
            sum[0] = sum[0].add(BigInteger.ONE);
            sum[1] = sum[1].add(new BigInteger(cells[3]));
            sum[2] = sum[2].add(new BigInteger(cells[4]));
        }
    }

    private Path trace(String service, String host, long aggrUs, long seed) throws Exception {
        Manifest m = Made.manifest(DAY_S);
        m.attrs = new MonitoringAttrs(5_000, aggrUs, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.RECORDED);
        return Made.trace(dir.resolve("fleet/service=" + service + "/host=" + host + "/t.damson"), m, 60, seed);
    }

    @Test
    void itIsTheSumOfTheSingleTraces() throws Exception {
        TreeMap<String, BigInteger[]> expected = new TreeMap<>();
        for (int i = 0; i < 6; i++) {
            add(expected, "web,5000,100000", trace("web", "w" + i, 100_000, i));
        }
        // One that counts ages in other intervals: two of its least ages are one.
        add(expected, "db,5000,500000", trace("db", "d1", 500_000, 7));
        add(expected, "db,5000,100000", trace("db", "d2", 100_000, 8));
        Path cut = trace("web", "w9", 100_000, 9);
        Files.delete(cut.resolve("regions-000000.parquet"));

        Path csv = dir.resolve("sweep.csv");
        Damson run = fleet(dir.resolve("fleet"), "--by", "service", "-o", csv).expect(ExitCode.PARTIAL);
        assertTrue(run.err().contains(cut + ": left out: "), run.err());
        TreeMap<String, BigInteger[]> found = new TreeMap<>();
        for (String line :
                Files.readAllLines(csv).subList(1, Files.readAllLines(csv).size())) {
            String[] c = line.split(",");
            found.put(
                    String.join(",", c[0], c[1], c[2], c[4], c[5], c[6]),
                    new BigInteger[] {new BigInteger(c[3]), new BigInteger(c[7]), new BigInteger(c[8])});
        }
        assertEquals(108 + 108 + 60, found.size(), "nine ages, four access counts, three sizes; five ages of 500 ms");
        assertEquals(expected.keySet(), found.keySet());
        expected.forEach((key, sum) -> assertEquals(Arrays.asList(sum), Arrays.asList(found.get(key)), key));
    }

    @Test
    void aSingleTraceAndEveryFormAgree() throws Exception {
        Path one = trace("web", "w1", 100_000, 1);
        Path csv = dir.resolve("sweep.csv");
        fleet(one, "-o", csv).expect(ExitCode.OK);
        List<String> rows = Files.readAllLines(csv);
        List<String> thresholds = rows.subList(1, rows.size()).stream()
                .map(r -> r.replaceFirst("5000,100000,1,", ""))
                .toList();
        assertEquals(single(one), thresholds);
        String last = rows.get(1);
        String json = fleet(one, "--json").expect(ExitCode.OK).out();
        assertTrue(json.contains("\"sz_tried_max\":" + last.substring(last.lastIndexOf(',') + 1) + "}"), json);
        assertTrue(fleet(one).expect(ExitCode.OK).out().contains("# what stat schemes without quota would have tried"));
        Path parquet = dir.resolve("sweep.parquet");
        fleet(one, "-o", parquet).expect(ExitCode.OK);
        try (Connection c = DriverManager.getConnection("jdbc:duckdb:");
                Statement s = c.createStatement();
                ResultSet r = s.executeQuery("SELECT sz_tried_max FROM '" + parquet
                        + "/*.parquet' ORDER BY min_age_aggrs," + " max_nr_accesses, min_size_bytes LIMIT 1")) {
            assertTrue(r.next());
            assertEquals(
                    last.substring(last.lastIndexOf(',') + 1),
                    r.getBigDecimal(1).toPlainString());
        }
    }

    @Test
    void whatCannotBeSweptOverIsRefused() throws Exception {
        Path one = trace("web", "w1", 100_000, 1);
        Damson.run("fleet", "sweep", one).expect(ExitCode.USAGE);
        Damson.run("fleet", "sweep", one, "--sweep", "max_age=1s").expect(ExitCode.USAGE);
        Damson.run("fleet", "sweep", one, "--sweep", "min_age=1s", "--sweep", "min_age=2s")
                .expect(ExitCode.USAGE);
        Damson many = Damson.run(
                        "fleet", "sweep", one, "--sweep", "min_age=0s..200s/1s", "--sweep", "min_size=0..1000/10")
                .expect(ExitCode.USAGE);
        assertTrue(many.err().contains("more than 10000 combinations"), many.err());
    }
}
