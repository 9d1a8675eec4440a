package org.damson.analyzer.objects;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
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
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * Working-set size by window length: the memory accessed at least once within a window of k snapshots, on
 * average over all windows of that length in the trace.
 *
 * <p>One pass gives every length at once: a window misses some memory exactly if it lies within a run of snapshots that
 * did not see it accessed, so the bytes of each length of run are all that is needed.
 */
public final class WindowReport {
    /** Pieces of memory with different last accesses; bounds memory on traces that are no recordings. */
    private static final int MAX_PIECES = 1 << 20;

    private static final int MAX_SNAPSHOTS = 1 << 24;

    private WindowReport() {}

    /** The report. */
    public static TableReport compute(TraceSource source, TraceQuery query) throws IOException {
        Map<TargetKey, Target> targets = new TreeMap<>();
        TargetKey key = null;
        Target target = null;
        boolean referenced = false;
        try (TraceSource.SnapshotCursor cursor = source.snapshots(query.columns(Snapshot.HAS_REFERENCED))) {
            Snapshot s = new Snapshot();
            while (cursor.next(s)) {
                if (key == null || !key.matches(s)) {
                    key = TargetKey.of(s);
                    target = targets.computeIfAbsent(key, k -> new Target());
                }
                referenced |= s.has(Snapshot.HAS_REFERENCED);
                target.add(s, Scan.fromNs(s, query), Scan.toNs(s, query));
            }
        }
        List<Object[]> rows = new ArrayList<>();
        TargetNames.of(source.manifest()).named(targets).forEach((k, t) -> rows(k.label(), t, rows));
        List<String> notes = new ArrayList<>();
        notes.add("bytes accessed at least once in a window of so many snapshots, mean over all windows of the trace");
        if (referenced) {
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

    private static void rows(String label, Target t, List<Object[]> rows) {
        t.finish();
        // Windows of 1, 2, 5, 10, 20, 50, ... snapshots, and the whole.
        for (int i = 0; ; i++) {
            int length = (int) Math.min(MappingWindows.length(i), t.snapshots);
            double most = t.mean(length);
            boolean isWhole = length == t.snapshots;
            double bytes = !t.partial ? most : isWhole ? t.mappings.ever() : t.mappings.mean(i);
            double ever = t.partial ? t.mappings.ever() : t.ever;
            rows.add(new Object[] {
                label,
                (long) length,
                (long) ((double) t.ns / t.snapshots * length),
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
        final MappingWindows mappings = new MappingWindows();
        boolean partial;
        int snapshots;
        long ns;

        /** Bytes accessed at least once. */
        double ever;

        /** Bytes by the length of runs without access. */
        private double[] runs = new double[256];

        // Memory accessed so far, ascending and disjoint: when it was last. Ends are inclusive.
        private long[] first = new long[64];
        private long[] last = new long[64];
        private int[] seen = new int[64];
        private int pieces;

        private long[] nextFirst = new long[64];
        private long[] nextLast = new long[64];
        private int[] nextSeen = new int[64];
        private int next;

        void add(Snapshot s, long fromNs, long toNs) throws IOException {
            if (snapshots >= MAX_SNAPSHOTS) {
                throw new IOException("more than " + MAX_SNAPSHOTS + " snapshots; choose a part with --time");
            }
            ns += Math.max(0, toNs - fromNs);
            if (TouchedBytes.isPartial(s)) {
                partial = true;
                mappings.add(s);
            }
            next = 0;
            int old = 0;
            long oldFrom = pieces > 0 ? first[0] : 0;
            for (int i = 0; i < s.regions; ) {
                if (s.nrAccesses[i] <= 0 || s.start[i] == s.end[i]) {
                    i++;
                    continue;
                }
                long from = s.start[i];
                long to = s.end[i] - 1;
                for (i++; i < s.regions && s.nrAccesses[i] > 0 && s.start[i] == to + 1 && s.start[i] != s.end[i]; i++) {
                    to = s.end[i] - 1;
                }
                // What lies below is as it was.
                while (old < pieces && below(last[old], from)) {
                    put(oldFrom, last[old], seen[old]);
                    old++;
                    oldFrom = old < pieces ? first[old] : 0;
                }
                if (old < pieces && below(oldFrom, from)) {
                    put(oldFrom, from - 1, seen[old]);
                    oldFrom = from;
                }
                double known = 0;
                while (old < pieces && !below(to, oldFrom)) {
                    boolean whole = !below(to, last[old]);
                    long end = whole ? last[old] : to;
                    double bytes = Scan.bytes(end - oldFrom) + 1;
                    run(snapshots - seen[old] - 1, bytes);
                    known += bytes;
                    if (!whole) {
                        oldFrom = to + 1;
                        break;
                    }
                    old++;
                    oldFrom = old < pieces ? first[old] : 0;
                }
                double fresh = Scan.bytes(to - from) + 1 - known;
                if (fresh > 0) {
                    ever += fresh;
                    run(snapshots, fresh);
                }
                put(from, to, snapshots);
            }
            for (; old < pieces; old++) {
                put(oldFrom, last[old], seen[old]);
                oldFrom = old + 1 < pieces ? first[old + 1] : 0;
            }
            swap();
            snapshots++;
        }

        private static boolean below(long a, long b) {
            return Long.compareUnsigned(a, b) < 0;
        }

        private void run(int length, double bytes) {
            if (length > 0) {
                if (length >= runs.length) {
                    runs = Arrays.copyOf(runs, Math.max(length + 1, runs.length * 2));
                }
                runs[length] += bytes;
            }
        }

        private void put(long from, long to, int when) throws IOException {
            if (next > 0 && nextSeen[next - 1] == when && nextLast[next - 1] + 1 == from) {
                nextLast[next - 1] = to;
                return;
            }
            if (next == nextFirst.length) {
                if (next >= MAX_PIECES) {
                    throw new IOException("more than " + MAX_PIECES
                            + " pieces of memory with accesses of their own; choose a part with --address");
                }
                nextFirst = Arrays.copyOf(nextFirst, next * 2);
                nextLast = Arrays.copyOf(nextLast, next * 2);
                nextSeen = Arrays.copyOf(nextSeen, next * 2);
            }
            nextFirst[next] = from;
            nextLast[next] = to;
            nextSeen[next++] = when;
        }

        private void swap() {
            long[] f = first;
            long[] l = last;
            int[] s = seen;
            first = nextFirst;
            last = nextLast;
            seen = nextSeen;
            pieces = next;
            nextFirst = f;
            nextLast = l;
            nextSeen = s;
        }

        /** Counts the runs that the end of the trace cuts off. */
        void finish() {
            mappings.finish();
            for (int i = 0; i < pieces; i++) {
                run(snapshots - seen[i] - 1, Scan.bytes(last[i] - first[i]) + 1);
            }
        }

        /** Mean over the windows of {@code length} snapshots. */
        double mean(int length) {
            double missed = 0;
            for (int r = length; r < runs.length; r++) {
                missed += runs[r] * (r - length + 1);
            }
            return ever - missed / (snapshots - length + 1);
        }
    }
}
