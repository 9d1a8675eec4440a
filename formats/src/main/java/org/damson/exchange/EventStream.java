package org.damson.exchange;

import org.damson.model.Snapshot;

/** The burst of one kdamond and target that is being read. */
final class EventStream {
    final Snapshot snapshot = new Snapshot();
    Snapshot first;
    boolean open;
    boolean gap;
    long expected;
    long lastNs;

    /** Which region came long after the one before it, 0 if none did, and when. */
    int stalledAt;

    long stalledNs;
    long previousEndNs;

    /** Length of the snapshot before, or the interval it should have; 0 if neither is known. */
    long durationNs;

    boolean seen;

    /** Snapshots, and the marks by which damo tells how long one took. */
    long ends;

    boolean marked;

    /** Whether this very event came before, in the burst that is being read or the one that was read last. */
    boolean repeats(DamonEvent e) {
        int i = e.timeNs > lastNs || e.regions != expected ? -1 : last(snapshot, e);
        if (i >= 0 && e.probeHits != DamonEvent.NO_HITS) {
            snapshot.probeHits[i] = e.probeHits;
            snapshot.columns |= Snapshot.HAS_PROBE_HITS;
        }
        return i >= 0;
    }

    static int last(Snapshot s, DamonEvent e) {
        int i = s.regions - 1;
        while (i >= 0 && !(s.start[i] == e.start && s.end[i] == e.end && counts(s, i, e))) {
            i--;
        }
        return i;
    }

    private static boolean counts(Snapshot s, int i, DamonEvent e) {
        return s.nrAccesses[i] == Math.min(e.nrAccesses, Integer.MAX_VALUE)
                && s.age[i] == Math.min(e.age, Integer.MAX_VALUE);
    }
}
