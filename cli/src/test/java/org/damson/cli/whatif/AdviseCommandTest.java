package org.damson.cli.whatif;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AdviseCommandTest {
    @TempDir
    Path dir;

    /** A whole recording of what a plan touches, by the closed loop. */
    private Path record(int seed) throws Exception {
        Path plan = dir.resolve("plan.cfg");
        java.nio.file.Files.writeString(
                plan, "big, 64M\nhot, 4M\n\nload\n3000\nbig, 0, 4096, 1\n\nserve\n30000\nhot, 0, 4096, 1\n");
        Path trace = dir.resolve("run" + seed + ".damson");
        CliRun.of("simulate", "--truth", plan, "--record", trace, "--seed", seed, "--intervals", "10ms,200ms,1s")
                .expect(ExitCode.OK);
        return trace;
    }

    @Test
    void severalRecordingsAreJudgedTogether() throws Exception {
        Path a = record(1);
        Path b = record(2);
        String text = CliRun.of("advise", a, b).expect(ExitCode.OK).out();
        assertTrue(text.contains("run1.damson: The recording covers"), text);
        assertTrue(text.contains("the gain of 2 recordings is"), text);
        assertTrue(text.contains("    in " + a + ": ") || text.contains("    in run1.damson: "), text);
        JsonNode json = new ObjectMapper()
                .readTree(
                        CliRun.of("advise", a, b, "--json").expect(ExitCode.OK).out());
        int gains = 0;
        for (JsonNode one : json) {
            if (one.has("gain")) {
                assertEquals(2, one.get("gain").get("recordings").size(), one.toString());
                gains++;
            }
        }
        assertTrue(gains > 0, json.toString());
    }

    @Test
    void aTraceThatIsMissingIsNamed() throws Exception {
        CliRun none = CliRun.of("advise").expect(ExitCode.USAGE);
        assertTrue(none.err().contains("missing TRACE"), none.err());
        CliRun gone = CliRun.of("advise", record(1), dir.resolve("gone")).expect(ExitCode.INPUT);
        assertTrue(gone.err().contains("gone"), gone.err());
    }
}
