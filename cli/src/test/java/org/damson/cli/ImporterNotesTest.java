package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever reads another tool's recording hears what of it was left out, whatever the verb. */
final class ImporterNotesTest {
    private static final Path RECORDING = CliRun.testdata().resolve("damo/defects/lost.txt");

    @TempDir
    Path dir;

    private List<String> expected() throws Exception {
        CliRun imported = CliRun.of("import", RECORDING, "-o", dir.resolve("expected.damson"), "--json");
        List<String> lines = new ArrayList<>();
        for (JsonNode note : new ObjectMapper().readTree(imported.outBytes()).get("notes")) {
            lines.add("note: " + RECORDING + ": " + note.asText());
        }
        assertFalse(lines.isEmpty());
        return lines;
    }

    private static List<String> said(CliRun run) {
        return run.err()
                .lines()
                .filter(l -> l.startsWith("note: " + RECORDING + ": "))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "import FILE -o NEW",
                "info FILE",
                "dump FILE --table losses",
                "slice FILE -o NEW",
                "merge FILE FILE -o NEW",
                "export FILE --to csv --output NEW",
                "compare FILE FILE",
                "sql FILE -c 'SELECT 1'",
                "report wss FILE",
                "report wss FILE --json",
                "report wss FILE --damo-compat",
                "report heatmap FILE",
                "report access FILE",
                "simulate FILE --scheme prcl",
                "tune FILE --scheme prcl --vary min_age=0s..2s/1s",
                "advise FILE",
            })
    void everyVerbSaysTheSame(String command) throws Exception {
        Object[] words = Arrays.stream(command.split(" (?=([^']*'[^']*')*[^']*$)"))
                .map(w ->
                        w.equals("FILE") ? RECORDING : w.equals("NEW") ? dir.resolve("new.damson") : w.replace("'", ""))
                .toArray();
        assertEquals(expected(), said(CliRun.of(words)), command);
    }

    @Test
    void targetsOfTwoKdamondsAreTwoWhateverTheirIds() throws Exception {
        Path recording = CliRun.testdata().resolve("readers/two-kdamonds-tgid.txt");
        assertEquals(
                "Targets:     2: 0, 0 of kdamond 1 context 0",
                CliRun.of("info", recording)
                        .out()
                        .lines()
                        .filter(l -> l.startsWith("Targets:"))
                        .findFirst()
                        .orElseThrow());
        JsonNode json = new ObjectMapper()
                .readTree(CliRun.of("info", recording, "--json").outBytes());
        assertEquals("[\"0\",\"0\"]", json.get("targets").toString());
    }

    @Test
    void quietLeavesTheReasonOfTheExitCode() {
        assertEquals(
                "damson: lost: damon_aggregated: 1 regions missing from a snapshot\n",
                CliRun.of("report", "wss", RECORDING, "--quiet")
                        .expect(ExitCode.PARTIAL)
                        .err());
    }

    @Test
    void ofIntervalsNothingIsSaidWhereThereIsNoMemory() {
        Path trace = dir.resolve("stacks.damson");
        CliRun.of("import", CliRun.testdata().resolve("stairs-perf/cpu.perf.script.gz"), "-o", trace)
                .expect(ExitCode.OK);
        CliRun run = CliRun.of("report", "timeline", trace).expect(ExitCode.OK);
        assertFalse(run.err().contains("intervals"), run.err());
    }
}
