package org.damson.cli.input;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.analyzer.curves.CurvesSink;
import org.damson.cli.command.Shared;
import org.damson.cli.console.Console;
import org.damson.model.Batch;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;

/** {@code --curves} of the commands that write traces. */
public final class CurvesOption {
    public static final Option CURVES = Shared.expert(Shared.flag(
            null, "curves", "store cold-age and promotion histograms with the trace, so that report curves is fast"));

    /** A trace of so many regions is worth them: they are a few kilobytes, and to count it again takes its time. */
    private static final long LONG_TRACE_REGIONS = 1_000_000;

    /** As many regions a second cost who records about 0.02 % of a processor. */
    private static final long CHEAP_REGIONS_PER_SECOND = 2_000;

    private CurvesOption() {}

    /** The sink of a recording: a long one stores curves where regions come slowly, others if the command line says so. */
    public static TraceSink ofRecording(TraceSink sink, CommandLine line, Path trace, Console console) {
        return line.hasOption(CURVES)
                ? asked(sink, trace, console)
                : ofLong(sink, trace).upTo(CHEAP_REGIONS_PER_SECOND);
    }

    /** The sink of a trace that is made of another recording: a long one stores curves, others if the command line says so. */
    public static TraceSink around(TraceSink sink, CommandLine line, Path trace, Console console) {
        return line.hasOption(CURVES) ? asked(sink, trace, console) : ofLong(sink, trace);
    }

    /** The sink of a trace that stores curves if it is long. */
    public static CurvesSink ofLong(TraceSink sink, Path trace) {
        return new CurvesSink(sink, trace.toString(), LONG_TRACE_REGIONS, why -> {});
    }

    /** What a trace should have stored by the same rule; null: nothing. */
    public static Batch rows(TraceSource trace, CommandLine line, Console console) throws IOException {
        return line.hasOption(CURVES)
                ? CurvesSink.rows(trace, 0, why -> console.note("note: " + why))
                : CurvesSink.rows(trace, LONG_TRACE_REGIONS, why -> {});
    }

    private static TraceSink asked(TraceSink sink, Path trace, Console console) {
        return new CurvesSink(sink, trace.toString(), why -> console.note("note: " + why));
    }
}
