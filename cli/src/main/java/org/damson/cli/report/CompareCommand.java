package org.damson.cli.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.analyzer.compare.CompareOptions;
import org.damson.analyzer.compare.CompareResult;
import org.damson.analyzer.compare.TraceCompare;
import org.damson.analyzer.heatmap.HeatmapResult;
import org.damson.analyzer.heatmap.PairedHeatmaps;
import org.damson.analyzer.render.picture.HeatmapPicture;
import org.damson.analyzer.render.picture.PictureForm;
import org.damson.analyzer.render.text.JsonReports;
import org.damson.analyzer.render.text.TextReports;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.OutputFile;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.model.TraceSource;
import org.damson.model.text.NativeText;

/** {@code damson compare A B}: whether two traces show the same behaviour, with a verdict as exit code. */
public final class CompareCommand implements Command {
    public static final Option TOLERANCE = Shared.value(
            null,
            "tolerance",
            "D",
            "maximum distance, 0 to 1, that counts as the same behaviour (default "
                    + CompareOptions.DEFAULTS.tolerance() + ")");

    static final Option BY = Shared.value(
            null,
            "by",
            "all|working-set",
            "basis of the verdict: heat by address and time too (default), or working-set sizes alone");
    static final Option SEED = Shared.value(null, "seed", "N", "seed of the confidence intervals (default 1)");

    private static final Option REPEATED = Shared.repeatable(Shared.value(
            null,
            "repeated",
            "TRACE",
            "another recording of the same run as A: the tolerance is then a third more than they differ by"));

    private static final Option OUTPUT =
            Shared.output("FILE", "also draw the heat of both traces side by side: FILE.png, .svg or .pdf");

    /** Cells of each picture. */
    private static final int COLS = 480;

    private static final int ROWS = 400;

    /** An area of less than this share of the heat is not drawn: heaps and stacks may be large and hardly accessed. */
    private static final double USED = 0.01;

    /** A handful of recordings does not show the greatest difference there is. */
    private static final double BEYOND_SEEN = 4 / 3.0;

    @Override
    public String name() {
        return "compare";
    }

    @Override
    public String summary() {
        return "measure how different two traces are; exit 0 same, 1 different, 6 undecided";
    }

    @Override
    public String usage() {
        return "A B [--tolerance D | --repeated TRACE...] [--by all|working-set] [--seed N] [--output FILE.png]";
    }

    @Override
    public String example() {
        return "damson compare before.damson after.damson --by working-set --tolerance 0.1";
    }

    @Override
    public Options options() {
        return Shared.of(TOLERANCE, REPEATED, BY, SEED, OUTPUT);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        List<String> names = Shared.positionals(line, "trace A", "trace B");
        Path a = NativeText.path(names.get(0));
        CompareOptions options = compareOptions(line);
        PictureForm picture = line.hasOption(OUTPUT) ? picture(line) : null;
        if (line.hasOption(REPEATED)) {
            if (line.hasOption(TOLERANCE)) {
                throw new UsageException("--tolerance and --repeated cannot be combined");
            }
            List<String> runs = new ArrayList<>(List.of(line.getOptionValues(REPEATED)));
            runs.add(0, names.get(0));
            Shared.requireDistinct(runs);
            options = options.tolerance(noise(a, line.getOptionValues(REPEATED), options, console));
            console.note(String.format(
                    Locale.ROOT, "note: tolerance %.3f, from the recordings that repeat A", options.tolerance()));
        }
        Path b = NativeText.path(names.get(1));
        if (picture != null) {
            draw(a, b, options, picture, line, console);
        }
        return compare(a, b, options, console);
    }

    private static PictureForm picture(CommandLine line) throws IOException {
        PictureForm picture = Reports.picture(line);
        if (picture == null) {
            throw new UsageException("--output " + line.getOptionValue(OUTPUT) + ": the name must end in ."
                    + String.join(", .", PictureForm.EXTENSIONS));
        }
        OutputFile.require(line.getOptionValue(OUTPUT), line.hasOption(Shared.FORCE));
        return picture;
    }

    private static void draw(
            Path pathA, Path pathB, CompareOptions options, PictureForm form, CommandLine line, Console console)
            throws IOException {
        try (TraceSource a = Inputs.open(pathA, console);
                TraceSource b = Inputs.open(pathB, console)) {
            List<CompareOptions.AreaPair> all =
                    TraceCompare.compare(a, b, options).pairs();
            double heatA =
                    all.stream().mapToDouble(p -> p.a().heatByteSeconds()).sum();
            double heatB =
                    all.stream().mapToDouble(p -> p.b().heatByteSeconds()).sum();
            List<CompareOptions.AreaPair> used = all.stream()
                    .filter(p -> p.a().heatByteSeconds() >= heatA * USED || p.b().heatByteSeconds() >= heatB * USED)
                    .toList();
            List<CompareOptions.AreaPair> map = heatA + heatB > 0 ? used : all;
            List<HeatmapResult> maps = PairedHeatmaps.compute(
                    a,
                    b,
                    map.stream().map(CompareOptions.AreaPair::a).toList(),
                    map.stream().map(CompareOptions.AreaPair::b).toList(),
                    COLS,
                    ROWS);
            List<String> titles = List.of("A: " + pathA.getFileName(), "B: " + pathB.getFileName());
            Reports.write(line, console, out -> HeatmapPicture.write(maps, titles, form, out));
        }
    }

    /** A tolerance from what recordings of one program differ by, each from each. */
    private static double noise(Path a, String[] repeated, CompareOptions options, Console console) throws IOException {
        List<Path> paths = new ArrayList<>(List.of(a));
        for (String name : repeated) {
            paths.add(NativeText.path(name));
        }
        double greatest = 0;
        for (int i = 0; i < paths.size(); i++) {
            for (int j = i + 1; j < paths.size(); j++) {
                try (TraceSource x = Inputs.open(paths.get(i), console);
                        TraceSource y = Inputs.open(paths.get(j), console)) {
                    CompareResult result = TraceCompare.compare(x, y, options);
                    if (!result.withoutSnapshots().isEmpty()) {
                        throw new UsageException("--repeated: " + paths.get(i) + " (A) and " + paths.get(j) + " (B): "
                                + result.withoutSnapshots() + ": nothing is known of how far runs differ");
                    }
                    greatest = Math.max(greatest, result.greatestDistance());
                }
            }
        }
        return Math.min(1, greatest * BEYOND_SEEN);
    }

    public static CompareOptions compareOptions(CommandLine line) {
        CompareOptions options = CompareOptions.DEFAULTS;
        if (line.hasOption(TOLERANCE)) {
            options = options.tolerance(Quantities.share(TOLERANCE, line.getOptionValue(TOLERANCE)));
        }
        if (line.hasOption(BY) && Shared.choice(BY, line.getOptionValue(BY)).equals("working-set")) {
            options = options.basis(CompareOptions.Basis.WORKING_SET);
        }
        return line.hasOption(SEED) ? options.seed(Quantities.count(SEED, line.getOptionValue(SEED))) : options;
    }

    /** The verdict as exit code. */
    public static int exitCode(CompareResult result) {
        return switch (result.verdict()) {
            case SAME -> ExitCode.OK;
            case DIFFERENT -> ExitCode.FINDINGS;
            case UNDECIDED -> ExitCode.UNDECIDED;
        };
    }

    static int compare(Path pathA, Path pathB, CompareOptions options, Console console) throws Exception {
        try (TraceSource a = Inputs.open(pathA, console);
                TraceSource b = Inputs.open(pathB, console)) {
            CompareResult result = TraceCompare.compare(a, b, options);
            if (console.isJson()) {
                JsonReports.compare(result, console.out());
            } else {
                console.out().print(TextReports.compare(result));
            }
            return exitCode(result);
        }
    }
}
