package org.damson.analyzer.fleet.tune;

import java.util.List;
import org.damson.analyzer.fleet.FleetResult;
import org.damson.analyzer.fleet.Trouble;
import org.damson.analyzer.fleet.report.Level;
import org.damson.analyzer.openloop.Sweep;

/**
 * What {@code stat} schemes would have tried over many traces.
 *
 * @param by what traces are grouped by
 * @param points by group, then by the intervals of their traces, then by thresholds
 * @param isEmpty whether no trace counts
 */
public record FleetSweepResult(
        Level by, List<Point> points, List<Trouble> troubles, List<String> notes, boolean isEmpty)
        implements FleetResult {
    /**
     * One combination of thresholds over the traces of a group that have the same intervals.
     *
     * @param keys what the group has for {@link Level#keys}
     * @param sampleUs sampling interval, microseconds
     * @param aggrUs aggregation interval, microseconds
     * @param minAgeAggrs least age, aggregation intervals
     * @param maxNrAccesses greatest access count, samples
     * @param tried of all snapshots
     * @param least that the recordings allow
     * @param most that they allow
     */
    public record Point(
            List<String> keys,
            long sampleUs,
            long aggrUs,
            long traces,
            long minAgeAggrs,
            long maxNrAccesses,
            long minSizeBytes,
            Sweep.Tried tried,
            Sweep.Tried least,
            Sweep.Tried most) {}
}
