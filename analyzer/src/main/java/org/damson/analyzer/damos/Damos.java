package org.damson.analyzer.damos;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.damson.analyzer.scan.Arithmetic;
import org.damson.damon.scheme.Filter;
import org.damson.damon.scheme.Filter.Type;
import org.damson.damon.scheme.Quota;
import org.damson.damon.scheme.Range;
import org.damson.damon.scheme.Scheme;

/**
 * The kernel's DAMOS: one turn of all schemes over all targets, with quotas, priorities, charging, watermarks, core
 * filters and statistics. All arithmetic is the kernel's. Not thread-safe.
 */
public final class Damos {
    static final int MAX_SCORE = 99;

    /** Which regions' addresses a kdamond watches; decides what can be prioritised. */
    public enum Ops {
        VADDR,
        PADDR
    }

    public final List<SchemeState> schemes = new ArrayList<>();
    final KernelVersion version;
    private final Ops ops;
    final long minRegionBytes;
    private final DamosHost surroundings;
    private final long[] histogram = new long[MAX_SCORE + 1];
    public long sampleUs;
    public long aggrUs;

    /** The greatest region that neighbours are joined to; 0: none are, as the regions are not the kernel's own. */
    public long maxJoinedBytes;

    public Damos(
            KernelVersion version,
            Ops ops,
            long sampleUs,
            long aggrUs,
            long minRegionBytes,
            List<Scheme> schemes,
            DamosHost surroundings) {
        this.version = version;
        this.ops = ops;
        this.sampleUs = sampleUs;
        this.aggrUs = aggrUs;
        this.minRegionBytes = minRegionBytes;
        this.surroundings = surroundings;
        for (Scheme s : schemes) {
            SchemeState state = new SchemeState(this, s, this.schemes.size());
            state.nextApply = applyTicks(s);
            this.schemes.add(state);
        }
    }

    /** Sampling intervals between two turns of a scheme. */
    public long applyTicks(Scheme s) {
        return (s.applyUs() == 0 ? aggrUs : s.applyUs()) / Math.max(1, sampleUs);
    }

    private long maxNrAccesses() {
        return Math.max(1, aggrUs / Math.max(1, sampleUs));
    }

    /** Wakes schemes and puts them to sleep by free memory; true if any is awake. */
    public boolean watch() {
        int free = surroundings.freePermil();
        boolean any = false;
        for (SchemeState s : schemes) {
            if (free >= 0) {
                s.awake = s.scheme.watermarks().next(s.awake, free);
            }
            any |= s.awake;
        }
        return any || schemes.isEmpty();
    }

    /**
     * One turn.
     *
     * @param passed sampling intervals since the start
     * @param nowMs time, milliseconds
     * @param targets the regions; splits happen in place
     * @param ids the targets' ids, as filters and events name them
     * @param targetCount how many of both are in use
     */
    public void turn(long passed, long nowMs, Regions[] targets, long[] ids, int targetCount) {
        boolean any = false;
        for (SchemeState s : schemes) {
            s.due = s.isDue(passed);
            if (s.due) {
                any = true;
                adjustQuota(s, nowMs, targets, ids, targetCount);
            }
        }
        if (!any) {
            return;
        }
        for (int t = 0; t < targetCount; t++) {
            walk(t, targets[t], ids[t]);
        }
        for (SchemeState s : schemes) {
            if (passed >= s.nextApply) {
                s.nextApply = passed + applyTicks(s.scheme);
            }
            if (s.due && !version.isSince7()) {
                s.stats.nrSnapshots++;
            }
        }
    }

    private void walk(int t, Regions r, long id) {
        SchemeState[] due = schemes.stream().filter(s -> s.due).toArray(SchemeState[]::new);
        int i = 0;
        while (i < r.n) {
            int before = r.n;
            int at = i;
            for (SchemeState s : due) {
                at = visit(s, t, id, r, at);
            }
            // Up to 6.18, but for late 6.12, the next region was fetched before the visit: what was cut off to the
            // right waits for the next turn.
            if (version.joins()) {
                at = join(r, at);
            }
            i = version.visitsCutOff() ? at + 1 : i + 1 + (r.n - before);
        }
    }

    /** Makes a region one with the neighbour before it where nothing tells them apart; returns where it is then. */
    private int join(Regions r, int i) {
        if (i == 0
                || r.end[i - 1] != r.start[i]
                || r.age[i - 1] != r.age[i]
                || r.lastNr[i - 1] != r.lastNr[i]
                || r.nr[i - 1] != r.nr[i]
                || Long.compareUnsigned(r.end[i] - r.start[i - 1], maxJoinedBytes) > 0) {
            return i;
        }
        r.join(i);
        return i - 1;
    }

    /** One scheme at region i; returns the index of the region that the next scheme sees. */
    private int visit(SchemeState s, int t, long id, Regions r, int i) {
        if (s.isUsedUp()) {
            return i;
        }
        int at = i;
        if (s.fromTarget >= 0) {
            at = version.visitsCutOff() ? skipChargedPart(s, t, r, i) : skipCharged(s, t, r, i);
            if (at < 0) {
                return i;
            }
        }
        if (s.hasSeenAll()) {
            return at;
        }
        long age = r.age[at] & 0xffff_ffffL;
        if (s.matches(r.size(at), r.bp[at] / 10_000, age)
                && (!s.isLimited() || score(s.scheme, r.nr[at], age) >= s.minScore)) {
            apply(s, t, id, r, at);
        }
        if (version.isSince7() && at == r.n - 1) {
            s.stats.nrSnapshots++;
        }
        return at;
    }

    /** Goes on where the last window ended. Returns the region to look at, or -1 to skip this one. */
    private int skipCharged(SchemeState s, int t, Regions r, int i) {
        if (t != s.fromTarget) {
            return -1;
        }
        if (i == r.n - 1) {
            s.goOnAnywhere();
            return -1;
        }
        int at = i;
        if (s.fromAddress != 0) {
            if (Long.compareUnsigned(r.end[i], s.fromAddress) <= 0) {
                return -1;
            }
            if (Long.compareUnsigned(r.start[i], s.fromAddress) < 0) {
                long skip = toSkip(s, r, i);
                if (skip == 0) {
                    return -1;
                }
                r.split(i, skip);
                at = i + 1;
            }
        }
        s.goOnAnywhere();
        return at;
    }

    /** The same where what is cut off is visited in the same turn: the part to skip stays, for the other schemes too. */
    private int skipChargedPart(SchemeState s, int t, Regions r, int i) {
        if (t != s.fromTarget) {
            return -1;
        }
        if (!version.joins() && i == r.n - 1) {
            s.goOnAnywhere();
            return -1;
        }
        boolean skips = s.fromAddress != 0 && Long.compareUnsigned(r.start[i], s.fromAddress) < 0;
        if (skips && Long.compareUnsigned(r.end[i], s.fromAddress) > 0) {
            long skip = toSkip(s, r, i);
            if (skip != 0) {
                r.split(i, skip);
            }
        }
        if (!version.joins() && !skips || i == r.n - 1) {
            s.goOnAnywhere();
        }
        return skips ? -1 : i;
    }

    /** How much of a region was charged in the last window, at least a page; 0 if that is all. */
    private long toSkip(SchemeState s, Regions r, int i) {
        long skip = Arithmetic.alignDown(s.fromAddress - r.start[i], minRegionBytes);
        return skip != 0 ? skip : r.size(i) <= minRegionBytes ? 0 : minRegionBytes;
    }

    private void apply(SchemeState s, int t, long id, Regions r, int i) {
        long size = r.size(i);
        boolean limited = s.isLimited();
        if (limited && Long.compareUnsigned(s.chargedBytes + size, s.effectiveBytes) > 0) {
            size = Arithmetic.alignDown(s.effectiveBytes - s.chargedBytes, minRegionBytes);
            if (size == 0) {
                s.stats.nrTried++;
                return;
            }
            r.split(i, size);
        }
        if (isFilteredOut(s, id, r, i)) {
            return;
        }
        if (version.countsFiltered()) {
            size = r.size(i);
        }
        int nr = r.bp[i] / 10_000;
        surroundings.tried(s.index, id, r.start[i], r.end[i], nr, r.age[i]);
        long applied = surroundings.apply(s.scheme, s.index, id, r.start[i], r.end[i], nr, r.age[i]);
        s.totalChargedNs += surroundings.applyCostNs();
        s.chargedBytes += charge(s.scheme.quota(), size, applied);
        if (limited && s.isUsedUp()) {
            s.fromTarget = t;
            s.fromAddress = r.end[i] + (version.isSince7() ? 0 : 1);
        }
        if (!s.scheme.action().keepsAge()) {
            r.age[i] = 0;
        }
        s.stats.tried(size, applied);
    }

    /** Amount charged to a quota. */
    private long charge(Quota q, long size, long applied) {
        if (!version.joins() || q.failDenom() == 0 || Long.compareUnsigned(applied, size) > 0) {
            return size;
        }
        return applied + Arithmetic.multFrac(size - applied, q.failNum(), q.failDenom());
    }

    /** Core filters; an address filter cuts the region at its border first. */
    private boolean isFilteredOut(SchemeState s, long id, Regions r, int i) {
        for (Filter f : s.scheme.filters()) {
            if (f.isCore() && coreMatch(f, id, r, i) == f.matching()) {
                return version.isOld() || !f.allow();
            }
        }
        return s.coreRejects;
    }

    private boolean coreMatch(Filter f, long id, Regions r, int i) {
        if (f.type() == Type.TARGET) {
            return id == f.from();
        }
        return addressMatch(
                r, i, Arithmetic.alignDown(f.from(), minRegionBytes), Arithmetic.alignDown(f.to(), minRegionBytes));
    }

    /** Whether region i lies in the range; where it lies partly in it, it is cut and what is left of i decides. */
    static boolean addressMatch(Regions r, int i, long from, long to) {
        long start = r.start[i];
        long end = r.end[i];
        if (Long.compareUnsigned(from, start) <= 0 && Long.compareUnsigned(end, to) <= 0) {
            return true;
        }
        if (Long.compareUnsigned(end, from) <= 0 || Long.compareUnsigned(to, start) <= 0) {
            return false;
        }
        if (Long.compareUnsigned(start, from) < 0) {
            r.split(i, from - start);
            return false;
        }
        r.split(i, to - start);
        return true;
    }

    private int score(Scheme scheme, int nr, long age) {
        boolean physical = ops == Ops.PADDR;
        boolean cold =
                switch (scheme.action()) {
                    case PAGEOUT, MIGRATE_COLD -> true;
                    case LRU_DEPRIO -> physical;
                    default -> false;
                };
        boolean hot =
                switch (scheme.action()) {
                    case MIGRATE_HOT -> true;
                    case LRU_PRIO -> physical;
                    default -> false;
                };
        if (!cold && !hot) {
            return MAX_SCORE;
        }
        Quota q = scheme.quota();
        int score = Arithmetic.hotScore(nr, age, maxNrAccesses(), aggrUs, q.weightAccess(), q.weightAge());
        return cold ? MAX_SCORE - score : score;
    }

    private void adjustQuota(SchemeState s, long nowMs, Regions[] targets, long[] ids, int targetCount) {
        Quota q = s.scheme.quota();
        if (q.isNone()) {
            return;
        }
        if (!s.everCharged) {
            s.everCharged = true;
            s.chargedFromMs = nowMs;
            s.firstMs = nowMs;
            // 6.12 computes the effective quota when a window ends: its first one has none.
            if (!version.isOld()) {
                EffectiveQuota.set(s, version, surroundings, minRegionBytes);
            }
        }
        if (q.resetMs() != Range.MAX && nowMs >= s.chargedFromMs + q.resetMs()) {
            if (s.isUsedUp()) {
                s.stats.qtExceeds++;
            }
            s.totalChargedBytes += s.chargedBytes;
            s.chargedFromMs = nowMs;
            s.chargedBytes = 0;
            EffectiveQuota.set(s, version, surroundings, minRegionBytes);
        }
        s.ceiling.turn(nowMs, q.resetMs() - QuotaClock.earlyMs(sampleUs), s.mostEffectiveBytes());
        if (!s.isLimited()) {
            s.minScore = 0;
            return;
        }
        Arrays.fill(histogram, 0);
        int top = 0;
        for (int t = 0; t < targetCount; t++) {
            Regions r = targets[t];
            for (int i = 0; i < r.n; i++) {
                long age = r.age[i] & 0xffff_ffffL;
                boolean counts = s.matches(r.size(i), r.bp[i] / 10_000, age)
                        && (!version.isSince7() || !isFilteredOut(s, ids[t], r, i));
                if (counts) {
                    int score = score(s.scheme, r.nr[i], age);
                    histogram[score] += r.size(i);
                    top = Math.max(top, score);
                }
            }
        }
        long sum = 0;
        int score = top;
        while (true) {
            sum += histogram[score];
            if (Long.compareUnsigned(sum, s.effectiveBytes) >= 0 || score == 0) {
                break;
            }
            score--;
        }
        s.minScore = score;
    }
}
