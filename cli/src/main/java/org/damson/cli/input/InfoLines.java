package org.damson.cli.input;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.damson.analyzer.scan.TargetNames;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.model.ReferencedSampling;
import org.damson.model.Units;
import org.damson.model.summary.StreamKey;

/** What a trace is, where it comes from, and how far it can be trusted, line by line. */
public final class InfoLines {
    private InfoLines() {}

    /**
     * Name and value of each line; an empty name goes on with the one before.
     *
     * @param name of the trace
     */
    public static List<Map.Entry<String, String>> of(TraceFacts facts, String name) {
        List<Map.Entry<String, String>> out = new ArrayList<>();
        what(out, facts, name);
        how(out, facts);
        whereAndRows(out, facts);
        for (Map.Entry<String, Object> e : facts.manifest.extra.entrySet()) {
            line(out, label(e.getKey()), FactLines.text(e.getValue()));
        }
        return List.copyOf(out);
    }

    /** What was recorded: when, of whom, how much. */
    private static void what(List<Map.Entry<String, String>> out, TraceFacts facts, String name) {
        Manifest m = facts.manifest;
        line(
                out,
                "Trace",
                name + " (format " + m.formatVersion + ", " + TraceFacts.lower(m.state)
                        + (m.toolVersion.isEmpty() ? "" : ", written by damson " + m.toolVersion) + ")");
        line(out, "Source", m.source);
        line(out, "Clock", clock(facts));
        line(
                out,
                "Snapshots",
                Units.count(facts.snapshots) + " over " + Units.duration(facts.durationNs())
                        + (facts.snapshots > 1 ? ", one every " + Units.duration(facts.everyNs) : ""));
        line(out, "Regions", Units.count(facts.regions) + " (median " + facts.medianRegions + " per snapshot)");
        line(out, "Targets", targets(facts));
    }

    /** How it was recorded, and what is missing. */
    private static void how(List<Map.Entry<String, String>> out, TraceFacts facts) {
        Manifest m = facts.manifest;
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
                                ? String.format(Units.NUMBERS, " (%.2f bytes per region row)", facts.bytesPerRegion())
                                : ""));
        if (m.flushIntervalNs > 0) {
            line(
                    out,
                    "Flushed",
                    "every " + Units.duration(m.flushIntervalNs) + ": what a sudden death could have cost");
        }
        line(out, "Lost", losses(facts));
        // What is said in one line already stands in --json alone.
        Set<ManifestKey> said = new HashSet<>(facts.sampling.isEmpty() ? Set.of() : ReferencedSampling.KEYS);
        said.addAll(FactLines.FOR_PROGRAMS);
        FactLines.of(m.recording, "", said).forEach((key, value) -> line(out, label(key), value));
    }

    private static void whereAndRows(List<Map.Entry<String, String>> out, TraceFacts facts) {
        Manifest m = facts.manifest;
        List<String> host = new ArrayList<>();
        FactLines.of(m.host, "host.", Set.of()).forEach((key, value) -> host.add(key + " " + value));
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
        if (facts.snapshots == 0) {
            return TraceFacts.lower(m.clock);
        }
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
        return String.format(Units.NUMBERS, "%.3f s", ns / 1e9);
    }

    private static String targets(TraceFacts facts) {
        List<String> names = new ArrayList<>();
        TargetNames called = TargetNames.of(facts.manifest);
        for (StreamKey key : facts.targets) {
            if (names.size() == 8) {
                names.add("...");
                break;
            }
            long target = key.target();
            names.add((target >= 0 && target < 1L << 32 ? called.label(target) : Units.address(target))
                    + (key.kdamond() == 0 && key.context() == 0
                            ? ""
                            : " of kdamond " + key.kdamond() + " context " + key.context()));
        }
        return facts.targets.size() + (names.isEmpty() ? "" : ": " + String.join(", ", names));
    }

    private static String losses(TraceFacts facts) {
        List<String> parts = new ArrayList<>();
        if (facts.lostRegions > 0) {
            parts.add(Units.count(facts.lostRegions, "region") + " missing from snapshots");
        }
        facts.losses.forEach((what, n) -> parts.add(what + (n < 0 ? " (count unknown)" : " " + Units.count(n))));
        return parts.isEmpty() ? "nothing" : String.join("; ", parts);
    }

    private static void line(List<Map.Entry<String, String>> out, String label, String value) {
        out.add(Map.entry(label, value));
    }

    private static String label(String key) {
        String words = FactLines.words(key);
        return words.isEmpty() ? "" : Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }
}
