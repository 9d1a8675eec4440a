package org.damson.analyzer.objects;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.analyzer.render.table.TableReport;
import org.damson.analyzer.render.table.TableReport.Column;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.analyzer.scan.MappingWindows;
import org.damson.analyzer.scan.Scan;
import org.damson.analyzer.scan.TargetKey;
import org.damson.analyzer.scan.TargetNames;
import org.damson.analyzer.scan.TouchedBytes;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.summary.StreamKey;
import org.damson.model.summary.TargetSums;
import org.damson.model.summary.WindowSums;

/**
 * Working-set size by window length: the memory accessed at least once within a window of k snapshots, on
 * average over all windows of that length in the trace.
 */
public final class WindowReport {
    /** Pieces of memory with different last accesses; bounds memory on traces that are no recordings. */
    private static final int MAX_PIECES = 1 << 20;

    private WindowReport() {}

    /** The report. Of a whole trace that keeps sums no row is read. */
    public static TableReport compute(TraceSource source, TraceQuery query) throws IOException {
        Map<TargetKey, Target> targets = kept(source, query);
        targets = targets == null ? scanned(source, query) : targets;
        List<Object[]> rows = new ArrayList<>();
        TargetNames.of(source.manifest()).named(targets).forEach((k, t) -> rows(k.label(), t, rows));
        List<String> notes = new ArrayList<>();
        notes.add("bytes accessed at least once in a window of so many snapshots, mean over all windows of the trace");
        if (targets.values().stream().anyMatch(t -> t.referenced)) {
            notes.add(
                    "regions of this trace are mappings: of each counts the most that one snapshot of the window found touched,"
                            + " which is the least; at most it is the whole of them, be it resident or not");
        } else {
            notes.add("a region counts whole as soon as one access to it is seen, so these are upper bounds");
        }
        return new TableReport(
                List.of(new Section(
                        "windows",
                        "working set by length of window",
                        List.of(
                                new Column("target", "target", Unit.TEXT),
                                new Column("snapshots", "snapshots", Unit.COUNT),
                                new Column("window_ns", "window", Unit.NS),
                                new Column("mean_bytes", "working set", Unit.BYTES),
                                new Column("at_most_bytes", "at most", Unit.BYTES),
                                new Column("percent_of_accessed", "of all ever accessed", Unit.PERCENT)),
                        rows)),
                notes);
    }

    /** From the sums that a trace keeps; null if it keeps none that answer the query. */
    private static Map<TargetKey, Target> kept(TraceSource source, TraceQuery query) throws IOException {
        if (!query.isWhole() || !source.isKept(Table.TARGET_SUMS)) {
            return null;
        }
        Map<TargetKey, Target> targets = new TreeMap<>();
        long snapshots = 0;
        for (Map.Entry<StreamKey, TargetSums.Totals> e : TargetSums.read(source).entrySet()) {
            StreamKey k = e.getKey();
            WindowSums windows = e.getValue().windows();
            if (windows.snapshots() > 0) {
                targets.put(new TargetKey(k.kdamond(), k.context(), k.scheme(), k.target()), new Target(windows));
                snapshots += windows.snapshots();
            }
        }
        return snapshots == source.rowCount(Table.SNAPSHOTS) ? targets : null;
    }

    private static Map<TargetKey, Target> scanned(TraceSource source, TraceQuery query) throws IOException {
        Map<TargetKey, Target> targets = new TreeMap<>();
        TargetKey key = null;
        Target target = null;
        try (TraceSource.SnapshotCursor cursor = source.snapshots(query.columns(Snapshot.HAS_REFERENCED))) {
            Snapshot s = new Snapshot();
            while (cursor.next(s)) {
                if (key == null || !key.matches(s)) {
                    key = TargetKey.of(s);
                    target = targets.computeIfAbsent(key, k -> new Target(new WindowSums()));
                }
                // Not clipped to --time: what a snapshot found was accessed at some time within all of it.
                target.add(s, s.endNs - Scan.startNs(s.startNs, s.endNs, s.aggrUs));
            }
        }
        targets.values().forEach(Target::finish);
        return targets;
    }

    private static void rows(String label, Target t, List<Object[]> rows) {
        // Windows of 1, 2, 5, 10, 20, 50, ... snapshots, and the whole.
        for (int i = 0; ; i++) {
            long snapshots = t.windows.snapshots();
            long length = Math.min(WindowSums.length(i), snapshots);
            boolean isWhole = length == snapshots;
            double most = isWhole ? t.windows.ever() : t.windows.mean(i);
            double bytes = !t.partial ? most : isWhole ? t.mappings.ever() : t.mappings.mean(i);
            double ever = t.partial ? t.mappings.ever() : t.windows.ever();
            rows.add(new Object[] {
                label,
                length,
                (long) (t.windows.ns() / snapshots * length),
                bytes,
                most,
                100 * bytes / Math.max(1, ever)
            });
            if (isWhole) {
                return;
            }
        }
    }

    private static final class Target {
        final WindowSums windows;
        final MappingWindows mappings = new MappingWindows();
        boolean partial;
        boolean referenced;

        Target(WindowSums windows) {
            this.windows = windows;
        }

        void add(Snapshot s, long durationNs) throws IOException {
            referenced |= s.has(Snapshot.HAS_REFERENCED);
            if (TouchedBytes.isPartial(s)) {
                partial = true;
                mappings.add(s);
            }
            windows.add(s, durationNs);
            if (windows.pieces() > MAX_PIECES) {
                throw new IOException("more than " + MAX_PIECES
                        + " pieces of memory with accesses of their own; choose a part with --address");
            }
        }

        void finish() {
            mappings.finish();
            windows.finish();
        }
    }
}
