package org.damson.damon;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The kdamonds whose events are taken, by thread id. */
final class KdamondTable {
    private final Kdamonds known;
    private final boolean mayReportTwice;
    private final Map<Integer, Kdamond> byThread = new LinkedHashMap<>();
    private final Set<Integer> others = new HashSet<>();
    // Events come in bursts: the next one is of the same kdamond, nearly always.
    private boolean isLastKnown;
    private int lastThread;
    private Kdamond last;

    KdamondTable(Kdamonds known, boolean mayReportTwice) {
        this.known = known;
        this.mayReportTwice = mayReportTwice;
    }

    /** Null for one that is not to be recorded. */
    Kdamond of(int thread) {
        if (isLastKnown && thread == lastThread) {
            return last;
        }
        Kdamond k = byThread.get(thread);
        if (k == null && !others.contains(thread)) {
            Kdamonds.Facts facts = known.of(thread);
            if (facts == null) {
                others.add(thread);
            } else {
                k = new Kdamond(facts, mayReportTwice);
                byThread.put(thread, k);
            }
        }
        isLastKnown = true;
        lastThread = thread;
        last = k;
        return k;
    }

    /** Whether this is a thread that was not seen before. */
    boolean isNew(int thread) {
        return !(isLastKnown && thread == lastThread) && !byThread.containsKey(thread) && !others.contains(thread);
    }

    /** How many there are, those that are not to be recorded included. */
    int size() {
        return byThread.size() + others.size();
    }

    /** In the order in which they appeared. */
    Collection<Kdamond> all() {
        return byThread.values();
    }

    Set<Integer> threads() {
        return byThread.keySet();
    }
}
