package org.damson.cli.trace;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.command.Shared;
import org.damson.cli.console.Console;
import org.damson.cli.input.FactLines;
import org.damson.cli.input.Inputs;
import org.damson.cli.input.TraceFacts;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.model.ReferencedSampling;
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
    public Options options() {
        return new Options();
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
        Manifest m = facts.manifest;
        line(
                out,
                "Trace",
                path + " (format " + m.formatVersion + ", " + TraceFacts.lower(m.state)
                        + (m.toolVersion.isEmpty() ? "" : ", written by damson " + m.toolVersion) + ")");
        line(out, "Source", m.source);
        line(out, "Clock", clock(facts));
        line(
                out,
                "Snapshots",
                Units.count(facts.snapshots) + " over " + Units.duration(facts.durationNs())
                        + (facts.snapshots > 1
                                ? ", one every "
                                        + Units.duration(facts.durationNs()
                                                / facts.snapshots
                                                * Math.max(1, facts.targets.size()))
                                : ""));
        line(out, "Regions", Units.count(facts.regions) + " (median " + facts.medianRegions + " per snapshot)");
        line(out, "Targets", targets(facts));
        line(out, "Intervals", intervalsInForce(facts));
        if (!facts.sampling.isEmpty()) {
            line(out, "Sampling", facts.sampling);
        }
        if (facts.areIntervalsAssumed()) {
            line(
                    out,
                    "",
                    "ASSUMED: the recording does not say its intervals; ages and access rates rest on this guess");
        }
        if (m.attrs.maxRegions() > 0) {
            line(out, "Bounds", m.attrs.minRegions() + " to " + Units.count(m.attrs.maxRegions()) + " regions");
        }
        line(
                out,
                "Size",
                Units.bytes(facts.sizeBytes)
                        + (facts.bytesPerRegion() > 0
                                ? String.format(Locale.ROOT, " (%.2f bytes per region row)", facts.bytesPerRegion())
                                : ""));
        if (m.flushIntervalNs > 0) {
            line(
                    out,
                    "Flushed",
                    "every " + Units.duration(m.flushIntervalNs) + ": what a sudden death could have cost");
        }
        line(out, "Lost", losses(facts));
        // What is said in one line already stands in --json alone.
        Set<ManifestKey> said = facts.sampling.isEmpty() ? Set.of() : ReferencedSampling.KEYS;
        FactLines.of(m.recording, "", said).forEach((name, value) -> line(out, label(name), value));
        List<String> host = new ArrayList<>();
        FactLines.of(m.host, "host.", Set.of()).forEach((name, value) -> host.add(name + " " + value));
        if (!host.isEmpty()) {
            line(out, "Host", String.join(", ", host));
        }
        List<String> tables = new ArrayList<>();
        facts.rows.forEach((t, n) -> tables.add(t.fileStem() + " " + Units.count(n)));
        line(out, "Rows", tables.isEmpty() ? "none" : String.join(", ", tables));
        if (!m.unknownFiles.isEmpty()) {
            line(
                    out,
                    "Not read",
                    "tables of a newer damson: " + String.join(", ", new TreeSet<>(m.unknownFiles.values())));
        }
        for (Map.Entry<String, Object> e : m.extra.entrySet()) {
            line(out, label(e.getKey()), FactLines.text(e.getValue()));
        }
    }

    private static String intervalsInForce(TraceFacts facts) {
        MonitoringAttrs a = facts.manifest.attrs;
        String text = TraceFacts.intervals(a) + " (" + TraceFacts.lower(a.origin()) + ")";
        boolean varied = facts.snapshots > 0 && (facts.sampleUs.varies() || facts.aggrUs.varies());
        if (varied) {
            text += "; in force: sampling " + facts.sampleUs + ", aggregation " + facts.aggrUs;
        }
        return text;
    }

    private static String clock(TraceFacts facts) {
        Manifest m = facts.manifest;
        String text = TraceFacts.lower(m.clock) + ", from " + seconds(facts.startNs) + " to " + seconds(facts.endNs);
        if (m.toEpochNs != null) {
            long epochNs = facts.startNs + m.toEpochNs;
            text += ", started "
                    + Instant.ofEpochSecond(
                            Math.floorDiv(epochNs, 1_000_000_000L),
                            Math.floorMod(epochNs, 1_000_000_000L) / 1_000_000 * 1_000_000);
        }
        return text;
    }

    private static String seconds(long ns) {
        return String.format(Locale.ROOT, "%.3f s", ns / 1e9);
    }

    private static String targets(TraceFacts facts) {
        List<String> names = new ArrayList<>();
        for (long target : facts.targets) {
            if (names.size() == 8) {
                names.add("...");
                break;
            }
            names.add(target >= 0 && target < 1L << 32 ? Long.toString(target) : Units.address(target));
        }
        return facts.targets.size() + (names.isEmpty() ? "" : " (" + String.join(", ", names) + ")");
    }

    private static String losses(TraceFacts facts) {
        List<String> parts = new ArrayList<>();
        if (facts.lostRegions > 0) {
            parts.add(Units.count(facts.lostRegions, "region") + " missing from snapshots");
        }
        facts.losses.forEach((what, n) -> parts.add(what + (n < 0 ? " (count unknown)" : " " + Units.count(n))));
        return parts.isEmpty() ? "nothing" : String.join("; ", parts);
    }

    private static void line(PrintStream out, String label, String value) {
        // Names of the trace, its host and its keys are somebody else's text: each stays on its line.
        out.println(Printable.line(String.format(Locale.ROOT, "%-12s %s", label.isEmpty() ? "" : label + ":", value)
                .stripTrailing()));
    }

    private static String label(String key) {
        String words = FactLines.words(key);
        return words.isEmpty() ? "" : Character.toUpperCase(words.charAt(0)) + words.substring(1);
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
        json.put("start_ns", facts.startNs);
        json.put("end_ns", facts.endNs);
        json.put("duration_ns", facts.durationNs());
        json.put("snapshots", facts.snapshots);
        json.put("regions", facts.regions);
        json.put("median_regions", facts.medianRegions);
        json.put("targets", facts.targets.stream().map(Long::toUnsignedString).toList());
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
