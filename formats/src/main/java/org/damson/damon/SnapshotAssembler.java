package org.damson.damon;

import java.util.ArrayDeque;
import java.util.List;
import org.damson.model.Batch;
import org.damson.model.Snapshot;
import org.damson.model.Table;

/**
 * Makes snapshots, and rows of the tables beside them, of DAMON's events that arrive in order of time.
 *
 * <p>A snapshot is the burst of events of one kdamond (told by thread id: names repeat) and target; every event repeats how
 * many regions there are. Where events are missing, a burst ends at the latest where another must have begun: the number changes
 * or addresses go back. If half the usual time between snapshots has passed within it, it is the tail of one snapshot and the
 * head of the next, provided that the tracer has lost events there or the burst ends short: else a kdamond was only kept
 * waiting. What is missing is counted, never filled.
 *
 * <p>Kernels with probes report each region twice, the second time with the probes' hits. A burst whose last region was reported
 * once waits for the next event of its thread until it is known whether its kdamond does so.
 */
public final class SnapshotAssembler {
    /** {@code source} of losses that the tracer tells of, be it a recorder's own ring. */
    public static final String TRACER = LossAccount.TRACER;

    /** So many kdamonds and targets, dead ones included; each costs memory. */
    private static final int MAX_BURSTS = 1 << 16;

    private static final String TOO_MANY = "more than " + MAX_BURSTS + " kdamonds and targets";

    private static final int MAX_SPARE = 64;

    private final Kdamonds facts;
    private final KdamondTable kdamonds;
    private final Listening listening;
    private final LossAccount losses;
    private final SnapshotOrder order = new SnapshotOrder();
    private final ArrayDeque<Snapshot> spare = new ArrayDeque<>();
    private final EventRows rows = new EventRows();
    private int burstCount;
    private long begun;
    private boolean hasGap;
    private boolean hasHits;
    private long firstNs = EventColumns.NO_TIME;
    private long lastNs = EventColumns.NO_TIME;
    private long lostRegions;
    private long cutRegions;
    private long repeated;
    private long clamped;

    /** An assembler that has seen no event. */
    public SnapshotAssembler(Kdamonds kdamonds, Listening listening) {
        facts = kdamonds;
        this.kdamonds = new KdamondTable(kdamonds, listening.mayReportHits());
        this.listening = listening;
        losses = new LossAccount(listening.overwritten());
    }

    /**
     * Takes the first row of {@code events}.
     *
     * @return null, or why it cannot be an event of DAMON's; it is not counted as a loss by this
     */
    public String take(EventColumns events) {
        int i = events.from++;
        byte kind = events.kind[i];
        long timeNs = events.timeNs[i];
        if (kind == EventColumns.MISSED) {
            missed(events.start[i], timeNs, events.end[i], LossAccount.OVERWRITTEN);
            return null;
        }
        if (kind == EventColumns.LOST) {
            losses.note(events.start[i] == EventColumns.NO_TIME ? lastNs : events.start[i], timeNs, events.end[i]);
            return null;
        }
        if (kdamonds.size() >= MAX_BURSTS && kdamonds.isNew(events.thread[i])) {
            return TOO_MANY;
        }
        Kdamond k = kdamonds.of(events.thread[i]);
        if (k == null) {
            return null;
        }
        if (losses.isNoted()) {
            beginGap();
            losses.tellNoted(timeNs);
        }
        firstNs = firstNs == EventColumns.NO_TIME ? timeNs : firstNs;
        lastNs = timeNs;
        switch (kind) {
            case EventColumns.REGION, EventColumns.REGION_WITH_HITS -> {
                return region(k, events, i);
            }
            case EventColumns.BEFORE_APPLY -> {
                return beforeApply(k, events, i);
            }
            case EventColumns.TUNED -> {
                return tuned(k, events, i);
            }
            case EventColumns.STATISTIC -> rows.statistic(k.facts, events, i);
            default -> endMark(k, events, i);
        }
        return null;
    }

    private String region(Kdamond k, EventColumns e, int i) {
        Burst b = k.burst(e.target[i]);
        // The usual case, in short.
        if (b != null && !k.isWaiting() && b.isContinuedBy(e, i, k.facts.addrUnit()) && Burst.isPossible(e, i)) {
            add(k, b, e, i);
            return null;
        }
        return anyRegion(k, b, e, i);
    }

    private String anyRegion(Kdamond k, Burst known, EventColumns e, int i) {
        Burst b = known;
        long count = e.regions[i];
        if (count < 1 || count > Snapshot.MAX_REGIONS) {
            return "nr_regions=" + Long.toUnsignedString(count);
        }
        if (!Burst.isPossible(e, i)) {
            return Burst.impossible(e, i);
        }
        if (e.kind[i] == EventColumns.REGION_WITH_HITS) {
            k.reportsHits();
        }
        if (b != null && b.isTwin(e, i, k.facts.addrUnit())) {
            k.reportsTwice();
            if (b.addTwin(e, i) && b.isWhole()) {
                k.endWait();
                complete(k, b);
            }
            return null;
        }
        if (b != null && b.repeats(e, i, k.facts.addrUnit())) {
            repeated++;
            return null;
        }
        completeWaiting(k);
        if (b == null) {
            if (burstCount == MAX_BURSTS) {
                return TOO_MANY;
            }
            burstCount++;
            b = k.newBurst(e.target[i]);
            b.gap = hasGap;
        }
        if (b.isOpen() && b.isEndedBy(e, i, k.facts.addrUnit(), k.aggrUs)) {
            boolean gap = b.gap;
            complete(k, b);
            b.gap |= gap; // it may have cut off the beginning of this one too
        }
        if (!b.isOpen()) {
            if (facts.isEnded(e.target[i], e.timeNs[i])) {
                return null;
            }
            begin(k, b, count, e.timeNs[i]);
        }
        add(k, b, e, i);
        return null;
    }

    private void add(Kdamond k, Burst b, EventColumns e, int i) {
        clamped += Burst.clamped(e, i);
        b.add(e, i, k.facts.addrUnit());
        if (b.isWhole() && !k.keepWaiting(b)) {
            complete(k, b);
        }
    }

    /** The next event is not what its last region waited for. */
    private void completeWaiting(Kdamond k) {
        Burst b = k.giveUpWaiting();
        if (b != null) {
            complete(k, b);
        }
    }

    private void begin(Kdamond k, Burst b, long count, long timeNs) {
        Snapshot s = spare.isEmpty() ? new Snapshot() : spare.poll();
        s.clear();
        s.id = begun++;
        s.kdamond = k.facts.number();
        s.target = b.target;
        s.endNs = timeNs;
        s.sampleUs = k.sampleUs;
        s.aggrUs = k.aggrUs;
        b.begin(s, count);
        order.begin(b);
    }

    private void complete(Kdamond k, Burst b) {
        Snapshot s = b.snapshot;
        order.end(b);
        if (b.isTwo()) {
            Snapshot tail = new Snapshot();
            b.split(tail);
            complete(k, b, s);
            s = tail;
        }
        complete(k, b, s);
        b.close(s, !listening.isKnown());
    }

    private void complete(Kdamond k, Burst b, Snapshot s) {
        long missing = b.expected - s.regions;
        boolean isFirst = b.previousEndNs == EventColumns.NO_TIME;
        if (missing > 0 && isFirst && !b.gap && listening.isKnown()) {
            // Listening began in the middle of it.
            cutRegions += s.regions;
            b.previousEndNs = s.endNs;
            recycle(s);
            return;
        }
        s.lost = missing;
        lostRegions += missing;
        b.ends++;
        long unexplained = b.gap ? missing - losses.explain(missing) : missing;
        if (!isFirst) {
            b.startAfter(s);
            releaseFirst(b, s.endNs - s.startNs);
            give(s, unexplained, lastNs);
        } else if (listening.isKnown()) {
            s.startNs = Math.min(s.endNs, Math.max(listening.sinceNs(), s.endNs - s.aggrUs * 1000));
            give(s, unexplained, lastNs);
        } else {
            b.first = s;
            b.firstMissing = unexplained;
            b.firstClosedNs = lastNs;
        }
        b.gap = missing > 0;
        b.previousEndNs = s.endNs;
    }

    private void releaseFirst(Burst b, long durationNs) {
        Snapshot first = b.first;
        if (first != null) {
            b.first = null;
            first.startNs = first.endNs - Math.max(0, durationNs);
            give(first, b.firstMissing, b.firstClosedNs);
        }
    }

    private void give(Snapshot s, long unexplained, long closedNs) {
        losses.missing(s.startNs, s.endNs, closedNs, unexplained);
        hasHits |= s.has(Snapshot.HAS_PROBE_HITS);
        if (hasHits && listening.isKnown()) {
            // A trace begins a new file where the columns of its snapshots change.
            ProbeHits.addColumn(s);
        }
        order.add(s);
    }

    private void endMark(Kdamond k, EventColumns e, int i) {
        completeWaiting(k);
        Burst b = k.burst(e.target[i]);
        if (b != null) {
            releaseFirst(b, e.timeNs[i] - b.previousEndNs);
            b.ends++;
            b.isMarked = true;
        }
    }

    private String beforeApply(Kdamond k, EventColumns e, int i) {
        if (!Burst.isPossible(e, i)) {
            return Burst.impossible(e, i);
        }
        completeWaiting(k);
        rows.beforeApply(k.facts, e, i);
        clamped += Burst.clamped(e, i);
        return null;
    }

    private String tuned(Kdamond k, EventColumns e, int i) {
        completeWaiting(k);
        // Regions that follow are already in the new unit: the kernel converts them before it reports them.
        if (!k.tune(e.target[i])) {
            return "sample_us=" + Long.toUnsignedString(e.target[i]);
        }
        rows.tuned(k, e.timeNs[i]);
        return null;
    }

    /**
     * Notes that events are missing from all bursts under way.
     *
     * @param afterNs the last event before them, {@link EventColumns#NO_TIME} if there was none
     * @param count how many, -1 if unknown
     */
    public void missed(long afterNs, long beforeNs, long count, String cause) {
        beginGap();
        long unknownNs = listening.isKnown() ? listening.sinceNs() : lastNs != EventColumns.NO_TIME ? lastNs : beforeNs;
        losses.report(afterNs == EventColumns.NO_TIME ? unknownNs : afterNs, beforeNs, count, cause);
    }

    private void beginGap() {
        hasGap = true;
        for (Kdamond k : kdamonds.all()) {
            completeWaiting(k);
            k.bursts.values().forEach(b -> b.gap = true);
        }
    }

    /** Notes that something is missing; {@code count} is -1 if the number is unknown. */
    public void lose(long fromNs, long toNs, String source, long count, String cause) {
        losses.add(fromNs, toNs, source, count, cause);
    }

    /**
     * Ends the input: no more events follow.
     *
     * @param lostInAll how many events the tracer counts as missing in total, including those it has already reported
     */
    public void finish(long lostInAll) {
        if (losses.isNoted()) {
            beginGap();
            losses.tellNoted(EventColumns.NO_TIME);
        }
        for (Kdamond k : kdamonds.all()) {
            completeWaiting(k);
            for (Burst b : k.bursts.values()) {
                if (b.isOpen() && listening.isKnown() && !b.gap) {
                    cutRegions += b.snapshot.regions;
                    order.end(b);
                    b.snapshot = null;
                } else if (b.isOpen()) {
                    complete(k, b);
                }
                releaseFirst(b, k.facts.aggrUs() * 1000);
            }
        }
        losses.finish(Math.max(firstNs, 0), Math.max(lastNs, 0), lostInAll);
    }

    /**
     * The next snapshot, or null; its id says in which order they began. Those of several kdamonds and targets come in the order
     * of their ends, unless one of them was kept waiting, or the first of a file's targets waits for the second.
     */
    public Snapshot poll() {
        return order.poll(lastNs);
    }

    /** Hands a snapshot back that was polled. */
    public void recycle(Snapshot s) {
        if (listening.isKnown() && spare.size() < MAX_SPARE) {
            spare.add(s);
        }
    }

    /**
     * Rows of {@link Table#SCHEMES}, {@link Table#TUNING}, {@link Table#SCHEME_STATS} and {@link Table#LOSSES} gathered so
     * far; to be emptied by whoever takes them.
     */
    public Batch rows(Table table) {
        return switch (table) {
            case SCHEMES -> rows.schemes;
            case TUNING -> rows.tuning;
            case SCHEME_STATS -> rows.statistics;
            case LOSSES -> losses.rows();
            default -> throw new IllegalArgumentException("no rows of " + table);
        };
    }

    /** Events and regions known to be missing; an unknown number counts as one. */
    public long lost() {
        return losses.lost();
    }

    /** Regions missing from snapshots that {@link #lost()} counts as events of the tracer. */
    public long lostWithEvents() {
        return losses.explained();
    }

    /** Counts of what has been assembled so far. */
    public Assembled counts() {
        return new Assembled(firstNs, lastNs, lostRegions, cutRegions, repeated, clamped);
    }

    /** Thread ids of the kdamonds seen. */
    public Iterable<Integer> threads() {
        return kdamonds.threads();
    }

    /** The targets of a kdamond, one of {@link #threads}, in the order in which they came. */
    public List<Assembled.Target> targets(int thread) {
        return kdamonds.of(thread).bursts.values().stream()
                .map(b -> new Assembled.Target(b.target, b.ends, b.isMarkedWithin))
                .toList();
    }
}
