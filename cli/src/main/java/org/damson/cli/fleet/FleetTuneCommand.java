package org.damson.cli.fleet;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.analyzer.fleet.tune.FleetTune;
import org.damson.analyzer.fleet.tune.FleetTuneResult;
import org.damson.analyzer.fleet.tune.SchemeWords;
import org.damson.analyzer.render.fleet.FleetTuneTable;
import org.damson.analyzer.render.table.TableReport;
import org.damson.analyzer.tune.Objective;
import org.damson.analyzer.tune.Variable;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.whatif.TuneCommand;
import org.damson.cli.whatif.WhatIf;

/** {@code damson fleet tune DIR --scheme SCHEME --vary ...}: one scheme for many hosts. */
public final class FleetTuneCommand extends FleetCommand<FleetTuneResult> {
    private static final int POINTS = 1000;
    private static final Option VARY = Shared.repeatable(
            Shared.value("v", "vary", "PARAMETER=VALUES", "parameter to vary, as in damson tune: min_age=0s..60s/1s"));
    private static final Option OBJECTIVE = Shared.value(
            null,
            "objective",
            "WORDS",
            "metric to maximise, and limits that hosts must keep, as in damson tune (default far_memory)");
    private static final Option KEEP =
            Shared.value(null, "keep", "PERCENT", "share of hosts that must keep the objective's limits (default 98)");
    private static final Option CONFIDENCE =
            Shared.value(null, "confidence", "PERCENT", "confidence of that, by the hosts held back (default 95)");
    private static final Option HELD_BACK = Shared.value(
            null, "held-back", "PERCENT", "share of hosts drawn at random to judge the scheme (default 30)");
    private static final Option SEED =
            Shared.expert(Shared.value(null, "seed", "N", "random seed of the draw (default 1)"));

    @Override
    public String name() {
        return "fleet tune";
    }

    @Override
    public String summary() {
        return "find one scheme for many hosts: chosen on some, judged on others, with a confidence level";
    }

    @Override
    public String usage() {
        return "DIR... --scheme SCHEME --vary PARAMETER=VALUES... [--objective WORDS]";
    }

    @Override
    public String example() {
        return "damson fleet tune traces --scheme prcl --vary min_age=5s..120s/5s --objective 'saved where promotion<=0.2'";
    }

    @Override
    public Options options() {
        return Shared.and(
                COMMON,
                WhatIf.SCHEME,
                VARY,
                OBJECTIVE,
                KEEP,
                CONFIDENCE,
                HELD_BACK,
                SEED,
                TuneCommand.LIKELY,
                TuneCommand.MARGIN,
                Shared.expert((Option) WhatIf.COST.clone()));
    }

    @Override
    Question<FleetTuneResult> question(CommandLine line, String form) throws IOException {
        ArrayList<String> schemes = FleetSimulateCommand.schemes(line);
        Shared.required(line, VARY);
        ArrayList<String> vary = new ArrayList<>(List.of(line.getOptionValues(VARY)));
        vary.forEach(text -> WhatIf.words("--vary", () -> Variable.of(text)));
        String objective = line.getOptionValue(OBJECTIVE, "far_memory");
        WhatIf.words("--objective", () -> Objective.of(objective, line.hasOption(TuneCommand.LIKELY)));
        FleetTune.Options options = new FleetTune.Options(
                new SchemeWords(
                        schemes,
                        vary,
                        objective,
                        line.hasOption(TuneCommand.LIKELY),
                        line.hasOption(TuneCommand.MARGIN)
                                ? TuneCommand.marginPercent(line.getOptionValue(TuneCommand.MARGIN))
                                : 0,
                        FleetSimulateCommand.cost(line)),
                percent(line, KEEP, 98),
                percent(line, CONFIDENCE, 95),
                percent(line, HELD_BACK, 30),
                line.hasOption(SEED) ? Quantities.count(SEED, line.getOptionValue(SEED)) : 1,
                POINTS);
        return (engine, traces) -> FleetTune.run(options, engine, traces);
    }

    @Override
    TableReport tables(CommandLine line, FleetTuneResult result) {
        return FleetTuneTable.of(result);
    }

    private static double percent(CommandLine line, Option option, double normal) {
        double percent = line.hasOption(option) ? Quantities.percent(option, line.getOptionValue(option)) : normal;
        if (percent <= 0 || percent >= 100) {
            throw new UsageException("--" + option.getLongOpt() + ": more than 0, less than 100");
        }
        return percent;
    }
}
