package org.damson.analyzer.memory;

import org.damson.analyzer.scan.Bounded;

/** Sums and means over the turns of a simulation. */
final class OutcomeTotals {
    private static final long PAGE = 4096;

    private final OutcomeOptions options;
    private final MappedMemory mapped;
    private final TargetMemories memories;
    private final Actions actions;
    private final OutcomeSeries series = new OutcomeSeries();
    private final double[] outTime = new double[3];
    private final double[] refaulted = new double[3];
    private double residentTime;
    private double hugeTime;
    private double lockedTime;
    private double heat;
    private double fastHeat;
    private double hugeHeat;
    private double workingSetSum;
    private long workingSetSamples;
    /** The most that was out when the last turn ended. */
    private double outMost;

    double pagedOut;
    double reclaimNs;

    OutcomeTotals(OutcomeOptions options, MappedMemory mapped, TargetMemories memories, Actions actions) {
        this.options = options;
        this.mapped = mapped;
        this.memories = memories;
        this.actions = actions;
    }

    /**
     * Adds a turn.
     *
     * @param now levels at its end
     * @param step what its accesses did
     */
    void add(long fromNs, long toNs, Levels now, Pieces.Touch step) {
        double ns = toNs - fromNs;
        outTime[0] += now.out.least() * ns;
        outTime[1] += now.out.likely() * ns;
        outTime[2] += now.out.most() * ns;
        residentTime += now.resident * ns;
        hugeTime += now.huge * ns;
        lockedTime += now.locked * ns;
        heat += step.heat;
        fastHeat += step.fastHeat;
        hugeHeat += step.hugeHeat;
        // The courses meet and part again: in each turn all of them bound what comes back. No more does than was out,
        // and no more was out than was resident.
        Bounded back = Bounded.of(step.refaultLeast, step.refaultLikely, Math.min(step.refaultMost, outMost));
        outMost = now.out.most();
        refaulted[0] += back.least();
        refaulted[1] += back.likely();
        refaulted[2] += back.most();
        series.add(new Outcome.Point(
                fromNs,
                toNs,
                now.resident,
                now.out,
                back,
                stallNs(back.likely()),
                now.huge,
                now.locked,
                step.heat > 0 ? step.fastHeat / step.heat : 1));
    }

    void addWorkingSet(double bytes) {
        workingSetSum += bytes;
        workingSetSamples++;
    }

    private double stallNs(double bytes) {
        return bytes / PAGE * options.cost().inNs();
    }

    /**
     * The outcome.
     *
     * @param ns time simulated
     * @param turnsNs of it, from when the first turn began: nothing is known of memory before that
     * @param known bytes seen touched, at the end
     * @param partial whether regions are mappings touched in part
     * @param without what accesses did without schemes
     * @param writeBack what of that which went out was written
     */
    Outcome outcome(
            double ns, double turnsNs, double known, boolean partial, Pieces.Touch without, WriteBack writeBack) {
        Bounded saved = new Bounded(outTime[0] / ns, outTime[1] / ns, outTime[2] / ns);
        double workingSet = workingSetSamples == 0 ? 0 : workingSetSum / workingSetSamples;
        double perMinute = workingSet <= 0 ? 0 : 100 / workingSet / (ns / 60e9);
        Bounded course = Bounded.of(refaulted[0], refaulted[1], Math.min(refaulted[2], actions.pagedOutMost));
        // Regions are wide when a part of them wakes, and the least course is that nothing else did: told as undecided.
        Bounded back = mapped.isKnown() && !partial ? course.raisedToHalfOfMax() : course;
        Bounded stall = back.times(stallNs(1));
        return new Outcome(
                options,
                ns / 1e9,
                mapped.residentBytes() >= 0 ? residentTime / turnsNs : -1,
                known,
                workingSet,
                saved,
                saved.times(1 - options.cost().keptShare()),
                back,
                course.undecided(),
                pagedOut,
                writeBack.bytes(refaulted[2], actions.pagedOutMost),
                back.times(perMinute),
                stall,
                stall.times(1 / ns),
                reclaimNs,
                new Outcome.HugePages(
                        hugeTime / ns,
                        heat > 0 ? hugeHeat / heat : 0,
                        bloat(Pieces.KNOWN_LIKELY),
                        bloat(Pieces.KNOWN_MIN)),
                lockedTime / ns,
                options.limitBytes() > 0
                        ? new Outcome.LimitRefaults(refaulted[1], without.refaultLikely)
                        : new Outcome.LimitRefaults(0, 0),
                new Outcome.Tiers(
                        heat > 0 ? fastHeat / heat : 1,
                        without.heat > 0 ? without.fastHeat / without.heat : 1,
                        actions.promoted,
                        actions.demoted),
                actions.sorted,
                mapped.isKnown(),
                series.points());
    }

    /** Bytes that huge pages add where not all exists, by a column of what does. */
    private double bloat(int known) {
        double bytes = 0;
        for (TargetMemories.Memory m : memories.all()) {
            Pieces p = m.with;
            for (int i = 0; i < p.n; i++) {
                if ((p.flags[i] & Pieces.HUGE) != 0) {
                    bytes += p.size(i) * (1 - p.share(known, i));
                }
            }
        }
        return bytes;
    }
}
