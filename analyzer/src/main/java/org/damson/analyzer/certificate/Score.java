package org.damson.analyzer.certificate;

import org.damson.model.Units;

/**
 * How accurate the recording of one pattern is. Figures are NaN where there was nothing to judge.
 *
 * @param pattern its name
 * @param snapshots snapshots that were judged
 * @param meanWorkingSetBytes that was touched, the mean over time
 * @param workingSetError mean distance of the recorded working set from the touched one, over {@code meanWorkingSetBytes}
 * @param f1 of hot bytes at time and place, 0..1: {@code 2 sum(min(r, t)) / (sum(r) + sum(t))} over recorded heat r and
 *     true heat t of every byte at every time
 * @param correlation of recorded and true heat over bytes and time, -1..1
 * @param detection share of what was touched that the recording has anywhere in the same mapping: the probability that a
 *     touched page is seen
 * @param undecided share of the touched bytes that lie in recorded regions which mix hot and cold, so that the recording
 *     cannot tell which of the region's bytes were hot
 * @param bestF1 the F1 that recorded regions of these bounds could reach at most
 * @param notKnown share of what may have been touched of which the generator's log does not know in which window it was,
 *     because the generator was kept from its processor; what is nearest to the recording is taken for true
 */
public record Score(
        String pattern,
        int snapshots,
        double meanWorkingSetBytes,
        double workingSetError,
        double f1,
        double correlation,
        double detection,
        double undecided,
        double bestF1,
        double notKnown) {
    /** Maximum error of the working set that passes. */
    public static final double MAX_WORKING_SET_ERROR = 0.05;

    /** Minimum F1 that passes where the place is decided. */
    public static final double MIN_F1 = 0.95;

    /** Most of the truth that may be unknown: what is left still tells a fault of twice the largest error. */
    public static final double MAX_NOT_KNOWN = 0.25;

    /** Minimum number of snapshots to judge a pattern by. */
    public static final int MIN_SNAPSHOTS = 2;

    /** One without figures. */
    static Score unjudged(String pattern) {
        double none = Double.NaN;
        return new Score(pattern, 0, none, none, none, none, none, none, none, 0);
    }

    /** Whether the recording can tell where memory was hot: its regions' bounds allow the F1 that is wanted. */
    public boolean isPlaceDecided() {
        return !(bestF1 < MIN_F1);
    }

    /** Whether all that can be judged is within its limits. */
    public boolean passes() {
        return fault().isEmpty();
    }

    /** The figures beyond their limits, in one line; empty if there are none. */
    public String fault() {
        if (snapshots < MIN_SNAPSHOTS) {
            return "only " + Units.count(snapshots, "snapshot") + ": too few to judge";
        }
        if (notKnown > MAX_NOT_KNOWN) {
            return "the program was denied its processor: when " + AccuracySummary.percent(notKnown)
                    + " of the possible touches happened is unknown";
        }
        if (!(workingSetError <= MAX_WORKING_SET_ERROR)) {
            return detection < 1 - MAX_WORKING_SET_ERROR
                    ? AccuracySummary.percent(1 - detection) + " of the touched memory was not detected"
                    : "the working set is " + AccuracySummary.percent(workingSetError) + " off";
        }
        return isPlaceDecided() && !(f1 >= MIN_F1) ? "hot memory is reported at the wrong place or time" : "";
    }
}
