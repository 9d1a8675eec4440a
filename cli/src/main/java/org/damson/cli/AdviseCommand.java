package org.damson.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.damson.analyzer.whatif.Advice;
import org.damson.analyzer.whatif.Advisor;
import org.damson.model.TraceSource;

/** {@code damson advise TRACE}: what could be gained, and how. */
final class AdviseCommand implements Command {
    private static final List<String> FORMS = List.of("txt", "json");

    @Override
    public String name() {
        return "advise";
    }

    @Override
    public String summary() {
        return "what could be gained from a trace's memory, and how, in plain sentences with their numbers";
    }

    @Override
    public String usage() {
        return "TRACE [--cost MODEL] [--output FILE.{txt,json}] [--time A..B]";
    }

    @Override
    public String example() {
        return "damson advise run.damson";
    }

    @Override
    public Options options() {
        return Shared.and(WhatIf.COMMON, Shared.SNAPSHOTS);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        String form = Reports.form(line, console, FORMS);
        try (TraceSource trace = Inputs.open(Shared.trace(line), console)) {
            WhatIf.refuseActing(trace);
            List<Advice> advice;
            try {
                advice = Advisor.advise(
                        trace,
                        Shared.query(line, trace),
                        WhatIf.options(line, trace, console),
                        WhatIf.outcome(line, console));
            } catch (IllegalArgumentException e) {
                throw new CommandFailedException(ExitCode.INPUT, e.getMessage());
            }
            Reports.caveats(trace, console);
            Reports.write(line, console, out -> {
                if (form.equals("json")) {
                    List<Object> all = new ArrayList<>();
                    for (Advice a : advice) {
                        Map<String, Object> one = new LinkedHashMap<>();
                        one.put("kind", a.kind().name().toLowerCase(java.util.Locale.ROOT));
                        one.put("text", a.text());
                        one.put("numbers", a.numbers());
                        all.add(one);
                    }
                    Json.write(all, out);
                } else {
                    Reports.text(out, t -> {
                        for (Advice a : advice) {
                            t.append("- ").append(a.text()).append('\n');
                        }
                    });
                }
            });
        }
        return ExitCode.OK;
    }
}
