package org.damson.analyzer.openloop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.damson.analyzer.damos.AgedTarget;
import org.damson.analyzer.damos.Damos;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.damos.QuotaFloor;
import org.damson.analyzer.damos.Regions;
import org.damson.analyzer.damos.SchemeStats;
import org.damson.analyzer.damos.Surroundings;
import org.damson.analyzer.damos.TriedListener;
import org.damson.analyzer.memory.MappedMemory;
import org.damson.analyzer.memory.MemoryModel;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.memory.Pieces;
import org.damson.analyzer.scan.TouchedBytes;
import org.damson.damon.scheme.Range;
import org.damson.damon.scheme.Scheme;
import org.damson.model.InvalidInputException;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * Schemes over recorded snapshots. Region bounds and access counts are those of the recording, which no scheme changes;
 * ages, and what schemes split, are simulated.
 *
 * <p>A scheme other than {@code stat} sets the age of what it tries to 0. From then on a region's simulated age is
 * counted from there, unless the recording shows a younger one. Where a region is made of parts that were reset and parts
 * that were not, the kernel's age is their size-weighted average; which of them DAMON's own resets and roundings fell on
 * is not recorded, and gives the bounds. One kdamond context is one machine; memory is
 * that of one round of snapshots.
 */
public final class OpenLoop {
    /** Alternatives that share a pass: each keeps pieces of memory. */
    private static final int MAX_TOGETHER = 64;

    private record Stream(int kdamond, int context) {}

    /** One kdamond context. */
    private static final class Machine {
        final List<AgedTarget> targets = new ArrayList<>();
        int inRound;
        int mostTargets;
        Damos damos;
        final int kdamond;
        final int context;
        /** Per scheme; null where none is known. */
        QuotaFloor[] floors;

        long passed;
        long lastNs;

        Machine(Stream s) {
            kdamond = s.kdamond();
            context = s.context();
        }
    }

    private final List<Scheme> schemes;
    private final OpenLoopOptions options;
    private final Surroundings surroundings;
    private final MemoryModel model;
    private final Map<Stream, Machine> machines = new LinkedHashMap<>();
    private final long[] szMin;
    private final long[] szMax;
    /** In this turn, and in those in which no quota was in force. */
    private final long[] turnMax;

    private final double[] unlimited;
    private final long[] nrMin;
    private final long[] nrMax;
    private final boolean acting;
    private final boolean needsAge;
    private final SeenWhole whole = new SeenWhole();
    /** Per scheme. */
    private final OwnCuts[] ownCuts;
    /** Whether memory that a recorded scheme cut off may have been visited twice in a turn. */
    private final boolean revisits;

    private Regions[] turnRegions = new Regions[4];
    private long[] turnIds = new long[4];
    private long fromNs = Long.MAX_VALUE;
    private long toNs = Long.MIN_VALUE;
    private long turns;
    private long updates;
    private long lost;
    private boolean intervalsChanged;
    private boolean undecidableTurn;
    /** Regions are mappings, of which a part may have been touched; what DAMON would make regions of them is not known. */
    private boolean partial;

    private OpenLoop(List<Scheme> schemes, OpenLoopOptions options, Surroundings surroundings) {
        this.schemes = List.copyOf(schemes);
        this.options = options;
        this.surroundings = surroundings;
        model = surroundings instanceof MemoryModel m ? m : null;
        szMin = new long[schemes.size()];
        szMax = new long[schemes.size()];
        turnMax = new long[schemes.size()];
        unlimited = new double[schemes.size()];
        nrMin = new long[schemes.size()];
        nrMax = new long[schemes.size()];
        revisits = options.revisits();
        ownCuts = new OwnCuts[schemes.size()];
        for (int k = 0; k < ownCuts.length; k++) {
            ownCuts[k] = new OwnCuts(this.schemes, k, options);
        }
        acting = schemes.stream().anyMatch(s -> !s.action().keepsAge());
        needsAge = schemes.stream().anyMatch(s -> !s.age().isAll() || s.quota().weightAge() > 0);
    }

    /**
     * Runs schemes over the part of a trace that the query chooses.
     *
     * @throws InvalidInputException if the trace cannot answer: no ages where a scheme asks for them, no intervals
     */
    public static OpenLoopResult run(TraceSource trace, TraceQuery query, List<Scheme> schemes, OpenLoopOptions options)
            throws IOException {
        return run(trace, query, schemes, options, Surroundings.NONE);
    }

    /**
     * The same, with what becomes of memory and time.
     *
     * @param listener is told every region tried; null: nobody
     */
    public static OpenLoopResult run(
            TraceSource trace,
            TraceQuery query,
            List<Scheme> schemes,
            OpenLoopOptions options,
            OutcomeOptions outcome,
            TriedListener listener)
            throws IOException {
        return runTogether(trace, query, List.of(schemes), options, outcome, listener)
                .get(0);
    }

    public static OpenLoopResult run(
            TraceSource trace,
            TraceQuery query,
            List<Scheme> schemes,
            OpenLoopOptions options,
            Surroundings surroundings)
            throws IOException {
        return pass(trace, query, List.of(new OpenLoop(schemes, options, surroundings)))
                .get(0);
    }

    /**
     * Several alternatives, each as if it were alone, in few passes over the trace and on all processors.
     *
     * @param alternatives lists of schemes
     * @return one result for each, in order
     */
    public static List<OpenLoopResult> runAll(
            TraceSource trace,
            TraceQuery query,
            List<List<Scheme>> alternatives,
            OpenLoopOptions options,
            OutcomeOptions outcome)
            throws IOException {
        int threads = Math.max(1, Math.min(Runtime.getRuntime().availableProcessors(), alternatives.size()));
        int size = Math.min(MAX_TOGETHER, (alternatives.size() + threads - 1) / threads);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<List<OpenLoopResult>>> parts = new ArrayList<>();
            for (int i = 0; i < alternatives.size(); i += size) {
                List<List<Scheme>> part = alternatives.subList(i, Math.min(alternatives.size(), i + size));
                parts.add(pool.submit(() -> runTogether(trace, query, part, options, outcome, null)));
            }
            List<OpenLoopResult> all = new ArrayList<>();
            for (Future<List<OpenLoopResult>> part : parts) {
                all.addAll(part.get());
            }
            return all;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            if (e.getCause() instanceof RuntimeException r) {
                throw r;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }

    private static List<OpenLoopResult> runTogether(
            TraceSource trace,
            TraceQuery query,
            List<List<Scheme>> alternatives,
            OpenLoopOptions options,
            OutcomeOptions outcome,
            TriedListener listener)
            throws IOException {
        try (MappedMemory mapped = new MappedMemory(trace, options.physical())) {
            List<OpenLoop> loops = new ArrayList<>();
            for (List<Scheme> schemes : alternatives) {
                loops.add(new OpenLoop(
                        schemes, options, new MemoryModel(mapped, options, outcome, schemes.size(), listener)));
            }
            return pass(trace, query, loops);
        }
    }

    private static List<OpenLoopResult> pass(TraceSource trace, TraceQuery query, List<OpenLoop> loops)
            throws IOException {
        Snapshot s = new Snapshot();
        RecordedCuts.Knowledge knowledge;
        long cutPlaces;
        try (RecordedCuts recorded = new RecordedCuts(trace);
                TraceSource.SnapshotCursor cursor =
                        trace.snapshots(query.columns(Snapshot.HAS_AGE | Snapshot.HAS_REFERENCED))) {
            while (cursor.next(s)) {
                boolean[] cuts = recorded.of(s);
                for (OpenLoop loop : loops) {
                    loop.add(s, cuts, trace.name());
                }
            }
            knowledge = recorded.knowledge();
            cutPlaces = recorded.found();
        }
        List<OpenLoopResult> results = new ArrayList<>();
        for (OpenLoop loop : loops) {
            for (Machine m : loop.machines.values()) {
                loop.turn(m);
            }
            results.add(loop.result(knowledge, cutPlaces));
        }
        return results;
    }

    private void add(Snapshot s, boolean[] cuts, String name) throws IOException {
        if (s.scheme != Snapshot.NO_SCHEME) {
            return;
        }
        if (s.sampleUs <= 0 || s.aggrUs < s.sampleUs) {
            throw new InvalidInputException(
                    name + ": snapshot " + s.id + " has no intervals: schemes cannot be simulated over it");
        }
        if (needsAge && !s.has(Snapshot.HAS_AGE) && s.regions > 0) {
            throw new InvalidInputException(name
                    + ": the trace has no ages (its kernel did not report them): schemes that ask for an age cannot"
                    + " be simulated over it; leave the age out");
        }
        Machine m = machines.computeIfAbsent(new Stream(s.kdamond, s.context), Machine::new);
        for (int t = 0; t < m.inRound; t++) {
            if (m.targets.get(t).id == s.target) {
                turn(m);
                break;
            }
        }
        AgedTarget target = null;
        for (int t = m.inRound; t < m.targets.size(); t++) {
            if (m.targets.get(t).id == s.target) {
                target = m.targets.remove(t);
                break;
            }
        }
        if (target == null) {
            target = new AgedTarget(s.target);
        }
        m.targets.add(m.inRound++, target);
        target.take(s, cuts);
        partial |= TouchedBytes.isPartial(s);
        fromNs = Math.min(fromNs, s.startNs);
        toNs = Math.max(toNs, s.endNs);
        lost += Math.max(0, s.lost);
    }

    /** All targets of the round are there: the schemes have their turn. */
    private void turn(Machine m) throws IOException {
        if (m.inRound == 0) {
            return;
        }
        Snapshot first = m.targets.get(0).seen;
        if (m.damos == null) {
            m.damos = new Damos(
                    options.version(),
                    options.physical() ? Damos.Ops.PADDR : Damos.Ops.VADDR,
                    first.sampleUs,
                    first.aggrUs,
                    options.minRegionBytes(),
                    schemes,
                    surroundings);
            m.floors = floors();
        } else if (m.damos.sampleUs != first.sampleUs || m.damos.aggrUs != first.aggrUs) {
            intervalsChanged = true;
            m.damos.sampleUs = first.sampleUs;
            m.damos.aggrUs = first.aggrUs;
            for (Damos.Live s : m.damos.schemes) {
                s.nextApply = m.passed + m.damos.applyTicks(s.scheme);
            }
        }
        m.mostTargets = Math.max(m.mostTargets, m.inRound);
        m.passed += first.aggrUs / first.sampleUs;
        m.lastNs = first.endNs;
        if (turnRegions.length < m.inRound) {
            turnRegions = Arrays.copyOf(turnRegions, m.inRound * 2);
            turnIds = Arrays.copyOf(turnIds, m.inRound * 2);
        }
        surroundings.turnBegins(m.kdamond, m.context, first.startNs, first.endNs);
        for (int t = 0; t < m.inRound; t++) {
            AgedTarget target = m.targets.get(t);
            target.load();
            surroundings.accesses(target.seen);
            turnRegions[t] = target.now;
            turnIds[t] = target.id;
            updates += target.now.n;
        }
        m.damos.watch();
        for (Damos.Live s : m.damos.schemes) {
            undecidableTurn |= m.damos.applyTicks(s.scheme) % (first.aggrUs / first.sampleUs) != 0;
        }
        for (int t = 0; t < m.inRound; t++) {
            bound(m, m.targets.get(t));
        }
        for (int k = 0; k < schemes.size(); k++) {
            if (m.floors[k] != null && m.passed >= m.damos.schemes.get(k).nextApply) {
                m.floors[k].turn(m.lastNs, m.damos.sampleUs);
            }
        }
        m.damos.turn(m.passed, m.lastNs / 1_000_000, turnRegions, turnIds, m.inRound);
        for (int k = 0; k < schemes.size(); k++) {
            Damos.Live live = m.damos.schemes.get(k);
            if (!live.isLimited() || live.mayBeUnlimited(m.lastNs / 1_000_000)) {
                unlimited[k] += turnMax[k];
            }
            turnMax[k] = 0;
        }
        surroundings.turnEnds();
        for (int t = 0; t < m.inRound; t++) {
            m.targets.get(t).keep(acting);
        }
        turns++;
        m.inRound = 0;
    }

    private QuotaFloor[] floors() {
        QuotaFloor[] floors = new QuotaFloor[schemes.size()];
        for (int k = 0; k < floors.length; k++) {
            Scheme s = schemes.get(k);
            // Who acts resets ages, here or there.
            if (QuotaFloor.isKnown(s, options.minRegionBytes())
                    && (!acting || s.age().isAll())) {
                int cuts = 0;
                for (Scheme other : schemes) {
                    cuts += 2 * other.filters().size()
                            + (other == s || other.quota().isNone() ? 0 : 2);
                }
                floors[k] = new QuotaFloor(s.quota(), options.minRegionBytes(), cuts);
            }
        }
        return floors;
    }

    /**
     * The laziest and the most eager course: each with its own ages, in which schemes try what they match. The kernel's
     * lies between; where nothing was rounded or reset unseen, all three are the same.
     */
    private void bound(Machine m, AgedTarget t) {
        Regions r = t.now;
        if (acting) {
            t.bound();
        }
        for (int k = 0; k < schemes.size(); k++) {
            Damos.Live s = m.damos.schemes.get(k);
            if (s.awake && m.passed >= s.nextApply) {
                bound(k, s, t, r, acting ? t.low : r.age, acting ? t.high : r.age, m.floors[k]);
            }
        }
    }

    /** One scheme's turn in both courses; resets their ages if it acts. */
    private void bound(int k, Damos.Live s, AgedTarget t, Regions r, int[] lows, int[] highs, QuotaFloor floor) {
        boolean free = s.scheme.quota().isNone() && s.scheme.filters().isEmpty();
        boolean acts = !s.scheme.action().keepsAge();
        // Below an upper bound of the age no course is the last or the first to match.
        boolean open = s.maxAge >= Range.KERNEL_MAX;
        if (partial) {
            boundMappings(k, s, t.id, r);
            return;
        }
        OwnCuts own = ownCuts[k];
        long minSize = own.changeSizes() ? 0 : s.minSize;
        long maxSize = own.changeSizes() ? Range.MAX : s.maxSize;
        long least = 0;
        long most = 0;
        int nrLeast = 0;
        int nrMost = 0;
        for (int i = 0, next; i < r.n; i = next) {
            next = t.endOfRun(i);
            int nr = r.nr[i];
            if (nr < s.minNr || nr > s.maxNr) {
                continue;
            }
            whole.of(r, i, next, minSize, maxSize, revisits);
            if (!whole.maybe()) {
                continue;
            }
            long lowest = lows[i] & 0xffff_ffffL;
            long highest = highs[i] & 0xffff_ffffL;
            for (int j = i + 1; j < next; j++) {
                lowest = Math.min(lowest, lows[j] & 0xffff_ffffL);
                highest = Math.max(highest, highs[j] & 0xffff_ffffL);
            }
            boolean lazy = lowest >= s.minAge && lowest <= s.maxAge;
            boolean eager = highest >= s.minAge && highest <= s.maxAge;
            boolean must = free && lazy && (open || eager) && whole.surely() && !own.changeSizes();
            boolean may = eager || !open && lazy;
            if (must) {
                least += whole.minBytes;
                nrLeast += whole.minRegions;
            }
            if (may) {
                most += whole.maxBytes;
                nrMost += whole.maxRegions;
            }
            if (lazy && floor != null && whole.surely()) {
                floor.matches(whole.minBytes);
            }
            boolean isOne = next == i + 1;
            for (int j = i; j < next; j++) {
                if (must || may) {
                    surroundings.possible(s.scheme, k, t.id, r.start[j], r.end[j], must && isOne && own.leaveAll());
                }
                if (acts && (must || !free || may && (!isOne || !own.leaveAll()))) {
                    lows[j] = 0;
                }
                if (acts && may && free && (isOne || must) && own.leaveAll()) {
                    highs[j] = 0;
                }
            }
        }
        if (own.any() && most > 0) {
            long largest = largest(r);
            least = Math.max(0, least - own.missedBytes(largest));
            nrLeast = least > 0 ? 1 : 0;
            most += own.seenTwiceBytes(largest);
            nrMost = (int) Math.min(Integer.MAX_VALUE, Math.max(nrMost, most / options.minRegionBytes()));
        }
        szMin[k] += least;
        szMax[k] += most;
        turnMax[k] += most;
        nrMin[k] += nrLeast;
        nrMax[k] += nrMost;
    }

    private static long largest(Regions r) {
        long largest = 0;
        for (int i = 0; i < r.n; i++) {
            largest = Math.max(largest, r.size(i));
        }
        return largest;
    }

    /**
     * Regions of DAMON would be parts of mappings, or span several: none must match, and of each mapping any part may, as
     * the accesses and the age of parts are not known.
     */
    private void boundMappings(int k, Damos.Live s, long target, Regions r) {
        for (int i = 0; i < r.n; i++) {
            szMax[k] += r.size(i);
            turnMax[k] += r.size(i);
            nrMax[k] += Math.max(1, r.size(i) / options.minRegionBytes());
            surroundings.possible(s.scheme, k, target, r.start[i], r.end[i], false);
        }
    }

    private OpenLoopResult.PerScheme perScheme(int k, SchemeStats sum) {
        long most = szMax[k];
        double budget = unlimited[k];
        double floor = 0;
        for (Machine m : machines.values()) {
            // Where the last window ended is kept as a place in the list of targets: with several, any may be skipped.
            floor += m.floors[k] == null || m.mostTargets > 1 ? 0 : m.floors[k].bytes();
            budget += m.damos.schemes.get(k).ceiling.bytes();
        }
        if (!schemes.get(k).quota().isNone()) {
            most = (long) Math.min(most, budget);
        }
        boolean acts = !schemes.get(k).action().keepsAge();
        long appliedMost =
                !acts ? 0 : Math.max(model == null ? most : Math.min(most, model.appliedMost(k)), sum.szApplied);
        return new OpenLoopResult.PerScheme(
                schemes.get(k),
                sum,
                Math.min(Math.max(szMin[k], (long) floor), sum.szTried),
                Math.max(most, sum.szTried),
                Math.min(nrMin[k], sum.nrTried),
                Math.max(nrMax[k], sum.nrTried),
                model == null ? 0 : Math.min(model.appliedLeast(k), sum.szApplied),
                appliedMost,
                ownCuts[k].byOthers());
    }

    private OpenLoopResult result(RecordedCuts.Knowledge knowledge, long cutPlaces) {
        if (turns == 0) {
            throw new InvalidInputException("no snapshot of a target in the part of the trace that was chosen");
        }
        if (options.asRecorded()
                && knowledge == RecordedCuts.Knowledge.NONE_CUTS
                && schemes.stream().anyMatch(OwnCuts::cuts)) {
            throw new InvalidInputException("no scheme with a quota or an address filter ran while this was recorded:"
                    + " these schemes are others");
        }
        List<OpenLoopResult.PerScheme> per = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        for (int k = 0; k < schemes.size(); k++) {
            SchemeStats sum = new SchemeStats();
            for (Machine m : machines.values()) {
                SchemeStats s = m.damos.schemes.get(k).stats;
                sum.nrTried += s.nrTried;
                sum.szTried += s.szTried;
                sum.nrApplied += s.nrApplied;
                sum.szApplied += s.szApplied;
                sum.szOpsFilterPassed += s.szOpsFilterPassed;
                sum.qtExceeds += s.qtExceeds;
                sum.nrSnapshots += s.nrSnapshots;
            }
            per.add(perScheme(k, sum));
        }
        if (partial) {
            notes.add(
                    "regions of this trace are mappings, and which part of one was touched is not recorded: counts are of"
                            + " mappings as a whole, memory is that of the bytes that were touched, the working set the least; nothing here is"
                            + " exact");
        }
        notes.addAll(NotSimulated.of(schemes, options.version()));
        if (lost > 0) {
            notes.add(lost + " regions are missing from the recording; they could not be tried");
        }
        if (cutPlaces > 0) {
            notes.add("a scheme that ran while this was recorded may have cut regions at " + cutPlaces
                    + " places; a scheme that comes before it saw them whole: the bounds hold either");
        }
        if (knowledge == RecordedCuts.Knowledge.NOTHING) {
            notes.add("the trace does not tell whether schemes with quotas or address filters ran while it was recorded"
                    + " and cut regions: nothing is called exact");
        }
        if (Arrays.stream(ownCuts).anyMatch(OwnCuts::byOthers)) {
            notes.add(
                    "schemes with quotas or address filters in this set cut regions, and the others see pieces: less of"
                            + " them, or some twice, of other sizes and number than recorded; bounds hold it, if pieces are accessed"
                            + " like the region they were cut from, and nothing that others may cut is called exact (if just these schemes"
                            + " ran while it was recorded, say --as-recorded)");
        }
        if (intervalsChanged) {
            notes.add("the intervals change within the recording; bounds in time were converted with the first ones, as"
                    + " whoever installs a scheme does");
        }
        if (undecidableTurn) {
            notes.add(
                    "an apply interval is not a multiple of the aggregation interval: its turns fall between snapshots,"
                            + " and what they see is not decidable from this trace; turns at snapshots were simulated");
        }
        if (model != null && model.isAveraged()) {
            notes.add("the memory fell into more than " + Pieces.MAX
                    + " different pieces; neighbours were averaged, and bounds of bytes out are those of averages");
        }
        return new OpenLoopResult(
                options.version(),
                fromNs,
                toNs,
                turns,
                updates,
                lost,
                List.copyOf(per),
                List.copyOf(notes),
                knowledge != RecordedCuts.Knowledge.NOTHING,
                model == null ? null : model.outcome());
    }
}
