package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.damson.cli.command.ExitCode;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;

/** The commands on a generated trace: 40 snapshots of 100 ms, 10 regions of 1 MiB, one of them hot in turn. */
final class TraceCommandsTest extends MadeTrace {
    @Test
    void infoSaysWhatTheTraceHolds() {
        String out = CliRun.of("info", trace).expect(ExitCode.OK).out();
        assertTrue(out.contains("40 over 4 s"), out);
        assertTrue(out.contains("400 (median 10 per snapshot)"), out);
        assertTrue(out.contains("(recorded)"), out);
        assertTrue(out.matches("(?s).*Lost: +nothing.*"), out);
        String json = CliRun.of("info", trace, "--json").expect(ExitCode.OK).out();
        assertTrue(json.contains("\"snapshots\":40"), json);
        assertTrue(json.contains("\"origin\":\"recorded\""), json);
    }

    @Test
    void dumpGivesOneLinePerRowInBothForms() {
        List<String> csv =
                CliRun.of("dump", trace).expect(ExitCode.OK).out().lines().toList();
        assertEquals(401, csv.size());
        List<String> json = CliRun.of("dump", trace, "--table", "snapshots", "--json")
                .expect(ExitCode.OK)
                .out()
                .lines()
                .toList();
        assertEquals(40, json.size());
        assertTrue(json.get(0).startsWith("{") && json.get(0).contains("\"regions\":10"), json.get(0));
        CliRun bad = CliRun.of("dump", trace, "--table", "region").expect(ExitCode.USAGE);
        assertTrue(bad.err().contains("did you mean 'regions'?"), bad.err());
    }

    @Test
    void exportSaysWhatItWroteAndRecoverWhatIsWrongWithAName() throws IOException {
        Path csv = dir.resolve("x.csv");
        CliRun run = CliRun.of("export", trace, "--to", "csv", "-o", csv).expect(ExitCode.OK);
        assertTrue(run.err().matches("wrote " + csv + " \\(.*iB\\)\\R"), run.err());
        assertEquals("", run.out());
        CliRun none = CliRun.of("recover", dir.resolve("nope")).expect(ExitCode.INPUT);
        assertEquals("damson: " + dir.resolve("nope") + ": no such file or directory\n", none.err());
        CliRun file = CliRun.of("recover", csv).expect(ExitCode.INPUT);
        assertEquals("damson: " + csv + ": not a directory\n", file.err());
    }

    @Test
    void everyVerbThatMakesATraceReplacesOneWithForceOnly() throws IOException {
        Path out = dir.resolve("made.damson");
        Path zip = dir.resolve("made.damson.zip");
        Path json = dir.resolve("damon.json");
        CliRun.of("export", trace, "--to", "damo-json", "-o", json).expect(ExitCode.OK);
        for (List<Object> made : List.<List<Object>>of(
                List.of("slice", trace, "--snapshots", "0..3", "-o", out),
                List.of("import", json, "-o", out),
                List.of("slice", trace, "--snapshots", "0..5", "-o", out),
                List.of("merge", "--mixed", trace, out, "-o", out),
                List.of("bundle", trace, "-o", zip),
                List.of("bundle", trace, "--redact", "-o", zip))) {
            Path to = (Path) made.get(made.size() - 1);
            if (Files.exists(to)) {
                CliRun refused = CliRun.of(made.toArray()).expect(ExitCode.USAGE);
                assertTrue(refused.err().contains("--force replaces it"), refused.err());
            }
            List<Object> forced = new ArrayList<>(made);
            forced.add("--force");
            CliRun.of(forced.toArray()).expect(ExitCode.OK);
            CliRun.of("verify", to).expect(ExitCode.OK);
        }
        // The merged trace took the place of one of those it was made of, whose 5 snapshots are among the 40.
        assertTrue(CliRun.of("info", out, "--json").out().contains("\"snapshots\":40"));
        try (Stream<Path> left = Files.list(dir)) {
            assertTrue(left.noneMatch(p -> p.toString().matches(".*(replace|part|recovering).*")));
        }
    }

    @Test
    void forceReplacesTracesAloneAndOnlyWhenTheNewOneIsWhole() throws IOException {
        Path other = Files.createDirectory(dir.resolve("other"));
        Files.writeString(other.resolve("mine"), "kept");
        CliRun.of("slice", trace, "-o", other, "--force").expect(ExitCode.INPUT);
        assertEquals("kept", Files.readString(other.resolve("mine")));
        Path out = dir.resolve("made.damson");
        CliRun.of("slice", trace, "-o", out).expect(ExitCode.OK);
        Path bad = Files.writeString(dir.resolve("bad.json"), "{\"x\": [");
        assertTrue(CliRun.of("import", bad, "-o", out, "--force").exit() != ExitCode.OK);
        CliRun.of("verify", out).expect(ExitCode.OK);
        assertTrue(CliRun.of("info", out, "--json").out().contains("\"snapshots\":40"));
    }

    @Test
    void verifyIsGoodThenFindsAFlippedBit() throws IOException {
        CliRun good = CliRun.of("verify", trace).expect(ExitCode.OK);
        assertTrue(good.out().startsWith("good"), good.out());
        Path file;
        try (Stream<Path> files = Files.list(trace)) {
            file = files.filter(f -> f.getFileName().toString().startsWith("regions-"))
                    .findFirst()
                    .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 4;
        Files.write(file, bytes);
        CliRun bad = CliRun.of("verify", trace);
        assertTrue(bad.exit() == ExitCode.FINDINGS || bad.exit() == ExitCode.INPUT, bad.err() + bad.out());
        assertFalse(bad.out().startsWith("good"), bad.out());
    }

    @Test
    void sliceTakesTimeSnapshotsAndAddresses() {
        assertEquals(10, snapshotsOf("--time", "1s..2s"));
        assertEquals(30, snapshotsOf("--time", "1s.."));
        assertEquals(5, snapshotsOf("--snapshots", "10..15"));
        assertEquals(40, snapshotsOf("--address", "0x7f0000000000..0x7f0000200000"));
        Path cut = dir.resolve("address.damson");
        CliRun.of("slice", trace, "--address", "0x7f0000080000..0x7f0000200000", "-o", cut)
                .expect(ExitCode.OK);
        String info = CliRun.of("info", cut).expect(ExitCode.OK).out();
        assertTrue(info.contains("80 (median 2 per snapshot)"), info);
        CliRun.of("verify", cut).expect(ExitCode.OK);
    }

    private int sliceCount;

    private int snapshotsOf(String... selection) {
        Path cut = dir.resolve("cut" + sliceCount++ + ".damson");
        CliRun.of("slice", trace, selection[0], selection[1], "-o", cut).expect(ExitCode.OK);
        return (int) CliRun.of("dump", cut, "--table", "snapshots")
                        .out()
                        .lines()
                        .count()
                - 1;
    }

    @Test
    void badRangesAreUsageErrorsAndLeaveNothing() {
        Path cut = dir.resolve("cut.damson");
        for (String[] bad : new String[][] {
            {"--time", "2s"},
            {"--time", "2s..1s"},
            {"--time", "1..2"},
            {"--address", "x..y"},
            {"--snapshots", "5..5"},
            {"--snapshots", ".."},
            {"--target", "main"}
        }) {
            CliRun.of("slice", trace, bad[0], bad[1], "-o", cut).expect(ExitCode.USAGE);
        }
        CliRun.of("slice", trace).expect(ExitCode.USAGE);
        CliRun.of("slice", "-o", cut).expect(ExitCode.USAGE);
        assertFalse(Files.exists(cut));
    }

    @Test
    void importedMemoryGetsNamesFromACopyOfTheProcesssMaps() throws Exception {
        Path recording = CliRun.testdata().resolve("stairs/tracefs.txt.gz");
        Path maps = Files.writeString(
                dir.resolve("maps"), "0-7fffffffffff rw-p 00000000 00:00 0                    [the whole]\n");
        Path named = dir.resolve("named.damson");
        CliRun.of("import", recording, "--maps", maps, "-o", named).expect(ExitCode.OK);
        assertTrue(CliRun.of("report", "objects", named).out().contains("[the whole]"));
        assertFalse(CliRun.of("report", "objects", named).out().contains("(no mapping known)"));
        Path vmas = Files.writeString(
                dir.resolve("v"),
                "[{\"time\": 1, \"procvmas\": [{\"pid\": 7, \"vmas\":"
                        + " [{\"start\": 0, \"end\": 140737488355327, \"name\": \"[by damo]\"}]}]}]");
        Path damo = dir.resolve("damo.damson");
        CliRun.of("import", recording, "--vmas", vmas, "-o", damo).expect(ExitCode.OK);
        assertTrue(CliRun.of("report", "objects", damo).out().contains("[by damo]"));
        CliRun bad = CliRun.of("import", recording, "--vmas", maps, "-o", dir.resolve("x.damson"))
                .expect(ExitCode.INPUT);
        assertTrue(bad.err().contains("not what damo record --vmas writes"), bad.err());
        bad = CliRun.of("import", recording, "--maps", vmas, "-o", dir.resolve("x.damson"))
                .expect(ExitCode.INPUT);
        assertTrue(bad.err().contains("line 1: not a line of /proc/PID/maps"), bad.err());
        assertFalse(Files.exists(dir.resolve("x.damson")));
        CliRun.of("import", recording, "--maps", maps, "--maps", maps, "-o", dir.resolve("x.damson"))
                .expect(ExitCode.USAGE);
    }

    @Test
    void aBundleReadsLikeItsDirectory() {
        Path zip = dir.resolve("t.damson.zip");
        CliRun.of("bundle", trace, "-o", zip).expect(ExitCode.OK);
        for (String report : List.of("wss", "heatmap", "guide")) {
            assertArrayEquals(
                    CliRun.of("report", report, trace).expect(ExitCode.OK).outBytes(),
                    CliRun.of("report", report, zip).expect(ExitCode.OK).outBytes(),
                    report);
        }
        CliRun.of("bundle", trace, "-o", zip).expect(ExitCode.USAGE);
    }

    @Test
    void workingSetIsOneHotMebibyteThroughout() {
        String text = CliRun.of("report", "wss", trace).expect(ExitCode.OK).out();
        assertTrue(text.contains("1 MiB"), text);
        String csv = CliRun.of("report", "wss", trace, "--output", dir.resolve("w.csv"))
                .expect(ExitCode.OK)
                .out();
        assertEquals("", csv);
        assertTrue(Files.exists(dir.resolve("w.csv")));
        CliRun.of("report", "wss", trace, "--output", dir.resolve("w.csv")).expect(ExitCode.USAGE);
        CliRun.of("report", "wss", trace, "--output", dir.resolve("w.csv"), "--force")
                .expect(ExitCode.OK);
        String json =
                CliRun.of("report", "wss", trace, "--json").expect(ExitCode.OK).out();
        assertTrue(json.startsWith("{") && json.contains("1048576"), json);
    }

    @Test
    void heatmapComesInFourForms() throws IOException {
        Path png = dir.resolve("h.png");
        CliRun.of("report", "heatmap", trace, "--output", png).expect(ExitCode.OK);
        byte[] head = Files.readAllBytes(png);
        assertEquals("PNG", new String(head, 1, 3, java.nio.charset.StandardCharsets.US_ASCII));
        assertTrue(CliRun.of("report", "heatmap", trace, "--json").out().startsWith("{"));
        CliRun.of("report", "heatmap", trace, "--output", dir.resolve("h.csv")).expect(ExitCode.OK);
        CliRun text = CliRun.of("report", "heatmap", trace).expect(ExitCode.OK);
        assertFalse(text.out().contains("\u001b"), "colour without a terminal");
        CliRun.of("report", "heatmap", trace, "--output", dir.resolve("h.gif")).expect(ExitCode.USAGE);
        CliRun.of("report", "heatmap", trace, "--cols", "0").expect(ExitCode.USAGE);
    }

    @Test
    void aTraceEqualsItselfAndDiffersFromAnother() throws IOException {
        CliRun.of("compare", trace, trace).expect(ExitCode.OK);
        Path other = dir.resolve("other.damson");
        write(other, 40, 5);
        CliRun.of("compare", trace, other).expect(ExitCode.FINDINGS);
        CliRun.of("compare", trace).expect(ExitCode.USAGE);
    }

    @Test
    void anExportIsWhatDumpPrints() throws IOException {
        Path csv = dir.resolve("regions.csv");
        CliRun.of("export", trace, "--to", "csv", "-o", csv).expect(ExitCode.OK);
        assertArrayEquals(CliRun.of("dump", trace).outBytes(), Files.readAllBytes(csv));
        CliRun.of("export", trace, "--to", "csv", "-o", csv).expect(ExitCode.USAGE);
        assertArrayEquals(
                CliRun.of("dump", trace, "--json").outBytes(),
                CliRun.of("export", trace, "--to", "jsonl").expect(ExitCode.OK).outBytes());
        CliRun.of("export", trace, "--to", "xml").expect(ExitCode.USAGE);
        CliRun.of("export", trace).expect(ExitCode.USAGE);
    }

    @Test
    void exportedFormatsComeBackTheSame() {
        byte[] rows = CliRun.of("dump", trace).outBytes();
        for (String format : List.of("damo", "damo-json", "perf-script")) {
            Path file = dir.resolve("x-" + format);
            Path again = dir.resolve("x-" + format + ".damson");
            CliRun.of("export", trace, "--to", format, "-o", file).expect(ExitCode.OK);
            CliRun.of("import", file, "-o", again).expect(ExitCode.OK);
            assertArrayEquals(rows, CliRun.of("dump", again).outBytes(), format);
        }
        CliRun.of("export", trace, "--to", "damo", "--table", "losses").expect(ExitCode.USAGE);
    }

    @Test
    void missingEmptyAndJunkInputIsRefusedInOneLine() throws IOException {
        Path empty = Files.createFile(dir.resolve("empty"));
        Path junk = dir.resolve("junk");
        byte[] bytes = new byte[4000];
        new Random(SEED).nextBytes(bytes);
        Files.write(junk, bytes);
        for (Path input : List.of(empty, junk, dir.resolve("missing"))) {
            CliRun imported =
                    CliRun.of("import", input, "-o", dir.resolve("x.damson")).expect(ExitCode.INPUT);
            assertEquals(1, imported.err().lines().count(), imported.err());
            for (String verb : List.of("info", "dump", "verify", "recover")) {
                CliRun run = CliRun.of(verb, input);
                assertTrue(run.exit() == ExitCode.INPUT || run.exit() == ExitCode.FINDINGS, verb + " " + run);
                assertTrue(run.err().lines().count() <= 1, run.err());
                assertFalse(run.err().contains("internal error"), run.err());
            }
        }
        assertFalse(Files.exists(dir.resolve("x.damson")));
        assertFalse(Files.exists(dir.resolve("x.damson.part")));
    }

    @Test
    void anExistingOutputIsNotOverwritten() throws IOException {
        Path taken = Files.writeString(dir.resolve("taken"), "mine");
        CliRun.of("slice", trace, "-o", taken).expect(ExitCode.USAGE);
        CliRun.of("bundle", trace, "-o", taken).expect(ExitCode.USAGE);
        CliRun.of("report", "wss", trace, "--output", taken).expect(ExitCode.USAGE);
        assertEquals("mine", Files.readString(taken));
    }

    @Test
    void quietSaysNothingOnStandardError() {
        assertEquals(
                "",
                CliRun.of("slice", trace, "-q", "-o", dir.resolve("q.damson"))
                        .expect(ExitCode.OK)
                        .err());
    }

    @Test
    void aTraceStillBeingRecordedCanBeRead() throws IOException {
        Path live = dir.resolve("live.damson");
        Manifest m = new Manifest();
        m.source = "synthetic";
        try (var sink = Traces.create(live, m, WriterOptions.LIVE)) {
            Snapshot s = new Snapshot();
            s.endNs = 1;
            s.sampleUs = 5_000;
            s.aggrUs = 100_000;
            s.add(4096, 8192, 1, -1);
            sink.append(s);
            sink.flush();
            String out = CliRun.of("info", live).expect(ExitCode.OK).out();
            assertTrue(out.contains("recording"), out);
            assertTrue(out.contains("1 (median 1 per snapshot)"), out);
        }
    }
}
