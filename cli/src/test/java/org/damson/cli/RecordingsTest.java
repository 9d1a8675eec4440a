package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands on real recordings. */
final class RecordingsTest {
    @TempDir
    Path dir;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "stairs/tracefs.txt.gz",
                "physical/tracefs.txt.gz",
                "service/tracefs.txt.gz",
                "many-regions/tracefs.txt.gz",
                "stairs-perf/damon.perf.script.gz",
                "stairs-perf/damon.perf.data.gz",
                "stairs-perf/damon.trace.dat.gz",
                "zigzag-damo/damon.data"
            })
    void everyRecordingImportsVerifiesAndReports(String name) {
        Path trace = dir.resolve("t.damson");
        CliRun imported = CliRun.of("import", CliRun.testdata().resolve(name), "-o", trace);
        assertTrue(imported.exit() == ExitCode.OK || imported.exit() == ExitCode.PARTIAL, imported.err());
        CliRun.of("verify", trace).expect(ExitCode.OK);
        CliRun.of("info", trace).expect(ExitCode.OK);
        assertFalse(CliRun.of("report", "wss", trace).expect(ExitCode.OK).out().isEmpty());
        assertFalse(
                CliRun.of("report", "heatmap", trace).expect(ExitCode.OK).out().isEmpty());
        assertFalse(
                CliRun.of("report", "guide", trace).expect(ExitCode.OK).out().isEmpty());
        CliRun.of("compare", trace, trace).expect(ExitCode.OK);
    }

    @Test
    void assumedIntervalsAreSaidAndGivenOnesKept() {
        Path recording = CliRun.testdata().resolve("stairs/tracefs.txt.gz");
        Path assumed = dir.resolve("assumed.damson");
        CliRun imported = CliRun.of("import", recording, "-o", assumed);
        assertTrue(imported.err().contains("assumed"), imported.err());
        assertTrue(CliRun.of("info", assumed).out().contains("ASSUMED"));
        assertTrue(CliRun.of("report", "wss", assumed).err().contains("assumed"));
        Path given = dir.resolve("given.damson");
        CliRun.of("import", recording, "-o", given, "--intervals", "10ms,200ms,2s");
        String info = CliRun.of("info", given).expect(ExitCode.OK).out();
        assertTrue(info.contains("10 ms sampling, 200 ms aggregation, 2 s update (given)"), info);
        CliRun.of("import", recording, "-o", dir.resolve("x.damson"), "--intervals", "100ms,5ms")
                .expect(ExitCode.USAGE);
    }

    @Test
    void damoReadsBackExactlyWhatItWrote() throws IOException {
        Path original = CliRun.testdata().resolve("zigzag-damo/damon.data");
        Path trace = dir.resolve("z.damson");
        CliRun.of("import", original, "-o", trace).expect(ExitCode.OK);
        Path exported = dir.resolve("damon.data");
        CliRun.of("export", trace, "--to", "damo", "-o", exported).expect(ExitCode.OK);
        byte[] json = inflate(original);
        assertArrayEquals(json, inflate(exported));
        assertArrayEquals(
                json,
                CliRun.of("export", trace, "--to", "damo-json")
                        .expect(ExitCode.OK)
                        .outBytes());
        Path again = dir.resolve("again.damson");
        CliRun.of("import", exported, "-o", again).expect(ExitCode.OK);
        assertArrayEquals(
                CliRun.of("dump", trace).expect(ExitCode.OK).outBytes(),
                CliRun.of("dump", again).expect(ExitCode.OK).outBytes());
    }

    @Test
    void everyCommandThatReadsTracesReadsOtherToolsRecordings() throws IOException {
        Path foreign = CliRun.testdata().resolve("zigzag-damo/damon.data");
        Path trace = dir.resolve("z.damson");
        CliRun.of("import", foreign, "-o", trace).expect(ExitCode.OK);
        String count = "select count(*) n, sum(nr_accesses) s from regions";
        String counted = CliRun.of("sql", trace, "--csv", "-c", count)
                .expect(ExitCode.OK)
                .out();
        assertEquals(
                counted,
                CliRun.of("sql", foreign, "--csv", "-c", count)
                        .expect(ExitCode.OK)
                        .out());
        assertTrue(CliRun.of("info", foreign).expect(ExitCode.OK).out().contains("Source:      import:damo"));
        assertEquals(
                CliRun.of("advise", trace).expect(ExitCode.OK).out(),
                CliRun.of("advise", foreign).expect(ExitCode.OK).out());
        byte[] rows = CliRun.of("dump", trace).expect(ExitCode.OK).outBytes();
        Path bundle = dir.resolve("z.damson.zip");
        CliRun.of("bundle", foreign, "-o", bundle).expect(ExitCode.OK);
        CliRun.of("verify", bundle).expect(ExitCode.OK);
        assertArrayEquals(rows, CliRun.of("dump", bundle).expect(ExitCode.OK).outBytes());
        CliRun.of("bundle", foreign, "--redact", "-o", dir.resolve("r.damson.zip"))
                .expect(ExitCode.OK);
        CliRun.of("merge", "--mixed", foreign, trace, "-o", dir.resolve("m.damson"))
                .expect(ExitCode.OK);
        assertEquals(2 * rows.length, CliRun.of("dump", dir.resolve("m.damson")).outBytes().length, rows.length);
    }

    private static byte[] inflate(Path file) throws IOException {
        try (InflaterInputStream in = new InflaterInputStream(Files.newInputStream(file))) {
            return in.readAllBytes();
        }
    }

    @Test
    void aCutOffGzipKeepsWhatIsWholeAndADamagedOneLeavesNothing() throws IOException {
        byte[] whole = Files.readAllBytes(CliRun.testdata().resolve("many-regions/tracefs.txt.gz"));
        Path cut = dir.resolve("cut.gz");
        Files.write(cut, Arrays.copyOf(whole, whole.length / 2));
        Path kept = dir.resolve("kept.damson");
        CliRun run = CliRun.of("import", cut, "-o", kept).expect(ExitCode.PARTIAL);
        assertTrue(run.err().contains("the recording is cut off"), run.err());
        CliRun.of("verify", kept).expect(ExitCode.OK);
        byte[] damaged = whole.clone();
        Arrays.fill(damaged, whole.length / 2, whole.length / 2 + 64, (byte) 0xff);
        Files.write(cut, damaged);
        CliRun.of("import", cut, "-o", dir.resolve("cut.damson")).expect(ExitCode.INPUT);
        try (Stream<Path> left = Files.list(dir)) {
            assertEquals(List.of(cut, kept), left.sorted().toList());
        }
    }

    private static byte[] gunzip(Path file) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(Files.readAllBytes(file)))) {
            return in.readAllBytes();
        }
    }

    @Test
    void aBinaryRecordingImportsLikeTheFileFromAPipeToo() throws IOException {
        Path packed = CliRun.testdata().resolve("perf-modes/pipe.perf.data.gz");
        byte[] recording = gunzip(packed);
        Path plain = Files.write(dir.resolve("perf.data"), recording);
        CliRun.of("import", packed, "-o", dir.resolve("a.damson")).expect(ExitCode.OK);
        CliRun.of("import", plain, "-o", dir.resolve("b.damson")).expect(ExitCode.OK);
        CliRun.with(Map.of(), recording, "import", "-", "-o", dir.resolve("c.damson"))
                .expect(ExitCode.OK);
        byte[] rows =
                CliRun.of("dump", dir.resolve("a.damson")).expect(ExitCode.OK).outBytes();
        assertTrue(rows.length > 10_000);
        assertArrayEquals(rows, CliRun.of("dump", dir.resolve("b.damson")).outBytes());
        assertArrayEquals(rows, CliRun.of("dump", dir.resolve("c.damson")).outBytes());
    }

    @Test
    void aTextOfCallStacksAloneIsATraceWithoutSnapshots() {
        Path trace = dir.resolve("t.damson");
        CliRun.of("import", CliRun.testdata().resolve("stairs-perf/cpu.perf.script.gz"), "-o", trace)
                .expect(ExitCode.OK);
        CliRun.of("verify", trace).expect(ExitCode.OK);
        String info = CliRun.of("info", trace).expect(ExitCode.OK).out();
        assertTrue(info.contains("samples 4,617"), info);
        for (String report : List.of("wss", "heatmap", "guide")) {
            assertFalse(
                    CliRun.of("report", report, trace).expect(ExitCode.OK).out().isEmpty());
        }
        CliRun.of("dump", trace, "--table", "frames").expect(ExitCode.OK);
    }

    @Test
    void standardInputImportsLikeTheFile() throws IOException {
        Path recording = CliRun.testdata().resolve("stairs/tracefs.txt.gz");
        Path fromFile = dir.resolve("file.damson");
        Path fromStream = dir.resolve("stream.damson");
        CliRun.of("import", recording, "-o", fromFile);
        byte[] text = gunzip(recording);
        CliRun.with(Map.of(), text, "import", "-", "-o", fromStream);
        assertArrayEquals(
                CliRun.of("dump", fromFile).expect(ExitCode.OK).outBytes(),
                CliRun.of("dump", fromStream).expect(ExitCode.OK).outBytes());
        CliRun.with(Map.of(), text, "import", "-").expect(ExitCode.USAGE);
    }
}
