package org.damson.recorder.damon;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.damson.model.Batch;
import org.damson.model.Snapshot;
import org.damson.model.Table;

/**
 * Makes snapshots of {@code damon_aggregated} events that arrive in time order.
 *
 * <p>A snapshot is the burst of events of one kdamond (told by thread id: names repeat) and target; every event repeats
 * how many there are. Where events are missing, a burst ends at the latest where another must have begun: the number
 * changes, addresses go back, or, after a gap, half an aggregation interval has passed (without one, a kdamond was only
 * kept waiting). What is missing is counted, never filled. The
 * part of a burst that was under way when listening began or ended is no loss and is left out.
 */
final class Bursts {
    private static final int MAX_REGIONS = 1 << 22;

    /** What is known of a kdamond before its first event. */
    interface Kdamonds {
        /** Facts about the kdamond that runs as this thread; null for one that is not to be recorded. */
        Facts of(int thread);

        /** Whether a target had ended at {@code timeNs}, so that what DAMON says of it means nothing. */
        default boolean isEnded(long target, long timeNs) {
            return false;
        }

        /**
         * Facts about a kdamond.
         *
         * @param number its number in the trace
         * @param sampleUs sampling interval in force, microseconds
         * @param aggrUs aggregation interval in force, microseconds
         * @param addrUnit what its addresses count, bytes
         */
        record Facts(int number, long sampleUs, long aggrUs, long addrUnit) {}
    }

    private static final class Kdamond {
        final Kdamonds.Facts facts;
        final long samplesPerAggr;
        long sampleUs;
        long aggrUs;
        final Map<Long, Burst> bursts = new HashMap<>();
        private long lastTarget;
        private Burst lastBurst;

        Kdamond(Kdamonds.Facts facts) {
            this.facts = facts;
            sampleUs = facts.sampleUs();
            aggrUs = facts.aggrUs();
            samplesPerAggr = sampleUs == 0 ? 1 : Math.max(1, aggrUs / sampleUs);
        }

        Burst burst(long target) {
            if (lastBurst == null || target != lastTarget) {
                lastTarget = target;
                lastBurst = bursts.computeIfAbsent(target, t -> new Burst());
            }
            return lastBurst;
        }
    }

    /** The snapshot of one target that is being put together. */
    private static final class Burst {
        Snapshot snapshot;
        boolean open;
        boolean closedOnce;
        /** Whether events of it may be missing because the ring overran. */
        boolean gap;

        long expected;
        long lastNs;
        long previousEndNs;
    }

    private final Kdamonds kdamonds;
    private final Map<Integer, Kdamond> byThread = new LinkedHashMap<>();
    private final Set<Integer> others = new HashSet<>();
    // Events come in bursts: the next one is of the same kdamond and target, nearly always.
    private int lastThread = -1;
    private Kdamond lastKdamond;
    private final ArrayDeque<Snapshot> ready = new ArrayDeque<>();
    private final ArrayDeque<Snapshot> spare = new ArrayDeque<>();
    private final Batch schemes = new Batch(Table.SCHEMES);
    private final Batch tuning = new Batch(Table.TUNING);
    private final Batch losses = new Batch(Table.LOSSES);
    private boolean gapBeforeAll;
    private final long startedNs;
    private final LongSupplier overwritten;
    private long missed;
    private boolean missedUnknown;
    private long lostEvents;
    private long lostRegions;
    private long cutRegions;

    /**
     * Nothing so far.
     *
     * @param startedNs when listening began, trace clock
     * @param overwritten events that the kernel has overwritten in the ring until now, also where nothing has told of them yet
     */
    Bursts(Kdamonds kdamonds, long startedNs, LongSupplier overwritten) {
        this.kdamonds = kdamonds;
        this.startedNs = startedNs;
        this.overwritten = overwritten;
    }

    /** Takes the first row of {@code events}. */
    void take(Events events) {
        int i = events.from++;
        switch (events.kind[i]) {
            case Events.AGGREGATED -> aggregated(events, i);
            case Events.BEFORE_APPLY -> beforeApply(events, i);
            case Events.TUNED -> tuned(events, i);
            default -> missed(events.start[i], events.timeNs[i], events.end[i]);
        }
    }

    /** What is known of a kdamond, null for one that is not to be recorded. */
    private Kdamond kdamond(int thread) {
        if (thread == lastThread) {
            return lastKdamond;
        }
        Kdamond k = byThread.get(thread);
        if (k == null && !others.contains(thread)) {
            Kdamonds.Facts facts = kdamonds.of(thread);
            if (facts == null) {
                others.add(thread);
            } else {
                k = new Kdamond(facts);
                byThread.put(thread, k);
            }
        }
        lastThread = thread;
        lastKdamond = k;
        return k;
    }

    private void aggregated(Events e, int i) {
        long count = e.regions[i] & 0xffffffffL;
        long from = e.start[i];
        long to = e.end[i];
        if (count < 1 || count > MAX_REGIONS || Long.compareUnsigned(from, to) >= 0) {
            lose(e.timeNs[i], e.timeNs[i], 1, "events with an impossible region");
            return;
        }
        Kdamond k = kdamond(e.thread[i]);
        if (k == null) {
            return;
        }
        Burst b = k.burst(e.target[i]);
        long timeNs = e.timeNs[i];
        if (b.open && startsAnother(b, k, count, from * k.facts.addrUnit(), timeNs)) {
            boolean gap = b.gap;
            complete(b);
            b.gap = gap; // it may have cut off the beginning of this one too
        }
        if (!b.open) {
            if (kdamonds.isEnded(e.target[i], timeNs)) {
                return;
            }
            begin(b, k, e.target[i], count, timeNs);
        }
        Snapshot s = b.snapshot;
        s.add(from * k.facts.addrUnit(), to * k.facts.addrUnit(), e.accesses[i], e.age[i]);
        if (e.age[i] >= 0) {
            s.columns = Snapshot.HAS_AGE;
        }
        b.lastNs = timeNs;
        if (s.regions == b.expected) {
            complete(b);
        }
    }

    private static boolean startsAnother(Burst b, Kdamond k, long count, long from, long timeNs) {
        Snapshot s = b.snapshot;
        return count != b.expected
                || Long.compareUnsigned(from, s.end[s.regions - 1]) < 0
                || b.gap && timeNs - b.lastNs > k.aggrUs * 500;
    }

    private void begin(Burst b, Kdamond k, long target, long count, long timeNs) {
        Snapshot s = spare.isEmpty() ? new Snapshot() : spare.poll();
        s.clear();
        s.kdamond = k.facts.number();
        s.target = target;
        s.endNs = timeNs;
        s.sampleUs = k.sampleUs;
        s.aggrUs = k.aggrUs;
        b.snapshot = s;
        b.expected = count;
        b.open = true;
        b.gap |= gapBeforeAll && !b.closedOnce;
    }

    private void complete(Burst b) {
        Snapshot s = b.snapshot;
        b.open = false;
        b.snapshot = null;
        long missing = b.expected - s.regions;
        boolean first = !b.closedOnce;
        b.closedOnce = true;
        if (missing > 0 && first && !b.gap) {
            // Listening began in the middle of it.
            cutRegions += s.regions;
            b.previousEndNs = s.endNs;
            spare.add(s);
            return;
        }
        s.lost = missing;
        lostRegions += missing;
        // After a gap whole snapshots may be missing before this one.
        long earliestNs = b.previousEndNs != 0 ? b.previousEndNs : startedNs;
        s.startNs = b.previousEndNs != 0 && !b.gap
                ? b.previousEndNs
                : Math.min(s.endNs, Math.max(earliestNs, s.endNs - s.aggrUs * 1000));
        if (missing > 0 && !b.gap && !isMoreToBeTold()) {
            lose(s.startNs, s.endNs, missing, "regions missing from a snapshot");
        }
        b.gap = false;
        b.previousEndNs = s.endNs;
        ready.add(s);
    }

    private void beforeApply(Events e, int i) {
        Kdamond k = kdamond(e.thread[i]);
        if (k == null) {
            return;
        }
        int row = schemes.addRow();
        int c = 0;
        schemes.set(c++, row, e.timeNs[i]);
        schemes.set(c++, row, k.facts.number());
        schemes.set(c++, row, e.context[i]);
        schemes.set(c++, row, e.scheme[i]);
        schemes.set(c++, row, e.target[i]);
        schemes.set(c++, row, e.start[i] * k.facts.addrUnit());
        schemes.set(c++, row, e.end[i] * k.facts.addrUnit());
        schemes.set(c++, row, e.accesses[i]);
        schemes.set(c++, row, e.age[i]);
        schemes.set(c, row, e.regions[i]);
    }

    private void tuned(Events e, int i) {
        Kdamond k = kdamond(e.thread[i]);
        if (k == null) {
            return;
        }
        // Regions that follow are already in the new unit: the kernel converts them before it reports them.
        k.sampleUs = e.target[i];
        k.aggrUs = e.target[i] * k.samplesPerAggr;
        tuning.add(e.timeNs[i], k.facts.number(), k.sampleUs, k.aggrUs);
    }

    /**
     * Whether the kernel has counted events that have not come by as missed. A processor's ring says only with its next page
     * what is missing before it; until then a snapshot whose other part came from another processor is cut for no reason known.
     */
    private boolean isMoreToBeTold() {
        return !missedUnknown && overwritten.getAsLong() > missed;
    }

    private void missed(long fromNs, long toNs, long count) {
        missed += Math.max(0, count);
        missedUnknown |= count < 0;
        gap(fromNs, toNs, count, "events overwritten in the ring");
    }

    /** Notes that events are missing from all bursts under way; {@code count} -1 if nobody knows how many. */
    void gap(long fromNs, long toNs, long count, String cause) {
        lose(fromNs == 0 ? startedNs : fromNs, toNs, count, cause);
        gapBeforeAll = true;
        for (Kdamond k : byThread.values()) {
            for (Burst b : k.bursts.values()) {
                b.gap = true;
            }
        }
    }

    /** Notes that events are missing; {@code count} -1 if nobody knows how many. */
    void lose(long fromNs, long toNs, long count, String cause) {
        lostEvents += Math.max(1, count);
        losses.add(fromNs, toNs, "tracefs", count, cause);
    }

    /** Listening has ended: bursts that overran are given out as they are, those that were only cut short are not. */
    void finish() {
        for (Kdamond k : byThread.values()) {
            for (Burst b : k.bursts.values()) {
                if (b.open && b.gap) {
                    complete(b);
                } else if (b.open) {
                    cutRegions += b.snapshot.regions;
                    b.open = false;
                }
            }
        }
    }

    /** The next whole snapshot, or null. To be handed back through {@link #recycle}. */
    Snapshot poll() {
        return ready.poll();
    }

    void recycle(Snapshot s) {
        if (spare.size() < 64) {
            spare.add(s);
        }
    }

    int ready() {
        return ready.size();
    }

    /** Rows of {@link Table#SCHEMES}, {@link Table#TUNING} and {@link Table#LOSSES} gathered so far. */
    Batch rows(Table table) {
        return switch (table) {
            case SCHEMES -> schemes;
            case TUNING -> tuning;
            case LOSSES -> losses;
            default -> throw new IllegalArgumentException("no rows of " + table);
        };
    }

    /** Number of a kdamond by its thread id; -1 for one that is not to be recorded. */
    int number(int thread) {
        Kdamond k = kdamond(thread);
        return k == null ? -1 : k.facts.number();
    }

    /** Events known to be missing; an unknown number counts as one. */
    long lostEvents() {
        return lostEvents;
    }

    /** Regions missing from snapshots that were given out. */
    long lostRegions() {
        return lostRegions;
    }

    /** Regions of bursts that were under way when listening began or ended. */
    long cutRegions() {
        return cutRegions;
    }

    /** Thread ids of the kdamonds seen. */
    Iterable<Integer> threads() {
        return byThread.keySet();
    }
}
