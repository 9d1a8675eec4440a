package org.damson.recorder.referenced;

/**
 * Spaces samples so that what they cost the recorded programs stays within a share of the time that passes: an account in
 * nanoseconds that time fills and touches of cleared pages empty. Clearing is allowed when what its pages are expected to
 * cost is there already. No more than that is ever saved, so that a long idle time does not pay for a fast run of samples.
 */
final class SamplePacer {
    /** On the account at the start, at most: a process of some MiB may be cleared at once on any machine. */
    static final long START_NS = 10_000_000;

    /** Nor more than the budget gives in this time, or a small one would be exceeded for minutes. */
    private static final long START_SPAN_NS = 510_000_000;

    private final double share;
    private final boolean bounded;
    private final long beginNs;
    private final double startNs;
    private double balanceNs;
    private long balanceAtNs;
    /** Upper bound on the cost of the currently cleared pages: all that existed at the clear. */
    private double openNs;

    private double paidNs;

    SamplePacer(OverheadBudget budget, long nowNs) {
        share = budget.shareOfTime();
        bounded = budget.isBounded();
        startNs = Math.min(START_NS, share * START_SPAN_NS);
        balanceNs = startNs;
        beginNs = nowNs;
        balanceAtNs = nowNs;
    }

    /**
     * When bits may be cleared again; not before now. As much as was touched since the last clear is expected to be touched
     * after the next.
     *
     * @param touchedNs what all pages that are marked referenced now cost
     */
    long allowedAtNs(double touchedNs, long nowNs) {
        fill(nowNs);
        double missingNs = touchedNs + spentNs(touchedNs) - balanceNs;
        if (!bounded || missingNs <= 0) {
            return nowNs;
        }
        double waitNs = Math.ceil(missingNs / share);
        return waitNs >= Long.MAX_VALUE - nowNs ? Long.MAX_VALUE : nowNs + (long) waitNs;
    }

    /** How long after the beginning {@link #allowedAtNs} is. */
    long allowedAfterNs(double touchedNs, long nowNs) {
        return allowedAtNs(touchedNs, nowNs) - beginNs;
    }

    /**
     * Bits are cleared.
     *
     * @param touchedNs as in {@link #allowedAtNs}
     * @param residentNs what all pages that are there cost
     */
    void cleared(double touchedNs, double residentNs, long nowNs) {
        fill(nowNs);
        double costNs = spentNs(touchedNs);
        paidNs += costNs;
        balanceNs = Math.min(balanceNs - costNs, Math.max(touchedNs, startNs));
        openNs = residentNs;
    }

    /** Pages that came after the clear are referenced from the beginning and have cost nothing. */
    private double spentNs(double touchedNs) {
        return Math.min(openNs, touchedNs);
    }

    private void fill(long nowNs) {
        balanceNs += (nowNs - balanceAtNs) * share;
        balanceAtNs = nowNs;
    }

    /**
     * Estimated slowdown so far, a share of the time the programs would have taken.
     *
     * @param touchedNs what all pages that were marked referenced last cost
     */
    double slowdown(double touchedNs, long nowNs) {
        double costNs = paidNs + spentNs(touchedNs);
        double ownNs = nowNs - beginNs - costNs;
        return costNs == 0 ? 0 : ownNs <= 0 ? Double.POSITIVE_INFINITY : costNs / ownNs;
    }

    /** Least time between samples if each costs this much, nanoseconds; 0 without a bound. */
    double spacingNs(double touchedNs) {
        return bounded ? touchedNs / share : 0;
    }
}
