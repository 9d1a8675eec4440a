package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.damson.cli.command.ExitCode;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** damo's reports without {@code --damo-compat}: corrected, and in damson's own words. */
final class DamoReportsTest {
    private static final Path ZIGZAG = CliRun.testdata().resolve("zigzag-damo/damon.data");
    private static final Path TARGETS = CliRun.testdata().resolve("damo/recordings/several-targets.damo");

    @TempDir
    Path dir;

    private static String out(Object... args) {
        return CliRun.of(args).expect(ExitCode.OK).out();
    }

    @Test
    void timesAreSaidWithOneUnitAndOverlappingTargetsAreOneTime() {
        List<String> lines = out("report", "times", TARGETS).lines().toList();
        assertEquals("# seconds of the recording's clock", lines.get(0));
        assertEquals(2, lines.size(), lines.toString());
        List<String> hot = out("report", "times", ZIGZAG, "--access-rate", "50%", "100%")
                .lines()
                .toList();
        assertTrue(hot.size() > 1);
        assertTrue(hot.stream().skip(1).allMatch(l -> l.matches("\\d+\\.\\d{6}-\\d+\\.\\d{6}")), hot.toString());
    }

    @Test
    void aggregationKeepsTheTailAndCountsAgesInTheNewInterval() throws IOException {
        Path recording = dir.resolve("r.damson");
        try (var sink = Traces.create(recording, manifest(), WriterOptions.BATCH)) {
            Snapshot s = new Snapshot();
            for (int i = 0; i < 5; i++) {
                s.clear();
                s.startNs = i * 100_000_000L;
                s.endNs = s.startNs + 100_000_000L;
                s.sampleUs = 5000;
                s.aggrUs = 100_000;
                s.columns = Snapshot.HAS_AGE;
                s.add(4096, 8192, 2, 10 + i);
                s.add(8192, 16384, 0, 20);
                sink.append(s);
            }
        }
        Path aggregated = dir.resolve("a.damson");
        CliRun.of("slice", recording, "--aggregate", "200ms", "-o", aggregated).expect(ExitCode.OK);
        CliRun.of("verify", aggregated, "--expect", "--allow-error", "34").expect(ExitCode.OK);
        Snapshot s = new Snapshot();
        StringBuilder b = new StringBuilder();
        try (TraceSource t = Traces.open(aggregated);
                TraceSource.SnapshotCursor cursor = t.snapshots(TraceQuery.ALL)) {
            assertEquals(200_000, t.manifest().attrs.aggrUs());
            while (cursor.next(s)) {
                b.append((s.endNs - s.startNs) / 1_000_000).append(" ms");
                for (int i = 0; i < s.regions; i++) {
                    b.append(' ').append(s.nrAccesses[i]).append('/').append(s.age[i]);
                }
                b.append('\n');
            }
        }
        assertEquals("200 ms 4/5 0/10\n200 ms 4/6 0/10\n100 ms 2/7 0/10\n", b.toString());
        CliRun.of("slice", recording, "--aggregate", "200ms", "--skip", "5", "-o", dir.resolve("none"))
                .expect(ExitCode.INPUT);
        CliRun.of("slice", recording, "--aggregate", "0", "-o", dir.resolve("none"))
                .expect(ExitCode.USAGE);
        CliRun.of("slice", recording, "--aggregate", "1s", "--time", "0s..1s", "-o", dir.resolve("none"))
                .expect(ExitCode.USAGE);
        assertFalse(Files.exists(dir.resolve("none")));
    }

    private static Manifest manifest() {
        Manifest m = new Manifest();
        m.attrs = new MonitoringAttrs(5000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.RECORDED);
        return m;
    }

    @Test
    void sliceByDamosFiltersKeepsWhatStandsBesideTheRegions() {
        Path part = dir.resolve("p.damson");
        CliRun.of("slice", ZIGZAG, "--snapshot-idx", "0", "9", "--sz-region", "1M", "max", "-o", part)
                .expect(ExitCode.OK);
        assertTrue(out("report", "footprint", part).contains("rss"));
        assertTrue(out("info", part).contains("Snapshots:   10 over"), out("info", part));
    }

    @Test
    void expectationsThatAreMissedAreFindings() {
        CliRun missed = CliRun.of("verify", ZIGZAG, "--expect").expect(ExitCode.FINDINGS);
        assertTrue(missed.out().contains("106 of 149 snapshots (71.1 %) span no aggregation interval"), missed.out());
        CliRun.of("verify", ZIGZAG, "--expect", "--aggr", "90000", "999999", "--nr-regions", "3", "100")
                .expect(ExitCode.OK);
        CliRun few = CliRun.of("verify", ZIGZAG, "--expect", "--aggr", "1", "999999999", "--nr-regions", "1", "5")
                .expect(ExitCode.FINDINGS);
        assertTrue(few.out().contains("do not have 1 to 5 regions"), few.out());
        CliRun outside = CliRun.of(
                        "verify", ZIGZAG, "--expect", "--aggr", "1", "999999999", "--regions-boundary", "4096-8192")
                .expect(ExitCode.FINDINGS);
        assertTrue(outside.out().contains("are outside the boundaries"), outside.out());
        CliRun.of("verify", ZIGZAG, "--nr-regions", "1", "5").expect(ExitCode.USAGE);
        CliRun.of("verify", ZIGZAG, "--expect", "--nr-regions", "5", "1").expect(ExitCode.USAGE);
        CliRun.of("verify", ZIGZAG, "--expect", "--regions-boundary", "77").expect(ExitCode.USAGE);
    }

    @Test
    void onePageHasHeatmapsWorkingSetAndFootprints() {
        String brief = out("report", "holistic", ZIGZAG);
        assertFalse(brief.contains("\u001b"), "colours in a file");
        assertTrue(brief.matches("(?s)# Heatmap\n.*9.*\n {7}wss +.*\n {7}rss +.*"), brief);
        String full = out("report", "holistic", ZIGZAG, "--long");
        assertTrue(full.contains("Sorted by time"), full);
        CliRun without = CliRun.of("report", "holistic", TARGETS).expect(ExitCode.OK);
        assertTrue(without.err().contains("no footprints were recorded"), without.err());
    }

    @Test
    void eventsComeInTheOrderOfTimeAndByName() {
        List<String> lines = out("report", "trace", ZIGZAG).lines().toList();
        double last = 0;
        for (String l : lines) {
            double time = Double.parseDouble(l.substring(0, l.indexOf(' ')));
            assertTrue(time >= last, l);
            last = time;
        }
        assertTrue(lines.get(0).contains(" damon_aggregated target 0 region 0/"), lines.get(0));
        assertEquals("", out("report", "trace", ZIGZAG, "--no-event", "damon:damon_aggregated"));
        CliRun wrong = CliRun.of("report", "trace", ZIGZAG, "--event", "damon_agregated")
                .expect(ExitCode.USAGE);
        assertTrue(wrong.err().contains("did you mean 'damon_aggregated'"), wrong.err());
    }

    @Test
    void parametersOfTheRecordingAreSaid() {
        String text = out("report", "damon", ZIGZAG);
        assertTrue(text.contains("kdamond 0, context 0\n    intervals: sample 5 ms, aggregation 100 ms"), text);
        assertTrue(text.contains("snapshots: 149"), text);
        assertTrue(text.contains("side files shift error: 3.078 s"), text);
        Path indexed = CliRun.importZigzag(dir.resolve("indexed.damson"));
        CliRun.of("index", indexed).expect(ExitCode.OK);
        assertEquals(
                out("report", "damon", indexed)
                        .lines()
                        .filter(l -> l.contains("summed"))
                        .count(),
                0);
        assertTrue(out("report", "damon", ZIGZAG, "--json").matches("(?s).*\"snapshots\" ?: ?149.*"));
    }

    /** A recording of call stacks alone has no working set: not one of 0 bytes. */
    @Test
    void callStacksWithoutMemoryAreCountedAndNoSizeIsMadeUp() {
        Path stacks = CliRun.testdata().resolve("perf-stacks/pipe.perf.data");
        CliRun all = CliRun.of("report", "profile", stacks).expect(ExitCode.OK);
        assertTrue(all.err().contains("note: no memory was recorded: all samples are counted"), all.err());
        assertTrue(all.out().matches("(?s).*# (\\d+) of \\1 samples are in .*"), all.out());
        CliRun.of("report", "profile", stacks, "--sz-region", "4K", "max").expect(ExitCode.INPUT);
        String sizing = out("report", "sizing", stacks);
        assertTrue(sizing.contains("100.0 %"), sizing);
        assertFalse(sizing.contains("0 B"), sizing);
    }

    @Test
    void functionsOfTheTimesOfAPatternAreCounted() {
        Path recording = CliRun.testdata().resolve("stairs-perf/damon.perf.script.gz");
        Path stacks = CliRun.testdata().resolve("stairs-perf/cpu.perf.script.gz");
        String hot = out("report", "profile", recording, "--profile", stacks, "--access-rate", "80%", "100%");
        assertTrue(hot.matches("(?s)# functions\n[^\n]*\n +9\\d\\.\\d % .*do_seq_wo.*"), hot);
        String unnamed = out("report", "profile", CliRun.testdata().resolve("perf-modes/clockid.perf.data.gz"));
        assertTrue(
                unnamed.matches("(?s)# functions\n[^\n]*\n +63\\.8 % +44 +\\[kernel.kallsyms]\\+0x11f3125 .*"),
                unnamed);
        CliRun none = CliRun.of("report", "profile", recording).expect(ExitCode.INPUT);
        assertTrue(none.err().contains("no call-stack samples"), none.err());
        CliRun.of("report", "profile", recording, "--profile", stacks, "--sz-region", "1E", "max")
                .expect(ExitCode.INPUT);
    }

    @Test
    void damosHeatmapOptionsDrawWithoutItsDefects() {
        // To damo the warmest of them has 8 at most; here it is 9, and the coldest 0.
        String picture = out("report", "heatmap", ZIGZAG, "--resol", "6", "30");
        assertEquals(6, picture.lines().filter(l -> l.matches("[0-9 ]{30}")).count(), picture);
        assertTrue(picture.lines().limit(6).anyMatch(l -> l.contains("9")), picture);
        // Each row is sorted from cold to hot.
        for (String l : out("report", "heatmap", ZIGZAG, "--resol", "6", "30", "--sort-temperature")
                .lines()
                .limit(6)
                .toList()) {
            assertTrue(l.charAt(0) <= l.charAt(29), l);
        }
        // A snapshot shows its past by the ages of its regions.
        String past = out("report", "heatmap", ZIGZAG, "--resol", "6", "30");
        assertTrue(past.contains("# y-axis: time [9.544 s, 43.958 s)"), past);
        assertEquals(
                30,
                out("report", "heatmap", ZIGZAG, "--output", "raw", "--resol", "5", "6")
                        .lines()
                        .count());
        CliRun.of("report", "heatmap", ZIGZAG, "--resol", "5", "6", "--cols", "7")
                .expect(ExitCode.USAGE);
        CliRun.of("report", "heatmap", ZIGZAG, "--resol", "5", "6", "--output", dir.resolve("x.csv"))
                .expect(ExitCode.USAGE);
    }

    /** A pixel in the middle of each cell is the lighter the greater damo's number for that cell is. */
    @Test
    void picturesByDamosHeatmapOptionsShowItsTable() throws IOException {
        int times = 5;
        int addresses = 6;
        for (List<String> more : List.of(List.of("--tid", "0"), List.of("--sort-temperature"))) {
            List<Object> args = new ArrayList<>(List.of("report", "heatmap", ZIGZAG, "--resol", times, addresses));
            args.addAll(more);
            List<Object> table = new ArrayList<>(args);
            table.addAll(List.of("--output", "raw"));
            List<Double> heats = out(table.toArray())
                    .lines()
                    .map(l -> Double.parseDouble(l.split("\t")[2]))
                    .toList();
            Path file = dir.resolve(more.get(0) + ".png");
            args.addAll(List.of("--output", file));
            out(args.toArray());
            BufferedImage picture = ImageIO.read(file.toFile());
            int[] light = new int[times * addresses];
            for (int i = 0; i < light.length; i++) {
                // The map is 960 x 600 pixels at 245, 70; addresses grow upwards.
                int x = 245 + (2 * (i / addresses) + 1) * 960 / (2 * times);
                int y = 70 + 600 - (2 * (i % addresses) + 1) * 600 / (2 * addresses);
                int rgb = picture.getRGB(x, y);
                light[i] = 299 * (rgb >> 16 & 255) + 587 * (rgb >> 8 & 255) + 114 * (rgb & 255);
            }
            int compared = 0;
            for (int i = 0; i < light.length; i++) {
                for (int j = 0; j < light.length; j++) {
                    if (heats.get(i) > heats.get(j) * 1.1 + 1) {
                        assertTrue(light[i] > light[j], more + ": cells " + i + " and " + j);
                        compared++;
                    }
                }
            }
            assertTrue(compared > light.length, "cells differ");
        }
        CliRun run = CliRun.of("report", "heatmap", ZIGZAG, "--abs-time", "--output", dir.resolve("y.png"))
                .expect(ExitCode.USAGE);
        assertTrue(run.err().contains("--abs-time is for text"), run.err());
    }
}
