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
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.damson.cli.command.ExitCode;
import org.damson.cli.input.TraceFiles;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands on a generated trace: 40 snapshots of 100 ms, 10 regions of 1 MiB, one of them hot in turn. */
final class TraceCommandsTest {
    private static final long SEED = 4711;
    private static final long MIB = 1 << 20;

    @TempDir
    Path dir;

    private Path trace;

    @BeforeEach
    void writeTrace() throws IOException {
        trace = dir.resolve("t.damson");
        write(trace, 40, 0);
    }

    private static void write(Path path, int snapshots, int shift) throws IOException {
        Manifest m = new Manifest();
        m.toolVersion = "test";
        m.source = "synthetic";
        m.clock = Manifest.ClockKind.MONOTONIC;
        m.attrs = new MonitoringAttrs(5_000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.RECORDED);
        m.recording.put("command", "secret-program --password hunter2");
        Random random = new Random(SEED);
        TraceFiles.create(path, m, sink -> {
            Snapshot s = new Snapshot();
            for (int i = 0; i < snapshots; i++) {
                s.clear();
                s.startNs = 1_000_000_000L + i * 100_000_000L;
                s.endNs = s.startNs + 100_000_000L;
                s.sampleUs = 5_000;
                s.aggrUs = 100_000;
                s.columns = Snapshot.HAS_AGE;
                int hot = (i / 4 + shift) % 10;
                for (int r = 0; r < 10; r++) {
                    long start = 0x7f0000000000L + r * MIB;
                    s.add(start, start + MIB, r == hot ? 15 + random.nextInt(5) : 0, i % 4);
                }
                sink.append(s);
            }
        });
    }

    @Test
    void infoSaysWhatTheTraceHolds() {
        String out = CliRun.of("info", trace).expect(ExitCode.OK).out();
        assertTrue(out.contains("40 over 4 s"), out);
        assertTrue(out.contains("400 (median 10 per snapshot)"), out);
        assertTrue(out.contains("(recorded)"), out);
        assertTrue(out.matches("(?s).*Lost: +nothing.*"), out);
        String json = CliRun.of("info", trace, "--json").expect(ExitCode.OK).out();
        assertTrue(json.contains("\"snapshots\" : 40"), json);
        assertTrue(json.contains("\"origin\" : \"recorded\""), json);
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
                List.of("merge", trace, out, "-o", out),
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
        // The merged trace took the place of one of those it was made of: 40 snapshots and the first 5 again.
        assertTrue(CliRun.of("info", out, "--json").out().contains("\"snapshots\" : 45"));
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
        assertTrue(CliRun.of("info", out, "--json").out().contains("\"snapshots\" : 40"));
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
    void slicesMergeBackIntoTheWhole() {
        Path a = dir.resolve("a.damson");
        Path b = dir.resolve("b.damson");
        Path whole = dir.resolve("whole.damson");
        CliRun.of("slice", trace, "--snapshots", "0..13", "-o", a).expect(ExitCode.OK);
        CliRun.of("slice", trace, "--snapshots", "13..", "-o", b).expect(ExitCode.OK);
        CliRun.of("merge", a, b, "-o", whole).expect(ExitCode.OK);
        assertArrayEquals(
                CliRun.of("dump", trace).outBytes(), CliRun.of("dump", whole).outBytes());
        CliRun.of("merge", a, "-o", dir.resolve("one.damson")).expect(ExitCode.USAGE);
    }

    /** A trace of one snapshot whose manifest {@code change} sets. */
    private Path made(String name, long fromNs, Consumer<Manifest> change) throws Exception {
        Manifest m = new Manifest();
        m.clock = Manifest.ClockKind.MONOTONIC;
        m.source = "referenced";
        m.host.put("host_name", "one");
        m.toEpochNs = 1_000_000_000_000_000_000L;
        change.accept(m);
        Path path = dir.resolve(name + ".damson");
        TraceFiles.create(path, m, sink -> {
            Snapshot s = new Snapshot();
            s.target = 7;
            s.startNs = fromNs;
            s.endNs = fromNs + 1_000_000_000L;
            s.sampleUs = 5000;
            s.aggrUs = 100_000;
            s.add(0x1000, 0x2000, 3, 0);
            sink.append(s);
        });
        return path;
    }

    @Test
    void tracesOfDifferentClocksHostsOrSourcesAreNotOne() throws Exception {
        long second = 1_000_000_000L;
        Path a = made("a", 0, m -> {});
        CliRun.of("merge", a, made("same", 5000 * second, m -> m.toEpochNs += second), "-o", dir.resolve("0.damson"))
                .expect(ExitCode.OK);
        refusesToMerge(a, made("clock", 0, m -> m.clock = Manifest.ClockKind.PERF), "the clock of ");
        refusesToMerge(a, made("host", 0, m -> m.host.put("host_name", "two")), "the host name of ");
        refusesToMerge(a, made("source", 0, m -> m.source = "damon"), "the source of ");
        refusesToMerge(a, made("boot", 0, m -> m.toEpochNs += 60 * second), "began 1 m 0 s apart: another boot");
        Path foreign = made("foreign", 0, TraceCommandsTest::ofNobody);
        Path near = made("near", 2 * second, TraceCommandsTest::ofNobody);
        CliRun.of("merge", foreign, near, "-o", dir.resolve("1.damson")).expect(ExitCode.OK);
        refusesToMerge(
                foreign, made("far", 1380 * second, TraceCommandsTest::ofNobody), "nothing says that the clocks");
        Path forced = dir.resolve("forced.damson");
        CliRun run = CliRun.of("merge", a, dir.resolve("host.damson"), "-o", forced, "--force")
                .expect(ExitCode.OK);
        assertTrue(run.err().contains("note: the host name of "), run.err());
        String info = CliRun.of("info", forced).expect(ExitCode.OK).out();
        assertTrue(Files.readString(forced.resolve("manifest.json")).contains("merged_despite"), info);
    }

    /** What certify found of such recordings is told of every trace that is made of them, and of no other. */
    @Test
    void aCertificateGoesThroughSliceMergeAndBundle() throws Exception {
        Consumer<Manifest> certified = m -> {
            ManifestKey.ACCURACY_PATTERNS.put(m, 8L);
            ManifestKey.ACCURACY_PASSED.put(m, 7L);
            ManifestKey.ACCURACY_UNDECIDED.put(m, 1L);
            ManifestKey.ACCURACY_F1.put(m, 0.987);
        };
        Path a = made("certified", 0, certified);
        Path b = made("later", 5_000_000_000L, certified);
        List<List<Object>> ways = List.of(
                List.of("slice", a, "--snapshots", "0..1"),
                List.of("slice", a, "--address", "0..0x7fffffffffff"),
                List.of("merge", a, b),
                List.of("bundle", a),
                List.of("bundle", a, "--redact"),
                List.of("bundle", a, "--redact=strict"));
        for (int i = 0; i < ways.size(); i++) {
            Path made = dir.resolve("way" + i + ".damson" + (i >= 3 ? ".zip" : ""));
            List<Object> words = new ArrayList<>(ways.get(i));
            words.addAll(List.of("-o", made));
            CliRun.of(words.toArray()).expect(ExitCode.OK);
            String said = CliRun.of("report", "wss", made).expect(ExitCode.OK).err();
            assertTrue(said.contains("7 of 8 patterns pass; WSS error -, F1 0.987"), ways.get(i) + said);
        }
        Path unlike = made("unlike", 5_000_000_000L, m -> {
            certified.accept(m);
            ManifestKey.ACCURACY_F1.put(m, 0.5);
        });
        for (List<Object> way : List.of(
                List.<Object>of("merge", a, made("uncertified", 9_000_000_000L, m -> {})),
                List.<Object>of("slice", a, "--aggregate", "200ms"))) {
            Path made = dir.resolve("without" + way.get(0) + ".damson");
            List<Object> words = new ArrayList<>(way);
            words.addAll(List.of("-o", made));
            CliRun.of(words.toArray()).expect(ExitCode.OK);
            assertFalse(CliRun.of("report", "wss", made).err().contains("certify"), way.toString());
        }
        Path differing = dir.resolve("differing.damson");
        CliRun.of("merge", a, unlike, "-o", differing).expect(ExitCode.OK);
        assertFalse(CliRun.of("report", "wss", differing).err().contains("0.987"));
    }

    @Test
    void redactedTracesAreNotMergedAsIfTheirTimesWereOfOneClock() throws Exception {
        Path a = made("plain", 0, m -> {});
        Path zip = dir.resolve("redacted.damson.zip");
        CliRun.of("bundle", a, "--redact", "-o", zip).expect(ExitCode.OK);
        refusesToMerge(zip, zip, "which is redacted, count from its own first snapshot");
    }

    private static void ofNobody(Manifest m) {
        m.clock = Manifest.ClockKind.PERF;
        m.toEpochNs = null;
        m.host.clear();
    }

    private void refusesToMerge(Path a, Path b, String why) {
        Path output = dir.resolve("refused.damson");
        CliRun run = CliRun.of("merge", a, b, "-o", output).expect(ExitCode.INPUT);
        assertTrue(run.err().contains(why), run.err());
        assertEquals(1, run.err().lines().count(), run.err());
        assertFalse(Files.exists(output));
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

    @Test
    void aRedactedBundleKeepsHeatAndDropsNamesAndAddresses() throws IOException {
        Path zip = dir.resolve("r.damson.zip");
        CliRun.of("bundle", trace, "--redact", "-o", zip).expect(ExitCode.OK);
        String info = CliRun.of("info", zip).expect(ExitCode.OK).out();
        assertTrue(info.contains("400 (median 10 per snapshot)"), info);
        String dump = CliRun.of("dump", zip).expect(ExitCode.OK).out();
        String everything = info + dump + CliRun.of("info", zip, "--json").out();
        for (String secret : List.of("hunter2", "secret-program", "7f0000", Long.toString(0x7f0000000000L))) {
            assertFalse(everything.contains(secret), secret);
        }
        try (Stream<Path> left = Files.list(dir)) {
            assertEquals(
                    List.of("r.damson.zip", "t.damson"),
                    left.map(p -> p.getFileName().toString()).sorted().toList());
        }
    }

    @Test
    void aRedactedBundleSaysWhatCouldStillIdentifyAndStrictIsTheOnlyOtherWay() {
        Path zip = dir.resolve("told.damson.zip");
        CliRun bundled = CliRun.of("bundle", trace, "--redact", "-o", zip).expect(ExitCode.OK);
        assertTrue(bundled.err().contains("what could still identify"), bundled.err());
        String info = CliRun.of("info", zip).expect(ExitCode.OK).out();
        assertTrue(info.contains("Still identifying: exact sizes of the areas that were monitored"), info);
        Path strict = dir.resolve("strict.damson.zip");
        CliRun.of("bundle", trace, "--redact=strict", "-o", strict).expect(ExitCode.OK);
        info = CliRun.of("info", strict).expect(ExitCode.OK).out();
        assertTrue(info.contains("sizes, rounded up by at most a quarter, of the areas"), info);
        CliRun wrong = CliRun.of("bundle", trace, "--redact=most", "-o", dir.resolve("x.zip"))
                .expect(ExitCode.USAGE);
        assertTrue(wrong.err().contains("--redact=most: expected --redact or --redact=strict"), wrong.err());
        // What follows as a word of its own is the trace.
        CliRun.of("bundle", "--redact", trace, "-o", dir.resolve("y.zip")).expect(ExitCode.OK);
    }

    @Test
    void reportsOnARedactedRecordingSayTheSame() throws IOException {
        Path recording = dir.resolve("service.damson");
        CliRun.of("import", CliRun.testdata().resolve("service/tracefs.txt.gz"), "-o", recording)
                .expect(ExitCode.OK);
        Path zip = dir.resolve("service.damson.zip");
        CliRun.of("bundle", recording, "--redact", "-o", zip).expect(ExitCode.OK);
        assertEquals(
                CliRun.of("report", "wss", recording).expect(ExitCode.OK).out(),
                CliRun.of("report", "wss", zip).expect(ExitCode.OK).out());
        assertEquals(heats(recording), heats(zip));
        for (String[] command : new String[][] {
            {"info"}, {"dump"}, {"verify"}, {"report", "guide"}, {"report", "heatmap"}, {"export", "--to", "csv"}
        }) {
            List<Object> words = new ArrayList<>(List.of(command));
            words.add(zip);
            CliRun.of(words.toArray()).expect(ExitCode.OK);
        }
    }

    private static List<String> heats(Path trace) {
        String json = CliRun.of("report", "heatmap", trace, "--json")
                .expect(ExitCode.OK)
                .out();
        List<String> heats = new ArrayList<>();
        Matcher m = Pattern.compile("\"(?:max_heat|heat_byte_seconds|heat|lost_regions)\":[^a-z\"]*")
                .matcher(json);
        while (m.find()) {
            heats.add(m.group());
        }
        // The greatest heat, the heat of the two areas that are drawn, the cells, the losses.
        assertEquals(5, heats.size());
        return heats;
    }

    @Test
    void aKeyMakesPseudonymsComparableAndHasToBeOne() throws IOException {
        Path key = dir.resolve("key");
        Files.writeString(key, "short");
        CliRun.of("bundle", trace, "--redact", "--key", key, "-o", dir.resolve("a.zip"))
                .expect(ExitCode.USAGE);
        Files.write(key, new byte[32]);
        CliRun.of("bundle", trace, "--key", key, "-o", dir.resolve("a.zip")).expect(ExitCode.USAGE);
        for (String name : List.of("a.zip", "b.zip")) {
            CliRun.of("bundle", trace, "--redact", "--key", key, "-o", dir.resolve(name))
                    .expect(ExitCode.OK);
        }
        assertArrayEquals(Files.readAllBytes(dir.resolve("a.zip")), Files.readAllBytes(dir.resolve("b.zip")));
    }
}
