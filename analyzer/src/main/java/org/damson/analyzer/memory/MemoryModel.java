package org.damson.analyzer.memory;

import java.io.IOException;
import org.damson.analyzer.damos.DamosHost;
import org.damson.analyzer.damos.KernelVersion;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.damos.TriedListener;
import org.damson.analyzer.scan.TouchedBytes;
import org.damson.damon.scheme.Action;
import org.damson.damon.scheme.Scheme;
import org.damson.model.InvalidInputException;
import org.damson.model.Mapping;
import org.damson.model.Snapshot;

/**
 * Memory and swap under schemes: what is out, what comes back when it is touched, and what that costs.
 *
 * <p>Of a region seen in k of n samples {@code 1 - (1 - k/n)^n} of the bytes were likely touched (others in every
 * sample), at most all; at least {@code 1 - (1 - k/n)^(n/3)} (the same in three samples running), and k/n as it wakes
 * (the same in every sample): regions are wide where memory was idle.
 */
public final class MemoryModel implements DamosHost {
    private static final long PAGE = 4096;
    /** The kernel's walk over one page that it leaves alone. */
    private static final long WALK_NS = 20;

    private static final long EPOCH_NS = 1_000_000_000;

    private final OutcomeOptions options;
    private final TriedListener listener;
    private OutListener outListener;
    private final boolean physical;
    private final KernelVersion version;
    private final MappedMemory mapped;
    private final TargetMemories memories = new TargetMemories();
    private final Levels levels = new Levels();
    /** Effects of this turn's accesses with schemes, and the effects so far without. */
    private final Pieces.Touch step = new Pieces.Touch();

    private final Pieces.Touch without = new Pieces.Touch();
    private final Actions actions = new Actions(step);
    private final WriteBack writeBack = new WriteBack();
    private final OutcomeTotals totals;
    private final long[] appliedLeast;
    private final long[] appliedMost;
    /** Regions are mappings touched in part. */
    private boolean partial;

    private double residentMost;
    /** Of mappings, in this turn, at least. */
    private double touchedNow;

    /** When the first turn began, and when any did: they come by their ends. */
    private long firstNs = Long.MIN_VALUE;

    private long earliestNs = Long.MAX_VALUE;
    private long lastNs;
    private long turnFromNs;
    private long ownFromNs;
    private long ownToNs;
    private int epoch = -1;
    private long costNs;

    /**
     * @param mapped what was mapped; may be shared by models that go through the same pass
     * @param listener receives every region tried; null: none
     */
    public MemoryModel(
            MappedMemory mapped, OpenLoopOptions loop, OutcomeOptions options, int schemes, TriedListener listener) {
        this.mapped = mapped;
        this.listener = listener;
        this.options = options;
        totals = new OutcomeTotals(options, mapped, memories, actions);
        physical = loop.physical();
        version = loop.version();
        appliedLeast = new long[schemes];
        appliedMost = new long[schemes];
        step.fastFree = options.fastBytes() > 0 ? options.fastBytes() : Double.POSITIVE_INFINITY;
        without.fastFree = step.fastFree;
    }

    /** Sets a listener for the memory that is paged out after each pass. */
    public MemoryModel telling(OutListener to) {
        outListener = to;
        return this;
    }

    private boolean isCompared() {
        return options.limitBytes() > 0 || options.fastBytes() > 0;
    }

    @Override
    public void turnBegins(int kdamond, int context, long fromNs, long toNs) throws IOException {
        memories.turnBegins(kdamond, context);
        if (firstNs == Long.MIN_VALUE) {
            firstNs = fromNs;
            lastNs = fromNs;
        }
        earliestNs = Math.min(earliestNs, fromNs);
        turnFromNs = lastNs;
        ownFromNs = fromNs;
        ownToNs = toNs;
        lastNs = Math.max(lastNs, toNs);
        mapped.advance(toNs);
        step.clear(step.fastFree);
        touchedNow = 0;
        actions.turnBegins(unknownDensity(), epoch + 1);
    }

    /** Share of the mapped memory that was not seen touched that is resident. */
    private double unknownDensity() {
        if (!mapped.isKnown() || mapped.residentBytes() <= 0) {
            return 0;
        }
        double known = memories.knownBytes();
        double rest = mapped.mappedBytes() - known;
        return rest <= 0 ? 0 : Math.max(0, Math.min(1, (mapped.residentBytes() - known) / rest));
    }

    @Override
    public void tried(int schemeIndex, long target, long start, long end, int nr, int age) {
        if (listener != null) {
            listener.tried(schemeIndex, target, start, end, nr, age);
        }
    }

    @Override
    public void accesses(Snapshot s) {
        accesses(s, null);
    }

    /** What was touched; with {@code shares} it is known exactly. */
    public void accesses(Snapshot s, double[] shares) {
        TargetMemories.Memory m = memories.seen(s.target);
        partial |= TouchedBytes.isPartial(s);
        writeBack.seen(s);
        for (int i = 0; partial && i < s.regions; i++) {
            touchedNow += TouchedBytes.least(s, i);
        }
        if (partial && options.fastBytes() > 0) {
            throw new InvalidInputException(
                    "referenced bits do not show which part of a mapping is hot: memory tiers cannot be simulated over "
                            + "this trace; record with kernel DAMON");
        }
        int now = epochNow();
        m.with.touch(s, shares, now, step);
        if (isCompared()) {
            if (m.without == null) {
                m.without = new Pieces();
            }
            m.without.touch(s, shares, now, without);
        }
    }

    private int epochNow() {
        return (int) ((lastNs - firstNs) / EPOCH_NS);
    }

    @Override
    public void possible(Scheme scheme, int k, long target, long start, long end, boolean must) {
        if (scheme.action() == Action.STAT || !version.does(scheme.action(), physical)) {
            return;
        }
        Pieces p = memories.of(target).with;
        boolean[] isRefused = {false};
        boolean whole = mapped.parts(start, end, (from, to, mapping) -> {
            if (isRefused(scheme.action(), mapping)) {
                isRefused[0] = true;
            } else if (scheme.action() == Action.PAGEOUT) {
                writeBack.surelyOut(mapping, actions.mayPageOut(p, from, to, must));
            }
        });
        appliedMost[k] += end - start;
        // By madvise it is all or nothing; by pages nobody knows without looking at them.
        boolean isAll = mapped.isKnown() && whole && !isRefused[0];
        if (must && !physical && isAll && Actions.isByMadvise(scheme.action())) {
            appliedLeast[k] += end - start;
        }
    }

    @Override
    public long apply(Scheme scheme, int k, long target, long start, long end, int nr, int age) {
        costNs = (end - start) / PAGE * WALK_NS;
        Action action = scheme.action();
        if (action == Action.STAT || !version.does(action, physical)) {
            return 0;
        }
        Pieces p = memories.of(target).with;
        double[] done = new double[2];
        boolean[] isRefused = {false};
        boolean whole = mapped.parts(start, end, (from, to, mapping) -> {
            if (isRefused(action, mapping)) {
                isRefused[0] = true;
                return;
            }
            double bytes = actions.act(action, p, from, to);
            done[0] += bytes;
            done[1] += action == Action.PAGEOUT ? writeBack.out(target, mapping, bytes) : 0;
        });
        if (action == Action.PAGEOUT) {
            long ns = (long) (done[1] / PAGE) * options.cost().outNs()
                    + (long) ((done[0] - done[1]) / PAGE) * WriteBack.DROPPED_NS;
            totals.pagedOut += done[0];
            totals.reclaimNs += ns;
            costNs += ns;
        }
        if (!physical && Actions.isByMadvise(action)) {
            return whole && !isRefused[0] && done[0] >= 0 ? end - start : 0;
        }
        return (long) done[0] / PAGE * PAGE;
    }

    /** The kernel pages out no mapping of huge pages of the pool or of a device: madvise fails there. */
    private static boolean isRefused(Action action, Mapping mapping) {
        return action == Action.PAGEOUT && mapping != null && mapping.isPinned();
    }

    @Override
    public long applyCostNs() {
        return costNs;
    }

    @Override
    public void turnEnds() {
        memories.turnEnds();
        forgetUnmapped();
        if (options.limitBytes() > 0) {
            memories.limit(true, options.limitBytes());
            memories.limit(false, options.limitBytes());
        }
        if (outListener != null) {
            outListener.turn(ownFromNs, ownToNs);
            memories.tellOut(outListener);
        }
        residentMost = Math.max(residentMost, mapped.residentBytes());
        levels.measure(memories, mapped.residentBytes());
        totals.add(turnFromNs, lastNs, levels, step);
        if (epochNow() != epoch) {
            epoch = epochNow();
            totals.addWorkingSet(workingSetBytes());
        }
    }

    /** Mappings are of one process: whose memory it was is known where there is one target. */
    private void forgetUnmapped() {
        if (memories.all().size() == 1) {
            TargetMemories.Memory m = memories.all().iterator().next();
            mapped.unmapped((start, end, mapping) -> {
                m.with.forget(start, end);
                if (m.without != null) {
                    m.without.forget(start, end);
                }
            });
        }
    }

    private double workingSetBytes() {
        double sum = 0;
        for (TargetMemories.Memory m : memories.all()) {
            Pieces p = isCompared() ? m.without : m.with;
            for (int i = 0; p != null && i < p.n; i++) {
                if (partial && p.touched[i] == epoch) {
                    continue;
                }
                if (p.touched[i] >= 0 && epoch - p.touched[i] <= Outcome.WORKING_SET_S) {
                    sum += (double) p.size(i) * p.share(Pieces.KNOWN_LIKELY, i);
                }
            }
        }
        sum += touchedNow;
        return partial && mapped.residentBytes() >= 0 ? Math.min(sum, mapped.residentBytes()) : sum;
    }

    public long appliedLeast(int k) {
        return appliedLeast[k];
    }

    public long appliedMost(int k) {
        return appliedMost[k];
    }

    /** Whether pieces became so many that neighbours were averaged. */
    public boolean isAveraged() {
        return memories.all().stream().anyMatch(m -> m.with.averaged);
    }

    public Outcome outcome() {
        double known = memories.knownBytes();
        if (partial && residentMost > 0) {
            known = Math.min(known, residentMost);
        }
        return totals.outcome(
                Math.max(1, lastNs - earliestNs), Math.max(1, lastNs - firstNs), known, partial, without, writeBack);
    }
}
