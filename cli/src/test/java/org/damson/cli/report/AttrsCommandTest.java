package org.damson.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code report attrs} by hand: two regions of 4 and 8 KiB, 20 samples an aggregation of 100 ms, hits of three probes. */
final class AttrsCommandTest {
    @TempDir
    Path dir;

    private Path trace;

    @BeforeEach
    void importEvents() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int s = 0; s < 4; s++) {
            text.append("kdamond.0-7 [000] ..... %d.100000: damon_region_aggregated: target_id=0 nr_regions=2 "
                    .formatted(s + 1));
            text.append("4096-8192: 0 7 probe_hits=13 00 01\n");
            text.append("kdamond.0-7 [000] ..... %d.100010: damon_region_aggregated: target_id=0 nr_regions=2 "
                    .formatted(s + 1));
            text.append("8192-16384: 0 1 probe_hits=0a 01 00\n");
        }
        trace = dir.resolve("probes.damson");
        CliRun.of("import", Files.writeString(dir.resolve("probes.txt"), text), "-o", trace, "--intervals", "5ms,100ms")
                .expect(ExitCode.OK);
    }

    private List<String> regions(Object... options) {
        Object[] words = new Object[options.length + 12];
        List<Object> fixed = List.of(
                "report",
                "attrs",
                trace,
                "--snapshot-idx",
                "1",
                "1",
                "--raw-number",
                "--format",
                "set",
                "region",
                "R <start address> <probe hits> <temperature>",
                "-q");
        System.arraycopy(fixed.toArray(), 0, words, 0, fixed.size());
        System.arraycopy(options, 0, words, fixed.size(), options.length);
        return CliRun.of(words)
                .expect(ExitCode.OK)
                .out()
                .lines()
                .filter(l -> l.startsWith("R "))
                .toList();
    }

    @Test
    void showsHitsOfEachProbeColdestFirst() {
        CliRun run =
                CliRun.of("report", "attrs", trace, "--snapshot-idx", "1", "1").expect(ExitCode.OK);
        assertTrue(run.out().contains("probe weights: 1 1 1"), run.out());
        assertTrue(run.out().contains("(max probe hits 20)"), run.out());
        assertTrue(
                run.out()
                        .contains(
                                """
                        #   addr         size         age           probe_hits
                        0   8.000 KiB    8.000 KiB    100 ms        10 1 0
                        1   4.000 KiB    4.000 KiB    700 ms        19 0 1
                        total size: 12.000 KiB
                        """),
                run.out());
        assertEquals("", run.err());
    }

    @Test
    void temperaturesAreOfWeightedHitsAndAges() {
        // 100 times the hits and 100 times the microseconds of age.
        assertEquals(List.of("R 8192         10 1 0 10001100", "R 4096         19 0 1 70002000"), regions());
        // By the third probe alone the second region is cold.
        assertEquals(
                List.of("R 8192         10 1 0 -10000000", "R 4096         19 0 1 70000100"),
                regions("--probe-weights", "0", "0", "1"));
        assertEquals(
                List.of("R 4096         19 0 1 20", "R 8192         10 1 0 11"),
                regions("--temperature-weights", "1", "0", "0", "--sort-regions-by", "probe_hits_wsum", "reverse"));
        assertEquals(
                List.of("R 4096         19 0 1 4116", "R 8192         10 1 0 8203"),
                regions("--temperature-weights", "1", "0", "1", "--sort-regions-by", "size"));
    }

    @Test
    void regionsAreAdjustedToWhatAProbeFound() throws IOException {
        CliRun run = CliRun.of(
                        "report",
                        "attrs",
                        trace,
                        "--json",
                        "--snapshot-idx",
                        "1",
                        "1",
                        "--adjust-region",
                        "size",
                        "probe_hits_rate",
                        "0")
                .expect(ExitCode.OK);
        JsonNode snapshot = new ObjectMapper().readTree(run.out()).at("/records/0/snapshots/0");
        assertEquals(4096 * 19 / 20.0 + 8192 / 2, snapshot.get("total_bytes").asDouble(), 1e-9);
        assertEquals(20, snapshot.at("/regions/0/probe_hits_wsum").asInt());
        // Half of a region had the first probe's attribute: the second one's single hit counts half, and is printed as
        // 0.
        assertEquals(
                List.of("R 8192         10 0 0 1050", "R 4096         19 0 1 2000"),
                regions(
                        "--temperature-weights",
                        "100",
                        "0",
                        "0",
                        "--adjust-region",
                        "probe_hits",
                        "1",
                        "probe_hits_rate",
                        "0"));
    }

    @Test
    void memoryWithAHitIsNotIdle() {
        CliRun used = CliRun.of("report", "attrs", trace, "--style", "recency-percentiles", "--raw-number")
                .expect(ExitCode.OK);
        assertTrue(used.out().contains("\n100  0  |"), used.out());
        CliRun raw = CliRun.of("report", "attrs", trace, "--raw-form").expect(ExitCode.OK);
        assertTrue(raw.out().contains("# start_addr     end_addr        length    age probe_hits"), raw.out());
        assertTrue(raw.out().contains("000000001000-000000002000 (   4.000 KiB)     7 19 0 1"), raw.out());
    }

    @Test
    void anExportForDamoKeepsHits() {
        Path file = dir.resolve("damon.data");
        CliRun.of("export", trace, "--to", "damo-json", "-o", file).expect(ExitCode.OK);
        Path back = dir.resolve("back.damson");
        CliRun.of("import", file, "-o", back).expect(ExitCode.OK);
        assertEquals(
                CliRun.of("report", "attrs", trace, "--raw-form").out(),
                CliRun.of("report", "attrs", back, "--raw-form").out());
        assertTrue(CliRun.of("report", "access", trace).out().contains("19 0 1"));
        String heading =
                """
                #   addr         size                age           probe_hits
                #                             access_hz
                """;
        assertFalse(
                CliRun.of("report", "access", back, "--damo-compat=3.3.1").out().contains(heading));
        assertTrue(
                CliRun.of("report", "access", back, "--damo-compat=3.3.2").out().contains(heading));
    }

    @Test
    void weightsAreThoseOfTheSetUpBesideARecordingOfDamo() {
        Path recording = CliRun.testdata().resolve("damo/recordings/probes.damo");
        Path imported = dir.resolve("imported.damson");
        CliRun.of("import", recording, "-o", imported).expect(ExitCode.OK);
        for (Path of : List.of(recording, imported)) {
            assertTrue(CliRun.of("report", "attrs", of).out().contains("probe weights: 5 1 0\n"));
            assertTrue(CliRun.of("report", "attrs", of, "--probe-weights", "2")
                    .out()
                    .contains("probe weights: 2 1 0\n"));
            assertTrue(
                    CliRun.of("report", "attrs", of, "--damo-compat")
                            .expect(ExitCode.OK)
                            .out()
                            .contains(
                                    """
                            probes
                            - allow anon (weight: 5)
                            - reject non memcg /a b, allow non anon (weight: 1)
                            - prep: set_pgidle, filter: allow pgidle_unset (weight: 0)
                            """));
        }
    }

    @Test
    void damosReportIsThatOfOneVersionAndNeedsItsSetUp() {
        CliRun other =
                CliRun.of("report", "attrs", trace, "--damo-compat=3.3.2").expect(ExitCode.USAGE);
        assertTrue(other.err().contains("report attrs is that of damo 3.3.8 alone"), other.err());
        CliRun without = CliRun.of("report", "attrs", trace, "--damo-compat").expect(ExitCode.INPUT);
        assertTrue(without.err().contains("no set-up (.kdamonds) was beside the recording"), without.err());
        CliRun both = CliRun.of("report", "attrs", trace, "--damo-compat", "--probe-weights", "1");
        assertEquals(ExitCode.USAGE, both.exit(), both.err());
    }

    @Test
    void whatTellsOfNoProbeIsRefused() {
        CliRun none = CliRun.of("report", "attrs", CliRun.testdata().resolve("stairs/tracefs.txt.gz"))
                .expect(ExitCode.INPUT);
        assertTrue(none.err().contains("has no hits of data attribute probes"), none.err());
        for (List<String> words : List.of(
                List.of("--sort-regions-by", "reverse"),
                List.of("--sort-regions-by", "access_rate"),
                List.of("--adjust-region", "size"),
                List.of("--adjust-region", "probe_hits", "x", "df_passed"),
                List.of("--style", "hot"))) {
            Object[] all = new Object[words.size() + 3];
            System.arraycopy(new Object[] {"report", "attrs", trace}, 0, all, 0, 3);
            System.arraycopy(words.toArray(), 0, all, 3, words.size());
            CliRun run = CliRun.of(all);
            assertEquals(ExitCode.USAGE, run.exit(), run.err());
        }
        CliRun beyond = CliRun.of("report", "attrs", trace, "--adjust-region", "size", "probe_hits_rate", "3");
        assertEquals(ExitCode.INPUT, beyond.exit(), beyond.err());
        assertTrue(beyond.err().contains("not of probe 3"), beyond.err());
    }
}
