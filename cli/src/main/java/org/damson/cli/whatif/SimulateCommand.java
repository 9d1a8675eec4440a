package org.damson.cli.whatif;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.openloop.OpenLoop;
import org.damson.analyzer.openloop.OpenLoopResult;
import org.damson.analyzer.openloop.Sweep;
import org.damson.analyzer.openloop.SweepGrid;
import org.damson.analyzer.render.picture.OutcomePicture;
import org.damson.analyzer.render.picture.PictureForm;
import org.damson.analyzer.render.table.SweepTable;
import org.damson.analyzer.render.whatif.OpenLoopReports;
import org.damson.analyzer.render.whatif.OutcomeReports;
import org.damson.analyzer.render.whatif.SpreadReports;
import org.damson.cli.command.Command;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.command.OutputFile;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.command.VerbOption;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.cli.report.Reports;
import org.damson.damon.scheme.Scheme;
import org.damson.model.InvalidInputException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.text.NativeText;

/** {@code damson simulate TRACE --scheme ...}: what schemes would have done over a recording. */
public final class SimulateCommand implements Command {
    static final Option TRIED = Shared.expert(Shared.written(
            Shared.value(null, "tried", "FILE.csv", "write every region to which a scheme is about to be applied")));
    private static final List<String> FORMS = List.of("txt", "csv", "json", "png", "svg", "pdf");
    private static final List<String> SWEEP_FORMS = List.of("csv", "json");
    private static final Option AS_RECORDED = Shared.expert(
            Shared.flag(
                    null,
                    "as-recorded",
                    "the schemes are those that ran during recording: the trace already has the cuts of their quotas and filters"));
    private static final Option OVER_TIME =
            Shared.expert(Shared.flag(null, "over-time", "CSV: one line per step of time instead of one per scheme"));

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
        return "TRACE... --scheme SCHEME... [--output FILE.{txt,csv,json,png,svg,pdf}]"
                + " | TRACE --sweep THRESHOLD=VALUES... | --truth CONFIG [--scheme SCHEME...]";
    }

    @Override
    public String example() {
        return "damson simulate run.damson --scheme prcl --output prcl.json";
    }

    @Override
    public Options options() {
        Options all = Shared.and(
                WhatIf.COMMON,
                WhatIf.SCHEME,
                TRIED,
                Thresholds.OPTION,
                AS_RECORDED,
                WhatIf.LIMIT,
                WhatIf.FAST,
                OVER_TIME,
                Shared.SNAPSHOTS);
        Shared.add(all, VerbOption.Heading.CLOSED_LOOP, ClosedLoop.OPTIONS);
        return all;
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        if (line.hasOption(Thresholds.OPTION) && !line.hasOption(ClosedLoop.TRUTH)) {
            Shared.trace(line);
            return sweep(line, console);
        }
        String form = Reports.form(line, console, FORMS);
        if (line.hasOption(ClosedLoop.TRUTH)) {
            return ClosedLoop.run(line, console, form);
        }
        if (line.getArgList().size() < 2) {
            Shared.trace(line);
        }
        List<Scheme> schemes = WhatIf.schemes(line);
        if (line.getArgList().size() > 1) {
            return spread(line, console, form, schemes);
        }
        try (TraceSource trace = Inputs.open(Shared.trace(line), console)) {
            WhatIf.refuseActing(trace);
            OpenLoopResult result;
            try {
                result = run(line, console, trace, schemes);
            } catch (InvalidInputException e) {
                throw new CommandFailedException(ExitCode.INPUT, e.getMessage());
            }
            Inputs.caveats(trace, console);
            if (!List.of("txt", "json").contains(form)) { // these have them
                for (String note : result.notes()) {
                    console.note("note: " + note);
                }
            }
            Reports.write(line, console, out -> {
                switch (form) {
                    case "png", "svg", "pdf" ->
                        OutcomePicture.write(
                                result.outcome(),
                                Shared.trace(line).getFileName().toString(),
                                PictureForm.of(form),
                                out);
                    case "csv" ->
                        Reports.text(out, t -> {
                            if (line.hasOption(OVER_TIME)) {
                                OutcomeReports.csv(result.outcome(), t);
                            } else {
                                OpenLoopReports.csv(result, t);
                            }
                        });
                    case "json" -> Json.write(OpenLoopReports.json(result), out);
                    default -> Reports.text(out, t -> t.append(OpenLoopReports.text(result)));
                }
            });
        }
        return ExitCode.OK;
    }

    private static OpenLoopResult run(CommandLine line, Console console, TraceSource trace, List<Scheme> schemes)
            throws IOException {
        TraceQuery query = Shared.query(line, trace);
        OpenLoopOptions options = WhatIf.options(line, trace, console);
        if (line.hasOption(AS_RECORDED)) {
            options = options.withSchemesAsRecorded();
        }
        return run(line, console, trace, schemes, query, options);
    }

    private static OpenLoopResult run(
            CommandLine line,
            Console console,
            TraceSource trace,
            List<Scheme> schemes,
            TraceQuery query,
            OpenLoopOptions options)
            throws IOException {
        if (!line.hasOption(TRIED)) {
            return OpenLoop.run(trace, query, schemes, options, WhatIf.outcome(line, console), null);
        }
        AtomicReference<OpenLoopResult> result = new AtomicReference<>();
        OutputFile.write(line.getOptionValue(TRIED), line.hasOption(Shared.FORCE), console, out -> {
            Writer csv = new OutputStreamWriter(out, StandardCharsets.UTF_8);
            csv.write("scheme,target,start,end,nr_accesses,age\n");
            try {
                result.set(OpenLoop.run(
                        trace,
                        query,
                        schemes,
                        options,
                        WhatIf.outcome(line, console),
                        (scheme, target, start, end, nr, age) -> write(
                                csv,
                                scheme + "," + target + "," + Long.toUnsignedString(start) + ","
                                        + Long.toUnsignedString(end) + "," + nr + "," + Integer.toUnsignedString(age)
                                        + "\n")));
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
            csv.flush();
        });
        return result.get();
    }

    private static void write(Writer to, String line) {
        try {
            to.write(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Several recordings: how far they are apart. */
    private static int spread(CommandLine line, Console console, String form, List<Scheme> schemes) throws IOException {
        if (!List.of("txt", "csv", "json").contains(form) || line.hasOption(TRIED) || line.hasOption(OVER_TIME)) {
            throw new UsageException("several traces give text, CSV or JSON of their schemes' totals; --"
                    + TRIED.getLongOpt() + ", --" + OVER_TIME.getLongOpt() + " and pictures take one trace");
        }
        Shared.requireDistinct(line.getArgList());
        List<SpreadReports.Run> runs = new ArrayList<>();
        for (String name : line.getArgList()) {
            try (TraceSource trace = Inputs.open(NativeText.path(name), console)) {
                WhatIf.refuseActing(trace);
                runs.add(new SpreadReports.Run(trace.name(), run(line, console, trace, schemes)));
                Inputs.caveats(trace, console);
            } catch (InvalidInputException e) {
                throw new CommandFailedException(ExitCode.INPUT, e.getMessage());
            }
        }
        Reports.notes(form, SpreadReports.notes(runs), console);
        Reports.write(line, console, out -> {
            switch (form) {
                case "csv" -> Reports.text(out, t -> SpreadReports.csv(runs, t));
                case "json" -> Json.write(SpreadReports.json(runs), out);
                default -> Reports.text(out, t -> t.append(SpreadReports.text(runs)));
            }
        });
        return ExitCode.OK;
    }

    private static int sweep(CommandLine line, Console console) throws IOException {
        String form = Reports.form(line, console, SWEEP_FORMS);
        for (Option other : List.of(WhatIf.SCHEME, TRIED, AS_RECORDED, WhatIf.LIMIT, WhatIf.FAST, OVER_TIME)) {
            if (line.hasOption(other)) {
                throw new UsageException("--" + other.getLongOpt() + " cannot be used with --sweep");
            }
        }
        SweepGrid grid = Thresholds.grid(line);
        try (TraceSource trace = Inputs.open(Shared.trace(line), console)) {
            WhatIf.refuseActing(trace);
            Sweep.Answer answer;
            try {
                answer = grid.over(trace, Shared.query(line, trace), WhatIf.options(line, trace, console));
            } catch (InvalidInputException e) {
                throw new CommandFailedException(ExitCode.INPUT, e.getMessage());
            }
            Inputs.caveats(trace, console);
            Reports.notes(form, answer.notes(), console);
            Reports.write(line, console, out -> Reports.table(SweepTable.of(answer), form, out));
        }
        return ExitCode.OK;
    }
}
