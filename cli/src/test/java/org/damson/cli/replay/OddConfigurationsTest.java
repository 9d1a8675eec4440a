package org.damson.cli.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Configurations as masim ships them, and odd ones: what the generator reads the model reads, and what it refuses is refused there. */
final class OddConfigurationsTest {
    @TempDir
    Path dir;

    private Path config(String text) throws IOException {
        return Files.write(dir.resolve("c.cfg"), text.replace("|", "\n").getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // 100mb.cfg, default and mem_perf.cfg of masim, in short
                "#regions|# name, length|a, 1000000||# phase 1|# name of phase|huge phase 1|# time in ms|500|# access patterns|"
                        + "# name of region, randomness, stride, probability|a, 1, 64, 80|",
                "#regions|a, 256, none|b, 64, none|c, 128, none||# phase 1|example phase 1|100|a, 1, 64, 80, wo||# phase 2|"
                        + "example phase 2|100|c, 1, 64, 50, ro|b, 0, 4096, 50, rw|",
                "l1, 32768|l3, 47185920||# Phase 1|Warmup phase|100|l1, 0, 64, 1|l3, 0, 64,1||# Phase 2|L1$ seq perf|200|l1, 0, 64, 1|"
                        + "|# Phase 3|  1 GiB seq perf|200|l3, 0, 64, 1|",
                "a, 4096|# between regions|b, 8K # behind one|  # after blanks||p|10|# between patterns|a,0,4096,1|\t# and this|b,0,4K,1",
                "\ufeffa, 4096||p|10|a,0,4096,1",
                "a, 4096\r||p\r|10\r|a,0,4096,1\r|",
                "||a#b, 64 KiB||||p #1|10|a#b,0,4096,1|||",
                "a, 4096, none, at 0x200000000000, small||p|10|a,7,1,4294967295,ro|",
                "a, 2m||p|10|a,00,2147483648,1,rw,4K..1M|",
                "a, 4096||p|10||q|0|a,0,64,0|",
            })
    void whatTheGeneratorReadsTheModelReads(String text) throws IOException {
        Path config = config(text);
        CliRun.of("generate", config, "--check").expect(ExitCode.OK);
        CliRun.of("simulate", "--truth", config, "--record", dir.resolve("r.damson"))
                .expect(ExitCode.OK);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a, 0x1000||p|10|a,0,4096,1|",
                "a, 1e6||p|10|a,0,4096,1|",
                "a, 1.5M||p|10|a,0,4096,1|",
                "a, max||p|10|a,0,4096,1|",
                "a, -4096||p|10|a,0,4096,1|",
                "a, 0||p|10|a,0,4096,1|",
                "a||p|10|a,0,4096,1|",
                ", 4096||p|10|a,0,4096,1|",
                "a, 4096|a, 4096||p|10|a,0,4096,1|",
                "a, 4096||10|a,0,4096,1|",
                "a, 4096||p|4294967296|a,0,4096,1|",
                "a, 4096||p|10|b,0,4096,1|",
                "a, 4096||p|10|a,0,0x40,1|",
                "a, 4096||p|10|a,0,0,1|",
                "a, 4096||p|10|a,-1,64,1|",
                "a, 4096||p|10|a,0,64,4294967296|",
                "a, 4096||p|10|a,0,64,1,w|",
                "a, 4096||p|10|a,0,64,1,wo,1K..2K|",
                "a, 4096||p|10|a,0,64,1,wo,0..4K,x|",
                "a, 4096|p|10|a,0,64,1|",
                "",
            })
    void whatTheGeneratorRefusesTheModelRefuses(String text) throws IOException {
        Path config = config(text);
        for (CliRun run : new CliRun[] {
            CliRun.of("generate", config, "--check"),
            CliRun.of("simulate", "--truth", config, "--record", dir.resolve("r.damson"))
        }) {
            assertEquals(ExitCode.INPUT, run.exit(), run.err());
            assertEquals(1, run.err().lines().count(), run.err());
            assertTrue(run.err().contains("c.cfg"), run.err());
        }
    }

    /** As of a plan: it is the machine that has less, and the input is valid. */
    @Test
    void moreMemoryThanThereIsIsNoFaultOfTheConfiguration() throws IOException {
        Path config = config("a, 1M|b, 60T||p|10|a,0,4096,1|");
        CliRun.of("generate", config, "--check").expect(ExitCode.OK);
        CliRun run = CliRun.of("generate", config).expect(ExitCode.CAPABILITY);
        assertEquals(1, run.err().lines().count(), run.err());
        assertTrue(run.err().contains("c.cfg:2: region b: there is not as much memory left"), run.err());
        CliRun.of("generate", config("a, 1M, /nonexistent||p|10|a,0,4096,1|")).expect(ExitCode.INPUT);
    }
}
