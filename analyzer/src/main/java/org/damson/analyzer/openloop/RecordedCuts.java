package org.damson.analyzer.openloop;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Manifest.Source;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSource;

/**
 * Where schemes that ran while a trace was recorded may have cut regions in two.
 *
 * <p>In one turn the kernel merges regions, applies every scheme to each of them, and only then tells the regions. A scheme
 * with a quota cuts a region that is larger than what is left of the quota, and the next window cuts where the last one
 * ended; an address filter cuts at its borders. A scheme that comes earlier has then seen the region whole. The two pieces
 * are told with the same accesses and age, and together they are no larger than a region may become. A quota's cut
 * is where a region ended that the scheme was applied to, in this turn or before.
 */
final class RecordedCuts implements AutoCloseable {
    /** Beyond so many schemes the events are not followed: every bound that fits may be a cut. */
    private static final int MAX_SCHEMES = 1 << 12;

    /** What a trace tells of the schemes that ran meanwhile. */
    enum Knowledge {
        /** None of them had a quota or an address filter. */
        NONE_CUTS,
        /** What each was applied to; an address filter would not show. */
        EVENTS,
        /** Nothing. */
        NOTHING
    }

    private record Stream(int kdamond, int context) {}

    /** Where a scheme was applied last, and where it was last in the turns before. */
    private static final class Applied {
        long end = -1;
        long endBefore = -1;
    }

    private static final class State {
        final Map<Integer, Applied> schemes = new HashMap<>();
        final Map<Long, Long> bytes = new HashMap<>();
        long largestBefore;
        boolean inTurn;
    }

    private final Knowledge knowledge;
    private final long minRegions;
    private final long pageBytes;
    private final TraceSource.BatchCursor events;
    private Batch batch;
    private int row;
    private final Map<Stream, State> states = new HashMap<>();
    private boolean incomplete;
    private boolean[] cuts = new boolean[16];
    private long[] ends = new long[16];
    private long found;

    RecordedCuts(TraceSource trace) throws IOException {
        knowledge = knowledge(trace);
        minRegions = trace.manifest().attrs.minRegions();
        pageBytes = trace.manifest().pageBytes();
        events = knowledge == Knowledge.EVENTS ? trace.rows(Table.SCHEMES) : null;
    }

    static Knowledge knowledge(TraceSource trace) throws IOException {
        Manifest m = trace.manifest();
        boolean isOwn = Source.REFERENCED.is(m)
                || Source.SYNTHETIC.is(m)
                || Source.SIMULATED.is(m) && ManifestKey.SCHEMES.number(m, -1) == 0;
        if (isOwn) {
            return Knowledge.NONE_CUTS;
        }
        // Who records with a kdamond of its own knows which schemes it has.
        if (Source.DAMON.is(m) && ManifestKey.OPS.get(m) != null && ManifestKey.ATTACHED.get(m) == null) {
            boolean hasSchemes = ManifestKey.DAMON_SCHEMES.get(m) != null;
            if (!hasSchemes || ManifestKey.CUTTING_SCHEMES.get(m) instanceof List<?> c && c.isEmpty()) {
                return Knowledge.NONE_CUTS;
            }
            if (ManifestKey.ADDRESS_FILTERS.isTrue(m)) {
                return Knowledge.NOTHING;
            }
        }
        return trace.rowCount(Table.SCHEMES) > 0 ? Knowledge.EVENTS : Knowledge.NOTHING;
    }

    Knowledge knowledge() {
        return knowledge;
    }

    /** Bounds so far that may be cuts. */
    long found() {
        return found;
    }

    /**
     * Whether the bound behind each region of the next snapshot may be a cut.
     *
     * @return for each region; valid until the next call
     */
    boolean[] of(Snapshot s) throws IOException {
        if (cuts.length < s.regions) {
            cuts = new boolean[s.regions * 2];
        }
        Arrays.fill(cuts, 0, s.regions, false);
        if (knowledge == Knowledge.NONE_CUTS || s.scheme != Snapshot.NO_SCHEME) {
            return cuts;
        }
        readUntil(s.endNs);
        State state = states.computeIfAbsent(new Stream(s.kdamond, s.context), k -> new State());
        incomplete |= s.lost > 0;
        long largest = 0;
        long bytes = 0;
        for (int i = 0; i < s.regions; i++) {
            largest = Math.max(largest, s.end[i] - s.start[i]);
            bytes += s.end[i] - s.start[i];
        }
        state.bytes.put(s.target, bytes);
        long limit = limit(state, largest);
        int n = incomplete || events == null ? -1 : places(state);
        for (int i = 0; i + 1 < s.regions; i++) {
            cuts[i] = s.end[i] == s.start[i + 1]
                    && s.nrAccesses[i] == s.nrAccesses[i + 1]
                    && (!s.has(Snapshot.HAS_AGE) || s.age[i] == s.age[i + 1])
                    && Long.compareUnsigned(s.end[i + 1] - s.start[i], limit) <= 0
                    && (n < 0 || Arrays.binarySearch(ends, 0, n, s.end[i]) >= 0);
            found += cuts[i] ? 1 : 0;
        }
        state.largestBefore = largest;
        state.inTurn = false;
        return cuts;
    }

    /** No merge makes a larger region; one that was larger before was told as such. */
    private long limit(State state, long largest) {
        long all = state.bytes.values().stream().mapToLong(b -> b).sum();
        long merged = minRegions <= 0 || incomplete ? Long.MAX_VALUE : Math.max(all / minRegions, pageBytes);
        return Math.max(merged, Math.max(largest, state.largestBefore));
    }

    /** Where quotas may have cut, in ascending order. */
    private int places(State state) {
        if (state.schemes.size() > MAX_SCHEMES) {
            return -1;
        }
        if (ends.length < 4 * state.schemes.size()) {
            ends = new long[8 * state.schemes.size()];
        }
        int n = 0;
        for (Applied a : state.schemes.values()) {
            ends[n++] = a.end;
            ends[n++] = a.end + pageBytes; // where nothing was left to skip the kernel skips one page
            ends[n++] = a.endBefore;
            ends[n++] = a.endBefore + pageBytes;
        }
        Arrays.sort(ends, 0, n);
        return n;
    }

    private void readUntil(long timeNs) throws IOException {
        while (events != null && nextRow()) {
            if (batch.get(Table.SCHEMES.indexOf("time_ns"), row) > timeNs) {
                return;
            }
            State state = states.computeIfAbsent(
                    new Stream((int) batch.get(Table.SCHEMES.indexOf("kdamond"), row), (int)
                            batch.get(Table.SCHEMES.indexOf("context"), row)),
                    k -> new State());
            if (!state.inTurn) {
                state.inTurn = true;
                state.schemes.values().forEach(a -> a.endBefore = a.end);
            }
            int scheme = (int) batch.get(Table.SCHEMES.indexOf("scheme"), row);
            if (state.schemes.size() <= MAX_SCHEMES) {
                state.schemes.computeIfAbsent(scheme, k -> new Applied()).end =
                        batch.get(Table.SCHEMES.indexOf("end"), row);
            }
            row++;
        }
    }

    private boolean nextRow() throws IOException {
        while (batch == null || row >= batch.rows()) {
            batch = events.next();
            row = 0;
            if (batch == null) {
                batch = new Batch(Table.SCHEMES);
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        if (events != null) {
            events.close();
        }
    }
}
