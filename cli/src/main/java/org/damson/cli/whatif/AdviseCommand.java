package org.damson.cli.whatif;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.damson.analyzer.advise.Advice;
import org.damson.analyzer.advise.Advisor;
import org.damson.analyzer.tune.Tune;
import org.damson.cli.command.Command;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.command.Shared;
import org.damson.cli.console.Console;
import org.damson.cli.report.Reports;
import org.damson.model.InvalidInputException;
import org.damson.model.TraceSource;
import org.damson.model.Units;

/** {@code damson advise TRACE...}: what could be gained, and how. */
public final class AdviseCommand implements Command {
    private static final List<String> FORMS = List.of("txt", "json");

    @Override
    public String name() {
        return "advise";
    }

    @Override
    public String summary() {
        return "find what DAMOS could save for a program, and how; several traces are recordings of one program";
    }

    @Override
    public String usage() {
        return "TRACE... [--cost MODEL] [--output FILE.{txt,json}] [--time A..B]";
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
        Shared.requireDistinct(Shared.traces(line));
        List<TraceSource> open = new ArrayList<>();
        try {
            List<Tune.Subject> recordings = WhatIf.subjects(line, console, Shared.traces(line), open);
            List<Advice> advice;
            try {
                advice = Advisor.advise(recordings, WhatIf.outcome(line, console));
            } catch (InvalidInputException e) {
                throw new CommandFailedException(ExitCode.INPUT, e.getMessage());
            }
            Reports.write(line, console, out -> {
                if (form.equals("json")) {
                    Json.write(advice.stream().map(AdviseCommand::json).toList(), out);
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
        } finally {
            WhatIf.close(open);
        }
        return ExitCode.OK;
    }

    private static Map<String, Object> json(Advice a) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("kind", a.kind().name().toLowerCase(Locale.ROOT));
        one.put("text", a.text());
        one.put("numbers", a.numbers());
        if (a.gain() != null) {
            one.put("gain", gain(a.gain()));
        }
        return one;
    }

    private static Map<String, Object> gain(Advice.Gain g) {
        Map<String, Object> m = new LinkedHashMap<>();
        boolean isBytes = g.metric().contains("bytes");
        m.put("metric", g.metric());
        m.put("done", number(g.done(), isBytes));
        m.put("nothing", number(g.nothing(), isBytes));
        m.put("cost", g.cost());
        m.put("confidence", g.confidence().name().toLowerCase(Locale.ROOT));
        m.put("confidence_why", g.why());
        if (!g.runs().isEmpty()) {
            List<Object> runs = new ArrayList<>();
            for (Advice.InRun r : g.runs()) {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("recording", r.recording());
                one.put("done", number(r.done(), isBytes));
                one.put("nothing", number(r.nothing(), isBytes));
                runs.add(one);
            }
            m.put("recordings", runs);
        }
        return m;
    }

    private static Object number(double v, boolean isBytes) {
        return isBytes ? (Object) Math.round(v) : (Object) v;
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
        for (Advice.InRun r : g.runs()) {
            out.append("    in ")
                    .append(r.recording())
                    .append(": ")
                    .append(value(r.done(), isBytes))
                    .append("; doing nothing: ")
                    .append(value(r.nothing(), isBytes))
                    .append('\n');
        }
    }

    private static String value(double v, boolean isBytes) {
        return isBytes ? Units.bytes(Math.round(v)) : String.format(Locale.ROOT, "%.1f %%", v * 100);
    }
}
