package org.damson.analyzer.openloop;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Manifest.Source;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSource;

/**
 * Where schemes that ran while a trace was recorded may have cut regions in two, and where they may have seen pieces of what is told as
 * one region.
 *
 * <p>In one turn the kernel merges regions, applies every scheme to each of them, and only then tells the regions. A scheme
 * with a quota cuts a region that is larger than what is left of the quota, and the next window cuts where the last one
 * ended; an address filter cuts at its borders. A scheme that comes earlier has then seen the region whole. The two pieces
 * are told with the same accesses and age, and together they are no larger than a region may become. A quota's cut
 * is where a region ended that the scheme was applied to, in this turn or before.
 *
 * <p>Kernels from 7.2 on join each region with the one before it, once all schemes were applied to it, where accesses, age and the accesses
 * of the aggregation before are equal: pieces of a cut, and neighbours that merging left apart. What schemes saw is
 * told by {@code damos_before_apply} events then; where there are none, {@link PriorRegions} bounds the pieces.
 */
final class RecordedCuts implements AutoCloseable {
    /** Beyond so many schemes the events are not followed: every bound that fits may be a cut. */
    private static final int MAX_SCHEMES = 1 << 12;

    /** Two turns are a sampling interval apart, all of it asleep; what is closer than this share of it is of one. */
    private static final long APART_PERMIL = 900;

    /** A bound on pieces beyond this is none. */
    private static final int MANY = 1 << 12;

    /** What a trace tells of the schemes that ran meanwhile. */
    enum Knowledge {
        /** None ran. */
        NONE_RAN,
        /** None of them had a quota or an address filter. */
        NONE_CUTS,
        /** What each was applied to; an address filter would not show. */
        EVENTS,
        /** Nothing. */
        NOTHING;

        /** Whether certainly nothing was cut. */
        boolean isUncut() {
            return this == NONE_RAN || this == NONE_CUTS;
        }
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
        final Map<Long, PriorRegions> prior = new HashMap<>();
        final TurnEvents turn = new TurnEvents();
        long largestBefore;
        long eventNs = Long.MIN_VALUE;
        boolean inTurn;
    }

    private final Knowledge knowledge;

    /** Whether the kernel that recorded joins neighbours after its schemes' turn, and whether the simulated one does. */
    private final boolean joined;

    private final boolean joins;
    private final long minRegions;
    private final long maxRegions;
    private final long pageBytes;
    private final TraceSource.BatchCursor events;
    private Batch batch;
    private int row;
    private final Map<Stream, State> states = new HashMap<>();
    private boolean incomplete;
    private final SeenRegions seen;
    private boolean[] cuts = new boolean[16];
    private long[] ends = new long[16];

    /** Of the region at hand: where a scheme's region began or ended, and where one ended before and a window may have gone on. */
    private final Places inner = new Places();

    private final Places goingOn = new Places();
    private long found;
    private long apart;
    private boolean joinsSeen;

    RecordedCuts(TraceSource trace, OpenLoopOptions options) throws IOException {
        knowledge = knowledge(trace);
        joined = knowledge != Knowledge.NONE_RAN && options.recorderJoins();
        joins = options.version().joins();
        minRegions = trace.manifest().attrs.minRegions();
        maxRegions = trace.manifest().attrs.maxRegions();
        pageBytes = trace.manifest().pageBytes();
        seen = new SeenRegions(trace.rowCount(Table.LOSSES) > 0);
        boolean told = trace.rowCount(Table.SCHEMES) > 0;
        events = knowledge == Knowledge.EVENTS || joined && told ? trace.rows(Table.SCHEMES) : null;
    }

    static Knowledge knowledge(TraceSource trace) throws IOException {
        Manifest m = trace.manifest();
        boolean isOwn = Source.REFERENCED.is(m)
                || Source.SYNTHETIC.is(m)
                || Source.SIMULATED.is(m) && ManifestKey.SCHEMES.number(m, -1) == 0;
        if (isOwn) {
            return Knowledge.NONE_RAN;
        }
        // Who records with a kdamond of its own knows which schemes it has.
        if (Source.DAMON.is(m) && ManifestKey.OPS.get(m) != null && ManifestKey.ATTACHED.get(m) == null) {
            if (ManifestKey.DAMON_SCHEMES.get(m) == null) {
                return Knowledge.NONE_RAN;
            }
            if (ManifestKey.CUTTING_SCHEMES.get(m) instanceof List<?> c && c.isEmpty()) {
                return Knowledge.NONE_CUTS;
            }
            if (ManifestKey.ADDRESS_FILTERS.isTrue(m)) {
                return Knowledge.NOTHING;
            }
        }
        return trace.rowCount(Table.SCHEMES) > 0 ? Knowledge.EVENTS : Knowledge.NOTHING;
    }

    /** The options for a trace: a kernel that joins makes one again of what its schemes cut, and only events show the cuts. */
    static OpenLoopOptions options(TraceSource trace, OpenLoopOptions given) throws IOException {
        boolean hides = given.asRecorded() && given.recorderJoins() && knowledge(trace) == Knowledge.NOTHING;
        return hides ? given.withSchemesNotSeen() : given;
    }

    Knowledge knowledge() {
        return knowledge;
    }

    /** Bounds so far that may be cuts. */
    long found() {
        return found;
    }

    /** Regions so far that schemes may have seen in pieces. */
    long apart() {
        return apart;
    }

    /** Whether events show that a kernel joined regions, though the one that is taken for it does not. */
    boolean isJoinedUnexpectedly() {
        return joinsSeen && !joined;
    }

    /**
     * The regions of the next snapshot as schemes may have seen them.
     *
     * @return valid until the next call
     */
    SeenRegions of(Snapshot s) throws IOException {
        seen.take(s);
        if (knowledge.isUncut() && !joined && !joins || s.scheme != Snapshot.NO_SCHEME) {
            return seen;
        }
        readUntil(s);
        State state = states.computeIfAbsent(new Stream(s.kdamond, s.context), k -> new State());
        incomplete |= s.lost > 0;
        long largest = 0;
        long bytes = 0;
        for (int i = 0; i < s.regions; i++) {
            largest = Math.max(largest, s.end[i] - s.start[i]);
            bytes += s.end[i] - s.start[i];
        }
        Long bytesBefore = state.bytes.put(s.target, bytes);
        // The limit is a share of all targets' memory, of which some may come later.
        boolean sameLimit = state.bytes.size() == 1 && bytesBefore != null && bytesBefore == bytes;
        long limit = limit(state, largest);
        int cutPlaces = findCuts(s, state, limit);
        state.turn.target(s.target);
        joinsSeen |= s.lost == 0 && state.turn.isJoined(s.regions);
        if (joins || joined) {
            PriorRegions prior = state.prior.computeIfAbsent(s.target, k -> new PriorRegions());
            if (joins) {
                findJoins(s, prior, limit);
            }
            if (joined) {
                divide(s, state, prior, cutPlaces, sameLimit);
            }
            prior.take(s);
        }
        state.largestBefore = largest;
        state.inTurn = false;
        return seen;
    }

    /** Finds the bounds between regions that may be cuts; returns how many. */
    private int findCuts(Snapshot s, State state, long limit) {
        if (cuts.length < s.regions) {
            cuts = new boolean[s.regions * 2];
        }
        Arrays.fill(cuts, 0, s.regions, false);
        if (knowledge.isUncut()) {
            return 0;
        }
        int count = 0;
        int n = incomplete || events == null ? -1 : places(state);
        for (int i = 0; i + 1 < s.regions; i++) {
            cuts[i] = areAlike(s, i, limit) && (n < 0 || Arrays.binarySearch(ends, 0, n, s.end[i]) >= 0);
            seen.cutBehind()[i] = cuts[i];
            count += cuts[i] ? 1 : 0;
        }
        found += count;
        return count;
    }

    /** Whether a region and the next may be pieces of one, or become one. */
    private static boolean areAlike(Snapshot s, int i, long limit) {
        return areAlikeButForAge(s, i, limit) && (!s.has(Snapshot.HAS_AGE) || s.age[i] == s.age[i + 1]);
    }

    private static boolean areAlikeButForAge(Snapshot s, int i, long limit) {
        return s.end[i] == s.start[i + 1]
                && s.nrAccesses[i] == s.nrAccesses[i + 1]
                && Long.compareUnsigned(s.end[i + 1] - s.start[i], limit) <= 0;
    }

    /** Whether there are neighbours that a scheme's turn would join. */
    private void findJoins(Snapshot s, PriorRegions prior, long limit) {
        boolean isKnown = prior.precede(s);
        for (int i = 0; i + 1 < s.regions; i++) {
            if (areAlikeButForAge(s, i, limit)
                    && (!isKnown || prior.lastNr(s.start[i]) == prior.lastNr(s.start[i + 1]))) {
                seen.foundJoin(areAlike(s, i, limit));
            }
        }
    }

    /**
     * Divides regions where events tell that schemes saw pieces of them, and bounds the pieces of which they do not tell.
     *
     * @param cutPlaces bounds between regions of this snapshot that may be cuts
     * @param sameLimit whether the greatest size of a region was the same before
     */
    private void divide(Snapshot s, State state, PriorRegions prior, int cutPlaces, boolean sameLimit) {
        boolean mayCut = !knowledge.isUncut();
        int n = mayCut && events != null ? places(state) : 0;
        // Each cut made one region more, and shows as a place: by so many more may have been joined than are fewer.
        int hidden = cutPlaces;
        for (int i = 0; i < s.regions && mayCut; i++) {
            hidden += within(s, i, state.turn, n);
        }
        state.turn.target(s.target);
        seen.divide(s);
        for (int i = 0; i < s.regions; i++) {
            int known = within(s, i, state.turn, n);
            long most = prior.mostPieces(s, i, maxRegions, sameLimit);
            int fewer = incomplete ? TurnEvents.NOT_TOLD : state.turn.fewer(s.regions);
            if (fewer != TurnEvents.NOT_TOLD) {
                most = Math.min(most, 1L + Math.max(0, fewer + hidden));
            }
            most = Math.max(Math.min(most, (s.end[i] - s.start[i]) / pageBytes), 1L + known);
            apart += most > 1 ? 1 : 0;
            int rest = (int) Math.min(MANY, most - 1 - inner.size());
            boolean mayBeCut = goingOn.size() > 0 || mayCut && incomplete;
            long at = s.start[i];
            for (int k = 0; k < inner.size(); k++) {
                seen.add(at, inner.get(k), s.nrAccesses[i], s.age[i], mayCut, rest, mayBeCut);
                at = inner.get(k);
            }
            seen.add(at, s.end[i], s.nrAccesses[i], s.age[i], cuts[i], rest, mayBeCut);
        }
    }

    /** Finds the places within a region; returns how many. */
    private int within(Snapshot s, int i, TurnEvents turn, int n) {
        inner.clear();
        goingOn.clear();
        turn.region(s.start[i], s.end[i]);
        turn.inner(s.end[i], inner);
        int k = Arrays.binarySearch(ends, 0, n, s.start[i]);
        for (k = k < 0 ? -k - 1 : k; k < n && Long.compareUnsigned(ends[k], s.end[i]) < 0; k++) {
            if (ends[k] != s.start[i] && !inner.has(ends[k])) {
                goingOn.add(ends[k]);
            }
        }
        return inner.size() + goingOn.size();
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

    private void readUntil(Snapshot s) throws IOException {
        long apartNs = s.sampleUs * APART_PERMIL;
        while (events != null && nextRow()) {
            long timeNs = batch.get(Table.SCHEMES.indexOf("time_ns"), row);
            if (timeNs > s.endNs) {
                break;
            }
            State state = states.computeIfAbsent(
                    new Stream((int) batch.get(Table.SCHEMES.indexOf("kdamond"), row), (int)
                            batch.get(Table.SCHEMES.indexOf("context"), row)),
                    k -> new State());
            if (!state.inTurn) {
                state.inTurn = true;
                state.schemes.values().forEach(a -> a.endBefore = a.end);
                state.turn.clear();
            } else if (timeNs - state.eventNs >= apartNs) {
                state.turn.clear(); // what came before was a turn between snapshots
            }
            state.eventNs = timeNs;
            state.turn.add(
                    batch.get(Table.SCHEMES.indexOf("target"), row),
                    batch.get(Table.SCHEMES.indexOf("start"), row),
                    batch.get(Table.SCHEMES.indexOf("end"), row),
                    (int) batch.get(Table.SCHEMES.indexOf("nr_regions"), row));
            int scheme = (int) batch.get(Table.SCHEMES.indexOf("scheme"), row);
            if (state.schemes.size() <= MAX_SCHEMES) {
                state.schemes.computeIfAbsent(scheme, k -> new Applied()).end =
                        batch.get(Table.SCHEMES.indexOf("end"), row);
            }
            row++;
        }
        State state = states.get(new Stream(s.kdamond, s.context));
        if (state != null && s.endNs - state.eventNs >= apartNs) {
            state.turn.clear(); // no event is of this snapshot's turn
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
