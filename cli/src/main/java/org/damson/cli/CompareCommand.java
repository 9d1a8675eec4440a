package org.damson.cli;

import java.nio.file.Path;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.analyzer.CompareOptions;
import org.damson.analyzer.CompareResult;
import org.damson.analyzer.JsonReports;
import org.damson.analyzer.TextReports;
import org.damson.analyzer.TraceCompare;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;

/** {@code damson compare A B}: whether two traces show the same behaviour, with a verdict as exit code. */
final class CompareCommand implements Command {
    static final Option TOLERANCE = Shared.value(
            null,
            "tolerance",
            "D",
            "greatest distance, 0 to 1, that is still the same behaviour (default "
                    + CompareOptions.DEFAULTS.tolerance() + ")");

    static final Option BY = Shared.value(
            null,
            "by",
            "all|working-set",
            "what the verdict rests on: heat by place and time too (default), or the sizes of the working set alone");
    static final Option SEED = Shared.value(null, "seed", "N", "seed of the confidence intervals (default 1)");

    @Override
    public String name() {
        return "compare";
    }

    @Override
    public String summary() {
        return "say how different two traces are; exit 0 same, 1 different, 6 undecided";
    }

    @Override
    public String usage() {
        return "A B [--tolerance D] [--by all|working-set] [--seed N]";
    }

    @Override
    public String example() {
        return "damson compare before.damson after.damson --by working-set --tolerance 0.1";
    }

    @Override
    public Options options() {
        return Shared.of(TOLERANCE, BY, SEED);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        List<String> names = Shared.positionals(line, "trace A", "trace B");
        return compare(Path.of(names.get(0)), Path.of(names.get(1)), compareOptions(line), console);
    }

    static CompareOptions compareOptions(CommandLine line) {
        CompareOptions options = CompareOptions.DEFAULTS;
        if (line.hasOption(TOLERANCE)) {
            double tolerance = Shared.number(TOLERANCE, line.getOptionValue(TOLERANCE));
            if (tolerance > 1) {
                throw new UsageException("--tolerance: 0 to 1");
            }
            options = options.tolerance(tolerance);
        }
        if (line.hasOption(BY) && Shared.choice(BY, line.getOptionValue(BY)).equals("working-set")) {
            options = options.basis(CompareOptions.Basis.WORKING_SET);
        }
        return line.hasOption(SEED) ? options.seed(Shared.count(SEED, line.getOptionValue(SEED))) : options;
    }

    /** The verdict as exit code. */
    static int exitCode(CompareResult result) {
        return switch (result.verdict()) {
            case SAME -> ExitCode.OK;
            case DIFFERENT -> ExitCode.FINDINGS;
            case UNDECIDED -> ExitCode.UNDECIDED;
        };
    }

    static int compare(Path pathA, Path pathB, CompareOptions options, Console console) throws Exception {
        try (TraceSource a = Traces.open(pathA);
                TraceSource b = Traces.open(pathB)) {
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
