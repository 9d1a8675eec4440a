package org.damson.damon;

import java.util.ArrayList;
import java.util.List;
import org.damson.model.Snapshot;

/**
 * Puts whole snapshots into the order of their ends: bursts of several kdamonds and targets overlap, and the one that began
 * first may be whole last. Of one time, the one that began first comes first: that is its id here.
 */
final class SnapshotOrder {
    private final List<Burst> open = new ArrayList<>();
    private final List<Snapshot> ready = new ArrayList<>();

    void begin(Burst b) {
        open.add(b);
    }

    void end(Burst b) {
        open.remove(b);
    }

    void add(Snapshot s) {
        int at = ready.size();
        while (at > 0 && isBefore(s, ready.get(at - 1))) {
            at--;
        }
        ready.add(at, s);
    }

    private static boolean isBefore(Snapshot a, Snapshot b) {
        return a.endNs < b.endNs || a.endNs == b.endNs && a.id < b.id;
    }

    /**
     * The next one that no burst under way comes before, or null. A burst that has said nothing for long holds nobody up.
     *
     * @param nowNs time of the last event
     */
    Snapshot poll(long nowNs) {
        if (ready.isEmpty()) {
            return null;
        }
        for (Burst b : open) {
            if (isBefore(b.snapshot, ready.get(0)) && nowNs - b.lastNs <= Burst.MAX_STALL_NS) {
                return null;
            }
        }
        return ready.remove(0);
    }
}
