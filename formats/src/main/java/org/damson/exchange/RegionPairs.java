package org.damson.exchange;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Makes one event of the two that kernels with probes report of each region, one of them with the probes' hits. An event
 * waits for the next of its thread, from the first event with hits on.
 */
final class RegionPairs {
    interface Taker {
        void take(DamonEvent e) throws IOException;
    }

    interface Last {
        /** Adds an event's hits to the region taken last; false if they are of another one. */
        boolean add(DamonEvent e);
    }

    private final Taker taker;
    private final Last last;
    private final Map<Integer, DamonEvent> waiting = new LinkedHashMap<>();
    private boolean active;

    RegionPairs(Taker taker, Last last) {
        this.taker = taker;
        this.last = last;
    }

    void add(DamonEvent e) throws IOException {
        if (!active && e.kind == DamonEvent.Kind.REGION_AGGREGATED) {
            active = true;
            if (last.add(e)) {
                return;
            }
        }
        if (!active) {
            taker.take(e);
            return;
        }
        DamonEvent before = waiting.remove(e.tid);
        if (before != null && e.isRegion() && e.kind != before.kind && e.tellsTheSame(before)) {
            before.probeHits = Math.max(before.probeHits, e.probeHits); // one of them has none
            taker.take(before);
            return;
        }
        if (before != null) {
            taker.take(before);
        }
        if (e.isRegion()) {
            DamonEvent copy = new DamonEvent();
            copy.copyFrom(e);
            waiting.put(e.tid, copy);
        } else {
            taker.take(e);
        }
    }

    /** Gives out what waits. */
    void giveOut() throws IOException {
        for (DamonEvent e : new ArrayList<>(waiting.values())) {
            waiting.remove(e.tid);
            taker.take(e);
        }
    }
}
