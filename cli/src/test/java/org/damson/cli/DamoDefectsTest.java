package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The rows of docs/COMING-FROM-DAMO.md on a small recording each. What damo 3.3.0 does stands in {@code expected.jsonl}, which
 * {@code testing/damo-defects.py} wrote by running it.
 */
final class DamoDefectsTest {
    private static final Path DEFECTS = CliRun.testdata().resolve("damo/defects");
    private static final Map<String, String> NAMES = Map.of("nr_regions", "regions", "record_info", "guide");

    /** The right answers where damo fails or misreads, by row and recording. */
    private static final Map<String, String> RIGHT = Map.of(
            "8 lost.txt", wss("4.000 KiB", "4.000 KiB", "4.000 KiB", "4.000 KiB", "4.000 KiB"),
            "9 kdamonds.txt", wss("12.000 KiB", "12.000 KiB", "12.000 KiB", "12.000 KiB", "12.000 KiB"),
            "9 interleaved.txt", wss("16.000 KiB", "16.000 KiB", "16.000 KiB", "16.000 KiB", "16.000 KiB"),
            "10 name.txt", wss("4.000 KiB", "4.000 KiB", "4.000 KiB", "4.000 KiB", "4.000 KiB"),
            // The target of one snapshot is added by rank (row 3).
            "11 one-then-more.txt", wss("9.000 KiB", "12.000 KiB", "8.000 KiB", "8.000 KiB", "8.000 KiB"),
            "12 plain.json",
                    wss(
                            "4.000 MiB",
                            Stream.generate(() -> "4.000 MiB").limit(10).toArray(String[]::new)),
            "13 converted.txt", wss("8.000 MiB", "4.000 MiB", "8.000 MiB", "12.000 MiB"),
            "22 snapshots.damo", "# <percentile> <# regions>\n" + "# target_id\t0\n# no snapshot\n".repeat(3),
            "31 empty-cpu.txt", wss("4.000 KiB", "4.000 KiB", "4.000 KiB", "4.000 KiB", "4.000 KiB"));

    /** What is said on standard error there, after "damo 3.3.0"; one line. */
    private static final Map<String, String> SAID = Map.of(
            "2 ages.damo", "fails to draw a heatmap of one row",
            "9 kdamonds.txt", "does not tell kdamonds apart",
            "9 interleaved.txt", "does not tell kdamonds apart",
            "10 name.txt", "does not see 4 events",
            "11 one-then-more.txt", "knows no start of target 0, which has one snapshot",
            "12 plain.json", "does not take this for JSON",
            "13 converted.txt", "reads the marks by which it tells how long a snapshot took as snapshots",
            "22 snapshots.damo", "fails where it leaves out all snapshots",
            "31 empty-cpu.txt", "fails on line 1, which it takes for an event");

    @TempDir
    Path dir;

    private static String wss(String mean, String... each) {
        StringBuilder b = new StringBuilder("# target_id\t0\n# <percentile> <wss>\n# avr:\t" + mean + "\n");
        for (int i = 0; i < each.length; i++) {
            b.append(i).append(' ').append(each[i]).append('\n');
        }
        return b.toString();
    }

    private static List<JsonNode> runs() throws IOException {
        List<JsonNode> runs = new ArrayList<>();
        for (String line : Files.readAllLines(DEFECTS.resolve("expected.jsonl"))) {
            runs.add(new ObjectMapper().readTree(line));
        }
        return runs;
    }

    private static CliRun report(String name, String recording, Object... options) {
        List<Object> args = new ArrayList<>(List.of("report", name, DEFECTS.resolve(recording)));
        args.addAll(Arrays.asList(options));
        boolean isPartial = recording.equals("lost.txt") && !args.contains("--damo-compat");
        return CliRun.of(args.toArray()).expect(isPartial ? ExitCode.PARTIAL : ExitCode.OK);
    }

    private static CliRun compat(JsonNode run) {
        assertEquals("3.3.0", run.get("damo").asText());
        List<Object> options = new ArrayList<>(List.of("--damo-compat"));
        String report = run.get("report").asText();
        for (JsonNode option : run.get("options")) {
            // damo's way to say that a report has a recording.
            if (!(report.equals("times") && option.asText().equals("none"))) {
                options.add(option.asText());
            }
        }
        return report(NAMES.getOrDefault(report, report), run.get("recording").asText(), options.toArray());
    }

    private static String key(JsonNode run) {
        return run.get("row").asInt() + " " + run.get("recording").asText();
    }

    @TestFactory
    Stream<DynamicTest> compatReproducesOrAnswers() throws IOException {
        List<JsonNode> runs = runs();
        assertEquals(
                "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 26, 27, 29, 30, 31, 32]",
                runs.stream()
                        .map(r -> r.get("row").asInt())
                        .collect(Collectors.toCollection(TreeSet::new))
                        .toString());
        return runs.stream()
                .map(run -> DynamicTest.dynamicTest(
                        "row " + key(run) + " " + run.get("report").asText() + " " + run.get("options"), () -> {
                            CliRun ours = compat(run);
                            boolean differs = RIGHT.containsKey(key(run)) || run.has("fails");
                            said(ours, differs ? SAID.get(key(run)) : null);
                            if (RIGHT.containsKey(key(run))) {
                                assertNotEquals(
                                        RIGHT.get(key(run)), run.path("stdout").asText(), "damo is right here");
                                assertEquals(RIGHT.get(key(run)), ours.out());
                            } else if (run.has("fails")) {
                                // Row 2: a heatmap of one row.
                                assertTrue(ours.out().contains("# resolution: 4x1 (1024.000 KiB and 1 s"), ours.out());
                            } else {
                                assertEquals(run.get("stdout").asText(), ours.out());
                            }
                        }));
    }

    /** One line about damo where it does not give the right answer, none where it does. */
    private static void said(CliRun run, String line) {
        List<String> lines =
                run.err().lines().filter(l -> l.contains("damo 3.3.0")).toList();
        assertEquals(line == null ? 0 : 1, lines.size(), run.err());
        assertTrue(line == null || lines.get(0).startsWith("damo 3.3.0 " + line), run.err());
    }

    /** What is printed instead without --damo-compat; row, report, recording, options, and what is in it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "1; heatmap; ages.damo; --output raw --resol 1 1; 0\t0\t200.0",
                "2; heatmap; ages.damo; --cols 4 --rows 1; 9999",
                "2; heatmap; width.damo; --resol 2 8; 99000000",
                "2; heatmap; ages.damo; --resol 1 4; '# resolution: 4x1'",
                "3; wss; turns.damo; ; '# all targets: 4 snapshots, mean 10 MiB'",
                "5; wss; snapshots.damo; ; '# target 0: 3 snapshots, mean 8 MiB'",
                "6; access; passed.damo; --raw-number --format append region |<filters~passed~bytes>; |1397751",
                "7; access; tuned-sampling.damo; --style detailed; access 12 hz",
                "14; guide; address-zero.damo; ; 0x0 - 0x300000",
                "15; guide; gap.damo; ; 0x1000000 - 0x1c00000",
                "16; access; percent.damo; --format append region |<access~rate>; |4.75 %",
                "16; access; percent.damo; --style recency-percentiles; 100  0 ns",
                "18; access; width.damo; --sz-region 5M max --total-sz-only; 8.000 MiB",
                "22; regions; snapshots.damo; ; 100\t1",
                "26; access; width.damo; --format append region |<temperature>; |-6,000,000,000",
                "27; access; tuned.damo; ; age 1.200 s",
                "30; heatmap; touch.damo; --output raw --resol 1 4 --address-range 16M 32M; 0\t4194304\tNaN",
            })
    void withoutItTheNumbersAreRight(int row, String report, String recording, String options, String expected) {
        Object[] words = options == null
                ? new Object[0]
                : Arrays.stream(options.split(" "))
                        .map(w -> w.replace('~', ' '))
                        .toArray();
        String out = report(report, recording, words).out();
        assertTrue(out.contains(expected), out);
    }

    @Test
    void aLossIsSaidOnStandardError() {
        for (String option : new String[] {"--damo-compat", "--json"}) {
            String err = report("wss", "lost.txt", option).err();
            assertEquals(
                    1,
                    err.lines()
                            .filter(l -> l.contains(": events or regions missing: 1"))
                            .count(),
                    err);
        }
    }

    @Test
    void ageIsInSecondsAndDamosIsNot() {
        assertTrue(CliRun.of("report", "access", DEFECTS.resolve("ages.damo"), "--age", "1", "max")
                .out()
                .lines()
                .noneMatch(l -> l.startsWith("0 ")));
    }

    @Test
    void aSnapshotsHeatmapHasTheColumnsAskedFor() {
        for (String option : new String[] {"--damo-compat", "--raw-number"}) {
            String line = report("access", "width.damo", option)
                    .out()
                    .lines()
                    .filter(l -> l.startsWith("heatmap: "))
                    .findFirst()
                    .orElseThrow()
                    .replaceAll("\u001b\\[[0-9;]*m", "");
            assertEquals(option.equals("--damo-compat") ? 81 : 80, line.length() - "heatmap: ".length(), line);
        }
    }

    @Test
    void aggregationKeepsTheTailAndCountsPercentagesAgain() {
        Path aggregated = dir.resolve("a.damson");
        CliRun.of("slice", DEFECTS.resolve("halves.damo"), "--aggregate", "200ms", "-o", aggregated)
                .expect(ExitCode.OK);
        String rates = CliRun.of("report", "access", aggregated, "--format", "append", "region", "|<access rate>")
                .expect(ExitCode.OK)
                .out();
        assertEquals(
                2,
                rates.lines()
                        .filter(l -> l.startsWith("0 ") && l.contains("|25 %"))
                        .count(),
                rates);
        Path tail = dir.resolve("t.damson");
        CliRun.of("slice", DEFECTS.resolve("ages.damo"), "--aggregate", "300ms", "-o", tail)
                .expect(ExitCode.OK);
        assertTrue(CliRun.of("info", tail).expect(ExitCode.OK).out().contains("Snapshots:   4 over"));
    }

    @Test
    void rawFormIsPrintedAndTheCommandThatCrashesIsNotThere() {
        assertTrue(report("access", "ages.damo", "--raw-form", "--damo-compat")
                .out()
                .contains("000001000000-000001400000"));
        CliRun.of("args", "accesses_format").expect(ExitCode.USAGE);
    }
}
