package org.damson.cli.fleet;

import java.io.IOException;
import java.util.ArrayList;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.damson.analyzer.fleet.tune.FleetSimulate;
import org.damson.analyzer.fleet.tune.FleetSimulateResult;
import org.damson.analyzer.fleet.tune.SchemeWords;
import org.damson.analyzer.memory.CostModel;
import org.damson.analyzer.render.fleet.FleetSimulateTable;
import org.damson.analyzer.render.table.TableReport;
import org.damson.cli.command.Shared;
import org.damson.cli.whatif.WhatIf;

/** {@code damson fleet simulate DIR --scheme SCHEME}: what schemes would have done on each of many hosts. */
public final class FleetSimulateCommand extends FleetCommand<FleetSimulateResult> {
    @Override
    public String name() {
        return "fleet simulate";
    }

    @Override
    public String summary() {
        return "what schemes would have done on many hosts, and the spread over hosts";
    }

    @Override
    public String usage() {
        return "DIR... --scheme SCHEME" + super.usage().substring("DIR...".length());
    }

    @Override
    public String example() {
        return "damson fleet simulate traces --scheme 'pageout access=0..0 age=30s..max'";
    }

    @Override
    public Options options() {
        return Shared.and(COMMON, WhatIf.SCHEME, WhatIf.COST);
    }

    @Override
    Question<FleetSimulateResult> question(CommandLine line, String form) throws IOException {
        SchemeWords words = new SchemeWords(schemes(line), new ArrayList<>(), "saved", true, 0, cost(line));
        return (engine, traces) -> FleetSimulate.run(words, engine, traces);
    }

    @Override
    TableReport tables(CommandLine line, FleetSimulateResult result) {
        return FleetSimulateTable.of(result);
    }

    /** The texts of --scheme, each of which can be read. */
    static ArrayList<String> schemes(CommandLine line) throws IOException {
        Shared.required(line, WhatIf.SCHEME);
        ArrayList<String> texts = new ArrayList<>();
        for (String given : line.getOptionValues(WhatIf.SCHEME)) {
            WhatIf.parse(given);
            texts.add(WhatIf.text(given));
        }
        return texts;
    }

    static String cost(CommandLine line) {
        String cost = line.getOptionValue(WhatIf.COST, "zram");
        WhatIf.words("--cost", () -> CostModel.of(cost));
        return cost;
    }
}
