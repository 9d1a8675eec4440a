package org.damson.analyzer.heatmap;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.Scan;
import org.damson.analyzer.scan.TargetKey;
import org.damson.analyzer.scan.TargetNames;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.summary.HeatAreas;
import org.damson.model.summary.HeatSums;
import org.damson.model.summary.SummarizedSnapshots;

/** Finds what a trace covers: targets, times, contiguous areas and where the heat is. */
public final class TraceGuide {
    private TraceGuide() {}

    public static GuideResult compute(TraceSource source, TraceQuery query) throws IOException {
        Map<TargetKey, Facts> all = isKept(source, query) ? kept(source, query) : scanned(source, query);
        List<GuideResult.Target> targets = new ArrayList<>();
        TargetNames.of(source.manifest())
                .named(all)
                .forEach((key, f) -> targets.add(new GuideResult.Target(
                        key,
                        f.startNs,
                        f.endNs,
                        f.snapshots,
                        f.snapshotNs,
                        f.regions,
                        f.lost,
                        f.referenced,
                        areas(key, f.coverage))));
        targets.sort(Comparator.comparingDouble(GuideResult.Target::sizeBytes).reversed());
        return new GuideResult(List.copyOf(targets), HeatSums.areExact(coverage(all)));
    }

    private static boolean isKept(TraceSource source, TraceQuery query) throws IOException {
        return query.isOfWholeTargets() && source.isKept(Table.HEAT_AREAS) && SummarizedSnapshots.answer(source, query);
    }

    private static Map<TargetKey, Facts> kept(TraceSource source, TraceQuery query) throws IOException {
        Map<TargetKey, Facts> all = new TreeMap<>();
        HeatSums.readAreas(source).forEach((key, areas) -> {
            if (query.takes(key.target())) {
                all.put(new TargetKey(key, ""), new Facts(areas));
            }
        });
        try (SummarizedSnapshots snapshots = SummarizedSnapshots.open(source, query)) {
            TargetKey lastKey = null;
            Facts facts = null;
            while (snapshots.next()) {
                Snapshot s = snapshots.head();
                if (lastKey == null || !lastKey.matches(s)) {
                    lastKey = TargetKey.of(s);
                    facts = all.computeIfAbsent(lastKey, k -> new Facts(new HeatAreas()));
                }
                facts.add(s, snapshots.regions(), s.fromNs(), s.endNs);
            }
        }
        return all;
    }

    private static Map<TargetKey, Facts> scanned(TraceSource source, TraceQuery query) throws IOException {
        Map<TargetKey, Facts> all = new TreeMap<>();
        List<Part> parts = Scan.run(source, query, Part::new);
        for (Part part : parts) {
            part.facts.forEach((key, facts) ->
                    all.computeIfAbsent(key, k -> new Facts(new HeatAreas())).addAll(facts));
        }
        if (parts.size() > 1 && !HeatSums.areExact(coverage(all))) {
            // What is joined where there are too many areas depends on their order.
            return Scan.scan(source, query.columns(Snapshot.HAS_REFERENCED), new Part()).facts;
        }
        return all;
    }

    private static Map<TargetKey, HeatAreas> coverage(Map<TargetKey, Facts> all) {
        Map<TargetKey, HeatAreas> coverage = new TreeMap<>();
        all.forEach((key, facts) -> coverage.put(key, facts.coverage));
        return coverage;
    }

    private static List<Area> areas(TargetKey key, HeatAreas coverage) {
        List<Area> areas = new ArrayList<>(coverage.size());
        for (int i = 0; i < coverage.size(); i++) {
            areas.add(new Area(key, coverage.start(i), coverage.end(i), coverage.heat(i) / 1e9));
        }
        return List.copyOf(areas);
    }

    private static final class Facts {
        final HeatAreas coverage;
        long startNs = Long.MAX_VALUE;
        long endNs = Long.MIN_VALUE;
        long snapshots;
        long snapshotNs;
        long regions;
        long lost;
        boolean referenced;

        Facts(HeatAreas coverage) {
            this.coverage = coverage;
        }

        /** Adds what a snapshot tells beside its regions. */
        void add(Snapshot s, long regionCount, long from, long to) {
            startNs = Math.min(startNs, from);
            endNs = Math.max(endNs, to);
            snapshots++;
            snapshotNs += to - from;
            regions += regionCount;
            lost += Math.max(0, s.lost);
            referenced |= s.has(Snapshot.HAS_REFERENCED);
        }

        void addAll(Facts o) {
            coverage.addAll(o.coverage);
            startNs = Math.min(startNs, o.startNs);
            endNs = Math.max(endNs, o.endNs);
            snapshots += o.snapshots;
            snapshotNs += o.snapshotNs;
            regions += o.regions;
            lost += o.lost;
            referenced |= o.referenced;
        }
    }

    private static final class Part implements Scan.Accumulator {
        final Map<TargetKey, Facts> facts = new TreeMap<>();
        private TargetKey lastKey;
        private Facts lastFacts;

        @Override
        public void add(Snapshot s) {
            if (lastKey == null || !lastKey.matches(s)) {
                lastKey = TargetKey.of(s);
                lastFacts = facts.computeIfAbsent(lastKey, k -> new Facts(new HeatAreas()));
            }
            long from = s.fromNs();
            long to = s.endNs;
            lastFacts.add(s, s.regions, from, to);
            lastFacts.coverage.add(s, from, to);
        }
    }
}
