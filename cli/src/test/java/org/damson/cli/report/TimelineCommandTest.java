package org.damson.cli.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A program that fills a buffer of 16 MiB for 2 s and scans another of 8 MiB for 2 s. Its samples, one each 50 ms: 40 in
 * {@code fill} called by {@code main}, 10 of them in code of libc that has no name; then 40 in {@code scan}, which calls
 * itself. 5 samples of page faults, 3 samples after the last snapshot.
 */
final class TimelineCommandTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long MIB = 1 << 20;
    private static final int FILL = 0x0072b2;
    private static final int SCAN = 0xd55e00;

    @TempDir
    static Path dir;

    private static Path both;
    private static Path memory;
    private static Path stacks;

    @BeforeAll
    static void writeTraces() throws IOException {
        both = write("both.damson", true, true);
        memory = write("memory.damson", true, false);
        stacks = write("stacks.damson", false, true);
    }

    private static Path write(String name, boolean hasMemory, boolean hasStacks) throws IOException {
        Manifest manifest = new Manifest();
        manifest.source = "import:text";
        manifest.attrs =
                new MonitoringAttrs(5000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.RECORDED);
        Path path = dir.resolve(name);
        try (TraceSink sink = Traces.create(path, manifest, WriterOptions.BATCH)) {
            for (int i = 0; hasMemory && i < 40; i++) {
                Snapshot s = new Snapshot();
                s.target = 1;
                s.startNs = SECOND + i * SECOND / 10;
                s.endNs = s.startNs + SECOND / 10;
                s.sampleUs = 5000;
                s.aggrUs = 100_000;
                s.add(64 * MIB, 80 * MIB, i < 20 ? 20 : 0, 0);
                s.add(80 * MIB, 88 * MIB, i < 20 ? 0 : 20, 0);
                sink.append(s);
            }
            if (hasStacks) {
                appendStacks(sink);
            }
        }
        return path;
    }

    private static void appendStacks(TraceSink sink) throws IOException {
        Batch frames = new Batch(Table.FRAMES);
        frames.add(0, "main", "/bin/app", "", 1);
        frames.add(1, "fill", "/bin/app", "", 2);
        frames.add(2, "scan", "/bin/app", "", 3);
        frames.add(3, "scan", "/bin/app", "", 9);
        frames.add(4, "", "/lib/libc.so.6", "ab", 0x500);
        sink.append(frames);
        Batch stackRows = new Batch(Table.STACKS);
        int[][] leafFirst = {{1, 0}, {4, 1, 0}, {2, 3, 0}};
        for (int s = 0; s < leafFirst.length; s++) {
            for (int d = 0; d < leafFirst[s].length; d++) {
                stackRows.add(s, d, leafFirst[s][d]);
            }
        }
        sink.append(stackRows);
        Batch samples = new Batch(Table.SAMPLES);
        for (int i = 0; i < 83; i++) {
            samples.add(
                    SECOND + i * SECOND / 20, 1, 1, 0, "cpu-clock", 0, 50_000_000, i >= 40 ? 2 : i % 4 == 3 ? 1 : 0);
        }
        for (int i = 0; i < 5; i++) {
            samples.add(SECOND + i, 1, 1, 0, "page-faults", 0, 1, 2);
        }
        sink.append(samples);
    }

    private static JsonNode json(Object... more) throws IOException {
        List<Object> words = new ArrayList<>(List.of("report", "timeline", "--json"));
        words.addAll(List.of(more));
        return new ObjectMapper()
                .readTree(CliRun.of(words.toArray()).expect(ExitCode.OK).outBytes());
    }

    /** Phase, function, samples, and both shares as whole percents. */
    private static List<String> functions(JsonNode report) {
        List<String> found = new ArrayList<>();
        report.get("functions")
                .forEach(f -> found.add(f.get("phase").asText() + " "
                        + f.get("function").asText() + " " + f.get("samples").asLong() + " "
                        + Math.round(f.get("self_percent").asDouble()) + " "
                        + Math.round(f.get("total_percent").asDouble())));
        return found;
    }

    @Test
    void namesTheFunctionsOfEachPhase() throws IOException {
        JsonNode report = json(both);
        assertEquals(2, report.get("phases").size());
        assertEquals(2 * SECOND, report.get("phases").get(1).get("start_ns").asLong());
        // 83 samples: 43 in scan, 30 in fill, 10 in libc; main is never the leaf.
        assertEquals(
                List.of(
                        "null scan (app) 43 52 52",
                        "null fill (app) 30 36 48",
                        "null libc.so.6+0x500 10 12 12",
                        "1 fill (app) 30 75 100",
                        "1 libc.so.6+0x500 10 25 25",
                        "2 scan (app) 40 100 100"),
                functions(report));
        String notes = report.get("notes").toString();
        assertTrue(notes.contains("samples of cpu-clock"), notes);
        assertTrue(notes.contains("not counted: 5 samples of other events"), notes);
        assertTrue(notes.contains("samples before the first snapshot or after the last, in no phase: 3"), notes);
        assertEquals(
                List.of("null scan (app) 20 100 100", "1 scan (app) 20 100 100"),
                functions(json(both, "--time", "2s..3s")));
    }

    @Test
    void saysWhereOneOfThemIsNotThere() throws IOException {
        JsonNode report = json(memory);
        assertEquals(2, report.get("phases").size());
        assertEquals(0, report.get("functions").size());
        assertTrue(report.get("notes").toString().contains("no call stacks"), report.toString());
        report = json(stacks);
        assertEquals(0, report.get("phases").size());
        assertEquals("null scan (app) 43 52 52", functions(report).get(0));
        assertTrue(report.get("notes").toString().contains("no snapshots, so no phases"), report.toString());
        // Without snapshots time counts from the first sample.
        assertEquals(List.of("null scan (app) 20 100 100"), functions(json(stacks, "--time", "2s..3s")));
    }

    @Test
    void drawsPanelsOnOneAxis() throws IOException {
        BufferedImage picture = ImageIO.read(picture(both, "png").toFile());
        // The lowest part of the bars is scan, of all most frequent, from the second half on; fill is before.
        int y = picture.getHeight() - 80;
        int quarter = 245 + 960 / 4;
        int threeQuarters = 245 + 960 * 3 / 4 - 30;
        assertEquals(FILL, picture.getRGB(threeQuarters, y) & 0xffffff, "scan has the first colour");
        assertEquals(SCAN, picture.getRGB(quarter, y) & 0xffffff, "fill the second");
        String svg = Files.readString(picture(both, "svg"));
        assertTrue(svg.contains("scan (app)") && svg.contains("fill (app)"));
        String without = Files.readString(picture(memory, "svg"));
        assertTrue(without.contains("no call stacks") && !without.contains("share of samples"));
        assertTrue(ImageIO.read(picture(memory, "png").toFile()).getHeight() < picture.getHeight());
        assertTrue(Files.readString(picture(stacks, "svg")).contains("no snapshots of memory"));
        assertFalse(Files.readString(picture(stacks, "svg")).contains("NaN"));
        assertArrayEquals(
                Files.readAllBytes(picture(both, "pdf")), Files.readAllBytes(picture(both, "pdf")), "deterministic");
    }

    @Test
    void drawsTimesThatAreFurtherApartThanNumbersHold() throws IOException {
        Path far = dir.resolve("far.damson");
        Manifest manifest = new Manifest();
        manifest.source = "import:text";
        try (TraceSink sink = Traces.create(far, manifest, WriterOptions.BATCH)) {
            Batch samples = new Batch(Table.SAMPLES);
            for (long timeNs : new long[] {-9_000_000_000_000_000_000L, 0, 1, 2, 3, 4, 5, 9_000_000_000_000_000_000L}) {
                samples.add(timeNs, 1, 1, 0, "cycles", 0, 1, 0);
            }
            sink.append(samples);
        }
        assertEquals(List.of("null [no call stack] 8 100 100"), functions(json(far)));
        assertTrue(Files.size(picture(far, "png")) > 0);
        for (String format : List.of("speedscope", "collapsed", "pprof", "perfetto", "firefox")) {
            CliRun.of("export", far, "--to", format).expect(ExitCode.OK);
        }
    }

    private static Path picture(Path trace, String form) {
        Path file = dir.resolve(trace.getFileName() + "." + form);
        CliRun.of("report", "timeline", trace, "-o", file, "--force").expect(ExitCode.OK);
        return file;
    }
}
