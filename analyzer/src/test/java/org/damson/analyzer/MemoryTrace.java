package org.damson.analyzer;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** A trace in memory. Honours time, target and snapshot ids of a query, not addresses. */
public final class MemoryTrace implements TraceSource {
    public static final long MIB = 1 << 20;
    public static final long MS = 1_000_000;

    public final List<Snapshot> snapshots = new ArrayList<>();
    public final Manifest manifest = new Manifest();
    private final Map<Table, Batch> tables = new EnumMap<>(Table.class);
    private final int parts;

    public MemoryTrace() {
        this(Integer.MAX_VALUE);
    }

    /** A trace that lets itself be split into at most {@code parts}. */
    public MemoryTrace(int parts) {
        this.parts = parts;
    }

    /** Appends a snapshot at 5 ms sampling and 100 ms aggregation; fill its regions. */
    public Snapshot snapshot(long target, long startMs, long endMs) {
        Snapshot s = new Snapshot();
        s.id = snapshots.size();
        s.target = target;
        s.startNs = startMs * MS;
        s.endNs = endMs * MS;
        s.sampleUs = 5_000;
        s.aggrUs = 100_000;
        snapshots.add(s);
        return s;
    }

    /** Appends a row to a table other than that of snapshots, values in the order of its columns. */
    public MemoryTrace row(Table table, Object... values) {
        tables.computeIfAbsent(table, Batch::new).add(values);
        return this;
    }

    /** Appends a reading of how much of a process is resident. */
    public void resident(long pid, long atMs, long bytes) {
        row(Table.MEMORY, atMs * MS, pid, "rss", bytes);
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public Manifest manifest() {
        return manifest;
    }

    @Override
    public SnapshotCursor snapshots(TraceQuery q) {
        List<Snapshot> wanted = snapshots.stream()
                .filter(s -> s.id >= q.fromSnapshot() && s.id < q.toSnapshot())
                .filter(s -> s.endNs > q.fromNs() && s.startNs < q.toNs())
                .filter(s -> q.target() == null || q.target() == s.target)
                .toList();
        return new SnapshotCursor() {
            private int next;

            @Override
            public boolean next(Snapshot into) {
                if (next == wanted.size()) {
                    return false;
                }
                into.copyFrom(wanted.get(next++));
                return true;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public BatchCursor rows(Table table) {
        Batch all = table == Table.SNAPSHOTS ? new Batch(table) : tables.getOrDefault(table, new Batch(table));
        if (table == Table.SNAPSHOTS) {
            for (Snapshot s : snapshots) {
                all.add(
                        s.id,
                        s.kdamond,
                        s.context,
                        s.scheme,
                        s.target,
                        s.startNs,
                        s.endNs,
                        s.sampleUs,
                        s.aggrUs,
                        s.regions,
                        0,
                        s.lost);
            }
        }
        return new BatchCursor() {
            private Batch left = all;

            @Override
            public Batch next() {
                Batch next = left.rows() == 0 ? null : left;
                left = new Batch(table);
                return next;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public long rowCount(Table table) {
        return table == Table.SNAPSHOTS
                ? snapshots.size()
                : tables.containsKey(table) ? tables.get(table).rows() : 0;
    }

    @Override
    public List<TraceQuery> split(TraceQuery query, int n) {
        int count = Math.min(n, parts);
        List<TraceQuery> split = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            split.add(query.snapshots((long) snapshots.size() * i / count, (long) snapshots.size() * (i + 1) / count));
        }
        return split;
    }

    @Override
    public void close() {}
}
