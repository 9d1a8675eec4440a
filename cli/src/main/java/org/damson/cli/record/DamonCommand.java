package org.damson.cli.record;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.damson.analyzer.scan.TargetNames;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.command.Shared;
import org.damson.cli.console.Console;
import org.damson.cli.input.Extent;
import org.damson.cli.input.FactLines;
import org.damson.cli.input.Inputs;
import org.damson.cli.input.TraceFacts;
import org.damson.cli.report.Reports;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.text.Printable;

/** {@code damson report damon TRACE}: with which parameters of DAMON a trace was recorded. */
public final class DamonCommand implements Command {
    private static final List<String> FORMS = List.of("txt", "json");

    /** A kdamond's context. */
    private record Context(int kdamond, int context) {}

    /** What its snapshots say. */
    private static final class Seen {
        final Extent sampleUs = new Extent();
        final Extent aggrUs = new Extent();
        final TreeSet<Long> targets = new TreeSet<>(Long::compareUnsigned);
        final TreeSet<Integer> schemes = new TreeSet<>();
        long snapshots;
    }

    @Override
    public String name() {
        return "report damon";
    }

    @Override
    public String summary() {
        return "DAMON parameters a trace was recorded with: kdamonds, intervals, regions, targets, schemes";
    }

    @Override
    public String usage() {
        return "TRACE [--json]";
    }

    @Override
    public String example() {
        return "damson report damon run.damson";
    }

    @Override
    public Options options() {
        return Shared.of(Reports.OUTPUT);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        String form = Reports.form(line, console, FORMS);
        try (TraceSource trace = Inputs.open(Shared.trace(line), console)) {
            Inputs.caveats(trace, console);
            Map<Context, Seen> contexts = contexts(trace);
            Manifest m = trace.manifest();
            Reports.write(line, console, out -> {
                if (form.equals("json")) {
                    Json.write(json(contexts, m), out);
                } else {
                    Reports.text(out, t -> t.append(text(contexts, m)));
                }
            });
        }
        return ExitCode.OK;
    }

    private static Map<Context, Seen> contexts(TraceSource trace) throws IOException {
        Map<Context, Seen> contexts = new LinkedHashMap<>();
        int cKdamond = Table.SNAPSHOTS.indexOf("kdamond");
        int cContext = Table.SNAPSHOTS.indexOf("context");
        int cScheme = Table.SNAPSHOTS.indexOf("scheme");
        int cTarget = Table.SNAPSHOTS.indexOf("target");
        int cSample = Table.SNAPSHOTS.indexOf("sample_us");
        int cAggr = Table.SNAPSHOTS.indexOf("aggr_us");
        trace.forEachRow(Table.SNAPSHOTS, (b, i) -> {
            Seen seen = contexts.computeIfAbsent(
                    new Context((int) b.get(cKdamond, i), (int) b.get(cContext, i)), c -> new Seen());
            seen.snapshots++;
            seen.sampleUs.add(b.get(cSample, i));
            seen.aggrUs.add(b.get(cAggr, i));
            if (seen.targets.size() < 1000) {
                seen.targets.add(b.get(cTarget, i));
            }
            int scheme = (int) b.get(cScheme, i);
            if (scheme != Snapshot.NO_SCHEME) {
                seen.schemes.add(scheme);
            }
        });
        return contexts;
    }

    private static String text(Map<Context, Seen> contexts, Manifest m) {
        StringBuilder b = new StringBuilder();
        TargetNames names = TargetNames.of(m);
        contexts.forEach((c, seen) -> {
            b.append("kdamond ")
                    .append(c.kdamond)
                    .append(", context ")
                    .append(c.context)
                    .append('\n');
            row(
                    b,
                    "intervals",
                    "sample " + seen.sampleUs + ", aggregation " + seen.aggrUs
                            + ", update " + Units.duration(m.attrs.updateUs() * 1000) + " ("
                            + TraceFacts.lower(m.attrs.origin())
                            + ")");
            row(b, "snapshots", Units.count(seen.snapshots));
            row(
                    b,
                    "targets",
                    String.join(", ", seen.targets.stream().map(names::label).toList()));
            if (!seen.schemes.isEmpty()) {
                row(
                        b,
                        "schemes",
                        String.join(
                                " ", seen.schemes.stream().map(String::valueOf).toList()));
            }
        });
        if (m.attrs.maxRegions() > 0) {
            row(b, "regions", m.attrs.minRegions() + " to " + Units.count(m.attrs.maxRegions()));
        }
        FactLines.of(new TreeMap<>(m.recording), "", FactLines.FOR_PROGRAMS).forEach((k, v) -> row(b, k, v));
        return b.toString();
    }

    private static void row(StringBuilder b, String name, String value) {
        b.append("    ").append(Printable.line(name + ": " + value)).append('\n');
    }

    private static Map<String, Object> json(Map<Context, Seen> contexts, Manifest m) {
        List<Object> kdamonds = new ArrayList<>();
        contexts.forEach((c, seen) -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("kdamond", c.kdamond);
            one.put("context", c.context);
            one.put("sample_us", List.of(seen.sampleUs.leastUs(), seen.sampleUs.greatestUs()));
            one.put("aggregation_us", List.of(seen.aggrUs.leastUs(), seen.aggrUs.greatestUs()));
            one.put("snapshots", seen.snapshots);
            one.put("targets", seen.targets.stream().map(Long::toUnsignedString).toList());
            one.put("schemes", List.copyOf(seen.schemes));
            kdamonds.add(one);
        });
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("contexts", kdamonds);
        json.put("update_us", m.attrs.updateUs());
        json.put("min_regions", m.attrs.minRegions());
        json.put("max_regions", m.attrs.maxRegions());
        json.put("intervals_origin", TraceFacts.lower(m.attrs.origin()));
        json.put("recording", m.recording);
        return json;
    }
}
