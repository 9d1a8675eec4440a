package org.damson.cli.whatif;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tune}, {@code report curves} and the outcomes of {@code simulate} on a recorded service. */
final class TuneCommandTest {
    @TempDir
    Path dir;

    private Path trace;

    @BeforeEach
    void importService() {
        trace = dir.resolve("service.damson");
        CliRun.of(
                        "import",
                        CliRun.testdata().resolve("service/tracefs.txt.gz"),
                        "-o",
                        trace,
                        "--intervals",
                        "5ms,100ms")
                .expect(ExitCode.OK);
    }

    @Test
    void thePointFoundIsSaidWithWhatInstallsIt() {
        String text = CliRun.of(
                        "tune",
                        trace,
                        "--scheme",
                        "pageout access=0..0",
                        "--vary",
                        "min_age=1s..12s/1s",
                        "--objective",
                        "saved where refaults<=2M/s",
                        "--likely")
                .expect(ExitCode.OK)
                .out();
        assertTrue(text.contains("12 points simulated, all there are"), text);
        assertTrue(text.contains("best measured point: min_age 10 s"), text);
        assertTrue(text.contains("min_age 9 s") && text.contains("breaks the limits"), text);
        assertTrue(text.contains("damon_reclaim.min_age=10000000"), text);
    }

    @Test
    void aLimitThatNoPointKeepsIsAFinding() {
        String text = CliRun.of(
                        "tune",
                        trace,
                        "--scheme",
                        "prcl",
                        "--vary",
                        "min_age=1s,2s",
                        "--objective",
                        "saved where saved>=1T")
                .expect(ExitCode.FINDINGS)
                .out();
        assertTrue(text.contains("no point keeps the limits"), text);
    }

    @Test
    void severalTracesKeepOneApartForTesting() {
        Path again = dir.resolve("again.damson");
        CliRun.of("slice", trace, "-o", again).expect(ExitCode.OK);
        CliRun itself = CliRun.of("tune", trace, trace, "--scheme", "prcl", "--vary", "min_age=11s,12s")
                .expect(ExitCode.USAGE);
        assertTrue(itself.err().contains(trace + " is given twice"), itself.err());
        String json = CliRun.of(
                        "tune",
                        trace,
                        again,
                        "--scheme",
                        "prcl",
                        "--vary",
                        "min_age=11s,12s",
                        "--objective",
                        "saved",
                        "--json")
                .expect(ExitCode.OK)
                .out();
        assertTrue(json.contains("\"tests\":{"), json);
        assertTrue(json.contains("\"trained_on\":["), json);
    }

    @Test
    void mistypedWordsGetTheNearestKnownOne() {
        assertTrue(CliRun.of("tune", trace, "--scheme", "prcl", "--vary", "min_agee=1s")
                .expect(ExitCode.USAGE)
                .err()
                .contains("did you mean 'min_age'"));
        assertTrue(CliRun.of("tune", trace, "--scheme", "prcl", "--vary", "min_age=1s", "--objective", "savd")
                .expect(ExitCode.USAGE)
                .err()
                .contains("did you mean 'saved'"));
        assertTrue(CliRun.of("simulate", trace, "--scheme", "prcl", "--cost", "zrm")
                .expect(ExitCode.USAGE)
                .err()
                .contains("did you mean 'zram'"));
        CliRun.of("tune", trace, "--scheme", "prcl").expect(ExitCode.USAGE);
    }

    @Test
    void storedCurvesGiveTheSameReportAndStayOutOfWhatIsShared() throws Exception {
        Path stored = dir.resolve("stored.damson");
        CliRun.of("slice", trace, "-o", stored, "--curves").expect(ExitCode.OK);
        assertTrue(CliRun.of("info", stored).expect(ExitCode.OK).out().contains("curves"));
        CliRun.of("verify", stored).expect(ExitCode.OK);
        for (String form : List.of("txt", "csv", "json")) {
            Path a = dir.resolve("a." + form);
            Path b = dir.resolve("b." + form);
            CliRun.of("report", "curves", trace, "-o", a).expect(ExitCode.OK);
            CliRun.of("report", "curves", stored, "-o", b).expect(ExitCode.OK);
            assertEquals(Files.readString(a), Files.readString(b));
        }
        Path first = dir.resolve("first.damson");
        Path rest = dir.resolve("rest.damson");
        CliRun.of("slice", stored, "--time", "0s..5s", "-o", first, "--curves").expect(ExitCode.OK);
        CliRun.of("slice", stored, "--time", "5s..", "-o", rest).expect(ExitCode.OK);
        Path whole = dir.resolve("whole.damson");
        CliRun.of("merge", first, rest, "-o", whole, "--curves").expect(ExitCode.OK);
        CliRun.of("merge", first, rest, "-o", dir.resolve("plain.damson")).expect(ExitCode.OK);
        assertEquals(
                CliRun.of("report", "curves", dir.resolve("plain.damson"))
                        .expect(ExitCode.OK)
                        .out(),
                CliRun.of("report", "curves", whole).expect(ExitCode.OK).out());
        Path shared = dir.resolve("shared.damson.zip");
        CliRun.of("bundle", stored, "--redact", "-o", shared).expect(ExitCode.OK);
        assertEquals(
                "aggr_us,histogram,bin,billions,rest\n",
                CliRun.of("dump", shared, "--table", "curves")
                        .expect(ExitCode.OK)
                        .out());
    }

    @Test
    void curvesAndSweepsAreWritten() throws Exception {
        Path csv = dir.resolve("curves.csv");
        CliRun.of("report", "curves", trace, "--slice", "5s", "-o", csv).expect(ExitCode.OK);
        List<String> lines = Files.readAllLines(csv);
        assertTrue(lines.get(0).startsWith("slice,min_age_aggrs,"));
        assertTrue(lines.get(lines.size() - 1).startsWith("4,"), "five slices in 20 s");
        String sweep = CliRun.of(
                        "simulate",
                        trace,
                        "--sweep",
                        "min_age=0s,5s",
                        "--sweep",
                        "max_access=0,20",
                        "--sweep",
                        "min_size=0,1M")
                .expect(ExitCode.OK)
                .out();
        assertEquals(9, sweep.lines().count());
        CliRun.of("simulate", trace, "--sweep", "max_age=5s").expect(ExitCode.USAGE);
    }

    @Test
    void outcomesOverTimeAreWrittenAsTableAndPicture() throws Exception {
        Path csv = dir.resolve("time.csv");
        CliRun.of("simulate", trace, "--scheme", "prcl", "--over-time", "-o", csv)
                .expect(ExitCode.OK);
        assertEquals(183, Files.readAllLines(csv).size(), "a header and a line per turn");
        Path png = dir.resolve("time.png");
        CliRun.of("simulate", trace, "--scheme", "prcl", "-o", png).expect(ExitCode.OK);
        assertTrue(ImageIO.read(png.toFile()).getWidth() > 1000);
    }

    @Test
    void adviceIsGivenInSentencesAndAsNumbers() {
        String text = CliRun.of("advise", trace).expect(ExitCode.OK).out();
        assertTrue(
                text.lines().count() >= 4
                        && text.lines().allMatch(l -> l.matches("- .*\\d.*|    (gain|cost|confidence): .+")),
                text);
        assertTrue(text.contains("Record for longer"), text);
        String json = CliRun.of("advise", trace, "--json").expect(ExitCode.OK).out();
        assertTrue(json.contains("\"kind\":\"dram\""), json);
    }
}
