package org.damson.analyzer.objects;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.analyzer.scan.MappingWindows;
import org.damson.analyzer.scan.ReadAhead;
import org.damson.analyzer.scan.TargetKey;
import org.damson.analyzer.scan.TargetNames;
import org.damson.analyzer.scan.TouchedBytes;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.summary.StreamKey;
import org.damson.model.summary.SummarizedSnapshots;
import org.damson.model.summary.TargetSums;
import org.damson.model.summary.WindowSums;

/**
 * Working-set size by window length: the memory accessed at least once within a window of k snapshots, on
 * average over all windows of that length in the trace.
 */
public final class WindowSizes {
    /** Pieces of memory with different last accesses; bounds memory on traces that are not recordings. */
    private static final int MAX_PIECES = 1 << 20;

    private WindowSizes() {}

    /** The sizes. Of a trace that keeps sums, whole or of one target, no row is read. */
    public static WindowsResult compute(TraceSource source, TraceQuery query) throws IOException {
        Map<TargetKey, Target> kept = kept(source, query);
        Map<TargetKey, Target> targets = kept == null ? scanned(source, query) : kept;
        List<WindowsResult.Target> all = new ArrayList<>();
        TargetNames.of(source.manifest())
                .named(targets)
                .forEach((key, t) -> all.add(new WindowsResult.Target(key, t.result())));
        return new WindowsResult(List.copyOf(all), targets.values().stream().anyMatch(t -> t.referenced));
    }

    /** From the sums that a trace keeps; null if it keeps none that answer the query. */
    private static Map<TargetKey, Target> kept(TraceSource source, TraceQuery query) throws IOException {
        if (!query.isOfWholeTargets() || !source.isKept(Table.TARGET_SUMS)) {
            return null;
        }
        Map<TargetKey, Target> targets = new TreeMap<>();
        long snapshots = 0;
        for (Map.Entry<StreamKey, TargetSums.Totals> e : TargetSums.read(source).entrySet()) {
            StreamKey k = e.getKey();
            WindowSums windows = e.getValue().windows();
            if (windows.snapshots() > 0) {
                snapshots += windows.snapshots();
                if (query.takes(k.target())) {
                    targets.put(new TargetKey(k, ""), new Target(windows));
                }
            }
        }
        if (snapshots != source.rowCount(Table.SNAPSHOTS)) {
            return null;
        }
        try (SummarizedSnapshots heads = SummarizedSnapshots.open(source, query)) {
            while (heads.next()) {
                Target t = targets.get(TargetKey.of(heads.head()));
                if (t != null) {
                    t.cover(heads.head().fromNs(), heads.head().endNs);
                }
            }
        }
        return targets;
    }

    private static Map<TargetKey, Target> scanned(TraceSource source, TraceQuery query) throws IOException {
        Map<TargetKey, Target> targets = new TreeMap<>();
        TargetKey key = null;
        Target target = null;
        try (TraceSource.SnapshotCursor cursor = ReadAhead.of(source, query.columns(Snapshot.HAS_REFERENCED))) {
            Snapshot s = new Snapshot();
            while (cursor.next(s)) {
                if (key == null || !key.matches(s)) {
                    key = TargetKey.of(s);
                    target = targets.computeIfAbsent(key, k -> new Target(new WindowSums()));
                }
                target.add(s, s.fromNs());
            }
        }
        targets.values().forEach(Target::finish);
        return targets;
    }

    private static final class Target {
        final WindowSums windows;
        final MappingWindows mappings = new MappingWindows();
        boolean partial;
        boolean referenced;
        private long fromNs = Long.MAX_VALUE;
        private long toNs = Long.MIN_VALUE;

        Target(WindowSums windows) {
            this.windows = windows;
        }

        void cover(long startNs, long endNs) {
            fromNs = Math.min(fromNs, startNs);
            toNs = Math.max(toNs, endNs);
        }

        /** A window of n snapshots lasts as long as n of them in the mean; where they overlap, no longer than all of them. */
        private long lengthNs(long snapshots) {
            return Math.min(toNs - fromNs, (long) (windows.ns() / windows.snapshots() * snapshots));
        }

        void add(Snapshot s, long startNs) throws IOException {
            cover(startNs, s.endNs);
            referenced |= s.has(Snapshot.HAS_REFERENCED);
            partial |= TouchedBytes.isPartial(s);
            if (partial) {
                mappings.add(s);
            } else { // of no mappings, or of none yet
                mappings.skip();
            }
            windows.add(s, s.endNs - startNs);
            if (windows.pieces() > MAX_PIECES) {
                throw new IOException("more than " + MAX_PIECES
                        + " pieces of memory with accesses of their own; choose a part with --address");
            }
        }

        void finish() {
            mappings.finish();
            windows.finish();
        }

        /** Windows of 1, 2, 5, 10, 20, 50, ... snapshots, and the whole. */
        List<WindowsResult.Window> result() {
            List<WindowsResult.Window> all = new ArrayList<>();
            for (int i = 0; ; i++) {
                long length = Math.min(WindowSums.length(i), windows.snapshots());
                boolean isWhole = length == windows.snapshots();
                double most = isWhole ? windows.ever() : windows.mean(i);
                double bytes = !partial ? most : isWhole ? mappings.ever() : mappings.mean(i);
                double ever = partial ? mappings.ever() : windows.ever();
                all.add(new WindowsResult.Window(
                        length, lengthNs(length), bytes, most, 100 * bytes / Math.max(1, ever)));
                if (isWhole) {
                    return all;
                }
            }
        }
    }
}
