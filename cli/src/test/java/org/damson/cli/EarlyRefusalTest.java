package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who cannot write its result does not work for minutes first: not even the trace is looked for. */
final class EarlyRefusalTest {
    @TempDir
    Path dir;

    private static final List<String> VERBS = List.of(
            "report heatmap TRACE -o OUT.png",
            "report wss TRACE -o OUT.csv",
            "report idle TRACE -o OUT.json",
            "report curves TRACE -o OUT.csv",
            "report timeline TRACE -o OUT.svg",
            "report html TRACE -o OUT.html",
            "compare TRACE TRACE -o OUT.png",
            "advise TRACE -o OUT.json",
            "simulate TRACE --scheme prcl -o OUT.json",
            "tune TRACE --scheme prcl --vary min_age=1s,2s -o OUT.json",
            "fleet report TRACE -o OUT.html",
            "fleet curves TRACE -o OUT.csv");

    private CliRun run(String verb, String trace, Path out) {
        List<Object> words = new ArrayList<>(Arrays.asList(verb.split(" ")));
        words.replaceAll(w -> w.equals("TRACE") ? trace : w.toString().startsWith("OUT") ? out : w);
        return CliRun.of(words.toArray());
    }

    @Test
    void aResultThatIsThereIsRefusedFirst() throws IOException {
        for (String verb : VERBS) {
            Path out = dir.resolve("out" + verb.substring(verb.indexOf("OUT") + 3));
            Files.writeString(out, "kept");
            CliRun run = run(verb, dir.resolve("none.damson").toString(), out).expect(ExitCode.USAGE);
            assertTrue(run.err().contains(out + " exists already; --force replaces it"), verb + ": " + run.err());
            assertEquals("kept", Files.readString(out));
        }
    }

    @Test
    void aDirectoryThatIsNotThereIsSaidFirst() {
        for (String verb : VERBS) {
            Path out = dir.resolve("absent/out" + verb.substring(verb.indexOf("OUT") + 3));
            CliRun run = run(verb, dir.resolve("none.damson").toString(), out);
            assertEquals(1, run.err().lines().count(), verb + ": " + run.err());
            assertTrue(run.err().contains(dir.resolve("absent").toString()), verb + ": " + run.err());
        }
    }
}
