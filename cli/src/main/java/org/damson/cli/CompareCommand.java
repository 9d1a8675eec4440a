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

/** {@code damson compare A B}: whether two traces show the same behaviour. */
final class CompareCommand implements Command {
    static final Option TOLERANCE = Shared.value(
            null,
            "tolerance",
            "D",
            "greatest distance, 0 to 1, that is still the same behaviour (default "
                    + CompareOptions.DEFAULTS.tolerance() + ")");

    @Override
    public String name() {
        return "compare";
    }

    @Override
    public String summary() {
        return "say how different two traces are; exit 1 when beyond the tolerance";
    }

    @Override
    public String usage() {
        return "A B [--tolerance D]";
    }

    @Override
    public String example() {
        return "damson compare original.damson replay.damson --tolerance 0.2";
    }

    @Override
    public Options options() {
        return Shared.of(TOLERANCE);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        List<String> names = Shared.positionals(line, "trace A", "trace B");
        return compare(Path.of(names.get(0)), Path.of(names.get(1)), compareOptions(line), console);
    }

    static CompareOptions compareOptions(CommandLine line) {
        if (!line.hasOption(TOLERANCE)) {
            return CompareOptions.DEFAULTS;
        }
        double tolerance = Shared.number(TOLERANCE, line.getOptionValue(TOLERANCE));
        if (tolerance > 1) {
            throw new UsageException("--tolerance: 0 to 1");
        }
        return CompareOptions.DEFAULTS.tolerance(tolerance);
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
            return result.same() ? ExitCode.OK : ExitCode.FINDINGS;
        }
    }
}
