package org.damson.cli.whatif;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.analyzer.render.whatif.TuneReports;
import org.damson.analyzer.tune.Objective;
import org.damson.analyzer.tune.Tune;
import org.damson.analyzer.tune.Variable;
import org.damson.cli.command.Command;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.command.VerbOption;
import org.damson.cli.console.Console;
import org.damson.cli.report.Reports;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.UnknownWordException;
import org.damson.model.InvalidInputException;
import org.damson.model.MonitoringAttrs;
import org.damson.model.TraceSource;

/** {@code damson tune TRACE... --scheme ... --vary ...}: the parameters that serve an objective best. */
public final class TuneCommand implements Command {
    private static final List<String> FORMS = List.of("txt", "csv", "json");
    private static final Option VARY = Shared.repeatable(Shared.value(
            "v",
            "vary",
            "PARAMETER=VALUES",
            "parameter to vary, as min_age=0s..60s/1s or min_size=4K..1G/*2; parameters: "
                    + String.join(", ", Variable.PARAMETERS) + "; 1:min_age is the second scheme's"));
    private static final Option OBJECTIVE = Shared.value(
            null,
            "objective",
            "WORDS",
            "metric to maximise, and limits (default far_memory): 'saved where slowdown<=5 and refaults<=1M/s';"
                    + " named: "
                    + String.join(", ", Objective.named().keySet()) + "; metrics: "
                    + String.join(", ", Objective.metrics().keySet()));
    public static final Option LIKELY =
            Shared.expert(Shared.flag(null, "likely", "judge limits by estimates instead of upper bounds"));
    public static final Option MARGIN = Shared.expert(Shared.value(
            null,
            "margin",
            "PERCENT",
            "safety margin to each limit, in percent of it, since another run differs, as in 25 (default 0)"));
    private static final Option TEST = Shared.expert(
            Shared.repeatable(Shared.value(null, "test", "TRACE", "judge the point found over this trace")));
    private static final Option EVALUATIONS = Shared.expert(
            Shared.value(null, "evaluations", "N", "maximum number of points to simulate (default 1000)"));
    private static final Option ALL =
            Shared.expert(Shared.flag(null, "all", "simulate the whole grid, however long it takes"));
    private static final Option SEED =
            Shared.expert(Shared.value(null, "seed", "N", "random seed of the search, if it is not exhaustive"));

    @Override
    public String name() {
        return "tune";
    }

    @Override
    public String summary() {
        return "find the scheme parameters that maximise an objective, by simulation over traces";
    }

    @Override
    public String usage() {
        return "TRACE... --scheme SCHEME --vary PARAMETER=VALUES... [--objective WORDS]";
    }

    @Override
    public String example() {
        return "damson tune run.damson --scheme prcl --vary min_age=0s..60s/1s --objective 'saved where promotion<=5'";
    }

    @Override
    public Options options() {
        Options all =
                Shared.and(WhatIf.COMMON, WhatIf.SCHEME, VARY, OBJECTIVE, LIKELY, MARGIN, TEST, EVALUATIONS, ALL, SEED);
        Shared.add(all, VerbOption.Heading.EXPERT, List.of(WhatIf.COST, WhatIf.LIMIT, WhatIf.FAST));
        return all;
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        String form = Reports.form(line, console, FORMS);
        List<String> trains = Shared.traces(line);
        List<Scheme> schemes = WhatIf.schemes(line);
        Shared.required(line, VARY);
        List<Variable> variables = new ArrayList<>();
        for (String text : line.getOptionValues(VARY)) {
            variables.add(WhatIf.words("--vary", () -> Variable.of(text)));
        }
        double marginPercent = line.hasOption(MARGIN) ? marginPercent(line.getOptionValue(MARGIN)) : 0;
        Objective objective = WhatIf.words(
                        "--objective",
                        () -> Objective.of(line.getOptionValue(OBJECTIVE, "far_memory"), line.hasOption(LIKELY)))
                .withMargin(marginPercent);
        long evaluations =
                line.hasOption(EVALUATIONS) ? Quantities.count(EVALUATIONS, line.getOptionValue(EVALUATIONS)) : 1000;
        if (evaluations < 1 || evaluations > 1_000_000) {
            throw new UsageException("--evaluations: 1 to 1000000");
        }
        long seed = line.hasOption(SEED) ? Quantities.count(SEED, line.getOptionValue(SEED)) : 1;
        List<String> tests = line.hasOption(TEST) ? List.of(line.getOptionValues(TEST)) : List.of();
        List<String> all = new ArrayList<>(trains);
        all.addAll(tests);
        Shared.requireDistinct(all);
        if (tests.isEmpty() && trains.size() > 1) {
            // So that nobody tunes to one recording: a third of them is kept apart.
            int kept = Math.max(1, trains.size() / 3);
            tests = trains.subList(trains.size() - kept, trains.size());
            trains = trains.subList(0, trains.size() - kept);
        }
        List<TraceSource> open = new ArrayList<>();
        try {
            List<Tune.Subject> train = WhatIf.subjects(line, console, trains, open);
            List<Tune.Subject> test = WhatIf.subjects(line, console, tests, open);
            Tune.Options options = new Tune.Options(
                    schemes,
                    variables,
                    objective,
                    (int) evaluations,
                    seed,
                    WhatIf.outcome(line, console),
                    line.hasOption(ALL) ? Long.MAX_VALUE : Tune.Options.WHOLE_UPDATES);
            Tune.Result result = tuned(options, train, test);
            write(line, console, form, result, open.get(0).manifest().attrs);
            boolean kept = result.tests().values().stream().allMatch(Tune.Point::feasible);
            return result.best() == null || !kept ? ExitCode.FINDINGS : ExitCode.OK;
        } finally {
            WhatIf.close(open);
        }
    }

    private static void write(CommandLine line, Console console, String form, Tune.Result result, MonitoringAttrs attrs)
            throws IOException {
        long sampleUs = attrs.sampleUs();
        long aggrUs = attrs.aggrUs();
        Reports.notes(form, TuneReports.notes(result), console);
        Reports.write(line, console, out -> {
            switch (form) {
                case "csv" -> Reports.text(out, t -> TuneReports.csv(result, t));
                case "json" -> Json.write(TuneReports.json(result, sampleUs, aggrUs), out);
                default -> Reports.text(out, t -> t.append(TuneReports.text(result, sampleUs, aggrUs)));
            }
        });
    }

    private static Tune.Result tuned(Tune.Options options, List<Tune.Subject> train, List<Tune.Subject> test)
            throws IOException {
        try {
            return Tune.run(options, train, test);
        } catch (UnknownWordException e) {
            throw new UsageException(e.getMessage());
        } catch (InvalidInputException e) {
            throw new CommandFailedException(ExitCode.INPUT, e.getMessage());
        }
    }

    /** What --margin says. */
    public static double marginPercent(String text) {
        double percent = Quantities.percent(MARGIN, text);
        if (percent >= 100) {
            throw new UsageException("--margin: a percentage from 0 to less than 100, as in 25");
        }
        return percent;
    }
}
