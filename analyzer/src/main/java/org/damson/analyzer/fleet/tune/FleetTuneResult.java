package org.damson.analyzer.fleet.tune;

import java.util.List;
import java.util.Set;
import org.damson.analyzer.fleet.FleetResult;
import org.damson.analyzer.fleet.Trouble;
import org.damson.analyzer.tune.Tune;
import org.damson.damon.scheme.Scheme;

/**
 * Result of the search for one scheme for many hosts.
 *
 * @param options what was asked
 * @param meant what its words mean
 * @param hostsNeeded how many hosts would have been enough to promise anything; 0 if there were enough, {@link Integer#MAX_VALUE}
 *     if no number is
 * @param measured every point simulated over the hosts that choose, by the values of its variables
 * @param best null if no point is allowed
 * @param judged the same over the hosts held back; null likewise
 */
public record FleetTuneResult(
        FleetTune.Options options,
        Tune.Options meant,
        Draw draw,
        int hostsNeeded,
        List<Measured> measured,
        Measured best,
        Measured judged,
        List<Trouble> troubles,
        List<String> notes)
        implements FleetResult {
    /**
     * How hosts were drawn, and how many of them may break a limit.
     *
     * @param chains lines of points that are searched at once
     * @param chosenBy hosts that choose
     * @param heldBack hosts that judge
     * @param allowed how many of the hosts that choose may break a limit; negative: there are too few hosts
     * @param mayBreak how many of those held back may
     */
    public record Draw(int chains, int chosenBy, int heldBack, int allowed, int mayBreak) {}

    /**
     * A point over the hosts that it was measured on.
     *
     * @param values of the variables
     * @param score mean over the hosts
     * @param broken the hosts that break a limit, or could not be judged
     * @param notJudged how many could not be
     */
    public record Measured(List<Long> values, double score, Set<String> broken, int notJudged) {}

    /** The schemes at a point. */
    public List<Scheme> schemes(Measured point) {
        return Tune.schemes(meant, point.values());
    }

    /** How many percent of hosts like these keep the limits, at least, with the confidence that was asked for. */
    public double keepPercentAtLeast() {
        int kept = draw.heldBack() - judged.broken().size();
        return 100 * HeldBack.shareAtLeast(kept, draw.heldBack(), options.confidencePercent() / 100);
    }

    @Override
    public boolean isEmpty() {
        return draw.chosenBy() + draw.heldBack() == 0;
    }

    @Override
    public boolean isKept() {
        return judged != null && judged.broken().size() <= draw.mayBreak();
    }
}
