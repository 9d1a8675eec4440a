package org.damson.cli.whatif;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code simulate} on the recording whose kernel said what it tried. */
final class SimulateCommandTest {
    private static final String COLD = "stat access=0..0 age=20aggr..max";
    private static final String HOT = "stat size=1M..max access=5..20";

    @TempDir
    Path dir;

    private Path trace;

    @BeforeEach
    void importStairs() {
        trace = dir.resolve("stairs.damson");
        CliRun.of("import", CliRun.testdata().resolve("stairs/tracefs.txt.gz"), "-o", trace, "--intervals", "5ms,100ms")
                .expect(ExitCode.OK);
    }

    @Test
    void theKernelsCountersAreInEveryForm() throws Exception {
        String csv = dir.resolve("s.csv").toString();
        CliRun.of("simulate", trace, "--scheme", COLD, "--scheme", HOT, "-o", csv)
                .expect(ExitCode.OK);
        assertEquals(
                "1,stat,453,3096920064,0,0,0,0",
                String.join(
                        ",",
                        java.util.Arrays.copyOf(
                                Files.readAllLines(Path.of(csv)).get(2).split(","), 8)));
        String json = CliRun.of("simulate", trace, "--scheme", COLD, "--json")
                .expect(ExitCode.OK)
                .out();
        assertTrue(json.contains("\"sz_tried\":33481166848"), json);
        assertTrue(json.contains("\"exact\":true"), json);
        String text = CliRun.of("simulate", trace, "--scheme", COLD)
                .expect(ExitCode.OK)
                .out();
        assertTrue(text.contains("sz_tried             33,481,166,848 (31.182 GiB)"), text);
    }

    @Test
    void severalRecordingsTellHowFarTheyAreApart() throws Exception {
        Path half = dir.resolve("half.damson");
        CliRun.of("slice", trace, "-o", half, "--time", "0s..8s").expect(ExitCode.OK);
        String json = CliRun.of("simulate", trace, half, "--scheme", COLD, "--json")
                .expect(ExitCode.OK)
                .out();
        assertTrue(json.contains("\"factor\"") && json.contains("bounds what the schemes would have done"), json);
        CliRun itself = CliRun.of("simulate", trace, trace, "--scheme", COLD).expect(ExitCode.USAGE);
        assertTrue(itself.err().contains(trace + " is given twice"), itself.err());
        Path again = dir.resolve("again.damson");
        CliRun.of("slice", trace, "-o", again).expect(ExitCode.OK);
        String text = CliRun.of("simulate", trace, again, "--scheme", COLD)
                .expect(ExitCode.OK)
                .out();
        assertTrue(text.contains("1.00 times"), text);
        Path csv = dir.resolve("spread.csv");
        CliRun.of("simulate", trace, half, "--scheme", COLD, "-o", csv).expect(ExitCode.OK);
        assertEquals(3, Files.readAllLines(csv).size());
        assertTrue(text.startsWith("2 recordings"), text);
        CliRun.of("simulate", trace, half, "--scheme", COLD, "--tried", dir.resolve("x.csv"))
                .expect(ExitCode.USAGE);
        CliRun.of("simulate", trace, half, "--sweep", "min_age=1s").expect(ExitCode.USAGE);
    }

    @Test
    void intervalsWithMoreSamplesThanAnArrayHasCellsNeedNoMoreMemory() throws Exception {
        Path wide = dir.resolve("wide.damson");
        CliRun.of("import", CliRun.testdata().resolve("stairs/tracefs.txt.gz"), "-o", wide, "--intervals", "1us,9000s")
                .expect(ExitCode.OK);
        CliRun.of("simulate", wide, "--scheme", "pageout").expect(ExitCode.OK);
        CliRun.of("report", "curves", wide).expect(ExitCode.OK);
        CliRun.of("advise", wide).expect(ExitCode.OK);
    }

    @Test
    void onlyOfATraceThatDoesNotTellAddressesAreTakenAsVirtual() throws Exception {
        String note = "treated as virtual";
        String err = CliRun.of("simulate", trace, "--scheme", COLD)
                .expect(ExitCode.OK)
                .err();
        assertTrue(err.contains(note), err);
        Path referenced = dir.resolve("referenced.damson");
        Manifest m = new Manifest();
        m.source = "referenced";
        try (TraceSource from = Traces.open(trace);
                TraceSource.SnapshotCursor snapshots = from.snapshots(TraceQuery.ALL);
                TraceSink to = Traces.create(referenced, m, WriterOptions.BATCH)) {
            Snapshot s = new Snapshot();
            while (snapshots.next(s)) {
                to.append(s);
            }
        }
        err = CliRun.of("simulate", referenced, "--scheme", COLD)
                .expect(ExitCode.OK)
                .err();
        assertFalse(err.contains(note), err);
    }

    @Test
    void everyRegionTriedIsWrittenInTheKernelsOrder() throws Exception {
        Path tried = dir.resolve("tried.csv");
        CliRun.of("simulate", trace, "--scheme", COLD, "--scheme", HOT, "--tried", tried)
                .expect(ExitCode.OK);
        java.util.List<String> lines = Files.readAllLines(tried);
        assertEquals(1 + 1791 + 453, lines.size());
        assertEquals("scheme,target,start,end,nr_accesses,age", lines.get(0));
        assertEquals("1,0,140069484240896,140069494681600,10,0", lines.get(1));
        assertEquals(453, lines.stream().filter(l -> l.startsWith("1,")).count());
        CliRun.of("simulate", trace, "--scheme", COLD, "--tried", tried).expect(ExitCode.USAGE);
    }

    @Test
    void schemesComeFromFilesToo() throws Exception {
        Path file = dir.resolve("schemes");
        Files.writeString(
                file, "#min-size max-size min-acc max-acc min-age max-age action\n0 max 0 0 20aggr max stat\n");
        String json = CliRun.of("simulate", trace, "--scheme", "@" + file, "--json")
                .expect(ExitCode.OK)
                .out();
        assertTrue(json.contains("\"nr_tried\":1791"), json);
    }

    @Test
    void anActingSchemeHasBoundsAroundItsLikelyCourse() {
        String json = CliRun.of("simulate", trace, "--scheme", "prcl", "--json")
                .expect(ExitCode.OK)
                .out();
        long tried = number(json, "sz_tried");
        assertTrue(tried > 0, json);
        assertTrue(number(json, "sz_tried_min") <= tried && tried <= number(json, "sz_tried_max"), json);
    }

    private static long number(String json, String name) {
        java.util.regex.Matcher m =
                java.util.regex.Pattern.compile("\"" + name + "\":(\\d+)").matcher(json);
        assertTrue(m.find(), json);
        return Long.parseLong(m.group(1));
    }

    @Test
    void wrongSchemesAreUsageErrorsThatSuggest() {
        String err = CliRun.of("simulate", trace, "--scheme", "pageot access=0..0")
                .expect(ExitCode.USAGE)
                .err();
        assertTrue(err.contains("did you mean 'pageout'?"), err);
        err = CliRun.of("simulate", trace, "--scheme", "prlc")
                .expect(ExitCode.USAGE)
                .err();
        assertTrue(err.contains("did you mean 'prcl'?"), err);
        err = CliRun.of("simulate", trace, "--scheme", "pageout age=5..")
                .expect(ExitCode.USAGE)
                .err();
        assertTrue(err.contains("unit"), err);
        CliRun.of("simulate", trace).expect(ExitCode.USAGE);
        err = CliRun.of("simulate", trace, "--scheme", "prcl", "--kernel", "6.1")
                .expect(ExitCode.USAGE)
                .err();
        assertTrue(err.contains("6.12"), err);
    }

    @Test
    void aTraceRecordedWhileASchemeActedIsRefused() throws Exception {
        // The event says age 30, the snapshot of the moment says 0: the scheme was not a stat.
        StringBuilder text = new StringBuilder();
        for (int k = 1; k <= 3; k++) {
            text.append("kdamond.0-9 [000] ..... %d.000000: damos_before_apply: ctx_idx=0 scheme_idx=0 target_idx=0"
                            .formatted(k))
                    .append(" nr_regions=1 4096-8192: 0 30\n");
            text.append("kdamond.0-9 [000] ..... %d.000010: damon_aggregated: target_id=0 nr_regions=1 4096-8192: 0 0\n"
                    .formatted(k));
        }
        Path other = dir.resolve("acting.damson");
        CliRun.with(java.util.Map.of(), text.toString().getBytes(StandardCharsets.UTF_8), "import", "-", "-o", other)
                .expect(ExitCode.OK);
        String err = CliRun.of("simulate", other, "--scheme", "prcl")
                .expect(ExitCode.INPUT)
                .err();
        assertTrue(err.contains("scheme 0 of kdamond 0"), err);
    }

    @Test
    void aTraceWithoutAgesAnswersOnlyWhatNeedsNone() {
        String text = "kdamond.0-9 [000] ..... 1.000000: damon_aggregated: target_id=0 nr_regions=1 4096-8192: 0\n";
        Path other = dir.resolve("noage.damson");
        CliRun.with(java.util.Map.of(), text.getBytes(StandardCharsets.UTF_8), "import", "-", "-o", other)
                .expect(ExitCode.OK);
        String err = CliRun.of("simulate", other, "--scheme", "prcl")
                .expect(ExitCode.INPUT)
                .err();
        assertTrue(err.contains("no ages"), err);
        CliRun.of("simulate", other, "--scheme", "stat access=0..0").expect(ExitCode.OK);
    }

    @Test
    void damonItselfIsSimulatedOverAConfigurationAndItsTraceIsATrace() throws Exception {
        Path config = dir.resolve("turns.cfg");
        Files.writeString(config, "a, 32M\nb, 32M\n\none\n3000\na, 0, 4096, 1\n\ntwo\n3000\nb, 0, 4096, 1\n");
        Path made = dir.resolve("made.damson");
        String json = CliRun.of("simulate", "--truth", config, "--record", made, "--scheme", COLD, "--json")
                .expect(ExitCode.OK)
                .out();
        CliRun.of("verify", made).expect(ExitCode.OK);
        String again = CliRun.of("simulate", made, "--scheme", COLD, "--json")
                .expect(ExitCode.OK)
                .out();
        String tried = json.substring(json.indexOf("\"nr_tried\""), json.indexOf("\"nr_applied\""));
        assertTrue(again.contains(tried), "the open loop over the recording tries the same: " + tried);
        CliRun.of("simulate", "--truth", config, trace).expect(ExitCode.USAGE);
        Path bare = dir.resolve("bare.damson");
        CliRun.of("simulate", "--truth", config, "--record", bare).expect(ExitCode.OK);
        String quota = "stat quotas/bytes=1M quotas/reset_interval_ms=200";
        String cut = CliRun.of("simulate", bare, "--scheme", "stat", "--scheme", quota)
                .expect(ExitCode.OK)
                .out();
        assertFalse(cut.contains("what was tried is exact\n"), cut);
        assertTrue(cut.contains("in this set cut regions"), cut);
        assertTrue(CliRun.of("simulate", bare, "--as-recorded", "--scheme", "stat", "--scheme", quota)
                .expect(ExitCode.INPUT)
                .err()
                .contains("these are other schemes"));
        Files.writeString(config, "a, 32M\n\none\nsoon\n");
        assertTrue(CliRun.of("simulate", "--truth", config)
                .expect(ExitCode.INPUT)
                .err()
                .contains("line 4"));
    }
}
