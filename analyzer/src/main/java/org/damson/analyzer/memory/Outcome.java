package org.damson.analyzer.memory;

import java.util.List;
import org.damson.analyzer.scan.Bounded;

/**
 * What schemes would have done to memory and time.
 *
 * @param options what was assumed
 * @param seconds time simulated
 * @param residentMeanBytes mean of what was resident in the recording; -1: not recorded
 * @param knownBytes memory that was seen touched, at the end
 * @param workingSetMeanBytes mean of what was touched within {@link #WORKING_SET_S} seconds or since the start
 * @param savedBytes mean over time of what was out
 * @param dramSavedBytes the same less what it still occupies when out
 * @param refaultedBytes touched while out; where mappings are known its least is no less than half of its most
 * @param undecidedRefaultBytes what may have been refaulted beyond the least course
 * @param pagedOutBytes paged out, likely course
 * @param writtenBackBytes of it what had to be written, to swap or to its file; the rest had a file and was dropped
 * @param promotionPercentPerMinute refaulted per minute in percent of the working set
 * @param stallNs time the program waits for refaults, likely course and bounds
 * @param slowdownShare stall by time, 0.01 is 1 %
 * @param reclaimNs the kernel's time for paging out, likely course
 * @param huge what lies in regions with MADV_HUGEPAGE
 * @param lockedMeanBytes mean of what was locked
 * @param limitRefaults refaults because of the memory limit
 * @param tiers how memory was used that has a fast tier
 * @param sortedBytes moved on the LRU lists
 * @param mapped whether mappings were known
 * @param points over time, at most {@link OutcomeSeries#MAX_POINTS}
 */
public record Outcome(
        OutcomeOptions options,
        double seconds,
        double residentMeanBytes,
        double knownBytes,
        double workingSetMeanBytes,
        Bounded savedBytes,
        Bounded dramSavedBytes,
        Bounded refaultedBytes,
        double undecidedRefaultBytes,
        double pagedOutBytes,
        Bounded writtenBackBytes,
        Bounded promotionPercentPerMinute,
        Bounded stallNs,
        Bounded slowdownShare,
        double reclaimNs,
        HugePages huge,
        double lockedMeanBytes,
        LimitRefaults limitRefaults,
        Tiers tiers,
        double sortedBytes,
        boolean mapped,
        List<Point> points) {
    /** Memory touched within so many seconds is the working set, as in Google's far memory. */
    public static final int WORKING_SET_S = 120;

    /**
     * Regions with MADV_HUGEPAGE.
     *
     * @param meanBytes mean over time of their size
     * @param accessShare share of all accesses that fall there, 0..1
     * @param bloatLikelyBytes what huge pages may add to the resident size, at the end, likely
     * @param bloatMostBytes at most
     */
    public record HugePages(double meanBytes, double accessShare, double bloatLikelyBytes, double bloatMostBytes) {}

    /**
     * Refaults because of the memory limit, likely course; both 0 without a limit.
     *
     * @param bytes with the schemes
     * @param withoutSchemesBytes without them
     */
    public record LimitRefaults(double bytes, double withoutSchemesBytes) {}

    /**
     * Memory of a fast and a slow tier.
     *
     * @param fastHitShare share of accesses that find the fast tier, 0..1; 1 without tiers
     * @param fastHitShareWithoutSchemes the same if nothing migrates
     * @param promotedBytes moved to the fast tier
     * @param demotedBytes moved to the slow tier
     */
    public record Tiers(
            double fastHitShare, double fastHitShareWithoutSchemes, double promotedBytes, double demotedBytes) {}

    /**
     * One step of time; levels are those at its end.
     *
     * @param residentBytes recorded as resident, or those seen touched so far where none were recorded
     * @param refaultedBytes in this step
     * @param stallNs in this step
     */
    public record Point(
            long fromNs,
            long toNs,
            double residentBytes,
            Bounded outBytes,
            Bounded refaultedBytes,
            double stallNs,
            double hugeBytes,
            double lockedBytes,
            double fastHitShare) {}
}
