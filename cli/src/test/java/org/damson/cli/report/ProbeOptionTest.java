package org.damson.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Monitoring of attributes alone, as Linux 7.3 has it: accesses are always 0, what was found is in the hits of probes. */
final class ProbeOptionTest {
    private static final List<String> REGIONS =
            List.of("4096-8192: 0 7 probe_hits=13 00 01", "8192-16384: 0 1 probe_hits=0a 01 00");

    @TempDir
    Path dir;

    private Path trace(String... without) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int s = 0; s < 4; s++) {
            for (int r = 0; r < 2; r++) {
                String region = REGIONS.get(r);
                for (String w : without) {
                    region = s == 2 && r == 1 ? region.replace(w, "") : region;
                }
                String event = region.contains("probe_hits") ? "damon_region_aggregated" : "damon_aggregated";
                text.append("kdamond.0-7 [000] ..... %.6f: %s: target_id=0 nr_regions=2 %s%n"
                        .formatted(1 + s / 10.0 + r / 1e5, event, region));
            }
        }
        Path file = Files.writeString(dir.resolve("probes" + without.length + ".txt"), text);
        Path trace = dir.resolve("probes" + without.length + ".damson");
        CliRun.of("import", file, "-o", trace, "--intervals", "5ms,100ms").expect(ExitCode.OK);
        return trace;
    }

    private static long median(CliRun run) throws IOException {
        return new ObjectMapper()
                .readTree(run.expect(ExitCode.OK).out())
                .at("/total/by_size/50")
                .asLong(-1);
    }

    @Test
    void aWorkingSetIsOfTheProbeThatIsAskedFor() throws IOException {
        Path trace = trace();
        CliRun plain = CliRun.of("report", "wss", trace, "--json");
        assertEquals(0, median(plain), plain.out());
        assertTrue(plain.err().contains("nr_accesses is 0 throughout"), plain.err());
        assertTrue(plain.err().contains("--probe N"), plain.err());
        assertEquals(12288, median(CliRun.of("report", "wss", trace, "--json", "--probe", "0")));
        assertEquals(8192, median(CliRun.of("report", "wss", trace, "--json", "--probe", "1")));
        assertEquals(4096, median(CliRun.of("report", "wss", trace, "--json", "--probe", "2")));
        CliRun none = CliRun.of("report", "wss", trace, "--json", "--probe", "3");
        assertEquals(0, median(none));
        assertTrue(none.err().contains("no hit of probe 3: it found nothing, or there was none"), none.err());
        // 19 hits of at most 20.
        assertEquals(4096, median(CliRun.of("report", "wss", trace, "--json", "--probe", "0", "--min-accesses", "11")));
    }

    @Test
    void everyReportOfAccessesTakesIt() throws IOException {
        Path trace = trace();
        for (String report : List.of("windows", "objects", "sizing", "bounds", "phases", "heatmap", "timeline")) {
            CliRun run = CliRun.of("report", report, trace, "--probe", "1").expect(ExitCode.OK);
            assertFalse(run.err().contains("nr_accesses is 0"), report + ": " + run.err());
            CliRun zero = CliRun.of("report", report, trace, "--probe", "3").expect(ExitCode.OK);
            assertFalse(run.out().equals(zero.out()), report + ":\n" + run.out());
        }
    }

    @Test
    void whatIsNotKnownIsLeftOutAndCounted() throws IOException {
        Path trace = trace(" probe_hits=0a 01 00");
        CliRun run = CliRun.of("report", "wss", trace, "--json", "--probe", "0", "--snapshots", "2..3");
        assertEquals(4096, median(run));
        assertTrue(run.err().contains("left out where the hits of probes are not known: 1 region"), run.err());
    }

    @Test
    void otherTracesAndWordsAreRefused() throws IOException {
        Path plain = dir.resolve("plain.damson");
        CliRun.of("import", CliRun.testdata().resolve("stairs/tracefs.txt.gz"), "-o", plain)
                .expect(ExitCode.OK);
        CliRun run = CliRun.of("report", "wss", plain, "--probe", "0").expect(ExitCode.INPUT);
        assertTrue(run.err().contains(plain + ": has no hits of data attribute probes"), run.err());
        Path trace = trace();
        CliRun.of("report", "wss", trace, "--probe", "4").expect(ExitCode.USAGE);
        CliRun.of("report", "wss", trace, "--probe", "0", "--damo-compat").expect(ExitCode.USAGE);
        CliRun.of("report", "heatmap", trace, "--probe", "0", "--writes").expect(ExitCode.USAGE);
        CliRun.of("report", "footprint", trace, "--probe", "0").expect(ExitCode.USAGE);
        CliRun.of("report", "idle", trace, "--probe", "0").expect(ExitCode.USAGE);
    }
}
