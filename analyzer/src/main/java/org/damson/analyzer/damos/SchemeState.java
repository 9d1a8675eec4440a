package org.damson.analyzer.damos;

import java.util.List;
import org.damson.damon.scheme.Filter;
import org.damson.damon.scheme.Range;
import org.damson.damon.scheme.Scheme;

/** A scheme of {@link Damos} in the kernel's units, with what it tried and what is left of its quota. */
public final class SchemeState {
    private final Damos damos;
    public final Scheme scheme;
    final int index;
    public final long minSize;
    public final long maxSize;
    public final long minNr;
    public final long maxNr;
    public final long minAge;
    public final long maxAge;
    public final SchemeStats stats = new SchemeStats();
    final boolean coreRejects;
    public boolean awake = true;
    public long nextApply;
    boolean due;

    /** Effective size quota in bytes, unsigned; 0: none. */
    long effectiveBytes;

    /** Whether there is an effective quota, of whatever size; counts in kernels from 7.0 on. */
    boolean limited;

    public final QuotaCeiling ceiling = new QuotaCeiling();

    long effectiveBp;
    long chargedBytes;
    long chargedFromMs;
    boolean everCharged;
    long firstMs;
    long totalChargedBytes;
    long totalChargedNs;
    int minScore;

    /** Position in the list of targets where the last window ended, -1: none. */
    int fromTarget = -1;

    long fromAddress;

    SchemeState(Damos damos, Scheme s, int index) {
        this.damos = damos;
        this.index = index;
        scheme = s;
        Range access = s.access().inKernelUnits(damos.sampleUs, damos.aggrUs);
        Range age = s.age().inKernelUnits(damos.sampleUs, damos.aggrUs);
        minSize = s.size().min();
        maxSize = s.size().max();
        minNr = access.min();
        maxNr = access.max();
        minAge = age.min();
        maxAge = age.max();
        coreRejects = rejectsByDefault(s.filters());
    }

    boolean matches(long sizeBytes, long nr, long ageAggrs) {
        return (beyondSize(sizeBytes) | beyondNr(nr) | beyondAge(ageAggrs)) >= 0;
    }

    /**
     * Negative where a size is none that the scheme asks for; so that of several questions together one can be foreseen where each alone
     * cannot. Sizes beyond 2^63 are negative, and none.
     */
    public long beyondSize(long sizeBytes) {
        return (sizeBytes - minSize) | (maxSize - sizeBytes) | sizeBytes;
    }

    /** The same of an access count. */
    public long beyondNr(long nr) {
        return (nr - minNr) | (maxNr - nr);
    }

    /** The same of an age. */
    public long beyondAge(long ageAggrs) {
        return (ageAggrs - minAge) | (maxAge - ageAggrs);
    }

    /** Negative where no age from one to another, both included, is one that the scheme asks for. */
    public long beyondAges(long lowest, long highest) {
        return (highest - minAge) | (maxAge - lowest);
    }

    public boolean isLimited() {
        return damos.version.isSince7() ? limited : effectiveBytes != 0;
    }

    /** The most that a window lets through, unsigned: of what a goal or a time makes of it, only a limit in bytes is known. */
    long mostEffectiveBytes() {
        if (scheme.quota().timeMs() == 0 && scheme.quota().goals().isEmpty()) {
            return effectiveBytes;
        }
        return scheme.quota().sizeBytes() > 0 ? scheme.quota().sizeBytes() : -1;
    }

    /** Whether the kernel's first window, which has no quota in 6.12, may go on though the simulated one is over. */
    public boolean mayBeUnlimited(long nowMs) {
        return damos.version.isOld()
                && nowMs - firstMs - QuotaClock.lateMs(damos.sampleUs)
                        < scheme.quota().resetMs();
    }

    /** Whether the kernel's first window, which has no quota in 6.12, surely goes on in the turn that comes. */
    public boolean isSurelyUnlimited(long nowMs) {
        long early = QuotaClock.earlyMs(damos.sampleUs);
        return damos.version.isOld()
                && !scheme.quota().isNone()
                && (everCharged ? nowMs - firstMs : 0) + early < scheme.quota().resetMs();
    }

    boolean isUsedUp() {
        if (!isLimited()) {
            return false;
        }
        // Less than a region is left: since 7.2 that is nothing.
        return Long.compareUnsigned(chargedBytes, effectiveBytes) >= 0
                || damos.version.joins()
                        && Long.compareUnsigned(effectiveBytes - chargedBytes, damos.minRegionBytes) < 0;
    }

    /** The next window may begin at any region. */
    void goOnAnywhere() {
        fromTarget = -1;
        fromAddress = 0;
    }

    /** Whether it tries nothing any more, as it went through regions as often as it may. */
    public boolean hasSeenAll() {
        return damos.version.isSince7() && scheme.maxSnapshots() > 0 && stats.nrSnapshots >= scheme.maxSnapshots();
    }

    boolean isDue(long passed) {
        return awake && passed >= nextApply;
    }

    private boolean rejectsByDefault(List<Filter> filters) {
        if (damos.version.isOld()) {
            return false;
        }
        Filter last = null;
        for (Filter f : filters) {
            if (!f.isCore()) {
                return false;
            }
            last = f;
        }
        return last != null && last.allow();
    }
}
