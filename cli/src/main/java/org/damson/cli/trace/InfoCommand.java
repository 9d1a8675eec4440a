package org.damson.cli.trace;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.commons.cli.CommandLine;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.command.Shared;
import org.damson.cli.console.Console;
import org.damson.cli.input.InfoLines;
import org.damson.cli.input.Inputs;
import org.damson.cli.input.TraceFacts;
import org.damson.model.Manifest;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.text.Printable;

/** {@code damson info TRACE}: what it is, where it comes from, and how far it can be trusted. */
public final class InfoCommand implements Command {
    @Override
    public String name() {
        return "info";
    }

    @Override
    public boolean carriesLosses() {
        return true;
    }

    @Override
    public String summary() {
        return "show a trace's contents, origin and losses";
    }

    @Override
    public String usage() {
        return "TRACE";
    }

    @Override
    public String example() {
        return "damson info run.damson";
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        Path path = Shared.trace(line);
        try (TraceSource trace = Inputs.openUnsaid(path, console, false)) {
            TraceFacts facts = TraceFacts.of(trace, path);
            if (console.isJson()) {
                Json.write(json(facts, path), console.out());
            } else {
                print(facts, path, console.out());
            }
        }
        return ExitCode.OK;
    }

    static void print(TraceFacts facts, Path path, PrintStream out) {
        for (Map.Entry<String, String> fact : InfoLines.of(facts, path.toString())) {
            // Names of the trace, its host and its keys are somebody else's text: each stays on its line.
            String label = fact.getKey().isEmpty() ? "" : fact.getKey() + ":";
            out.println(Printable.line(String.format(Units.NUMBERS, "%-12s %s", label, fact.getValue())
                    .stripTrailing()));
        }
    }

    static Map<String, Object> json(TraceFacts facts, Path path) {
        Manifest m = facts.manifest;
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("trace", path.toString());
        json.put("format_version", m.formatVersion);
        json.put("tool_version", m.toolVersion);
        json.put("state", TraceFacts.lower(m.state));
        json.put("source", m.source);
        json.put("clock", TraceFacts.lower(m.clock));
        json.put("to_boot_ns", m.toBootNs);
        json.put("to_epoch_ns", m.toEpochNs);
        json.put("start_ns", facts.snapshots == 0 ? null : facts.startNs);
        json.put("end_ns", facts.snapshots == 0 ? null : facts.endNs);
        json.put("duration_ns", facts.durationNs());
        json.put("snapshots", facts.snapshots);
        json.put("regions", facts.regions);
        json.put("median_regions", facts.medianRegions);
        json.put(
                "targets",
                facts.targets.stream()
                        .map(t -> Long.toUnsignedString(t.target()))
                        .toList());
        Map<String, Object> attrs = new LinkedHashMap<>();
        attrs.put("sample_us", m.attrs.sampleUs());
        attrs.put("aggr_us", m.attrs.aggrUs());
        attrs.put("update_us", m.attrs.updateUs());
        attrs.put("min_regions", m.attrs.minRegions());
        attrs.put("max_regions", m.attrs.maxRegions());
        attrs.put("origin", TraceFacts.lower(m.attrs.origin()));
        json.put("attrs", attrs);
        json.put("size_bytes", facts.sizeBytes);
        json.put("bytes_per_region", facts.bytesPerRegion());
        json.put("flush_interval_ns", m.flushIntervalNs);
        json.put("lost_regions", facts.lostRegions);
        json.put("losses", facts.losses);
        Map<String, Object> rows = new LinkedHashMap<>();
        for (Map.Entry<Table, Long> e : facts.rows.entrySet()) {
            rows.put(e.getKey().fileStem(), e.getValue());
        }
        json.put("rows", rows);
        json.put("unknown_tables", List.copyOf(new TreeSet<>(m.unknownFiles.values())));
        json.put("recording", m.recording);
        json.put("host", m.host);
        json.put("extra", m.extra);
        return json;
    }
}
