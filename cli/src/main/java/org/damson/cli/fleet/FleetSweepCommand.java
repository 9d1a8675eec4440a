package org.damson.cli.fleet;

import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.analyzer.fleet.tune.FleetSweep;
import org.damson.analyzer.fleet.tune.FleetSweepResult;
import org.damson.analyzer.render.fleet.FleetSweepTable;
import org.damson.analyzer.render.table.TableReport;
import org.damson.cli.command.Shared;
import org.damson.cli.whatif.Thresholds;
import org.damson.cli.whatif.WhatIf;

/** {@code damson fleet sweep DIR --sweep THRESHOLD=VALUES}: what schemes of all thresholds would have tried. */
public final class FleetSweepCommand extends FleetCommand<FleetSweepResult> {
    private static final Option SWEEP = Shared.repeatable(Shared.value(
            null,
            "sweep",
            "THRESHOLD=VALUES",
            "min_age, max_access or min_size, as in damson simulate --sweep: min_age=1s..60s/1s"));

    @Override
    public String name() {
        return "fleet sweep";
    }

    @Override
    public String summary() {
        return "what schemes would have tried over many traces, at every combination of thresholds, added up exactly";
    }

    @Override
    public String usage() {
        return "DIR... --sweep THRESHOLD=VALUES..." + super.usage().substring("DIR...".length());
    }

    @Override
    public String example() {
        return "damson fleet sweep traces --sweep min_age=5s..60s/5s --sweep max_access=0,1";
    }

    @Override
    public Options options() {
        return Shared.and(COMMON, SWEEP, BY);
    }

    @Override
    Question<FleetSweepResult> question(CommandLine line, String form) {
        Shared.required(line, SWEEP);
        FleetSweep sweep = WhatIf.words(
                "--sweep",
                () -> new FleetSweep(Thresholds.grid(line), Shared.choice(BY, line.getOptionValue(BY, "all"))));
        return sweep::run;
    }

    @Override
    TableReport tables(CommandLine line, FleetSweepResult result) {
        return FleetSweepTable.of(result);
    }
}
