package org.damson.analyzer.memory;

import java.util.List;
import org.damson.analyzer.scan.Bounded;

/**
 * What schemes would have done to memory and time. Bytes, unless said otherwise.
 *
 * @param options what was assumed
 * @param seconds time simulated
 * @param residentMean mean of what was resident in the recording; -1: not recorded
 * @param knownBytes memory that was seen touched, at the end
 * @param workingSetMean mean of what was touched within {@link #WORKING_SET_S} seconds or since the start
 * @param saved mean over time of what was out
 * @param dramSaved the same less what it still occupies when out
 * @param refaulted touched while out; where mappings are known its least is no less than half of its most
 * @param undecidedRefaults what may have been refaulted beyond the least course
 * @param pagedOut written out, likely course
 * @param promotionPercentPerMinute refaulted per minute in percent of the working set
 * @param stallNs time the program waits for refaults, likely course and bounds
 * @param slowdown stall by time, 0.01 is 1 %
 * @param reclaimNs the kernel's time for paging out, likely course
 * @param hugeMean mean of what lies in regions told to use huge pages
 * @param hugeHeatShare share of all accesses that fall there, 0..1
 * @param bloatMost what huge pages may add to the resident size at most, at the end
 * @param bloatLikely likely
 * @param lockedMean mean of what was locked
 * @param limitRefaults refaults because of the memory limit, with the schemes, likely course
 * @param limitRefaultsWithout without them; both 0 without a limit
 * @param fastHitShare share of accesses that find the fast tier, 0..1; 1 without tiers
 * @param fastHitShareWithout the same if nothing migrates
 * @param promoted moved to the fast tier
 * @param demoted moved to the slow tier
 * @param sorted told to the LRU lists
 * @param mapped whether mappings were known
 * @param points over time, at most {@link OutcomeSeries#MAX_POINTS}
 */
public record Outcome(
        OutcomeOptions options,
        double seconds,
        double residentMean,
        double knownBytes,
        double workingSetMean,
        Bounded saved,
        Bounded dramSaved,
        Bounded refaulted,
        double undecidedRefaults,
        double pagedOut,
        Bounded promotionPercentPerMinute,
        Bounded stallNs,
        Bounded slowdown,
        double reclaimNs,
        double hugeMean,
        double hugeHeatShare,
        double bloatMost,
        double bloatLikely,
        double lockedMean,
        double limitRefaults,
        double limitRefaultsWithout,
        double fastHitShare,
        double fastHitShareWithout,
        double promoted,
        double demoted,
        double sorted,
        boolean mapped,
        List<Point> points) {
    /** Memory touched within so many seconds is the working set, as in Google's far memory. */
    public static final int WORKING_SET_S = 120;

    /**
     * One step of time; levels are those at its end.
     *
     * @param resident recorded resident bytes, or those seen touched so far where none were recorded
     * @param refaulted in this step
     * @param stallNs in this step
     */
    public record Point(
            long fromNs,
            long toNs,
            double resident,
            Bounded out,
            Bounded refaulted,
            double stallNs,
            double huge,
            double locked,
            double fastHitShare) {}
}
