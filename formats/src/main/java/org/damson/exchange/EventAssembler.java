package org.damson.exchange;

import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.damson.model.Batch;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;

/**
 * Makes snapshots of DAMON's events.
 *
 * <p>A snapshot is the burst of {@code damon_aggregated} events of one kdamond (told by thread id: names repeat) and target.
 * Its size is the {@code nr_regions} that every event repeats. When events are missing, a burst ends where another must have
 * begun: {@code nr_regions} changes or addresses go back. If it is short then and half the time between snapshots had passed
 * within it, it is the tail of one snapshot and the head of the next. What is missing is counted, never filled.
 */
final class EventAssembler {
    /** More than any DAMON is set to; what claims more is no DAMON event. */
    private static final int MAX_REGIONS = 1 << 22;

    /** So many kdamonds and targets, dead ones included; each costs memory. */
    private static final int MAX_STREAMS = 1 << 16;

    /** What a tracer can have lost at a time; a sum of such does not overflow. */
    private static final long MAX_LOSS = 1L << 40;

    /** A kdamond may be interrupted for so long while it reports one snapshot. */
    private static final long MAX_STALL_NS = 20_000_000;

    private static final long NO_TIME = Long.MIN_VALUE;

    /** Source of what the tracer itself lost, in the losses table. */
    static final String TRACER = "tracer";

    private static final String OVERWRITTEN = "events overwritten in the trace buffer";

    private record Key(int tid, long target) {}

    private final TraceBuilder trace;
    private final Map<Key, EventStream> streams = new LinkedHashMap<>();
    private final Map<Integer, Integer> kdamonds = new HashMap<>();
    private final Map<Integer, Long> tunedSampleUs = new HashMap<>();
    private final Batch schemes = new Batch(Table.SCHEMES);
    private final Batch tuning = new Batch(Table.TUNING);
    private final Batch losses = new Batch(Table.LOSSES);
    private final Batch stats = new Batch(Table.SCHEME_STATS);
    private final RegionPairs pairs = new RegionPairs(this::take, this::addHits);
    private long lost;
    private long toldLost;
    private long lostInAll;
    private long pendingLoss;
    private boolean pending;
    private long pendingNs = NO_TIME;
    private long firstNs = NO_TIME;
    private long lastNs = NO_TIME;
    private long repeated;
    private boolean cut;
    private boolean marksWithin;

    EventAssembler(TraceBuilder trace) {
        this.trace = trace;
    }

    /**
     * Takes an event.
     *
     * @throws IllegalArgumentException if it cannot be one of DAMON's
     */
    void add(DamonEvent e) throws IOException {
        if (e.kind == DamonEvent.Kind.LOST) {
            lost(e.regions, e.timeNs);
            return;
        }
        kdamond(e.tid);
        pairs.add(e);
    }

    private void take(DamonEvent e) throws IOException {
        if (pending) {
            losePending(e.timeNs);
        }
        firstNs = firstNs == NO_TIME ? e.timeNs : firstNs;
        lastNs = e.timeNs;
        switch (e.kind) {
            case AGGREGATED, REGION_AGGREGATED -> aggregated(e);
            case BEFORE_APPLY -> beforeApply(e);
            case TUNED -> tuned(e);
            default -> numbers(e);
        }
    }

    /** Notes that the tracer lost events here; -1 if it does not say how many. */
    void lost(long count) throws IOException {
        lost(count, NO_TIME);
    }

    private void lost(long count, long timeNs) throws IOException {
        pairs.giveOut();
        toldLost += Math.max(0, Math.min(count, MAX_LOSS));
        pendingLoss = count < 0 || pendingLoss < 0 ? -1 : pendingLoss + Math.min(count, MAX_LOSS);
        pending = true;
        pendingNs = timeNs == NO_TIME || timeNs == 0 ? pendingNs : timeNs;
        streams.values().forEach(stream -> stream.gap = true);
    }

    /** Notes that the tracer lost so many in all, those included that {@link #lost} is told of, and not where. */
    void lostInAll(long count) {
        lostInAll += Math.max(0, Math.min(count, MAX_LOSS));
    }

    /** Notes that the recording ends before its end. */
    void cutOff() {
        cut = true;
    }

    /** What was lost between the event before it, or where it was noticed, and the next, if there are such. */
    private void losePending(long nextNs) throws IOException {
        long noticedNs = pendingNs == NO_TIME ? Math.max(nextNs, 0) : pendingNs;
        long fromNs = lastNs == NO_TIME ? noticedNs : lastNs;
        lose(fromNs, nextNs == NO_TIME ? Math.max(fromNs, pendingNs) : nextNs, TRACER, pendingLoss, OVERWRITTEN);
        pending = false;
        pendingLoss = 0;
        pendingNs = NO_TIME;
    }

    private void aggregated(DamonEvent e) throws IOException {
        if (e.regions < 1 || e.regions > MAX_REGIONS) {
            throw new IllegalArgumentException("nr_regions=" + e.regions);
        }
        Key key = new Key(e.tid, e.target);
        EventStream stream = streams.get(key);
        if (e.start == 0 && e.end == 0 && e.nrAccesses == -1) {
            // damo ends a record of one snapshot with this, to tell how long that took.
            if (stream != null) {
                releaseFirst(stream, e.timeNs - stream.previousEndNs);
                stream.ends++;
                stream.marked = true;
            }
            return;
        }
        checkRegion(e);
        if (stream == null) {
            if (streams.size() == MAX_STREAMS) {
                throw new IllegalArgumentException("more than " + MAX_STREAMS + " kdamonds and targets");
            }
            trace.open();
            stream = new EventStream();
            MonitoringAttrs attrs = trace.attrs(e.tid);
            stream.durationNs = attrs.origin() == MonitoringAttrs.IntervalsOrigin.ASSUMED ? 0 : attrs.aggrUs() * 1000;
            streams.put(key, stream);
        }
        marksWithin |= stream.marked;
        Snapshot s = stream.snapshot;
        if (stream.repeats(e)) {
            repeated++;
            return;
        }
        if (stream.open && startsAnother(stream, e)) {
            complete(stream);
        }
        if (!stream.open) {
            begin(stream, e);
        } else if (stream.durationNs > 0 && e.timeNs - stream.lastNs > Math.max(MAX_STALL_NS, stream.durationNs / 2)) {
            stream.stalledAt = s.regions;
            stream.stalledNs = e.timeNs;
        }
        int i = s.add(e.start, e.end, trace.count(e.nrAccesses), trace.count(e.age));
        s.probeHits[i] = e.probeHits;
        stream.lastNs = e.timeNs;
        s.columns |= e.age >= 0 ? Snapshot.HAS_AGE : 0;
        s.columns |= e.probeHits != DamonEvent.NO_HITS ? Snapshot.HAS_PROBE_HITS : 0;
        if (s.regions == stream.expected) {
            complete(stream);
        }
    }

    private static void checkRegion(DamonEvent e) {
        if (e.start == e.end || Long.compareUnsigned(e.start, e.end - 1) > 0 || e.nrAccesses < 0) {
            throw new IllegalArgumentException("region " + Long.toUnsignedString(e.start) + "-"
                    + Long.toUnsignedString(e.end) + ": " + e.nrAccesses);
        }
    }

    private static boolean startsAnother(EventStream stream, DamonEvent e) {
        Snapshot s = stream.snapshot;
        return e.regions != stream.expected || Long.compareUnsigned(e.start, s.end[s.regions - 1] - 1) <= 0;
    }

    private void begin(EventStream stream, DamonEvent e) {
        MonitoringAttrs attrs = trace.attrs(e.tid);
        Snapshot s = stream.snapshot;
        s.clear();
        s.kdamond = kdamond(e.tid);
        s.target = e.target;
        s.endNs = e.timeNs;
        s.sampleUs = tunedSampleUs.getOrDefault(e.tid, attrs.sampleUs());
        s.aggrUs = tunedSampleUs.containsKey(e.tid) ? s.sampleUs * ratio(attrs) : attrs.aggrUs();
        stream.expected = e.regions;
        stream.stalledAt = 0;
        stream.open = true;
    }

    /** What auto-tuning keeps: it scales both intervals. */
    private static long ratio(MonitoringAttrs attrs) {
        return attrs.sampleUs() == 0 ? 1 : attrs.aggrUs() / attrs.sampleUs();
    }

    private int kdamond(int tid) {
        return kdamonds.computeIfAbsent(tid, t -> kdamonds.size());
    }

    /** Ends a burst. The first one of a stream waits for the second, whose length is the best guess for its own. */
    private void complete(EventStream stream) throws IOException {
        Snapshot s = stream.snapshot;
        stream.open = false;
        if (stream.stalledAt > 0 && s.regions < stream.expected) {
            Snapshot whole = new Snapshot();
            whole.copyFrom(s);
            s.regions = stream.stalledAt;
            completeOne(stream);
            s.regions = 0;
            s.lost = 0;
            s.endNs = stream.stalledNs;
            for (int i = stream.stalledAt; i < whole.regions; i++) {
                int at = s.add(whole.start[i], whole.end[i], whole.nrAccesses[i], whole.age[i]);
                s.probeHits[at] = whole.has(Snapshot.HAS_PROBE_HITS) ? whole.probeHits[i] : DamonEvent.NO_HITS;
            }
        }
        completeOne(stream);
    }

    private void completeOne(EventStream stream) throws IOException {
        Snapshot s = stream.snapshot;
        s.lost = stream.expected - s.regions;
        stream.ends++;
        if (!stream.seen) {
            stream.seen = true;
            stream.first = new Snapshot();
            stream.first.copyFrom(s);
        } else {
            long durationNs = s.endNs - stream.previousEndNs;
            releaseFirst(stream, durationNs);
            // Whole snapshots may be missing before this one; it did not last any longer for that.
            long usualNs = Math.max(stream.durationNs, s.aggrUs * 1000);
            boolean stretched = stream.gap && durationNs > usualNs * 3 / 2;
            s.startNs = stretched ? s.endNs - usualNs : Math.min(stream.previousEndNs, s.endNs);
            stream.durationNs = s.endNs - s.startNs;
            emit(s);
        }
        stream.gap = s.lost > 0;
        stream.previousEndNs = s.endNs;
    }

    private void releaseFirst(EventStream stream, long durationNs) throws IOException {
        Snapshot first = stream.first;
        if (first != null) {
            stream.first = null;
            first.startNs = first.endNs - Math.max(0, durationNs);
            emit(first);
        }
    }

    private void emit(Snapshot s) throws IOException {
        if (s.lost > 0) {
            lose(s.startNs, s.endNs, "damon_aggregated", s.lost, "regions missing from a snapshot");
        }
        trace.add(s);
    }

    private void beforeApply(DamonEvent e) throws IOException {
        checkRegion(e);
        trace.open();
        schemes.add(
                e.timeNs,
                kdamond(e.tid),
                e.context,
                e.scheme,
                e.target,
                e.start,
                e.end,
                trace.count(e.nrAccesses),
                trace.count(e.age),
                e.regions);
        trace.drain(schemes, 1 << 12);
    }

    private void tuned(DamonEvent e) throws IOException {
        long aggrUs = Math.multiplyExact(e.sampleUs, ratio(trace.attrs(e.tid)));
        tunedSampleUs.put(e.tid, e.sampleUs);
        tuning.add(e.timeNs, kdamond(e.tid), e.sampleUs, aggrUs);
        trace.drain(tuning, 1 << 12);
    }

    /** Of an event that only its kernel knows more of. */
    private void numbers(DamonEvent e) throws IOException {
        for (DamonEvent.Value v : e.values) {
            stats.add(e.timeNs, kdamond(e.tid), e.context, e.scheme, e.name + "." + v.name(), v.value());
        }
        trace.drain(stats, 1 << 12);
    }

    /** Adds hits to the region that was taken last, where they tell of that; else says false. */
    private boolean addHits(DamonEvent e) {
        EventStream stream = streams.get(new Key(e.tid, e.target));
        if (stream == null || e.timeNs - stream.lastNs > MAX_STALL_NS) {
            return false;
        }
        // The first one waits as a copy; what comes for a later one that is complete comes too late.
        for (Snapshot s : stream.first == null ? List.of(stream.snapshot) : List.of(stream.first, stream.snapshot)) {
            int i = EventStream.last(s, e);
            if (i >= 0 && i == s.regions - 1) {
                s.reserve(s.regions);
                s.probeHits[i] = e.probeHits;
                s.columns |= Snapshot.HAS_PROBE_HITS;
                return true;
            }
        }
        return false;
    }

    /** What damo makes of such events: it knows targets by their number alone, and one snapshot at a time. */
    private void damo() {
        if (streams.keySet().stream().map(Key::tid).distinct().count() > 1) {
            trace.damo("does not tell kdamonds apart: it merges the snapshots of these, or fails");
            return;
        }
        if (marksWithin) {
            trace.damo(
                    "reads the marks by which it tells how long a snapshot took as snapshots, where others follow them");
        }
        for (Map.Entry<Key, EventStream> e : streams.entrySet()) {
            if (e.getValue().ends < 2) {
                trace.damo("knows no start of target " + Long.toUnsignedString(e.getKey().target)
                        + ", which has one snapshot, nor of the targets after it, and fails");
                return;
            }
        }
    }

    private void lose(long fromNs, long toNs, String source, long count, String cause) throws IOException {
        lost += Math.max(1, count);
        losses.add(fromNs, Math.max(fromNs, toNs), source, count, cause);
        trace.drain(losses, 1 << 12);
    }

    /**
     * Ends the trace.
     *
     * @param malformed events that could not be read
     */
    ImportReport finish(String format, long malformed) throws IOException {
        pairs.giveOut();
        if (pending) {
            losePending(NO_TIME);
        }
        long from = Math.max(firstNs, 0);
        long to = Math.max(lastNs, 0);
        if (lostInAll > toldLost) {
            lose(from, to, TRACER, lostInAll - toldLost, OVERWRITTEN + ", where is not told");
        }
        for (Map.Entry<Key, EventStream> e : streams.entrySet()) {
            if (e.getValue().open) {
                complete(e.getValue());
            }
            releaseFirst(e.getValue(), trace.attrs(e.getKey().tid()).aggrUs() * 1000);
        }
        if (cut) {
            lose(to, to, "file", -1, "the recording is cut off");
        }
        if (malformed > 0) {
            lose(to, to, "events", malformed, "malformed events");
        }
        if (repeated > 0) {
            trace.note("events that stand in the recording twice, and are taken once: " + repeated);
        }
        damo();
        trace.drain(schemes, 1);
        trace.drain(tuning, 1);
        trace.drain(stats, 1);
        trace.drain(losses, 1);
        trace.writeSnapshots();
        return trace.seal(format, lost);
    }
}
