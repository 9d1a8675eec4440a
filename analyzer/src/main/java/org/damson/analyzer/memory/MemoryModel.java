package org.damson.analyzer.memory;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.damos.Surroundings;
import org.damson.analyzer.damos.TriedListener;
import org.damson.analyzer.scan.Bounded;
import org.damson.analyzer.scan.TouchedBytes;
import org.damson.damon.scheme.Action;
import org.damson.damon.scheme.Scheme;
import org.damson.model.InvalidInputException;
import org.damson.model.Snapshot;

/**
 * Memory and swap under schemes: what is out, what comes back when it is touched, and what that costs.
 *
 * <p>Of a region seen in k of n samples {@code 1 - (1 - k/n)^n} of the bytes were likely touched (others in every
 * sample), at most all; at least {@code 1 - (1 - k/n)^(n/3)} (the same in three samples running), and k/n as it wakes
 * (the same in every sample): regions are wide where memory was idle.
 */
public final class MemoryModel implements Surroundings {
    private static final long PAGE = 4096;
    /** The kernel's walk over one page that it leaves alone. */
    private static final long WALK_NS = 20;

    private static final long EPOCH_NS = 1_000_000_000;

    private record Key(int kdamond, int context, long target) {}

    private static final class Memory {
        final Pieces with = new Pieces();
        /** The same without schemes; null where that is the recording itself. */
        Pieces without;

        long seenTurn;
    }

    private final OutcomeOptions options;
    private final TriedListener listener;
    private final boolean physical;
    private final MappedMemory mapped;
    private final Map<Key, Memory> memories = new LinkedHashMap<>();
    private final OutcomeSeries series = new OutcomeSeries();
    private final long[] appliedLeast;
    private final long[] appliedMost;
    private int kdamond;
    private int context;
    /** That of the target asked for last in this turn. */
    private Memory last;

    private long lastTarget;
    /** Regions are mappings touched in part. */
    private boolean partial;

    private double residentMost;
    /** Of mappings, in this turn, at least. */
    private double touchedNow;

    private long turn;
    private long firstNs = Long.MIN_VALUE;
    private long lastNs;
    private long turnFromNs;
    private int epoch = -1;
    private long costNs;
    private double unknownDensity;

    private double residentTime;
    private double workingSetSum;
    private long workingSetSamples;
    private double[] outTime = new double[3];
    private final double[] refaulted = new double[3];
    private double pagedOut;
    private double pagedOutMost;
    private double reclaimNs;
    private double hugeTime;
    private double lockedTime;
    private double promoted;
    private double demoted;
    private double sorted;
    private double heat;
    private double fastHeat;
    private double hugeHeat;

    /** What this turn's accesses did, with schemes; and without, what they did so far. */
    private final Pieces.Touch step = new Pieces.Touch();

    private final Pieces.Touch without = new Pieces.Touch();

    /** The most that was out when the last turn ended. */
    private double outMost;

    /**
     * @param mapped what was mapped; may be shared by models that go through the same pass
     * @param listener is told every region tried; null: nobody
     */
    public MemoryModel(
            MappedMemory mapped, OpenLoopOptions loop, OutcomeOptions options, int schemes, TriedListener listener) {
        this.mapped = mapped;
        this.listener = listener;
        this.options = options;
        physical = loop.physical();
        appliedLeast = new long[schemes];
        appliedMost = new long[schemes];
        step.fastFree = options.fastBytes() > 0 ? options.fastBytes() : Double.POSITIVE_INFINITY;
        without.fastFree = step.fastFree;
    }

    private boolean isCompared() {
        return options.limitBytes() > 0 || options.fastBytes() > 0;
    }

    @Override
    public void turnBegins(int kdamondIndex, int contextIndex, long fromNs, long toNs) throws IOException {
        kdamond = kdamondIndex;
        context = contextIndex;
        last = null;
        turn++;
        if (firstNs == Long.MIN_VALUE) {
            firstNs = fromNs;
            lastNs = fromNs;
        }
        turnFromNs = lastNs;
        lastNs = Math.max(lastNs, toNs);
        mapped.advance(toNs);
        step.clear(step.fastFree);
        unknownDensity = 0;
        touchedNow = 0;
        if (mapped.isKnown() && mapped.residentBytes() > 0) {
            double knownBytes = 0;
            for (Memory m : memories.values()) {
                knownBytes += m.with.sum(Pieces.KNOWN_LIKELY);
            }
            double rest = mapped.mappedBytes() - knownBytes;
            if (rest > 0) {
                unknownDensity = Math.max(0, Math.min(1, (mapped.residentBytes() - knownBytes) / rest));
            }
        }
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
        Memory m = memory(s.target);
        m.seenTurn = turn;
        partial |= TouchedBytes.isPartial(s);
        for (int i = 0; partial && i < s.regions; i++) {
            touchedNow += TouchedBytes.least(s, i);
        }
        if (partial && options.fastBytes() > 0) {
            throw new InvalidInputException("which part of a mapping is hot is not known from referenced bits: tiers of"
                    + " memory cannot be simulated over this trace; record with kernel DAMON");
        }
        int now = (int) ((lastNs - firstNs) / EPOCH_NS);
        m.with.touch(s, shares, now, step);
        if (isCompared()) {
            if (m.without == null) {
                m.without = new Pieces();
            }
            m.without.touch(s, shares, now, without);
        }
    }

    @Override
    public void possible(Scheme scheme, int k, long target, long start, long end, boolean must) {
        if (scheme.action() == Action.STAT) {
            return;
        }
        Pieces p = memory(target).with;
        boolean whole = mapped.parts(start, end, (from, to) -> {
            if (scheme.action() == Action.PAGEOUT) {
                mayPageOut(p, from, to, must);
            }
        });
        appliedMost[k] += end - start;
        // By madvise it is all or nothing; by pages nobody knows without looking at them.
        if (must && !physical && mapped.isKnown() && whole && isByMadvise(scheme.action())) {
            appliedLeast[k] += end - start;
        }
    }

    private void mayPageOut(Pieces p, long from, long to, boolean must) {
        for (int i = p.cut(from, to); i < p.n && Long.compareUnsigned(p.start[i], to) < 0; i++) {
            if ((p.flags[i] & Pieces.LOCKED) != 0) {
                continue;
            }
            allOut(p, i);
            if (must) {
                float known = p.share(Pieces.KNOWN_LEAST, i);
                p.set(Pieces.OUT_LEAST, i, Math.max(p.share(Pieces.OUT_LEAST, i), known));
                p.set(Pieces.OUT_LEAST_LAZY, i, Math.max(p.share(Pieces.OUT_LEAST_LAZY, i), known));
            }
        }
    }

    /** In the courses in which most goes out. */
    private void allOut(Pieces p, int i) {
        pagedOutMost += p.size(i) * (1 - (double) p.share(Pieces.OUT_MOST_EAGER, i));
        p.set(Pieces.OUT_MOST, i, 1);
        p.set(Pieces.OUT_MOST_EAGER, i, 1);
    }

    private static boolean isByMadvise(Action a) {
        return switch (a) {
            case WILLNEED, COLD, PAGEOUT, HUGEPAGE, NOHUGEPAGE, COLLAPSE, MLOCK -> true;
            default -> false;
        };
    }

    private Memory memory(long target) {
        if (last == null || lastTarget != target) {
            last = memories.computeIfAbsent(new Key(kdamond, context, target), k -> new Memory());
            lastTarget = target;
        }
        return last;
    }

    @Override
    public long apply(Scheme scheme, int k, long target, long start, long end, int nr, int age) {
        costNs = (end - start) / PAGE * WALK_NS;
        Action action = scheme.action();
        if (action == Action.STAT) {
            return 0;
        }
        Pieces p = memory(target).with;
        double[] done = new double[1];
        boolean whole = mapped.parts(start, end, (from, to) -> done[0] += act(action, p, from, to));
        if (action == Action.PAGEOUT) {
            pagedOut += done[0];
            long ns = (long) (done[0] / PAGE) * options.cost().outNs();
            reclaimNs += ns;
            costNs += ns;
        }
        if (!physical && isByMadvise(action)) {
            return whole && done[0] >= 0 ? end - start : 0;
        }
        return (long) done[0] / PAGE * PAGE;
    }

    /** Acts on mapped memory; returns the bytes changed. */
    private double act(Action action, Pieces p, long from, long to) {
        double done = 0;
        for (int i = p.cut(from, to); i < p.n && Long.compareUnsigned(p.start[i], to) < 0; i++) {
            double size = p.size(i);
            float known = p.share(Pieces.KNOWN_LIKELY, i);
            boolean locked = (p.flags[i] & Pieces.LOCKED) != 0;
            switch (action) {
                case PAGEOUT -> {
                    double share = known + (1 - known) * unknownDensity;
                    if (!locked && share > p.share(Pieces.OUT_LIKELY, i)) {
                        done += size * (share - p.share(Pieces.OUT_LIKELY, i));
                        p.set(Pieces.OUT_LIKELY, i, (float) share);
                        // It exists, or it could not be out.
                        p.set(Pieces.KNOWN_LIKELY, i, (float) share);
                        allOut(p, i);
                    }
                }
                case WILLNEED -> {
                    for (int c = Pieces.OUT_LEAST; c <= Pieces.OUT_LIKELY; c++) {
                        p.set(c, i, 0);
                    }
                    done += size;
                }
                case COLD, LRU_DEPRIO -> {
                    p.touched[i] = -1;
                    done += size * known;
                    sorted += size * known;
                }
                case LRU_PRIO -> {
                    p.touched[i] = epoch + 1;
                    done += size * known;
                    sorted += size * known;
                }
                case HUGEPAGE, COLLAPSE -> {
                    p.flags[i] |= Pieces.HUGE;
                    done += size;
                }
                case NOHUGEPAGE -> {
                    p.flags[i] &= ~Pieces.HUGE;
                    done += size;
                }
                case MLOCK -> {
                    p.flags[i] |= Pieces.LOCKED;
                    p.set(Pieces.OUT_LIKELY, i, 0);
                    done += size;
                }
                case MIGRATE_HOT -> {
                    double moves = Math.min(size * p.share(Pieces.SLOW, i) * known, Math.max(0, step.fastFree));
                    if (moves > 0) {
                        float slow = p.share(Pieces.SLOW, i);
                        p.set(Pieces.SLOW, i, slow - (float) (moves / (size * known)));
                        step.fastFree -= moves;
                        promoted += moves;
                        done += moves;
                    }
                }
                case MIGRATE_COLD -> {
                    double moves = size * (1 - p.share(Pieces.SLOW, i)) * known;
                    p.set(Pieces.SLOW, i, 1);
                    step.fastFree += moves;
                    demoted += moves;
                    done += moves;
                }
                case STAT -> {}
                default -> throw new IllegalStateException(action.word());
            }
        }
        return done;
    }

    @Override
    public long applyCostNs() {
        return costNs;
    }

    @Override
    public void turnEnds() {
        memories.entrySet()
                .removeIf(e -> e.getKey().kdamond() == kdamond
                        && e.getKey().context() == context
                        && e.getValue().seenTurn != turn);
        if (options.limitBytes() > 0) {
            enforce(true);
            enforce(false);
        }
        double ns = lastNs - turnFromNs;
        double outLeast = 0;
        double outLikely = 0;
        double outMostNow = 0;
        double huge = 0;
        double locked = 0;
        double known = 0;
        for (Memory m : memories.values()) {
            Pieces p = m.with;
            for (int i = 0; i < p.n; i++) {
                double size = p.size(i);
                known += size * p.share(Pieces.KNOWN_LIKELY, i);
                outLeast += size * p.share(Pieces.OUT_LEAST, i);
                outLikely += size * p.share(Pieces.OUT_LIKELY, i);
                outMostNow += size * p.share(Pieces.OUT_MOST, i);
                if (p.flags[i] != 0) {
                    huge += (p.flags[i] & Pieces.HUGE) != 0 ? size : 0;
                    locked += (p.flags[i] & Pieces.LOCKED) != 0 ? size : 0;
                }
            }
        }
        long rss = mapped.residentBytes();
        if (rss >= 0) {
            outLeast = Math.min(outLeast, rss);
            outLikely = Math.min(outLikely, rss);
            outMostNow = Math.min(outMostNow, rss);
            residentMost = Math.max(residentMost, rss);
        }
        Bounded now = Bounded.of(outLeast, outLikely, outMostNow);
        outTime[0] += now.least() * ns;
        outTime[1] += now.likely() * ns;
        outTime[2] += now.most() * ns;
        residentTime += (rss >= 0 ? rss : known) * ns;
        hugeTime += huge * ns;
        lockedTime += locked * ns;
        heat += step.heat;
        fastHeat += step.fastHeat;
        hugeHeat += step.hugeHeat;
        // The courses meet and part again: in each turn all of them bound what comes back. No more does than was out,
        // and no more was out than was resident.
        Bounded back = Bounded.of(step.refaultLeast, step.refaultLikely, Math.min(step.refaultMost, outMost));
        outMost = now.most();
        refaulted[0] += back.least();
        refaulted[1] += back.likely();
        refaulted[2] += back.most();
        series.add(new Outcome.Point(
                turnFromNs,
                lastNs,
                rss >= 0 ? rss : known,
                now,
                back,
                stallNs(back.likely()),
                huge,
                locked,
                step.heat > 0 ? step.fastHeat / step.heat : 1));
        int e = (int) ((lastNs - firstNs) / EPOCH_NS);
        if (e != epoch) {
            epoch = e;
            sampleWorkingSet();
        }
    }

    private void sampleWorkingSet() {
        double sum = 0;
        for (Memory m : memories.values()) {
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
        workingSetSum += partial && mapped.residentBytes() >= 0 ? Math.min(sum, mapped.residentBytes()) : sum;
        workingSetSamples++;
    }

    private double stallNs(double bytes) {
        return bytes / PAGE * options.cost().inNs();
    }

    private record Victim(Pieces p, int i) {}

    /** Takes out what was touched longest ago until the rest fits. */
    private void enforce(boolean with) {
        double resident = 0;
        List<Victim> all = new ArrayList<>();
        for (Memory m : memories.values()) {
            Pieces p = with ? m.with : m.without;
            for (int i = 0; p != null && i < p.n; i++) {
                double in = p.share(Pieces.KNOWN_LIKELY, i) - p.share(Pieces.OUT_LIKELY, i);
                if (in > 0) {
                    resident += p.size(i) * in;
                    if ((p.flags[i] & Pieces.LOCKED) == 0) {
                        all.add(new Victim(p, i));
                    }
                }
            }
        }
        double over = resident - options.limitBytes();
        if (over <= 0) {
            return;
        }
        all.sort((a, b) -> Integer.compare(a.p().touched[a.i()], b.p().touched[b.i()]));
        for (Victim v : all) {
            float out = v.p().share(Pieces.OUT_LIKELY, v.i());
            double size = v.p().size(v.i());
            double in = size * (v.p().share(Pieces.KNOWN_LIKELY, v.i()) - out);
            double goes = Math.min(in, over);
            v.p().set(Pieces.OUT_LIKELY, v.i(), out + (float) (goes / size));
            over -= goes;
            if (over <= 0) {
                return;
            }
        }
    }

    public long appliedLeast(int k) {
        return appliedLeast[k];
    }

    public long appliedMost(int k) {
        return appliedMost[k];
    }

    /** Whether pieces became so many that neighbours were averaged. */
    public boolean isAveraged() {
        return memories.values().stream().anyMatch(m -> m.with.averaged);
    }

    public Outcome outcome() {
        double ns = Math.max(1, lastNs - firstNs);
        Bounded saved = new Bounded(outTime[0] / ns, outTime[1] / ns, outTime[2] / ns);
        double frees = 1 - options.cost().keptShare();
        double known = 0;
        double bloatMost = 0;
        double bloatLikely = 0;
        for (Memory m : memories.values()) {
            Pieces p = m.with;
            known += p.sum(Pieces.KNOWN_LIKELY);
            for (int i = 0; i < p.n; i++) {
                if ((p.flags[i] & Pieces.HUGE) != 0) {
                    bloatMost += p.size(i) * (1 - p.share(Pieces.KNOWN_LEAST, i));
                    bloatLikely += p.size(i) * (1 - p.share(Pieces.KNOWN_LIKELY, i));
                }
            }
        }
        if (partial && residentMost > 0) {
            known = Math.min(known, residentMost);
        }
        double workingSet = workingSetSamples == 0 ? 0 : workingSetSum / workingSetSamples;
        double perMinute = workingSet <= 0 ? 0 : 100 / workingSet / (ns / 60e9);
        Bounded course = Bounded.of(refaulted[0], refaulted[1], Math.min(refaulted[2], pagedOutMost));
        // Regions are wide when a part of them wakes, and the least course is that nothing else did: told as undecided.
        Bounded back = mapped.isKnown() && !partial ? course.fromHalfOn() : course;
        Bounded stall = back.times(stallNs(1));
        return new Outcome(
                options,
                ns / 1e9,
                mapped.residentBytes() >= 0 ? residentTime / ns : -1,
                known,
                workingSet,
                saved,
                saved.times(frees),
                back,
                course.undecided(),
                pagedOut,
                back.times(perMinute),
                stall,
                stall.times(1 / ns),
                reclaimNs,
                hugeTime / ns,
                heat > 0 ? hugeHeat / heat : 0,
                bloatMost,
                bloatLikely,
                lockedTime / ns,
                options.limitBytes() > 0 ? refaulted[1] : 0,
                options.limitBytes() > 0 ? without.refaultLikely : 0,
                heat > 0 ? fastHeat / heat : 1,
                without.heat > 0 ? without.fastHeat / without.heat : 1,
                promoted,
                demoted,
                sorted,
                mapped.isKnown(),
                series.points());
    }
}
