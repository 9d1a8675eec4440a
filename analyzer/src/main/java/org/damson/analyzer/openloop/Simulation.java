package org.damson.analyzer.openloop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.damos.AgedTarget;
import org.damson.analyzer.damos.DamosHost;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.damos.SchemeState;
import org.damson.analyzer.damos.SchemeStats;
import org.damson.analyzer.memory.MemoryModel;
import org.damson.analyzer.scan.TouchedBytes;
import org.damson.damon.scheme.Scheme;
import org.damson.model.InvalidInputException;
import org.damson.model.Snapshot;

/** One set of schemes over the snapshots of one pass: a round of all targets of a context is a turn of its schemes. */
final class Simulation {
    private record Stream(int kdamond, int context) {}

    private final List<Scheme> schemes;
    private final OpenLoopOptions options;
    private final DamosHost surroundings;
    private final MemoryModel model;
    private final Map<Stream, Machine> machines = new LinkedHashMap<>();
    /** Per scheme. */
    private final SchemeBounds[] bounds;

    private final Doubts doubts = new Doubts();
    private final boolean acting;
    private final boolean needsAge;
    private long fromNs = Long.MAX_VALUE;
    private long toNs = Long.MIN_VALUE;
    private long turns;
    private long updates;

    Simulation(List<Scheme> schemes, OpenLoopOptions options, DamosHost surroundings) {
        this.schemes = List.copyOf(schemes);
        this.options = options;
        this.surroundings = surroundings;
        model = surroundings instanceof MemoryModel m ? m : null;
        bounds = new SchemeBounds[schemes.size()];
        for (int k = 0; k < bounds.length; k++) {
            bounds[k] = new SchemeBounds(this.schemes, k, options, surroundings);
        }
        acting = schemes.stream().anyMatch(s -> !s.action().keepsAge());
        needsAge = schemes.stream().anyMatch(s -> !s.age().isAll() || s.quota().weightAge() > 0);
    }

    OpenLoopOptions options() {
        return options;
    }

    /**
     * Takes a snapshot.
     *
     * @param seen its regions as recorded schemes may have seen them
     * @param name the trace's, for messages
     */
    void add(SeenRegions seen, String name) throws IOException {
        Snapshot s = seen.snapshot();
        if (s.scheme != Snapshot.NO_SCHEME) {
            doubts.ofSchemes++;
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
        Machine m =
                machines.computeIfAbsent(new Stream(s.kdamond, s.context), k -> new Machine(k.kdamond(), k.context()));
        if (m.isInRound(s.target)) {
            turn(m);
        }
        AgedTarget target = m.join(s.target);
        if (s.lost > 0) {
            for (SchemeBounds b : bounds) {
                b.lost(s.lost, Math.max(0, target.mostBytes() - s.bytes()));
            }
        }
        m.mayMissTurns = seen.hasLosses();
        target.take(s, seen.cutBehind(), seen.more(), seen.mayBeCut());
        target.joins = options.version().joins() && seen.haveJoin(acting);
        updates += seen.recorded();
        doubts.partial |= TouchedBytes.isPartial(s);
        doubts.lostRegions += Math.max(0, s.lost);
        fromNs = Math.min(fromNs, s.fromNs());
        toNs = Math.max(toNs, s.endNs);
    }

    /** No snapshot is to come: rounds that have begun are complete. */
    void end() throws IOException {
        for (Machine m : machines.values()) {
            if (m.inRound > 0) {
                turn(m);
            }
        }
    }

    /** All targets of the round are there: the schemes have their turn. */
    private void turn(Machine m) throws IOException {
        boolean changed = m.begin(schemes, options, surroundings);
        doubts.intervalsChanged |= changed;
        surroundings.turnBegins(m.kdamond, m.context, m.fromNs(), m.toNs());
        m.load(surroundings);
        m.damos.watch();
        doubts.missedTurns += m.missed;
        for (int t = 0; t < m.inRound; t++) {
            bound(m, m.targets.get(t), changed);
        }
        m.turn();
        for (int k = 0; k < bounds.length; k++) {
            SchemeState s = m.damos.schemes.get(k);
            bounds[k].turnEnds(s.isLimited() && !s.mayBeUnlimited(m.nowMs()));
        }
        surroundings.turnEnds();
        for (int t = 0; t < m.inRound; t++) {
            doubts.joins += m.targets.get(t).keep(acting) ? 1 : 0;
        }
        turns++;
        m.inRound = 0;
    }

    /** The laziest and the most eager course of a target's turn. */
    private void bound(Machine m, AgedTarget t, boolean changed) {
        if (acting) {
            t.bound();
        }
        long samples = t.seen.aggrUs / t.seen.sampleUs;
        for (int k = 0; k < bounds.length; k++) {
            SchemeState s = m.damos.schemes.get(k);
            long ticks = Math.max(1, m.damos.applyTicks(s.scheme));
            // Since intervals changed, turns with an interval of their own are counted from a moment that nothing
            // tells.
            boolean elsewhere = ticks % samples != 0 || m.changed && s.scheme.applyUs() > 0;
            doubts.undecidableTurn |= elsewhere;
            if (m.missed > 0) {
                bounds[k].turnsNotRecorded(t, m.missed, true, acting ? t.low : t.now.age);
            }
            if ((elsewhere || changed) && !doubts.partial) {
                // DAMON's own tuning converts accesses and ages once schemes had their turn, before it tells them.
                bounds[k].turnsNotRecorded(t, 1 + samples / ticks, elsewhere, acting ? t.low : t.now.age);
                continue;
            }
            // How often one with a quota goes through all regions depends on its windows.
            boolean isDone = s.hasSeenAll() && s.scheme.quota().isNone();
            if (!s.awake || m.passed < s.nextApply || isDone) {
                continue;
            }
            if (doubts.partial) {
                bounds[k].turnOfMappings(t.id, t.now);
            } else {
                boolean isUnlimited = s.isSurelyUnlimited(m.nowMs());
                bounds[k].turn(
                        s,
                        t,
                        acting ? t.low : t.now.age,
                        acting ? t.high : t.now.age,
                        isUnlimited ? null : m.floors[k],
                        isUnlimited);
            }
        }
    }

    /**
     * The result.
     *
     * @throws InvalidInputException if there was no snapshot, or no scheme that {@code options} say ran
     */
    OpenLoopResult result(RecordedCuts recorded) {
        if (turns == 0) {
            throw new InvalidInputException("no snapshot of a target, or none in the part that was chosen");
        }
        if (options.asRecorded()
                && recorded.knowledge().isUncut()
                && schemes.stream().anyMatch(OwnCuts::cuts)) {
            throw new InvalidInputException(
                    "no scheme with a quota or an address filter ran during recording: these are other schemes");
        }
        List<OpenLoopResult.PerScheme> per = new ArrayList<>();
        for (int k = 0; k < bounds.length; k++) {
            per.add(result(k));
        }
        return new OpenLoopResult(
                options.version(),
                fromNs,
                toNs,
                turns,
                updates,
                doubts.lostRegions,
                List.copyOf(per),
                doubts.lines(
                        schemes,
                        options,
                        recorded,
                        Arrays.stream(bounds).anyMatch(SchemeBounds::areCutByOthers),
                        model != null && model.isAveraged()),
                recorded.knowledge() != RecordedCuts.Knowledge.NOTHING && !recorded.isJoinedUnexpectedly(),
                model == null ? null : model.outcome());
    }

    /** One scheme over all machines. */
    private OpenLoopResult.PerScheme result(int k) {
        SchemeStats sum = new SchemeStats();
        double floor = 0;
        double budget = bounds[k].unlimitedBytes();
        for (Machine m : machines.values()) {
            SchemeState s = m.damos.schemes.get(k);
            sum.add(s.stats);
            floor += m.floorBytes(k);
            budget += s.ceiling.bytes();
        }
        return bounds[k].result(sum, floor, budget, model);
    }
}
