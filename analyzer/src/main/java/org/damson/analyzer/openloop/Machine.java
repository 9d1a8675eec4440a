package org.damson.analyzer.openloop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.damson.analyzer.damos.AgedTarget;
import org.damson.analyzer.damos.Damos;
import org.damson.analyzer.damos.DamosHost;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.damos.QuotaFloor;
import org.damson.analyzer.damos.Regions;
import org.damson.analyzer.damos.SchemeState;
import org.damson.damon.scheme.Scheme;
import org.damson.model.Snapshot;

/** One kdamond context: its targets, which a round of snapshots goes through, and its DAMOS. */
final class Machine {
    final int kdamond;
    final int context;
    /** Those of this round come first, in its order. */
    final List<AgedTarget> targets = new ArrayList<>();

    int inRound;
    int mostTargets;
    /** From the first round on. */
    Damos damos;
    /** Per scheme; null where none is known. */
    QuotaFloor[] floors;

    /** Sampling intervals since the start. */
    long passed;

    long lastNs;

    /** Whether the trace tells of losses, and how many turns were lost before this one. */
    boolean mayMissTurns;

    long missed;

    /** Whether the intervals were others before. */
    boolean changed;

    Regions[] regions = new Regions[4];
    long[] ids = new long[4];

    Machine(int kdamond, int context) {
        this.kdamond = kdamond;
        this.context = context;
    }

    boolean isInRound(long target) {
        for (int t = 0; t < inRound; t++) {
            if (targets.get(t).id == target) {
                return true;
            }
        }
        return false;
    }

    /** Adds a target to the round, with its ages if it was in the last one. */
    AgedTarget join(long target) {
        AgedTarget joined = null;
        for (int t = inRound; joined == null && t < targets.size(); t++) {
            if (targets.get(t).id == target) {
                joined = targets.remove(t);
            }
        }
        if (joined == null) {
            joined = new AgedTarget(target);
        }
        targets.add(inRound++, joined);
        return joined;
    }

    /**
     * The round is complete: time goes on.
     *
     * @return whether the intervals are others than in the round before
     */
    boolean begin(List<Scheme> schemes, OpenLoopOptions options, DamosHost surroundings) {
        Snapshot first = first();
        boolean changes = false;
        if (damos == null) {
            damos = new Damos(
                    options.version(),
                    options.physical() ? Damos.Ops.PADDR : Damos.Ops.VADDR,
                    first.sampleUs,
                    first.aggrUs,
                    options.minRegionBytes(),
                    schemes,
                    surroundings);
            floors = floors(schemes, options);
        } else if (damos.sampleUs != first.sampleUs || damos.aggrUs != first.aggrUs) {
            changes = true;
            changed = true;
            damos.sampleUs = first.sampleUs;
            damos.aggrUs = first.aggrUs;
            for (SchemeState s : damos.schemes) {
                s.nextApply = passed + damos.applyTicks(s.scheme);
            }
        }
        mostTargets = Math.max(mostTargets, inRound);
        // Without a loss the kernel was late.
        missed = !mayMissTurns || passed == 0 ? 0 : (first.endNs - lastNs) / (1000 * first.aggrUs) - 1;
        missed = Math.max(0, missed);
        passed += first.aggrUs / first.sampleUs;
        lastNs = first.endNs;
        return changes;
    }

    Snapshot first() {
        return targets.get(0).seen;
    }

    /** When the round begins: its targets are told microseconds apart. */
    long fromNs() {
        return targets.subList(0, inRound).stream()
                .mapToLong(t -> t.seen.fromNs())
                .min()
                .orElseThrow();
    }

    /** When the last snapshot of the round ends. */
    long toNs() {
        return targets.subList(0, inRound).stream()
                .mapToLong(t -> t.seen.endNs)
                .max()
                .orElseThrow();
    }

    /** Loads the recorded regions of all targets of the round. */
    void load(DamosHost surroundings) {
        if (regions.length < inRound) {
            regions = Arrays.copyOf(regions, inRound * 2);
            ids = Arrays.copyOf(ids, inRound * 2);
        }
        for (int t = 0; t < inRound; t++) {
            AgedTarget target = targets.get(t);
            target.load();
            surroundings.accesses(target.seen);
            regions[t] = target.now;
            ids[t] = target.id;
        }
    }

    /** The most likely course of this turn. */
    void turn() {
        for (int k = 0; k < floors.length; k++) {
            SchemeState s = damos.schemes.get(k);
            if (floors[k] != null && passed >= s.nextApply && !s.isSurelyUnlimited(nowMs())) {
                floors[k].turn(lastNs, damos.sampleUs);
            }
        }
        damos.turn(passed, nowMs(), regions, ids, inRound);
    }

    long nowMs() {
        return lastNs / 1_000_000;
    }

    /** Bytes that a scheme's quota lets through at least. */
    double floorBytes(int k) {
        // Where the last window ended is kept as a place in the list of targets: with several, any may be skipped.
        return floors[k] == null || mostTargets > 1 ? 0 : floors[k].bytes();
    }

    private static QuotaFloor[] floors(List<Scheme> schemes, OpenLoopOptions options) {
        boolean acting = schemes.stream().anyMatch(s -> !s.action().keepsAge());
        QuotaFloor[] floors = new QuotaFloor[schemes.size()];
        for (int k = 0; k < floors.length; k++) {
            Scheme s = schemes.get(k);
            // Who acts resets ages, here or there.
            if (QuotaFloor.isKnown(s, options.minRegionBytes())
                    && (!acting || s.age().isAll())) {
                int cuts = 0;
                boolean countless = schemes.stream()
                        .anyMatch(o -> !o.quota().isNone() && o.quota().sparesFailed());
                for (Scheme other : schemes) {
                    cuts += 2 * other.filters().size()
                            + (other == s || other.quota().isNone() ? 0 : 2);
                }
                floors[k] = countless ? null : new QuotaFloor(s.quota(), options.minRegionBytes(), cuts);
            }
        }
        return floors;
    }
}
