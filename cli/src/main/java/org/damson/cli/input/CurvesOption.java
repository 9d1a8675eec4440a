package org.damson.cli.input;

import java.nio.file.Path;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.analyzer.curves.CurvesSink;
import org.damson.cli.command.Shared;
import org.damson.cli.console.Console;
import org.damson.model.TraceSink;

/** {@code --curves} of the commands that write traces. */
public final class CurvesOption {
    public static final Option CURVES = Shared.expert(Shared.flag(
            null, "curves", "store cold-age and promotion histograms with the trace, so that report curves is fast"));

    private CurvesOption() {}

    /** The sink, or one that stores curves too if the command line says so. */
    public static TraceSink around(TraceSink sink, CommandLine line, Path trace, Console console) {
        return line.hasOption(CURVES)
                ? new CurvesSink(sink, trace.toString(), why -> console.note("note: " + why))
                : sink;
    }
}
