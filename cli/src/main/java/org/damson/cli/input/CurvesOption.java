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

    /** A trace of so many regions is worth them: they are a few kilobytes, and to count it again takes its time. */
    private static final long LONG_TRACE_REGIONS = 1_000_000;

    private CurvesOption() {}

    /** The sink of a recording, or one that stores curves too if the command line says so. */
    public static TraceSink ofRecording(TraceSink sink, CommandLine line, Path trace, Console console) {
        return line.hasOption(CURVES) ? asked(sink, trace, console) : sink;
    }

    /** The sink of a trace that is made of another recording: a long one stores curves, others if the command line says so. */
    public static TraceSink around(TraceSink sink, CommandLine line, Path trace, Console console) {
        return line.hasOption(CURVES)
                ? asked(sink, trace, console)
                : new CurvesSink(sink, trace.toString(), LONG_TRACE_REGIONS, why -> {});
    }

    private static TraceSink asked(TraceSink sink, Path trace, Console console) {
        return new CurvesSink(sink, trace.toString(), why -> console.note("note: " + why));
    }
}
