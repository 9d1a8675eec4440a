package org.damson.cli;

import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.damson.analyzer.whatif.OpenLoop;
import org.damson.analyzer.whatif.OpenLoopReports;
import org.damson.analyzer.whatif.OpenLoopResult;
import org.damson.analyzer.whatif.Scheme;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;

/** {@code damson simulate TRACE --scheme ...}: what schemes would have done over a recording. */
final class SimulateCommand implements Command {
    private static final List<String> FORMS = List.of("txt", "csv", "json");

    @Override
    public String name() {
        return "simulate";
    }

    @Override
    public String summary() {
        return "what DAMOS schemes would have done over a recorded trace";
    }

    @Override
    public String usage() {
        return "TRACE --scheme SCHEME... [--kernel VERSION] [--output FILE.{txt,csv,json}] [--time A..B]";
    }

    @Override
    public String example() {
        return "damson simulate run.damson --scheme prcl --output prcl.json";
    }

    @Override
    public Options options() {
        return Shared.of(
                WhatIf.SCHEME,
                WhatIf.KERNEL,
                WhatIf.OPS,
                Reports.OUTPUT,
                Shared.FORCE,
                Shared.TIME,
                Shared.TARGET,
                Shared.SNAPSHOTS);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        String form = Reports.form(line, console, FORMS);
        Shared.trace(line);
        List<Scheme> schemes = WhatIf.schemes(line);
        try (TraceSource trace = Traces.open(Shared.trace(line))) {
            WhatIf.refuseActing(trace);
            OpenLoopResult result;
            try {
                result = OpenLoop.run(trace, Shared.query(line, trace), schemes, WhatIf.options(line, trace, console));
            } catch (IllegalArgumentException e) {
                throw new CommandFailedException(ExitCode.INPUT, e.getMessage());
            }
            Reports.caveats(trace, console);
            for (String note : result.notes()) {
                console.note("note: " + note);
            }
            Reports.write(line, console, out -> {
                switch (form) {
                    case "csv" -> Reports.text(out, t -> OpenLoopReports.csv(result, t));
                    case "json" -> Json.write(OpenLoopReports.json(result), out);
                    default -> Reports.text(out, t -> t.append(OpenLoopReports.text(result)));
                }
            });
        }
        return ExitCode.OK;
    }
}
