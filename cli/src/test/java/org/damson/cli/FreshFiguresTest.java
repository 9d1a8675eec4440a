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
        for (long seed = 0; seed < 2; seed++) {
            Path whole = dir.resolve(kind + "-" + seed + ".damson");
            FreshTraces.write(kind, seed, whole);
            compare(kind + " seed " + seed, whole);
            Path slice = dir.resolve(kind + "-" + seed + "-slice.damson");
            CliRun.of("slice", whole, "--time", "2.95s..7.31s", "-o", slice).expectAnswer();
            compare(kind + " seed " + seed + ", a slice", slice);
            Path rest = dir.resolve(kind + "-" + seed + "-rest.damson");
            CliRun.of("slice", whole, "--time", "8s..9.5s", "-o", rest).expectAnswer();
            Path merged = dir.resolve(kind + "-" + seed + "-merged.damson");
            CliRun.of("merge", slice, rest, "--force", "-o", merged).expectAnswer();
            compare(kind + " seed " + seed + ", merged", merged);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = FreshTraces.Kind.class,
            names = {"TARGETS", "REFERENCED"})
    void partsByAddressAgreeToo(FreshTraces.Kind kind) throws Exception {
        Path whole = dir.resolve(kind + ".damson");
        FreshTraces.write(kind, 7, whole);
        Path slice = dir.resolve(kind + "-slice.damson");
        CliRun run = CliRun.of("slice", whole, "--address", "0x100005000..0x100031000", "-o", slice);
        assertTrue(run.exit() == ExitCode.OK || run.exit() == ExitCode.PARTIAL, run.err());
        compare(kind + " by address", slice);
    }
}
