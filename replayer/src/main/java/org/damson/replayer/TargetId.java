package org.damson.replayer;

import java.util.Comparator;
import java.util.List;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;

/** A target of a recording. */
record TargetId(int kdamond, int context, int scheme, long target) {
    private static final Comparator<TargetId> BY_NUMBER = Comparator.comparingInt(TargetId::kdamond)
            .thenComparingInt(TargetId::context)
            .thenComparingInt(TargetId::scheme)
            .thenComparingLong(TargetId::target);

    static TargetId of(Snapshot s) {
        return new TargetId(s.kdamond, s.context, s.scheme, s.target);
    }

    /**
     * The order of targets in a recording, which is that of its processes, whichever was accessed first: two recordings of one
     * program agree in it, so that a capsule's check knows which process is which.
     */
    static Comparator<TargetId> order(Manifest manifest) {
        List<Object> pids = Manifest.Source.REFERENCED.is(manifest)
                ? List.copyOf(ManifestKey.PIDS_RECORDED.list(manifest))
                : List.of();
        return Comparator.<TargetId>comparingInt(id -> place(pids, id.target)).thenComparing(BY_NUMBER);
    }

    private static int place(List<Object> pids, long target) {
        for (int i = 0; i < pids.size(); i++) {
            if (pids.get(i) instanceof Number n && n.longValue() == target) {
                return i;
            }
        }
        return pids.size();
    }
}
