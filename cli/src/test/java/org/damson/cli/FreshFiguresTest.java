package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** All reports of traces that were made up, and of parts and sums of them, agree as those of recordings do. */
final class FreshFiguresTest {
    @TempDir
    Path dir;

    private void compare(String name, Path trace) throws Exception {
        FigureComparison figures = new FigureComparison(name, trace);
        assertTrue(figures.snapshots() > 0, name);
        figures.compare();
        figures.compareWhatIf();
    }

    @ParameterizedTest
    @EnumSource(FreshTraces.Kind.class)
    void everyFigureIsTheSameEverywhere(FreshTraces.Kind kind) throws Exception {
        Path whole = dir.resolve(kind + ".damson");
        FreshTraces.write(kind, 0, whole);
        compare(kind + "", whole);
        Path slice = dir.resolve(kind + "-slice.damson");
        CliRun.of("slice", whole, "--time", "2.95s..7.31s", "-o", slice).expectAnswer();
        Path rest = dir.resolve(kind + "-rest.damson");
        CliRun.of("slice", whole, "--time", "8s..9.5s", "-o", rest).expectAnswer();
        Path merged = dir.resolve(kind + "-merged.damson");
        CliRun.of("merge", slice, rest, "--force", "-o", merged).expectAnswer();
        compare(kind + ", merged slices", merged);
    }

    /** What is made of a trace has figures of its own, which agree as much. */
    @ParameterizedTest
    @EnumSource(FreshTraces.Kind.class)
    void whatIsMadeOfATraceAgreesToo(FreshTraces.Kind kind) throws Exception {
        Path unfinished = dir.resolve(kind + "-recovered.damson");
        FreshTraces.writeUnfinished(kind, 3, unfinished);
        CliRun.of("recover", unfinished).expectAnswer();
        Path bundle = dir.resolve(kind + "-redacted.damson.zip");
        CliRun.of("bundle", unfinished, "--redact", "-o", bundle).expectAnswer();
        compare(kind + " recovered and redacted", bundle);
        Path resampled = dir.resolve(kind + "-resampled.damson");
        CliRun.of("slice", unfinished, "--aggregate", "400ms", "-o", resampled).expectAnswer();
        compare(kind + " resampled", resampled);
        Path damo = dir.resolve(kind + ".data");
        Path imported = dir.resolve(kind + "-imported.damson");
        CliRun.of("export", unfinished, "--to", "damo", "-o", damo).expectAnswer();
        CliRun.of("import", damo, "-o", imported, "-q").expectAnswer();
        compare(kind + " imported", imported);
    }

    @ParameterizedTest
    @EnumSource(
            value = FreshTraces.Kind.class,
            names = {"TARGETS", "REFERENCED", "PROCESSES", "OVERLAPPING"})
    void partsByAddressAgreeToo(FreshTraces.Kind kind) throws Exception {
        Path whole = dir.resolve(kind + ".damson");
        FreshTraces.write(kind, 7, whole);
        Path slice = dir.resolve(kind + "-slice.damson");
        CliRun run = CliRun.of("slice", whole, "--address", "0x100005000..0x100031000", "-o", slice);
        assertTrue(run.exit() == ExitCode.OK || run.exit() == ExitCode.PARTIAL, run.err());
        compare(kind + " by address", slice);
    }
}
