package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What rests on a recording of which something is missing ends with 5 where it would have ended with 0, whatever reads it. */
final class PartialInputTest {
    @TempDir
    Path dir;

    /** As it comes, cut off in the middle of what it is packed in. */
    private Path cut;

    /** What import makes of it. */
    private Path trace;

    @BeforeEach
    void cutsARecording() throws IOException {
        byte[] all = Files.readAllBytes(CliRun.testdata().resolve("stairs/tracefs.txt.gz"));
        cut = Files.write(dir.resolve("cut.txt.gz"), Arrays.copyOf(all, all.length / 2));
        trace = dir.resolve("cut.damson");
        CliRun.of("import", cut, "-o", trace, "--intervals", "5ms,100ms").expect(ExitCode.PARTIAL);
    }

    private CliRun run(String command, Path input) {
        List<Object> words = new ArrayList<>();
        for (String word : command.split(" ")) {
            boolean isOutput = word.startsWith("OUT");
            words.add(
                    word.equals("TRACE")
                            ? input
                            : isOutput ? dir.resolve(input.getFileName() + word.substring(3)) : word);
        }
        return CliRun.of(words.toArray());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "report wss TRACE",
                "report wss TRACE --json",
                "report heatmap TRACE",
                "report heatmap TRACE -o OUT.png",
                "report access TRACE",
                "report idle TRACE",
                "report guide TRACE",
                "report regions TRACE",
                "report objects TRACE -o OUT.csv",
                "report timeline TRACE",
                "report html TRACE -o OUT.html",
                "report curves TRACE",
                "report matrix TRACE",
                "report holistic TRACE",
                "report times TRACE",
                "report trace TRACE",
                "report damon TRACE",
                "sql TRACE -c select(42)",
                "export TRACE --to csv",
                "export TRACE --to damo-json",
                "export TRACE --to perf-script",
                "simulate TRACE --scheme prcl",
                "compare TRACE TRACE",
                "replay TRACE --plan-only",
            })
    void anAnswerIsPartial(String command) {
        for (Path input : List.of(trace, cut)) {
            run(command, input).expect(ExitCode.PARTIAL);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "info TRACE",
                "info TRACE --json",
                "dump TRACE --table losses",
                "slice TRACE --time 0s..1s -o OUT.part",
                "bundle TRACE -o OUT.zip",
                "bundle TRACE --redact -o OUT.redacted.zip"
            })
    void whatCarriesLossesIsPartialOnlyWhereItImports(String command) {
        run(command, trace).expect(ExitCode.OK);
        run(command, cut).expect(ExitCode.PARTIAL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"report wss TRACE -q", "sql TRACE -q -c select(42)", "import CUT -q -o OUT.again --force"})
    void quietSaysInALineWhatIsPartial(String command) {
        CliRun run = run(command.replace("CUT", cut.toString()), trace).expect(ExitCode.PARTIAL);
        assertEquals(1, run.err().lines().count(), run.err());
        assertTrue(run.err().matches("damson: .*(lost|LOST).*\\R"), run.err());
    }

    @Test
    void quietSaysThatNothingWasRecorded() {
        CliRun run = CliRun.of("record", "-q", "--tlb-flush", "never", "-o", dir.resolve("e"), "--", "/bin/true");
        run.expect(ExitCode.PARTIAL);
        assertTrue(run.err().matches("damson: the command ended before .* the trace is empty\\R"), run.err());
    }

    @Test
    void aWholeRecordingAndAVerdictKeepTheirCodes() throws IOException {
        Path first = dir.resolve("first.damson");
        CliRun.of("slice", trace, "--time", "0s..5s", "-o", first).expect(ExitCode.OK);
        CliRun ofPart = run("report wss TRACE", first).expect(ExitCode.OK);
        assertFalse(ofPart.err().contains("lost:"), ofPart.err());
        run("verify TRACE", trace).expect(ExitCode.OK);
        CliRun different = CliRun.of("compare", trace, CliRun.testdata().resolve("zigzag-damo/damon.data"));
        assertEquals(ExitCode.FINDINGS, different.exit(), different.out());
    }
}
