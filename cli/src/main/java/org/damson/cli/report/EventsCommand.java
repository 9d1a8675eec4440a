package org.damson.cli.report;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.analyzer.objects.TraceEvents;
import org.damson.analyzer.render.text.EventJson;
import org.damson.analyzer.render.text.EventLines;
import org.damson.cli.command.Command;
import org.damson.cli.command.DamoOptions;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Shared;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** {@code damson report trace TRACE}: a trace's events, one by one. */
public final class EventsCommand implements Command {
    private static final List<String> FORMS = List.of("txt", "json");
    private static final Option EVENT = DamoOptions.several(
            Option.UNLIMITED_VALUES, "event", "NAME...", "only these: " + String.join(", ", TraceEvents.EVENTS));
    private static final Option NO_EVENT =
            DamoOptions.several(Option.UNLIMITED_VALUES, "no-event", "NAME...", "all but these");

    @Override
    public String name() {
        return "report trace";
    }

    @Override
    public String summary() {
        return "the events of a trace in order: regions, tuning, schemes, losses";
    }

    @Override
    public String usage() {
        return "TRACE [--event NAME...] [--no-event NAME...] [--time A..B] [--output FILE.{txt,json}]";
    }

    @Override
    public String example() {
        return "damson report trace run.damson --time 0s..1s";
    }

    @Override
    public Options options() {
        return Shared.of(Reports.OUTPUT, EVENT, NO_EVENT, Shared.TIME, Shared.ADDRESS, Shared.TARGET, Shared.SNAPSHOTS);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        String form = Reports.form(line, console, FORMS);
        Set<String> events = new LinkedHashSet<>(TraceEvents.EVENTS);
        DamoOptions.each(line, EVENT, v -> events.retainAll(named(EVENT, v)));
        DamoOptions.each(line, NO_EVENT, v -> events.removeAll(named(NO_EVENT, v)));
        try (TraceSource trace = Inputs.open(Shared.trace(line), console)) {
            TraceQuery query = Shared.query(line, trace);
            Inputs.caveats(trace, console);
            Reports.write(line, console, out -> {
                if (form.equals("json")) {
                    EventJson.write(trace, query, events, out);
                } else {
                    Reports.text(out, t -> EventLines.write(trace, query, events, t));
                }
            });
        }
        return ExitCode.OK;
    }

    /** Names as damo has them, with {@code damon:} before, are understood too. */
    private static Set<String> named(Option option, List<String> given) {
        List<String> names =
                given.stream().map(n -> n.replaceFirst("^damon:", "")).toList();
        if (names.equals(List.of("all"))) {
            return Set.copyOf(TraceEvents.EVENTS);
        }
        return Set.copyOf(DamoOptions.words(option, names, TraceEvents.EVENTS));
    }
}
