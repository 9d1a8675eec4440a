package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.damson.analyzer.heatmap.Heatmap;
import org.damson.analyzer.heatmap.HeatmapOptions;
import org.damson.analyzer.heatmap.HeatmapResult;
import org.damson.analyzer.render.picture.HeatmapPicture;
import org.damson.analyzer.render.picture.PictureForm;
import org.damson.cli.command.ExitCode;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.summary.HeatCells;
import org.damson.model.summary.HeatSums;
import org.damson.trace.Traces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What reports answer from the sums that a trace keeps is what they answer from its rows, byte for byte. */
final class SummedAnswersTest {
    private static final String REFUSED = "its rows are read instead";

    @TempDir
    Path dir;

    private Path write(String name, Random random, int regions) throws IOException {
        return SummedOrNot.write(dir.resolve("sums").resolve(name), random, regions);
    }

    private Path withoutSums(Path from) throws IOException {
        return SummedOrNot.withoutSums(from, dir.resolve("rows").resolve(from.getFileName()));
    }

    private static List<String> words(String line) {
        return new ArrayList<>(Arrays.asList(line.split(" ")));
    }

    /** A random question, and whether sums answer it. */
    private static List<String> question(Random random) {
        String[] reports = {
            "report wss",
            "report wss --by-time",
            "report wss --percentiles 1,33,50,77",
            "report wss --min-accesses 2",
            "report wss --min-size 8K",
            "report wss --target 0",
            "report wss --time 0.5s..2s",
            "report wss --snapshots 3..9",
            "report wss --address 0x550000000000..0x550000100000",
            "report guide",
            "report guide --time 0s..1s",
            "report heatmap",
            "report heatmap --cols 4 --rows 3",
            "report heatmap --cols 3 --rows 2 --scope all",
            "report heatmap --cols 5 --rows 2 --scope hottest",
            "report heatmap --cols 9 --rows 9 --time 0s..1s",
            "report timeline",
            "report footprint",
            "report sizing",
            "report regions",
            "report phases",
            "report curves",
            "report bounds",
            "report idle",
            "report idle",
            "report idle --time 0s..1s",
            "report idle --target 0",
            "report windows --target 1",
            "report guide --target 1",
            "report heatmap --cols 4 --rows 3 --target 0",
            "report windows",
            "report windows",
            "report windows --snapshots 3..9",
            "report objects",
            "report matrix",
            "report compare",
            "report regions",
            "top --once"
        };
        List<String> words = words(reports[random.nextInt(reports.length)]);
        if (random.nextBoolean()) {
            words.add("--json");
        }
        return words;
    }

    private static CliRun ask(List<String> question, Path trace) {
        List<Object> args = new ArrayList<>(question);
        args.add(trace);
        if (question.contains("compare")) {
            args.add(trace);
        }
        return CliRun.of(args.toArray());
    }

    @Test
    void reportsFromSumsAreThoseFromRows() throws IOException {
        Random random = new Random(7);
        int answered = 0;
        int refused = 0;
        for (int round = 0; round < 200; round++) {
            Path sums = write("t" + round + ".damson", random, round % 20 == 19 ? 400 : 25);
            Path rows = withoutSums(sums);
            List<String> question = question(random);
            CliRun want = ask(question, rows);
            CliRun got = ask(question, sums);
            assertEquals(want.exit(), got.exit(), question + " " + got.err());
            assertEquals(
                    want.out().replace(rows.toString(), ""),
                    got.out().replace(sums.toString(), ""),
                    question.toString());
            assertFalse(got.err().contains(REFUSED), got.err());
            answered += want.exit() == ExitCode.OK ? 1 : 0;
            refused += want.err().contains(REFUSED) ? 1 : 0;
        }
        assertTrue(answered > 150, answered + " answers");
        assertTrue(refused > 50, refused + " of them might have been from sums");
    }

    /** The heatmap of a long trace is drawn from cells that it keeps. */
    @Test
    void heatmapsOfLongTracesAreThoseFromRows() throws IOException {
        Path sums = write("long.damson", new Random(3), 800);
        Path rows = withoutSums(sums);
        try (TraceSource trace = Traces.open(sums)) {
            assertTrue(trace.isKept(Table.HEAT_CELLS));
        }
        for (String question : List.of(
                "report heatmap --cols 4 --rows 3 --json",
                "report heatmap --cols 4 --rows 3 --output -",
                "report heatmap --cols 5 --rows 4 --scope hottest --json",
                "report heatmap --cols 3 --rows 3 --scope all --json",
                "report guide --json")) {
            CliRun want = ask(words(question), rows);
            CliRun got = ask(words(question), sums);
            assertArrayEquals(want.outBytes(), got.outBytes(), question);
            assertTrue(want.err().contains(REFUSED), question + want.err());
            assertFalse(got.err().contains(REFUSED), question + got.err());
        }
    }

    /** One target of several has sums of its own, and is drawn in the cells of its trace. */
    @Test
    void oneTargetOfSeveralIsAnsweredFromSums() throws IOException {
        int ofTheSecond = 0;
        for (int seed = 1; seed <= 6; seed++) {
            Path sums = write("o" + seed + ".damson", new Random(seed), 500);
            Path rows = withoutSums(sums);
            for (String question : List.of(
                    "report idle",
                    "report windows --json",
                    "report guide --json",
                    "report heatmap --cols 4 --rows 3 --json",
                    "report heatmap --cols 3 --rows 3 --scope all --output -")) {
                for (String target : List.of("0", "1")) {
                    List<String> words = words(question + " --target " + target);
                    CliRun want = ask(words, rows);
                    CliRun got = ask(words, sums);
                    assertEquals(want.exit(), got.exit(), words.toString());
                    assertEquals(
                            want.out().replace(rows.toString(), ""),
                            got.out().replace(sums.toString(), ""),
                            seed + " " + words);
                    assertFalse(got.err().contains(REFUSED), words + got.err());
                    if (want.exit() == ExitCode.OK) {
                        assertTrue(want.err().contains(REFUSED), words + want.err());
                        ofTheSecond += target.equals("1") ? 1 : 0;
                    }
                }
            }
        }
        assertTrue(ofTheSecond >= 10, ofTheSecond + " answers about a second target");
    }

    /** A picture whose size nobody gave is drawn in the cells of a long trace, each as large as it is. */
    @Test
    void picturesInCellsOfTheTraceAreThoseFromRows() throws IOException {
        int inCells = 0;
        for (int seed = 1; seed <= 6; seed++) {
            Path sums = write("p" + seed + ".damson", new Random(seed), 800);
            Path rows = withoutSums(sums);
            for (HeatmapOptions.Scope scope : HeatmapOptions.Scope.values()) {
                HeatmapOptions options = new HeatmapOptions(8, 4, scope, true);
                try (TraceSource kept = Traces.open(sums);
                        TraceSource read = Traces.open(rows)) {
                    HeatmapResult got = Heatmap.compute(kept, TraceQuery.ALL, options);
                    assertArrayEquals(
                            svg(Heatmap.compute(read, TraceQuery.ALL, options)), svg(got), seed + " " + scope);
                    HeatCells cells = HeatSums.readCells(kept);
                    if (got.times() != null) {
                        assertEquals(cells.cols(), got.cols());
                        assertEquals(1L << cells.colShift(), got.times()[2] - got.times()[1]);
                        inCells++;
                    }
                }
            }
        }
        assertTrue(inCells >= 2, inCells + " pictures in cells");
    }

    private static byte[] svg(HeatmapResult map) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        HeatmapPicture.write(map, "t", PictureForm.SVG, out);
        return out.toByteArray();
    }

    @Test
    void aDamagedSumNeverChangesAReport() throws IOException {
        Random random = new Random(9);
        Path whole = write("t.damson", random, 500);
        List<String> questions = List.of(
                "report wss --json",
                "report heatmap --cols 4 --rows 3 --json",
                "report idle",
                "report idle --json",
                "report windows");
        List<String> answers = new ArrayList<>();
        for (String question : questions) {
            answers.add(ask(words(question), whole).expect(ExitCode.OK).out());
        }
        for (String table : List.of("snapshots", "heat_areas", "heat_cells", "target_sums", "idle_series")) {
            Path file;
            try (Stream<Path> files = Files.list(whole)) {
                file = files.filter(f -> f.getFileName().toString().startsWith(table + "-"))
                        .findFirst()
                        .orElseThrow();
            }
            byte[] right = Files.readAllBytes(file);
            for (int round = 0; round < 10; round++) {
                byte[] wrong = right.clone();
                wrong[random.nextInt(wrong.length)] ^= (byte) (1 << random.nextInt(8));
                Files.write(file, wrong);
                for (int i = 0; i < questions.size(); i++) {
                    CliRun run = ask(words(questions.get(i)), whole);
                    // Either the same, or one clear line and no report.
                    if (run.exit() == ExitCode.OK) {
                        assertEquals(answers.get(i), run.out(), table);
                    } else {
                        assertEquals(ExitCode.INPUT, run.exit(), run.err());
                        List<String> said = run.err().lines().toList();
                        assertTrue(said.get(said.size() - 1).startsWith("damson: "), run.err());
                        assertTrue(
                                said.stream().limit(said.size() - 1).allMatch(l -> l.startsWith("note: ")), run.err());
                    }
                }
            }
            Files.write(file, right);
        }
    }

    @Test
    void theViewOfWorkingSetsIsThatOfRows() throws IOException {
        Random random = new Random(11);
        for (int round = 0; round < 4; round++) {
            Path sums = write("v" + round + ".damson", random, 40);
            String question = "SELECT snapshot_id, target, at_s, bytes FROM wss ORDER BY snapshot_id";
            String want = CliRun.of("sql", withoutSums(sums), "--csv", "-c", question)
                    .expect(ExitCode.OK)
                    .out();
            assertEquals(
                    want,
                    CliRun.of("sql", sums, "--csv", "-c", question)
                            .expect(ExitCode.OK)
                            .out());
            assertTrue(want.lines().count() > 10, want);
        }
    }

    /** Views over cells and totals say what the regions say. */
    @Test
    void theViewsOfCellsAndTotalsAreThoseOfRows() throws IOException {
        Path sums = write("cells.damson", new Random(4), 500);
        String cells = sql(
                sums,
                "SELECT sum(percent * w) / sum(w) FROM (SELECT percent, covered * (to_s - from_s) * (\"end\" - start) AS w"
                        + " FROM heat_in_cells)");
        String regions = sql(
                sums, "SELECT sum(percent * duration_s * bytes) / sum(duration_s * bytes) FROM heat WHERE bytes > 0");
        double want = Double.parseDouble(regions);
        assertTrue(want > 1, regions);
        assertEquals(want, Double.parseDouble(cells), want * 1e-6);
        String totals = sql(
                sums,
                "SELECT CAST(round(mean_bytes) AS BIGINT) FROM idle_in_total WHERE target = 0"
                        + " AND mean_bytes > 0 ORDER BY idle_at_least_s");
        List<String> told = Arrays.stream(CliRun.of("report", "idle", sums, "--json")
                        .expect(ExitCode.OK)
                        .out()
                        .split("\"coldness\"")[1]
                        .split("\"before\"")[0]
                        .split("\\{"))
                .filter(row -> row.contains("\"target 0"))
                .map(row -> row.replaceAll("(?s).*\"mean_bytes\"\\s*:\\s*(\\d+).*", "$1"))
                .toList();
        assertEquals(String.join("\n", told), totals);
        assertTrue(told.size() > 1, told.toString());
        // Sums of other rows are in no table, and that is said.
        CliRun none = CliRun.of("sql", withoutSums(sums), "--csv", "-c", "SELECT count(*) FROM heat_cells, target_sums")
                .expect(ExitCode.OK);
        assertEquals("0", none.out().lines().skip(1).findFirst().orElseThrow());
        assertTrue(none.err().contains(REFUSED), none.err());
    }

    private static String sql(Path trace, String question) {
        return CliRun.of("sql", trace, "--csv", "-c", question)
                .expect(ExitCode.OK)
                .out()
                .lines()
                .skip(1)
                .collect(Collectors.joining("\n"));
    }

    @Test
    void indexAddsSumsToABundleInItsPlace() throws IOException {
        Path rows = withoutSums(write("t.damson", new Random(2), 400));
        Path zip = dir.resolve("t.damson.zip");
        CliRun.of("bundle", rows, "-o", zip).expect(ExitCode.OK);
        String before =
                CliRun.of("report", "idle", zip, "--json").expect(ExitCode.OK).out();
        CliRun run = CliRun.of("index", zip, "--curves").expect(ExitCode.OK);
        assertTrue(run.err().contains("added sums to " + zip), run.err());
        CliRun.of("verify", zip).expect(ExitCode.OK);
        assertEquals(
                before,
                CliRun.of("report", "idle", zip, "--json").expect(ExitCode.OK).out());
        try (TraceSource trace = Traces.open(zip)) {
            assertTrue(trace.isKept(Table.SNAPSHOTS) && trace.isKept(Table.CURVES));
        }
        try (Stream<Path> left = Files.list(dir)) {
            assertEquals(
                    List.of("rows", "sums", "t.damson.zip"),
                    left.map(p -> p.getFileName().toString()).sorted().toList());
        }
        assertTrue(CliRun.of("index", zip).err().contains("already has its sums"));
        // What is damaged is not made to look whole.
        byte[] bytes = Files.readAllBytes(zip);
        Files.write(zip, Arrays.copyOf(bytes, bytes.length / 2));
        CliRun.of("index", zip).expect(ExitCode.INPUT);
        assertEquals(bytes.length / 2, Files.size(zip));
    }

    @Test
    void indexAddsSumsOnceAndRefusesWhatIsNoTraceDirectory() throws IOException {
        Path path = withoutSums(write("t.damson", new Random(1), 60));
        CliRun first = CliRun.of("index", path).expect(ExitCode.OK);
        assertTrue(first.err().contains("added sums to"), first.err());
        CliRun second = CliRun.of("index", path, "--json").expect(ExitCode.OK);
        assertTrue(second.out().contains("\"indexed\""), second.out());
        assertTrue(second.err().contains("already has its sums"), second.err());
        CliRun.of("verify", path).expect(ExitCode.OK);
        Path zip = dir.resolve("t.damson.zip");
        CliRun.of("bundle", path, "-o", zip).expect(ExitCode.OK);
        CliRun bundle = CliRun.of("index", zip).expect(ExitCode.OK);
        assertTrue(bundle.err().contains("already has its sums"), bundle.err());
        CliRun.of("index", dir.resolve("none.damson")).expect(ExitCode.INPUT);
    }
}
