package org.damson.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.damson.analyzer.whatif.Advice;
import org.damson.analyzer.whatif.Advisor;
import org.damson.model.TraceSource;
import org.damson.model.Units;

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
                        one.put("kind", a.kind().name().toLowerCase(Locale.ROOT));
                        one.put("text", a.text());
                        one.put("numbers", a.numbers());
                        if (a.gain() != null) {
                            one.put("gain", gain(a.gain()));
                        }
                        all.add(one);
                    }
                    Json.write(all, out);
                } else {
                    Reports.text(out, t -> {
                        for (Advice a : advice) {
                            t.append("- ").append(a.text()).append('\n');
                            if (a.gain() != null) {
                                text(a.gain(), t);
                            }
                        }
                    });
                }
            });
        }
        return ExitCode.OK;
    }

    private static Map<String, Object> gain(Advice.Gain g) {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("metric", g.metric());
        m.put("done", g.done());
        m.put("nothing", g.nothing());
        m.put("cost", g.cost());
        m.put("confidence", g.confidence().name().toLowerCase(Locale.ROOT));
        m.put("confidence_why", g.why());
        return m;
    }

    /** The same in words. */
    private static void text(Advice.Gain g, Appendable out) throws IOException {
        boolean isBytes = g.metric().contains("bytes");
        out.append("    gain: ")
                .append(g.metric().replace('_', ' '))
                .append(' ')
                .append(value(g.done(), isBytes))
                .append("; doing nothing: ")
                .append(value(g.nothing(), isBytes))
                .append("\n    cost: ")
                .append(g.cost())
                .append("\n    confidence: ")
                .append(g.confidence().name().toLowerCase(Locale.ROOT))
                .append(" (")
                .append(g.why())
                .append(")\n");
    }

    private static String value(double v, boolean isBytes) {
        return isBytes ? Units.bytes((long) v) : String.format(Locale.ROOT, "%.1f %%", v * 100);
    }
}
