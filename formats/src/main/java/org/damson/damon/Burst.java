package org.damson.damon;

import org.damson.model.Snapshot;

/** The events of one kdamond and target, and the snapshot that is being put together of them. */
final class Burst {
    /** A kdamond may be interrupted for so long while it reports one snapshot. */
    static final long MAX_STALL_NS = 20_000_000;

    final long target;

    /** Null while no burst is under way. */
    Snapshot snapshot;

    /** The last one that is whole, of a file only: a recorder has given it out. */
    Snapshot closed;

    /** Regions that each event says there are. */
    long expected;

    /** Whether events of it may be missing because the tracer lost some. */
    boolean gap;

    /** Time of its last event. */
    long lastNs = EventColumns.NO_TIME;

    /** Length of the snapshot before, or the interval it should have; 0 if neither is known. */
    long usualNs;

    /** End of the snapshot before, {@link EventColumns#NO_TIME} if there was none. */
    long previousEndNs = EventColumns.NO_TIME;

    /** The first one while it waits for the second, whose length is the best guess for its own. */
    Snapshot first;

    /** Regions that are missing from {@link #first} and not explained, and when it was closed. */
    long firstMissing;

    long firstClosedNs;

    /** Snapshots, and the marks by which damo tells how long one took. */
    long ends;

    /** Whether such a mark came, and whether events came after it. */
    boolean isMarked;

    boolean isMarkedWithin;

    /** Which region came long after the one before it, 0 if none did, and when. */
    private int stalledAt;

    private long stalledNs;

    /** By which kinds of events the last region was told, as bits. */
    private int told;

    // The last region of a burst that is closed.
    private long lastStart;
    private long lastEnd;
    private int lastAccesses;
    private int lastAge;

    Burst(long target) {
        this.target = target;
    }

    boolean isOpen() {
        return snapshot != null;
    }

    boolean isWhole() {
        return snapshot != null && snapshot.regions == expected;
    }

    void begin(Snapshot s, long regions) {
        snapshot = s;
        expected = regions;
        stalledAt = 0;
        isMarkedWithin |= isMarked;
    }

    /** Takes a region, in bytes and as a trace keeps counts. */
    void add(EventColumns e, int i, long addrUnit) {
        if (snapshot.regions > 0 && isLongSince(e.timeNs[i])) {
            stalledAt = snapshot.regions;
            stalledNs = e.timeNs[i];
        }
        int row = snapshot.add(e.start[i] * addrUnit, e.end[i] * addrUnit, clamp(e.accesses[i]), clamp(e.age[i]));
        snapshot.columns |= e.age[i] >= 0 ? Snapshot.HAS_AGE : 0;
        lastNs = e.timeNs[i];
        told = 1 << e.kind[i];
        keepHits(row, e.probeHits[i]);
    }

    private void keepHits(int row, long hits) {
        if (hits != Snapshot.NO_HITS || snapshot.has(Snapshot.HAS_PROBE_HITS)) {
            ProbeHits.addColumn(snapshot);
            snapshot.probeHits[row] = hits;
        }
    }

    /** The burst is given out; of its last region a twin may still come. */
    void close(Snapshot s, boolean isKept) {
        int last = s.regions - 1;
        lastStart = s.start[last];
        lastEnd = s.end[last];
        lastAccesses = s.nrAccesses[last];
        lastAge = s.age[last];
        closed = isKept ? s : null;
        snapshot = null;
    }

    private boolean isLongSince(long timeNs) {
        long sinceNs = timeNs - lastNs;
        return sinceNs > MAX_STALL_NS && usualNs > 0 && sinceNs > usualNs / 2;
    }

    private boolean isLast(EventColumns e, int i, long addrUnit) {
        Snapshot s = snapshot;
        if (s == null) {
            return told != 0
                    && lastStart == e.start[i] * addrUnit
                    && lastEnd == e.end[i] * addrUnit
                    && lastAccesses == clamp(e.accesses[i])
                    && lastAge == clamp(e.age[i])
                    && expected == e.regions[i];
        }
        return s.start[s.regions - 1] == e.start[i] * addrUnit && isRow(s, s.regions - 1, e, i, addrUnit);
    }

    private boolean isRow(Snapshot s, int row, EventColumns e, int i, long addrUnit) {
        return s.start[row] == e.start[i] * addrUnit
                && s.end[row] == e.end[i] * addrUnit
                && s.nrAccesses[row] == clamp(e.accesses[i])
                && s.age[row] == clamp(e.age[i])
                && expected == e.regions[i];
    }

    /** A count of 32 bits without a sign, as a trace keeps it. */
    static int clamp(long count) {
        return (int) Math.min(count, Integer.MAX_VALUE);
    }

    /** How many counts of an event are greater than a trace can keep. */
    static int clamped(EventColumns e, int i) {
        long accesses = e.accesses[i];
        long age = e.age[i];
        return Math.max(accesses, age) <= Integer.MAX_VALUE ? 0 : Math.min(accesses, age) <= Integer.MAX_VALUE ? 1 : 2;
    }

    /** Whether the event tells a second time, by another kind of event, of the region that was told of last. */
    boolean isTwin(EventColumns e, int i, long addrUnit) {
        return isLast(e, i, addrUnit) && (told & 1 << e.kind[i]) == 0 && e.timeNs[i] - lastNs <= MAX_STALL_NS;
    }

    /** Takes what a twin tells beside; false if the snapshot has been given out meanwhile. */
    boolean addTwin(EventColumns e, int i) {
        told |= 1 << e.kind[i];
        if (snapshot == null) {
            return false;
        }
        lastNs = e.timeNs[i];
        if (e.kind[i] == EventColumns.REGION_WITH_HITS) {
            keepHits(snapshot.regions - 1, e.probeHits[i]);
        }
        return true;
    }

    /** Whether the event is plainly the next region: no twin, no other burst's, and nothing is known to be missing. */
    boolean isContinuedBy(EventColumns e, int i, long addrUnit) {
        Snapshot s = snapshot;
        return s != null
                && !gap
                && e.kind[i] == EventColumns.REGION
                && e.regions[i] == expected
                && Long.compareUnsigned(e.start[i] * addrUnit, s.end[s.regions - 1] - 1) > 0;
    }

    /** Whether this very event came before, in the burst under way or, of a file, in the last one. */
    boolean repeats(EventColumns e, int i, long addrUnit) {
        if (e.timeNs[i] > lastNs || e.regions[i] != expected) {
            return false;
        }
        if (isLast(e, i, addrUnit)) {
            return (told & 1 << e.kind[i]) != 0;
        }
        long from = e.start[i] * addrUnit;
        Snapshot s = snapshot == null ? closed : snapshot;
        if (s == null || Long.compareUnsigned(from, s.start[s.regions - 1]) > 0) {
            return false; // the usual case: regions ascend
        }
        for (int r = s.regions - 1; r >= 0 && Long.compareUnsigned(s.start[r], from) >= 0; r--) {
            if (isRow(s, r, e, i, addrUnit)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether the event is of another burst than the one under way: the number of regions changes, addresses go back, or, where
     * the tracer lost events, half an interval has passed.
     */
    boolean isEndedBy(EventColumns e, int i, long addrUnit, long aggrUs) {
        long halfNs = usualNs > 0 ? usualNs / 2 : aggrUs * 500;
        return e.regions[i] != expected
                || Long.compareUnsigned(e.start[i] * addrUnit, snapshot.end[snapshot.regions - 1] - 1) <= 0
                || gap && e.timeNs[i] - lastNs > halfNs;
    }

    /** Whether it is the tail of one snapshot and the head of the next. */
    boolean isTwo() {
        return stalledAt > 0 && snapshot.regions < expected;
    }

    /** Moves what came after the pause to {@code tail}. */
    void split(Snapshot tail) {
        Snapshot s = snapshot;
        tail.copyFrom(s);
        tail.regions = 0;
        tail.endNs = stalledNs;
        for (int r = stalledAt; r < s.regions; r++) {
            int row = tail.add(s.start[r], s.end[r], s.nrAccesses[r], s.age[r]);
            if (s.has(Snapshot.HAS_PROBE_HITS)) {
                tail.probeHits[row] = s.probeHits[r];
            }
        }
        s.regions = stalledAt;
    }

    /** A snapshot begins where the one before it ended, unless whole ones may be missing between them. */
    void startAfter(Snapshot s) {
        long durationNs = s.endNs - previousEndNs;
        long longestNs = Math.max(usualNs, s.aggrUs * 1000);
        boolean stretched = gap && durationNs > longestNs * 3 / 2;
        s.startNs = stretched ? s.endNs - longestNs : Math.min(previousEndNs, s.endNs);
        usualNs = s.endNs - s.startNs;
    }

    /** The sampling interval was tuned: what is usual changes with it. */
    void tune(long oldSampleUs, long newSampleUs) {
        if (oldSampleUs > 0) {
            usualNs = Math.round((double) usualNs * newSampleUs / oldSampleUs);
        }
    }

    /** Whether an event can be of a region. */
    static boolean isPossible(EventColumns e, int i) {
        return e.start[i] != e.end[i] && Long.compareUnsigned(e.start[i], e.end[i] - 1) <= 0 && e.accesses[i] >= 0;
    }

    /** What of it cannot be. */
    static String impossible(EventColumns e, int i) {
        return "region " + Long.toUnsignedString(e.start[i]) + "-" + Long.toUnsignedString(e.end[i]) + ": "
                + e.accesses[i];
    }
}
