package org.damson.analyzer.objects;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.damson.analyzer.scan.TargetKey;
import org.damson.model.Manifest.Source;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.summary.IdleSums;

/**
 * Idle times out of ages, never longer than what was recorded of the target. DAMON converts ages when its intervals
 * change, so an age of it counts intervals of now: {@code (age + 1)} aggregation intervals. Ages of referenced bits count
 * the snapshots there were, whose intervals the recorder may have stretched meanwhile: the time is that since the first of
 * them began. docs/FIGURES.md says the same.
 */
final class IdleTimes {
    private static final int TARGET = Table.SNAPSHOTS.indexOf("target");
    private static final int KDAMOND = Table.SNAPSHOTS.indexOf("kdamond");
    private static final int CONTEXT = Table.SNAPSHOTS.indexOf("context");
    private static final int SCHEME = Table.SNAPSHOTS.indexOf("scheme");
    private static final int START = Table.SNAPSHOTS.indexOf("start_ns");
    private static final int END = Table.SNAPSHOTS.indexOf("end_ns");
    private static final int AGGR = Table.SNAPSHOTS.indexOf("aggr_us");

    private final Map<TargetKey, Starts> targets;
    private final boolean countsSnapshots;

    private IdleTimes(Map<TargetKey, Starts> targets, boolean countsSnapshots) {
        this.targets = targets;
        this.countsSnapshots = countsSnapshots;
    }

    /** Reads when the snapshots of a trace began; 8 bytes of memory for each. */
    static IdleTimes of(TraceSource source) throws IOException {
        Map<TargetKey, Starts> targets = new HashMap<>();
        source.forEachRow(Table.SNAPSHOTS, (b, i) -> {
            TargetKey key = new TargetKey(
                    (int) b.get(KDAMOND, i), (int) b.get(CONTEXT, i), (int) b.get(SCHEME, i), b.get(TARGET, i));
            targets.computeIfAbsent(key, k -> new Starts())
                    .add(Snapshot.fromNs(b.get(START, i), b.get(END, i), b.get(AGGR, i)));
        });
        return new IdleTimes(targets, Source.REFERENCED.is(source.manifest()));
    }

    /** For how long region {@code i} has not been accessed, nanoseconds; 0 while it is accessed. */
    long idleNs(Snapshot s, int i, TargetKey key) {
        if (s.isAccessed(i)) {
            return 0;
        }
        if (!countsSnapshots) {
            return IdleSums.idleNs(s, i, firstNs(s, key));
        }
        Starts starts = targets.get(key);
        int first = starts == null ? 0 : starts.indexOf(s) - Math.max(0, s.age[i]);
        return first <= 0 ? recordedNs(s, key) : Math.max(0, s.endNs - starts.ns[first]);
    }

    /** Whether region {@code i} was idle already when the recording began, so that {@link #idleNs} is a least. */
    boolean sinceBefore(Snapshot s, int i, TargetKey key) {
        if (s.isAccessed(i)) {
            return false;
        }
        Starts starts = targets.get(key);
        return countsSnapshots && starts != null
                ? Math.max(0, s.age[i]) > starts.indexOf(s)
                : IdleSums.idleByAgeNs(s, i) - s.aggrUs * 1000 >= recordedNs(s, key);
    }

    /** From the first snapshot of its target to the end of this one. */
    private long recordedNs(Snapshot s, TargetKey key) {
        return Math.max(0, s.endNs - firstNs(s, key));
    }

    private long firstNs(Snapshot s, TargetKey key) {
        Starts starts = targets.get(key);
        return starts == null ? s.fromNs() : starts.ns[0];
    }

    /** When the snapshots of one target began, in the order of time. */
    private static final class Starts {
        private long[] ns = new long[64];
        private int length;

        void add(long startNs) {
            if (length == ns.length) {
                ns = Arrays.copyOf(ns, length * 2);
            }
            ns[length++] = startNs;
        }

        int indexOf(Snapshot s) {
            int at = Arrays.binarySearch(ns, 0, length, s.fromNs());
            return at >= 0 ? at : Math.max(0, -at - 2);
        }
    }
}
