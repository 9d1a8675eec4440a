package org.damson.trace.files;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.model.summary.StreamKey;

/** Snapshots of several traces as one, by their ends. One that several have, as slices share the one that they cut, is taken once. */
public final class SnapshotsInOrder {
    private SnapshotsInOrder() {}

    /** Copies them. */
    public static void copy(List<TraceSource> from, TraceSink to) throws IOException {
        List<TraceSource.SnapshotCursor> cursors = new ArrayList<>();
        Snapshot[] next = new Snapshot[from.size()];
        Map<StreamKey, List<Long>> last = new HashMap<>();
        try {
            for (int i = 0; i < next.length; i++) {
                cursors.add(from.get(i).snapshots(TraceQuery.ALL));
                next[i] = new Snapshot();
                next[i] = cursors.get(i).next(next[i]) ? next[i] : null;
            }
            for (int i = earliest(next); i >= 0; i = earliest(next)) {
                List<Long> content = content(next[i]);
                if (!content.equals(last.put(StreamKey.of(next[i]), content))) {
                    to.append(next[i]);
                }
                next[i] = cursors.get(i).next(next[i]) ? next[i] : null;
            }
        } finally {
            for (TraceSource.SnapshotCursor cursor : cursors) {
                cursor.close();
            }
        }
    }

    private static int earliest(Snapshot[] next) {
        int best = -1;
        for (int i = 0; i < next.length; i++) {
            if (next[i] != null && (best < 0 || next[i].endNs < next[best].endNs)) {
                best = i;
            }
        }
        return best;
    }

    /** When a snapshot was, and a sum over its regions. */
    private static List<Long> content(Snapshot s) {
        long sum = 0;
        for (int i = 0; i < s.regions; i++) {
            sum = 31 * (31 * (31 * sum + s.start[i]) + s.end[i]) + s.nrAccesses[i];
        }
        return List.of(s.startNs, s.endNs, (long) s.regions, sum);
    }
}
