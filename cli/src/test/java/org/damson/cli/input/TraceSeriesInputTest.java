package org.damson.cli.input;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory of traces is an input like one trace; what may not be read is not called "no trace". */
final class TraceSeriesInputTest {
    @TempDir
    Path dir;

    private Path whole;
    private Path series;

    @BeforeEach
    void cut() throws Exception {
        whole = CliRun.importZigzag(dir.resolve("whole.damson"));
        series = Files.createDirectory(dir.resolve("series"));

        CliRun.of("slice", whole, "--snapshots", "..100", "-o", series.resolve("000000-20260101T000000Z.damson"))
                .expect(ExitCode.OK);
        CliRun.of("slice", whole, "--snapshots", "100..", "-o", series.resolve("000001-20260101T000010Z.damson"))
                .expect(ExitCode.OK);
    }

    @Test
    void everyReportReadsASeriesAsOneTrace() throws Exception {
        for (List<Object> command : List.<List<Object>>of(
                List.of("report", "wss"),
                List.of("report", "idle", "--json"),
                List.of("report", "heatmap"),
                List.of("report", "windows"),
                List.of("report", "guide"),
                List.of("report", "curves"),
                List.of("report", "access", "--snapshot-idx", "99", "101"),
                List.of("dump"))) {
            Object[] ofWhole = command.toArray(new Object[command.size() + 1]);
            Object[] ofSeries = ofWhole.clone();
            ofWhole[command.size()] = whole;
            ofSeries[command.size()] = series;
            assertEquals(
                    CliRun.of(ofWhole).expect(ExitCode.OK).out().replace("whole.damson", "series"),
                    CliRun.of(ofSeries).expect(ExitCode.OK).out(),
                    command.toString());
        }
        String count = "select trace, count(*) as n from wss group by trace";
        assertEquals(
                CliRun.of("sql", whole, "--csv", "-c", count)
                        .expect(ExitCode.OK)
                        .out()
                        .replace("whole", "series"),
                CliRun.of("sql", series, "--csv", "-c", count)
                        .expect(ExitCode.OK)
                        .out());
        CliRun.of("compare", whole, series).expect(ExitCode.OK);
        CliRun.of("simulate", series, "--scheme", "stat access=0..0 age=1s..max")
                .expect(ExitCode.OK);
        assertTrue(CliRun.of("info", series).expect(ExitCode.OK).out().contains("Snapshots"));
    }

    @Test
    void topLooksAtTheNewestOfASeries() {
        Path newest = series.resolve("000001-20260101T000010Z.damson");
        assertEquals(
                CliRun.of("top", newest, "--json").expect(ExitCode.OK).out(),
                CliRun.of("top", series, "--json").expect(ExitCode.OK).out());
    }

    /** The second trace is in the middle of a recovery that was killed between its renames, before or after it had a result. */
    @Test
    void aTraceInTheMiddleOfAKilledRecoveryIsOneOfASeries() throws Exception {
        String wanted = CliRun.of("report", "wss", series).expect(ExitCode.OK).out();
        Path last = series.resolve("000001-20260101T000010Z.damson");
        for (boolean hasResult : new boolean[] {true, false}) {
            Path original = last.resolveSibling(last.getFileName() + ".replaced");
            if (hasResult) {
                Files.createDirectory(original); // of which the manifest is gone already
                Files.move(last, last.resolveSibling(last.getFileName() + ".recovering"));
            } else {
                Files.move(last, original);
            }
            assertEquals(
                    wanted,
                    CliRun.of("report", "wss", series).expect(ExitCode.OK).out());
            assertTrue(CliRun.of("verify", series).expect(ExitCode.OK).out().contains("good"));
            CliRun.of("recover", series).expect(ExitCode.OK);
            assertTrue(Files.exists(last.resolve("manifest.json")));
            assertEquals(
                    wanted,
                    CliRun.of("report", "wss", series).expect(ExitCode.OK).out());
            try (Stream<Path> left = Files.list(series)) {
                assertEquals(2, left.count());
            }
        }
    }

    /** Killed when it had made the next trace's directory and not yet its manifest. */
    @Test
    void aTraceThatWasNotBegunHidesNoOther() throws Exception {
        String wanted = CliRun.of("report", "wss", series).expect(ExitCode.OK).out();
        Path unborn = Files.createDirectory(series.resolve("000002-20260101T000020Z.damson"));
        for (String left : List.of("", ".lock", "manifest.json.part")) {
            if (!left.isEmpty()) {
                Files.createFile(unborn.resolve(left));
            }
            assertEquals(
                    wanted,
                    CliRun.of("report", "wss", series).expect(ExitCode.OK).out());
            CliRun.of("verify", series).expect(ExitCode.OK);
            CliRun.of("top", series, "--json").expect(ExitCode.OK);
            CliRun.of("recover", series).expect(ExitCode.OK);
        }
        // Rows without a manifest are damage, and said.
        Files.createFile(unborn.resolve("regions-000000.arrows"));
        assertTrue(
                CliRun.of("report", "wss", series).expect(ExitCode.INPUT).err().contains(unborn.toString()));
    }

    @Test
    void verifyOfASeriesFindsAndNotesWhatItDoesOfEachTrace() throws Exception {
        Path regions = series.resolve("000001-20260101T000010Z.damson/regions-000000.parquet");
        byte[] bytes = Files.readAllBytes(regions);
        bytes[bytes.length / 2] ^= 1;
        Files.write(regions, bytes);
        CliRun run = CliRun.of("verify", series).expect(ExitCode.FINDINGS);
        assertTrue(
                run.out().contains("000001-20260101T000010Z.damson/regions-000000.parquet: content differs"),
                run.out());
    }

    @Test
    void aSeriesIsBundledAsOneTrace() {
        Path zip = dir.resolve("series.damson.zip");
        CliRun.of("bundle", series, "-o", zip).expect(ExitCode.OK);
        assertEquals(
                CliRun.of("dump", whole).expect(ExitCode.OK).out(),
                CliRun.of("dump", zip).expect(ExitCode.OK).out());
        for (Path given : List.of(whole, zip)) {
            CliRun again =
                    CliRun.of("import", given, "-o", dir.resolve("never")).expect(ExitCode.INPUT);
            assertTrue(again.err().contains("the other verbs read it as it is"), again.err());
        }
    }

    /** A directory into which somebody put recordings of whatever is no recording. */
    @Test
    void tracesOfDifferentRecordingsAreNoSeries() {
        CliRun.of("import", CliRun.testdata().resolve("stairs/tracefs.txt.gz"), "-o", series.resolve("z.damson"))
                .expect(ExitCode.OK);
        CliRun run = CliRun.of("report", "wss", series).expect(ExitCode.INPUT);
        assertEquals(1, run.err().lines().count(), run.err());
        assertTrue(run.err().contains("its traces are not one recording: the "), run.err());
        CliRun.of("verify", series).expect(ExitCode.OK);
    }

    @Test
    void anEmptyDirectoryIsNoTrace() throws Exception {
        CliRun run = CliRun.of("report", "wss", Files.createDirectory(dir.resolve("empty")));
        assertEquals(ExitCode.INPUT, run.exit());
        assertTrue(run.err().contains("not a trace"), run.err());
    }

    /** As root without the capabilities that let it read everything. */
    @Test
    void aTraceThatMayNotBeReadIsPermissionDenied() throws Exception {
        boolean isRoot = "root".equals(System.getProperty("user.name"));
        Files.setPosixFilePermissions(whole, Set.of());
        List<String> unprivileged =
                isRoot ? List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search") : List.of();
        for (String[] command : new String[][] {{"report", "wss"}, {"top"}}) {
            List<String> words = new ArrayList<>(unprivileged);
            words.addAll(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    "org.damson.cli.Main"));
            words.addAll(List.of(command));
            words.add(whole.toString());
            Process p = new ProcessBuilder(words).redirectErrorStream(true).start();
            String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(p.waitFor(60, TimeUnit.SECONDS));
            assertEquals("damson: " + whole + ": permission denied\n", said);
            assertEquals(ExitCode.CAPABILITY, p.exitValue());
        }
    }
}
