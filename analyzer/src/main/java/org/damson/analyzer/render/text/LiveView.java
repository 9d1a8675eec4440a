package org.damson.analyzer.render.text;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.damson.analyzer.scan.MemoryReadings;
import org.damson.analyzer.scan.Scan;
import org.damson.analyzer.scan.TargetKey;
import org.damson.analyzer.scan.TargetNames;
import org.damson.model.Manifest;
import org.damson.model.Mapping;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.summary.SnapshotSums;
import org.damson.model.summary.SummarizedSnapshots;
import org.damson.model.text.Printable;

/** The latest state of a trace, as one screen: what each target uses, and its hottest regions. */
public final class LiveView {
    /** Snapshots from the end that are looked at: enough for the last of each of some tens of targets. */
    private static final long RECENT = 256;

    /** Snapshots of one target in its mean. */
    private static final int MEAN_OVER = 10;

    /** One target's latest snapshot and the working sets of those before. */
    private static final class Target {
        final Snapshot last = new Snapshot();
        final List<Long> sizes = new ArrayList<>();

        void add(long touchedBytes) {
            sizes.add(touchedBytes);
            if (sizes.size() > MEAN_OVER) {
                sizes.remove(0);
            }
        }

        long now() {
            return sizes.get(sizes.size() - 1);
        }

        double mean() {
            return sizes.stream().mapToLong(Long::longValue).average().orElse(0);
        }
    }

    private record Hot(TargetKey key, long start, long end, double heat, int age, String name) {
        double heatBytes() {
            return heat * Scan.bytes(end - start);
        }
    }

    private final Manifest manifest;
    private final Map<TargetKey, Target> targets = new TreeMap<>();
    private final Map<Long, TreeMap<Long, Mapping>> mappings = new TreeMap<>();
    private final Map<Long, Long> rss = new TreeMap<>();
    private final Map<String, Long> system = new LinkedHashMap<>();
    private final List<Hot> hottest = new ArrayList<>();
    private final long snapshots;
    private long losses;
    private long startNs;
    private long endNs;

    private LiveView(TraceSource trace) throws IOException {
        manifest = trace.manifest();
        snapshots = trace.rowCount(Table.SNAPSHOTS);
        readSnapshots(trace);
        readMappings(trace);
        readMemory(trace);
        losses = trace.rowCount(Table.LOSSES);
        targets.forEach((key, t) -> addRegions(key, t.last));
        hottest.sort(Comparator.comparingDouble(Hot::heatBytes).reversed());
    }

    /** Reads the end of a trace, which may be being recorded. */
    public static LiveView of(TraceSource trace) throws IOException {
        return new LiveView(trace);
    }

    /** Whether more may come. */
    public boolean isRecording() {
        return manifest.state == Manifest.State.RECORDING;
    }

    private void readSnapshots(TraceSource trace) throws IOException {
        Snapshot s = new Snapshot();
        TargetNames names = TargetNames.of(trace.manifest());
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL.columns(0))) {
            startNs = cursor.next(s) ? Scan.traceNs(trace) : 0;
        }
        endNs = startNs;
        long from = s.id + Math.max(0, snapshots - RECENT);
        boolean isSummed = SummarizedSnapshots.answer(trace, TraceQuery.ALL);
        long regionsFrom = isSummed ? readSizes(trace, from, names) : from;
        SnapshotSums sums = new SnapshotSums();
        int columns = Snapshot.HAS_AGE | Snapshot.HAS_REFERENCED;
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(
                TraceQuery.ALL.snapshots(regionsFrom, Long.MAX_VALUE).columns(columns))) {
            while (cursor.next(s)) {
                Target t = targets.computeIfAbsent(names.named(TargetKey.of(s)), k -> new Target());
                t.last.copyFrom(s);
                if (!isSummed) {
                    sums.of(s);
                    t.add(sums.touchedBytes());
                }
                endNs = Math.max(endNs, s.endNs);
            }
        }
    }

    /** Working sets from the sums of snapshots; returns from which on there is the last one of each target. */
    private long readSizes(TraceSource trace, long from, TargetNames names) throws IOException {
        Map<TargetKey, Long> lasts = new TreeMap<>();
        try (SummarizedSnapshots recent =
                SummarizedSnapshots.open(trace, TraceQuery.ALL.snapshots(from, Long.MAX_VALUE))) {
            while (recent.next()) {
                TargetKey key = names.named(TargetKey.of(recent.head()));
                targets.computeIfAbsent(key, k -> new Target())
                        .add(recent.sums().touchedBytes());
                lasts.put(key, recent.head().id);
                endNs = Math.max(endNs, recent.head().endNs);
            }
        }
        return lasts.values().stream().mapToLong(Long::longValue).min().orElse(from);
    }

    private void readMappings(TraceSource trace) throws IOException {
        trace.forEachRow(Table.MAPPINGS, (b, i) -> {
            Mapping m = Mapping.of(b, i);
            TreeMap<Long, Mapping> of = mappings.computeIfAbsent(m.pid(), p -> new TreeMap<>(Long::compareUnsigned));
            if (Mapping.isGone(b, i)) {
                of.remove(m.start(), m);
            } else {
                of.put(m.start(), m);
            }
        });
    }

    private void readMemory(TraceSource trace) throws IOException {
        MemoryReadings.forEach(trace, (timeNs, pid, counter, value) -> {
            if (pid == 0) {
                system.put(counter, value);
            } else if (counter.equals("rss")) {
                rss.put(pid, value);
            }
        });
    }

    private void addRegions(TargetKey key, Snapshot s) {
        double perAccess = 1.0 / s.maxNrAccesses();
        boolean referenced = s.has(Snapshot.HAS_REFERENCED);
        for (int i = 0; i < s.regions; i++) {
            double heat = Scan.heat(s, i, perAccess, referenced);
            if (heat > 0) {
                int age = s.has(Snapshot.HAS_AGE) ? s.age[i] : -1;
                hottest.add(new Hot(key, s.start[i], s.end[i], heat, age, name(s.target, s.start[i])));
            }
        }
    }

    private String name(long target, long address) {
        // Where there is one process only, it is the one whose target this is.
        TreeMap<Long, Mapping> of =
                mappings.size() == 1 ? mappings.values().iterator().next() : mappings.get(target);
        Map.Entry<Long, Mapping> at = of == null ? null : of.floorEntry(address);
        boolean inside =
                at != null && Long.compareUnsigned(address, at.getValue().end()) < 0;
        return inside && at.getValue().name() != null ? at.getValue().name() : "";
    }

    /**
     * The screen.
     *
     * @param title first words of the first line
     * @param columns longest line
     * @param rows most lines; targets come before regions
     */
    public List<String> lines(String title, int columns, int rows) {
        List<String> lines = new ArrayList<>();
        lines.add(title + "  " + manifest.state.name().toLowerCase(Locale.ROOT) + "  " + Units.duration(endNs - startNs)
                + "  " + Units.count(snapshots, "snapshot") + (losses > 0 ? "  LOSSES " + losses : ""));
        if (system.containsKey("mem_total") && system.containsKey("mem_available")) {
            lines.add("system memory available " + Units.bytes(system.get("mem_available")) + " of "
                    + Units.bytes(system.get("mem_total")));
        }
        lines.add("");
        lines.add(String.format(
                Locale.ROOT,
                "%-14s %14s %14s %14s %8s",
                "TARGET",
                "RSS",
                "WORKING SET",
                "MEAN OF " + MEAN_OVER,
                "REGIONS"));
        targets.forEach((key, t) -> lines.add(String.format(
                Locale.ROOT,
                "%-14s %14s %14s %14s %8d",
                key.label().replace("target ", ""),
                rss.containsKey(t.last.target) ? Units.bytes(rss.get(t.last.target)) : "-",
                Units.bytes(t.now()),
                Units.bytes(Math.round(t.mean())),
                t.last.regions)));
        lines.add("");
        lines.add(String.format(Locale.ROOT, "%7s %5s %14s  %-18s  %s", "HEAT", "AGE", "SIZE", "ADDRESS", "MAPPING"));
        for (Hot h : hottest.subList(0, Math.min(hottest.size(), Math.max(0, rows - lines.size())))) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%5.1f %% %5s %14s  %-18s  %s",
                    100 * h.heat,
                    h.age < 0 ? "-" : Integer.toString(h.age),
                    TextReports.size(h.end - h.start),
                    Units.address(h.start),
                    targets.size() == 1 ? h.name : h.key.label() + " " + h.name));
        }
        return lines.stream()
                .limit(rows)
                .map(l -> l.length() > columns ? l.substring(0, columns) : l)
                .map(Printable::line)
                .toList();
    }

    /** The content of the screen, for all regions. */
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("state", manifest.state.name().toLowerCase(Locale.ROOT));
        json.put("start_ns", startNs);
        json.put("end_ns", endNs);
        json.put("snapshots", snapshots);
        json.put("losses", losses);
        List<Map<String, Object>> list = new ArrayList<>();
        targets.forEach((key, t) -> {
            Map<String, Object> target = new LinkedHashMap<>();
            target.put("target", key.label());
            target.put("rss_bytes", rss.get(t.last.target));
            target.put("working_set_bytes", t.now());
            target.put("recent_mean_working_set_bytes", Math.round(t.mean()));
            target.put("regions", t.last.regions);
            list.add(target);
        });
        json.put("targets", list);
        List<Map<String, Object>> regions = new ArrayList<>();
        for (Hot h : hottest) {
            Map<String, Object> region = new LinkedHashMap<>();
            region.put("target", h.key.label());
            region.put("start", Units.address(h.start));
            region.put("end", Units.address(h.end));
            region.put("heat", h.heat);
            region.put("age", h.age < 0 ? null : h.age);
            region.put("mapping", h.name);
            regions.add(region);
        }
        json.put("hottest", regions);
        return json;
    }
}
