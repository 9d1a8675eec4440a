package org.damson.analyzer.heatmap;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.analyzer.scan.Scan;
import org.damson.analyzer.scan.TargetKey;
import org.damson.analyzer.scan.TargetNames;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** Finds what a trace covers: targets, times, contiguous areas and where the heat is. */
public final class TraceGuide {
    private TraceGuide() {}

    public static GuideResult compute(TraceSource source, TraceQuery query) throws IOException {
        Map<TargetKey, Facts> all = new TreeMap<>();
        for (Part part : Scan.run(source, query, () -> new Part(query))) {
            part.facts.forEach(
                    (key, facts) -> all.computeIfAbsent(key, k -> new Facts()).addAll(facts));
        }
        List<GuideResult.Target> targets = new ArrayList<>();
        TargetNames.of(source.manifest())
                .named(all)
                .forEach((key, f) -> targets.add(new GuideResult.Target(
                        key,
                        f.startNs,
                        f.endNs,
                        f.snapshots,
                        f.regions,
                        f.lost,
                        f.referenced,
                        List.copyOf(f.coverage.areas(key)))));
        targets.sort(Comparator.comparingDouble(GuideResult.Target::sizeBytes).reversed());
        return new GuideResult(List.copyOf(targets));
    }

    private static final class Facts {
        final Coverage coverage = new Coverage();
        long startNs = Long.MAX_VALUE;
        long endNs = Long.MIN_VALUE;
        long snapshots;
        long regions;
        long lost;
        boolean referenced;

        void addAll(Facts o) {
            coverage.addAll(o.coverage);
            startNs = Math.min(startNs, o.startNs);
            endNs = Math.max(endNs, o.endNs);
            snapshots += o.snapshots;
            regions += o.regions;
            lost += o.lost;
            referenced |= o.referenced;
        }
    }

    private static final class Part implements Scan.Accumulator {
        final Map<TargetKey, Facts> facts = new TreeMap<>();
        private final TraceQuery query;
        private TargetKey lastKey;
        private Facts lastFacts;

        Part(TraceQuery query) {
            this.query = query;
        }

        @Override
        public void add(Snapshot s) {
            if (lastKey == null || !lastKey.matches(s)) {
                lastKey = TargetKey.of(s);
                lastFacts = facts.computeIfAbsent(lastKey, k -> new Facts());
            }
            Facts f = lastFacts;
            long from = Scan.fromNs(s, query);
            long to = Scan.toNs(s, query);
            f.startNs = Math.min(f.startNs, from);
            f.endNs = Math.max(f.endNs, to);
            f.snapshots++;
            f.regions += s.regions;
            f.lost += Math.max(0, s.lost);
            boolean referenced = s.has(Snapshot.HAS_REFERENCED);
            f.referenced |= referenced;
            double perAccess = 1.0 / s.maxNrAccesses();
            double seconds = Math.max(0, to - from) / 1e9;
            for (int i = 0; i < s.regions; ) {
                int first = i;
                double heat = 0;
                do {
                    heat += Scan.heat(s, i, perAccess, referenced) * Scan.bytes(s.end[i] - s.start[i]);
                    i++;
                } while (i < s.regions && s.start[i] == s.end[i - 1]);
                if (s.end[i - 1] != s.start[first]) {
                    f.coverage.add(s.start[first], s.end[i - 1], heat * seconds);
                }
            }
        }
    }
}
